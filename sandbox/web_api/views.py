"""views.*: open, push and update modals, publish the Home tab."""

from typing import Any

from sandbox.block_kit.blocks import Surface
from sandbox.block_kit.payloads import view as checked_view
from sandbox.errors import Refusal
from sandbox.modals import View
from sandbox.web_api.arguments import Arguments
from sandbox.web_api.method import Json, Method
from sandbox.world import World


def _body(world: World, arguments: Arguments, surface: Surface) -> Json:
    body: Any = arguments.structure("view", error="invalid_arguments")
    if body is None:
        raise Refusal("invalid_arguments", ("missing required field: view",))
    return checked_view(body, surface, world.identifiers)


def _answer(world: World, view: View) -> Json:
    world.changes.touch()
    return {"view": view.payload()}


async def open_view(world: World, arguments: Arguments) -> Json:
    """Open a modal for whoever caused the trigger."""
    body = _body(world, arguments, Surface.MODAL)
    trigger = world.triggers.exchange(arguments.required("trigger_id"))
    return _answer(world, world.modals.open(trigger.user, body))


async def push(world: World, arguments: Arguments) -> Json:
    """Put a modal on top of the one the trigger came from."""
    body = _body(world, arguments, Surface.MODAL)
    trigger = world.triggers.exchange(arguments.required("trigger_id"))
    if trigger.view_id not in {view.id for view in world.modals.stack(trigger.user)}:
        raise Refusal("not_found")
    return _answer(world, world.modals.push(trigger.user, body))


async def update(world: World, arguments: Arguments) -> Json:
    """Replace an open view, found by view_id or external_id."""
    view_id, external_id = arguments.text("view_id"), arguments.text("external_id")
    if not (view_id or external_id):
        raise Refusal("invalid_arguments", ("missing required field: view_id",))
    view = world.modals.find(view_id=view_id, external_id=external_id)
    body = _body(world, arguments, Surface(view.body["type"]))
    return _answer(world, world.modals.update(view, body, expected_hash=arguments.text("hash")))


async def publish(world: World, arguments: Arguments) -> Json:
    """Show the Home tab of one person."""
    body = _body(world, arguments, Surface.HOME)
    user = world.directory.users.get(arguments.required("user_id"))
    if user is None or user.deleted:
        raise Refusal("invalid_arguments", ("invalid `user_id`",))
    return _answer(world, world.modals.publish(user.id, body, expected_hash=arguments.text("hash")))


METHODS = {
    "views.open": Method(open_view, per_minute=100),
    "views.push": Method(push, per_minute=100),
    "views.update": Method(update, per_minute=100),
    "views.publish": Method(publish, per_minute=100),
}
