"""Who is here and who is in which conversation; changes only through the control API."""

from dataclasses import replace
from typing import Any

from sandbox.errors import Refusal
from sandbox.identifiers import Identifiers
from sandbox.workspace import BOT_USER, Channel, User, channels, people, user_groups


class Directory:
    """The users, channels and groups of the workspace."""

    def __init__(self, identifiers: Identifiers) -> None:
        self._identifiers = identifiers
        self.users = {user.id: user for user in people()}
        self.channels = {channel.id: channel for channel in channels()}
        self.groups = {group.id: group for group in user_groups()}

    def user(self, user_id: str | None) -> User:
        """The user. Raises Refusal `user_not_found`."""
        found = self.users.get(user_id or "")
        if found is None:
            raise Refusal("user_not_found")
        return found

    def channel(self, reference: str | None) -> Channel:
        """The channel of an id or of `#name`. Raises Refusal `channel_not_found`."""
        name = (reference or "").removeprefix("#")
        for channel in self.channels.values():
            if channel.id == reference or (channel.name and channel.name == name):
                return channel
        raise Refusal("channel_not_found")

    def postable(self, reference: str | None) -> Channel:
        """A channel where the bot may write; a user id stands for the direct message with that person."""
        if reference in self.users and reference != BOT_USER:
            return self.direct_message(reference)
        channel = self.channel(reference)
        if BOT_USER not in channel.members:
            # A direct message between others does not exist as far as the bot can tell.
            raise Refusal("channel_not_found" if channel.is_im or channel.is_private else "not_in_channel")
        if channel.is_archived:
            raise Refusal("is_archived")
        return channel

    def direct_message(self, user_id: str) -> Channel:
        """The conversation between the bot and one person, opened when there is none yet."""
        for channel in self.channels.values():
            if channel.is_im and set(channel.members) == {user_id, BOT_USER}:
                return channel
        channel = Channel(self._identifiers.new("D"), "", "", (user_id, BOT_USER), is_im=True)
        self.channels[channel.id] = channel
        return channel

    def change_user(self, user_id: str, flags: dict[str, Any]) -> User:
        """Set flags of one user; deactivating somebody takes them out of every channel, as Slack does."""
        user = replace(self.user(user_id), **flags)
        self.users[user_id] = user
        if user.deleted:
            for channel in tuple(self.channels.values()):
                self._set_members(channel, tuple(m for m in channel.members if m != user_id))
        return user

    def change_channel(self, channel_id: str, **fields: Any) -> Channel:
        """Archive a channel, or change its members."""
        channel = replace(self.channel(channel_id), **fields)
        self.channels[channel.id] = channel
        return channel

    def _set_members(self, channel: Channel, members: tuple[str, ...]) -> None:
        self.channels[channel.id] = replace(channel, members=members)
