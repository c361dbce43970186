"""Pure: text after /wap -> what the person wants."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from bot.runs import Run

_WORDS = ("help", "list", "show")
NAMES_LISTED = 10


@dataclass(frozen=True, slots=True)
class Help:
    """Explain the commands. `unknown` is the word that was not understood, `suggestion` the nearest one."""

    unknown: str = ""
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class List:
    """Name the open runs."""


@dataclass(frozen=True, slots=True)
class Show:
    """Show one run, called by its name or the beginning of its id."""

    wanted: str


@dataclass(frozen=True, slots=True)
class Found:
    """Exactly one run fits."""

    run: Run


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several runs fit."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """No run fits; `suggestion` is the name that comes nearest, if any does."""

    suggestion: str


def parse(text: str) -> Help | List | Show:
    """Understand the text after /wap; never fails."""
    words = text.split()
    if not words:
        return Help()
    word = words[0].lower()
    match word, words[1:]:
        case "help", _:
            return Help()
        case "list", []:
            return List()
        case "show", [wanted]:
            return Show(wanted.strip("`"))
        case _:
            near = difflib.get_close_matches(word, _WORDS, n=1)
            return Help(unknown=" ".join(words), suggestion=near[0] if near else "")


def find(wanted: str, runs: Sequence[Run]) -> Found | Ambiguous | Missing:
    """Find a run by whole name or id first, then by how one of them begins. Case does not matter."""
    asked = wanted.lower()
    exact = [run for run in runs if asked in (run.name.lower(), run.id)]
    fitting = exact or [run for run in runs if run.name.lower().startswith(asked) or run.id.startswith(asked)]
    match fitting:
        case [run]:
            return Found(run)
        case []:
            near = difflib.get_close_matches(asked, [run.name.lower() for run in runs], n=1)
            return Missing(near[0] if near else "")
        case _:
            return Ambiguous(tuple(fitting[:NAMES_LISTED]))
