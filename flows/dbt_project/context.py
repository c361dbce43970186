"""Pure: what dbt's manifest and the results of its run say about each table."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flows.contract import Exposure, TableContext, TableDiff

Node = Mapping[str, Any]
_TABLES = ("model", "seed", "snapshot")
_AT_MOST = 50
"""How many models, and how many exposures, are named; the rest is counted."""


def with_context(
    tables: Iterable[TableDiff], manifest: Mapping[str, Any], statuses: Mapping[str, str]
) -> tuple[TableDiff, ...]:
    """The tables, each with what dbt knows about it; one that dbt does not know has no context.

    `manifest` is a parsed manifest.json (dbt 1.8 or newer), `statuses` dbt's word per unique id of what ran. Tables
    are found whatever the case of their names.
    """
    tables = tuple(tables)
    names = {table.name.casefold(): table.name for table in tables}
    found = {name.casefold(): context for name, context in _contexts(manifest, statuses, names)}
    return tuple(table.model_copy(update={"context": found.get(table.name.casefold())}) for table in tables)


def _contexts(
    manifest: Mapping[str, Any], statuses: Mapping[str, str], names: Mapping[str, str]
) -> Iterator[tuple[str, TableContext]]:
    tests = _tests(manifest)
    for unique_id, node in sorted(manifest["nodes"].items()):
        if not _is_table(node):
            continue
        readers = tuple(_readers(unique_id, manifest.get("child_map") or {}))
        models = [
            _warehouse_name(manifest["nodes"][reader], names) for reader in readers if _is_model(reader, manifest)
        ]
        exposures = [_exposure(found) for found in map((manifest.get("exposures") or {}).get, readers) if found]
        went = [statuses[test] for test in tests.get(unique_id, ()) if test in statuses]
        yield (
            _name(node),
            TableContext(
                is_built=statuses.get(unique_id) == "success",
                owner=_owner(node, manifest),
                tags=tuple(dict.fromkeys(_texts(node.get("tags")))),
                tests_passed=went.count("pass"),
                tests_warned=went.count("warn"),
                downstream=tuple(models[:_AT_MOST]),
                downstream_left_out=max(0, len(models) - _AT_MOST),
                exposures=tuple(exposures[:_AT_MOST]),
                exposures_left_out=max(0, len(exposures) - _AT_MOST),
            ),
        )


def _readers(unique_id: str, children: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Everything that reads the node, directly or through others; the nearest first, each once."""
    seen, nearest = {unique_id}, [unique_id]
    while nearest:
        readers = sorted({child for node in nearest for child in children.get(node, ())} - seen)
        yield from readers
        seen.update(readers)
        nearest = readers


def _tests(manifest: Mapping[str, Any]) -> dict[str, list[str]]:
    """The tests of each node: those attached to it, and those attached to none that read it."""
    tests: dict[str, list[str]] = {}
    data_tests = [(key, node) for key, node in manifest["nodes"].items() if node["resource_type"] == "test"]
    for unique_id, test in (*data_tests, *(manifest.get("unit_tests") or {}).items()):
        attached = test.get("attached_node")
        for node in [attached] if attached else (test.get("depends_on") or {}).get("nodes") or ():
            tests.setdefault(node, []).append(unique_id)
    return tests


def _is_table(node: Node) -> bool:
    return node["resource_type"] in _TABLES and (node.get("config") or {}).get("materialized") != "ephemeral"


def _is_model(unique_id: str, manifest: Mapping[str, Any]) -> bool:
    node = manifest["nodes"].get(unique_id)
    return node is not None and _is_table(node)


def _name(node: Node) -> str:
    return str(node.get("alias") or node["name"])


def _warehouse_name(node: Node, names: Mapping[str, str]) -> str:
    return names.get(_name(node).casefold(), _name(node))


def _owner(node: Node, manifest: Mapping[str, Any]) -> str:
    """Of the group, else of `meta.owner`; `config.meta` counts more than `meta`, as everywhere in dbt."""
    config = node.get("config") or {}
    group = node.get("group") or config.get("group")
    of_group = [each for each in (manifest.get("groups") or {}).values() if group and each.get("name") == group]
    said = (*(each.get("owner") for each in of_group), *((meta or {}).get("owner") for meta in _metas(node)))
    return next((owner for owner in map(_person, said) if owner), "")


def _metas(node: Node) -> tuple[Any, Any]:
    return (node.get("config") or {}).get("meta"), node.get("meta")


def _person(owner: object) -> str:
    """An owner as dbt projects write one: a text, a list of texts, or a name and an e-mail address, or several."""
    if isinstance(owner, Mapping):
        return ", ".join(_texts(owner.get("name")) or _texts(owner.get("email")))
    return ", ".join(_texts(owner))


def _exposure(node: Node) -> Exposure:
    return Exposure(
        name=str(node.get("label") or node["name"]),
        kind=str(node.get("type") or ""),
        owner=_person(node.get("owner")),
        url=str(node.get("url") or ""),
    )


def _texts(value: object) -> list[str]:
    """One text or a list of texts, without the empty ones."""
    texts = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    return [str(text) for text in texts if str(text).strip()]
