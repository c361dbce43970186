"""The one error boundary: whatever goes wrong, the person hears a true sentence where they are."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot import log
from bot.answers import Answers
from bot.messages import to_person
from bot.payloads import Malformed, carried_place, metadata_of, parse_command, parse_place
from bot.ports import RunsForbidden, RunsUnavailable, RunsUnsure, SlackFailed
from bot.work.tasks import Tasks

Work = Callable[[], Awaitable[None]]
Tell = Callable[[str], Awaitable[None]]


def register(app: AsyncApp) -> None:
    """Connect the handler for what fails inside Bolt itself."""
    app.error(bolt_failed)


async def bolt_failed(error: Exception) -> None:
    """Our listeners do not raise after their acknowledgement; this is for Bolt's own middleware."""
    log.error("bolt.failed", cause=error)


class Answering:
    """Runs the work of a listener in a task of ours.

    A listener that raises within about 10 ms after its acknowledgement loses it (slack-bolt 1.30), and Bolt
    neither holds nor awaits what a listener started: hence tasks of our own.
    """

    def __init__(self, answers: Answers, tasks: Tasks) -> None:
        self._answers = answers
        self._tasks = tasks

    def click(self, body: dict[str, Any], work: Work) -> None:
        """Answer where the button was pressed."""
        self._start(work, lambda text: self._answers.tell(parse_place(body), text), "click")

    def submission(self, body: dict[str, Any], work: Work) -> None:
        """A modal carries the place in which its button was pressed."""
        self._start(work, lambda text: self._answers.tell(carried_place(body, metadata_of(body)), text), "submission")

    def command(self, body: dict[str, Any], work: Work) -> None:
        """Answer at the address that came with the command."""
        self._start(work, lambda text: self._answers.tell(parse_command(body).place, text), "command")

    def event(self, work: Work) -> None:
        """Nobody waits for an answer."""

        async def tell(text: str) -> None:
            return None

        self._start(work, tell, "event")

    def _start(self, work: Work, tell: Tell, name: str) -> None:
        self._tasks.spawn(_guarded(work, tell, name), name=name)


async def _guarded(work: Work, tell: Tell, name: str) -> None:
    try:
        await work()
    except Malformed as error:
        log.warning("payload.malformed", kind=name, cause=error)
    except (RunsUnavailable, RunsForbidden) as error:
        log.warning("prefect.unreachable", kind=name, cause=error)
        told = to_person.not_known_whether_done() if isinstance(error, RunsUnsure) else to_person.prefect_unreachable()
        await _try_telling(tell, told)
    except Exception as error:  # noqa: BLE001  the boundary: a person must hear of it, and the log must have it
        reference = secrets.token_hex(3)
        log.error("listener.failed", cause=error, kind=name, reference=reference)
        await _try_telling(tell, to_person.our_fault(reference))


async def _try_telling(tell: Tell, text: str) -> None:
    try:
        await tell(text)
    except (SlackFailed, Malformed) as error:
        log.warning("answer.lost", cause=error)
