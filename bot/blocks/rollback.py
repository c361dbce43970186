"""The button and the form that take a release back. Both repeat the target and what would come back and go."""

from typing import Any

from bot import payloads
from bot.blocks import limits
from bot.blocks.elements import Block, button, paragraph, plain, section
from bot.messages import on_rollback, on_rollback_vote
from bot.payloads import Place
from bot.ports import Message
from flows.contract import Decider, Report

ROLL_BACK = "wap_roll_back"
ROLLBACK_MODAL = "wap_rollback_modal"
WITHDRAW_ROLLBACK_MODAL = "wap_withdraw_rollback_modal"


def rollback_button(report: Report, *, asked: int = 0) -> dict[str, Any]:
    """The button of the newest release; `asked` is how many ask for it already, of several who have to."""
    label = on_rollback_vote.label(report, asked=asked)
    value = payloads.button_value(payloads.question_about(report))
    confirm = {
        "title": plain(on_rollback.confirm_title(report), limits.CONFIRM_TITLE_CHARS),
        "text": plain(_question(report), limits.CONFIRM_TEXT_CHARS),
        "confirm": plain(label, 30),
        "deny": plain("Not now", 30),
        "style": "danger",
    }
    return button(ROLL_BACK, label, value=value, style="danger", confirm=confirm)


def rollback_modal(report: Report, place: Place) -> dict[str, Any]:
    """The same question after a command, which has no confirm dialog."""
    submit = on_rollback_vote.label(report, asked=0)
    return _form(ROLLBACK_MODAL, report, place, submit=submit, block=paragraph(_question(report), length=1_000))


def withdraw_rollback_modal(report: Report, place: Place, *, have: int) -> dict[str, Any]:
    """What somebody sees who asks again: how far it is, and the way back."""
    before = section(on_rollback_vote.asked_before(report, have=have))
    return _form(WITHDRAW_ROLLBACK_MODAL, report, place, submit="Withdraw", block=before)


def asked_message(report: Report, voter: Decider, *, have: int) -> Message:
    """In the thread: somebody asks, and others can confirm it where they read that."""
    said = on_rollback_vote.asked_line(voter, report, have=have)
    confirm = [] if have >= report.approvals_needed else [rollback_button(report, asked=have)]
    actions: list[Block] = [{"type": "actions", "block_id": "wap_rollback", "elements": confirm}] if confirm else []
    return Message(limits.cut_bytes(said), (section(said), *actions))


def _question(report: Report) -> str:
    return on_rollback.confirm_text(report) + on_rollback_vote.dialog_note(report)


def _form(callback: str, report: Report, place: Place, *, submit: str, block: Block) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": payloads.modal_metadata(payloads.question_about(report), place),
        "title": plain("Roll back a release", limits.MODAL_TITLE_CHARS),
        "submit": plain(submit, limits.MODAL_TITLE_CHARS),
        "close": plain("Not now", limits.MODAL_TITLE_CHARS),
        "blocks": [block],
    }
