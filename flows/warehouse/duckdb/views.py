"""Which views of some schemas move, in which order, and the statements that move them. Pure text."""

import graphlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flows.warehouse.base import WarehouseError
from flows.warehouse.duckdb.catalog import Schema, View, key
from flows.warehouse.duckdb.ddl import create_view
from flows.warehouse.duckdb.tables import comments, qualified
from flows.warehouse.views import ViewUnreadable, relations_named


@dataclass(frozen=True, slots=True)
class Move:
    """The views of `source` go to the schema `into`, all but those (folded) that are left out."""

    source: Schema
    into: str
    leave_out: frozenset[str] = frozenset()


def is_readable(view: View) -> bool:
    """Whether the view's SQL can be parsed, and so be moved."""
    try:
        relations_named(view.sql, "duckdb")
    except ViewUnreadable:
        return False
    return True


def same_views(pairs: Sequence[tuple[Schema, Schema]], *, catalog: str) -> tuple[frozenset[str], ...]:
    """Of each pair, the folded names of the views that are the same in both schemas, each reading its own side."""
    neutral = ["", *(f"\0{place}" for place in range(1, len(pairs)))]
    names = [{pair[side].name: name for pair, name in zip(pairs, neutral, strict=True)} for side in (0, 1)]
    return tuple(
        frozenset(
            name
            for name in one.views.keys() & other.views.keys()
            if _definition(one.views[name], one, names[0], catalog=catalog)
            == _definition(other.views[name], other, names[1], catalog=catalog)
        )
        for one, other in pairs
    )


def drop_views(schema: Schema, keep: frozenset[str]) -> Iterator[str]:
    """DROP VIEW for all but those kept."""
    for name, view in schema.views.items():
        if name not in keep:
            yield f"DROP VIEW {qualified(schema.name, view.name)}"


def create_views(moves: Sequence[Move], *, catalog: str) -> Iterator[str]:
    """The views in their new schemas, each behind those that it reads. Raises WarehouseError."""
    schemas = {move.source.name: move.into for move in moves}
    for move, view in in_order(moves):
        if key(view.name) not in move.leave_out:
            yield _moved(view, move.source, schemas, catalog=catalog)
            yield from comments(view.comments, schema=move.into)


def in_order(moves: Sequence[Move]) -> tuple[tuple[Move, View], ...]:
    """The views of all moves, each behind those that it will read once they are there.

    Raises WarehouseError if they would read each other in a circle.
    """
    views = {(place, name): view for place, move in enumerate(moves) for name, view in move.source.views.items()}
    readable = {which: view for which, view in views.items() if is_readable(view)}
    homes = {key(name): place for place, move in enumerate(moves) for name in (move.source.name, move.into)}
    graph = {which: sorted(_will_read(view, homes, views, at=which[0])) for which, view in readable.items()}
    try:
        ordered = tuple(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as error:
        raise _circle([(moves[place], views[place, name]) for place, name in dict.fromkeys(error.args[1])]) from error
    unreadable = (which for which in views if which not in readable)
    return tuple((moves[which[0]], views[which]) for which in (*ordered, *unreadable))


def _circle(views: Sequence[tuple[Move, View]]) -> WarehouseError:
    move = views[0][0]
    circle = ", ".join(f"`{view.name}`" for _, view in views)
    return WarehouseError(
        f"Nothing was changed. In `{move.into}` the views {circle} of `{move.source.name}` would read themselves, "
        f"because they name `{move.into}`. Let them read `{move.source.name}`."
    )


def _definition(view: View, home: Schema, schemas: Mapping[str, str], *, catalog: str) -> tuple[object, ...]:
    text = _moved(view, home, schemas, catalog=catalog) if is_readable(view) else view.sql
    return (view.name, text, view.comments)


def _moved(view: View, home: Schema, schemas: Mapping[str, str], *, catalog: str) -> str:
    """CREATE VIEW where its home moves to: what it reads in one of `schemas` it reads there. Raises WarehouseError."""
    try:
        return create_view(view.sql, schemas=schemas, schema=schemas[home.name], name=view.name, catalog=catalog)
    except ViewUnreadable as error:
        raise WarehouseError(
            f"Nothing was changed. The SQL of view `{home.name}.{view.name}` cannot be read, so it cannot be moved. "
            "Write the view more plainly, or make it a table."
        ) from error


def _will_read(
    view: View, homes: Mapping[str, int], views: Mapping[tuple[int, str], View], *, at: int
) -> set[tuple[int, str]]:
    """The views that it reads after the move; what names no schema is in its own."""
    named = {(homes.get(home) if home else at, name) for home, name in relations_named(view.sql, "duckdb")}
    return {(place, name) for place, name in named if place is not None and (place, name) in views}
