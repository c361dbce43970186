// The few emoji shortcodes that this product uses; any other shortcode stays as it was typed.
import { h } from "./dom.js";

const EMOJI = {
  bar_chart: "📊",
  bell: "🔔",
  eyes: "👀",
  fast_forward: "⏩",
  hammer_and_wrench: "🛠️",
  hourglass: "⌛",
  hourglass_flowing_sand: "⏳",
  link: "🔗",
  lock: "🔒",
  mag: "🔍",
  memo: "📝",
  no_entry: "⛔",
  package: "📦",
  rewind: "⏪",
  rocket: "🚀",
  speech_balloon: "💬",
  thumbsdown: "👎",
  thumbsup: "👍",
  "+1": "👍",
  "-1": "👎",
  warning: "⚠️",
  wastebasket: "🗑️",
  white_check_mark: "✅",
  x: "❌",
};

/** The picture for a shortcode, or the shortcode itself between colons. */
export function emoji(name) {
  if (!Object.hasOwn(EMOJI, name)) return document.createTextNode(`:${name}:`);
  return h("span", { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " ") }, EMOJI[name]);
}

const SHORTCODE = /:([a-z0-9_+-]+):/;

/** Plain text with its shortcodes replaced, for headers, button labels and options. */
export function withEmoji(text) {
  const parts = String(text ?? "").split(new RegExp(SHORTCODE, "g"));
  return parts
    .map((part, index) => (index % 2 ? emoji(part) : document.createTextNode(part)))
    .filter((node) => node.textContent);
}

/** Plain text for places that hold only characters, such as an option of a select. */
export function plainWithEmoji(text) {
  return String(text ?? "").replace(new RegExp(SHORTCODE, "g"), (whole, name) => EMOJI[name] ?? whole);
}
