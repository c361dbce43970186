"""Buttons of the card and of the Home tab, and the table picker."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.blocks.buttons import APPROVE, COMMENT, DETAILS, OPEN, REJECT, WITHDRAW
from bot.blocks.details import PICK
from bot.blocks.link import CARD
from bot.blocks.run_form import PICK_DEPLOYMENT
from bot.commands.lookups import Lookups
from bot.commands.starting import Starting
from bot.decisions.reviews import Reviews
from bot.forms import parse_deployment_pick, parse_table_pick
from bot.listeners.errors import Answering
from bot.payloads import parse_click


def register(app: AsyncApp) -> None:
    """Connect the buttons."""
    app.action(APPROVE)(approve)
    app.action(COMMENT)(approve_with_comment)
    app.action(REJECT)(reject)
    app.action(WITHDRAW)(withdraw)
    app.action(DETAILS)(details)
    app.action(PICK)(pick)
    app.action(PICK_DEPLOYMENT)(pick_deployment)
    app.action(OPEN)(followed_link)
    app.action(CARD)(followed_link)


async def approve(ack: AsyncAck, body: dict[str, Any], reviews: Reviews, answering: Answering) -> None:
    """The person has confirmed in Slack's own dialog."""
    await ack()
    answering.click(body, lambda: reviews.approve(parse_click(body)))


async def approve_with_comment(ack: AsyncAck, body: dict[str, Any], reviews: Reviews, answering: Answering) -> None:
    """A comment needs a form."""
    await ack()
    answering.click(body, lambda: reviews.ask_comment(parse_click(body)))


async def reject(ack: AsyncAck, body: dict[str, Any], reviews: Reviews, answering: Answering) -> None:
    """A rejection needs a reason first."""
    await ack()
    answering.click(body, lambda: reviews.ask_reason(parse_click(body)))


async def withdraw(ack: AsyncAck, body: dict[str, Any], reviews: Reviews, answering: Answering) -> None:
    """On the Home tab, which shows each person their own buttons."""
    await ack()

    async def take_back() -> None:
        click = parse_click(body)
        await reviews.withdraw(click.place, click.question.run_id)

    answering.click(body, take_back)


async def details(ack: AsyncAck, body: dict[str, Any], lookups: Lookups, answering: Answering) -> None:
    """Everybody may look."""
    await ack()
    answering.click(body, lambda: lookups.details(parse_click(body)))


async def pick(ack: AsyncAck, body: dict[str, Any], lookups: Lookups, answering: Answering) -> None:
    """Another table in the details that are open."""
    await ack()
    answering.submission(body, lambda: lookups.pick(parse_table_pick(body)))


async def pick_deployment(ack: AsyncAck, body: dict[str, Any], starting: Starting, answering: Answering) -> None:
    """What to start, in the choice that is open."""
    await ack()
    answering.submission(body, lambda: starting.pick(parse_deployment_pick(body)))


async def followed_link(ack: AsyncAck) -> None:
    """A button with a link sends a click all the same, and Slack wants it acknowledged."""
    await ack()
