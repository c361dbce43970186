"""Pure: what the thread is told while nobody decides, and when nobody has. Everything here is mrkdwn."""

from collections.abc import Collection

from bot.blocks.escape import code, mention, mention_group, when
from bot.decisions.policy import CHANNEL
from bot.messages.on_card import totals
from flows.contract import Report

_MENTIONED = 20


def reminder(report: Report, *, done: Collection[str]) -> str:
    """To those who may approve and have not; members of a channel are not mentioned, the thread is theirs anyway."""
    return f"{_to(_approvers(report, done))}{_waiting(report)}"


def escalation(report: Report) -> str:
    """To the person or group that is told when reminders did not help. It gives nobody a right to decide."""
    return (
        f"{_to([report.policy.reminders.escalate_to])}{_waiting(report)} "
        "Nobody has decided yet; please find one of the people who may."
    )


def expired(report: Report, *, is_quiet: bool) -> str:
    """To whoever asked for the run, who is mentioned unless it is quiet."""
    requester = report.requested_by
    who = f"{mention(requester.user_id, requester.name)} " if requester.user_id and not is_quiet else ""
    return (
        f"{who}Not published: nobody decided on {code(report.target.production)} before {when(report.expires_at)}. "
        f"The data is still in {code(report.target.staging)}; start again with {code('/wap run')}."
    )


def _waiting(report: Report) -> str:
    return (
        f"{code(report.target.staging)} has waited for a decision since {when(report.created_at)}. {totals(report)} "
        f"If nobody decides before {when(report.expires_at)}, {code(report.target.production)} is not published."
    )


def _approvers(report: Report, done: Collection[str]) -> list[str]:
    policy = report.policy
    # Whoever may not approve is not called to it, although rejecting would be allowed.
    idle = {report.requested_by.user_id} if policy.separation_of_duties else set()
    return [entry for entry in policy.approvers if entry != CHANNEL and entry not in idle and entry not in done]


def _to(entries: list[str]) -> str:
    named = [mention_group(entry) if entry.startswith("S") else mention(entry, entry) for entry in entries]
    return " ".join(named[:_MENTIONED]) + (" " if named else "")
