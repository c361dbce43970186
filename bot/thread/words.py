"""Pure: what somebody typed after @wap in a thread -> what they want to know."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from flows.contract import Report, TableDiff

WORDS = ("rows", "columns", "chart", "csv", "why", "help")
DECISIONS = ("approve", "reject", "cancel", "publish", "rollback")

_KINDS = ("added", "removed", "changed")
_QUOTES = "`*_~\"'“”‘’«»„"  # noqa: RUF001  what people and their keyboards put around a name
_NEAR = 3
_CHARS = 1_000
"""So much of a question is read; names are shorter, and looking for near ones takes the longer the more there is."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Example rows of a table, of one kind or of all."""

    table: tuple[str, ...]
    kind: Literal["added", "removed", "changed"] | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table and how their values moved."""

    table: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture: of a column, of a table, or without words of what differs most."""

    table: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Csv:
    """The examples of a table, or without words of all, as a file."""

    table: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """Why the run asks for a decision."""


@dataclass(frozen=True, slots=True)
class Decide:
    """Somebody tried to decide in the thread, which only buttons and commands do."""

    word: str


@dataclass(frozen=True, slots=True)
class Help:
    """Explain the words. `unknown` is what was not understood, `suggestion` the nearest thing that is."""

    unknown: str = ""
    suggestion: str = ""


Question = Rows | Columns | Chart | Csv | Why | Decide | Help


@dataclass(frozen=True, slots=True)
class Found:
    """The table that was meant, and the words after its name."""

    diff: TableDiff
    rest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """No table of the report is called so; `near` are names that come close, or else some that differ."""

    wanted: str
    near: tuple[str, ...]


def parse(text: str) -> Question:
    """Understand what was typed; never fails."""
    words = tuple(bare for word in text[:_CHARS].split() if (bare := word.strip(_QUOTES + ",;:!?")))
    if not words:
        return Help()
    word, rest = words[0].lower(), words[1:]
    match word:
        case "rows":
            return _rows(rest) if rest else Help(text, "rows TABLE")
        case "columns":
            return Columns(rest) if rest else Help(text, "columns TABLE")
        case "chart":
            return Chart(rest)
        case "csv":
            return Csv(rest)
        case "why":
            return Why()
        case "help":
            return Help()
        case _ if word in DECISIONS:
            return Decide(word)
        case _:
            near = difflib.get_close_matches(word, WORDS, n=1, cutoff=0.7)
            return Help(" ".join(words), " ".join((near[0], *rest)) if near else "")


def find_table(words: Sequence[str], report: Report) -> Found | Missing:
    """The table with the longest name that these words begin with, whatever its case and with or without its schema."""
    names = {diff.name.lower(): diff for diff in report.tables}
    schemas = (f"{report.target.production}.".lower(), f"{report.target.staging}.".lower())
    for length in range(len(words), 0, -1):
        wanted = " ".join(words[:length]).lower()
        for name in (wanted, *(wanted.removeprefix(schema) for schema in schemas)):
            if name in names:
                return Found(names[name], tuple(words[length:]))
    wanted = words[0] if words else ""
    return Missing(wanted, near_names(wanted, names.values()))


def near_names(wanted: str, tables: Iterable[TableDiff]) -> tuple[str, ...]:
    """Names of tables that are written like this one."""
    return near(wanted, [diff.name for diff in tables])


def near(wanted: str, names: Sequence[str]) -> tuple[str, ...]:
    """The names that are written most like this one, best first."""
    by_lower = {name.lower(): name for name in names}
    return tuple(by_lower[name] for name in difflib.get_close_matches(wanted.lower(), list(by_lower), n=_NEAR))


def _rows(words: tuple[str, ...]) -> Rows:
    """The last word is a kind, unless it is the only one: a table may be called `changed`."""
    last = words[-1].lower()
    for kind in _KINDS:
        if last == kind and len(words) > 1:
            return Rows(words[:-1], kind)  # type: ignore[arg-type]  # mypy does not narrow over a tuple
    return Rows(words)
