"""Modals that are sent."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.blocks.modals import REJECT_MODAL
from bot.listeners.errors import Answering
from bot.messages import to_person
from bot.payloads import REASON_BLOCK, Malformed, parse_submission, typed_reason
from bot.reviews import Reviews


def register(app: AsyncApp) -> None:
    """Connect the modals."""
    app.view(REJECT_MODAL)(rejected)


async def rejected(ack: AsyncAck, body: dict[str, Any], reviews: Reviews, answering: Answering) -> None:
    """A reason of blanks only is refused while the form is still open."""
    if _is_blank(body):
        await ack(response_action="errors", errors={REASON_BLOCK: to_person.reason_missing()})
        return
    await ack()
    answering.submission(body, lambda: reviews.reject(parse_submission(body)))


def _is_blank(body: dict[str, Any]) -> bool:
    try:
        return not typed_reason(body)
    except Malformed:
        return False  # the parser of the whole says so, and the error boundary logs it
