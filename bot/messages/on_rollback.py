"""Pure: what is said of taking a release back: on the card, before it, to one person, and in the thread.

Functions named *_line return mrkdwn and so do those that answer a person; titles and dialogs are plain text.
"""

from typing import assert_never

from bot.blocks.escape import code, when
from bot.card.state import Card
from bot.decisions.policy import Denied, Rule
from bot.messages import on_vote
from bot.messages.to_person import about_person, approvers
from flows.contract import Receipt, Report, Rollback, StagingUse, rows_touched

_NO = "Not rolled back."

UNDROP_PAGE = "docs/snowflake.md tells under `When a newer build has used staging` how to bring it back"


def rolled_back_line(done: Rollback) -> str:
    """On the card and in the thread: who took the release back, how surely that is known, and when."""
    return f"Rolled back {_by(done)} {when(done.at)}."


def confirm_title(report: Report) -> str:
    """Title of the dialog before a roll back."""
    return f"Roll back {report.target.production}?"


def confirm_text(report: Report) -> str:
    """What a roll back does, with the counts of the report the other way round."""
    lead = f"{report.target.production} becomes again what it was before run {report.run_name}."
    return f"{lead} {reversed_totals(report)}"


def reversed_totals(report: Report) -> str:
    """What would come back and what would go, in one sentence. What could not be counted is said."""
    differing = report.differing
    if not differing:
        return "No table differs."
    counted = [diff for diff in differing if rows_touched(diff) is not None]
    back, gone, changed = (sum(getattr(one, name) or 0 for one in counted) for name in ("removed", "added", "changed"))
    said = [f"{_count(len(differing), 'table')} {'changes' if len(differing) == 1 else 'change'} back."]
    if counted:
        said.append(f"Rows: {back:,} return, {gone:,} go, {changed:,} get their old values.")
    if unknown := len(differing) - len(counted):
        said.append(f"Rows not counted in {_count(unknown, 'table')}.")
    returning, going = (sum(one.status == status for one in differing) for status in ("removed", "added"))
    if returning or going:
        said.append(f"Whole tables: {returning:,} return, {going:,} go.")
    return " ".join(said)


def denied(denial: Denied, report: Report) -> str:
    """Why the policy said no: the same that says who may approve."""
    target = code(report.target.production)
    match denial.rule:
        case Rule.NOT_APPROVER:
            return f"{_NO} Only {approvers(report.policy)} can decide about {target}, and you are not one of them."
        case Rule.OWN_RUN:
            return f"{_NO} You requested this run, and {target} needs somebody else to take it back. Ask an approver."
        case Rule.BLOCKED:
            return f"{_NO} The report of this run has a blocker."
        case Rule.BOT | Rule.DEACTIVATED | Rule.GUEST | Rule.OUTSIDER | Rule.UNKNOWN_MEMBERS | Rule.NOT_REQUESTER:
            return f"{_NO} {about_person(denial.rule)}"
        case _:
            assert_never(denial.rule)


def already(done: Rollback) -> str:
    """It has been taken back before."""
    return f"Nothing changed. The run {code(done.run_name)} was rolled back {_by(done)} {when(done.at)}."


def not_published(card: Card) -> str:
    """There is nothing to take back."""
    return f"{_NO} The run {code(card.run_name)} has published nothing that is there; it is {code(card.stage.value)}."


def staging_used(report: Report, use: StagingUse) -> str:
    """A newer run has built into staging, or published."""
    kept = (
        f"Snowflake may still keep it: {UNDROP_PAGE}. Or correct"
        if report.target.warehouse == "snowflake"
        else "Correct"
    )
    return (
        f"{_NO} Run {code(use.run_name)} has built into {code(report.target.staging)} since, so the release before is "
        f"not kept there any more. {kept} the data or the models and publish that instead."
    )


def nothing_before(report: Report) -> str:
    """It was the first release."""
    return f"{_NO} Before run {code(report.run_name)}, {code(report.target.production)} was empty."


def no_deployment(report: Report) -> str:
    """Prefect has nothing that could do it."""
    return (
        f"{_NO} Prefect has no deployment with the tag `wap-rollback` for this run. Register it with "
        f"`prefect deploy --all` or `wap serve`, or type {code('wap rollback ' + report.run_name)} where wap runs."
    )


def paused_deployment(name: str) -> str:
    """Its deployment is paused."""
    return f"{_NO} The deployment {code(name)} is paused in Prefect. Let it go on there and press again."


def not_started(detail: str) -> str:
    """Prefect did not create the run."""
    return f"{_NO} Prefect said: {code(detail)}."


def started(report: Report, run_name: str) -> str:
    """It is on its way; what came of it is told in public."""
    return (
        f"Run {code(run_name)} takes back the release of {code(report.run_name)}. It looks at both sides once more; "
        "the card and its thread say how it ends."
    )


def nothing_to_take_back(target: str) -> str:
    """The target has not been published lately, as far as Prefect remembers."""
    return f"{_NO} No run has published to {code(target)} lately. `/wap history` names what was published."


def several_targets(target: str) -> str:
    """Schemas of one name in several databases."""
    return f"{_NO} Several databases have a {code(target)}. Press Roll back on the card of the run."


def ended(receipt: Receipt | None, run_name: str) -> str:
    """In the thread of the card that was to be taken back: how that ended. Plain text with back-ticks."""
    if receipt is None:
        return (
            f"The roll back by run `{run_name}` broke off without a receipt, so it is not known here whether "
            "production changed. Press Roll back again: it reads the marker first."
        )
    return receipt.reason


def _by(done: Rollback) -> str:
    if done.decider.is_verified:
        return f"by {on_vote.people(done.deciders)}"
    return f"via Prefect by {code(done.decider.name, 80)}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
