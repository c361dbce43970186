"""Pure: what one person is told: what did not happen, why, what to do next. Everything here is mrkdwn."""

from typing import assert_never

from bot.blocks.escape import code, mention, when
from bot.card.stages import Stage
from bot.card.state import Card
from bot.decisions.policy import CHANNEL, Denied, Rule
from bot.messages import on_vote
from bot.runs import StoredDecision
from flows.contract import Policy, Report, Requester, Verdict

_NOT = {"Approve": "Not approved.", "Reject": "Not rejected."}


def denied(denial: Denied, verdict: Verdict, report: Report) -> str:
    """Why the policy said no."""
    return f"{_NOT[verdict]} {_why(denial.rule, verdict, report)}"


def _why(rule: Rule, verdict: Verdict, report: Report) -> str:
    target = code(report.target.production)
    match rule:
        case Rule.BOT | Rule.DEACTIVATED | Rule.GUEST | Rule.OUTSIDER | Rule.UNKNOWN_MEMBERS | Rule.NOT_REQUESTER:
            return about_person(rule)
        case Rule.NOT_APPROVER:
            return f"Only {approvers(report.policy)} can decide about {target}, and you are not one of them. Ask them."
        case Rule.OWN_RUN:
            return f"You requested this run, and {target} needs somebody else to approve it. You can reject it."
        case Rule.BLOCKED:
            return f"The audit found {len(report.blockers)} blocker(s). Remove them and run the audit again."
        case _:
            assert_never(rule)


def about_person(rule: Rule) -> str:
    """What keeps a person from anything, whatever it is about; empty for rules about a run."""
    return _PERSON.get(rule, "")


_PERSON = {
    Rule.BOT: "Only people decide; you are signed in as a bot.",
    Rule.DEACTIVATED: "Your Slack account is deactivated. Ask an administrator of this workspace.",
    Rule.GUEST: "Guests of this workspace cannot decide. Ask a full member who is an approver.",
    Rule.OUTSIDER: ("Only members of the workspace that runs this bot can decide, and you belong to another one."),
    Rule.UNKNOWN_MEMBERS: (
        "You are not named as an approver yourself, and Slack did not say who is in the approver groups. "
        "Try again in a minute; if it repeats, the bot may lack the scope `usergroups:read`."
    ),
}


def approvers(policy: Policy) -> str:
    """The approvers in words. Ids are shown as data: a refusal should not notify a whole group."""
    return ", ".join("members of the card's channel" if entry == CHANNEL else code(entry) for entry in policy.approvers)


def stale() -> str:
    """The button belongs to a report that has been replaced."""
    return (
        "Nothing changed. This button belongs to an older report of this run; the data was audited again since. "
        "Look at the newest card, or type `/wap show` with the name of the run."
    )


def gone(run_id: str) -> str:
    """Prefect does not know the run."""
    return f"Nothing changed. Prefect does not know the run {code(run_id)} any more; it may have been deleted."


def not_waiting(card: Card) -> str:
    """The run does not wait for a decision."""
    name = code(card.run_name)
    if card.decision and card.stage in (Stage.APPROVED, Stage.STUCK, Stage.PUBLISHED, Stage.REJECTED):
        verb = {"Approve": "approved", "Reject": "rejected"}[card.decision.verdict]
        decider = card.decision.decider
        who = on_vote.people(card.decision.voters or (decider,)) if decider else None
        who = code(card.decision.rule) if card.decision.rule else who
        at = f" {when(card.decision.at)}" if card.decision.at else ""
        return f"Nothing changed. {who or 'Somebody in Prefect'} {verb} the run {name}{at}."
    return f"Nothing changed. The run {name} does not wait for a decision; it is {code(card.stage.value)}."


def already_decided(decision: StoredDecision, *, by_you: bool) -> str:
    """Somebody else, or the same person a moment before, was first."""
    verb = {"Approve": "approved", "Reject": "rejected"}[decision.verdict]
    if by_you:
        return f"Nothing changed. You had already {verb} this run."
    who = mention(decision.decider.user_id, decision.decider.name) if decision.decider else "Somebody in Prefect"
    return f"Nothing changed. {who} {verb} this run first."


