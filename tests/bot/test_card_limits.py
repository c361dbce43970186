"""Property: no card is over a limit, whatever its report holds; what it leaves out is counted."""

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.blocks.card import card_message
from bot.blocks.limits import MESSAGE_BLOCKS, MESSAGE_CHARS, text_chars
from bot.card.stages import Stage
from bot.card.state import Card, Verdicted
from bot.ports import Message
from flows.contract import (
    Concentration,
    DbtNode,
    DbtSummary,
    Decider,
    Discussion,
    Freshness,
    Policy,
    Progress,
    Remark,
    Report,
    Requester,
    Scope,
    Target,
    Via,
)
from tests.bot.card_values import UI, card
from tests.bot.slack_rules import accept
from tests.bot.test_limits import _assert_inert, rows_of
from tests.builders import NOW, equal_table, finding, report, schema_change, table_diff

_HOSTILE = (
    "&",
    "<>",
    "&<>",
    "<!channel>",
    "`",
    "*b*",
    "\u202e",
    "\x00",
    "\n",
    "→",
    "🦦",
    "e\u0301",
    "A",
    " ",
    ":tada:",
)
_TEXTS = st.one_of(
    st.builds(lambda piece, times: piece * times, st.sampled_from(_HOSTILE), st.integers(0, 400)),
    st.lists(st.sampled_from(_HOSTILE), max_size=40).map("".join),
    st.text(st.characters(codec="utf-8"), max_size=200),
)
_COUNTS = st.sampled_from((0, 1, 2, 7, 40, 300))


def full_report(text: str, *, tables: int, findings: int, nodes: int, approvers: int) -> Report:
    """A report with this text in every place that reaches the card."""
    diffs = tuple(
        table_diff(
            f"{text}{number}",
            key=(text,),
            status="failed" if number % 5 == 4 else "changed",
            error=text,
            schema_changes=(schema_change(text),) * 30,
            concentration=Concentration(kind="changed", column=text, value=text, rows=1, of=2, usual=0.5),
            fresh=Freshness(column=text, until=text, rows=3),
            scope=Scope(condition=text, sampled=0.5, production_rows=1, staging_rows=2),
        )
        for number in range(tables)
    )
    return report(
        tables=(*diffs, equal_table()),
        run_name=text,
        target=Target(production=text, staging=text, warehouse="duckdb", database=text),
        requested_by=Requester(name=text),
        findings=tuple(finding(object=text, consequence=text, remedy=text) for _ in range(findings)),
        dbt=DbtSummary(nodes=(DbtNode(name=text, kind="test", status="fail", message=text),) * nodes),
        policy=Policy.model_construct(approvers=(text,) * approvers),  # the card trusts nobody's check
        asked_because=text,
    )


def full_card(stage: Stage, about: Report, text: str) -> Card:
    """A card that says everything at once, more than any real one."""
    remark = Remark(user_id="U0MINA0001", name=text, at=NOW, text=text)
    return card(
        stage,
        about=about,
        decision=Verdicted("Approve", text, Via.RULE, Decider(name=text), NOW, rule=text),
        reason=text,
        ended_at=NOW + timedelta(hours=1),
        progress=Progress(done=3, of=9) if stage is Stage.BUILDING else None,
        discussion=Discussion(attempt=1, remarks=(remark,)),
        is_uncertain=True,
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(Stage), _TEXTS, _COUNTS, _COUNTS, _COUNTS, st.integers(0, 60))
@example(Stage.WAITING, "&" * 3_000, 300, 40, 40, 60)
@example(Stage.WAITING, "&<>" * 1_000, 3, 7, 0, 60)
@example(Stage.WAITING, "\u202e" * 182, 7, 0, 0, 21)
def test_any_card_fits(stage: Stage, text: str, tables: int, findings: int, nodes: int, approvers: int) -> None:
    """Every stage, with hostile texts of any length in every place, and any number of everything."""
    about = full_report(text, tables=tables, findings=findings, nodes=nodes, approvers=approvers)
    message = card_message(full_card(stage, about, text), ui_url=UI)
    accept(message)
    assert text_chars(message.blocks) <= MESSAGE_CHARS
    assert len(message.blocks) <= MESSAGE_BLOCKS
    _assert_inert(list(message.blocks), message.text)
    assert len(rows_of(message)) + _counted(message, "more that differ") == tables


def _counted(message: Message, words: str) -> int:
    said = "\n".join(_context_texts(message))
    found = re.search(rf"and ([0-9,]+) {words}", said)
    return int(found[1].replace(",", "")) if found else 0


def _context_texts(message: Message) -> list[str]:
    elements: list[dict[str, Any]] = [
        element for block in message.blocks if block["type"] == "context" for element in block["elements"]
    ]
    return [element["text"] for element in elements]


@pytest.mark.parametrize("findings", [0, 1, 40])
def test_what_is_left_out_is_counted(findings: int) -> None:
    """First rows of the table give way, then lines on where the change lies; each says how many are missing."""
    about = full_report("&" * 3_000, tables=300, findings=findings, nodes=0, approvers=60)
    message = card_message(full_card(Stage.WAITING, about, "&" * 3_000), ui_url=UI)
    where = [text for text in _context_texts(message) if text.startswith(("Concentrated", "300 fresh", "900 fresh"))]
    part = [text for text in _context_texts(message) if text.startswith("Counts of a part only")]
    assert len(where) + len(part) + _counted(message, "more lines? on where it changed") == 3
    assert _counted(message, "more that differ") >= 290
    assert "No table differs" not in str(message.blocks)
