"""Names in wap.toml that mean nothing are told: a mask that hides nothing closes the gate."""

from pathlib import Path
from typing import Any

import pytest

from flows.contract import Column, Policy, Side
from flows.settings import DbtSettings, Settings
from flows.settings.diff_names import missed_masks, unknown_names
from flows.settings.diff_section import DiffSettingsSection, DiffTable
from tests.flows.values import APPROVER, table


def settings(**tables: Any) -> Settings:
    """Settings that say this of tables."""
    chosen = {name: DiffTable(**said) for name, said in tables.items()}
    return Settings(
        dbt=DbtSettings(project=Path()), policy=Policy(approvers=(APPROVER,)), diff=DiffSettingsSection(tables=chosen)
    )


def with_columns(*names: str) -> Side:
    """A side with these columns."""
    return Side(columns=tuple(Column(name=name, type="VARCHAR") for name in names), rows=1, fingerprint="1")


ORDERS = table(production=with_columns("order_id", "old_note"), staging=with_columns("order_id", "Mail"))


def told(settings: Settings) -> list[tuple[str, str, str]]:
    """What is found, in short."""
    return [(found.severity, found.code, found.object) for found in unknown_names(settings, (ORDERS,))]


@pytest.mark.parametrize(
    ("said", "severity"),
    [
        ({"mask": ("mail",)}, "blocker"),
        ({"mask": ("mail",), "key": ("order_id",)}, "blocker"),
        ({"key": ("order_id",)}, "warning"),
        ({"ignore": ("mail",)}, "warning"),
        ({}, "warning"),
    ],
)
def test_unknown_table_blocks_where_something_should_be_hidden(said: dict[str, Any], severity: str) -> None:
    """A key that is not used costs an explanation; a mask that is not used can cost a secret."""
    assert told(settings(ordres=said)) == [(severity, "unknown_table", "ordres")]


@pytest.mark.parametrize(("part", "severity"), [("mask", "blocker"), ("key", "warning"), ("ignore", "warning")])
def test_unknown_column_is_told_with_its_place(part: str, severity: str) -> None:
    """The finding names table, column and the key of wap.toml, and reads as one sentence."""
    (found,) = unknown_names(settings(orders={part: ("order_id", "maill")}), (ORDERS,))
    assert (found.severity, found.code, found.object) == (severity, "unknown_column", "orders.maill")
    assert found.consequence.startswith(f"is named in `{part}` of wap.toml, and neither side has such a column")


@pytest.mark.parametrize("part", ["mask", "key", "ignore"])
def test_known_names_are_found_in_any_case_and_on_either_side(part: str) -> None:
    """A column that is new, or that goes away, is known; so is one that the catalog writes differently."""
    assert told(settings(ORDERS={part: ("ORDER_ID", "old_note", "mail")})) == []


def test_unknown_event_time_is_told() -> None:
    """Without its column no row can be fresh, so a slip of the pen is a warning; switched off it is nobody's name."""
    (found,) = unknown_names(settings(orders={"event_time": "orderd_at"}), (ORDERS,))
    assert (found.severity, found.object) == ("warning", "orders.orderd_at")
    assert "is named in `event_time` of wap.toml" in found.consequence
    assert told(settings(orders={"event_time": ""})) == []


def test_every_column_is_a_name_for_mask_and_ignore_only() -> None:
    """A star hides or leaves out all columns; it is nobody's key."""
    assert told(settings(orders={"mask": ("*",), "ignore": ("*",)})) == []
    assert told(settings(orders={"key": ("*",)})) == [("warning", "unknown_column", "orders.*")]


def test_columns_of_a_table_that_could_not_be_read_are_not_judged() -> None:
    """Such a run asks nobody anyway, and its finding would be a guess."""
    unread = table(status="failed", production=None, staging=None, error="gone")
    assert unknown_names(settings(orders={"mask": ("mail",)}), (unread,)) == ()
    partly = table(status="failed", production=with_columns("order_id"), staging=None, error="gone")
    assert unknown_names(settings(orders={"mask": ("mail",)}), (partly,)) == ()


def _manifest(**model: Any) -> dict[str, Any]:
    node = {"resource_type": "model", "name": "Orders", "config": {"materialized": "table"}, **model}
    return {"nodes": {"model.shop.orders": node}}


def test_mask_of_dbt_that_hides_nothing_blocks() -> None:
    """A column may be misspelt in a list of the model or in its documentation; nobody knows what may be shown."""
    marked = _manifest(
        meta={"wap": {"mask": ["MAIL", "maill"]}}, columns={"phnoe": {"meta": {"wap": {"mask": True}}}, "x": {}}
    )
    found = missed_masks(settings(), marked, (ORDERS,))
    assert [(one.severity, one.object) for one in found] == [("blocker", "orders.maill"), ("blocker", "orders.phnoe")]


def test_mask_of_dbt_in_a_table_that_is_not_here_is_no_finding() -> None:
    """dbt may build it elsewhere, and what could not be read is not judged; a whole table may be masked."""
    marked = _manifest(meta={"wap": {"mask": ["maill"]}})
    unread = table(status="failed", production=None, staging=None, error="gone")
    assert missed_masks(settings(), marked, (table("customers"), unread)) == ()
    assert missed_masks(settings(), _manifest(meta={"wap": {"mask": True}}), (ORDERS,)) == ()


def masking(**said: tuple[str, ...]) -> Settings:
    """Settings that mask by pattern or by tag."""
    plain = settings()
    return plain.model_copy(update={"diff": DiffSettingsSection(**said)})


TAGGED = {"nodes": {"model.shop.orders": {"resource_type": "model", "name": "orders", "columns": {}, "tags": ["pii"]}}}


@pytest.mark.parametrize(
    ("said", "idle"),
    [
        ({"mask_columns": ("*MAIL*", "order_?d")}, []),
        ({"mask_columns": ("*mail*", "*phone*", "maill")}, ["*phone*", "maill"]),
        ({"mask_tags": ("PII", "secret")}, ["secret"]),
        ({}, []),
    ],
)
def test_mask_that_masks_nothing_is_a_warning(said: dict[str, tuple[str, ...]], idle: list[str]) -> None:
    """A pattern that no column matches, a tag that nothing has: perhaps for later, perhaps a slip of the pen."""
    found = missed_masks(masking(**said), TAGGED, (ORDERS,))
    assert [(one.severity, one.code, one.object) for one in found] == [("warning", "idle_mask", name) for name in idle]


def test_patterns_are_not_judged_while_columns_are_unknown() -> None:
    """A table that could not be read may have the column."""
    failed = table("visits", status="failed")
    assert missed_masks(masking(mask_columns=("*phone*",)), {}, (ORDERS, failed)) == ()
