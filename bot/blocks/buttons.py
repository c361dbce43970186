"""The buttons that ask about a report, on the card and on the Home tab."""

from typing import Any

from bot import payloads
from bot.blocks import limits
from bot.blocks.elements import button, plain
from bot.messages import on_card
from flows.contract import Report

APPROVE = "wap_approve"
COMMENT = "wap_approve_with_comment"
REJECT = "wap_reject"
WITHDRAW = "wap_withdraw"
DETAILS = "wap_details"
OPEN = "wap_open_in_prefect"


def decision_buttons(report: Report, url: str) -> list[dict[str, Any]]:
    """Approve (unless something blocks it), with and without a comment; Reject; what else there is to see."""
    value = payloads.button_value(payloads.question_about(report))
    reject = button(REJECT, "Reject", value=value, style="danger")
    if report.blockers:
        return [reject, *other_buttons(report, url)]
    approve = button(APPROVE, "Approve", value=value, style="primary", confirm=_confirm(report))
    comment = button(COMMENT, "Approve with comment", value=value)
    return [approve, reject, comment, *other_buttons(report, url)]


def own_buttons(report: Report, url: str, *, may_approve: bool, has_approved: bool) -> list[dict[str, Any]]:
    """Those that fit one person, on a page that only this person sees."""
    if has_approved:
        value = payloads.button_value(payloads.question_about(report))
        reject = button(REJECT, "Reject", value=value, style="danger")
        return [button(WITHDRAW, "Withdraw my approval", value=value), reject, *other_buttons(report, url)]
    every = decision_buttons(report, url)
    return every if may_approve else [one for one in every if one["action_id"] not in (APPROVE, COMMENT)]


def other_buttons(report: Report | None, url: str) -> list[dict[str, Any]]:
    """What everybody may press."""
    look = button(OPEN, "Open in Prefect", url=url)
    if report is None or not report.differing:
        return [look]
    value = payloads.button_value(payloads.question_about(report))
    return [button(DETAILS, "Details", value=value), look]


def _confirm(report: Report) -> dict[str, Any]:
    return {
        "title": plain(on_card.confirm_title(report), limits.CONFIRM_TITLE_CHARS),
        "text": plain(on_card.confirm_text(report), limits.CONFIRM_TEXT_CHARS),
        "confirm": plain("Publish" if report.approvals_needed == 1 else "Approve", 30),
        "deny": plain("Not yet", 30),
    }
