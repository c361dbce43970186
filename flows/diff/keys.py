"""What dbt's manifest says about the primary key of a table."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flows.diff.manifest import Node, columns_of, dbt_tables, names_in, table_name, wap_meta
from flows.diff.settings import Key

_PLAIN_NAME = re.compile(r"[^\W\d][\w$]*")


def find_keys(manifest: Mapping[str, Any]) -> dict[str, Key]:
    """The primary key of every table that names one, by table name (dbt's alias).

    `manifest` is a parsed manifest.json (dbt 1.8 or newer). The first of these wins: `meta.wap.key`, a
    primary_key constraint, a test that a combination of columns is unique, the tests unique and not_null on one
    column, the config `unique_key` (for a snapshot dbt's own `dbt_scd_id`). A test with a `where` proves
    nothing about the whole table and is passed over.
    """
    tests = _tests_by_node(manifest)
    keys: dict[str, Key] = {}
    for unique_id, node in dbt_tables(manifest):
        found = _key(node, tests.get(unique_id, ()))
        if found:
            keys.setdefault(table_name(node), found)
    return keys


def _key(node: Node, tests: Iterable[Node]) -> Key | None:
    tests = tuple(tests)
    sources: tuple[tuple[str, Callable[[], tuple[str, ...]]], ...] = (
        ("meta.wap.key", lambda: names_in(wap_meta(node).get("key"))),
        ("primary key constraint", lambda: _constrained(node)),
        ("dbt test of a unique combination", lambda: _combined(tests)),
        ("dbt tests unique and not_null", lambda: _unique_and_not_null(node, tests)),
        ("unique_key", lambda: _unique_key(node)),
    )
    for source, find in sources:
        if columns := find():
            return Key(columns, source)
    return None


def _constrained(node: Node) -> tuple[str, ...]:
    for constraint in node.get("constraints") or ():
        if constraint.get("type") == "primary_key" and constraint.get("columns"):
            return names_in(constraint["columns"])
    return names_in(
        [
            name
            for name, column in columns_of(node).items()
            if any(constraint.get("type") == "primary_key" for constraint in column.get("constraints") or ())
        ]
    )


def _combined(tests: Iterable[Node]) -> tuple[str, ...]:
    for test in tests:
        kwargs = _kwargs(test)
        columns = kwargs.get("combination_of_columns")
        if columns is None and "unique_combination_of_columns" in _test_name(test):
            columns = kwargs.get("columns") or kwargs.get("column_list")
        if names := names_in(columns):
            return names
    return ()


def _unique_and_not_null(node: Node, tests: tuple[Node, ...]) -> tuple[str, ...]:
    unique, not_null = (
        [str(_kwargs(test).get("column_name") or "") for test in tests if _test_name(test) == name]
        for name in ("unique", "not_null")
    )
    both = [name for name in unique if name in not_null]
    documented = list(columns_of(node))
    plain = [name for name in both if name in documented or _PLAIN_NAME.fullmatch(name.strip('"`'))]
    places = {name: place for place, name in enumerate(documented)}
    first = min(plain, key=lambda name: (places.get(name, len(places)), name), default=None)
    return names_in(first)


def _unique_key(node: Node) -> tuple[str, ...]:
    config = node.get("config") or {}
    if node.get("resource_type") == "snapshot":
        # The config's unique_key names the entity, which a snapshot holds once per version.
        renamed = (config.get("snapshot_meta_column_names") or {}).get("dbt_scd_id")
        return (str(renamed or "dbt_scd_id"),)
    names = names_in(config.get("unique_key"))
    return names if all(_PLAIN_NAME.fullmatch(name) for name in names) else ()


def _tests_by_node(manifest: Mapping[str, Any]) -> dict[str, list[Node]]:
    tests: dict[str, list[Node]] = {}
    for _, node in sorted((manifest.get("nodes") or {}).items()):
        attached = node.get("attached_node")
        has_condition = bool((node.get("config") or {}).get("where"))
        if node.get("resource_type") == "test" and attached and not has_condition:
            tests.setdefault(attached, []).append(node)
    return tests


def _kwargs(test: Node) -> Mapping[str, Any]:
    return (test.get("test_metadata") or {}).get("kwargs") or {}


def _test_name(test: Node) -> str:
    return str((test.get("test_metadata") or {}).get("name") or "")
