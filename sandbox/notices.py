"""What Slack shows to one person when an app did not do its part."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.changes import Changes


@dataclass(frozen=True, slots=True)
class Notice:
    """One warning: when (seconds), for whom, and the sentence."""

    at: float
    user: str
    text: str


class Notices:
    """The warnings of every person, oldest first."""

    def __init__(self, changes: Changes, clock: Callable[[], float]) -> None:
        self._changes = changes
        self._clock = clock
        self._notices: list[Notice] = []

    def show(self, user: str, text: str) -> str:
        """Show `text` to `user`, and return it."""
        self._notices.append(Notice(self._clock(), user, text))
        self._changes.touch()
        return text

    def of(self, user: str) -> tuple[Notice, ...]:
        """What one person was shown."""
        return tuple(notice for notice in self._notices if notice.user == user)


def did_not_answer(action: str, seconds: float) -> str:
    """The sentence for an interaction without an ack."""
    return f"{action} may not have worked: wap did not answer within {seconds:g} seconds. Try again."


def answered_badly(action: str, problem: str) -> str:
    """The sentence for an ack whose content Slack cannot use."""
    return f"{action} was not completed: wap answered with something Slack cannot show ({problem}). Try again."
