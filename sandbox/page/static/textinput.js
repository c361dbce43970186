// The text field of a form, with its counter and its limits.
import { h } from "./dom.js";
import { plainWithEmoji } from "./emoji.js";

const NEAR_THE_END = 0.8;

function counter(control, { min, max }) {
  const note = h("span", { class: "counter", "aria-hidden": "true" });
  const update = () => {
    const length = control.value.length;
    note.textContent = max ? `${length} / ${max}` : `${length} of at least ${min}`;
    note.classList.toggle("full", Boolean(max) && length > max * NEAR_THE_END);
  };
  control.addEventListener("input", update);
  update();
  return note;
}

/**
 * What is wrong with a text for its element, as a sentence, or null.
 * An empty text is the business of the input block, which knows whether it is optional.
 */
export function lengthProblem(element, text) {
  const { min_length: min = 0, max_length: max } = element;
  if (text && text.length < min)
    return `Not sent. This needs at least ${min} characters, it has ${text.length}. Write a little more.`;
  if (max && text.length > max)
    return `Not sent. This holds ${max} characters at most, it has ${text.length}. Shorten it.`;
  return null;
}

const KEYBOARDS = { email_text_input: "email", number_input: "decimal", url_text_input: "url" };

/** A plain_text_input or one of its narrower kinds; `add` makes it part of the form. Too long a text is told, never cut. */
export function textInput(element, place, { blockId, describe, add }) {
  const control = h(element.multiline ? "textarea" : "input", {
    type: element.multiline ? null : "text",
    inputmode: KEYBOARDS[element.type],
    rows: element.multiline ? 4 : null,
    placeholder: plainWithEmoji(element.placeholder?.text ?? "") || null,
    autofocus: element.focus_on_load,
    value: place.remembered(blockId, element.action_id) ?? element.initial_value ?? "",
    ...describe,
    data: { "action-id": element.action_id, "block-id": blockId },
  });
  add(control, { element, place, blockId, dispatch: false, read: () => control.value });
  const { min_length: min, max_length: max } = element;
  return h("div", { class: "text-input" }, control, (min || max) && counter(control, { min, max }));
}
