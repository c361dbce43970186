"""Answering a gate, and finding out whose answer is stored.

The HTTP code of a resume says little: the loser of a race, a late answer and a lost reply all look alike (characterised
in tests/bot/test_answering.py). Only ACCEPT is success; after anything else the stored response is read and its nonce
compared. Sending the same answer again is safe, because Prefect stores at most one response per gate.
"""

import asyncio
from collections.abc import Sequence
from enum import Enum, auto
from http import HTTPStatus
from uuid import UUID

from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError

from bot.ports import (
    AlreadyDecided,
    NotRecorded,
    Recorded,
    Resumption,
    RunsForbidden,
    RunsUnavailable,
    RunsUnreached,
    Unsure,
)
from bot.prefect_runs.connection import Connection
from bot.prefect_runs.patience import ASKED_WITHIN, PAUSE
from bot.prefect_runs.reading import read_stored
from flows.contract import Decision, gate_keys

SEND_SECONDS = 2.0
READ_BACK_SECONDS = 1.5


class _Reply(Enum):
    ACCEPTED = auto()
    UNSENT = auto()
    LOST = auto()


async def resume(
    connection: Connection, run_id: str, gate: str, decision: Decision, *, nonce: str, keys: Sequence[str]
) -> Resumption:
    """Send the decision. Known within about four seconds, or Unsure."""
    may_have_arrived = False
    last_start = asyncio.get_running_loop().time() + ASKED_WITHIN
    while asyncio.get_running_loop().time() < last_start:
        reply = await _send(connection, run_id, decision)
        may_have_arrived |= reply is not _Reply.UNSENT
        match reply:
            case _Reply.ACCEPTED:
                return Recorded()
            case _Reply.UNSENT:
                await asyncio.sleep(PAUSE)
                continue
        outcome = await read_back(connection, run_id, gate, nonce=nonce, keys=keys)
        match outcome:
            case Recorded() | AlreadyDecided() | NotRecorded(still_waiting=False):
                return outcome
            case NotRecorded() if isinstance(reply, str):
                return NotRecorded(still_waiting=True, detail=reply)
        await asyncio.sleep(PAUSE)
    # A request whose reply was lost may still be on its way: what is not stored now can be stored a moment later.
    return Unsure() if may_have_arrived else NotRecorded(still_waiting=True, detail="no connection to Prefect")


async def read_back(connection: Connection, run_id: str, gate: str, *, nonce: str, keys: Sequence[str]) -> Resumption:
    """Whose answer is stored at this gate now."""
    run = UUID(run_id)
    try:
        async with connection.client(READ_BACK_SECONDS) as client:
            try:
                state = (await client.read_flow_run(run)).state
            except ObjectNotFound:
                return NotRecorded(still_waiting=False)
            try:
                text = await client.read_flow_run_input(run, gate_keys(gate)["response"])
            except PrefectHTTPStatusError as error:
                if error.response.status_code != HTTPStatus.NOT_FOUND:
                    raise
                waiting = state is not None and state.is_paused() and state.state_details.pause_key == gate
                return NotRecorded(still_waiting=waiting)
    except (RunsUnavailable, RunsForbidden):
        return Unsure()
    stored = read_stored(text, keys)
    if stored is None:
        return NotRecorded(still_waiting=False, detail="the stored answer cannot be read")
    return Recorded() if stored.nonce == nonce else AlreadyDecided(stored)


async def _send(connection: Connection, run_id: str, decision: Decision) -> "_Reply | str":
    """What came of sending it; a text is Prefect's reason for not taking it."""
    try:
        async with connection.client(SEND_SECONDS) as client:
            result = await client.resume_flow_run(UUID(run_id), run_input=decision.model_dump(mode="json"))
    except RunsUnreached:
        return _Reply.UNSENT
    except (RunsUnavailable, RunsForbidden, PrefectHTTPStatusError, ValueError):
        return _Reply.LOST
    if result.status is SetStateStatus.ACCEPT:
        return _Reply.ACCEPTED
    return str(getattr(result.details, "reason", "") or result.status.value)
