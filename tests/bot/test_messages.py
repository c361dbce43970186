"""Whole sentences, as people read them."""

from typing import Any

import pytest

from bot.card.stages import Stage
from bot.decisions.policy import Denied, Rule
from bot.home.overview import Open, Waiting
from bot.messages import at_start, on_card, on_command, to_person
from bot.runs import StateType, StoredDecision
from flows.contract import Decider, Policy, Requester
from tests.bot.card_values import BY_MINA, card
from tests.bot.test_card_state import run
from tests.builders import MINA, equal_table, finding, report, table_diff

MINA_SAID = StoredDecision("Approve", "", Decider(name="Mina Okafor", user_id=MINA), "nonce")
UNKNOWN: dict[str, Any] = {"added": None, "removed": None, "changed": None}


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (Rule.BOT, "Not approved. Only people decide; you are signed in as a bot."),
        (
            Rule.DEACTIVATED,
            "Not approved. Your Slack account is deactivated. Ask an administrator of this workspace.",
        ),
        (Rule.GUEST, "Not approved. Guests of this workspace cannot decide. Ask a full member who is an approver."),
        (
            Rule.OUTSIDER,
            "Not approved. Only members of the workspace that runs this bot can decide, and you belong to another one.",
        ),
        (
            Rule.NOT_APPROVER,
            "Not approved. Only `U0MINA0001` can decide about `dwh`, and you are not one of them. Ask them.",
        ),
        (
            Rule.UNKNOWN_MEMBERS,
            "Not approved. You are not named as an approver yourself, and Slack did not say who is in the approver "
            "groups. Try again in a minute; if it repeats, the bot may lack the scope `usergroups:read`.",
        ),
        (
            Rule.OWN_RUN,
            "Not approved. You requested this run, and `dwh` needs somebody else to approve it. You can reject it.",
        ),
        (Rule.BLOCKED, "Not approved. The audit found 0 blocker(s). Remove them and run the audit again."),
    ],
)
def test_refusal(rule: Rule, sentence: str) -> None:
    """What did not happen, why, and what to do next."""
    assert to_person.denied(Denied(rule), "Approve", report()) == sentence


def test_refused_rejection_says_so() -> None:
    """The first words name the verdict that was not recorded."""
    assert to_person.denied(Denied(Rule.GUEST), "Reject", report()).startswith("Not rejected. ")


def test_decided_run_names_who_and_when() -> None:
    """A late click hears who was first."""
    assert to_person.not_waiting(card(Stage.PUBLISHED, decision=BY_MINA)) == (
        "Nothing changed. <@U0MINA0001> approved the run `quiet-otter` "
        "<!date^1772444100^{date_short_pretty} {time}|2026-03-02 09:35 UTC>."
    )


def test_run_that_does_not_wait_names_its_stage() -> None:
    """A click on an expired card hears that it expired."""
    assert to_person.not_waiting(card(Stage.EXPIRED)) == (
        "Nothing changed. The run `quiet-otter` does not wait for a decision; it is `expired`."
    )


def test_race_is_told_by_who_was_first() -> None:
    """The loser of a race hears the winner's name; one's own second click is recognised."""
    assert to_person.already_decided(MINA_SAID, by_you=False) == (
        "Nothing changed. <@U0MINA0001> approved this run first."
    )
    assert to_person.already_decided(MINA_SAID, by_you=True) == "Nothing changed. You had already approved this run."
    unproven = StoredDecision("Reject", "", None)
    assert to_person.already_decided(unproven, by_you=False) == (
        "Nothing changed. Somebody in Prefect rejected this run first."
    )


def test_not_recorded_says_whether_pressing_again_helps() -> None:
    """The person learns whether the run still waits."""
    assert to_person.not_recorded("Approve", still_waiting=True, detail="Run input schema not found.") == (
        "Not approved. Nothing was stored. Prefect said: `Run input schema not found.`. "
        "The run still waits: press again."
    )
    assert to_person.not_recorded("Reject", still_waiting=False, detail="") == (
        "Not rejected. Nothing was stored. The run no longer waits for a decision."
    )


