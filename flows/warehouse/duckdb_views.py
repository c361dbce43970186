"""Which views of a schema move, in which order, and the statements that move them. Pure text."""

import graphlib
from collections.abc import Iterable, Iterator

from flows.warehouse.base import WarehouseError
from flows.warehouse.duckdb_catalog import Schema, View, key
from flows.warehouse.duckdb_ddl import create_view
from flows.warehouse.duckdb_tables import comments, qualified
from flows.warehouse.views import ViewUnreadable, relations_named


def moved(view: View, *, home: str, schema: str, catalog: str) -> str:
    """CREATE VIEW for the schema: what it reads in its `home` it reads there in `schema`. Raises WarehouseError."""
    try:
        return create_view(view.sql, home=home, schema=schema, name=view.name, catalog=catalog)
    except ViewUnreadable as error:
        raise WarehouseError(
            f"Nothing was changed. The SQL of view `{home}.{view.name}` cannot be read, so it cannot be moved. "
            "Write the view more plainly, or make it a table."
        ) from error


def is_readable(view: View) -> bool:
    """Whether the view's SQL can be parsed, and so be moved."""
    try:
        relations_named(view.sql, "duckdb")
    except ViewUnreadable:
        return False
    return True


def same_views(one: Schema, other: Schema, *, catalog: str) -> frozenset[str]:
    """Folded names of the views that are the same in both schemas, each reading its own."""
    return frozenset(
        name
        for name in one.views.keys() & other.views.keys()
        if _definition(one, name, catalog=catalog) == _definition(other, name, catalog=catalog)
    )


def drop_views(schema: Schema, keep: frozenset[str]) -> Iterator[str]:
    """DROP VIEW for all but those kept."""
    for name, view in schema.views.items():
        if name not in keep:
            yield f"DROP VIEW {qualified(schema.name, view.name)}"


def create_views(source: Schema, *, schema: str, leave_out: Iterable[str], catalog: str) -> Iterator[str]:
    """The views of `source` for another schema, each behind those that it reads."""
    left_out = frozenset(leave_out)
    for view in in_order(source, schema=schema):
        if key(view.name) not in left_out:
            yield moved(view, home=source.name, schema=schema, catalog=catalog)
            yield from comments(view.comments, schema=schema)


def _definition(schema: Schema, name: str, *, catalog: str) -> tuple[object, ...]:
    view = schema.views[name]
    text = moved(view, home=schema.name, schema="", catalog=catalog) if is_readable(view) else view.sql
    return (view.name, text, view.comments)


def in_order(source: Schema, *, schema: str) -> tuple[View, ...]:
    """The views of `source`, each behind those that it will read once they are in `schema`.

    Raises WarehouseError if they would read each other in a circle.
    """
    readable = {name: view for name, view in source.views.items() if is_readable(view)}
    graph = {name: sorted(_will_read(source, view, schema=schema)) for name, view in readable.items()}
    try:
        ordered = tuple(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as error:
        circle = ", ".join(f"`{source.views[name].name}`" for name in dict.fromkeys(error.args[1]))
        raise WarehouseError(
            f"Nothing was changed. In `{schema}` the views {circle} of `{source.name}` would read themselves, because "
            f"they name `{schema}`. Let them read `{source.name}`."
        ) from error
    unreadable = tuple(view for name, view in source.views.items() if name not in readable)
    return (*(source.views[name] for name in ordered), *unreadable)


def _will_read(source: Schema, view: View, *, schema: str) -> set[str]:
    """Folded names of the views that it reads after the move."""
    homes = ("", key(source.name), key(schema))
    named = {name for home, name in relations_named(view.sql, "duckdb") if home in homes}
    return named & source.views.keys()
