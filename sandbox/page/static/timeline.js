// A list of messages that keeps its place: at the bottom when the reader is there, still otherwise.
import { dayName, momentOf } from "./dates.js";
import { h } from "./dom.js";
import { keyed } from "./keyed.js";
import { continues, drawMessage } from "./message.js";

const NEAR_PX = 80;

/** Messages with a day line before the first one of each day. */
function withDays(messages) {
  return messages.flatMap((message, index) => {
    const before = messages[index - 1];
    const day = momentOf(message.ts).toDateString();
    const entry = { message, before, continued: continues(message, before) };
    if (before && momentOf(before.ts).toDateString() === day) return [entry];
    return [
      { day: dayName(momentOf(message.ts)), at: day },
      { ...entry, continued: false },
    ];
  });
}

/**
 * Fills `scroller` with messages. `show(messages, options)` draws; `reset()` goes to the bottom,
 * for another channel or person.
 */
export function createTimeline(scroller, { session, days = true }) {
  const list = h("div", { class: "messages" });
  scroller.append(list);
  let stuck = true;
  const settle = () => {
    if (stuck) scroller.scrollTop = scroller.scrollHeight;
  };
  scroller.addEventListener("scroll", () => {
    stuck = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_PX;
  });
  const observer = new ResizeObserver(settle);
  observer.observe(list);
  observer.observe(scroller);

  function show(messages, { channel, repliesOf = () => [], onThread = null }) {
    const items = days ? withDays(messages) : messages.map((message) => ({ message }));
    keyed(list, items, {
      key: (item) => (item.day ? `day-${item.at}` : item.message.ts),
      signature: (item) =>
        item.day ??
        JSON.stringify([
          item.message,
          item.continued,
          session.me,
          session.signature(item.message.ts),
          repliesOf(item.message.ts).at(-1)?.ts,
        ]),
      build: (item) =>
        item.day
          ? h("div", { class: "day" }, h("span", {}, item.day))
          : drawMessage(item.message, {
              session,
              channel,
              replies: repliesOf(item.message.ts),
              continued: item.continued,
              onThread,
            }),
    });
    settle();
  }

  return {
    show,
    reset() {
      stuck = true;
      list.replaceChildren();
    },
  };
}
