"""Tables and views wherever they lie, for reading only: what `wap diff` asks of a warehouse."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Protocol, Self

from flows.warehouse.base import Dialect, Relation


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table or view is. Names are in the catalog's exact case; `sql` is how SQL names it."""

    schema: str
    name: str
    kind: Literal["table", "view"]
    sql: str


class PlaceReader(Protocol):
    """Reads places and can make or change nothing. Entered with `with`; everything raises WarehouseError."""

    @property
    def dialect(self) -> Dialect:
        """The warehouse's SQL."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement that only reads. Raises WarehouseError, also if it would write."""

    def places(self) -> tuple[Place, ...]:
        """Every table and view within reach, by schema and name."""

    def means(self, typed: str, name: str) -> bool:
        """Whether a name that is typed without quotes means this name of the catalog."""

    def relation(self, place: Place) -> Relation:
        """The table or view with its columns."""

    def primary_key(self, place: Place) -> tuple[str, ...]:
        """The columns of the table's PRIMARY KEY constraint in its order; empty if it has none."""

    def objection(self, sql: str) -> str | None:
        """Why the text is not one statement that this warehouse can read by, in its own words; None if it is."""

    def unseen(self) -> str:
        """What a reader should know where only one side has the table; empty if nothing can be hidden."""
