"""What dbt's manifest says about a table: its primary key, and which columns are masked."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from flows.diff.settings import EVERY_COLUMN, Key

Node = Mapping[str, Any]
_TABLES = {"model", "seed", "snapshot"}
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
    for unique_id, node in _tables(manifest):
        found = _key(node, tests.get(unique_id, ()))
        if found:
            keys.setdefault(_name(node), found)
    return keys


def find_masked(manifest: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """The masked columns of every table that has some, by table name; EVERY_COLUMN stands for all of them.

    A column is masked by `meta: {wap: {mask: true}}` on it; the same on a model masks all its columns, a list
    there masks the columns it names. Both `meta` and `config.meta` are read.
    """
    masked: dict[str, frozenset[str]] = {}
    for _, node in _tables(manifest):
        columns = frozenset(_masked_columns(node))
        if columns:
            masked[_name(node)] = masked.get(_name(node), frozenset()) | columns
    return masked


def _key(node: Node, tests: Iterable[Node]) -> Key | None:
    tests = tuple(tests)
    sources: tuple[tuple[str, Callable[[], tuple[str, ...]]], ...] = (
        ("meta.wap.key", lambda: _names(_wap(node).get("key"))),
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
            return _names(constraint["columns"])
    return _names(
        [
            name
            for name, column in _columns(node).items()
            if any(constraint.get("type") == "primary_key" for constraint in column.get("constraints") or ())
        ]
    )


def _combined(tests: Iterable[Node]) -> tuple[str, ...]:
    for test in tests:
        kwargs = _kwargs(test)
        columns = kwargs.get("combination_of_columns")
        if columns is None and "unique_combination_of_columns" in _test_name(test):
            columns = kwargs.get("columns") or kwargs.get("column_list")
        if names := _names(columns):
            return names
    return ()


def _unique_and_not_null(node: Node, tests: tuple[Node, ...]) -> tuple[str, ...]:
    unique, not_null = (
        [str(_kwargs(test).get("column_name") or "") for test in tests if _test_name(test) == name]
        for name in ("unique", "not_null")
    )
    both = [name for name in unique if name in not_null]
    documented = list(_columns(node))
    plain = [name for name in both if name in documented or _PLAIN_NAME.fullmatch(name.strip('"`'))]
    places = {name: place for place, name in enumerate(documented)}
    first = min(plain, key=lambda name: (places.get(name, len(places)), name), default=None)
    return _names(first)


def _unique_key(node: Node) -> tuple[str, ...]:
    config = node.get("config") or {}
    if node.get("resource_type") == "snapshot":
        # The config's unique_key names the entity, which a snapshot holds once per version.
        renamed = (config.get("snapshot_meta_column_names") or {}).get("dbt_scd_id")
        return (str(renamed or "dbt_scd_id"),)
    names = _names(config.get("unique_key"))
    return names if all(_PLAIN_NAME.fullmatch(name) for name in names) else ()


def _masked_columns(node: Node) -> Iterator[str]:
    whole = _wap(node).get("mask")
    if isinstance(whole, list | str):
        yield from _names(whole)
    elif whole:
        yield EVERY_COLUMN
    for name, column in _columns(node).items():
        if _wap(column).get("mask"):
            yield name.strip('"`')


def _tables(manifest: Mapping[str, Any]) -> Iterator[tuple[str, Node]]:
    for unique_id, node in sorted((manifest.get("nodes") or {}).items()):
        is_ephemeral = (node.get("config") or {}).get("materialized") == "ephemeral"
        if node.get("resource_type") in _TABLES and not is_ephemeral:
            yield unique_id, node


def _tests_by_node(manifest: Mapping[str, Any]) -> dict[str, list[Node]]:
    tests: dict[str, list[Node]] = {}
    for _, node in sorted((manifest.get("nodes") or {}).items()):
        attached = node.get("attached_node")
        has_condition = bool((node.get("config") or {}).get("where"))
        if node.get("resource_type") == "test" and attached and not has_condition:
            tests.setdefault(attached, []).append(node)
    return tests


def _wap(node: Node) -> Mapping[str, Any]:
    """What `meta.wap` says, `config.meta` over `meta`."""
    metas = (node.get("meta") or {}, (node.get("config") or {}).get("meta") or {})
    merged: dict[str, Any] = {}
    for meta in metas:
        wap = meta.get("wap")
        merged |= wap if isinstance(wap, Mapping) else {}
    return merged


def _columns(node: Node) -> Mapping[str, Node]:
    return node.get("columns") or {}


def _kwargs(test: Node) -> Mapping[str, Any]:
    return (test.get("test_metadata") or {}).get("kwargs") or {}


def _test_name(test: Node) -> str:
    return str((test.get("test_metadata") or {}).get("name") or "")


def _name(node: Node) -> str:
    return str(node.get("alias") or node.get("name"))


def _names(value: object) -> tuple[str, ...]:
    """One name or a list of names, without the quotes that SQL would need."""
    names = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    return tuple(str(name).strip().strip('"`') for name in names if str(name).strip())
