"""What dbt's manifest says about columns beside the key: which are masked, and which is the event time."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from flows.diff.manifest import Node, columns_of, dbt_tables, names_in, table_name, wap_meta
from flows.diff.settings import EVERY_COLUMN


def find_masked(manifest: Mapping[str, Any], tags: Collection[str] = ()) -> dict[str, frozenset[str]]:
    """The masked columns of every table that has some, by table name; EVERY_COLUMN stands for all of them.

    A column is masked by `meta: {wap: {mask: true}}` on it; the same on a model masks all its columns, a list
    there masks the columns it names. Both `meta` and `config.meta` are read. One of `tags`, in whatever case, on a
    column masks it, on a model all its columns.
    """
    masked: dict[str, frozenset[str]] = {}
    for _, node in dbt_tables(manifest):
        columns = frozenset(_masked_columns(node, frozenset(tag.casefold() for tag in tags)))
        if columns:
            masked[table_name(node)] = masked.get(table_name(node), frozenset()) | columns
    return masked


def find_tags(manifest: Mapping[str, Any]) -> frozenset[str]:
    """Every tag of a table or of a column, folded."""
    nodes = [node for _, node in dbt_tables(manifest)]
    return frozenset().union(*(_tags(part) for node in nodes for part in (node, *columns_of(node).values())))


def find_event_times(manifest: Mapping[str, Any]) -> dict[str, str]:
    """dbt's own config `event_time` of every table that has it, by table name."""
    found: dict[str, str] = {}
    for _, node in dbt_tables(manifest):
        for name in names_in((node.get("config") or {}).get("event_time")):
            found.setdefault(table_name(node), name)
    return found


def _masked_columns(node: Node, tags: frozenset[str]) -> Iterator[str]:
    whole = wap_meta(node).get("mask")
    if isinstance(whole, str) and whole.casefold() in {"true", "yes"}:
        yield EVERY_COLUMN  # YAML in quotes
    elif isinstance(whole, list | str):
        yield from names_in(whole)
    elif whole:
        yield EVERY_COLUMN
    if tags & _tags(node):
        yield EVERY_COLUMN
    for name, column in columns_of(node).items():
        if wap_meta(column).get("mask") or tags & _tags(column):
            yield name.strip('"`')


def _tags(node: Node) -> frozenset[str]:
    """The tags of a model or a column, folded. dbt writes one tag as text, several as a list."""
    both = (node.get("tags"), (node.get("config") or {}).get("tags"))
    return frozenset(tag.casefold() for tags in both for tag in names_in(tags))
