"""Pure: which table or view of a warehouse a typed name means."""

from collections.abc import Sequence

from flows.contract import Target
from flows.warehouse.places import Place, PlaceReader
from wap.diff.asked import NotCompared
from wap.diff.names import either, suggestion, table_name, written

_DEFAULT_SCHEMA = "main"
_LISTED = 5


def find_place(reader: PlaceReader, places: Sequence[Place], typed: str) -> Place:
    """The one place of a file that is meant. A name without a schema is looked for in `main`, then in every schema."""
    parts = table_name(typed)
    found = [place for place in places if _is_named(reader, place, parts)]
    if len(found) > 1:
        found = [place for place in found if place.schema == _DEFAULT_SCHEMA] or found
    match found:
        case [place]:
            return place
        case []:
            raise NotCompared(_unknown(reader, places, typed))
        case _:
            choice = either(address(place) for place in found)
            raise NotCompared(f"Not compared. `{typed}` is in {len(found)} schemas. Name one of them: {choice}.")


def find_both(
    reader: PlaceReader, places: Sequence[Place], target: Target, *, typed: str
) -> tuple[Place | None, Place | None]:
    """The table of a dbt target in production and in staging; it is in one of them at least.

    Where names that differ in case alone are different ones, what SQL and dbt mean without quotes comes first, then
    the name as it was typed.
    """
    sides = tuple(
        [place for place in places if reader.means(schema, place.schema)]
        for schema in (target.production, target.staging)
    )
    meant = {place.name for side in sides for place in side if reader.means(typed, place.name)}
    names = meant or {typed, _bare(typed)}
    production, staging = (next((place for place in side if place.name in names), None) for side in sides)
    if production or staging:
        return production, staging
    near = suggestion(typed, sorted({(place.name, place.name) for side in sides for place in side}))
    message = (
        f"Not compared. Neither `{target.production}` nor `{target.staging}` has a table or view `{typed}`. "
        f"{near or 'Run dbt first, or name another table.'}"
    )
    raise NotCompared(message)


def address(place: Place) -> str:
    """The place's name with its schema, as it can be typed."""
    return written(place.schema, place.name)


def _is_named(reader: PlaceReader, place: Place, parts: tuple[str, ...]) -> bool:
    names = (place.schema, place.name)[-len(parts) :]
    return all(reader.means(part, name) for part, name in zip(parts, names, strict=True))


def _bare(typed: str) -> str:
    """A name in quotes without them."""
    return typed[1:-1].replace('""', '"') if len(typed) > 2 and typed[0] == typed[-1] == '"' else typed


def _unknown(reader: PlaceReader, places: Sequence[Place], typed: str) -> str:
    says = f"Not compared. The file has no table or view `{typed}`."
    if not places:
        return f"{says} It has none at all; name another file."
    listed = ", ".join(f"`{address(place)}`" for place in places[:_LISTED])
    more = f" and {len(places) - _LISTED} more" if len(places) > _LISTED else ""
    parts = table_name(typed)
    elsewhere = [place for place in places if any(reader.means(name, place.name) for name in (parts[-1], typed))]
    if elsewhere:
        return f"{says} Did you mean {either(address(place) for place in elsewhere[:3])}?"
    known = ((address(place) if len(parts) > 1 else place.name, address(place)) for place in places)
    near = suggestion(written(*parts), known)
    return f"{says} {near or f'It has {listed}{more}.'}"
