"""Modals: the forms of a decision.

The Approve button itself keeps Slack's confirm dialog and opens no form: a dialog is drawn by Slack's client, so it
needs no answer of ours within three seconds, and most approvals need no words. A comment has a button of its own.
"""

from typing import Any

from bot import payloads
from bot.blocks import limits
from bot.blocks.elements import Block, paragraph, plain, section
from bot.messages import on_card, on_change, on_vote, to_person
from bot.payloads import Place
from flows.contract import Report

REJECT_MODAL = "wap_reject_modal"
APPROVE_MODAL = "wap_approve_modal"
WITHDRAW_MODAL = "wap_withdraw_modal"


def reject_modal(report: Report, place: Place) -> dict[str, Any]:
    """The Reject form. Slack itself insists on the reason; blanks are refused when it is sent."""
    stays = paragraph(f"`{report.target.production}` stays as it is. Run {report.run_name}.", length=500)
    return _form(
        REJECT_MODAL,
        report,
        place,
        title="Reject this run",
        submit="Reject",
        blocks=[stays, _words("Why", is_optional=False)],
    )


def approve_modal(report: Report, place: Place) -> dict[str, Any]:
    """The Approve form: what is published and what is most dangerous once more, and room for a comment."""
    risk = on_change.risk_line(report)
    return _form(
        APPROVE_MODAL,
        report,
        place,
        title="Approve this run",
        submit="Publish" if report.approvals_needed == 1 else "Approve",
        blocks=[
            paragraph(on_card.confirm_text(report), length=1_000),
            *([section(risk)] if risk else []),
            _words("Comment", is_optional=True),
        ],
    )


def withdraw_modal(report: Report, place: Place, *, have: int) -> dict[str, Any]:
    """What somebody sees who approves again: how far it is, and the way back."""
    before = section(on_vote.approved_before(report, have=have))
    return _form(
        WITHDRAW_MODAL, report, place, title="Approved already", submit="Withdraw my approval", blocks=[before]
    )


def loading_modal(title: str) -> dict[str, Any]:
    """What a person sees at once, before anybody was asked what belongs there."""
    return notice_modal(title, to_person.loading())


def notice_modal(title: str, text: str) -> dict[str, Any]:
    """Words instead of a form."""
    return {
        "type": "modal",
        "title": plain(title, limits.MODAL_TITLE_CHARS),
        "close": plain("Close", limits.MODAL_TITLE_CHARS),
        "blocks": [section(text)],
    }


def _form(callback: str, report: Report, place: Place, *, title: str, submit: str, blocks: list[Block]) -> Block:
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": payloads.modal_metadata(payloads.question_about(report), place),
        "title": plain(title, limits.MODAL_TITLE_CHARS),
        "submit": plain(submit, limits.MODAL_TITLE_CHARS),
        "close": plain("Back", limits.MODAL_TITLE_CHARS),
        "blocks": blocks,
    }


def _words(label: str, *, is_optional: bool) -> Block:
    field = {
        "type": "plain_text_input",
        "action_id": payloads.REASON_INPUT,
        "multiline": True,
        "max_length": limits.INPUT_CHARS,
        **({} if is_optional else {"min_length": 1}),
    }
    block = {"type": "input", "block_id": payloads.REASON_BLOCK, "label": plain(label, 100), "element": field}
    return {**block, "optional": True} if is_optional else block
