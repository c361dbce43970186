// One message: who, when, what, its files, reactions and the way into its thread.
import { drawBlocks, drawText } from "./blocks.js";
import { clock, fullMoment, momentOf } from "./dates.js";
import { h, ownPath, safeUrl } from "./dom.js";
import { emoji } from "./emoji.js";
import { avatar, flagsOf } from "./people.js";

const TOGETHER_MS = 5 * 60_000;

/** Whether a message stands in a thread and did not open it. */
export function isReply(message) {
  return Boolean(message.thread_ts) && message.thread_ts !== message.ts;
}

/** Whether a message continues the one before it: same author, soon after, no card. */
export function continues(message, before) {
  if (!before || before.user !== message.user || message.ephemeral || before.ephemeral) return false;
  if (message.blocks?.length || before.blocks?.length) return false;
  return momentOf(message.ts) - momentOf(before.ts) < TOGETHER_MS;
}

function byline(message, user) {
  const moment = momentOf(message.ts);
  const isApp = message.bot || user?.is_bot;
  const flags = user ? flagsOf(user).filter((flag) => flag !== "admin") : [];
  return h(
    "header",
    { class: "byline" },
    h("span", { class: "author" }, user?.real_name || user?.name || message.user),
    isApp && h("span", { class: "badge" }, "app"),
    flags.map((flag) => h("span", { class: "badge quiet-badge" }, flag)),
    h("time", { datetime: moment.toISOString(), title: fullMoment(moment) }, clock(moment)),
    message.edited && h("span", { class: "edited" }, "edited"),
  );
}

function file(item) {
  const href = ownPath(item.url ?? `/page/files/${item.id}`) ?? safeUrl(item.url);
  const name = item.title || item.name || item.id;
  if (item.mimetype?.startsWith("image/")) {
    return h(
      "a",
      { class: "picture", href, target: "_blank", rel: "noopener" },
      h("img", { src: href, alt: item.alt_txt || name, loading: "lazy" }),
      h("span", {}, name),
    );
  }
  const kind = (name.includes(".") ? name.split(".").at(-1) : item.mimetype?.split("/").at(-1)) ?? "file";
  return h(
    "a",
    { class: "file", href, download: name },
    h("span", { class: "file-kind", "aria-hidden": "true" }, kind.slice(0, 4).toUpperCase()),
    h("span", { class: "file-name" }, name, h("small", {}, "Download")),
  );
}

function reaction(item, people) {
  const who = (item.users ?? []).map((id) => people.user(id)?.name ?? id).join(", ");
  return h(
    "span",
    { class: "reaction", title: who },
    emoji(item.name),
    " ",
    String(item.count ?? item.users?.length ?? 1),
  );
}

function threadLink(message, { replies, onThread }) {
  const count = message.reply_count || replies.length;
  if (!onThread || isReply(message)) return null;
  const click = () => onThread(message.ts);
  if (!count)
    return h(
      "button",
      { type: "button", class: "reply-start quiet small", on: { click } },
      "Reply in thread",
    );
  const last = replies.at(-1);
  return h(
    "button",
    { type: "button", class: "thread-link", data: { testid: "open-thread" }, on: { click } },
    h("strong", {}, count === 1 ? "1 reply" : `${count} replies`),
    last && h("span", {}, `last at ${clock(momentOf(last.ts))}`),
  );
}

function attachment(item, { place, people }) {
  const content = item.blocks?.length
    ? drawBlocks(item.blocks, place)
    : drawText(item.text ?? item.fallback ?? "", people);
  return h("div", { class: "attachment" }, content);
}

function body(message, session, channel) {
  const place = session.place({ owner: message.ts, action: "click", details: { channel, ts: message.ts } });
  const blocks = message.blocks ?? [];
  const attachments = (message.attachments ?? []).map((item) =>
    attachment(item, { place, people: session.people }),
  );
  const card = message.bot && blocks.length > 1;
  return h(
    "div",
    { class: card ? "card" : "body" },
    blocks.length ? drawBlocks(blocks, place) : message.text && drawText(message.text, session.people),
    attachments,
  );
}

/** One `article[data-ts]`. Without `onThread` it offers no way into a thread. */
export function drawMessage(message, { session, channel, replies = [], continued = false, onThread = null }) {
  const user = session.people.user(message.user);
  const classes = ["message", message.ephemeral && "ephemeral", continued && "continued"]
    .filter(Boolean)
    .join(" ");
  return h(
    "article",
    {
      class: classes,
      data: { ts: message.ts, user: message.user },
      "aria-label": `Message from ${user?.name ?? message.user}`,
    },
    avatar(user ?? (message.bot ? session.people.bot() : null)),
    h(
      "div",
      { class: "content" },
      message.ephemeral && h("p", { class: "only-you" }, "Only visible to you"),
      byline(message, user),
      body(message, session, channel),
      message.files?.length ? h("div", { class: "files" }, message.files.map(file)) : null,
      message.reactions?.length
        ? h(
            "div",
            { class: "reactions" },
            message.reactions.map((item) => reaction(item, session.people)),
          )
        : null,
      message.ephemeral ? null : threadLink(message, { replies, onThread }),
    ),
  );
}
