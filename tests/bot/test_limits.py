"""Whatever a report holds, Slack accepts the card, and nothing is left out silently."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.blocks.card import card_message
from bot.blocks.details import details_modal
from bot.blocks.diff_table import diff_table
from bot.blocks.home import Home, home_view
from bot.blocks.limits import MESSAGE_CHARS, cut_bytes, text_chars
from bot.blocks.link import link_message
from bot.blocks.listing import listing
from bot.blocks.modals import approve_modal, reject_modal
from bot.blocks.run_form import run_modal
from bot.blocks.thread import thread_messages
from bot.card.stages import Stage
from bot.card.state import Verdicted
from bot.commands.deployments import Deployment, Kind, Parameter
from bot.home.overview import Ended, Waiting
from bot.payloads import Place
from flows.contract import (
    ColumnCount,
    DbtNode,
    DbtSummary,
    Policy,
    Report,
    Requester,
    SchemaChange,
    TableDiff,
    Target,
    Via,
)
from tests.bot.card_values import UI, card
from tests.bot.slack_rules import accept, accept_view
from tests.bot.test_card_state import run
from tests.builders import equal_table, finding, receipt, report, sample, schema_change, table_diff

HOSTILE = (
    "<!channel> <@U0MINA0001> *b* _i_ `c` ~s~ <http://example.com|x> :tada: & \u202e\u200b\x00\n",
    "x" * 5_000,
    "&<>" * 2_000,
    "",
    " ",
    "\ud800",
    "🦦" * 1_000,
)


def rows_of(message: Any) -> list[list[str]]:
    """The texts of the table of a message, without its head."""
    tables = [block for block in message.blocks if block["type"] == "table"]
    return [[cell["text"] for cell in row] for table in tables for row in table["rows"][1:]]


def everything(text: str, *, tables: int = 3) -> Report:
    """A report with this text in every place that data can reach."""
    diffs = tuple(
        table_diff(
            f"{number}{text}",
            key=(text,),
            schema_changes=tuple(schema_change(text) for _ in range(30)),
            samples=tuple(sample(key=(text,), column=text, production=text, staging=text) for _ in range(40)),
            notes=(text,) * 10,
            error=text,
            status="failed" if number % 3 == 0 else "changed",
        )
        for number in range(tables)
    )
    return report(
        tables=diffs,
        run_name=text,
        target=Target(production=text, staging=text, warehouse="duckdb", database=text),
        requested_by=Requester(name=text),
        findings=tuple(finding(object=text, consequence=text, remedy=text) for _ in range(20)),
        dbt=DbtSummary(nodes=tuple(DbtNode(name=text, kind="test", status="fail", message=text) for _ in range(9))),
        policy=Policy.model_construct(approvers=(text,) * 40),  # the card trusts nobody's check
    )


def test_five_hundred_tables_fit() -> None:
    """The most important tables are shown, and the others are counted."""
    diffs: tuple[TableDiff, ...] = tuple(table_diff(f"table_{number:03}", changed=number) for number in range(500))
    message = card_message(card(about=report(tables=(*diffs, equal_table()))), ui_url=UI)
    accept(message)
    shown = [row[0] for row in rows_of(message)]
    assert shown == [f"table_{number:03}" for number in range(499, 499 - len(shown), -1)]
    assert f"and {500 - len(shown)} more that differ: `/wap diff quiet-otter` · 1 table unchanged" in str(
        message.blocks
    )
    assert len(shown) > 50


def test_dangerous_tables_come_first() -> None:
    """Failed and removed tables are never pushed out by big ones."""
    diffs = (
        *(table_diff(f"big_{number}", changed=10_000) for number in range(200)),
        table_diff("failed", status="failed"),
        table_diff("removed", status="removed", staging=None),
    )
    message = card_message(card(about=report(tables=diffs)), ui_url=UI)
    assert [row[0] for row in rows_of(message)][:2] == ["failed", "removed"]


def test_table_without_a_key_is_no_unknown() -> None:
    """Without a key a changed row counts as removed and added: a dash, and its place by size."""
    diffs = (table_diff("keyless", key=(), method="multiset", changed=None), table_diff("big", changed=1_000))
    message = card_message(card(about=report(tables=diffs)), ui_url=UI)
    assert [(row[0], row[4], row[6]) for row in rows_of(message)] == [
        ("big", "1,000", "id"),
        ("keyless", "—", "no key"),
    ]


def test_changed_columns_are_named_with_their_rows() -> None:
    """The columns that differ most are told in the row, the rest is counted, and a schema change comes first."""
    counts = tuple(ColumnCount(column=name, rows=rows) for name, rows in (("a", 1), ("b", 9), ("c", 2), ("d", 3)))
    added = SchemaChange(column="note", kind="added", staging="VARCHAR")
    changed = table_diff("orders", changed_columns=counts, schema_changes=(added,))
    shown = diff_table([changed], chars=5_000)
    assert shown.block is not None
    assert shown.block["rows"][1][5]["text"] == "+note, b 9, d 3, and 2 more"


def test_unknown_counts_are_question_marks() -> None:
    """What is not known is never shown as 0."""
    unknown = table_diff(status="failed", production=None, staging=None, added=None, removed=None, changed=None)
    message = card_message(card(about=report(tables=(unknown,))), ui_url=UI)
    assert rows_of(message) == [["orders", "?", "?", "?", "?", "diff failed", "id"]]


def test_hostile_text_everywhere_is_accepted_and_inert() -> None:
    """In every place that data can reach, text neither breaks the payload nor mentions anybody."""
    for text in HOSTILE:
        _check(everything(text))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=300), st.integers(0, 4))
def test_any_text_is_accepted_and_inert(text: str, tables: int) -> None:
    """The same for any text."""
    _check(everything(text, tables=tables))


def _check(made: Report) -> None:
    # A lone surrogate cannot come out of JSON, so it cannot be in a report either.
    said = Verdicted("Reject", made.run_name, Via.PREFECT, None, None)
    for stage in (Stage.WAITING, Stage.REJECTED):
        message = card_message(card(stage, about=made, decision=said, reason=made.run_name), ui_url=UI)
        accept(message)
        assert text_chars(message.blocks) <= MESSAGE_CHARS
        _assert_inert(list(message.blocks), message.text)
    for reply in thread_messages(made):
        accept(reply)
        _assert_inert(list(reply.blocks), reply.text)
    for view in _views(made):
        accept_view(view)
        _assert_inert(view["blocks"], "")
    for message in (*listing(made), link_message(card(about=made), url=UI, card_url=UI)):
        accept(message)
        _assert_inert(list(message.blocks), message.text)


def _views(made: Report) -> Iterator[dict[str, Any]]:
    place = Place("U0MINA0009", made.run_name[:20], "https://example.com/response")
    yield reject_modal(made, place)
    yield approve_modal(made, place)
    parameters = [
        Parameter(
            f"{number}{made.run_name}",
            kind,
            made.run_name,
            made.run_name,
            default=made.run_name,
            choices=(made.run_name,),
        )
        for number, kind in enumerate([*Kind] * 10)
    ]
    yield run_modal(Deployment("d1", made.run_name, tuple(parameters)), place)
    for shows_rows in (True, False):
        yield details_modal(made, place, picked=0, shows_rows=shows_rows)
    named = run(name=made.run_name, requested_by=made.requested_by)
    waiting = [Waiting(replace(named, id=f"{number}"), made) for number in range(60)]
    ended = Ended(made.run_name, receipt(reason=made.run_name, target=made.target))
    yield home_view(
        Home(tuple(waiting), tuple(waiting), (named,) * 60, (ended,) * 60, has_more=True, notice="Done."), ui_url=UI
    )


def _assert_inert(blocks: object, text: str) -> None:
    for mrkdwn in [*_mrkdwn(blocks), text]:
        for mark in ("<!channel", "<@U0MINA0001", "<http://example"):
            assert mark not in mrkdwn


def _mrkdwn(part: object) -> list[str]:
    match part:
        case {"type": "mrkdwn", "text": str(text)}:
            return [text]
        case dict():
            return [text for value in part.values() for text in _mrkdwn(value)]
        case list():
            return [text for value in part for text in _mrkdwn(value)]
    return []


def test_cut_bytes_never_breaks_a_character() -> None:
    """Four thousand bytes, whole characters."""
    cut = cut_bytes("🦦" * 2_000)
    assert len(cut.encode()) <= 4_000
    assert set(cut) == {"🦦", "…"}


def test_details_offer_every_table_up_to_slacks_limits() -> None:
    """Up to a hundred tables in one list, then in groups of a hundred; what even that leaves out is counted."""
    for count, groups, options in ((100, 0, 100), (101, 2, 101), (700, 5, 500)):
        made = report(tables=tuple(table_diff(f"{'x' * 200}{number:03}", changed=number) for number in range(count)))
        view = details_modal(made, Place("U0MINA0001"), picked=None, shows_rows=True)
        accept_view(view)
        [select] = [block["elements"][0] for block in view["blocks"] if block["type"] == "actions"]
        offered = select.get("option_groups", [])
        assert len(offered) == groups
        assert sum(len(group["options"]) for group in offered) + len(select.get("options", [])) == options
        assert ("and 200 more tables" in str(view["blocks"])) == (count == 700)


def test_listing_leaves_out_nothing_below_hundreds_of_tables() -> None:
    """/wap diff shows what the card has no room for."""
    made = report(tables=tuple(table_diff(f"table_{number:03}", changed=number) for number in range(300)))
    messages = listing(made)
    shown = [row[0] for message in messages for row in rows_of(message)]
    assert shown == [f"table_{number:03}" for number in range(299, -1, -1)]
    assert len(messages) <= 4


def test_long_listing_counts_what_it_leaves_out() -> None:
    """Four answers to a command are all there is."""
    made = report(tables=tuple(table_diff(f"table_{number:04}") for number in range(1_000)))
    messages = listing(made)
    shown = sum(len(rows_of(message)) for message in messages)
    assert f"and {1_000 - shown:,} more tables, which the report in Prefect lists" in str(messages[-1].blocks)
