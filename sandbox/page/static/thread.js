// The pane beside the channel with one thread and its own box to reply.
import { commandOf, createComposer } from "./composer.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { isReply } from "./message.js";
import { createTimeline } from "./timeline.js";

const NO_COMMANDS = {
  ok: false,
  shown: "Not sent. Slack takes no commands inside a thread. Write it in the channel.",
};

/** `say(text, threadTs)` sends a reply, `close()` is called when the person closes the pane. */
export function createThread(element, { session, say, close }) {
  const scroller = h("div", { class: "scroller", role: "log", "aria-label": "Thread", tabindex: "0" });
  const timeline = createTimeline(scroller, { session, days: false });
  let opener = null;
  const composer = createComposer({
    label: "Reply in thread",
    placeholder: "Reply",
    testid: "thread-composer",
    people: () => session.people,
    send: (text) => (commandOf(text) ? NO_COMMANDS : say(text, opener)),
  });
  const title = h("div", {}, h("h2", {}, "Thread"), h("small"));
  const button = h(
    "button",
    { type: "button", class: "quiet", "aria-label": "Close thread", on: { click: close } },
    icon("close"),
  );
  element.append(h("header", { class: "pane-head" }, title, button), scroller, composer.element);
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) close();
  });

  /** Shows the thread of `ts` in `channel`, or hides the pane. */
  return function show({ ts, channel, messages }) {
    const root = messages.find((message) => message.ts === ts);
    element.hidden = !root;
    if (!root) {
      opener = null;
      return;
    }
    if (opener !== ts) timeline.reset();
    const arrived = opener !== ts;
    opener = ts;
    composer.turnTo(`${session.me} ${ts}`);
    title.lastChild.textContent = channel.direct ? channel.name : `#${channel.name}`;
    timeline.show([root, ...messages.filter((message) => isReply(message) && message.thread_ts === ts)], {
      channel: channel.id,
    });
    if (arrived) composer.focus();
  };
}
