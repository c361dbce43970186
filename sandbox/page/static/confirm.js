// The question before a button acts, and the frame that every dialog of the page stands in.
import { h, uid } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { focusKeeper } from "./keyed.js";
import { mrkdwn } from "./mrkdwn.js";

/** A text object (plain_text or mrkdwn) as elements. */
export function textOf(object, people) {
  if (!object) return [];
  if (typeof object === "string") return withEmoji(object);
  return object.type === "mrkdwn" ? mrkdwn(object.text, people) : withEmoji(object.text);
}

/**
 * An open modal dialog with a title. The browser keeps the focus inside; Esc calls `dismiss`.
 * The caller removes it.
 */
export function openDialog({ title, name, dismiss }, ...content) {
  const id = uid("dialog");
  const dialog = h(
    "dialog",
    { role: "dialog", "aria-modal": "true", "aria-labelledby": id, class: name, data: { testid: name } },
    h("h2", { id }, title),
    content,
  );
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    dismiss();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Asks what a `confirm` object says; resolves to true only when the person confirms. */
export function confirmed(confirm, people) {
  if (!confirm) return Promise.resolve(true);
  const refocus = focusKeeper(document.activeElement);
  return new Promise((resolve) => {
    const finish = (answer) => {
      dialog.remove();
      refocus();
      resolve(answer);
    };
    const danger = confirm.style === "danger";
    const yes = {
      type: "button",
      class: danger ? "danger" : "primary",
      data: { testid: "confirm-yes" },
      on: { click: () => finish(true) },
    };
    const no = { type: "button", data: { testid: "confirm-no" }, on: { click: () => finish(false) } };
    const dialog = openDialog(
      { title: textOf(confirm.title, people), name: "confirm", dismiss: () => finish(false) },
      h("div", { class: "dialog-body" }, textOf(confirm.text, people)),
      h(
        "footer",
        {},
        h("button", no, textOf(confirm.deny ?? "Cancel")),
        h("button", yes, textOf(confirm.confirm ?? "Yes")),
      ),
    );
  });
}
