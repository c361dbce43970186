"""Golden files: every stage of the card, the thread, the modal and the Home tab, exactly as they are sent.

`WAP_UPDATE_GOLDEN=1 pytest tests/bot/test_golden.py` rewrites them; look at the difference before you commit it.
"""

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.blocks.card import card_message
from bot.blocks.details import details_modal
from bot.blocks.home import Home, home_view
from bot.blocks.link import link_message
from bot.blocks.listing import listing
from bot.blocks.modals import approve_modal, reject_modal, withdraw_modal
from bot.blocks.rollback import rollback_modal
from bot.blocks.run_form import run_modal
from bot.blocks.thread import thread_messages
from bot.card.stages import Stage
from bot.card.state import Card, Verdicted
from bot.commands.deployments import Deployment, Kind, Parameter
from bot.home.overview import Ended, Waiting
from bot.payloads import Place
from bot.ports import Message
from bot.runs import StateType, Withdrawn
from flows.contract import (
    ColumnCount,
    Concentration,
    DbtNode,
    DbtSummary,
    Decider,
    Freshness,
    Policy,
    Progress,
    Report,
    RuleHit,
    Scope,
    Via,
)
from tests.bot.card_values import BY_MINA, UI, card
from tests.bot.rollback_values import taken_back
from tests.bot.slack_rules import accept, accept_view
from tests.bot.test_card_state import run
from tests.builders import (
    MINA,
    NOW,
    acknowledgement,
    equal_table,
    finding,
    receipt,
    report,
    sample,
    schema_change,
    side,
    table_diff,
)

GOLDEN = Path(__file__).parent / "golden"
ENDED = NOW + timedelta(minutes=6)
BY_RULE = Verdicted(
    "Approve",
    "`orders` +10 -2 ~5 against production's 1,000 rows (at most +20% -5% ~1%)",
    Via.RULE,
    None,
    BY_MINA.at,
    rule="rule 3 of wap.toml",
)
REJECTED = replace(BY_MINA, verdict="Reject", reason="The amounts look doubled.\nSee *orders* <!channel>.")


BY_PEOPLE = (
    Decider(name="Priya Raman", user_id="U0PRIYA001"),
    Decider(name="Mina Okafor", user_id="U0MINA0001"),
)
GONE = (
    Withdrawn("U0INES0001", "Ines Duarte", ""),
    Withdrawn("<!channel>", "<!here> *Tomas*", "guest <!channel>"),
)
TWO_NEEDED = report(policy=Policy(approvers=("channel",), quorum=2))


def rich_report() -> Report:
    """A report with one of everything."""
    tables = (
        equal_table("customers"),
        equal_table("regions"),
        table_diff(
            "orders",
            changed=120,
            changed_columns=(ColumnCount(column="amount", rows=110),),
            fresh=Freshness(column="ordered_at", until="2026-03-01 23:59:00", rows=40),
            concentration=Concentration(
                kind="changed", column="region", value="north <!channel>", rows=118, of=120, usual=0.25
            ),
            scope=Scope(condition="ordered_at > '2026-01-01'", sampled=0.1, production_rows=100, staging_rows=101),
        ),
        table_diff(
            "payments", schema_changes=(schema_change("method"), schema_change("note", "removed")), key=(), added=0
        ),
        table_diff("refunds", status="added", production=None, added=8, removed=0, changed=0, samples=()),
        table_diff("legacy", status="removed", staging=None, kind="view", added=0, removed=1000, changed=0, samples=()),
        table_diff(
            "events",
            status="failed",
            production=None,
            staging=None,
            error="timeout",
            added=None,
            removed=None,
            changed=None,
            samples=(),
        ),
    )
    warned = DbtNode(name="orders_amount_positive", kind="test", status="warn", message="Got 3 results.")
    return report(
        tables=tables,
        findings=(finding(),),
        dbt=DbtSummary(models=12, tests_passed=33, tests_warned=1, nodes=(warned,)),
        policy=Policy(approvers=("U0MINA0001", "S0OWNERS01", "channel")),
    )


