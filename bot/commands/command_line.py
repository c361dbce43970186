"""Pure: text after /wap -> what the person wants."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.runs import Run

NAMES_LISTED = 10


@dataclass(frozen=True, slots=True)
class Help:
    """Explain the commands. `unknown` is the word that was not understood, `suggestion` the nearest one."""

    unknown: str = ""
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A command without what it is about, or with too much."""

    command: str


@dataclass(frozen=True, slots=True)
class List:
    """Name the open runs."""


@dataclass(frozen=True, slots=True)
class Stats:
    """Sum up what became of the runs lately."""


@dataclass(frozen=True, slots=True)
class History:
    """What was published and what was not; of one target, or of all if it is empty."""

    target: str


@dataclass(frozen=True, slots=True)
class Owners:
    """Who decides about a target, and who owns its tables."""

    target: str


@dataclass(frozen=True, slots=True)
class RollBack:
    """Take the newest release of a target back."""

    target: str


@dataclass(frozen=True, slots=True)
class Start:
    """Start a run of a deployment, which may be left out if there is only one."""

    deployment: str


@dataclass(frozen=True, slots=True)
class Show:
    """Show one run, called by its name or the beginning of its id."""

    wanted: str


@dataclass(frozen=True, slots=True)
class Diff:
    """Show all tables of a run that differ, or the examples of one table."""

    wanted: str
    table: str


@dataclass(frozen=True, slots=True)
class Decide:
    """Approve or reject a run; `words` is the comment or the reason."""

    verdict: Literal["Approve", "Reject"]
    wanted: str
    words: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop a run."""

    wanted: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take an own approval back."""

    wanted: str


AboutRun = Show | Diff | Decide | Withdraw | Cancel
Understood = Help | Incomplete | List | Stats | History | Owners | RollBack | Start | AboutRun


@dataclass(frozen=True, slots=True)
class Found:
    """Exactly one run fits."""

    run: Run


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several runs fit, of which some are named."""

    runs: tuple[Run, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Missing:
    """No run fits; `suggestion` is the name that comes nearest, if any does."""

    suggestion: str


USAGES = {
    "help": "",
    "run": "[DEPLOYMENT]",
    "list": "",
    "show": "RUN",
    "diff": "RUN [TABLE]",
    "approve": "RUN [COMMENT]",
    "reject": "RUN REASON",
    "withdraw": "RUN",
    "cancel": "RUN",
    "rollback": "TARGET",
    "history": "[TARGET]",
    "owners": "TARGET",
    "stats": "",
}
"""Every command with what it takes; brackets mark what may be left out."""


def parse(text: str) -> Understood:
    """Understand the text after /wap; never fails."""
    command, _, rest = text.strip().partition(" ")
    command, rest = command.lower(), rest.strip()
    first, _, words = rest.partition(" ")
    first, words = _bare(first), words.strip()
    if not command:
        return Help()
    if command not in USAGES:
        return Help(unknown=" ".join(text.split()), suggestion=nearest(command, tuple(USAGES)))
    return _alone(command, rest) or _about(command, first, words) or Incomplete(command)


def _alone(command: str, rest: str) -> Understood | None:
    """Commands that are not about a run."""
    match command, rest.split():
        case "help", _:
            return Help()
        case "list", []:
            return List()
        case "stats", []:
            return Stats()
        case "history", ([] | [_]) as words:
            return History(_bare(words[0]) if words else "")
        case "rollback", [target]:
            return RollBack(_bare(target))
        case "owners", [target]:
            return Owners(_bare(target))
        case "run", ([] | [_]) as words:
            return Start(_bare(words[0]) if words else "")
    return None


def _about(command: str, wanted: str, words: str) -> AboutRun | None:
    """Commands about a run. A comment or a reason is everything that follows, with its line breaks."""
    if not wanted:
        return None
    match command, words.split():
        case "show", []:
            return Show(wanted)
        case "cancel", []:
            return Cancel(wanted)
        case "withdraw", []:
            return Withdraw(wanted)
        case "diff", ([] | [_]) as tables:
            return Diff(wanted, _bare(tables[0]) if tables else "")
        case "approve", _:
            return Decide("Approve", wanted, words)
        case "reject", _:
            return Decide("Reject", wanted, words)
    return None


def _bare(word: str) -> str:
    """People copy names with the back-ticks that we show them in."""
    return word.strip("`")


def find(wanted: str, runs: Sequence[Run]) -> Found | Ambiguous | Missing:
    """Find a run by whole name or id first, then by how one of them begins. Case does not matter."""
    asked = wanted.lower()
    exact = [run for run in runs if asked in (run.name.lower(), run.id)]
    fitting = exact or [run for run in runs if run.name.lower().startswith(asked) or run.id.startswith(asked)]
    match fitting:
        case [run]:
            return Found(run)
        case []:
            return Missing(nearest(wanted, [run.name for run in runs]))
        case _:
            return Ambiguous(tuple(fitting[:NAMES_LISTED]), more=max(0, len(fitting) - NAMES_LISTED))


def nearest(wanted: str, names: Sequence[str]) -> str:
    """The name that comes nearest to what was typed, as it is written; empty if none does."""
    near = difflib.get_close_matches(wanted.lower(), [name.lower() for name in names], n=1)
    return next((name for name in names if near and name.lower() == near[0]), "")
