"""Both schemas of a Snowflake target for reading only: their tables and views, and nothing can be made or changed."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

from flows.warehouse.base import Relation, WarehouseError
from flows.warehouse.places import Place
from flows.warehouse.snowflake import errors
from flows.warehouse.snowflake.catalog import Home, folded, read_all_schemas, read_relations
from flows.warehouse.snowflake.dialect import SnowflakeDialect, quote
from flows.warehouse.snowflake.errors import Facts
from flows.warehouse.snowflake.reading import is_one_query, refuse_other
from flows.warehouse.snowflake.session import Access, Session
from flows.warehouse.snowflake.views import pairs_of

_COMPILING: Final = "SQL compilation error"
_CONVERTING: Final = range(100000, 101000)
"""Where Snowflake blames the text: these words, or one of these numbers if a literal is none of its type."""


class SnowflakeReader:
    """Implements `flows.warehouse.places.PlaceReader` for staging and production of `access.facts`."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._session: Session | None = None
        self._found: dict[Place, Relation] = {}
        pair = pairs_of(access.facts)[0]
        self._homes = {home.shown: home for home in (pair.production, pair.staging)}

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
        visible = read_all_schemas(self._open, self._homes.values())
        for home in self._homes.values():
            if home not in visible:
                raise _unseen_schema(home, self._access.facts)
        self._found = {
            Place(schema, relation.name, kind=relation.kind, sql=home.name(relation.name)): relation
            for schema, home in sorted(self._homes.items())
            for relation in read_relations(self._open, home.database, home.schema)
        }
        return tuple(self._found)

    def means(self, typed: str, name: str) -> bool:
        """As in SQL and in dbt: without quotes a name is in upper case, and so is a database before it."""
        home = self._homes.get(name)
        if home is not None and home.label:
            return [folded(part) for part in typed.split(".", 1)] == [home.database, home.schema]
        return folded(typed) == name

    def relation(self, place: Place) -> Relation:
        """The table or view with its columns, as it was when `places` was asked."""
        return self._found[place]

    def primary_key(self, place: Place) -> tuple[str, ...]:
        """The columns of the PRIMARY KEY, which Snowflake lists and does not enforce; empty if there is none.

        The whole schema is asked: dynamic and external tables are no TABLE to this command, and have no key.
        https://docs.snowflake.com/en/sql-reference/sql/show-primary-keys
        """
        home = self._homes[place.schema]
        found = self._open.table(f"SHOW PRIMARY KEYS IN SCHEMA {quote(home.database)}.{quote(home.schema)}")
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


def _unseen_schema(home: Home, facts: Facts) -> WarehouseError:
    return WarehouseError(
        f"Nothing was read. There is no schema `{home.schema}` in the database `{home.database}`, or {_role(facts)} "
        "may not see it. Grant USAGE on it, or start a run, which makes it."
    )


def _role(facts: Facts) -> str:
    return f"the role `{facts.role}`" if facts.role else "this role"
