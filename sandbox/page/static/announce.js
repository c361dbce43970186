// Tells a screen reader what is new, without moving anything on the page.
import { momentOf } from "./dates.js";
import { mrkdwn } from "./mrkdwn.js";

const LONGEST = 200;

function spoken(message, people) {
  const name = people.user(message.user)?.name ?? "app";
  const words = mrkdwn(message.text, people)
    .map((node) => node.textContent)
    .join(" ");
  return `${name}: ${words.slice(0, LONGEST)}`;
}

/** Remembers what was there; each call speaks the messages that came since the last one. */
export function createAnnouncer(element) {
  let last = null;
  return {
    hear(messages, people) {
      const newest = messages.at(-1)?.ts ?? null;
      const fresh = last === null ? [] : messages.filter((message) => momentOf(message.ts) > momentOf(last));
      last = newest ?? last ?? "0";
      if (fresh.length) element.textContent = fresh.map((message) => spoken(message, people)).join(". ");
    },
    reset() {
      last = null;
      element.textContent = "";
    },
  };
}
