// The rich_text block: sections, lists, quotes, preformatted text and their inline elements.
import { fillDate } from "./dates.js";
import { h, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { channelLink, group, mention } from "./mrkdwn.js";

const STYLE_TAGS = [
  ["code", "code"],
  ["strike", "s"],
  ["italic", "em"],
  ["bold", "strong"],
];

function styled(node, style = {}) {
  return STYLE_TAGS.reduce((inner, [name, tag]) => (style[name] ? h(tag, {}, inner) : inner), node);
}

function lineOf(text) {
  return String(text ?? "")
    .split("\n")
    .flatMap((part, index) => (index ? [h("br"), part] : [part]));
}

function bare(element, people) {
  switch (element.type) {
    case "text":
      return h("span", {}, lineOf(element.text));
    case "link":
      return link(element.url, element.text || element.url);
    case "user":
      return mention(element.user_id, people);
    case "channel":
      return channelLink(element.channel_id, people);
    case "usergroup":
      return group(element.usergroup_id, people);
    case "broadcast":
      return h("span", { class: "mention" }, `@${element.range}`);
    case "emoji":
      return emoji(element.name);
    case "date": {
      const text = fillDate(element.timestamp, element.format ?? "", element.fallback ?? "");
      return h("time", {}, element.url ? link(element.url, text) : text);
    }
    case "color":
      return h("code", {}, element.value);
    default:
      return h("span", { class: "unknown" }, `[${element.type}]`);
  }
}

function inline(elements, people) {
  return (elements ?? []).map((element) => styled(bare(element, people), element.style));
}

function list(part, people) {
  const items = part.elements.map((section) => h("li", {}, inline(section.elements, people)));
  const element = h(
    part.style === "ordered" ? "ol" : "ul",
    { start: part.offset ? part.offset + 1 : null },
    items,
  );
  element.style.setProperty("--indent", part.indent ?? 0);
  return element;
}

function plainText(elements) {
  return (elements ?? []).map((element) => element.text ?? element.url ?? "").join("");
}

/** The elements of a rich_text block; also used for rich_text cells of tables. */
export function richText(block, people) {
  return block.elements.map((part) => {
    switch (part.type) {
      case "rich_text_section":
        return h("div", { class: "rt-section" }, inline(part.elements, people));
      case "rich_text_list":
        return list(part, people);
      case "rich_text_quote":
        return h("blockquote", {}, inline(part.elements, people));
      case "rich_text_preformatted":
        return h("pre", {}, plainText(part.elements));
      default:
        return h("span", { class: "unknown" }, `[${part.type}]`);
    }
  });
}
