// The box to write in. A text that begins with "/" is a command, anything else is said.
import { h, uid } from "./dom.js";
import { suggestNames } from "./suggestions.js";

const MOST_ROWS_PX = 180;

/** A typed text with @names and #names as ids; the server escapes what else could be markup. */
export function encode(text, people) {
  const users = [...people.everybody()].sort((left, right) => right.name.length - left.name.length);
  const named = (pool, name) =>
    pool.find((item) => item.name && item.name.toLowerCase() === name.toLowerCase());
  return text
    .replace(/(?<![\w@])@([\w.-]*\w)/g, (whole, name) =>
      named(users, name) ? `<@${named(users, name).id}>` : whole,
    )
    .replace(/(?<![\w#])#([\w-]+)/g, (whole, name) => {
      const channel = named(people.channels(), name);
      return channel && !channel.direct ? `<#${channel.id}|${channel.name}>` : whole;
    });
}

/** The command and its text, or null when the text is not a command. */
export function commandOf(text) {
  const match = /^(\/[a-z0-9_-]+)(?:\s+([\s\S]*))?$/i.exec(text.trim());
  return match && { command: match[1], text: (match[2] ?? "").trim() };
}

/**
 * A form with a text box. `send(text)` answers `{ok, shown}`; when it is not ok,
 * the sentence stands above the box and the text stays in it. `rest` is the hint under an idle box.
 */
export function createComposer({ label, placeholder, testid, send, people, rest = "" }) {
  const id = uid("composer");
  const drafts = new Map();
  let draftKey = null;
  const warning = h("p", { class: "warning", role: "alert", hidden: true, data: { testid: "warning" } });
  const hint = h("span", { class: "composer-hint", "aria-live": "polite" });
  const box = h("textarea", { id, rows: 1, placeholder, autocomplete: "off", enterkeyhint: "send" });
  const button = h("button", { type: "submit", class: "primary", disabled: true }, "Send");
  const names = suggestNames(box, { people, changed: () => fit() });
  const form = h(
    "form",
    { class: "composer", data: { testid } },
    warning,
    names,
    h("label", { class: "sr-only", for: id }, label),
    h("div", { class: "composer-box" }, box, button),
    hint,
  );

  function fit() {
    box.style.height = "";
    if (box.value) box.style.height = `${Math.min(box.scrollHeight, MOST_ROWS_PX)}px`;
    button.disabled = !box.value.trim();
    const command = commandOf(box.value);
    hint.textContent = command
      ? `${command.command} is sent to the app as a command, nobody else sees it.`
      : rest;
  }

  async function submit(event) {
    event.preventDefault();
    const text = box.value.trim();
    if (!text || form.classList.contains("sending")) return;
    form.classList.add("sending");
    warning.hidden = true;
    box.value = "";
    fit();
    const answer = await send(text);
    form.classList.remove("sending");
    if (answer.ok) return;
    warning.textContent = answer.shown;
    warning.hidden = false;
    if (!box.value) box.value = text;
    fit();
  }

  form.addEventListener("submit", submit);
  box.addEventListener("input", fit);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });

  fit();
  return {
    element: form,
    rename(text) {
      box.placeholder = text;
    },
    /** Puts the draft of `key` (a person in a place) into the box and keeps the one that was there. */
    turnTo(key) {
      if (key === draftKey) return;
      drafts.set(draftKey, box.value);
      draftKey = key;
      box.value = drafts.get(key) ?? "";
      warning.hidden = true;
      fit();
    },
    focus: () => box.focus(),
  };
}
