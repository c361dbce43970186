"""What a report can lose or falsify, worst first, and how the card says so."""

from typing import Any

import pytest

from bot.card.risks import RiskKind, risks
from bot.messages import on_change
from flows.contract import (
    ColumnCount,
    ColumnProfile,
    Concentration,
    Freshness,
    Profile,
    SchemaChange,
    Scope,
    TableDiff,
)
from tests.builders import equal_table, report, sample, schema_change, side, table_diff

VANISHES = table_diff("legacy", status="removed", staging=None, added=0, removed=1_000, changed=0)
DROPS = table_diff("payments", removed=0, schema_changes=(schema_change("note", "removed"),))
RETYPES = table_diff("visits", removed=0, schema_changes=(SchemaChange(column="at", kind="retyped"),))
EMPTIED = table_diff("events", staging=side(0, seed="staging"), added=0, removed=1_000, changed=0)
FAILED = table_diff("broken", status="failed", added=None, removed=None, changed=None)
LOSES = table_diff("orders", removed=120)
HARMLESS = table_diff("regions", removed=0)
CENTS = (("49.90", "0.50"), ("4.99", "0.05"), ("120.00", "1.20"))


def moved_table(
    name: str = "orders",
    pairs: tuple[tuple[str | None, str | None], ...] = CENTS,
    *,
    means: tuple[str | None, str | None] = (None, None),
    ends: tuple[str | None, str | None] = ("0.10", "120.00"),
    **changes: Any,
) -> TableDiff:
    """A table that loses nothing, and whose amounts changed from these to those values."""
    profiles = [Profile(nulls=0, low=ends[0], high=ends[1], mean=mean) for mean in means]
    return table_diff(
        name,
        removed=0,
        changed=400,
        changed_columns=(ColumnCount(column="amount", rows=400),),
        samples=tuple(
            sample(key=(str(place),), production=before, staging=after) for place, (before, after) in enumerate(pairs)
        ),
        profile=(ColumnProfile(column="amount", production=profiles[0], staging=profiles[1]),),
        **changes,
    )


UNIT = moved_table("refunds")
SCALED = moved_table("quotes", (("10", "12"), ("20", "24"), ("35", "42")))


def test_risks_are_ordered_by_what_is_lost() -> None:
    """A vanished table, emptied ones, dropped columns, wrong units, the unknown, lost rows, types, small factors."""
    mixed = (SCALED, UNIT, RETYPES, LOSES, FAILED, DROPS, EMPTIED, VANISHES, HARMLESS, equal_table())
    assert [risk.kind for risk in risks(report(tables=mixed))] == list(RiskKind)


def test_risks_of_equal_kind_are_ordered_by_share() -> None:
    """Half of a small table weighs more than a per cent of a large one."""
    small = table_diff("small", production=side(10), removed=5)
    large = table_diff("large", production=side(1_000_000), removed=10_000)
    assert [risk.table for risk in risks(report(tables=(large, small)))] == ["small", "large"]


def test_risk_line_names_three_and_counts_the_rest() -> None:
    """Nothing is cut silently."""
    line = on_change.risk_line(report(tables=(VANISHES, DROPS, RETYPES, FAILED, LOSES)))
    assert line == (
        "*Risk:* table `legacy` vanishes with its 1,000 rows · `payments` loses its column `note` · "
        "`broken` could not be compared · and 2 more"
    )


@pytest.mark.parametrize(
    ("tables", "line"),
    [
        ((LOSES,), "*Risk:* `orders` loses 12 % of its rows (120 of 1,000)"),
        ((EMPTIED,), "*Risk:* `events` becomes empty, it has 1,000 rows"),
        ((RETYPES,), "*Risk:* `visits` changes the type of `at`"),
        ((HARMLESS,), "*Risk:* no table or column vanishes, and no row is removed."),
        ((equal_table(),), ""),
        (
            (table_diff("visits", key=(), method="multiset", changed=None, removed=3),),
            "*Risk:* `visits` loses or changes 0.3 % of its rows (3 of 1,000)",
        ),
    ],
)
def test_risk_line(tables: tuple[object, ...], line: str) -> None:
    """The worst, in one sentence with its numbers."""
    assert on_change.risk_line(report(tables=tables)) == line