def test_lookups_answer_with_names() -> None:
    """Lists, ambiguity and typos are answered with names that can be typed."""
    assert on_command.open_runs(Open((), (), has_more=False)) == "No run is open."
    found = Open((Waiting(run(), report()),), (run(StateType.RUNNING),), has_more=True)
    assert on_command.open_runs(found) == (
        "2 open:\n`quiet-otter` waiting, `dwh`, expires <!date^1772472600^{date_short_pretty} {time}|2026-03-02 17:30 "
        "UTC>. 1 table differs: +10 -2 ~5 rows.\n"
        "`quiet-otter` running since <!date^1772443800^{date_short_pretty} {time}|2026-03-02 09:30 UTC>\n"
        "and more, which Prefect lists."
    )
    assert on_command.ambiguous("show", "quiet", (run(), run()), 3) == (
        "Nothing was done. Several runs fit `quiet`: `quiet-otter` (`11111111`), `quiet-otter` (`11111111`) and 3 "
        "more. Say more of the name or the id, for example `/wap show 11111111`."
    )
    assert on_command.missing("approve", "ottr", "otter") == (
        "Nothing was done. No open or recent run is called `ottr`. Did you mean `/wap approve otter`?"
    )
    assert on_command.missing("show", "zzz", "") == (
        "Nothing was done. No open or recent run is called `zzz`. `/wap list` names the open ones."
    )


@pytest.mark.parametrize(
    ("tables", "sentence"),
    [
        ((), "No table differs."),
        ((equal_table(),), "No table differs."),
        ((table_diff(),), "1 table differs: +10 -2 ~5 rows."),
        ((table_diff(), table_diff("b", added=1_990)), "2 tables differ: +2,000 -4 ~10 rows."),
        ((table_diff(), table_diff("b", **UNKNOWN)), "2 tables differ: +10 -2 ~5 rows, and 1 table not counted."),
        ((table_diff(**UNKNOWN),), "1 table differs: rows not counted."),
        ((table_diff(key=(), method="multiset", changed=None),), "1 table differs: +10 -2 ~0 rows."),
    ],
)
def test_totals_never_count_the_unknown_as_zero(tables: tuple[object, ...], sentence: str) -> None:
    """A sum leaves out what could not be counted, and says so."""
    assert on_card.totals(report(tables=tables)) == sentence


def test_confirmation_repeats_target_and_counts() -> None:
    """The last question before publishing names both schemas, the counts and the warnings."""
    asked = report(findings=(finding(),))
    assert on_card.confirm_title(asked) == "Publish to dwh?"
    assert on_card.confirm_text(asked) == "develop_dwh replaces dwh. 1 table differs: +10 -2 ~5 rows. 1 warning."


def test_approvers_line_is_cut_visibly() -> None:
    """A long list of approvers does not fill the card."""
    many = tuple(f"U0MEMBER{number:03}" for number in range(25))
    line = on_card.approvers_line(report(policy=Policy(approvers=many, quorum=2, separation_of_duties=False)))
    assert line.endswith("<@U0MEMBER019> and 5 more. 2 approvals are needed.")


def test_duties_that_nobody_can_separate_are_said() -> None:
    """A run that was started in Prefect names its requester as anybody typed it: no person in Slack is that one."""
    elsewhere = report(requested_by=Requester(name="tomas"))
    assert on_card.approvers_line(elsewhere).endswith(
        "this run names none whom Slack knows, so nobody is kept from it."
    )
    assert on_card.approvers_line(report()).endswith("; the requester cannot approve.")


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("not_in_channel", "Invite the bot: type /invite followed by its name in that channel."),
        ("is_archived", "Unarchive the channel, or set WAP_SLACK_CHANNEL to another one."),
        ("something_new", "Check WAP_SLACK_CHANNEL."),
    ],
)
def test_unusable_channel_has_its_remedy(code: str, remedy: str) -> None:
    """The person at the terminal learns what to do."""
    assert at_start.channel_unusable("C0RELEASES", code) == (
        f"The bot did not start. It cannot post to WAP_SLACK_CHANNEL=C0RELEASES ({code}). {remedy}"
    )
