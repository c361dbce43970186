"""The Home tab: what waits for this person, what waits for others, what runs, what was published lately."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.blocks import limits
from bot.blocks.buttons import own_buttons
from bot.blocks.card import run_url
from bot.blocks.elements import Block, context, header, section
from bot.home.overview import Ended, Waiting
from bot.messages import at_home, on_change, on_ended
from bot.runs import Run

Listed = TypeVar("Listed")

MINE, OTHERS, RUNNING, PUBLISHED = 15, 10, 10, 10
"""How many of each are shown: with three blocks for each of the first, far below Slack's hundred."""


@dataclass(frozen=True, slots=True)
class Home:
    """All that the tab shows. `notice` answers the last click there; `has_more`: Prefect holds more open runs."""

    mine: tuple[Waiting, ...]
    others: tuple[Waiting, ...]
    running: tuple[Run, ...]
    published: tuple[Ended, ...]
    has_more: bool = False
    notice: str = ""


def home_view(home: Home, *, ui_url: str) -> dict[str, Any]:
    """The view. What does not fit is counted."""
    blocks = [
        *([section(home.notice), {"type": "divider"}] if home.notice else []),
        *_mine(home.mine, ui_url),
        *_lines(at_home.OTHERS, home.others, OTHERS, lambda one: at_home.waiting_line(one, _url(ui_url, one))),
        *_lines(at_home.RUNNING, home.running, RUNNING, lambda run: at_home.running_line(run, run_url(ui_url, run.id))),
        *([context(at_home.more_line())] if home.has_more else []),
        *_lines(at_home.PUBLISHED, home.published, PUBLISHED, on_ended.published_line),
        context(at_home.help_line()),
    ]
    assert len(blocks) <= limits.MODAL_BLOCKS
    return {"type": "home", "blocks": blocks}


def notice_view(text: str) -> dict[str, Any]:
    """The tab when nothing but an answer can be shown."""
    return {"type": "home", "blocks": [section(text), context(at_home.help_line())]}


def _mine(mine: Sequence[Waiting], ui_url: str) -> Iterator[Block]:
    yield header(at_home.mine_title(len(mine)))
    if not mine:
        yield section(at_home.nothing_waits())
    for waiting in mine[:MINE]:
        url = _url(ui_url, waiting)
        yield section(at_home.mine_line(waiting, url))
        if waiting.report is None:
            continue
        risk = on_change.risk_line(waiting.report)
        notes = [risk, on_change.asked_line(waiting.report)] if risk else []
        if (votes := at_home.votes_line(waiting)) or notes:
            yield context(*notes, votes)
        yield {
            "type": "actions",
            "block_id": f"wap_actions {waiting.run.id}"[:255],
            "elements": own_buttons(
                waiting.report, url, may_approve=waiting.may_approve, has_approved=waiting.has_approved
            ),
        }
    if len(mine) > MINE:
        yield context(at_home.rest_line(len(mine) - MINE))


def _lines(title: str, listed: Sequence[Listed], most: int, line: Callable[[Listed], str]) -> Iterator[Block]:
    if not listed:
        return
    yield {"type": "divider"}
    yield header(title)
    for one in listed[:most]:
        yield section(line(one))
    if len(listed) > most:
        yield context(at_home.rest_line(len(listed) - most))


def _url(ui_url: str, waiting: Waiting) -> str:
    return run_url(ui_url, waiting.run.id)
