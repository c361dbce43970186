"""What a report can lose, worst first, and how the card says so."""

import pytest

from bot.card.risks import RiskKind, risks
from bot.messages import on_change
from flows.contract import Concentration, Freshness, SchemaChange, Scope
from tests.builders import equal_table, report, schema_change, side, table_diff

VANISHES = table_diff("legacy", status="removed", staging=None, added=0, removed=1_000, changed=0)
DROPS = table_diff("payments", removed=0, schema_changes=(schema_change("note", "removed"),))
RETYPES = table_diff("visits", removed=0, schema_changes=(SchemaChange(column="at", kind="retyped"),))
EMPTIED = table_diff("events", staging=side(0, seed="staging"), added=0, removed=1_000, changed=0)
FAILED = table_diff("broken", status="failed", added=None, removed=None, changed=None)
LOSES = table_diff("orders", removed=120)
HARMLESS = table_diff("regions", removed=0)


def test_risks_are_ordered_by_what_is_lost() -> None:
    """A vanished table first, then emptied ones, dropped columns, the unknown, lost rows, new types."""
    mixed = (RETYPES, LOSES, FAILED, DROPS, EMPTIED, VANISHES, HARMLESS, equal_table())
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
