"""Pure: what is said of roll backs that several people have to ask for. Everything here is mrkdwn, but the labels."""

from collections.abc import Sequence
from datetime import datetime

from bot.blocks.escape import code, mention, when
from bot.messages import on_vote
from flows.contract import Decider, Report

_NAME_CHARS = 80


def label(report: Report, *, asked: int) -> str:
    """On the button. Plain text."""
    if report.approvals_needed == 1:
        return "Roll back"
    return "Confirm roll back" if asked else "Ask to roll back"


def dialog_note(report: Report) -> str:
    """In the dialog before a roll back; empty where one person is enough. Plain text."""
    needed = report.approvals_needed
    return f" {needed} people have to ask for it." if needed > 1 else ""


def votes_line(voters: Sequence[Decider], of: int, until: datetime) -> str:
    """On the card: who has asked so far."""
    who = on_vote.people(voters)
    todo = "Press Confirm roll back once more to start it." if len(voters) >= of else "An approver can confirm it."
    return f"Roll back asked for by {who}: {len(voters)} of {of}. {todo} It counts until {when(until)}."


def asked_line(voter: Decider, report: Report, *, have: int) -> str:
    """In the thread, once for everybody who asks."""
    who, of = mention(voter.user_id, voter.name), report.approvals_needed
    lead = (
        f"{who} asks to roll back {code(report.target.production)} to what it was before this release: {have} of {of}."
    )
    return lead if have >= of else f"{lead} Another approver can confirm it here or on the card."


def withdrawn_line(voter: Decider, *, why: str) -> str:
    """In the thread: somebody does not ask any more, or may not."""
    who = mention(voter.user_id, voter.name)
    if not why:
        return f"{who} does not ask for the roll back any more."
    return f"The roll back that {who} asked for does not count that person any more: {code(why, _NAME_CHARS)}."


def asked(report: Report, *, have: int) -> str:
    """To the person."""
    return (
        f"You have asked to roll back {code(report.target.production)}: {have} of {report.approvals_needed}. "
        f"Nothing happens before {_more(report, have)}."
    )


def asked_before(report: Report, *, have: int) -> str:
    """In the form to withdraw, or instead of it."""
    return (
        f"You have asked already to roll back {code(report.target.production)}: {have} of {report.approvals_needed}. "
        f"Nothing happens before {_more(report, have)}."
    )


def how_to_withdraw(report: Report) -> str:
    """The way without a form."""
    return f"To take that back, type {code(f'/wap withdraw {report.run_name}')}."


def withdrawn(report: Report, *, have: int) -> str:
    """The vote is gone."""
    return (
        f"Withdrawn. {have} of {report.approvals_needed} ask to roll back {code(report.target.production)} now. "
        "If enough had asked before, the roll back may have begun; the card shows what is true."
    )


def none_to_withdraw(report: Report) -> str:
    """There is nothing to take back."""
    return f"Nothing changed. You have not asked to roll back the run {code(report.run_name, _NAME_CHARS)}."


def not_checked(names: Sequence[str]) -> str:
    """Enough have asked, but it is not known whether all of them still may."""
    who = ", ".join(code(name, _NAME_CHARS) for name in names)
    return (
        f"Not rolled back yet. Enough people have asked, and Slack did not say whether {who} still may. "
        "Press again in a minute."
    )


def unsure() -> str:
    """Prefect did not answer in the middle of it."""
    return (
        "Not rolled back. It is not known whether your request was stored, because Prefect does not answer. "
        "Press again in a minute; it counts once."
    )


def _more(report: Report, have: int) -> str:
    rest = report.approvals_needed - have
    return "one more approver confirms it" if rest == 1 else f"{rest} more approvers confirm it"
