// The table block: first row is the header, numbers stand right, wide tables scroll inside the message.
import { h } from "./dom.js";
import { richText } from "./richtext.js";

/** What a person reads in a cell, as plain text; also what sorting and filtering look at. */
export function cellText(cell) {
  if (cell.type === "raw_number") return cell.text ?? String(cell.value);
  if (cell.type === "raw_text") return cell.text ?? "";
  return (
    cell.elements
      ?.flatMap((part) => part.elements ?? [])
      .map((item) => item.text ?? item.url ?? "")
      .join("") ?? ""
  );
}

function content(cell, people) {
  return cell.type === "rich_text" ? richText(cell, people) : cellText(cell);
}

/** left, center or right: the column's setting, otherwise right for numbers. */
function alignment(cell, setting) {
  return setting?.align ?? (cell.type === "raw_number" ? "right" : "left");
}

/** One row of cells. A header takes the alignment of its column's first value. */
export function tableRow(cells, { people, tag = "td", settings = [], alignAs = cells, rowHeader = -1 }) {
  return h(
    "tr",
    {},
    cells.map((cell, index) => {
      const classes = [`align-${alignment(alignAs[index] ?? cell, settings[index])}`];
      if (settings[index]?.is_wrapped) classes.push("wrapped");
      const heading = tag === "th" || index === rowHeader;
      const scope = tag === "th" ? "col" : heading ? "row" : null;
      return h(heading ? "th" : "td", { class: classes.join(" "), scope }, content(cell, people));
    }),
  );
}

/** Puts a table in a box that scrolls sideways by itself and can be reached by keyboard. */
export function scrollable(table, label = "Table") {
  return h("div", { class: "table-scroll", role: "region", "aria-label": label, tabindex: "0" }, table);
}

/** The table block. */
export function tableBlock(block, people) {
  const [header, ...rows] = block.rows;
  const settings = block.column_settings ?? [];
  const table = h(
    "table",
    {},
    h("thead", {}, tableRow(header, { people, tag: "th", settings, alignAs: rows[0] ?? header })),
    h(
      "tbody",
      {},
      rows.map((cells) => tableRow(cells, { people, settings })),
    ),
  );
  return scrollable(table);
}
