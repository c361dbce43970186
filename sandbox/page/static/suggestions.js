// Offers names while somebody types "@" in a text box.
import { h, uid } from "./dom.js";
import { avatar } from "./people.js";

const MOST = 6;

/** The unfinished mention before the caret, or null. */
function unfinished(box) {
  const before = box.value.slice(0, box.selectionStart);
  const match = /(?:^|\s)@([\w.-]*)$/.exec(before);
  return match && { start: before.length - match[1].length, typed: match[1].toLowerCase() };
}

function matching(people, typed) {
  const all = people
    .everybody()
    .filter(
      (user) =>
        !flagged(user) && [user.name, user.real_name].some((name) => name?.toLowerCase().startsWith(typed)),
    );
  return all.sort((left, right) => Number(right.is_bot) - Number(left.is_bot)).slice(0, MOST);
}

function flagged(user) {
  return Array.isArray(user.flags) ? user.flags.includes("deleted") : Boolean(user.flags?.deleted);
}

/**
 * Ties a list of names to `box`. `people()` is asked at each letter; `changed()` is called after a choice.
 * The list is put before the box's row by the caller.
 */
export function suggestNames(box, { people, changed }) {
  const id = uid("names");
  const list = h("ul", { id, class: "suggestions", role: "listbox", "aria-label": "People", hidden: true });
  let found = [];
  let chosen = 0;

  function hide() {
    list.hidden = true;
    box.removeAttribute("aria-activedescendant");
  }

  function pick(user) {
    const mention = unfinished(box);
    if (!mention) return; // the caret has moved on since the list was drawn
    box.setRangeText(`${user.name} `, mention.start, box.selectionStart, "end");
    hide();
    changed();
    box.focus();
  }

  function draw() {
    list.replaceChildren(
      ...found.map((user, index) => {
        // mousedown would take the focus from the box before the click is there
        const on = { mousedown: (event) => event.preventDefault(), click: () => pick(user) };
        return h(
          "li",
          { id: `${id}-${index}`, role: "option", "aria-selected": String(index === chosen), on },
          avatar(user, "small"),
          h("span", {}, user.name),
          h("small", {}, user.is_bot ? "app" : user.real_name),
        );
      }),
    );
    box.setAttribute("aria-activedescendant", `${id}-${chosen}`);
  }

  function look() {
    const mention = unfinished(box);
    found = mention && people() ? matching(people(), mention.typed) : [];
    chosen = 0;
    list.hidden = found.length === 0;
    if (found.length) draw();
    else hide();
  }

  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", id);
  box.addEventListener("input", look);
  box.addEventListener("blur", hide);
  box.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      chosen = (chosen + step + found.length) % found.length;
      draw();
    } else if (event.key === "Enter" || event.key === "Tab") {
      pick(found[chosen]);
    } else if (event.key === "Escape") {
      hide();
    } else {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  return list;
}
