"""Reading what people said about a run, for its receipt: good to have, and never worth more than a moment."""

import time
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import PrefectHTTPStatusError
from prefect.logging import get_run_logger
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from flows.contract import CARD_KEY, Acknowledgement, Discussion, Via, discussion_key
from flows.prefect_runs.store import recall

WAIT_SECONDS = 1.0
"""How long a bot that has a card may take to store the thread, before the receipt does without it."""

_ANSWER_SECONDS = 0.5
_PAUSE_SECONDS = 0.1


def discussion_before(run: UUID, decision: Acknowledgement | None) -> Discussion | None:
    """What was said before this decision of a person. None if nobody decided, nothing is stored, or it is not readable.

    The bot stores it once it sees the decision, which can be a moment after the flow has acted on it.
    """
    if decision is None or decision.via is Via.RULE:
        return None
    try:
        with (
            temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}),
            get_client(httpx_settings={"timeout": _ANSWER_SECONDS}, sync_client=True) as client,
        ):
            return _read(client, run, discussion_key(decision.attempt))
    except (httpx.HTTPError, PrefectHTTPStatusError, ValueError) as error:
        get_run_logger().warning("discussion.unreadable error=%s", type(error).__name__)
        return None


def _read(client: SyncPrefectClient, run: UUID, key: str) -> Discussion | None:
    deadline = time.monotonic() + WAIT_SECONDS
    found = recall(client, run, key)
    if found is None and recall(client, run, CARD_KEY) is None:
        return None  # no bot has shown this run, so nobody is about to store anything
    while found is None and time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
        found = recall(client, run, key)
    return None if found is None else Discussion.model_validate(found)
