// Slack's mrkdwn as elements: bold, italic, strike, code, quotes, links, mentions, dates, emoji.
import { fillDate } from "./dates.js";
import { h, link } from "./dom.js";
import { emoji } from "./emoji.js";

const STYLES = { "*": "strong", _: "em", "~": "s" };
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/** Text with Slack's three escapes undone. */
export function unescape(text) {
  return text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);
}

/** A person, shown by name. */
export function mention(id, people) {
  const name = people.user(id)?.name ?? id;
  return h("span", { class: "mention", data: { user: id } }, `@${name}`);
}

/** A channel, shown by name. */
export function channelLink(id, people, label) {
  return h("span", { class: "mention" }, `#${people.channel(id)?.name ?? label ?? id}`);
}

/** A user group, shown by its handle. */
export function group(id, people, label) {
  const handle = people.group(id)?.handle;
  return h("span", { class: "mention" }, handle ? `@${handle}` : (label ?? `@${id}`));
}

function command(body, label, people) {
  if (body.startsWith("date^")) {
    const [, seconds, pattern = "", url] = body.split("^");
    const text = fillDate(seconds, pattern, label ?? "");
    return h("time", { title: label }, url ? link(unescape(url), text) : text);
  }
  if (body.startsWith("subteam^")) return group(body.slice(8), people, label);
  return h("span", { class: "mention" }, `@${body}`);
}

/** What stands between < and >, or null when it is not a token of Slack's. */
function token(inner, people) {
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? undefined : unescape(inner.slice(bar + 1));
  if (/^@[UW]\w*$/.test(target)) return mention(target.slice(1), people);
  if (/^#C\w*$/.test(target)) return channelLink(target.slice(1), people, label);
  if (/^!(date\^|subteam\^|here$|channel$|everyone$)/.test(target))
    return command(target.slice(1), label, people);
  if (/^(https?:|mailto:)/.test(target)) return link(unescape(target), label || unescape(target));
  return null;
}

const isWord = (char) => char !== undefined && /[\p{L}\p{N}]/u.test(char);
const isSpace = (char) => char === undefined || /\s/.test(char);

/** Index of the delimiter that closes the style opened at `start`, or -1. */
function closing(text, start) {
  const mark = text[start];
  if (isWord(text[start - 1]) || isSpace(text[start + 1]) || text[start + 1] === mark) return -1;
  for (let at = start + 1; at < text.length && text[at] !== "\n"; at += 1) {
    if (text[at] === "<" && text.indexOf(">", at) > 0) at = text.indexOf(">", at);
    else if (text[at] === mark && !isSpace(text[at - 1]) && !isWord(text[at + 1])) return at;
  }
  return -1;
}

/** The element that begins at `at` and the index behind it, or null for plain text. */
function nextElement(text, at, people) {
  const char = text[at];
  if (char === "\n") return [h("br"), at + 1];
  if (char === "<") {
    const end = text.indexOf(">", at);
    const node = end > 0 ? token(text.slice(at + 1, end), people) : null;
    return node && [node, end + 1];
  }
  if (char === "`") {
    const end = text.indexOf("`", at + 1);
    const inner = end > at + 1 ? text.slice(at + 1, end) : "\n";
    return inner.includes("\n") ? null : [h("code", {}, unescape(inner)), end + 1];
  }
  if (Object.hasOwn(STYLES, char)) {
    const end = closing(text, at);
    return end < 0 ? null : [h(STYLES[char], {}, inline(text.slice(at + 1, end), people)), end + 1];
  }
  const shortcode = char === ":" && /^:([a-z0-9_+-]+):/.exec(text.slice(at, at + 60));
  return shortcode ? [emoji(shortcode[1]), at + shortcode[0].length] : null;
}

/** Everything that can stand inside a line. */
function inline(text, people) {
  const nodes = [];
  let plain = "";
  const flush = () => {
    if (plain) nodes.push(document.createTextNode(unescape(plain)));
    plain = "";
  };
  for (let at = 0; at < text.length;) {
    const found = nextElement(text, at, people);
    if (found) {
      flush();
      nodes.push(found[0]);
      at = found[1];
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return nodes;
}

/** Runs of quoted and unquoted lines. */
function lines(text, people) {
  const runs = [];
  for (const line of text.split("\n")) {
    const quote = /^(?:>|&gt;) ?/.exec(line);
    const last = runs.at(-1);
    const content = quote ? line.slice(quote[0].length) : line;
    if (last && last.quoted === Boolean(quote)) last.lines.push(content);
    else runs.push({ quoted: Boolean(quote), lines: [content] });
  }
  return runs.map((run) => {
    const nodes = inline(run.lines.join("\n"), people);
    return run.quoted ? h("blockquote", {}, nodes) : nodes;
  });
}

/** The elements of a mrkdwn text. `people` finds users and channels by id. */
export function mrkdwn(text, people) {
  const parts = String(text ?? "").split(/```\n?([\s\S]+?)\n?```\n?/);
  return parts.flatMap((part, index) => {
    if (index % 2) return [h("pre", {}, unescape(part))];
    return part ? lines(part, people) : [];
  });
}
