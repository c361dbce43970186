"""Both schemas of a Snowflake target for reading only: their tables and views, and nothing can be made or changed."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

from flows.warehouse.base import Relation, WarehouseError
from flows.warehouse.places import Place
from flows.warehouse.snowflake import errors
from flows.warehouse.snowflake.catalog import folded, qualified, read_relations, read_schemas
from flows.warehouse.snowflake.dialect import SnowflakeDialect, quote
from flows.warehouse.snowflake.errors import Facts
from flows.warehouse.snowflake.reading import is_one_query, refuse_other
from flows.warehouse.snowflake.session import Access, Session

_COMPILING: Final = "SQL compilation error"
_CONVERTING: Final = range(100000, 101000)
"""Where Snowflake blames the text: these words, or one of these numbers if a literal is none of its type."""


class SnowflakeReader:
    """Implements `flows.warehouse.places.PlaceReader` for staging and production of `access.facts`."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._session: Session | None = None
        self._found: dict[Place, Relation] = {}

    @property
    def dialect(self) -> SnowflakeDialect:
        """Snowflake's SQL."""
        return SnowflakeDialect()

    def __enter__(self) -> Self:
        session = Session(self._access)
        session.open()
        self._session = session
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._session, self._found = self._session, None, {}
        if session is not None:
            session.close()

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement that only reads, with `?` parameters. Raises WarehouseError, also if it would write."""
        refuse_other(sql)
        return self._open.query(sql, parameters)

    def places(self) -> tuple[Place, ...]:
        """Every table and view of both schemas that this role may see. Raises WarehouseError."""
        facts = self._access.facts
        visible = read_schemas(self._open, facts.database)
        for schema in (facts.production, facts.staging):
            if schema not in visible:
                raise _unseen_schema(schema, facts)
        self._found = {
            Place(schema, relation.name, kind=relation.kind, sql=qualified(facts.database, schema, relation.name)): (
                relation
            )
            for schema in sorted((facts.production, facts.staging))
            for relation in read_relations(self._open, facts.database, schema)
        }
        return tuple(self._found)

    def means(self, typed: str, name: str) -> bool:
        """As in SQL and in dbt: without quotes a name is in upper case."""
        return folded(typed) == name

    def relation(self, place: Place) -> Relation:
        """The table or view with its columns, as it was when `places` was asked."""
        return self._found[place]

    def primary_key(self, place: Place) -> tuple[str, ...]:
        """The columns of the PRIMARY KEY, which Snowflake lists and does not enforce; empty if there is none.

        The whole schema is asked: dynamic and external tables are no TABLE to this command, and have no key.
        https://docs.snowflake.com/en/sql-reference/sql/show-primary-keys
        """
        home = f"{quote(self._access.facts.database)}.{quote(place.schema)}"
        found = self._open.table(f"SHOW PRIMARY KEYS IN SCHEMA {home}")
        own = sorted(
            (row for row in found if row["table_name"] == place.name), key=lambda row: int(row["key_sequence"])
        )
        return tuple(str(row["column_name"]) for row in own)

    def unseen(self) -> str:
        """Snowflake hides what a role has no privilege on."""
        return f"Only what {_role(self._access.facts)} may see was looked at; the other side may have this table, too."

    def objection(self, sql: str) -> str | None:
        """Why Snowflake will not compile the text as one reading statement; None if it will.

        With LIMIT 0 nothing of a table is read. Raises WarehouseError if something else than the text is wrong.
        """
        if not is_one_query(sql):
            return "it is more than one statement."
        try:
            self._open.rows(f"{sql}\nLIMIT 0")
        except WarehouseError as error:
            cause = error.__cause__
            if cause is None or not _blames_the_text(cause):
                raise
            return f"{errors.reason(cause)}."
        return None

    @property
    def _open(self) -> Session:
        if self._session is None:
            raise errors.not_open()
        return self._session


def _blames_the_text(error: BaseException) -> bool:
    return _COMPILING in str(error) or getattr(error, "errno", None) in _CONVERTING


def _unseen_schema(schema: str, facts: Facts) -> WarehouseError:
    return WarehouseError(
        f"Nothing was read. There is no schema `{schema}` in the database `{facts.database}`, or {_role(facts)} may "
        "not see it. Grant USAGE on it, or start a run, which makes it."
    )


def _role(facts: Facts) -> str:
    return f"the role `{facts.role}`" if facts.role else "this role"
