"""Clicks and picks in messages, modals and the Home tab: `block_actions`."""

from typing import Any

from sandbox.acting.actors import actor, channel_of, message_of
from sandbox.acting.answers import NotPossible, acknowledged, unanswered
from sandbox.acting.elements import action_entry, find_element, require_confirmation
from sandbox.acting.forms import fill
from sandbox.envelopes import Kind
from sandbox.messages import Message
from sandbox.modals import View
from sandbox.payloads import message_action, view_action
from sandbox.workspace import User
from sandbox.world import World

Json = dict[str, Any]


async def click(world: World, request: Json) -> Json:
    """Use an element of a message. Refuses one that is not on the message as it is now."""
    user = actor(world, request)
    channel = channel_of(world, user, request)
    message = message_of(world, user, channel, request.get("ts"))
    blocks = _blocks(message)
    block, element = find_element(blocks, request)
    require_confirmation(element, request)
    response = world.responses.issue(user.id, channel.id, message_ts=message.ts, thread_ts=message.thread_ts)
    payload = message_action(
        user,
        channel,
        container=_container(message),
        message=None if message.only_for else message.body(),
        action=action_entry(block, element, request, now=world.timestamp()),
        trigger_id=world.triggers.issue(user.id),
        response_url=f"{world.base_url}/response/{response}",
        values=fill(blocks, {}, _just_picked(block, element, request)),
    )
    outcome = await world.deliveries.deliver(Kind.INTERACTIVE, payload)
    if not outcome.acked:
        return unanswered(world, user.id, outcome, action=f"Your click on “{_label(element)}”")
    return acknowledged(outcome)


async def modal_action(world: World, request: Json) -> Json:
    """Use an element of the top modal, or of the person's Home tab; `values` says what else is filled in."""
    user = actor(world, request)
    view = open_view(world, user, request)
    block, element = find_element(view.blocks, request)
    require_confirmation(element, request)
    given = request.get("values", {}) | _just_picked(block, element, request)
    view = world.modals.remember(view, values=fill(view.blocks, view.values, given))
    payload = view_action(
        user,
        view,
        action=action_entry(block, element, request, now=world.timestamp()),
        trigger_id=world.triggers.issue(user.id, view.id),
    )
    outcome = await world.deliveries.deliver(Kind.INTERACTIVE, payload)
    if not outcome.acked:
        return unanswered(world, user.id, outcome, action=f"Your click on “{_label(element)}”")
    return acknowledged(outcome)


def open_view(world: World, user: User, request: Json) -> View:
    """The view the act names: the visible modal of this person, or their Home tab. Raises NotPossible."""
    view_id = request.get("view_id")
    home = world.modals.home(user.id)
    for view in (*world.modals.stack(user.id)[-1:], *([home] if home else [])):
        if view.id == view_id:
            return view
    raise NotPossible("view_not_open", f"The view {view_id!r} is not what {user.real_name} sees.")


def _blocks(message: Message) -> list[Json]:
    in_attachments = [block for attachment in message.attachments for block in attachment.get("blocks", [])]
    return [*message.blocks, *in_attachments]


def _container(message: Message) -> Json:
    container: Json = {"message_ts": message.ts, "is_ephemeral": message.only_for is not None}
    return container | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


def _just_picked(block: Json, element: Json, request: Json) -> Json:
    if "value" not in request or element["type"] in {"button", "overflow", "feedback_buttons", "icon_button"}:
        return {}
    return {block["block_id"]: {element["action_id"]: request["value"]}}


def _label(element: Json) -> str:
    label: str = element.get("text", {}).get("text") or element["action_id"]
    return label
