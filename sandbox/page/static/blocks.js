// Draws Block Kit blocks. The order of this file is the order of Slack's own list of blocks.
import { textOf } from "./confirm.js";
import { dataTable } from "./datatable.js";
import { h, link, ownPath, uid } from "./dom.js";
import { elementOf } from "./elements.js";
import { markdown } from "./markdown.js";
import { mrkdwn } from "./mrkdwn.js";
import { richText } from "./richtext.js";
import { tableBlock } from "./table.js";

function section(block, place) {
  const fields = block.fields?.map((field) => h("div", { class: "field" }, textOf(field, place.people)));
  return [
    h(
      "div",
      { class: "section-main" },
      block.text && h("div", { class: "prose" }, textOf(block.text, place.people)),
      fields && h("div", { class: "fields" }, fields),
    ),
    block.accessory &&
      h("div", { class: "accessory" }, elementOf(block.accessory, place, { blockId: block.block_id })),
  ];
}

function context(block, place) {
  return block.elements.map((element) =>
    element.type === "image"
      ? place.image(element, "context-image")
      : h("span", {}, textOf(element, place.people)),
  );
}

function image(block, place) {
  return h(
    "figure",
    {},
    block.title && h("figcaption", {}, textOf(block.title)),
    place.image(block, "block-image"),
  );
}

/** An input block: label, control, hint and the place for its error. */
function input(block, place) {
  const ids = { control: uid("input"), error: uid("error"), hint: uid("hint"), label: uid("label") };
  const error = place.errorOf?.(block.block_id);
  const group = /^(radio_buttons|checkboxes|multi_)/.test(block.element.type);
  const described = [error && ids.error, block.hint && ids.hint].filter(Boolean).join(" ");
  const describe = {
    id: ids.control,
    "aria-labelledby": ids.label,
    "aria-describedby": described || null,
    "aria-invalid": error ? "true" : null,
    "aria-required": block.optional || group ? null : "true",
  };
  place.inputs?.push(block);
  return [
    h(
      "label",
      { id: ids.label, for: group ? null : ids.control },
      textOf(block.label),
      block.optional && h("span", { class: "optional" }, " (optional)"),
    ),
    elementOf(block.element, place, {
      blockId: block.block_id,
      dispatch: Boolean(block.dispatch_action),
      describe,
    }),
    error && h("p", { class: "field-error", id: ids.error, role: "alert" }, error),
    block.hint && h("p", { class: "hint", id: ids.hint }, textOf(block.hint)),
  ];
}

function content(block, place) {
  switch (block.type) {
    case "header":
      return h("h3", {}, textOf(block.text));
    case "section":
      return section(block, place);
    case "context":
      return context(block, place);
    case "actions":
      return block.elements.map((element) => elementOf(element, place, { blockId: block.block_id }));
    case "divider":
      return h("hr");
    case "image":
      return image(block, place);
    case "markdown":
      return markdown(block.text);
    case "rich_text":
      return richText(block, place.people);
    case "table":
      return tableBlock(block, place.people);
    case "data_table":
      return dataTable(block, place.people);
    case "input":
      return input(block, place);
    case "alert":
      return h(
        "div",
        { class: "alert", data: { level: block.level ?? "default" } },
        textOf(block.text, place.people),
      );
    default:
      return h("span", { class: "unknown" }, `[a block of type ${block.type} is not drawn by the sandbox]`);
  }
}

function warningAt(block, place) {
  const warning = place.warning;
  if (!warning || warning.block_id !== block.block_id) return null;
  return h("p", { class: "warning", role: "alert", data: { testid: "warning" } }, warning.text);
}

/** One element per block. `place` is described in elements.js. */
export function drawBlocks(blocks, place) {
  return blocks.flatMap((block) => [
    h("div", { class: `block block-${block.type}`, data: { block: block.block_id } }, content(block, place)),
    warningAt(block, place),
  ]);
}

/** Text without blocks. */
export function drawText(text, people) {
  return h("div", { class: "prose" }, mrkdwn(text, people));
}

/**
 * A picture that the sandbox itself holds. A picture elsewhere stays a link,
 * because loading it would tell its host that somebody looks at this message.
 */
export function drawImage(source, { className, fileUrl }) {
  const { slack_file: file } = source;
  const address = file ? (fileUrl(file.id) ?? file.url) : source.image_url;
  const alt = source.alt_text ?? source.title ?? "";
  const path = ownPath(address);
  if (!path) return h("span", { class: "not-loaded" }, "Image not loaded: ", link(address, alt || address));
  return h("img", { src: path, alt, class: className, loading: "lazy" });
}
