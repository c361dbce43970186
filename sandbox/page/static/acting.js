// How an element tells its place what the person did, and how a form reads what was entered.
import { confirmed } from "./confirm.js";

/** The data attributes by which an element is found again. */
export function marks(element, blockId) {
  return { "action-id": element.action_id, "block-id": blockId };
}

/** Asks for a confirmation when the element wants one, then acts. Resolves to whether it acted. */
export async function send(element, place, { blockId, value }) {
  if (!(await confirmed(element.confirm, place.people))) return false;
  place.act({ block_id: blockId, action_id: element.action_id, value, confirmed: Boolean(element.confirm) });
  return true;
}

/** Remembers how to read an element of a form, and sends a change when the app asked for it. */
export function stateful(control, { element, place, blockId, read, dispatch }) {
  place.fields?.push({ block_id: blockId, action_id: element.action_id, control, read });
  if (dispatch) {
    control.addEventListener("change", async () => {
      const sent = await send(element, place, { blockId, value: read() });
      if (!sent) control.dispatchEvent(new CustomEvent("undo"));
    });
  }
  return control;
}
