"""Pure: what is said of approvals of which a run needs several. Everything here is mrkdwn."""

from collections.abc import Sequence

from bot.blocks.escape import code, cut, mention
from bot.runs import Withdrawn
from flows.contract import Decider, Report

_NAMED = 20
_WITHDRAWN = 5
_NAME_CHARS = 80


def needed(count: int) -> str:
    """How many approvals a report needs."""
    return "One approval is needed" if count == 1 else f"{count} approvals are needed"


def votes_line(voters: Sequence[Decider], of: int) -> str:
    """How many have approved so far, and who."""
    who = f": {people(voters)}" if voters else ""
    return f"{len(voters)} of {of} approvals{who}."


def withdrawn_line(gone: Withdrawn) -> str:
    """An approval that is there no more."""
    who = mention(gone.user_id, gone.name)
    if not gone.why:
        return f"{who} withdrew the approval."
    return f"The approval of {who} does not count any more: {code(gone.why, _NAME_CHARS)}."


def withdrawn_lines(gone: Sequence[Withdrawn]) -> list[str]:
    """All of them in one line, if there are any; what is too much is counted."""
    lines = [withdrawn_line(one) for one in gone[:_WITHDRAWN]]
    lines += [f"And {len(gone) - _WITHDRAWN} more."] if len(gone) > _WITHDRAWN else []
    return [" ".join(lines)] if lines else []


def people(deciders: Sequence[Decider]) -> str:
    """`Mina, Tomas and Priya`, as mentions; many are counted."""
    names = [mention(one.user_id, one.name) for one in deciders[:_NAMED]]
    if len(deciders) > _NAMED:
        names.append(f"{len(deciders) - _NAMED} more")
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def approved_before(report: Report, *, have: int) -> str:
    """The person has approved already; what the form to withdraw says, or what stands for it."""
    rest = report.approvals_needed - have
    more = f"{rest} more {'is' if rest == 1 else 'are'} needed"
    return f"You have approved the run {_name(report)} already: {have} of {report.approvals_needed} approvals, {more}."


def how_to_withdraw(report: Report) -> str:
    """The way without a form."""
    return f"To take your approval back, type {code(f'/wap withdraw {report.run_name}')}."


def none_to_withdraw(report: Report) -> str:
    """There is nothing to take back."""
    return f"Nothing changed. You have not approved the run {_name(report)}."


def withdrawn(report: Report, *, have: int) -> str:
    """The approval is gone."""
    return (
        f"Withdrawn. The run {_name(report)} has {have} of {report.approvals_needed} approvals now. "
        "You can approve it again as long as it waits."
    )


def withdrawn_late(report: Report) -> str:
    """The run was decided in the same moment."""
    return (
        f"Your approval of the run {_name(report)} is withdrawn, but the run was decided in the same moment. "
        "If the flow had read your approval before, it counts; the card shows what is true."
    )


def voted(user_id: str, name: str, report: Report, *, have: int, words: str) -> str:
    """What the channel hears of an approval that was made by a command, and that is not the last one."""
    said = f": {code(cut(words, 500), 500)}" if words else "."
    return f"{mention(user_id, name)} approved the run {_name(report)}, {have} of {report.approvals_needed}{said}"


def stored(report: Report, *, have: int) -> str:
    """What the person hears on the Home tab."""
    return f"Your approval of the run {_name(report)} is stored: {have} of {report.approvals_needed}."


def not_checked(names: Sequence[str]) -> str:
    """Enough have approved, but it is not known whether all of them still may."""
    who = ", ".join(code(name, _NAME_CHARS) for name in names[:_NAMED])
    return (
        f"Not published yet. Enough people have approved, and Slack did not say whether {who} still may. "
        "Press Approve again in a minute."
    )


def unsure() -> str:
    """Prefect did not answer in the middle of it."""
    return (
        "It is not known whether your approval was stored, because Prefect does not answer. "
        "Press Approve again in a minute; it counts once."
    )


def _name(report: Report) -> str:
    return code(report.run_name, _NAME_CHARS)
