"""A target in the stand-in for Snowflake: two schemas of its own, the real connector, the real adapter."""

import itertools
from contextlib import closing
from types import TracebackType
from typing import Any, Self

from flows.contract import SchemaPair
from flows.warehouse.snowflake.dialect import quote
from flows.warehouse.snowflake.errors import Facts
from flows.warehouse.snowflake.session import Access
from flows.warehouse.snowflake.warehouse import SnowflakeWarehouse
from tests.snowflake.stand_in import StandIn

_numbers = itertools.count(1)


class SnowflakeWorld:
    """Implements `tests.flows.warehouse.world.World`. `role` is the role of the flow: it owns both schemas and makes
    what is in them."""

    def __init__(self, stand_in: StandIn, *, role: str = "ACCOUNTADMIN", is_twofold: bool = False) -> None:
        number = next(_numbers)
        self.stand_in = stand_in
        self.role = role
        self.audit_role = ""
        self.production, self.staging = f"DWH_{number}", f"DEVELOP_DWH_{number}"
        further = SchemaPair(production=f"{self.production}_MARTS", staging=f"{self.staging}_MARTS")
        self.further: tuple[SchemaPair, ...] = (further,) if is_twofold else ()
        self._connection: Any = None

    @property
    def home(self) -> str:
        """Production's further schema."""
        return self.further[0].production

    def __enter__(self) -> Self:
        if self.role != "ACCOUNTADMIN":
            self.stand_in.run(
                f"CREATE ROLE IF NOT EXISTS {self.role}",
                f"GRANT ROLE {self.role} TO USER WAP",
                f"GRANT USAGE, CREATE SCHEMA ON DATABASE {self.stand_in.database} TO ROLE {self.role}",
                f"GRANT USAGE ON WAREHOUSE {self.stand_in.warehouse} TO ROLE {self.role}",
            )
        self._connection = self.stand_in.connect(role=self.role)
        self.execute("CREATE SCHEMA {p}", "CREATE SCHEMA {s}")
        if self.further:
            self.execute("CREATE SCHEMA {P}", "CREATE SCHEMA {S}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stand_in.faults.clear()
        self.as_role("ACCOUNTADMIN", "DROP SCHEMA IF EXISTS {p}", "DROP SCHEMA IF EXISTS {s}")
        if self.further:
            self.as_role("ACCOUNTADMIN", "DROP SCHEMA IF EXISTS {P}", "DROP SCHEMA IF EXISTS {S}")
        self._connection.close()

    def facts(self, **changes: Any) -> Facts:
        """What the warehouse knows of its connection."""
        known: dict[str, Any] = {
            "account": "stand_in",
            "user": "WAP",
            "role": self.role,
            "warehouse": self.stand_in.warehouse,
            "database": self.stand_in.database,
            "production": self.production,
            "staging": self.staging,
            "timeout_seconds": 60.0,
            "further": self.further,
            "audit_role": self.audit_role,
        }
        return Facts(**known | changes)

    def warehouse(self, *, run: str = "test", **login: Any) -> SnowflakeWarehouse:
        """A warehouse that is not open yet."""
        arguments = self.stand_in.connection_options | {"role": self.role} | login
        return SnowflakeWarehouse(Access(lambda: arguments, self.facts(), tag=f"wap:{run}"))

    def execute(self, *statements: str) -> None:
        """Run statements as the flow's role. `{p}` and `{s}` stand for the schemas."""
        self.rows(*statements)

    def rows(self, *statements: str) -> list[tuple[Any, ...]]:
        """The same; gives the rows of the last."""
        found: list[tuple[Any, ...]] = []
        for statement in statements:
            with closing(self._connection.cursor()) as cursor:
                found = cursor.execute(self.filled(statement)).fetchall()
        return found

    def as_role(self, role: str, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements as somebody else; gives the rows of the last. Raises what the connector raises."""
        return self.stand_in.run(*(self.filled(statement) for statement in statements), role=role)

    def filled(self, statement: str) -> str:
        """The statement with the schemas in it."""
        home = quote(self.stand_in.database)
        for pair in self.further:
            statement = statement.replace("{P}", f"{home}.{quote(pair.production)}")
            statement = statement.replace("{S}", f"{home}.{quote(pair.staging)}")
        text = statement.replace("{p}", f"{home}.{quote(self.production)}")
        return text.replace("{s}", f"{home}.{quote(self.staging)}")