CARDS: dict[str, Card] = {
    "queued": card(Stage.BUILDING, report=None, target=None, has_started=False),
    "building": card(Stage.BUILDING, report=None, progress=Progress(done=5, of=12)),
    "building_a_selection": card(Stage.BUILDING, report=None, progress=Progress(done=1, of=0)),
    "waiting": card(),
    "waiting_rich": card(about=rich_report()),
    "waiting_nothing_differs": card(about=report(tables=(equal_table(),))),
    "unreadable": card(Stage.UNREADABLE, report=None),
    "approved": card(Stage.APPROVED, decision=BY_MINA),
    "approved_in_prefect": card(Stage.APPROVED, decision=Verdicted("Approve", "", Via.PREFECT, None, None)),
    "stuck": card(Stage.STUCK, decision=BY_MINA),
    "published": card(Stage.PUBLISHED, decision=BY_MINA, reason="Published 1 table to `dwh`.", ended_at=ENDED),
    "published_newest": card(
        Stage.PUBLISHED,
        about=rich_report(),
        decision=BY_MINA,
        reason="Published 4 tables to `dwh`.",
        ended_at=ENDED,
        can_roll_back=True,
    ),
    "published_by_rule": card(
        Stage.PUBLISHED,
        about=report(rule_hits=(RuleHit(action="auto", rule=3, table="orders", consequence="+10 -2 ~5"),)),
        decision=BY_RULE,
        reason="Published `develop_dwh` to `dwh` by rule 3 of wap.toml, nobody was asked: `orders` +10 -2 ~5.",
        ended_at=ENDED,
    ),
    "waiting_because": card(
        about=report(asked_because="No rule applies to `orders`: 5 of production's 1,000 rows would be changed (0.5%).")
    ),
    "waiting_for_votes": card(about=TWO_NEEDED, votes=(BY_PEOPLE[0],), withdrawn=GONE),
    "approved_by_two": card(Stage.APPROVED, about=TWO_NEEDED, decision=replace(BY_MINA, voters=BY_PEOPLE)),
    "rejected": card(Stage.REJECTED, decision=REJECTED, ended_at=ENDED),
    "expired": card(Stage.EXPIRED, reason="Not published. Nobody decided in time.", ended_at=ENDED),
    "superseded": card(Stage.SUPERSEDED, reason="Not published. Run brisk-heron took its place.", ended_at=ENDED),
    "refused": card(Stage.REFUSED, about=report(findings=(finding("blocker"),)), ended_at=ENDED),
    "failed": card(Stage.FAILED, ended_at=ENDED),
    "failed_uncertain": card(Stage.FAILED, decision=BY_MINA, ended_at=ENDED, is_uncertain=True),
    "cancelling": card(Stage.CANCELLED),
    "rolled_back": card(
        Stage.ROLLED_BACK,
        decision=BY_MINA,
        reason="Published 1 table to `dwh`.",
        ended_at=ENDED,
        rollback=taken_back(),
    ),
    "cancelled": card(Stage.CANCELLED, reason="Not published. The run was cancelled.", ended_at=ENDED),
}


def as_sent(message: Message) -> dict[str, Any]:
    """The part of a message that people see."""
    return {"text": message.text, "blocks": list(message.blocks)}


