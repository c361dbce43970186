"""Pure: may this person decide, stop or start a run? A rule that cannot be evaluated denies."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from flows.contract import Policy, Report, Requester, Verdict

CHANNEL = "channel"
"""The word in `approvers` that stands for the members of the card's channel."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in Slack, as users.info describes them now. Identity is `id`; `name` is only for reading."""

    id: str
    name: str
    team_id: str
    enterprise_id: str = ""
    is_bot: bool = False
    is_deleted: bool = False
    is_guest: bool = False
    is_stranger: bool = False


@dataclass(frozen=True, slots=True)
class Home:
    """The workspace that the bot is installed in."""

    team_id: str
    enterprise_id: str = ""


class Rule(StrEnum):
    """Why somebody may not decide."""

    BOT = "bot"
    DEACTIVATED = "deactivated"
    GUEST = "guest"
    OUTSIDER = "outsider"
    NOT_APPROVER = "not an approver"
    UNKNOWN_MEMBERS = "members of an approver group could not be read"
    OWN_RUN = "separation of duties"
    BLOCKED = "blocked"
    NOT_REQUESTER = "neither requester nor approver"


@dataclass(frozen=True, slots=True)
class Allowed:
    """This person may give this verdict."""


@dataclass(frozen=True, slots=True)
class Denied:
    """This person may not, because of `rule`."""

    rule: Rule


Members = Mapping[str, frozenset[str] | None]
"""Per user group id (and per the word `channel`) its members now; None when they could not be read."""


def groups_to_read(policy: Policy, person: Person) -> tuple[str, ...]:
    """The approver entries whose members must be known to judge this person; none if named directly."""
    if person.id in policy.approvers:
        return ()
    return tuple(entry for entry in policy.approvers if entry == CHANNEL or entry.startswith("S"))


def may_decide(verdict: Verdict, person: Person, report: Report, *, home: Home, members: Members) -> Allowed | Denied:
    """Judge one verdict of one person. Rejecting an own run is allowed; everything else is equal for both."""
    rule = (
        _identity(person, home)
        or _approver(person, report.policy, members)
        or (_approval(person, report) if verdict == "Approve" else None)
    )
    return Denied(rule) if rule else Allowed()


def may_cancel(
    person: Person, requester: Requester | None, policy: Policy | None, *, home: Home, members: Members
) -> Allowed | Denied:
    """Judge a cancellation: a requester may stop an own run, an approver any. Before the audit no approver is known."""
    if rule := _identity(person, home):
        return Denied(rule)
    if requester and requester.user_id == person.id:
        return Allowed()
    if policy is None:
        return Denied(Rule.NOT_REQUESTER)
    rule = _approver(person, policy, members)
    return Denied(Rule.NOT_REQUESTER if rule is Rule.NOT_APPROVER else rule) if rule else Allowed()


def may_start(person: Person, *, home: Home) -> Allowed | Denied:
    """Judge a start: every member may ask for a release, because nothing is published by asking."""
    rule = _identity(person, home)
    return Denied(rule) if rule else Allowed()


def _identity(person: Person, home: Home) -> Rule | None:
    if person.is_bot:
        return Rule.BOT
    if person.is_deleted:
        return Rule.DEACTIVATED
    # In a shared channel `is_stranger` alone misses people of other workspaces, hence both.
    same_enterprise = bool(home.enterprise_id) and person.enterprise_id == home.enterprise_id
    if person.is_stranger or not (person.team_id == home.team_id or same_enterprise):
        return Rule.OUTSIDER
    return Rule.GUEST if person.is_guest else None


def _approver(person: Person, policy: Policy, members: Members) -> Rule | None:
    if person.id in policy.approvers:
        return None
    groups = [members.get(entry) for entry in groups_to_read(policy, person)]
    if any(group is not None and person.id in group for group in groups):
        return None
    return Rule.UNKNOWN_MEMBERS if None in groups else Rule.NOT_APPROVER


def _approval(person: Person, report: Report) -> Rule | None:
    if report.blockers:
        return Rule.BLOCKED
    if report.policy.separation_of_duties and person.id == report.requested_by.user_id:
        return Rule.OWN_RUN
    return None
