// Interactive elements: buttons, selects, choices, text fields. Each tells its place what the person did.
import { marks, send, stateful } from "./acting.js";
import { choices, dated, select, withPeople } from "./choices.js";
import { textOf } from "./confirm.js";
import { h, safeUrl } from "./dom.js";
import { textInput } from "./textinput.js";

/*
 * `place` is where an element stands (a message, a modal, the Home tab):
 *   people                            finds users and channels by id
 *   act({block_id, action_id, value, confirmed})   tells the app; the place shows waiting and warnings
 *   isPending(block_id, action_id)    true while the app has not answered
 *   fields                            a list that stateful elements of a form add themselves to, or null
 *   remembered(block_id, action_id)   what the person had entered before the view was drawn again
 */

function button(element, place, blockId) {
  const pending = place.isPending(blockId, element.action_id);
  const href = element.url && safeUrl(element.url);
  const props = {
    class: `${element.style ?? ""}${pending ? " pending" : ""}`.trim() || null,
    "aria-label": element.accessibility_label,
    "aria-busy": pending ? "true" : null,
    "aria-disabled": pending ? "true" : null, // not `disabled`: that would lose the focus
    data: marks(element, blockId),
    on: { click: () => pending || send(element, place, { blockId, value: element.value }) },
  };
  if (href)
    return h(
      "a",
      { ...props, class: `button ${props.class ?? ""}`, href, target: "_blank", rel: "noopener noreferrer" },
      textOf(element.text),
      h("span", { "aria-hidden": "true" }, "↗"),
    );
  return h("button", { ...props, type: "button" }, textOf(element.text));
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
  return h(
    "details",
    { class: "overflow", data: marks(element, blockId) },
    h("summary", { "aria-label": "More actions", class: "button" }, "⋯"),
    h("div", { class: "menu" }, items),
  );
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
    case "email_text_input":
    case "url_text_input":
    case "number_input":
      return textInput(element, place, { blockId, describe, add: stateful });
    case "image":
      return picture(element, place);
    default:
      return h("span", { class: "unknown" }, `[${element.type} is not drawn by the sandbox]`);
  }
}
