"""The Roll back button, the form that the command opens, and the one that takes a request back."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.blocks.rollback import ROLL_BACK, ROLLBACK_MODAL, WITHDRAW_ROLLBACK_MODAL
from bot.listeners.errors import Answering
from bot.payloads import parse_asked_again, parse_click
from bot.rollbacks.rollbacks import Rollbacks


def register(app: AsyncApp) -> None:
    """Connect them."""
    app.action(ROLL_BACK)(pressed)
    app.view(ROLLBACK_MODAL)(sent)
    app.view(WITHDRAW_ROLLBACK_MODAL)(withdrawn)


async def pressed(ack: AsyncAck, body: dict[str, Any], rollbacks: Rollbacks, answering: Answering) -> None:
    """The person has confirmed in Slack's own dialog."""
    await ack()
    answering.click(body, lambda: rollbacks.press(parse_click(body)))


async def sent(ack: AsyncAck, body: dict[str, Any], rollbacks: Rollbacks, answering: Answering) -> None:
    """The form has no inputs; rights and state are looked at again."""
    await ack()
    answering.submission(body, lambda: rollbacks.submit(*parse_asked_again(body)))


async def withdrawn(ack: AsyncAck, body: dict[str, Any], rollbacks: Rollbacks, answering: Answering) -> None:
    """Somebody does not ask for the roll back any more."""
    await ack()

    async def withdraw() -> None:
        place, question = parse_asked_again(body)
        await rollbacks.withdraw(place, question.run_id)

    answering.submission(body, withdraw)
