"""Who may decide: every rule, and that what cannot be evaluated denies."""

from dataclasses import replace

import pytest

from bot.decisions.policy import Allowed, Denied, Home, Members, Person, Rule, groups_to_read, may_decide
from flows.contract import Policy, Report, Verdict
from tests.builders import MINA, TOMAS, finding, report

HOME = Home("T0HARBOUR", "E0HARBOUR")
PERSON = Person(MINA, "Mina Okafor", "T0HARBOUR")
OWNERS = "S0OWNERS01"


def judge(
    person: Person = PERSON,
    verdict: Verdict = "Approve",
    *,
    on: Report | None = None,
    members: Members | None = None,
    home: Home = HOME,
) -> Allowed | Denied:
    """Judge with a report that Mina may decide."""
    return may_decide(verdict, person, on or report(), home=home, members=members or {})


@pytest.mark.parametrize("verdict", ["Approve", "Reject"])
@pytest.mark.parametrize(
    ("person", "rule"),
    [
        (replace(PERSON, is_bot=True), Rule.BOT),
        (replace(PERSON, is_deleted=True), Rule.DEACTIVATED),
        (replace(PERSON, is_guest=True), Rule.GUEST),
        (replace(PERSON, is_stranger=True), Rule.OUTSIDER),
        (replace(PERSON, team_id="T0QUAYSIDE"), Rule.OUTSIDER),
        (replace(PERSON, id="U0PRIYA001"), Rule.NOT_APPROVER),
    ],
)
def test_identity_and_membership_guard_both_verdicts(person: Person, rule: Rule, verdict: Verdict) -> None:
    """Nobody may reject who may not approve for the same reason."""
    assert judge(person, verdict) == Denied(rule)


def test_approver_is_allowed() -> None:
    """A named approver may give both verdicts."""
    assert judge() == Allowed()
    assert judge(verdict="Reject") == Allowed()


def test_approver_on_enterprise_grid_is_a_person_not_a_group() -> None:
    """There a user id begins with W: it is compared with the person, and nobody's members are read for it."""
    grid = report(policy=Policy(approvers=("W0MINA0001",)))
    assert judge(replace(PERSON, id="W0MINA0001"), on=grid) == Allowed()
    assert groups_to_read(grid.policy, PERSON) == ()
    assert judge(on=grid) == Denied(Rule.NOT_APPROVER)


def test_same_enterprise_counts_as_home() -> None:
    """On an Enterprise Grid a member may belong to another workspace of the same organisation."""
    assert judge(replace(PERSON, team_id="T0OTHER", enterprise_id="E0HARBOUR")) == Allowed()
    no_enterprise = Home("T0HARBOUR", "")
    assert judge(replace(PERSON, team_id="T0OTHER", enterprise_id=""), home=no_enterprise) == Denied(Rule.OUTSIDER)


def test_requester_may_reject_but_not_approve() -> None:
    """Separation of duties guards the yes only, and can be switched off."""
    both = report(policy=Policy(approvers=(MINA, TOMAS)))
    tomas = replace(PERSON, id=TOMAS)
    assert judge(tomas, on=both) == Denied(Rule.OWN_RUN)
    assert judge(tomas, "Reject", on=both) == Allowed()
    lax = report(policy=Policy(approvers=(TOMAS,), separation_of_duties=False))
    assert judge(tomas, on=lax) == Allowed()


def test_quorum_changes_nobody_s_rights() -> None:
    """How many must approve says nothing of who may: each of them is judged alike."""
    two = report(policy=Policy(approvers=(MINA,), quorum=2))
    assert judge(on=two) == Allowed()
    assert judge(verdict="Reject", on=two) == Allowed()
    assert judge(replace(PERSON, id="U0PRIYA001"), on=two) == Denied(Rule.NOT_APPROVER)


def test_blocker_is_never_approved() -> None:
    """A report with a blocker should never be asked about; if it is, nobody can approve it."""
    assert judge(on=report(findings=(finding("blocker"),))) == Denied(Rule.BLOCKED)


@pytest.mark.parametrize("entry", [OWNERS, "channel"])
def test_members_of_a_group_are_approvers(entry: str) -> None:
    """User groups and the channel are looked up; members pass, others do not."""
    grouped = report(policy=Policy(approvers=(entry,)))
    assert judge(on=grouped, members={entry: frozenset({MINA})}) == Allowed()
    assert judge(on=grouped, members={entry: frozenset()}) == Denied(Rule.NOT_APPROVER)


def test_group_that_cannot_be_read_denies() -> None:
    """Unknown members are no members, and the person hears that it is not their fault."""
    grouped = report(policy=Policy(approvers=(OWNERS,)))
    assert judge(on=grouped, members={OWNERS: None}) == Denied(Rule.UNKNOWN_MEMBERS)
    assert judge(on=grouped, members={}) == Denied(Rule.UNKNOWN_MEMBERS)


def test_one_readable_group_is_enough() -> None:
    """Whoever is in a group that could be read needs no other."""
    grouped = report(policy=Policy(approvers=(OWNERS, "S0OTHERS01")))
    assert judge(on=grouped, members={OWNERS: frozenset({MINA}), "S0OTHERS01": None}) == Allowed()


def test_groups_are_read_only_when_needed() -> None:
    """A person who is named needs no look at any group."""
    policy = Policy(approvers=(MINA, OWNERS, "channel"))
    assert groups_to_read(policy, PERSON) == ()
    assert groups_to_read(policy, replace(PERSON, id=TOMAS)) == (OWNERS, "channel")


def test_display_name_decides_nothing() -> None:
    """Somebody who calls themselves Mina is not Mina."""
    assert judge(Person("U0FAKE0001", "Mina Okafor", "T0HARBOUR")) == Denied(Rule.NOT_APPROVER)
