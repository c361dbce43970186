"""Pure: which table or view of a file a typed name means."""

from collections.abc import Sequence

from flows.warehouse.duckdb_catalog import key as folded
from flows.warehouse.duckdb_reader import Place
from wap.diff.asked import NotCompared
from wap.diff.names import either, suggestion, table_name, written

_DEFAULT_SCHEMA = "main"
_LISTED = 5


def find_place(places: Sequence[Place], typed: str) -> Place:
    """The one place that is meant. A name without a schema is looked for in `main`, then in every schema."""
    parts = table_name(typed)
    found = [place for place in places if _is_named(place, parts)]
    if len(found) > 1:
        found = [place for place in found if place.schema == _DEFAULT_SCHEMA] or found
    match found:
        case [place]:
            return place
        case []:
            raise NotCompared(_unknown(places, typed))
        case _:
            choice = either(address(place) for place in found)
            raise NotCompared(f"Not compared. `{typed}` is in {len(found)} schemas. Name one of them: {choice}.")


def address(place: Place) -> str:
    """The place's name with its schema, as it can be typed."""
    return written(place.schema, place.name)


def _is_named(place: Place, parts: tuple[str, ...]) -> bool:
    names = (place.schema, place.name)[-len(parts) :]
    return [folded(name) for name in names] == [folded(part) for part in parts]


def _unknown(places: Sequence[Place], typed: str) -> str:
    says = f"Not compared. The file has no table or view `{typed}`."
    if not places:
        return f"{says} It has none at all; name another file."
    listed = ", ".join(f"`{address(place)}`" for place in places[:_LISTED])
    more = f" and {len(places) - _LISTED} more" if len(places) > _LISTED else ""
    parts = table_name(typed)
    elsewhere = [place for place in places if folded(place.name) in (folded(parts[-1]), folded(typed))]
    if elsewhere:
        return f"{says} Did you mean {either(address(place) for place in elsewhere[:3])}?"
    known = ((address(place) if len(parts) > 1 else place.name, address(place)) for place in places)
    near = suggestion(written(*parts), known)
    return f"{says} {near or f'It has {listed}{more}.'}"
