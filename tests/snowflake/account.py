"""One Snowflake account: its catalog, its rows in DuckDB, its sessions and the log of what they asked."""

import json
import secrets
import threading
from dataclasses import dataclass
from typing import Any

from fakesnow.instance import FakeSnow

from tests.snowflake import hashing
from tests.snowflake.access import ADMIN, SYSTEM_ROLES
from tests.snowflake.catalog import Catalog, ComputeWarehouse, Database, Role, Schema
from tests.snowflake.detached import Detached
from tests.snowflake.faults import Faults
from tests.snowflake.resolving import DATA


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as it arrived. `sequence` counts from 1 over all sessions; `replayed` was answered from memory."""

    sequence: int
    session: int
    query_id: str
    tag: str
    role: str
    text: str
    replayed: bool = False


class Account:
    """An account of its own, in memory; nothing is left when it is closed."""

    def __init__(self, *, database: str, warehouse: str, user: str, enforce: bool) -> None:
        self.catalog = Catalog()
        self.user = user
        self.enforce = enforce
        self.faults = Faults()
        self.statements: list[Statement] = []
        self.parameters: dict[str, Any] = {}
        """What sessions begin with instead of the defaults, see ALTER ACCOUNT."""
        self.sessions: dict[str, Any] = {}
        self.lock = threading.RLock()
        self.detached: dict[str, Detached] = {}
        self.detached_after = 300.0
        """Seconds without a word of the client after which ABORT_DETACHED_QUERY ends what it left running."""
        self.requests = 0
        self.logins: list[dict[str, Any]] = []
        self.expired: set[str] = set()
        """Tokens that must be renewed, and master tokens that renew nothing any more."""
        self._numbers = iter(range(1, 1_000_000))
        self._engine = FakeSnow()
        self._setup_engine()
        self._setup_catalog(database, warehouse)

    def _setup_engine(self) -> None:
        connection = self._engine.connect(DATA)
        for macro in hashing.MACROS:
            connection._duck_conn.execute(macro)
        connection._duck_conn.create_function("_SNOW_PARSE_JSON", _canonical_json, ["VARCHAR"], "JSON")
        connection.close()

    def _setup_catalog(self, database: str, warehouse: str) -> None:
        for role in SYSTEM_ROLES:
            self.catalog.roles[role] = Role(owner="")
        self.catalog.warehouses[warehouse] = ComputeWarehouse(owner=ADMIN)
        self.catalog.databases[database] = Database(owner=ADMIN)
        # docs: sql-reference/sql/create-database (a new database has a schema PUBLIC)
        self.catalog.databases[database].schemas["PUBLIC"] = Schema(owner=ADMIN)

    def engine_connection(self, *, autocommit: bool) -> Any:
        """A connection of fakesnow's for one session."""
        return self._engine.connect(DATA, autocommit=autocommit)

    def next_number(self) -> int:
        """A number that was not given out before."""
        return next(self._numbers)

    def log(self, session: Any, text: str, *, query_id: str, tag: str, replayed: bool = False) -> Statement:
        """Remember that the statement arrived."""
        with self.lock:
            found = Statement(
                len(self.statements) + 1, session.number, query_id, tag, session.role, text, replayed=replayed
            )
            self.statements.append(found)
        return found

    def expire(self, *, for_good: bool) -> None:
        """Every session token has expired; `for_good`: the master tokens, too."""
        for session in list(self.sessions.values()):
            self.expired |= {session.token, session.master_token} if for_good else {session.token}

    def close(self) -> None:
        """End every session and forget every row."""
        for query in self.detached.values():
            query.cancel()
            query.join()
        for session in list(self.sessions.values()):
            session.close()
        self._engine.duck_conn.close()


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(24)


def _canonical_json(text: str) -> str:
    """Objects are sorted by key and forget white space. docs: sql-reference/data-types-semistructured (OBJECT)"""
    return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