@pytest.mark.parametrize(
    ("diff", "said"),
    [
        (moved_table(means=("49.9", "0.499")), "`amount` ÷100 in `orders` (mean `49.90 → 0.499`)"),
        (moved_table(), "`amount` ÷100 in 400 rows of `orders` (`120 → 1.20`)"),
        (SCALED, "`amount` ×1.2 in 400 rows of `quotes` (`35 → 42`)"),  # noqa: RUF001
        (moved_table(pairs=(("1", "-1"), ("-2", "2"), ("3.5", "-3.5"))), "`amount` ×-1 in 400 rows of `orders`"),  # noqa: RUF001
        (
            moved_table(pairs=(("60", "1"), ("90", "1.5"), ("45", "0.75")), means=("65.0", "1.08")),
            "`amount` ÷60 in `orders` (mean `65 → 1.08`)",
        ),
        (
            moved_table(pairs=(("1", "40"), ("2", "25"), ("3", "90"))),
            "",
        ),
        (
            moved_table(pairs=(("1", "40"), ("2", "25"), ("3", "90")), means=("2.0", "51.7")),
            "the mean of `amount` ×25.9 in `orders` (`2 → 51.70`)",  # noqa: RUF001
        ),
    ],
)
def test_values_that_moved_by_one_factor_are_a_risk(diff: TableDiff, said: str) -> None:
    """A wrong unit is told with its factor and with what it makes of the mean, or else of one value."""
    line = on_change.risk_line(report(tables=(diff,)), shows_values=True)
    assert said in line
    assert ("no table or column vanishes" in line) == (not said)


@pytest.mark.parametrize(
    "diff",
    [
        moved_table(pairs=(("***", "***"),) * 5),
        moved_table(pairs=(("10", "100"), ("10", "100"), ("20", "200"))),
        moved_table(pairs=(("100", "101"), ("200", "202"), ("300", "303"))),
        moved_table(pairs=(("0", "0"), ("1", "10"), ("2", "20"), ("3", "30"))),
        moved_table(pairs=(("NaN", "1"), ("Infinity", "2"), ("1e9999", "3"), (None, "4"), ("", "5"))),
        moved_table(pairs=(), means=("0.0001", "0.9")),
        moved_table(pairs=(), means=("-0.5", "0.5")),
        moved_table(pairs=(), means=("1", "100"), ends=(None, None)),
        moved_table(key=("amount",)),
    ],
)
def test_what_is_no_factor_is_not_told(diff: TableDiff) -> None:
    """Masked values, too few different ones, per cents, no numbers, means around zero, the key."""
    assert risks(report(tables=(diff,))) == ()


def test_values_are_told_only_where_rows_may_be_seen() -> None:
    """The factor is no value of a row; a mean and an example are."""
    assert on_change.risk_line(report(tables=(moved_table(means=("49.9", "0.499")),))) == (
        "*Risk:* `amount` ÷100 in `orders`"
    )


def test_one_mistake_in_many_tables_is_told_once() -> None:
    """The same column moved by the same factor; the table with the greatest share first, the others counted."""
    half = moved_table("half", production=side(800))
    rest = [moved_table(name) for name in ("a", "b")]
    line = on_change.risk_line(report(tables=(*rest, half, LOSES)))
    assert line == (
        "*Risk:* `amount` ÷100 in 400 rows of `half` and 2 more tables · `orders` loses 12 % of its rows (120 of 1,000)"
    )


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.0004, "under 0.1 %"), (0.004, "0.4 %"), (0.126, "13 %"), (0.9995, "over 99.9 %"), (1, "100 %")],
)
def test_percent(share: float, text: str) -> None:
    """Little is never shown as nothing, and nearly all never as all."""
    assert on_change.percent(share) == text


def test_concentration_that_explains_most_rows_is_told() -> None:
    """Of several tables the one with most rows in one value, beside what is usual."""
    few = Concentration(kind="changed", column="region", value="north", rows=5, of=5, usual=0.2)
    many = Concentration(kind="removed", column="day", value=None, rows=118, of=120, usual=0.01)
    tables = (table_diff("a", concentration=few), table_diff("b", concentration=many))
    assert on_change.concentration_line(tables) == (
        "Concentrated in `b`: 118 of 120 removed rows have `day` = `NULL` (of all rows 1.0 % have it)."
    )


def test_fresh_rows_are_told_apart_from_added() -> None:
    """Rows that are only newer are no additions."""
    fresh = Freshness(column="at", until="2026-03-01", rows=40)
    tables = (table_diff("a", fresh=fresh), table_diff("b", fresh=fresh.model_copy(update={"rows": 2})))
    assert on_change.fresh_line(tables) == (
        "42 fresh rows, newer than production, are not counted as added: `a` has 40 after `2026-03-01`, "
        "1 more table has some."
    )


def test_counts_of_a_part_are_called_so() -> None:
    """A sample is never shown as if it were all."""
    part = Scope(condition="day > 1", sampled=0.1, production_rows=100, staging_rows=101)
    assert on_change.scope_line((table_diff(scope=part),)) == (
        "Counts of a part only: `orders` (10 % of its keys, where `day &gt; 1`)."
    )
