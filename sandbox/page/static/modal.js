// The open modal of the acting person: draws it, checks required fields, submits, shows errors under fields.
import { act } from "./api.js";
import { drawBlocks } from "./blocks.js";
import { openDialog, textOf } from "./confirm.js";
import { h } from "./dom.js";
import { focusKeeper } from "./keyed.js";
import { valuesOf } from "./place.js";
import { lengthProblem } from "./textinput.js";

const REQUIRED = "Not sent. This field is required. Fill it in and send again.";

function isEmpty(value) {
  return (
    value === null ||
    value === undefined ||
    value.length === 0 ||
    (typeof value === "string" && !value.trim())
  );
}

/** Problems that the client itself sees, by block id, as a chat client does before it sends anything. */
function problemsOf(inputs, values) {
  const problems = {};
  for (const block of inputs) {
    const value = values[block.block_id]?.[block.element.action_id];
    const problem = isEmpty(value) ? (block.optional ? null : REQUIRED) : lengthProblem(block.element, value);
    if (problem) problems[block.block_id] = problem;
  }
  return problems;
}

/** What the server remembers of an element: the value of an option or text, or a list of them. */
function rememberedOf(view, blockId, actionId) {
  const state = view.state?.values?.[blockId]?.[actionId] ?? {};
  const held = Object.entries(state).find(([name]) => name !== "type")?.[1];
  const plain = (item) => item?.value ?? item;
  return (Array.isArray(held) ? held.map(plain) : plain(held)) ?? undefined;
}

/** Keeps one dialog in step with `view`; what a person typed survives when the app updates the view. */
export function createModal({ session, redraw }) {
  let shown = null; // {view, signature, dialog, form, refocus}
  let errors = {};
  let notice = null;
  let sending = false;

  async function submit() {
    if (sending) return;
    const { view, form } = shown;
    const values = valuesOf(form.fields);
    errors = problemsOf(form.inputs, values);
    notice = null;
    if (Object.keys(errors).length === 0) {
      sending = true;
      redraw();
      const answer = await act(session.me, "submit", { view_id: view.id, values });
      sending = false;
      errors = answer.errors ?? {};
      notice = answer.ok || answer.errors ? null : (answer.shown ?? null);
    }
    redraw();
    if (shown && Object.keys(errors).length) shown.dialog.querySelector("[aria-invalid=true]")?.focus();
  }

  async function close() {
    const { view } = shown;
    const answer = await act(session.me, "close", { view_id: view.id });
    if (!answer.ok) notice = answer.shown ?? null;
    redraw();
  }

  function footer(view) {
    return h(
      "footer",
      {},
      sending &&
        h("span", { class: "sending-note", role: "status" }, "Sending. The app has three seconds to answer."),
      h(
        "button",
        { type: "button", data: { testid: "modal-close" }, on: { click: close } },
        textOf(view.close ?? (view.submit ? "Cancel" : "Close")),
      ),
      view.submit &&
        h(
          "button",
          {
            type: "submit",
            class: `primary${sending ? " pending" : ""}`,
            disabled: sending,
            data: { testid: "modal-submit" },
          },
          textOf(view.submit),
        ),
    );
  }

  function draw(view, before) {
    const form = {
      fields: [],
      inputs: [],
      errorOf: (blockId) => errors[blockId] ?? view.errors?.[blockId],
      remembered: (blockId, actionId) => before[blockId]?.[actionId] ?? rememberedOf(view, blockId, actionId),
    };
    const place = session.place({
      owner: view.id,
      action: "modal_action",
      details: { view_id: view.id },
      form,
    });
    const content = h(
      "form",
      { novalidate: true, on: { submit: (event) => (event.preventDefault(), submit()) } },
      h(
        "div",
        { class: "dialog-body" },
        drawBlocks(view.blocks, place),
        notice && h("p", { class: "warning", role: "alert", data: { testid: "warning" } }, notice),
      ),
      footer(view),
    );
    return {
      form,
      dialog: openDialog({ title: textOf(view.title), name: "modal", dismiss: close }, content),
    };
  }

  function restoreFocus(dialog, focus) {
    const same =
      focus &&
      [...dialog.querySelectorAll("[data-action-id]")].find(
        (node) =>
          node.dataset.actionId === focus.dataset.actionId && node.dataset.blockId === focus.dataset.blockId,
      );
    const first = same ?? dialog.querySelector("[autofocus], .dialog-body :is(input, textarea, select)");
    first?.focus();
    if (same && focus.selectionStart !== undefined && focus.selectionStart !== null)
      same.setSelectionRange?.(focus.selectionStart, focus.selectionEnd);
  }

  /** Shows `view`, or nothing when it is null. */
  return function show(view) {
    const signature = view && JSON.stringify([view, errors, notice, sending, session.signature(view.id)]);
    if (!view && !shown) return;
    if (shown?.signature === signature) return;
    const same = shown && view && shown.view.id === view.id;
    const before = same ? valuesOf(shown.form.fields) : {};
    const focus = same ? document.activeElement : null;
    const refocus = shown?.refocus ?? focusKeeper(document.activeElement);
    if (!same) [errors, notice, sending] = [{}, null, false];
    shown?.dialog.remove();
    if (!view) {
      shown = null;
      refocus();
      return;
    }
    const current = JSON.stringify([view, errors, notice, sending, session.signature(view.id)]);
    shown = { view, signature: current, refocus, ...draw(view, before) };
    restoreFocus(shown.dialog, focus);
  };
}
