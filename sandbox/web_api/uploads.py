"""files.getUploadURLExternal and files.completeUploadExternal; reactions.add."""

from typing import Any

from sandbox.errors import Refusal
from sandbox.files import File
from sandbox.messages import Message
from sandbox.web_api.arguments import Arguments
from sandbox.web_api.method import Json, Method
from sandbox.workspace import BOT_USER
from sandbox.world import World


async def get_upload_url(world: World, arguments: Arguments) -> Json:
    """An address that takes the bytes of one file once."""
    name = arguments.required("filename")
    length = arguments.number("length", 0, maximum=1_000_000_000)
    if length == 0:
        raise Refusal("invalid_arguments", ("must be greater than 0 [json-pointer:/length]",))
    file = world.files.announce(name, length, alt_text=arguments.text("alt_txt") or "")
    return {"upload_url": f"{world.base_url}/upload/v1/{file.upload_secret}", "file_id": file.id}


async def complete_upload(world: World, arguments: Arguments) -> Json:
    """Share uploaded files, in a channel when one is named."""
    listed = arguments.structure("files", error="invalid_arguments")
    if not isinstance(listed, list) or not listed or not all(_names_a_file(item) for item in listed):
        raise Refusal("invalid_arguments", ("must provide files [json-pointer:/files]",))
    channels = _channels(arguments)
    postable = [world.directory.postable(channel) for channel in channels]
    threads = [world.thread_of(channel.id, arguments.text("thread_ts")) for channel in postable]
    files = [world.files.complete(item["id"], item.get("title")) for item in listed]
    for channel, thread_ts in zip(postable, threads, strict=True):
        message = _message(world, arguments, files, channel=channel.id, thread_ts=thread_ts)
        world.events.emit(world.post(message, channel))
    return {"files": [file.body(world.base_url) for file in files]}


def _names_a_file(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("id"), str)


def _channels(arguments: Arguments) -> list[str]:
    several = (arguments.text("channels") or "").split(",")
    return [channel for channel in (arguments.text("channel_id"), *several) if channel]


def _message(world: World, arguments: Arguments, files: list[File], *, channel: str, thread_ts: str | None) -> Message:
    return Message(
        channel,
        world.timestamp(),
        BOT_USER,
        arguments.text("initial_comment") or "",
        files=tuple(file.body(world.base_url) for file in files),
        thread_ts=thread_ts,
    )


async def add_reaction(world: World, arguments: Arguments) -> Json:
    """React to a message as the bot."""
    channel = world.directory.postable(arguments.text("channel"))
    name = arguments.text("name")
    if not name or not name.replace("_", "").replace("-", "").replace("+", "").isalnum():
        raise Refusal("invalid_name")
    world.messages.react(world.messages.get(channel.id, arguments.text("timestamp")), name, BOT_USER)
    world.changes.touch()
    return {}


METHODS = {
    "files.getUploadURLExternal": Method(get_upload_url, ("files:write",), per_minute=100),
    "files.completeUploadExternal": Method(complete_upload, ("files:write",), per_minute=100),
    "reactions.add": Method(add_reaction, ("reactions:write",)),
}
