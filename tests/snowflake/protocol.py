"""The requests of snowflake-connector-python 4.8 (connection.py, network.py, cursor.py) and their answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from fakesnow.converter import from_binding

from tests.snowflake import using
from tests.snowflake.account import Account, new_token
from tests.snowflake.detached import Detached
from tests.snowflake.errors import SnowflakeError
from tests.snowflake.faults import Fault, Kind
from tests.snowflake.functions import VERSION
from tests.snowflake.reader import Name, Reader
from tests.snowflake.results import Result
from tests.snowflake.session import Session

Answer = dict[str, Any]
Struck = dict[Kind, Fault]

_SESSION_EXPIRED = "390112"
_SESSION_GONE = "390104"
_REMEMBERED = 100
"""How many answers of a session are kept for requests that come again."""


class Dropped(Exception):
    """The connection is closed without an answer."""


class Unauthorized(Exception):
    """The token means nothing (any more)."""

    def __init__(self, code: str, text: str, status: int = 200) -> None:
        super().__init__(text)
        self.code, self.text, self.status = code, text, status


class Protocol:
    """Turns requests into calls on sessions."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._renewable: dict[str, Session] = {}
        self._flights: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def login(self, query: dict[str, str], body: Answer) -> Answer:
        """A new session. Every password is right; a role that does not exist is refused."""
        data = body["data"]
        self.account.logins.append({**data, **query})
        struck = {fault.kind: fault for fault in self.account.faults.strike(f"LOGIN {data.get('LOGIN_NAME')}")}
        if "kill_connection" in struck:
            raise Dropped
        if "answer" in struck and (error := struck["answer"].error):
            return {"data": None, "code": error.code, "message": error.message, "success": False}
        role = _named(query.get("roleName")) or ("ACCOUNTADMIN",)
        if role[0] not in self.account.catalog.roles:
            text = f"Role '{role[0]}' specified in the connect string does not exist or not authorized."
            return {"data": None, "code": "390189", "message": text, "success": False}
        warehouse = _named(query.get("warehouse"))
        session = Session(
            self.account,
            database=_named(query.get("databaseName")),
            schema=_named(query.get("schemaName")),
            role=role[0],
            warehouse=warehouse[0] if warehouse and warehouse[0] in self.account.catalog.warehouses else None,
        )
        for name, value in (data.get("SESSION_PARAMETERS") or {}).items():
            if name in session.parameters:
                using.set_parameter(session, name, value)
        self.account.sessions[session.token] = session
        self._renewable[session.master_token] = session
        return {"data": self._welcome(session), "code": None, "message": None, "success": True}

    def _welcome(self, session: Session) -> Answer:
        return {
            "token": session.token, "masterToken": session.master_token, "validityInSeconds": 3600,
            "masterValidityInSeconds": 14400, "sessionId": session.number, "serverVersion": VERSION,
            "parameters": _parameters(session),
            "sessionInfo": {
                "databaseName": session.database, "schemaName": session.schema, "warehouseName": session.warehouse,
                "roleName": session.role,
            },
        }  # fmt: skip

    def query(self, token: str, query: dict[str, str], body: Answer) -> Answer:
        """Run a statement, once for each requestId: a repeated request gets the first answer.

        docs: developer-guide/sql-api/submitting-requests (resubmitting a request: requestId and retry=true)
        """
        session = self._session(token)
        request = query.get("requestId", "")
        with self._flight(request):
            known = session.replies.get(request)
            query_id = known["data"]["queryId"] if known else session.new_query_id()
            self._log(session, body, query_id, replayed=known is not None)
            struck = {fault.kind: fault for fault in self.account.faults.strike(body["sqlText"])}
            self._interrupt(session, struck)
            if known is None:
                run = partial(self._executed, session, request, body, query_id, struck)
                known = session.replies[request] = (
                    self._detached(session, request, query_id, run) if body.get("asyncExec") else run()
                )
                session.replies = dict(list(session.replies.items())[-_REMEMBERED:])
        if "drop_reply" in struck:
            raise Dropped
        return known

    def _detached(self, session: Session, request: str, query_id: str, run: Callable[[], Answer]) -> Answer:
        """Start it and answer at once; what becomes of it is asked for by its id."""
        made = self.account.detached[query_id] = Detached(session, run, request=request, query_id=query_id)
        return made.ticket

    def _interrupt(self, session: Session, struck: Struck) -> None:
        """What goes wrong before anything is executed."""
        if "kill_connection" in struck:
            raise Dropped
        if "expire_session" in struck:
            del self.account.sessions[session.token]
            raise Unauthorized(_SESSION_EXPIRED, "Session token has expired. Renew the session or login again.")

    def _flight(self, request: str) -> threading.Lock:
        with self._lock:
            return self._flights.setdefault(request, threading.Lock())

    def _executed(self, session: Session, request: str, body: Answer, query_id: str, struck: Struck) -> Answer:
        before = dict(session.parameters)
        session.parameters |= {k: v for k, v in (body.get("parameters") or {}).items() if k in session.parameters}
        try:
            if "answer" in struck:
                assert struck["answer"].error is not None
                raise struck["answer"].error
            wait = struck["delay"].seconds if "delay" in struck else 0.0
            result = self._each(session, request, body, wait)
        except SnowflakeError as error:
            data = {"errorCode": error.code, "sqlState": error.sqlstate, "queryId": query_id, "line": -1, "pos": -1,
                    "type": "COMPILATION", "internalError": False}  # fmt: skip
            return {"data": data, "code": error.code, "message": error.message, "success": False}
        finally:
            if body.get("parameters"):
                session.parameters = before
        session.remember(query_id, result)
        return {"data": self._data(session, query_id, result), "code": None, "message": None, "success": True}

    def _each(self, session: Session, request: str, body: Answer, wait: float) -> Result:
        """A statement with an array of bindings runs once for each row of them."""
        rows = _bindings(body.get("bindings") or {})
        if len(rows) == 1:
            return session.execute(body["sqlText"], rows[0], request=request, wait=wait)
        results = [session.execute(body["sqlText"], row, request=request, wait=wait) for row in rows]
        total = sum(int(result.rows[0][0]) for result in results if result.rows)
        return Result(results[0].fields, rows=((total,),), statement_type=results[0].statement_type)

    def _data(self, session: Session, query_id: str, result: Result) -> Answer:
        return {
            **result.body(), "returned": result.count, "parameters": _parameters(session), "queryId": query_id,
            "statementTypeId": result.statement_type, "finalDatabaseName": session.database,
            "finalSchemaName": session.schema, "finalWarehouseName": session.warehouse, "finalRoleName": session.role,
            "numberOfBinds": 0, "arrayBindSupported": False, "version": 1, "sqlState": "00000",
        }  # fmt: skip

    def _log(self, session: Session, body: Answer, query_id: str, *, replayed: bool = False) -> None:
        tag = (body.get("parameters") or {}).get("QUERY_TAG", session.parameters["QUERY_TAG"])
        self.account.log(session, body["sqlText"], query_id=query_id, tag=tag, replayed=replayed)

    def abort(self, token: str, body: Answer) -> Answer:
        """Cancel the statement of a request."""
        self._session(token).cancel(body.get("requestId", ""))
        return _done()

    def abort_query(self, token: str, query_id: str) -> Answer:
        """Cancel by query id: the asynchronous statement of that id, else whatever runs in the session."""
        session = self._session(token)
        asked = self.account.detached.get(query_id, session)
        return {"success": asked.cancel(), "data": {"queryId": query_id}, "code": None, "message": None}

    def renew(self, master_token: str, body: Answer) -> Answer:
        """A new session token for an expired one; the session itself is the same."""
        session = self._renewable.get(master_token)
        if session is None or master_token in self.account.expired:
            raise Unauthorized("390114", "Authentication token has expired. The user must authenticate again.")
        self.account.sessions.pop(session.token, None)
        session.token = new_token()
        self.account.sessions[session.token] = session
        data = {"sessionToken": session.token, "masterToken": session.master_token, "validityInSecondsST": 3600,
                "masterValidityInSeconds": 14400, "sessionId": session.number}  # fmt: skip
        return {"data": data, "code": None, "message": None, "success": True}

    def heartbeat(self, token: str) -> Answer:
        """Keeps a session alive."""
        self._session(token)
        return _done()

    def end(self, token: str, query: dict[str, str]) -> Answer:
        """Ends a session."""
        session = self._session(token)
        if query.get("delete"):
            self._renewable.pop(session.master_token, None)
            session.end()
        return _done()

    def status(self, token: str, query_id: str) -> Answer:
        """What became of a query."""
        known = query_id in self._session(token).results
        made = self.account.detached.get(query_id)
        status = made.status if made is not None else "SUCCESS"
        found = [{"status": status, "id": query_id}] if known or made is not None else []
        return {"data": {"queries": found}, "code": None, "message": None, "success": True}

    def result(self, token: str, query_id: str) -> Answer:
        """The rows of an earlier query, or its error."""
        session = self._session(token)
        if query_id in self.account.detached:
            return self.account.detached[query_id].answer
        if query_id not in session.results:
            return {"data": None, "code": "000709", "message": f"Statement {query_id} not found", "success": False}
        return {"data": self._data(session, query_id, session.results[query_id]), "code": None, "success": True}

    def _session(self, token: str) -> Session:
        found = self.account.sessions.get(token)
        if found is None:
            raise Unauthorized(_SESSION_GONE, "User must login again to access the service.", 401)
        if token in self.account.expired:
            raise Unauthorized(_SESSION_EXPIRED, "Session token has expired. Renew the session or login again.")
        found.heard = time.monotonic()
        return found  # type: ignore[no-any-return]


def _done() -> Answer:
    return {"data": None, "code": None, "message": None, "success": True}


def _named(text: str | None) -> Name | None:
    return Reader(text).name() if text else None


def _parameters(session: Session) -> list[Answer]:
    sent = ("AUTOCOMMIT", "TIMEZONE", "QUERY_TAG", "CLIENT_SESSION_KEEP_ALIVE")
    return [
        *({"name": name, "value": session.parameters[name]} for name in sent),
        # 0 keeps arrays of bindings in the request, instead of a file in a stage.
        {"name": "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", "value": 0},
        {"name": "CLIENT_TELEMETRY_ENABLED", "value": False},
    ]


def _bindings(bindings: Answer) -> list[tuple[Any, ...]]:
    """The parameters of each run: one row, or several for an array of bindings."""
    if not bindings:
        return [()]
    found = [bindings[str(place)] for place in range(1, len(bindings) + 1)]
    if not any(isinstance(binding["value"], list) for binding in found):
        return [tuple(from_binding(binding) for binding in found)]
    columns = [[from_binding({**binding, "value": value}) for value in binding["value"]] for binding in found]
    return list(zip(*columns, strict=True))
