"""Answers that come back by response_url or with a command's ack, and where they show."""

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox.errors import Refusal
from sandbox.messages import Message
from sandbox.response_urls import ResponseUrl
from sandbox.web_api.arguments import Arguments, read_arguments
from sandbox.web_api.posting import Content, read_content
from sandbox.workspace import BOT_USER
from sandbox.world import World

Json = dict[str, Any]


async def respond(request: Request) -> JSONResponse:
    """POST /response/{secret}: needs no token, the address is the permission."""
    world: World = request.app.state.world
    try:
        place = world.responses.use(request.path_params["secret"])
        _, arguments = await read_arguments(request)
        show_answer(world, place, arguments.values)
    except Refusal as refusal:
        status = refusal.status if refusal.status != 200 else 400
        return JSONResponse(refusal.body(), status)
    return JSONResponse({"ok": True})


def show_answer(world: World, place: ResponseUrl, answer: Json) -> None:
    """Show, replace or delete a message, as `response_type`, `replace_original` and `delete_original` say.

    Without `response_type: in_channel` only the person who acted sees a new message.
    Raises Refusal as chat.postMessage does, and `message_not_found`.
    """
    arguments = Arguments(answer)
    original = world.messages.find(place.channel, place.message_ts)
    if arguments.flag("delete_original"):
        _delete(world, original)
        return
    content = read_content(world, arguments)
    if arguments.flag("replace_original") and original is not None:
        _replace(world, original, content)
        return
    _show(world, place, content, arguments=arguments)


def _delete(world: World, original: Message | None) -> None:
    if original is None:
        raise Refusal("message_not_found")
    world.events.emit([] if original.only_for else world.delete(original))
    if original.only_for:
        world.messages.remove(original)
        world.changes.touch()


def _replace(world: World, original: Message, content: Content) -> None:
    changed = replace(original, text=content.text, blocks=content.blocks or (), attachments=content.attachments or ())
    _, events = world.edit(original, changed, by=BOT_USER)
    world.events.emit([] if original.only_for else events)


def _show(world: World, place: ResponseUrl, content: Content, *, arguments: Arguments) -> None:
    in_channel = arguments.text("response_type") == "in_channel"
    channel = world.directory.channel(place.channel)
    message = Message(
        channel.id,
        world.timestamp(),
        BOT_USER,
        content.text,
        blocks=content.blocks or (),
        attachments=content.attachments or (),
        thread_ts=world.thread_of(channel.id, arguments.text("thread_ts") or place.thread_ts),
        only_for=None if in_channel else place.user,
    )
    world.events.emit(world.post(message, channel))
