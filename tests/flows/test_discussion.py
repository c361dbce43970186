"""The discussion in the receipt, on real Prefect: read if it is there in time, and never worth a failure."""

import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from prefect import flow
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.contract import CARD_KEY, Discussion, Remark, discussion_key
from flows.prefect_runs.discussion import discussion_before
from tests.builders import acknowledgement
from tests.flows.project import Project
from tests.flows.reviewed import Reviewed, approve, reject
from tests.flows.reviewer import Api

pytestmark = pytest.mark.usefixtures("prefect")

SAID = Discussion(
    attempt=1,
    remarks=(Remark(user_id="U0MINA0001", name="Mina", at=datetime(2026, 3, 2, tzinfo=UTC), text="Looks right."),),
)


def store(api: Api, run: str, key: str, value: Any) -> None:
    """What the bot writes."""
    body = {"key": key, "value": value if isinstance(value, str) else json.dumps(value)}
    api.http.post(f"/flow_runs/{run}/input", json=body).raise_for_status()


def store_discussion(api: Api, run: str) -> None:
    """What the bot writes when it has read the thread."""
    store(api, run, discussion_key(1), SAID.model_dump(mode="json"))


def test_receipt_holds_what_was_said(prefect: str, project: Project) -> None:
    """The discussion of this attempt, whole."""

    def act(api: Api, run: str) -> None:
        store_discussion(api, run)
        approve(api, run)

    reviewed = Reviewed(prefect, project, act)
    assert reviewed.ended_as("Published")
    assert reviewed.receipt.discussion == SAID


def test_receipt_waits_a_moment_for_a_bot_that_has_a_card(prefect: str, project: Project) -> None:
    """A rejection ends the run at once, and the bot reads the thread only when it knows of it."""

    def act(api: Api, run: str) -> None:
        store(api, run, CARD_KEY, {"channel": "C0RELEASES", "ts": "1.0"})
        reject(api, run)
        api.wait_acknowledged(run)
        store_discussion(api, run)

    reviewed = Reviewed(prefect, project, act)
    assert reviewed.ended_as("Rejected")
    assert reviewed.receipt.discussion == SAID


def card_only(api: Api, run: str) -> None:
    """A card whose bot is gone."""
    store(api, run, CARD_KEY, {"channel": "C0RELEASES", "ts": "1.0"})


def unreadable(api: Api, run: str) -> None:
    """Not what this version understands."""
    store(api, run, discussion_key(1), {"version": 99})


def no_json(api: Api, run: str) -> None:
    """Not even a document."""
    store(api, run, discussion_key(1), "]")


@pytest.mark.parametrize("before", [card_only, unreadable, no_json])
def test_receipt_does_without_what_is_missing(
    prefect: str, project: Project, before: Callable[[Api, str], None]
) -> None:
    """The run ends as it would have, with a receipt."""

    def act(api: Api, run: str) -> None:
        before(api, run)
        approve(api, run)

    reviewed = Reviewed(prefect, project, act)
    assert reviewed.ended_as("Published")
    assert reviewed.receipt.discussion is None


def test_discussion_is_given_up_when_prefect_does_not_answer(prefect: str) -> None:
    """A server that takes a request and says nothing: none of the client's own retries, and no failure."""
    with socket.create_server(("127.0.0.1", 0)) as silent:

        @flow
        def ask() -> Discussion | None:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/api"
            with temporary_settings({PREFECT_API_URL: url}):
                return discussion_before(uuid4(), acknowledgement())

        assert ask() is None
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()
