"""How dbt's manifest is read: its tables, their columns and names, and what `meta.wap` says."""

from collections.abc import Iterator, Mapping
from typing import Any

Node = Mapping[str, Any]
_BUILT = {"model", "seed", "snapshot"}


def dbt_tables(manifest: Mapping[str, Any]) -> Iterator[tuple[str, Node]]:
    """Every node that becomes a table or view, with its unique id, in the order of the ids."""
    for unique_id, node in sorted((manifest.get("nodes") or {}).items()):
        is_ephemeral = (node.get("config") or {}).get("materialized") == "ephemeral"
        if node.get("resource_type") in _BUILT and not is_ephemeral:
            yield unique_id, node


def columns_of(node: Node) -> Mapping[str, Node]:
    """The documented columns by name."""
    return node.get("columns") or {}


def table_name(node: Node) -> str:
    """The name in the warehouse: the alias."""
    return str(node.get("alias") or node.get("name"))


def wap_meta(node: Node) -> Mapping[str, Any]:
    """What `meta.wap` says, `config.meta` over `meta`."""
    metas = (node.get("meta") or {}, (node.get("config") or {}).get("meta") or {})
    merged: dict[str, Any] = {}
    for meta in metas:
        wap = meta.get("wap")
        merged |= wap if isinstance(wap, Mapping) else {}
    return merged


def names_in(value: object) -> tuple[str, ...]:
    """One name or a list of names, without the quotes that SQL would need."""
    names = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    return tuple(str(name).strip().strip('"`') for name in names if str(name).strip())
