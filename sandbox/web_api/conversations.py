"""conversations.*: what a channel is, who is in it, what was said."""

from sandbox.errors import Refusal
from sandbox.messages import Message
from sandbox.web_api.arguments import Arguments
from sandbox.web_api.method import Json, Method
from sandbox.web_api.paging import page
from sandbox.workspace import BOT_USER, TEAM_ID, Channel
from sandbox.world import World

_READ = ("channels:read", "groups:read", "im:read")
_HISTORY = ("channels:history", "groups:history", "im:history")


def _visible(world: World, reference: str | None) -> Channel:
    channel = world.directory.channel(reference)
    if (channel.is_im or channel.is_private) and BOT_USER not in channel.members:
        raise Refusal("channel_not_found")
    return channel


def _body(channel: Channel, *, count: bool = False) -> Json:
    if channel.is_im:
        others = [member for member in channel.members if member != BOT_USER]
        return {"id": channel.id, "is_im": True, "user": others[0], "is_archived": False}
    body: Json = {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": True,
        "is_im": False,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_member": BOT_USER in channel.members,
        "is_ext_shared": False,
        "context_team_id": TEAM_ID,
        "topic": {"value": channel.topic},
        "purpose": {"value": ""},
    }
    return body | ({"num_members": len(channel.members)} if count else {})


async def info(world: World, arguments: Arguments) -> Json:
    """One channel."""
    channel = _visible(world, arguments.text("channel"))
    return {"channel": _body(channel, count=arguments.flag("include_num_members"))}


async def list_channels(world: World, arguments: Arguments) -> Json:
    """The channels of the asked types; public ones when none is named."""
    types = (arguments.text("types") or "public_channel").split(",")
    skip_archived = arguments.flag("exclude_archived")
    channels = [
        channel
        for channel in world.directory.channels.values()
        if ("im" if channel.is_im else "public_channel") in types
        and (BOT_USER in channel.members or not channel.is_im)
        and not (skip_archived and channel.is_archived)
    ]
    chosen, cursor = page(channels, arguments, default=100, maximum=1000)
    bodies = [_body(channel, count=True) for channel in chosen]
    return {"channels": bodies, "response_metadata": {"next_cursor": cursor}}


async def members(world: World, arguments: Arguments) -> Json:
    """The ids of a channel's members."""
    channel = _visible(world, arguments.text("channel"))
    chosen, cursor = page(channel.members, arguments, default=100, maximum=1000)
    return {"members": chosen, "response_metadata": {"next_cursor": cursor}}


async def open_direct_message(world: World, arguments: Arguments) -> Json:
    """The direct message with one person; opening it twice is the same one."""
    names = (arguments.text("users") or "").split(",")
    if len(names) != 1 or not names[0]:
        raise Refusal("users_list_not_supplied" if names == [""] else "not_supported_in_sandbox")
    user = world.directory.user(names[0])
    if user.deleted:
        raise Refusal("user_disabled")
    channel = world.directory.direct_message(user.id)
    return {"channel": _body(channel) if arguments.flag("return_im") else {"id": channel.id}}


async def history(world: World, arguments: Arguments) -> Json:
    """Messages of a channel, newest first, without thread replies. Metadata only when asked for."""
    channel = _readable(world, arguments)
    shown = [m for m in world.messages.of(channel.id) if not m.only_for and (not m.is_reply or m.broadcast)]
    chosen, cursor = page(_within(shown[::-1], arguments), arguments, default=100, maximum=999)
    return _answer(world, arguments, chosen, cursor=cursor) | {"pin_count": 0}


async def replies(world: World, arguments: Arguments) -> Json:
    """A thread: the message that opened it, then its replies, oldest first."""
    channel = _readable(world, arguments)
    opener = world.messages.find(channel.id, arguments.text("ts"))
    if opener is None or opener.only_for:
        raise Refusal("thread_not_found")
    thread = list(world.messages.replies(channel.id, opener.thread_ts or opener.ts))
    wanted = [opener, *(m for m in _within(thread, arguments) if m.ts != opener.ts)]
    chosen, cursor = page(wanted, arguments, default=1000, maximum=1000)
    return _answer(world, arguments, chosen, cursor=cursor)


def _readable(world: World, arguments: Arguments) -> Channel:
    channel = _visible(world, arguments.text("channel"))
    if BOT_USER not in channel.members:
        raise Refusal("not_in_channel")
    return channel


def _within(messages: list[Message], arguments: Arguments) -> list[Message]:
    oldest = _moment(arguments, "oldest", 0.0)
    latest = _moment(arguments, "latest", float("inf"))
    if arguments.flag("inclusive"):
        return [m for m in messages if oldest <= float(m.ts) <= latest]
    return [m for m in messages if oldest < float(m.ts) < latest]


def _moment(arguments: Arguments, name: str, default: float) -> float:
    try:
        return float(arguments.text(name) or default)
    except ValueError:
        raise Refusal(f"invalid_ts_{name}") from None


def _answer(world: World, arguments: Arguments, messages: list[Message], *, cursor: str) -> Json:
    with_metadata = arguments.flag("include_all_metadata")
    answer: Json = {
        "messages": [world.messages.listed(m, with_metadata=with_metadata) for m in messages],
        "has_more": bool(cursor),
    }
    return answer | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


METHODS = {
    "conversations.info": Method(info, _READ),
    "conversations.list": Method(list_channels, _READ, per_minute=20),
    "conversations.members": Method(members, _READ, per_minute=100),
    "conversations.open": Method(open_direct_message, ("im:write",)),
    "conversations.history": Method(history, _HISTORY),
    "conversations.replies": Method(replies, _HISTORY),
}
