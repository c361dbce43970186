"""Pure: the columns that were typed, checked against the two tables, so that a slip of the pen is told."""

from flows.diff.settings import EVERY_COLUMN
from flows.warehouse.base import Relation
from wap.diff.asked import NotCompared
from wap.diff.names import missing, suggestion, written


def check_key(key: tuple[str, ...], production: Relation, staging: Relation) -> None:
    """Raises NotCompared if a column of the key is not on both sides."""
    for side, relation in (("production", production), ("staging", staging)):
        known = _names(relation)
        if (name := missing(key, known)) is not None:
            raise NotCompared(
                f"Not compared. {side.capitalize()} has no column `{name}` for the key. {_next(name, known)}"
            )


def check_named(names: tuple[str, ...], production: Relation, staging: Relation, *, option: str) -> None:
    """Raises NotCompared if a column is on neither side. `*` means all of them."""
    known = tuple(dict.fromkeys((*_names(production), *_names(staging), EVERY_COLUMN)))
    if (name := missing(names, known)) is not None:
        raise NotCompared(
            f"Not compared. `{option}` names `{name}`, and neither side has such a column. {_next(name, known[:-1])}"
        )


def check_common(production: Relation, staging: Relation) -> None:
    """Raises NotCompared if the two have no column of the same name."""
    before, after = _names(production), _names(staging)
    if not set(before) & set(after):
        message = (
            f"Not compared. The two have no column in common: production has {_listed(before)}, staging has "
            f"{_listed(after)}. Name two versions of one table."
        )
        raise NotCompared(message)


def _next(name: str, known: tuple[str, ...]) -> str:
    return suggestion(name, ((other, written(other)) for other in known)) or f"It is none of {_listed(known)}."


def _names(relation: Relation) -> tuple[str, ...]:
    return tuple(column.name for column in relation.columns)


def _listed(names: tuple[str, ...], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(f"`{written(name)}`" for name in names[:most]) + more
