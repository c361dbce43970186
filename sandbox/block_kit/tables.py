"""Table and data_table blocks, and how many characters a table holds."""

from typing import Any

from sandbox.block_kit import limits
from sandbox.block_kit.checks import (
    Check,
    Problems,
    array,
    boolean,
    both,
    integer,
    number,
    one_of,
    record,
    string,
    tagged,
)
from sandbox.block_kit.rich_text import RICH_TEXT

_RAW: dict[str, Check] = {
    "raw_text": record({"type": one_of("raw_text"), "text": string(limits.TABLE_CHARACTERS)}),
    "raw_number": record({"type": one_of("raw_number"), "value": number, "text": string(limits.TABLE_CHARACTERS)}),
}
_CELL = tagged({**_RAW, "rich_text": RICH_TEXT})
_COLUMN = record({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})


def _column_or_null(value: Any, at: str, problems: Problems) -> None:
    """`null` skips a column, as the documentation allows."""
    if value is not None:
        _COLUMN(value, at, problems)


def _same_width(value: Any, at: str, problems: Problems) -> None:
    rows = value.get("rows") if isinstance(value, dict) else None
    widths = {len(row) for row in rows if isinstance(row, list)} if isinstance(rows, list) else set()
    if len(widths) > 1:
        problems.add(f"{at}/rows", "all rows must have the same number of cells")


def _plain_header(value: Any, at: str, problems: Problems) -> None:
    rows = value.get("rows") if isinstance(value, dict) else None
    if isinstance(rows, list) and rows and isinstance(rows[0], list):
        for index, cell in enumerate(rows[0]):
            if isinstance(cell, dict) and cell.get("type") == "rich_text":
                problems.add(f"{at}/rows/0/{index}", "rich_text is not allowed in the header row")


def _header_column_exists(value: Any, at: str, problems: Problems) -> None:
    if not isinstance(value, dict):
        return
    index, rows = value.get("row_header_column_index"), value.get("rows")
    if isinstance(index, int) and isinstance(rows, list) and rows and index >= len(rows[0]):
        problems.add(f"{at}/row_header_column_index", "must name a column of the table")


def _holds_at_most(maximum: int) -> Check:
    def check(value: Any, at: str, problems: Problems) -> None:
        if characters(value) > maximum:
            problems.add(f"{at}/rows", f"must be less than {maximum + 1} characters in all cells")

    return check


TABLE = both(
    record(
        {
            "type": one_of("table"),
            "rows": array(array(_CELL, maximum=limits.TABLE_CELLS), maximum=limits.TABLE_ROWS),
        },
        {
            "block_id": string(limits.BLOCK_ID),
            "column_settings": array(_column_or_null, maximum=limits.TABLE_CELLS),
        },
    ),
    _holds_at_most(limits.TABLE_CHARACTERS),
)

DATA_TABLE = both(
    record(
        {
            "type": one_of("data_table"),
            "caption": string(limits.TEXT),
            "rows": array(
                array(_CELL, maximum=limits.DATA_TABLE_COLUMNS),
                minimum=limits.DATA_TABLE_ROWS_MIN,
                maximum=limits.DATA_TABLE_ROWS,
            ),
        },
        {
            "block_id": string(limits.BLOCK_ID),
            "page_size": integer(1, limits.DATA_TABLE_PAGE),
            "row_header_column_index": integer(0, limits.DATA_TABLE_COLUMNS - 1),
        },
    ),
    _same_width,
    _plain_header,
    _header_column_exists,
    _holds_at_most(limits.DATA_TABLE_CHARACTERS),
)


def characters(block: Any) -> int:
    """The characters of all texts inside one block or cell, nested ones included."""
    if isinstance(block, dict):
        own = sum(len(block[name]) for name in ("text", "caption") if isinstance(block.get(name), str))
        return own + sum(characters(value) for value in block.values() if isinstance(value, dict | list))
    if isinstance(block, list):
        return sum(characters(item) for item in block)
    return 0
