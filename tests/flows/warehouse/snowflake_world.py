"""A target in the stand-in for Snowflake: two schemas of its own, the real connector, the real adapter."""

import itertools
from contextlib import closing
from types import TracebackType
from typing import Any, Self

from flows.warehouse.snowflake import SnowflakeWarehouse
from flows.warehouse.snowflake_dialect import quote
from flows.warehouse.snowflake_errors import Facts
from flows.warehouse.snowflake_session import Access
from tests.snowflake.stand_in import StandIn

_numbers = itertools.count(1)


class SnowflakeWorld:
    """Implements `tests.flows.warehouse.world.World`. `role` is the role of the flow."""

    def __init__(self, stand_in: StandIn, *, role: str = "ACCOUNTADMIN") -> None:
        number = next(_numbers)
        self.stand_in = stand_in
        self.role = role
        self.production, self.staging = f"DWH_{number}", f"DEVELOP_DWH_{number}"
        self._connection: Any = None

    def __enter__(self) -> Self:
        self._connection = self.stand_in.connect()
        self.execute("CREATE SCHEMA {p}", "CREATE SCHEMA {s}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.execute("DROP SCHEMA IF EXISTS {p}", "DROP SCHEMA IF EXISTS {s}")
        self._connection.close()

    def facts(self, **changes: Any) -> Facts:
        """What the warehouse knows of its connection."""
        known = {
            "account": "stand_in",
            "user": "WAP",
            "role": self.role,
            "warehouse": self.stand_in.warehouse,
            "database": self.stand_in.database,
            "production": self.production,
            "staging": self.staging,
            "timeout_seconds": 60.0,
        }
        return Facts(**known | changes)

    def warehouse(self, *, run: str = "test", **login: Any) -> SnowflakeWarehouse:
        """A warehouse that is not open yet."""
        arguments = self.stand_in.connection_options | {"role": self.role} | login
        return SnowflakeWarehouse(Access(lambda: arguments, self.facts(), tag=f"wap:{run}"))

    def execute(self, *statements: str) -> None:
        """Run statements as an administrator. `{p}` and `{s}` stand for the schemas."""
        self.rows(*statements)

    def rows(self, *statements: str) -> list[tuple[Any, ...]]:
        """The same; gives the rows of the last."""
        found: list[tuple[Any, ...]] = []
        home = quote(self.stand_in.database)
        for statement in statements:
            text = statement.replace("{p}", f"{home}.{quote(self.production)}")
            with closing(self._connection.cursor()) as cursor:
                found = cursor.execute(text.replace("{s}", f"{home}.{quote(self.staging)}")).fetchall()
        return found
