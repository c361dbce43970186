"""Pure: what the Home tab says. Titles are plain text, everything else is mrkdwn."""

from bot.blocks.escape import code, link, when
from bot.home.overview import Waiting
from bot.messages import on_vote
from bot.messages.on_card import totals
from bot.messages.on_command import requester
from bot.runs import Run, StateType

OTHERS = "Waits for others"
RUNNING = "Runs now"
PUBLISHED = "Published lately"
_NAME_CHARS = 80


def mine_title(count: int) -> str:
    """Above what waits for the reader."""
    return "Waits for your decision" + (f" ({count})" if count else "")


def nothing_waits() -> str:
    """Nothing waits for the reader."""
    return "Nothing waits for you."


def mine_line(waiting: Waiting, url: str) -> str:
    """A run that the reader may decide."""
    report = waiting.report
    if report is None:
        return waiting_line(waiting, url)
    by = f"requested by {requester(report.requested_by)}"
    target = code(report.target.production, _NAME_CHARS)
    return f"*{link(url, waiting.run.name)}* {target}, {by}. {totals(report)}"


def waiting_line(waiting: Waiting, url: str) -> str:
    """A run that others decide, or whose report cannot be read."""
    name = link(url, waiting.run.name)
    if waiting.report is None:
        return f"{name} since {when(waiting.run.since)}, its report cannot be read here."
    target = code(waiting.report.target.production, _NAME_CHARS)
    if waiting.is_late:
        return f"{name} {target} expired {when(waiting.report.expires_at)}; nothing was published."
    votes = f" {found}" if (found := votes_line(waiting)) else ""
    return f"{name} {target} since {when(waiting.report.created_at)}. {totals(waiting.report)}{votes}"


def votes_line(waiting: Waiting) -> str:
    """Who approves so far; empty where one approval is enough."""
    report = waiting.report
    if report is None or report.approvals_needed == 1:
        return ""
    if waiting.voters is None:
        return f"{on_vote.needed(report.approvals_needed)}."
    return on_vote.votes_line(waiting.voters, report.approvals_needed)


def running_line(run: Run, url: str) -> str:
    """A run that builds or publishes."""
    by = f", requested by {requester(run.requested_by)}" if run.requested_by else ""
    verb = "is being stopped" if run.state_type is StateType.CANCELLING else "runs"
    return f"{link(url, run.name)} {verb} since {when(run.since)}{by}"


def rest_line(count: int) -> str:
    """What a list has no room for."""
    return f"and {count:,} more: `/wap list`"


def more_line() -> str:
    """Prefect holds more open runs than were read."""
    return "There are more open runs than these; Prefect lists all of them."


def help_line() -> str:
    """Where everything else is."""
    return "`/wap run` starts a release, `/wap help` names the other commands."


def done(verb: str, name: str) -> str:
    """The answer to a click on the Home tab."""
    return f"{verb}: {code(name, _NAME_CHARS)}. The card in the release channel follows."
