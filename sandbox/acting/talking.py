"""Writing, editing and deleting messages, slash commands, opening App Home."""

import re
from dataclasses import replace
from typing import Any

from sandbox.acting.actors import actor, channel_of, message_of, text_of
from sandbox.acting.answers import NotPossible, acknowledged, unanswered
from sandbox.answering import show_answer
from sandbox.envelopes import Kind, Outcome
from sandbox.errors import Refusal
from sandbox.messages import Message
from sandbox.notices import answered_badly
from sandbox.payloads import slash_command
from sandbox.response_urls import ResponseUrl
from sandbox.world import World

Json = dict[str, Any]

_TOKEN = re.compile(r"<(?:[@#][^<>]*|https?://[^<>]*)>|https?://[^\s<>]+|@[\w.-]+|[&<>]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def as_slack_writes(world: World, typed: str) -> str:
    """Typed text as it is stored: mentions and links in angle brackets, `& < >` escaped."""
    handles = {user.name: user.id for user in world.directory.users.values()}

    def replaced(found: re.Match[str]) -> str:
        token = found.group()
        if token in _ESCAPES:
            return _ESCAPES[token]
        if token.startswith("http"):
            return f"<{token.replace('&', '&amp;')}>"
        if token.startswith("@"):
            return f"<@{handles[token[1:]]}>" if token[1:] in handles else token
        return token

    return _TOKEN.sub(replaced, typed)


async def say(world: World, request: Json) -> Json:
    """Write a message, in a thread with `thread_ts`."""
    user = actor(world, request)
    channel = channel_of(world, user, request)
    if channel.is_archived:
        raise NotPossible("is_archived", f"#{channel.name} is archived.")
    try:
        thread_ts = world.thread_of(channel.id, request.get("thread_ts"))
    except Refusal:
        raise NotPossible("message_not_found", "The message to answer is not there any more.") from None
    text = as_slack_writes(world, text_of(request, "text"))
    message = Message(channel.id, world.timestamp(), user.id, text, thread_ts=thread_ts, team=user.team_id)
    outcomes = await world.events.deliver(world.post(message, channel))
    return _event_answer(outcomes, ts=message.ts)


async def edit(world: World, request: Json) -> Json:
    """Change the text of one's own message."""
    message = _own_message(world, request)
    text = as_slack_writes(world, text_of(request, "text"))
    _, events = world.edit(message, replace(message, text=text), by=message.user)
    return _event_answer(await world.events.deliver(events), ts=message.ts)


async def delete(world: World, request: Json) -> Json:
    """Delete one's own message."""
    message = _own_message(world, request)
    return _event_answer(await world.events.deliver(world.delete(message)), ts=message.ts)


def _own_message(world: World, request: Json) -> Message:
    user = actor(world, request)
    message = message_of(world, user, channel_of(world, user, request), request.get("ts"))
    if message.user != user.id:
        raise NotPossible("not_yours", "Only the author can edit or delete a message.")
    return message


async def home(world: World, request: Json) -> Json:
    """Open the Home tab of the app."""
    user = actor(world, request)
    channel = world.directory.direct_message(user.id)
    events = world.events.home_opened(user.id, channel, world.modals.home(user.id))
    return _event_answer(await world.events.deliver(events))


def _event_answer(outcomes: list[Outcome], **fields: Any) -> Json:
    """Nobody sees whether an event was acknowledged: it is repeated later, and the act itself is done."""
    return {
        "ok": True,
        "acked": all(outcome.acked for outcome in outcomes) if outcomes else None,
        "ack_ms": max((outcome.ms for outcome in outcomes), default=None),
        **fields,
    }


async def command(world: World, request: Json) -> Json:
    """Type a slash command; what the app answers with its ack is shown to the person at once."""
    user = actor(world, request)
    channel = channel_of(world, user, request)
    name, text = text_of(request, "command"), text_of(request, "text")
    secret = world.responses.issue(user.id, channel.id, message_ts=None)
    payload = slash_command(
        user,
        channel,
        command=name,
        text=text,
        trigger_id=world.triggers.issue(user.id),
        response_url=f"{world.base_url}/response/{secret}",
    )
    outcome = await world.deliveries.deliver(Kind.COMMAND, payload)
    if not outcome.acked:
        return unanswered(world, user.id, outcome, action=f"{name} {text}".strip())
    return _show_ack(world, outcome, ResponseUrl(user.id, channel.id, None, None, 0.0, 0), name=name)


def _show_ack(world: World, outcome: Outcome, place: ResponseUrl, *, name: str) -> Json:
    answer = {"text": outcome.payload} if isinstance(outcome.payload, str) else outcome.payload
    if not answer:
        return acknowledged(outcome)
    try:
        show_answer(world, place, answer)
    except Refusal as refusal:
        problem = "; ".join((refusal.code, *refusal.messages))
        shown = world.notices.show(place.user, answered_badly(name, problem))
        return {"ok": False, "acked": True, "ack_ms": outcome.ms, "error": "bad_response", "shown": shown}
    return acknowledged(outcome)
