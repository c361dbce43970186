"""The page of `wap diff` for people: it fits every terminal, and data in it steers nothing."""

from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from docs.samples.hostile import hostile_table
from docs.samples.tables import equal_table, plain_table, rich_table, vanished_table
from flows.contract import CellChange, SampleRow, Scope, TableDiff
from wap.diff.comparing import Compared
from wap.diff.screen import page

TABLES = {
    "rich": rich_table("orders"),
    "hostile": hostile_table(),
    "no key": plain_table("orders", is_keyed=False),
    "equal": equal_table("orders"),
    "vanished": vanished_table("orders"),
}


def _page(table: TableDiff, *, width: int = 120, colour: bool = False) -> str:
    out = StringIO()
    system = "truecolor" if colour else None
    console = Console(file=out, width=width, force_terminal=colour, highlight=False, markup=False, color_system=system)
    for part in page(Compared("dwh.orders", "develop_dwh.orders", table=table), width=width):
        console.print(part)
    return out.getvalue()


@pytest.mark.parametrize("width", [20, 40, 71, 72, 80, 120, 200])
@pytest.mark.parametrize("name", TABLES)
def test_page_fits_a_terminal(name: str, width: int) -> None:
    """No line is wider than the terminal."""
    lines = _page(TABLES[name], width=width).splitlines()
    assert max(map(cell_len, lines)) <= width


@pytest.mark.parametrize("width", [40, 120])
def test_hostile_values_steer_no_terminal(width: int) -> None:
    """No control character, no direction, no markup of rich."""
    text = _page(TABLES["hostile"], width=width)
    assert not {sign for sign in text if not sign.isprintable() and sign != "\n"}


def test_colours_are_only_for_terminals() -> None:
    """With a terminal there are some."""
    assert "\x1b[" in _page(TABLES["rich"], colour=True)
    assert "\x1b[" not in _page(TABLES["rich"])


def test_page_of_a_rich_table_tells_everything() -> None:
    """Headline, schema, columns with bars, where, fresh, examples, profile, spread, notes, in this order."""
    text = _page(TABLES["rich"])
    titles = (
        "dwh.orders → develop_dwh.orders   20,000 → 20,080 rows (+0.4 %)",
        "+ 120 added   - 40 removed   ~ 5,001 changed   = 14,959 unchanged",
        "key: order_id (from dbt tests unique and not_null)",
        "Schema",
        "Changed columns",
        "███",
        "Where",
        "4,880 of 5,001 changed rows have status = returned; of all rows 25 % have it",
        "Fresh",
        "412 rows are later than placed_at 2026-03-01 23:59:58; not counted as added",
        "Examples",
        "17.00",
        "Profile: production → staging",
        "Spread of amount",
        "Notes",
    )
    places = [text.find(title) for title in titles]
    assert -1 not in places
    assert places == sorted(places)


def test_page_of_equal_tables_is_short() -> None:
    """Two lines say all there is, and how it is known."""
    assert _page(TABLES["equal"]).splitlines() == [
        "dwh.orders → develop_dwh.orders   100 rows",
        "= equal: the 64-bit hashes of all rows agree",
    ]


def test_null_empty_and_blanks_can_be_told_apart() -> None:
    """What a terminal would swallow has a sign."""
    cells = (CellChange(column="a", production=None, staging=""), CellChange(column="b", production="x", staging="x "))
    row = SampleRow(kind="changed", key=("1",), cells=cells)
    text = _page(plain_table("orders").model_copy(update={"samples": (row,)}))
    lines = [line.split() for line in text.splitlines()]
    assert ["~", "1", "a", "NULL", "(empty)"] in lines
    assert ["b", "x", "x␣"] in lines


def test_page_says_that_only_a_part_was_compared() -> None:
    """A part of a table must not look like all of it."""
    scope = Scope(condition="amount > 3", sampled=0.1, production_rows=10, staging_rows=11)
    text = _page(plain_table("orders").model_copy(update={"scope": scope}))
    assert "only a part was compared: 10 of 1,000 rows of production, 11 of 1,008 rows of staging" in text
