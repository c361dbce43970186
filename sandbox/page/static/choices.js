// Elements to choose from: selects, radio buttons, checkboxes, dates.
import { marks, stateful } from "./acting.js";
import { textOf } from "./confirm.js";
import { h, uid } from "./dom.js";
import { plainWithEmoji } from "./emoji.js";

function optionsOf(element, place) {
  switch (element.type) {
    case "users_select":
      return place.people.users().map((user) => ({ value: user.id, label: user.real_name || user.name }));
    case "channels_select":
    case "conversations_select":
      return place.people.channels().map((channel) => ({ value: channel.id, label: `#${channel.name}` }));
    default:
      return (element.options ?? []).map((option) => ({
        value: option.value,
        label: plainWithEmoji(option.text.text),
      }));
  }
}

function initialChoice(element) {
  return (
    element.initial_option?.value ??
    element.initial_user ??
    element.initial_channel ??
    element.initial_conversation ??
    ""
  );
}

/** A drop-down list of options, people or channels. */
export function select(element, place, { blockId, dispatch, describe }) {
  const before = place.remembered(blockId, element.action_id) ?? initialChoice(element);
  const option = (item) => h("option", { value: item.value, selected: item.value === before }, item.label);
  const groups = element.option_groups?.map((group) =>
    h(
      "optgroup",
      { label: group.label.text },
      optionsOf({ type: "group", options: group.options }, place).map(option),
    ),
  );
  const control = h(
    "select",
    {
      "aria-label": describe.id ? null : plainWithEmoji(element.placeholder?.text ?? "Choose"),
      ...describe,
      data: marks(element, blockId),
    },
    h("option", { value: "", selected: !before }, plainWithEmoji(element.placeholder?.text ?? "Choose")),
    groups ?? optionsOf(element, place).map(option),
  );
  control.addEventListener("undo", () => {
    control.value = before;
  });
  return stateful(control, { element, place, blockId, dispatch, read: () => control.value || null });
}

/** The element with the people of the workspace as its options. */
export function withPeople(element, place) {
  const options = optionsOf({ ...element, type: "users_select" }, place).map(({ value, label }) => ({
    value,
    text: { type: "plain_text", text: label },
  }));
  return { ...element, options, initial_options: (element.initial_users ?? []).map((value) => ({ value })) };
}

/** Radio buttons or checkboxes; what Slack draws as a multi-select is drawn as checkboxes. */
export function choices(element, place, { blockId, dispatch, describe }) {
  const many = element.type !== "radio_buttons";
  const initial = many
    ? (element.initial_options ?? []).map((item) => item.value)
    : [element.initial_option?.value];
  const before = [place.remembered(blockId, element.action_id) ?? initial].flat();
  const name = uid("choice");
  const inputs = element.options.map((option) =>
    h("input", {
      type: many ? "checkbox" : "radio",
      name,
      value: option.value,
      checked: before.includes(option.value),
    }),
  );
  const rows = element.options.map((option, index) =>
    h(
      "label",
      { class: "choice" },
      inputs[index],
      h(
        "span",
        {},
        textOf(option.text, place.people),
        option.description && h("small", {}, textOf(option.description, place.people)),
      ),
    ),
  );
  const control = h(
    "div",
    { class: "choices", role: many ? "group" : "radiogroup", ...describe, data: marks(element, blockId) },
    rows,
  );
  control.addEventListener("undo", () =>
    inputs.forEach((input) => (input.checked = before.includes(input.value))),
  );
  const picked = () => inputs.filter((input) => input.checked).map((input) => input.value);
  return stateful(control, {
    element,
    place,
    blockId,
    dispatch,
    read: () => (many ? picked() : (picked()[0] ?? null)),
  });
}

/** A date or a time. */
export function dated(element, place, { blockId, dispatch, describe }) {
  const type = element.type === "timepicker" ? "time" : "date";
  const before =
    place.remembered(blockId, element.action_id) ?? element.initial_date ?? element.initial_time ?? "";
  const control = h("input", {
    type,
    value: before,
    "aria-label": describe.id ? null : "Date",
    ...describe,
    data: marks(element, blockId),
  });
  return stateful(control, { element, place, blockId, dispatch, read: () => control.value || null });
}
