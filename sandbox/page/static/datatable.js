// The data_table block: a table that sorts by a press on a column, filters by text and turns pages.
import { h, uid } from "./dom.js";
import { cellText, scrollable, tableRow } from "./table.js";

const DEFAULT_PAGE_SIZE = 5;

function compare(left, right) {
  if (left.type === "raw_number" && right.type === "raw_number") return left.value - right.value;
  return cellText(left).localeCompare(cellText(right), undefined, { numeric: true });
}

function visible(rows, { filter, column, descending }) {
  const wanted = filter.toLowerCase();
  const found = rows.filter((cells) => cells.some((cell) => cellText(cell).toLowerCase().includes(wanted)));
  if (column === null) return found;
  const sorted = found.toSorted((left, right) => compare(left[column], right[column]));
  return descending ? sorted.reverse() : sorted;
}

function headings(block, view, redraw) {
  const [header, first] = block.rows;
  const row = tableRow(header, { people: null, tag: "th", alignAs: first ?? header });
  [...row.children].forEach((cell, index) => {
    const chosen = view.column === index;
    cell.setAttribute("aria-sort", chosen ? (view.descending ? "descending" : "ascending") : "none");
    const press = () =>
      redraw({ column: index, descending: chosen && !view.descending, page: 0, focus: index });
    const mark = chosen ? (view.descending ? " ↓" : " ↑") : "";
    cell.replaceChildren(
      h("button", { type: "button", class: "sort", on: { click: press } }, cellText(header[index]), mark),
    );
  });
  return row;
}

function pager({ page, pages, count }, redraw) {
  const step = (label, to, off) =>
    h(
      "button",
      { type: "button", class: "quiet small", disabled: off, on: { click: () => redraw({ page: to }) } },
      label,
    );
  return h(
    "div",
    { class: "pager" },
    h("span", { role: "status" }, `${count} rows, page ${page + 1} of ${pages}`),
    step("Previous", page - 1, page === 0),
    step("Next", page + 1, page + 1 >= pages),
  );
}

/** The data_table block. Sorting, filter and page last as long as the message is unchanged. */
export function dataTable(block, people) {
  const rows = block.rows.slice(1);
  const size = block.page_size ?? DEFAULT_PAGE_SIZE;
  const body = h("div");
  const filterId = uid("filter");
  let view = { filter: "", column: null, descending: false, page: 0 };

  function redraw(change) {
    view = { ...view, focus: null, ...change };
    const found = visible(rows, view);
    const pages = Math.max(1, Math.ceil(found.length / size));
    const shown = found.slice(view.page * size, (view.page + 1) * size);
    const rowHeader = block.row_header_column_index ?? 0;
    const table = h(
      "table",
      {},
      h("caption", {}, block.caption),
      h("thead", {}, headings(block, view, redraw)),
      h(
        "tbody",
        {},
        shown.map((cells) => tableRow(cells, { people, rowHeader })),
      ),
    );
    body.replaceChildren(
      scrollable(table, block.caption),
      pager({ page: view.page, pages, count: found.length }, redraw),
    );
    if (view.focus !== null) body.querySelectorAll("button.sort")[view.focus]?.focus();
  }

  redraw({});
  const input = (event) => redraw({ filter: event.target.value, page: 0 });
  const filter = h("input", { id: filterId, type: "search", placeholder: "Filter rows", on: { input } });
  return h(
    "div",
    { class: "data-table" },
    h("label", { class: "sr-only", for: filterId }, "Filter rows"),
    filter,
    body,
  );
}