def assert_golden(name: str, payload: Any) -> None:
    """Compare with the file of this name, or rewrite it."""
    path = GOLDEN / f"{name}.json"
    text = json.dumps(payload, indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("WAP_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CARDS)
def test_card(name: str) -> None:
    """The card of each stage is exactly this, and Slack accepts it."""
    message = card_message(CARDS[name], ui_url=UI)
    accept(message)
    assert_golden(f"card_{name}", as_sent(message))


def test_every_stage_has_a_golden_card() -> None:
    """No stage is forgotten here."""
    assert {shown.stage for shown in CARDS.values()} == set(Stage)


def test_thread() -> None:
    """Example rows: old to new, added, removed, NULL and hostile text."""
    samples = (
        sample(),
        sample("added", key=("18",), column="note", production=None, staging="<!channel> *bold*"),
        sample("removed", key=("19",), column="note", production=None, staging=None),
        sample(key=("20", None), column="note", production="", staging=None),
        sample(key=("21",), production="1\u202e2", staging="12").model_copy(update={"times": 3}),
    )
    keyless = table_diff("visits", key=(), method="multiset", samples=(samples[1],), notes=("There is no key.",))
    tables = (table_diff(samples=samples), keyless, table_diff("empty", samples=()), table_diff("new", status="added"))
    messages = list(thread_messages(report(tables=tables)))
    for message in messages:
        accept(message)
    assert_golden("thread", [as_sent(message) for message in messages])


FORM_PARAMETERS = (
    Parameter("day", Kind.TEXT, "Day", "Which day to load.", is_required=True),
    Parameter("full", Kind.YES_NO, "Full refresh", default=False),
    Parameter("rows", Kind.INTEGER, "Rows", default=100),
    Parameter("mode", Kind.CHOICE, "Mode", choices=("fast", "safe"), default="safe"),
    Parameter("only", Kind.JSON, "Only these", default=["orders"]),
)
PLACE = Place(MINA, "C0RELEASES")
VIEWS: dict[str, dict[str, Any]] = {
    "reject_modal": reject_modal(report(), PLACE),
    "approve_modal": approve_modal(rich_report(), PLACE),
    "withdraw_modal": withdraw_modal(TWO_NEEDED, PLACE, have=1),
    "rollback_modal": rollback_modal(rich_report(), PLACE),
    "run_modal": run_modal(Deployment("d1", "nightly", FORM_PARAMETERS), PLACE),
    "run_modal_without_parameters": run_modal(Deployment("d1", "nightly", ()), PLACE),
    "details_modal": details_modal(rich_report(), PLACE, picked=3, shows_rows=True),
    "details_modal_without_rows": details_modal(rich_report(), PLACE, picked=3, shows_rows=False),
    "home": home_view(
        Home(
            mine=(
                Waiting(run(), report()),
                Waiting(run(id="2" * 36), report(findings=(finding("blocker"),), run="2" * 36)),
            ),
            others=(Waiting(run(), report()), Waiting(run(), None)),
            running=(run(requested_by=report().requested_by), run(StateType.CANCELLING)),
            published=(Ended("calm-heron", receipt(decision=acknowledgement())), Ended("dry-owl", receipt())),
            has_more=True,
            notice="Approved: `quiet-otter`.",
        ),
        ui_url=UI,
    ),
    "home_empty": home_view(Home((), (), (), ()), ui_url=UI),
}


@pytest.mark.parametrize("name", VIEWS)
def test_view(name: str) -> None:
    """Each modal and the Home tab is exactly this, and Slack accepts it."""
    accept_view(VIEWS[name])
    assert_golden(name, VIEWS[name])


def test_link() -> None:
    """A link to a run: state and size, no tables and no values."""
    message = link_message(card(about=rich_report()), url=f"{UI}/runs/flow-run/1", card_url="https://example.com/card")
    accept(message)
    assert_golden("link", as_sent(message))


def test_listing() -> None:
    """/wap diff: findings first, then every table that differs."""
    messages = listing(rich_report())
    for message in messages:
        accept(message)
    assert_golden("listing", [as_sent(message) for message in messages])


def test_rows_before_and_after_come_from_the_sides() -> None:
    """Counts of rows are those of the audit, not sums of ours."""
    shown = card_message(card(about=report(tables=(table_diff(staging=side(7, seed="s")),))), ui_url=UI)
    assert "1,000 → 7" in str(shown.blocks)