def recorded(verdict: Verdict) -> str:
    """The decision is stored; said only when there was doubt in between."""
    return {"Approve": "Approved.", "Reject": "Rejected."}[verdict] + " Your decision is stored in Prefect."


def not_recorded(verdict: Verdict, *, still_waiting: bool, detail: str) -> str:
    """Prefect answered, and nothing of ours is stored."""
    because = f" Prefect said: {code(detail)}." if detail else ""
    todo = "The run still waits: press again." if still_waiting else "The run no longer waits for a decision."
    return f"{_NOT[verdict]} Nothing was stored.{because} {todo}"


def unsure(verdict: Verdict) -> str:
    """It is not known what is stored."""
    return (
        f"It is not known yet whether your decision ({code(verdict)}) was stored, because Prefect does not answer. "
        "This is being checked; you will be told here. Do not press again until then."
    )


def still_unsure(verdict: Verdict) -> str:
    """Checking was given up."""
    return (
        f"It is still not known whether your decision ({code(verdict)}) was stored. Prefect could not be read. "
        "The card will show what is stored as soon as Prefect answers."
    )


def prefect_unreachable() -> str:
    """Nothing was even tried."""
    return "Nothing was done. Prefect did not answer in time. Try again in a minute."


def not_known_whether_done() -> str:
    """Something was asked of Prefect, and no answer came."""
    return (
        "It is not known whether that was done. Prefect was asked for it and did not answer in time. "
        "Look at `/wap list` in a minute, before you try again."
    )


def slack_unreadable() -> str:
    """The person's rights could not be checked."""
    return "Nothing was decided. Slack did not say who you are, so your rights could not be checked. Press again."


def modal_not_opened() -> str:
    """Slack did not open the form."""
    return "Nothing was decided. Slack did not open the form in time. Press the button again."


def details_not_opened() -> str:
    """Slack did not open the details."""
    return "Nothing is shown. Slack did not open the details in time. Press the button again."


def loading() -> str:
    """In a modal until what belongs there is known."""
    return "Asking Prefect. If nothing comes within half a minute, close this and try again."


def modal_failed() -> str:
    """In a modal that cannot be filled, or instead of it."""
    return "Nothing was done, because something failed in the bot before the form could be shown. Try again."


def reason_missing() -> str:
    """Under the input of the Reject modal; plain text."""
    return "Say why, so that the requester knows what to change."


def our_fault(reference: str) -> str:
    """Something unexpected; the reference is in the log."""
    return (
        "Something failed in the bot, and it is not known whether it had an effect; the card shows what is stored. "
        f"If it repeats, quote the reference {code(reference)}."
    )


def not_cancellable(card: Card) -> str:
    """The run is past the point at which it can be stopped."""
    name = code(card.run_name)
    if card.stage in (Stage.APPROVED, Stage.STUCK):
        return f"Not cancelled. The run {name} is approved, and stopping a publish half way helps nobody."
    return f"Not cancelled. The run {name} has ended; it is {code(card.stage.value)}."


def cancel_denied(denial: Denied, card: Card) -> str:
    """Why the policy said no to a cancellation."""
    if denial.rule is Rule.NOT_REQUESTER:
        who = mention_quietly(card.requested_by)
        others = (
            f" or {approvers(card.report.policy)}" if card.report else "; approvers are known when the audit is done"
        )
        return f"Not cancelled. The run {code(card.run_name)} can be cancelled by its requester {who}{others}."
    return f"Not cancelled. {about_person(denial.rule) or denial.rule.value}"


def start_denied(denial: Denied) -> str:
    """Why somebody may not ask for a release."""
    return f"Not started. {about_person(denial.rule) or denial.rule.value}"


def mention_quietly(requester: Requester | None) -> str:
    """A requester by name; a refusal should not notify anybody."""
    return code(requester.name) if requester else "(unknown)"
