"""Pure: what is told of runs that have ended, and of their targets. Everything here is mrkdwn."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from statistics import median

from bot.blocks.escape import code, when
from bot.home.overview import Ended
from bot.messages.on_card import approvers_line
from bot.messages.on_vote import people
from flows.contract import Acknowledgement, Outcome, Receipt, Report, Via

ENDED_SHOWN = 15
_OWNERS_SHOWN = 15
_NAME_CHARS = 80
_REASON_CHARS = 120
_SYMBOLS = {
    Outcome.PUBLISHED: "✅",
    Outcome.ROLLED_BACK: "↩",
    Outcome.REJECTED: "⛔",
    Outcome.EXPIRED: "⌛",
    Outcome.REFUSED: "🛑",
    Outcome.FAILED: "❌",
    Outcome.CANCELLED: "🚫",
    Outcome.SUPERSEDED: "⏭",
}


def history(ended: Sequence[Ended], target: str, *, of: int) -> str:
    """The answer to /wap history."""
    about = f" of {code(target)}" if target else ""
    if not ended:
        return f"No run{about} has ended yet, as far as Prefect remembers."
    lines = [_ended(one) for one in ended[:ENDED_SHOWN]]
    more = f"\nand {of - len(lines)} before these, in Prefect." if of > len(lines) else ""
    return f"The last runs{about}, newest first:\n" + "\n".join(lines) + more


def _ended(one: Ended) -> str:
    receipt = one.receipt
    line = (
        f"{_SYMBOLS[receipt.outcome]} {when(receipt.at)} {code(one.name, _NAME_CHARS)} "
        f"{receipt.outcome.value.lower()}, {code(receipt.target.production, _NAME_CHARS)}"
    )
    if receipt.decision:
        return line + f", {_decided(receipt.decision)}"
    return line + f": {code(receipt.reason, _REASON_CHARS)}"


def _decided(decision: Acknowledgement) -> str:
    verb = {"Approve": "approved", "Reject": "rejected"}[decision.verdict]
    if decision.decider.is_verified:
        who = people(decision.deciders)
    elif decision.via is Via.PREFECT:
        who = "somebody in Prefect"
    else:
        who = code(decision.decider.name, _NAME_CHARS)
    return f"{verb} by {who}"


def published_line(one: Ended) -> str:
    """One release on the Home tab."""
    return _ended(one)


def owners(target: str, report: Report) -> str:
    """The answer to /wap owners."""
    tables = Counter(diff.context.owner for diff in report.tables if diff.context and diff.context.owner)
    lines = [f"{code(owner, _NAME_CHARS)} owns {_count(count, 'table')}" for owner, count in tables.most_common()]
    rest = len(lines) - _OWNERS_SHOWN
    owned = "\n".join(lines[:_OWNERS_SHOWN]) + (f"\nand {rest} more owners" if rest > 0 else "")
    head = f"{code(target)}, as of run {code(report.run_name, _NAME_CHARS)} of {when(report.created_at)}:"
    return "\n".join(part for part in (head, approvers_line(report), owned) if part)


def unknown_target(target: str, known: Sequence[str]) -> str:
    """No report names this target."""
    names = ", ".join(code(name, _NAME_CHARS) for name in known[:10])
    last = f" The last runs were of {names}." if names else " No run has been audited yet."
    return f"Nothing is known of a target {code(target)}.{last}"


def stats(receipts: Sequence[Receipt], *, since: datetime | None) -> str:
    """The answer to /wap stats: how the last runs ended, and how long people took."""
    if not receipts or since is None:
        return "No run has ended yet, as far as Prefect remembers."
    outcomes = Counter(receipt.outcome for receipt in receipts)
    ends = " · ".join(f"{_SYMBOLS[kind]} {count:,} {kind.value.lower()}" for kind, count in outcomes.most_common())
    lines = [f"The last {_count(len(receipts), 'run')}, since {when(since)}:", ends]
    for step, words in (("gate", "until a decision"), ("write", "for the build"), ("publish", "for the publish")):
        seconds = [receipt.seconds[step] for receipt in receipts if step in receipt.seconds]
        if seconds:
            lines.append(f"Median {words}: {duration(median(seconds))}, longest {duration(max(seconds))}")
    return "\n".join(lines)


def duration(seconds: float) -> str:
    """A time span as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    if seconds < 5_400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3_600:.1f} h"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
