// The markdown block: standard Markdown, as far as messages use it.
import { h, link } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { scrollable } from "./table.js";

const INLINE =
  /(`[^`\n]+`)|\*\*(.+?)\*\*|~~(.+?)~~|(?<![\w*])[*_](\S(?:.*?\S)?)[*_](?![\w*])|\[([^\]\n]*)\]\(([^)\s]+)\)|\\([\\`*_~[\]()#|<>-])/;

function inline(text) {
  const match = INLINE.exec(text);
  if (!match) return withEmoji(text);
  const [whole, code, bold, strike, italic, label, url, escaped] = match;
  let node = document.createTextNode(escaped ?? "");
  if (code) node = h("code", {}, code.slice(1, -1));
  else if (bold) node = h("strong", {}, inline(bold));
  else if (strike) node = h("s", {}, inline(strike));
  else if (italic) node = h("em", {}, inline(italic));
  else if (url) node = link(url, inline(label));
  return [...withEmoji(text.slice(0, match.index)), node, ...inline(text.slice(match.index + whole.length))];
}

function cells(line) {
  return line
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function table(rows) {
  const alignment = cells(rows[1]).map((rule) =>
    /^:.*:$/.test(rule) ? "center" : rule.endsWith(":") ? "right" : "left",
  );
  const row = (line, tag) =>
    h(
      "tr",
      {},
      cells(line).map((cell, index) =>
        h(tag, { class: `align-${alignment[index] ?? "left"}` }, inline(cell)),
      ),
    );
  return scrollable(
    h(
      "table",
      {},
      h("thead", {}, row(rows[0], "th")),
      h(
        "tbody",
        {},
        rows.slice(2).map((line) => row(line, "td")),
      ),
    ),
  );
}

const BULLET = /^\s*[-*+] +/;
const NUMBER = /^\s*\d+[.)] +/;

// Each rule says how a block begins, which further lines belong to it and what it becomes.
const RULES = [
  {
    begins: /^#{1,6} /,
    belongs: () => false,
    build: (rows) => h("h4", {}, inline(rows[0].replace(/^#+ /, ""))),
  },
  { begins: /^\s*(-{3,}|\*{3,})\s*$/, belongs: () => false, build: () => h("hr") },
  {
    begins: /^> ?/,
    belongs: (line) => /^>/.test(line),
    build: (rows) => h("blockquote", {}, paragraph(rows.map((row) => row.replace(/^> ?/, "")))),
  },
  { begins: BULLET, belongs: (line) => BULLET.test(line), build: (rows) => items("ul", rows, BULLET) },
  { begins: NUMBER, belongs: (line) => NUMBER.test(line), build: (rows) => items("ol", rows, NUMBER) },
];

function items(tag, rows, mark) {
  return h(
    tag,
    {},
    rows.map((row) => h("li", {}, inline(row.replace(mark, "")))),
  );
}

function paragraph(rows) {
  return h(
    "p",
    {},
    rows.flatMap((row, index) => (index ? [h("br"), inline(row)] : [inline(row)])),
  );
}

function isTable(rows, at) {
  return (
    rows[at].includes("|") &&
    /^\s*\|?[\s:|-]*-[\s:|-]*\|?\s*$/.test(rows[at + 1] ?? "") &&
    rows[at + 1].includes("|")
  );
}

function take(rows, at, belongs) {
  let end = at + 1;
  while (end < rows.length && belongs(rows[end])) end += 1;
  return end;
}

/** The elements of a Markdown text. HTML in it stays text. */
export function markdown(text) {
  const rows = String(text ?? "").split("\n");
  const nodes = [];
  for (let at = 0; at < rows.length;) {
    const rule = RULES.find((candidate) => candidate.begins.test(rows[at]));
    let end = at + 1;
    if (/^```/.test(rows[at])) {
      end = take(rows, at, (line) => !/^```/.test(line));
      nodes.push(h("pre", {}, rows.slice(at + 1, end).join("\n")));
      end += 1;
    } else if (isTable(rows, at)) {
      end = take(rows, at, (line) => line.includes("|"));
      nodes.push(table(rows.slice(at, end)));
    } else if (rule) {
      end = take(rows, at, rule.belongs);
      nodes.push(rule.build(rows.slice(at, end)));
    } else if (rows[at].trim()) {
      end = take(
        rows,
        at,
        (line) => line.trim() && !RULES.some((other) => other.begins.test(line)) && !/^```/.test(line),
      );
      nodes.push(paragraph(rows.slice(at, end)));
    }
    at = end;
  }
  return nodes;
}
