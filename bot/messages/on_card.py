"""Pure: what a card says. Functions named *_line return mrkdwn, all others plain text."""

from typing import assert_never

from bot.blocks.escape import code, link, mention, mention_group, shown, when
from bot.card.stages import Stage
from bot.card.state import Card, Verdicted
from bot.decisions.policy import CHANNEL
from bot.messages import on_vote
from flows.contract import DbtSummary, Progress, Report, Requester, Via, rows_touched

_APPROVERS_NAMED = 20
_ENTRY_CHARS = 30

_HEADLINES = {
    Stage.BUILDING: "⚙ Building",
    Stage.WAITING: "✋ Waiting for a decision",
    Stage.UNREADABLE: "⚠ Waiting, but the report cannot be read",
    Stage.APPROVED: "⏳ Approved, publishing",
    Stage.STUCK: "⚠ Approved, but nobody is running it",
    Stage.PUBLISHED: "✅ Published",
    Stage.REJECTED: "⛔ Rejected",
    Stage.EXPIRED: "⌛ Expired",
    Stage.SUPERSEDED: "⏭ Superseded",
    Stage.REFUSED: "🛑 Refused",
    Stage.FAILED: "❌ Failed",
    Stage.CANCELLED: "🚫 Cancelled",
    Stage.ROLLED_BACK: "↩ Rolled back",
}
_BAR = 20


def headline(card: Card) -> str:
    """What happened, and to which schema. One symbol per stage, always the same."""
    return f"{_HEADLINES[card.stage]}: {card.target.production if card.target else card.run_name}"


def fallback(card: Card) -> str:
    """The text of notifications: the headline and the size of the change."""
    size = f" {totals(card.report)}" if card.report else ""
    return f"{headline(card)}.{size} Run {card.run_name}."


def totals(report: Report) -> str:
    """The change in one sentence. What could not be counted is said, never taken for 0."""
    differing = report.differing
    if not differing:
        return "No table differs."
    counted = [diff for diff in differing if rows_touched(diff) is not None]
    sums = " ".join(
        f"{sign}{sum(getattr(diff, name) or 0 for diff in counted):,}"
        for sign, name in (("+", "added"), ("-", "removed"), ("~", "changed"))
    )
    rows = f"{sums} rows" if counted else "rows not counted"
    unknown = len(differing) - len(counted)
    more = f", and {_count(unknown, 'table')} not counted" if unknown and counted else ""
    return f"{_count(len(differing), 'table')} {'differs' if len(differing) == 1 else 'differ'}: {rows}{more}."


def run_line(card: Card, url: str) -> str:
    """Where it comes from: run, requester, schemas, database. Of a path only the file's name is shown."""
    parts = [f"Run {link(url, card.run_name)}"]
    if card.requested_by:
        parts.append(f"requested by {_requester(card.requested_by)}")
    if card.target:
        where = f" in {code(card.target.database_name)}" if card.target.database_name else ""
        pairs = ", ".join(f"{code(pair.staging)} → {code(pair.production)}" for pair in card.target.pairs)
        parts.append(f"{pairs}{where}")
    return " · ".join(parts)


def dbt_line(dbt: DbtSummary) -> str:
    """What dbt did."""
    parts = [f"dbt: {_count(dbt.models, 'model')}", f"{_count(dbt.tests_passed, 'test')} passed"]
    parts += [f"{dbt.tests_warned:,} warned"] if dbt.tests_warned else []
    parts += [f"*{dbt.tests_failed:,} failed*"] if dbt.tests_failed else []
    return ", ".join(parts)


def times_line(card: Card) -> str:
    """When it was asked, or compared where nobody was asked, and when it ended or will."""
    never = card.report and (card.report.is_automatic or card.report.blockers)
    asked = "asked" if card.was_asked and not never else "compared"
    parts = [f"{asked} {when(card.report.created_at)}"] if card.report else []
    if card.stage is Stage.WAITING and card.report:
        parts.append(f"expires {when(card.report.expires_at)}")
    if card.ended_at:
        parts.append(f"ended {when(card.ended_at)}")
    return " · ".join(parts)


def progress_line(progress: Progress) -> str:
    """How far dbt is, as a bar where the end is known."""
    if not progress.of:
        return f"{_count(progress.done, 'model')} built"
    filled = _BAR * min(progress.done, progress.of) // progress.of
    return f"{'▰' * filled}{'▱' * (_BAR - filled)}  {progress.done:,} of {_count(progress.of, 'model')} built"


