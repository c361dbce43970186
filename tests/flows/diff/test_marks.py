"""Event times and masks read off dbt's manifest, and what wap.toml makes of them."""

from typing import Any

import pytest

from flows.diff import Choice, Key, find_event_times, find_masked
from flows.diff.settings import EVERY_COLUMN
from flows.settings.diff_section import DiffSettingsSection, DiffTable
from flows.settings.diff_setup import diff_keys, diff_settings


def _manifest(**fields: Any) -> dict[str, Any]:
    node = {"resource_type": "model", "name": "orders", "alias": "Orders", "columns": {}, "config": {}, **fields}
    return {"nodes": {"model.shop.orders": node}}


def test_event_time_is_dbts_own_config() -> None:
    """A model names its event time for microbatches; the diff reads the same name."""
    assert find_event_times(_manifest(config={"event_time": "ordered_at"})) == {"Orders": "ordered_at"}
    assert find_event_times(_manifest(config={"event_time": None})) == {}


@pytest.mark.parametrize(("said", "expected"), [(None, "ordered_at"), ("paid_at", "paid_at"), ("", "")])
def test_event_time_of_wap_toml_counts_more(said: str | None, expected: str) -> None:
    """Unsaid it is dbt's, said it is wap.toml's, and an empty one switches it off; the table's case does not matter."""
    section = DiffSettingsSection(tables={"ORDERS": DiffTable(event_time=said)})
    assert (
        diff_settings(section, _manifest(config={"event_time": "ordered_at"})).choice("Orders").event_time == expected
    )


def test_event_time_of_dbt_holds_without_wap_toml() -> None:
    """A table that wap.toml does not name keeps what dbt says."""
    found = diff_settings(DiffSettingsSection(), _manifest(config={"event_time": "ordered_at"}))
    assert found.choice("orders") == Choice(event_time="ordered_at")


@pytest.mark.parametrize("place", ["tags", "config"])
def test_tags_mask_columns_and_models(place: str) -> None:
    """A tag on a column masks it, a tag on the model all of it; other tags mask nothing."""
    mark: dict[str, Any] = {"tags": ["pii"]} if place == "tags" else {"config": {"tags": "pii"}}
    columns: dict[str, Any] = {"mail": {"name": "mail", **mark}, "day": {"name": "day", "tags": ["daily"]}}
    assert find_masked(_manifest(columns=columns), ["pii"]) == {"Orders": frozenset({"mail"})}
    assert find_masked(_manifest(columns=columns)) == {}
    assert find_masked(_manifest(**mark), ["pii"]) == {"Orders": frozenset({EVERY_COLUMN})}


def test_mask_patterns_hold_for_all_tables() -> None:
    """A shell pattern masks columns of any table, whatever the case; what it does not match is shown."""
    found = diff_settings(DiffSettingsSection(mask_columns=("*email*", "iban")), {})
    assert found.masks("customers", "Work_EMail_Hash")
    assert found.masks("payments", "IBAN")
    assert not found.masks("payments", "iban_country")
    assert diff_settings(DiffSettingsSection(mask_columns=("e[mail]",)), {}).masks("customers", "E[mail]")


def test_tags_and_words_in_another_case_mask_all_the_same() -> None:
    """What is meant to be hidden is not shown for a capital letter, or for quotes around YAML's true."""
    assert find_masked(_manifest(tags=["PII"]), ["pii"]) == {"Orders": frozenset({EVERY_COLUMN})}
    assert find_masked(_manifest(tags=["pii"]), ["Pii"]) == {"Orders": frozenset({EVERY_COLUMN})}
    assert find_masked(_manifest(meta={"wap": {"mask": "True"}})) == {"Orders": frozenset({EVERY_COLUMN})}


def test_tolerances_of_a_table_replace_those_of_all() -> None:
    """Only what a table says is replaced, zero included."""
    section = DiffSettingsSection(
        absolute_tolerance=0.5, relative_tolerance=0.1, tables={"orders": DiffTable(absolute_tolerance=0.0)}
    )
    found = diff_settings(section, {})
    assert (found.at("ORDERS").absolute_tolerance, found.at("ORDERS").relative_tolerance) == (0.0, 0.1)
    assert found.at("other").absolute_tolerance == 0.5


def test_key_of_wap_toml_counts_more_whatever_its_case() -> None:
    """There is one key per table, and it is the one that wap.toml names."""
    section = DiffSettingsSection(tables={"ORDERS": DiffTable(key=("id",))})
    keys = diff_keys(section, _manifest(meta={"wap": {"key": "other"}}))
    assert keys == {"ORDERS": Key(("id",), "wap.toml")}
