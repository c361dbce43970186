"""Who may do something where: a signed-in person, a channel they are in, a message they can see."""

from typing import Any

from sandbox.acting.answers import NotPossible
from sandbox.messages import Message
from sandbox.workspace import Channel, User
from sandbox.world import World


def actor(world: World, request: dict[str, Any]) -> User:
    """The person who acts. Raises NotPossible for nobody, a bot, and a deactivated account."""
    user = world.directory.users.get(request.get("as", ""))
    if user is None or user.is_bot:
        raise NotPossible("user_not_found", f"Nobody called {request.get('as')!r} can act here.")
    if user.deleted:
        raise NotPossible("account_inactive", f"{user.real_name} is deactivated and cannot sign in.")
    return user


def channel_of(world: World, user: User, request: dict[str, Any]) -> Channel:
    """The channel the act names, when the person is in it. Raises NotPossible."""
    channel = world.directory.channels.get(request.get("channel", ""))
    if channel is None or user.id not in channel.members:
        raise NotPossible("not_in_channel", f"{user.real_name} is not in {request.get('channel')!r}.")
    return channel


def message_of(world: World, user: User, channel: Channel, ts: str | None) -> Message:
    """The message the act names, when the person can see it. Raises NotPossible."""
    message = world.messages.find(channel.id, ts)
    if message is None or message.only_for not in {None, user.id}:
        raise NotPossible("message_not_found", f"There is no message {ts!r} here any more.")
    return message


def text_of(request: dict[str, Any], name: str) -> str:
    """A text field of the act. Raises NotPossible when it is missing."""
    value = request.get(name)
    if not isinstance(value, str):
        raise NotPossible("bad_request", f"The act needs {name!r} as text; got {value!r}.")
    return value
