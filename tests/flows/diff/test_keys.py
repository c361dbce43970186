"""Where the primary key and the masks of a table come from, read off dbt's manifest."""

import json
from typing import Any

import pytest

from flows.diff import Key, find_keys, find_masked
from flows.diff.settings import EVERY_COLUMN


def test_key_without_any_hint_is_not_guessed() -> None:
    """A table that names no key has none, even if it has a column called id."""
    assert find_keys(_manifest(_model(columns=["id"]))) == {}


@pytest.mark.parametrize("place", ["meta", "config"])
def test_key_from_meta_is_read_in_both_places(place: str) -> None:
    """`meta.wap.key` is a name or a list, in meta or in config.meta."""
    meta = {"wap": {"key": "id"}}
    model = _model(meta=meta) if place == "meta" else _model(config={"meta": meta})
    assert find_keys(_manifest(model)) == {"orders": Key(("id",), "meta.wap.key")}


def test_key_from_constraint_on_the_model_keeps_its_columns_in_order() -> None:
    """A primary_key constraint on the model lists its columns."""
    model = _model(constraints=[{"type": "primary_key", "columns": ["day", "shop"]}])
    assert find_keys(_manifest(model))["orders"].columns == ("day", "shop")


def test_key_from_constraint_on_a_column() -> None:
    """A primary_key constraint on a column names that column."""
    model = _model()
    model["columns"] = {"id": {"name": "id", "constraints": [{"type": "not_null"}, {"type": "primary_key"}]}}
    assert find_keys(_manifest(model))["orders"] == Key(("id",), "primary key constraint")


@pytest.mark.parametrize(
    ("name", "kwargs"),
    [
        ("unique_combination_of_columns", {"combination_of_columns": ["day", "shop"]}),
        ("our_own_test", {"combination_of_columns": ["day", "shop"]}),
        ("unique_combination_of_columns", {"columns": ["day", "shop"]}),
    ],
)
def test_key_from_a_test_of_a_combination(name: str, kwargs: dict[str, Any]) -> None:
    """Any generic test over a combination of columns names a key, whatever package it comes from."""
    assert find_keys(_manifest(_model(), _test(name, **kwargs)))["orders"].columns == ("day", "shop")


def test_key_from_unique_and_not_null_needs_both() -> None:
    """unique alone allows NULLs, so it is no key."""
    unique, not_null = _test("unique", column_name="id"), _test("not_null", column_name="id")
    assert find_keys(_manifest(_model(), unique)) == {}
    assert find_keys(_manifest(_model(), unique, not_null))["orders"] == Key(("id",), "dbt tests unique and not_null")


def test_key_from_several_unique_columns_is_the_first_documented() -> None:
    """Of two candidates the one that the model documents first wins, so that the choice is stable."""
    tests = [_test(name, column_name=column) for column in ("a", "b") for name in ("unique", "not_null")]
    assert find_keys(_manifest(_model(columns=["b", "a"]), *tests))["orders"].columns == ("b",)


def test_key_from_a_test_with_a_condition_is_passed_over() -> None:
    """A test with `where` proves nothing about the whole table."""
    tests = [_test(name, column_name="id", config={"where": "day > '2024-01-01'"}) for name in ("unique", "not_null")]
    assert find_keys(_manifest(_model(), *tests)) == {}


def test_key_from_a_test_on_an_expression_is_passed_over() -> None:
    """`unique` over an expression names no column."""
    tests = [_test(name, column_name="day || shop") for name in ("unique", "not_null")]
    assert find_keys(_manifest(_model(), *tests)) == {}


def test_key_in_quotes_is_the_name_without_them() -> None:
    """A quoted column in YAML is the same column."""
    tests = [_test(name, column_name='"Order Id"') for name in ("unique", "not_null")]
    assert find_keys(_manifest(_model(columns=['"Order Id"']), *tests))["orders"].columns == ("Order Id",)


@pytest.mark.parametrize(("unique_key", "columns"), [("id", ("id",)), (["day", "shop"], ("day", "shop"))])
def test_key_from_incremental_config(unique_key: object, columns: tuple[str, ...]) -> None:
    """`unique_key` is a name or a list."""
    model = _model(config={"materialized": "incremental", "unique_key": unique_key})
    assert find_keys(_manifest(model))["orders"] == Key(columns, "unique_key")


def test_key_from_incremental_expression_is_passed_over() -> None:
    """An expression cannot be looked up among the columns."""
    assert find_keys(_manifest(_model(config={"unique_key": "day || '-' || shop"}))) == {}


