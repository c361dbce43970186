"""Submitting and closing modals, and what the app's answer does to them."""

from typing import Any

from sandbox.acting.actors import actor
from sandbox.acting.answers import NotPossible, acknowledged, unanswered
from sandbox.acting.clicking import open_view
from sandbox.acting.forms import fill, refuse_invalid
from sandbox.block_kit.blocks import Surface
from sandbox.block_kit.payloads import view as checked_view
from sandbox.block_kit.rules import nested
from sandbox.envelopes import Kind
from sandbox.errors import Refusal
from sandbox.modals import View
from sandbox.notices import answered_badly
from sandbox.payloads import view_closed, view_submission
from sandbox.world import World

Json = dict[str, Any]


async def submit(world: World, request: Json) -> Json:
    """Press the submit button of the visible modal, filled in with `values`."""
    user = actor(world, request)
    view = open_view(world, user, request)
    if view.body["type"] != "modal" or "submit" not in view.body:
        raise NotPossible("nothing_to_submit", "This view has no submit button.")
    values = fill(view.blocks, view.values, request.get("values", {}))
    view = world.modals.remember(view, values=values, errors={})
    refuse_invalid(view.blocks, values)
    payload = view_submission(user, view, trigger_id=world.triggers.issue(user.id, view.id))
    outcome = await world.deliveries.deliver(Kind.INTERACTIVE, payload)
    title = view.body["title"]["text"]
    if not outcome.acked:
        return unanswered(world, user.id, outcome, action=f"Submitting “{title}”")
    try:
        action = apply_answer(world, view, outcome.payload)
    except Refusal as refusal:
        problem = "; ".join((refusal.code, *refusal.messages))
        shown = world.notices.show(user.id, answered_badly(f"Submitting “{title}”", problem))
        return {"ok": False, "acked": True, "ack_ms": outcome.ms, "error": "bad_response", "shown": shown}
    world.changes.touch()
    return acknowledged(outcome, response_action=action, errors=_errors(world, view))


def apply_answer(world: World, view: View, answer: Any) -> str:
    """Do what `response_action` says and return it; no answer closes the view.

    docs.slack.dev/surfaces/modals#response_actions. Raises Refusal when Slack could not follow the answer.
    """
    if not answer:
        world.modals.pop(view)
        return "close"
    if not isinstance(answer, dict):
        raise Refusal("invalid_response_action")
    match answer.get("response_action"):
        case "clear":
            world.modals.clear(view.owner)
        case "errors":
            world.modals.remember(view, errors=_checked_errors(view, answer.get("errors")))
        case "update":
            world.modals.update(view, _view(world, answer), expected_hash=None)
        case "push":
            world.modals.push(view.owner, _view(world, answer))
        case _:
            raise Refusal("invalid_response_action")
    action: str = answer["response_action"]
    return action


def _view(world: World, answer: Json) -> Json:
    return checked_view(answer.get("view"), Surface.MODAL, world.identifiers)


def _checked_errors(view: View, errors: Any) -> Json:
    inputs = {block["block_id"] for block, _ in nested(view.blocks) if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise Refusal("invalid_errors", ("errors must name block_ids of input blocks of this view",))
    return errors


def _errors(world: World, view: View) -> Json:
    current = [shown for shown in world.modals.stack(view.owner) if shown.id == view.id]
    return current[0].errors if current else {}


async def close(world: World, request: Json) -> Json:
    """Close the visible modal with its close button, or with `all` the whole stack with the X."""
    user = actor(world, request)
    view = open_view(world, user, request)
    cleared = request.get("all") is True or bool(view.body.get("clear_on_close"))
    closing = world.modals.stack(user.id)[::-1] if cleared else (view,)
    for closed in closing:
        world.modals.pop(closed)
    world.changes.touch()
    outcomes = [
        await world.deliveries.deliver(Kind.INTERACTIVE, view_closed(user, closed, is_cleared=cleared))
        for closed in closing
        if closed.body.get("notify_on_close")
    ]
    # A closed modal is gone whether the app heard of it or not, so nobody sees a warning.
    return {
        "ok": True,
        "acked": all(outcome.acked for outcome in outcomes) if outcomes else None,
        "ack_ms": max((outcome.ms for outcome in outcomes), default=None),
    }
