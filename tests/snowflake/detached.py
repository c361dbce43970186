"""Asynchronous statements: they run on without the request that brought them, until they end or somebody ends them.

docs: developer-guide/python-connector/python-connector-example (asynchronous query),
sql-reference/parameters (ABORT_DETACHED_QUERY: five minutes after the client was heard of last)
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.snowflake.session import Session

Answer = dict[str, Any]

CANCELLED = "000604"
_HELD = 5.0
"""Seconds. The connector asks again at once, so it relies on being kept; how long Snowflake does is not documented."""


class Detached:
    """One asynchronous statement, in a thread of its own."""

    def __init__(self, session: Session, run: Callable[[], Answer], *, request: str, query_id: str) -> None:
        self.query_id, self._session, self._request = query_id, session, request
        self._answer: Answer | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(run,), name=f"query {query_id}", daemon=True)
        self._thread.start()

    def _work(self, run: Callable[[], Answer]) -> None:
        watch = threading.Thread(target=self._watch, daemon=True)
        watch.start()
        try:
            self._answer = run()
        finally:
            self._over.set()
            watch.join()
            if self._session.is_ending:
                self._session.close()

    def _watch(self) -> None:
        """End the statement when the client has not been heard of for too long."""
        account = self._session.account
        while not self._over.wait(min(account.detached_after / 4, 1.0)):
            is_alone = time.monotonic() - self._session.heard > account.detached_after
            if is_alone and self._session.parameters["ABORT_DETACHED_QUERY"]:
                self.cancel()

    @property
    def status(self) -> str:
        """In the connector's words (QueryStatus)."""
        if not self._over.is_set() or self._answer is None:
            return "RUNNING"
        if self._answer["success"]:
            return "SUCCESS"
        return "ABORTED" if self._answer["code"] == CANCELLED else "FAILED_WITH_ERROR"

    @property
    def answer(self) -> Answer:
        """The rows or the error. While it runs the request is kept for a while, and then told where to ask again."""
        self._over.wait(_HELD)
        return self.ticket if self._answer is None else self._answer

    @property
    def ticket(self) -> Answer:
        """What the submission is answered with: the statement has an id and goes on without the request."""
        data = {"queryId": self.query_id, "getResultUrl": f"/queries/{self.query_id}/result", "progressDesc": None}
        return {"data": data, "code": "333334", "message": None, "success": True}

    @property
    def session(self) -> int:
        """The number of its session."""
        return self._session.number

    def cancel(self) -> bool:
        """End it. False if it is over already."""
        while not self._over.wait(0.01):
            if self._session.cancel(self._request):
                return True
        return False

    def join(self) -> None:
        """Wait until it is over."""
        self._thread.join()
