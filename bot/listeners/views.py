"""Modals that are sent."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.blocks.modals import APPROVE_MODAL, REJECT_MODAL, WITHDRAW_MODAL
from bot.blocks.run_form import RUN_MODAL
from bot.commands.starting import Starting
from bot.decisions.reviews import Reviews
from bot.forms import FormInvalid, parse_run_form
from bot.listeners.errors import Answering
from bot.messages import to_person
from bot.payloads import REASON_BLOCK, Malformed, parse_submission, parse_withdrawal, typed_words


def register(app: AsyncApp) -> None:
    """Connect the modals."""
    app.view(REJECT_MODAL)(rejected)
    app.view(APPROVE_MODAL)(approved)
    app.view(WITHDRAW_MODAL)(withdrawn)
    app.view(RUN_MODAL)(started)


async def rejected(ack: AsyncAck, body: dict[str, Any], reviews: Reviews, answering: Answering) -> None:
    """A reason of blanks only is refused while the form is still open."""
    if _is_blank(body):
        await ack(response_action="errors", errors={REASON_BLOCK: to_person.reason_missing()})
        return
    await ack()
    answering.submission(body, lambda: reviews.submit("Reject", parse_submission(body)))


async def approved(ack: AsyncAck, body: dict[str, Any], reviews: Reviews, answering: Answering) -> None:
    """The comment may be empty."""
    await ack()
    answering.submission(body, lambda: reviews.submit("Approve", parse_submission(body)))


async def withdrawn(ack: AsyncAck, body: dict[str, Any], reviews: Reviews, answering: Answering) -> None:
    """Somebody takes an approval back."""
    await ack()
    answering.submission(body, lambda: reviews.withdraw(*parse_withdrawal(body)))


async def started(ack: AsyncAck, body: dict[str, Any], starting: Starting, answering: Answering) -> None:
    """What cannot be a value of its parameter is refused while the form is still open."""
    if problems := _problems(body):
        await ack(response_action="errors", errors=problems)
        return
    await ack()
    answering.submission(body, lambda: starting.start(parse_run_form(body)))


def _problems(body: dict[str, Any]) -> dict[str, str]:
    try:
        parse_run_form(body)
    except FormInvalid as invalid:
        return dict(invalid.problems)
    except Malformed:
        pass  # the error boundary logs it
    return {}


def _is_blank(body: dict[str, Any]) -> bool:
    try:
        return not typed_words(body)
    except Malformed:
        return False  # the parser of the whole says so, and the error boundary logs it
