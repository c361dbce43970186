// Interactive elements: buttons, selects, choices, text fields. Each tells its place what the person did.
import { confirmed, textOf } from "./confirm.js";
import { h, safeUrl, uid } from "./dom.js";
import { plainWithEmoji } from "./emoji.js";
import { textInput } from "./textinput.js";

/*
 * `place` is where an element stands (a message, a modal, the Home tab):
 *   people                            finds users and channels by id
 *   act({block_id, action_id, value, confirmed})   tells the app; the place shows waiting and warnings
 *   isPending(block_id, action_id)    true while the app has not answered
 *   fields                            a list that stateful elements of a form add themselves to, or null
 *   remembered(block_id, action_id)   what the person had entered before the view was drawn again
 */

function marks(element, blockId) {
  return { "action-id": element.action_id, "block-id": blockId };
}

async function send(element, place, { blockId, value }) {
  if (!(await confirmed(element.confirm, place.people))) return false;
  place.act({ block_id: blockId, action_id: element.action_id, value, confirmed: Boolean(element.confirm) });
  return true;
}

function button(element, place, blockId) {
  const pending = place.isPending(blockId, element.action_id);
  const href = element.url && safeUrl(element.url);
  const props = {
    class: `${element.style ?? ""}${pending ? " pending" : ""}`.trim() || null,
    "aria-label": element.accessibility_label,
    "aria-busy": pending ? "true" : null,
    data: marks(element, blockId),
    on: { click: () => send(element, place, { blockId, value: element.value }) },
  };
  if (href) return h("a", { ...props, class: `button ${props.class ?? ""}`, href, target: "_blank", rel: "noopener noreferrer" }, textOf(element.text), h("span", { class: "away", "aria-hidden": "true" }, "↗"));
  return h("button", { ...props, type: "button", disabled: pending }, textOf(element.text));
}

function optionsOf(element, place) {
  switch (element.type) {
    case "users_select":
      return place.people.users().map((user) => ({ value: user.id, label: user.real_name || user.name }));
    case "channels_select":
    case "conversations_select":
      return place.people.channels().map((channel) => ({ value: channel.id, label: `#${channel.name}` }));
    default:
      return (element.options ?? []).map((option) => ({ value: option.value, label: plainWithEmoji(option.text.text) }));
  }
}

function initialChoice(element) {
  return element.initial_option?.value ?? element.initial_user ?? element.initial_channel ?? element.initial_conversation ?? "";
}

/** Remembers how to read an element of a form, and sends a change when the app asked for it. */
function stateful(control, { element, place, blockId, read, dispatch }) {
  place.fields?.push({ block_id: blockId, action_id: element.action_id, control, read });
  if (dispatch) {
    control.addEventListener("change", async () => {
      const sent = await send(element, place, { blockId, value: read() });
      if (!sent) control.dispatchEvent(new CustomEvent("undo"));
    });
  }
  return control;
}

function select(element, place, { blockId, dispatch, describe }) {
  const before = place.remembered(blockId, element.action_id) ?? initialChoice(element);
  const option = (item) => h("option", { value: item.value, selected: item.value === before }, item.label);
  const groups = element.option_groups?.map((group) =>
    h("optgroup", { label: group.label.text }, optionsOf({ type: "group", options: group.options }, place).map(option)),
  );
  const control = h(
    "select",
    { "aria-label": describe.id ? null : plainWithEmoji(element.placeholder?.text ?? "Choose"), ...describe, data: marks(element, blockId) },
    h("option", { value: "", selected: !before }, plainWithEmoji(element.placeholder?.text ?? "Choose")),
    groups ?? optionsOf(element, place).map(option),
  );
  control.addEventListener("undo", () => {
    control.value = before;
  });
  return stateful(control, { element, place, blockId, dispatch, read: () => control.value || null });
}

/** The options of an element that offers people instead of a list of its own. */
function withPeople(element, place) {
  const options = optionsOf({ ...element, type: "users_select" }, place).map(({ value, label }) => ({ value, text: { type: "plain_text", text: label } }));
  return { ...element, options, initial_options: (element.initial_users ?? []).map((value) => ({ value })) };
}

function choices(element, place, { blockId, dispatch, describe }) {
  const many = element.type !== "radio_buttons";
  const initial = many ? (element.initial_options ?? []).map((item) => item.value) : [element.initial_option?.value];
  const before = [place.remembered(blockId, element.action_id) ?? initial].flat();
  const name = uid("choice");
  const inputs = element.options.map((option) =>
    h("input", { type: many ? "checkbox" : "radio", name, value: option.value, checked: before.includes(option.value) }),
  );
  const rows = element.options.map((option, index) =>
    h("label", { class: "choice" }, inputs[index], h("span", {}, textOf(option.text, place.people), option.description && h("small", {}, textOf(option.description, place.people)))),
  );
  const control = h("div", { class: "choices", role: many ? "group" : "radiogroup", ...describe, data: marks(element, blockId) }, rows);
  control.addEventListener("undo", () => inputs.forEach((input) => (input.checked = before.includes(input.value))));
  const picked = () => inputs.filter((input) => input.checked).map((input) => input.value);
  return stateful(control, { element, place, blockId, dispatch, read: () => (many ? picked() : (picked()[0] ?? null)) });
}

function overflow(element, place, blockId) {
  const items = element.options.map((option) => {
    const click = (event) => {
      event.currentTarget.closest("details").open = false;
      send(element, place, { blockId, value: option.value });
    };
    const href = option.url && safeUrl(option.url);
    const props = { class: "menu-item", on: { click }, data: { value: option.value } };
    return href
      ? h("a", { ...props, href, target: "_blank", rel: "noopener noreferrer" }, textOf(option.text))
      : h("button", { ...props, type: "button" }, textOf(option.text));
  });
  return h("details", { class: "overflow", data: marks(element, blockId) }, h("summary", { "aria-label": "More actions", class: "button" }, "⋯"), h("div", { class: "menu" }, items));
}

function dated(element, place, { blockId, dispatch, describe }) {
  const type = element.type === "timepicker" ? "time" : "date";
  const before = place.remembered(blockId, element.action_id) ?? element.initial_date ?? element.initial_time ?? "";
  const control = h("input", { type, value: before, "aria-label": describe.id ? null : "Date", ...describe, data: marks(element, blockId) });
  return stateful(control, { element, place, blockId, dispatch, read: () => control.value || null });
}

function picture(element, place) {
  return place.image(element, "accessory-image");
}

/** The control for one Block Kit element. `describe` carries the ids that tie it to a label and an error. */
export function elementOf(element, place, { blockId, dispatch = true, describe = {} }) {
  const options = { blockId, dispatch, describe };
  switch (element.type) {
    case "button":
      return button(element, place, blockId);
    case "overflow":
      return overflow(element, place, blockId);
    case "static_select":
    case "users_select":
    case "channels_select":
    case "conversations_select":
      return select(element, place, options);
    case "radio_buttons":
    case "checkboxes":
    case "multi_static_select":
      return choices(element, place, options);
    case "multi_users_select":
      return choices(withPeople(element, place), place, options);
    case "datepicker":
    case "timepicker":
      return dated(element, place, options);
    case "plain_text_input":
      return textInput(element, place, { blockId, describe, add: stateful });
    case "image":
      return picture(element, place);
    default:
      return h("span", { class: "unknown" }, `[${element.type} is not drawn by the sandbox]`);
  }
}