def test_key_of_a_snapshot_is_the_version_not_the_entity() -> None:
    """A snapshot holds an entity once per version, so its unique_key is not unique in it."""
    snapshot = _model(resource_type="snapshot", config={"unique_key": "id"})
    assert find_keys(_manifest(snapshot))["orders"].columns == ("dbt_scd_id",)
    snapshot["config"]["snapshot_meta_column_names"] = {"dbt_scd_id": "version_id"}
    assert find_keys(_manifest(snapshot))["orders"].columns == ("version_id",)


def test_key_sources_have_an_order() -> None:
    """Each source gives way to those that say it more plainly."""
    model = _model(
        meta={"wap": {"key": ["m"]}},
        constraints=[{"type": "primary_key", "columns": ["c"]}],
        config={"unique_key": "u"},
    )
    both = [_test(name, column_name="n") for name in ("unique", "not_null")]
    manifest = _manifest(model, _test("t", combination_of_columns=["k"]), *both)
    found = []
    for forget in (
        lambda: model.pop("meta"),
        lambda: model.pop("constraints"),
        lambda: manifest["nodes"].pop("test.t"),
        lambda: manifest["nodes"].pop("test.unique"),
        lambda: model.pop("config"),
    ):
        found.append(find_keys(manifest)["orders"].columns)
        forget()
    assert found == [("m",), ("c",), ("k",), ("n",), ("u",)]
    assert find_keys(manifest) == {}


def test_key_goes_by_the_name_in_the_warehouse() -> None:
    """The alias names the table, not the model."""
    assert list(find_keys(_manifest(_model(alias="orders_v2", meta={"wap": {"key": "id"}})))) == ["orders_v2"]


def test_ephemeral_models_are_no_tables() -> None:
    """An ephemeral model is only text inside another one."""
    model = _model(config={"materialized": "ephemeral"}, meta={"wap": {"key": "id", "mask": True}})
    assert find_keys(_manifest(model)) == {}
    assert find_masked(_manifest(model)) == {}


def test_masks_are_read_from_columns_and_models() -> None:
    """A column masks itself in meta or config.meta; a model masks columns that it lists, or all."""
    mask = {"wap": {"mask": True}}
    model = _model(meta={"wap": {"mask": ["city"]}})
    model["columns"] = {
        "mail": {"name": "mail", "meta": mask},
        "phone": {"name": "phone", "config": {"meta": mask}},
        "day": {"name": "day", "meta": {"wap": {"mask": False}}},
    }
    assert find_masked(_manifest(model)) == {"orders": frozenset({"mail", "phone", "city"})}
    model["meta"] = mask
    assert EVERY_COLUMN in find_masked(_manifest(model))["orders"]


def test_masks_of_models_that_share_a_name_add_up() -> None:
    """When two models write tables of one name into different schemas, the stricter answer holds."""
    first, second = _model(meta={"wap": {"mask": ["a"]}}), _model(meta={"wap": {"mask": ["b"]}})
    nodes = {"nodes": {"model.one": first, "model.two": second}}
    assert find_masked(nodes) == {"orders": frozenset({"a", "b"})}


def test_manifest_with_nulls_where_dbt_writes_them_is_read() -> None:
    """dbt writes null for what is not set; nothing trips over it."""
    model = _model(meta=None, constraints=None, config={"meta": None, "unique_key": None})
    text = json.dumps(_manifest(model, {"resource_type": "test", "attached_node": None, "test_metadata": None}))
    assert find_keys(json.loads(text)) == {}
    assert find_masked(json.loads(text)) == {}


def _model(*, columns: list[str] | None = None, alias: str = "orders", **fields: Any) -> dict[str, Any]:
    documented = {name: {"name": name} for name in columns or []}
    return {"resource_type": "model", "name": "orders", "alias": alias, "columns": documented, "config": {}, **fields}


def _test(name: str, *, config: dict[str, Any] | None = None, **kwargs: Any) -> dict[str, Any]:
    return {
        "resource_type": "test",
        "attached_node": "model.orders",
        "config": config or {},
        "test_metadata": {"name": name, "kwargs": kwargs},
    }


def _manifest(model: dict[str, Any], *tests: dict[str, Any]) -> dict[str, Any]:
    nodes: dict[str, Any] = {"model.orders": model}
    for number, test in enumerate(tests):
        name = (test["test_metadata"] or {}).get("name", "odd")
        unique_id = f"test.{name}"
        nodes[unique_id if unique_id not in nodes else f"{unique_id}.{number}"] = test
    return {"nodes": nodes}
