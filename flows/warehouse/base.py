"""What the flow asks of a warehouse: the Protocol, its values, and the Dialect of its SQL."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, Literal, Protocol, Self

from flows.contract import Column, Finding, Ledger, Statement

MARKER_TABLE = "_wap_release"
"""Lies in every released schema and travels with the publish: which run put this data here."""


class Environment(StrEnum):
    """The two sides of a target."""

    STAGING = "staging"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view of one environment. `name` is relative to the schema, in the catalog's exact case.

    `home` is empty, or production's schema where that is not the target's first one; `name` is then `home.name`, on
    both sides.
    """

    name: str
    kind: Literal["table", "view"]
    columns: tuple[Column, ...]
    home: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """The content of the marker: which run published which data, when (ISO 8601, UTC)."""

    run: str
    digest: str
    at: str


@dataclass(frozen=True, slots=True)
class PartlyReleased:
    """A publish that was interrupted between the schemas of a target: `holding` has the release, `waiting` not yet.

    Both are schemas of production.
    """

    release: Release
    holding: tuple[str, ...]
    waiting: tuple[str, ...]


class WarehouseError(Exception):
    """The warehouse could not do what was asked; the text says what did not happen, why, and what to do."""


class Dialect(Protocol):
    """What differs between the warehouses' SQL. Everything else is written once, in the common subset."""

    def quote(self, identifier: str) -> str:
        """The identifier, quoted, whatever it contains."""

    def row_hash(self, expressions: Sequence[str]) -> str:
        """SQL of a 64-bit hash over the expressions of one row; NULLs count."""

    def fingerprint(self, expressions: Sequence[str]) -> str:
        """SQL of an aggregate over rows that does not depend on their order and counts duplicates."""

    def plain(self, expression: str, type_name: str) -> str:
        """SQL of a comparable value, so that `=`, joins and groups tell every two values apart."""

    def hashable(self, expression: str, type_name: str) -> str:
        """SQL of what a hash must take of a comparable value, so that different values hash differently."""

    def telling_text(self, expression: str, type_name: str) -> str:
        """SQL of a text that tells apart the values of a type that is not comparable, NULL staying NULL."""

    def as_text(self, expression: str, type_name: str) -> str:
        """SQL of the value as text, NULL staying NULL."""

    def is_float(self, type_name: str) -> bool:
        """Whether the type holds binary floating point numbers, which tolerances apply to."""

    def is_comparable(self, type_name: str) -> bool:
        """Whether `=` and hashes mean anything for the type."""


class Warehouse(Protocol):
    """A warehouse that holds staging and production: a pair of schemas, or several that are published together.

    Where there are several, a relation of a further pair has production's schema in its name, see `Relation`.

    It is a context manager: opened late and closed early, because an embedded warehouse lets only one process
    write at a time. Everything here is safe to call again after any error.
    """

    @property
    def dialect(self) -> Dialect: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def table(self, env: Environment, name: str) -> str:
        """The quoted, qualified name to use in SQL."""

    def relations(self, env: Environment) -> tuple[Relation, ...]:
        """Tables and views of the environment by name, without the marker; empty if the schema does not exist."""

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one reading statement. Raises WarehouseError."""

    def refresh_staging(self) -> None:
        """Make staging a copy of production, so that incremental models and snapshots continue from what is
        published, and what dbt does not build is not missing. Creates the schemas that do not exist."""

    def preflight(self) -> tuple[Finding, ...]:
        """What would make a publish unsafe or incomplete, found before anyone is asked."""

    def secrets(self) -> frozenset[str]:
        """Names of columns that the warehouse itself keeps from some readers, in any relation of either side; `*` where
        nobody knows. Raises WarehouseError."""

    def exchange(self, release: Release, guard: Callable[[], None]) -> tuple[Statement, ...]:
        """Swap the contents of staging and production as one unit and leave the marker in production.

        `guard` runs at the last moment at which nothing has changed yet, inside the same transaction where the
        warehouse has one; if it raises, nothing changes and the exception passes through. A warehouse that can only
        swap one schema after the other completes what `partly_released` tells of; `guard` is asked before that, too.
        """

    def released(self, env: Environment) -> Release | None:
        """The marker of the environment, or None. Where there are several schemas it is that of the first one, which
        changes last: production has the release once this names it."""

    def partly_released(self) -> PartlyReleased | None:
        """The publish that got only to some of production's schemas, by their markers; None if there is none."""

    def keeps_dropped_staging(self) -> bool:
        """Whether the warehouse can bring back a staging that was dropped. Raises WarehouseError."""

    def ledger(self) -> Ledger | None:
        """What the exchange of this opening has cost and what it did to who may read production; None if there was
        none, or if the warehouse keeps no such books. Raises WarehouseError."""
