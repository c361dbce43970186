"""chat.*: post, update, delete, show to one person, link, unfurl."""

from dataclasses import replace

from sandbox.block_kit import limits
from sandbox.errors import Refusal
from sandbox.messages import Message
from sandbox.web_api.arguments import Arguments
from sandbox.web_api.method import Json, Method
from sandbox.web_api.posting import read_content
from sandbox.web_api.unfurl import unfurl
from sandbox.workspace import BOT_USER
from sandbox.world import World


async def post_message(world: World, arguments: Arguments) -> Json:
    """Post as the bot, at the channel's pace."""
    channel = world.directory.postable(arguments.text("channel"))
    content = read_content(world, arguments)
    thread_ts = world.thread_of(channel.id, arguments.text("thread_ts"))
    world.rates.take(
        f"message {channel.id}",
        burst=world.settings.message_burst,
        per_second=world.settings.messages_per_second,
    )
    message = Message(
        channel.id,
        world.timestamp(),
        BOT_USER,
        content.text,
        blocks=content.blocks or (),
        attachments=content.attachments or (),
        thread_ts=thread_ts,
        broadcast=bool(thread_ts) and arguments.flag("reply_broadcast"),
        metadata=content.metadata,
    )
    world.events.emit(world.post(message, channel))
    return {"channel": channel.id, "ts": message.ts, "message": message.body(with_metadata=True)}


async def update(world: World, arguments: Arguments) -> Json:
    """Replace text and blocks of one of the bot's own messages; metadata stays unless given."""
    channel = world.directory.postable(arguments.text("channel"))
    message = world.messages.get(channel.id, arguments.text("ts"))
    if message.user != BOT_USER:
        raise Refusal("cant_update_message")
    content = read_content(world, arguments)
    if len(content.text.encode()) > limits.UPDATE_TEXT_BYTES:
        raise Refusal("msg_too_long")
    # What is left out stays; an empty list removes it (docs.slack.dev/reference/methods/chat.update).
    changed = replace(
        message,
        text=content.text,
        blocks=message.blocks if content.blocks is None else content.blocks,
        attachments=message.attachments if content.attachments is None else content.attachments,
        metadata=message.metadata if content.metadata is None else content.metadata,
    )
    changed, events = world.edit(message, changed, by=BOT_USER)
    world.events.emit(events)
    body = changed.body(with_metadata=True)
    return {"channel": channel.id, "ts": changed.ts, "text": changed.text, "message": body}


async def delete(world: World, arguments: Arguments) -> Json:
    """Delete one of the bot's own messages."""
    channel = world.directory.postable(arguments.text("channel"))
    message = world.messages.get(channel.id, arguments.text("ts"))
    if message.user != BOT_USER:
        raise Refusal("cant_delete_message")
    world.events.emit(world.delete(message))
    return {"channel": channel.id, "ts": message.ts}


async def post_ephemeral(world: World, arguments: Arguments) -> Json:
    """Show a message to one member of a channel; no event, no history."""
    channel = world.directory.postable(arguments.text("channel"))
    content = read_content(world, arguments)
    user = world.directory.users.get(arguments.required("user"))
    if user is None or user.id not in channel.members:
        raise Refusal("user_not_in_channel")
    message = Message(
        channel.id,
        world.timestamp(),
        BOT_USER,
        content.text,
        blocks=content.blocks or (),
        attachments=content.attachments or (),
        thread_ts=world.thread_of(channel.id, arguments.text("thread_ts")),
        only_for=user.id,
    )
    world.post(message, channel)
    return {"message_ts": message.ts}


async def get_permalink(world: World, arguments: Arguments) -> Json:
    """A link to one message, as the web client writes it."""
    channel = world.directory.channel(arguments.text("channel"))
    message = world.messages.get(channel.id, arguments.text("message_ts"))
    link = f"{world.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


METHODS = {
    "chat.postMessage": Method(post_message, ("chat:write",), per_minute=600),
    "chat.update": Method(update, ("chat:write",)),
    "chat.delete": Method(delete, ("chat:write",)),
    "chat.postEphemeral": Method(post_ephemeral, ("chat:write",), per_minute=100),
    "chat.getPermalink": Method(get_permalink, per_minute=600),
    "chat.unfurl": Method(unfurl, ("links:write",)),
}