def decision_line(decision: Verdicted, stage: Stage) -> str:
    """Who decided, how surely that is known, and when. Where no person did, the reason follows."""
    verb = {"Approve": "Approved", "Reject": "Rejected"}[decision.verdict]
    at = f" {when(decision.at)}" if decision.at else ""
    if decision.via is Via.RULE:
        done = "Published" if stage is Stage.PUBLISHED else verb
        return f"{done} by {code(decision.rule)}{at}, nobody was asked:"
    if decision.decider:
        return f"{verb} by {on_vote.people(decision.voters or (decision.decider,))}{at}."
    door = "via Prefect" if decision.via is Via.PREFECT else "with a proof that names nobody"
    return f"{verb} {door}, identity unverified{at}."


def status(card: Card) -> str:
    """What the reader should know or do now, where the stage does not say it all. Empty otherwise."""
    if card.is_uncertain and card.stage is not Stage.STUCK:
        return "The run left no receipt, so it is not known here whether production changed. Check it first."
    match card.stage:
        case Stage.BUILDING if not card.has_started:
            return "Queued in Prefect. It begins as soon as a worker of its deployment takes it."
        case Stage.BUILDING:
            return "dbt builds staging and the audit compares it with production. Nothing to decide yet."
        case Stage.ROLLED_BACK if card.rollback is None:
            return ""
        case Stage.ROLLED_BACK:
            return "Production is again what it was before this run was published."
        case Stage.UNREADABLE:
            return (
                "Nobody can decide here, because the report of this run is not one that this bot understands. "
                "Update the bot, or cancel the run in Prefect."
            )
        case Stage.STUCK:
            return (
                "The decision is stored, but the process of this run has not acted on it, so it is not known "
                "here whether production changed. Start the flow again: it reads the release marker first."
            )
        case Stage.FAILED if not card.reason:
            return "Not published. The run broke off; its log in Prefect says why."
        case Stage.CANCELLED if not card.ended_at:
            return "Not published. The run is being stopped."
        case (
            Stage.WAITING
            | Stage.APPROVED
            | Stage.PUBLISHED
            | Stage.REJECTED
            | Stage.EXPIRED
            | Stage.SUPERSEDED
            | Stage.REFUSED
            | Stage.FAILED
            | Stage.CANCELLED
        ):
            return ""
        case _:
            assert_never(card.stage)


def more_notices_line(count: int, run_name: str) -> str:
    """What the card leaves out of the findings."""
    return f"and {_count(count, 'more finding')}: {code(f'/wap diff {run_name}')}"


def findings_in_prefect_line(count: int) -> str:
    """Findings that even the list has no room for."""
    return f"and {_count(count, 'more finding')}, which the report in Prefect lists"


def votes_lines(card: Card) -> list[str]:
    """Who has approved so far, where several must; and whose approval is there no more."""
    if card.report is None or card.report.approvals_needed == 1:
        return []
    so_far = on_vote.votes_line(card.votes, card.report.approvals_needed)
    return [so_far, *on_vote.withdrawn_lines(card.withdrawn)]


def approvers_line(report: Report) -> str:
    """Who may decide, and how many are needed."""
    policy = report.policy
    named = [_approver(entry) for entry in policy.approvers[:_APPROVERS_NAMED]]
    hidden = len(policy.approvers) - len(named)
    who = ", ".join(named) + (f" and {hidden} more" if hidden else "")
    return f"May decide: {who}. {on_vote.needed(report.approvals_needed)}{_duties(report)}."


def _duties(report: Report) -> str:
    """A run that was started elsewhere need not name its requester as Slack does; then nobody can be kept from it."""
    if not report.policy.separation_of_duties:
        return ""
    if report.requested_by.user_id:
        return "; the requester cannot approve"
    return "; the requester cannot approve, but this run names none whom Slack knows, so nobody is kept from it"


def rows_elsewhere_line() -> str:
    """Why a reader sees no values here."""
    return "Values are shown to members of the release channel only."


def confirm_title(report: Report) -> str:
    """Title of the dialog before an approval."""
    return f"Publish to {report.target.production}?"


def confirm_text(report: Report) -> str:
    """What an approval does, with the counts once more."""
    warnings = f" {_count(len(report.warnings), 'warning')}." if report.warnings else ""
    needed = report.approvals_needed
    when_all = f" once {needed} people have approved" if needed > 1 else ""
    pairs = ", ".join(f"{pair.staging} replaces {pair.production}" for pair in report.target.pairs)
    return f"{pairs}{when_all}. {totals(report)}{warnings}"


def _requester(requester: Requester) -> str:
    return mention(requester.user_id, requester.name) if requester.user_id else code(requester.name)


def _approver(entry: str) -> str:
    if entry == CHANNEL:
        return "members of this channel"
    short = shown(entry, _ENTRY_CHARS)
    return mention_group(short) if entry.startswith("S") else mention(short, short)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
