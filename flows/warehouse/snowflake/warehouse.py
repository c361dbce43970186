"""The warehouse in Snowflake: staging and production are schemas, or databases, and SWAP WITH exchanges them."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from flows.contract import Finding, Ledger, SchemaPair, Statement
from flows.warehouse.base import Environment, PartlyReleased, Relation, Release, WarehouseError
from flows.warehouse.homes import Homes, schema_of
from flows.warehouse.snowflake import errors
from flows.warehouse.snowflake.audit_role import find_unreadable, let_read, open_auditor, without_own
from flows.warehouse.snowflake.catalog import read_relations
from flows.warehouse.snowflake.dialect import SnowflakeDialect
from flows.warehouse.snowflake.dropped import keeps_dropped
from flows.warehouse.snowflake.journal import Journal, partly_released
from flows.warehouse.snowflake.marker import read_marker
from flows.warehouse.snowflake.policies.secrets import read_secrets
from flows.warehouse.snowflake.preflight import find_problems
from flows.warehouse.snowflake.reading import refuse_other
from flows.warehouse.snowflake.refresh import refresh
from flows.warehouse.snowflake.session import Access, Session
from flows.warehouse.snowflake.views import Pair, pairs_of


class SnowflakeWarehouse:
    """Implements `flows.warehouse.base.Warehouse`. Not for use by several threads at once.

    The databases and schemas are those of `access.facts`, in the catalog's exact case.
    """

    def __init__(self, access: Access) -> None:
        facts = access.facts
        self._homes = Homes.of((SchemaPair(production=facts.production, staging=facts.staging), *facts.further))
        self._access = access
        self._targets = pairs_of(facts)
        # A schema of one side never has the name of one of the other: staging in another database is called by both.
        self._where = {home.shown: home for pair in self._targets for home in (pair.production, pair.staging)}
        self._session: Session | None = None
        self._auditor: Session | None = None
        self._may_read = False
        self._journal: Journal | None = None

    @property
    def dialect(self) -> SnowflakeDialect:
        """Snowflake's SQL."""
        return SnowflakeDialect()

    def __enter__(self) -> Self:
        if self._session is not None:
            raise WarehouseError("The warehouse was not opened. It is open already. Leave the first `with` before.")
        session = Session(self._access)
        session.open()
        self._session = session
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sessions = (self._auditor, self._session)
        self._session = self._auditor = self._journal = None
        self._may_read = False
        for session in sessions:
            if session is not None:
                session.close()

    def table(self, env: Environment, name: str) -> str:
        """The quoted, qualified name to use in SQL."""
        schema, own = self._homes.place(env, name)
        return self._where[schema].name(own)

    def relations(self, env: Environment) -> tuple[Relation, ...]:
        """Tables and views by name, without the marker; empty if the schema does not exist."""
        session = self._open()
        homes = ((pair, self._where[schema_of(pair, env)]) for pair in self._homes.pairs)
        found = ((pair, read_relations(session, home.database, home.schema)) for pair, home in homes)
        return self._homes.named(found)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement that only reads, with `?` parameters. Raises WarehouseError, also if it would write.

        It runs as the audit role, if one is set, whoever asks: a policy may show other rows to another role, and what
        is compared before the publish must be what the report was made of.
        """
        refuse_other(sql)
        return self._reading().query(sql, parameters)

    def refresh_staging(self) -> None:
        """Make staging a clone of production, without the marker; makes the schemas that do not exist.

        What only staging has is dropped (UNDROP SCHEMA brings it back for as long as the account keeps it).
        """
        refresh(self._open(), self._pairs())

    def preflight(self) -> tuple[Finding, ...]:
        """What the swap cannot do faithfully, what this role may not do, and who would gain or lose access."""
        session, role, pairs = self._open(), self._access.facts.audit_role, self._pairs()
        found = find_problems(session, pairs)
        if not role:
            return found
        unreadable = [one for pair in pairs for one in find_unreadable(session, self._audit(), pair.production, role)]
        return (*unreadable, *without_own(found, role))

    def secrets(self) -> frozenset[str]:
        """Names of columns that a masking or projection policy keeps from some readers, in any relation of either side;
        `*` where the policies cannot be read."""
        return read_secrets(self._open(), [home for pair in self._pairs() for home in (pair.production, pair.staging)])

    def exchange(self, release: Release, guard: Callable[[], None]) -> tuple[Statement, ...]:
        """Swap staging and production by one statement for each pair, or by one that swaps their databases;
        production's markers then name the run.

        If they name the run already, nothing is swapped, `guard` is not asked, and only what an interrupted publish
        left undone is done. The marker, views and grants inside of staging are made ready before `guard` is asked, its
        policies and what lets readers in after; until the swap nothing of production changes. Raises WarehouseError.
        """
        self._journal = Journal(self._open(), self._pairs(), self._access.facts.audit_role)
        return self._journal.run(release, guard)

    def ledger(self) -> Ledger | None:
        """How many statements this opening has sent, and production's grants before and after its exchange."""
        if self._journal is None:
            return None
        found = self._journal.ledger()
        return found.model_copy(update={"sent": found.sent + (self._auditor.sent if self._auditor else 0)})

    def keeps_dropped_staging(self) -> bool:
        """Whether UNDROP SCHEMA can bring back a staging that a refresh has replaced. Raises WarehouseError."""
        return all(keeps_dropped(self._open(), pair.staging) for pair in self._pairs())

    def released(self, env: Environment) -> Release | None:
        """The marker of the environment's first schema, which is swapped last; or None."""
        marker = read_marker(self._open(), self._where[self._homes.schemas(env)[0]])
        return marker.release if marker is not None else None

    def partly_released(self) -> PartlyReleased | None:
        """The publish that was interrupted between two swaps; None if there is none, or only one schema."""
        return partly_released(self._open(), self._pairs())

    def _pairs(self) -> tuple[Pair, ...]:
        return self._targets

    def _reading(self) -> Session:
        """The session of queries: that of the audit role, which may read staging from its first query on."""
        session, role = self._open(), self._access.facts.audit_role
        if not role:
            return session
        auditor = self._audit()
        if not self._may_read:
            for pair in self._pairs():
                let_read(session, pair.staging, role)
            self._may_read = True
        return auditor

    def _audit(self) -> Session:
        if self._auditor is None:
            self._auditor = open_auditor(self._access)
        return self._auditor

    def _open(self) -> Session:
        if self._session is None:
            raise errors.not_open()
        return self._session
