"""The composition root's value: everything one running sandbox consists of."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from sandbox.call_log import CallLog
from sandbox.changes import Changes
from sandbox.deliveries import Deliveries
from sandbox.directory import Directory
from sandbox.errors import Refusal
from sandbox.events import Events
from sandbox.faults import Faults
from sandbox.files import Files
from sandbox.identifiers import Identifiers
from sandbox.messages import Message, MessageStore
from sandbox.modals import Modals
from sandbox.notices import Notices
from sandbox.rates import Rates
from sandbox.response_urls import ResponseUrls
from sandbox.settings import SandboxSettings
from sandbox.sockets import Sockets
from sandbox.triggers import Triggers
from sandbox.workspace import Channel

_TIMESTAMP = re.compile(r"\d+\.\d{6}")


@dataclass(slots=True)
class World:
    """One workspace with one installed app. Everything runs on one event loop, so nothing is locked.

    `base_url` is set when the server knows its port, e.g. `http://127.0.0.1:8080`.
    """

    settings: SandboxSettings
    clock: Callable[[], float]
    identifiers: Identifiers
    changes: Changes
    directory: Directory
    messages: MessageStore
    modals: Modals
    files: Files
    sockets: Sockets
    deliveries: Deliveries
    events: Events
    triggers: Triggers
    responses: ResponseUrls
    notices: Notices
    rates: Rates
    faults: Faults
    calls: CallLog
    base_url: str = ""

    def timestamp(self) -> str:
        """A fresh message ts."""
        return self.identifiers.timestamp(self.clock())

    def post(self, message: Message, channel: Channel) -> list[dict[str, object]]:
        """Store a new message and return its events, not yet delivered."""
        self.messages.put(message)
        self.changes.touch()
        return [] if message.only_for else self.events.posted(message, channel)

    def edit(self, before: Message, after: Message, *, by: str) -> tuple[Message, list[dict[str, object]]]:
        """Replace a message, with the mark that says who edited it and when."""
        after = replace(after, edited={"user": by, "ts": self.timestamp()})
        self.messages.put(after)
        self.changes.touch()
        return after, self.events.changed(before, after, self.directory.channel(after.channel))

    def delete(self, message: Message) -> list[dict[str, object]]:
        """Take a message away and return its events."""
        self.messages.remove(message)
        self.changes.touch()
        return self.events.deleted(message, self.directory.channel(message.channel))

    def thread_of(self, channel: str, thread_ts: str | None) -> str | None:
        """The thread a reply belongs to.

        Raises Refusal `invalid_thread_ts` for what is no timestamp, `thread_not_found` when nothing opened it.
        """
        if not thread_ts:
            return None
        if not _TIMESTAMP.fullmatch(thread_ts):
            raise Refusal("invalid_thread_ts", (f"{thread_ts} is not a valid thread_ts",))
        opener = self.messages.find(channel, thread_ts)
        if opener is None or opener.only_for:
            raise Refusal("thread_not_found")
        return opener.thread_ts or opener.ts

    async def close(self) -> None:
        """Stop deliveries and close the sockets."""
        await self.deliveries.close()
        await self.sockets.close()


def create_world(settings: SandboxSettings, clock: Callable[[], float] = time.time) -> World:
    """A freshly seeded workspace."""
    identifiers = Identifiers()
    changes = Changes()
    sockets = Sockets(settings, identifiers, changes=changes, clock=clock)
    deliveries = Deliveries(settings, sockets, identifiers=identifiers, changes=changes, clock=clock)
    return World(
        settings=settings,
        clock=clock,
        identifiers=identifiers,
        changes=changes,
        directory=Directory(identifiers),
        messages=MessageStore(),
        modals=Modals(identifiers),
        files=Files(identifiers),
        sockets=sockets,
        deliveries=deliveries,
        events=Events(settings, deliveries, identifiers, clock),
        triggers=Triggers(identifiers, clock, settings.trigger_seconds),
        responses=ResponseUrls(settings, identifiers, clock),
        notices=Notices(changes, clock),
        rates=Rates(clock),
        faults=Faults(),
        calls=CallLog(),
    )
