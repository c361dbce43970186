"""A target in the stand-in for Snowflake whose staging is a database of its own."""

from contextlib import closing
from types import TracebackType
from typing import Any, Self

from flows.contract import SchemaPair
from flows.warehouse.snowflake.errors import Facts
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.snowflake.stand_in import StandIn


class DatabaseWorld(SnowflakeWorld):
    """Implements `tests.flows.warehouse.world.World`. Production's database has the name of its first schema, and so
    has staging's: nothing may depend on names that differ. `role` owns both databases and makes what is in them."""

    def __init__(self, stand_in: StandIn, *, role: str = "ACCOUNTADMIN", is_twofold: bool = False) -> None:
        super().__init__(stand_in, role=role)
        self.database, self.staging_database = self.production, self.staging
        self.staging = f"{self.staging_database}.{self.production}"
        marts = f"{self.production}_MARTS"
        further = SchemaPair(production=marts, staging=f"{self.staging_database}.{marts}")
        self.further = (further,) if is_twofold else ()

    def __enter__(self) -> Self:
        if self.role != "ACCOUNTADMIN":
            self.stand_in.run(
                f"CREATE ROLE IF NOT EXISTS {self.role}",
                f"GRANT ROLE {self.role} TO USER WAP",
                f"GRANT CREATE DATABASE ON ACCOUNT TO ROLE {self.role}",
                f"GRANT USAGE ON WAREHOUSE {self.stand_in.warehouse} TO ROLE {self.role}",
            )
        self.stand_in.run(*(f"CREATE DATABASE {name}" for name in self.databases), role=self.role)
        self._connection = self.stand_in.connect(role=self.role, database=self.database)
        self.execute("CREATE SCHEMA {p}", "CREATE SCHEMA {s}")
        if self.further:
            self.execute("CREATE SCHEMA {P}", "CREATE SCHEMA {S}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stand_in.faults.clear()
        self.stand_in.run(*(f"DROP DATABASE IF EXISTS {name}" for name in self.databases))
        with closing(self._connection):
            pass

    @property
    def databases(self) -> tuple[str, str]:
        """Production's and staging's."""
        return self.database, self.staging_database

    def facts(self, **changes: Any) -> Facts:
        """What the warehouse knows of its connection."""
        return super().facts(**{"database": self.database, "staging_database": self.staging_database} | changes)

    def filled(self, statement: str) -> str:
        """The statement with the schemas in it; `{pd}` and `{sd}` stand for the databases."""
        production, staging = self.databases
        for pair in self.further:
            statement = statement.replace("{P}", f'"{production}"."{pair.production}"')
            statement = statement.replace("{S}", f'"{staging}"."{pair.production}"')
        statement = statement.replace("{p}", f'"{production}"."{self.production}"')
        statement = statement.replace("{s}", f'"{staging}"."{self.production}"')
        return statement.replace("{pd}", f'"{production}"').replace("{sd}", f'"{staging}"')
