"""Pure: the sample rows of a report -> one CSV file that is safe to open in a spreadsheet."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from bot.blocks.escape import value, visible
from flows.contract import CellChange, SampleRow, TableDiff

BYTES = 10 * 1024 * 1024
CELL_CHARS = 32_767  # what a cell of Excel holds; longer values end with an ellipsis
HEAD = ("table", "row", "times", "key", "column", "production", "staging")

_BOM = b"\xef\xbb\xbf"  # without it Excel takes UTF-8 for the code page of its country
_FORMULA = "=+-@"
_UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class CsvFile:
    """The file, and how many of how many example rows it holds; it never holds a part of one."""

    content: bytes
    rows: int
    of: int


def samples_csv(tables: Sequence[TableDiff], *, limit: int = BYTES) -> CsvFile:
    """One line a cell, of all example rows in the order given, at most `limit` bytes. Masked values stay masked."""
    parts = [_BOM + _lines([HEAD])]
    size, rows = len(parts[0]), 0
    every = [(diff, sample) for diff in tables for sample in diff.samples]
    for diff, sample in every:
        part = _lines(_cells(diff, sample))
        if size + len(part) > limit:
            break
        parts.append(part)
        size, rows = size + len(part), rows + 1
    return CsvFile(b"".join(parts), rows, len(every))


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: OWASP's apostrophe before `=`, `+`, `-` and `@`.

    Blanks, invisible characters and full-width forms before or instead of these signs do not hide them. What cannot be
    seen is shown as its code point, so no cell begins with a tab or a line break either.
    """
    plain = unicodedata.normalize("NFKC", text[:CELL_CHARS])
    first = next((char for char in plain if unicodedata.category(char) not in _UNSEEN), "")
    begins_unseen = bool(text) and unicodedata.category(text[0]) == "Cc"
    shown = ("'" if begins_unseen or (first and first in _FORMULA) else "") + visible(text[: CELL_CHARS + 1])
    return shown if len(shown) <= CELL_CHARS else shown[: CELL_CHARS - 1] + "…"


def _cells(diff: TableDiff, sample: SampleRow) -> Iterator[tuple[str, ...]]:
    names = diff.key if len(diff.key) == len(sample.key) else ("",) * len(sample.key)
    key = "; ".join(f"{name} {value(cell)}".strip() for name, cell in zip(names, sample.key, strict=True))
    if len(sample.key) == 1:
        key = value(sample.key[0])
    for cell in sample.cells or (CellChange(column=""),):
        production = "" if sample.kind == "added" or not cell.column else _text(cell.production)
        staging = "" if sample.kind == "removed" or not cell.column else _text(cell.staging)
        yield diff.name, sample.kind, str(sample.times), key, cell.column, production, staging


def _text(cell: str | None) -> str:
    return value(cell if cell is None else cell[: CELL_CHARS + 1])


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    out = StringIO()
    # Every cell in quotes: a separator of another country cannot split one.
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([map(harmless, row) for row in rows])
    return out.getvalue().encode("utf-8", "replace")
