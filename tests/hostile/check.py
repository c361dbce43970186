"""One round after the other: make every surface, ask Slack's rules whether it is accepted, look for what is stray."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.ports import Message, Upload
from bot.thread.csv_file import samples_csv
from sandbox.errors import Refusal
from tests.bot.slack_rules import accept, accept_view
from tests.hostile.other_eyes import stray_in_csv, stray_in_markdown
from tests.hostile.slack_eyes import stray, stray_in_file, stray_in_mrkdwn, stray_in_notification
from tests.hostile.surfaces import Made, surfaces
from tests.hostile.texts import Texts
from tests.hostile.values import Values

ROLES = ("cell", "name", "words")


@dataclass(slots=True)
class Seen:
    """What came of it. `refused` and `stray` are sentences, each with the surface that it is about."""

    given: Counter[str] = field(default_factory=Counter)
    payloads: Counter[str] = field(default_factory=Counter)
    csv_cells: int = 0
    refused: list[str] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    """CPU seconds of the surface that took longest to make, and its name."""


def run(texts: int, *, seed: int) -> Seen:
    """Rounds until each role has had so many texts: cells, names, and words that people or programs write."""
    supply, seen, number = Texts(seed), Seen(), 0
    while any(supply.given[role] < texts for role in ROLES):
        number += 1
        values = Values(supply, seed + number)
        began = time.process_time()
        for made in surfaces(values):
            seen.slowest = max(seen.slowest, (time.process_time() - began, made.surface))
            seen.payloads[made.surface] += 1
            seen.refused += [f"{made.surface}: {problem}" for problem in _refused(made)]
            seen.stray += [f"{made.surface}: {problem}" for problem in _stray(made)]
            began = time.process_time()
        _read_csv(values, seen)
    seen.given = supply.given
    return seen


def looked_at(made: Made) -> list[str]:
    """Everything that is wrong with one payload."""
    return [*_refused(made), *_stray(made)]


def _read_csv(values: Values, seen: Seen) -> None:
    cells, problems = stray_in_csv(samples_csv(values.report().tables).content)
    seen.csv_cells += cells
    seen.stray += [f"CSV: {problem}" for problem in problems]


def _refused(made: Made) -> Iterator[str]:
    """What Slack's rules say against a payload, as the local Slack keeps them."""
    try:
        match made.payload:
            case Message() as message:
                accept(message)
            case dict() as view:
                accept_view(view)
            case _:
                return
    except (Refusal, AssertionError) as error:
        yield f"{error!r} {getattr(error, 'messages', '')}"


def _stray(made: Made) -> Iterator[str]:
    match made.payload:
        case Message(text, blocks):
            yield from stray(list(blocks))
            yield from stray_in_notification(text) if blocks else stray_in_mrkdwn(text)
        case Upload() as file:
            yield from stray_in_file(file.name, file.title, file.comment, file.alt_text)
        case dict() as view:
            yield from stray(_seen(view))
        case str(text):
            yield from stray_in_markdown(text)


def _seen(view: dict[str, Any]) -> dict[str, Any]:
    """A view without what only we read."""
    return {name: part for name, part in view.items() if name not in ("private_metadata", "callback_id")}
