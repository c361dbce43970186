"""The button and the form that take a release back. Both repeat the target and what would come back and go."""

from typing import Any

from bot import payloads
from bot.blocks import limits
from bot.blocks.elements import button, paragraph, plain
from bot.messages import on_rollback
from bot.payloads import Place
from flows.contract import Report

ROLL_BACK = "wap_roll_back"
ROLLBACK_MODAL = "wap_rollback_modal"


def rollback_button(report: Report) -> dict[str, Any]:
    """The button of the newest release."""
    value = payloads.button_value(payloads.question_about(report))
    confirm = {
        "title": plain(on_rollback.confirm_title(report), limits.CONFIRM_TITLE_CHARS),
        "text": plain(on_rollback.confirm_text(report), limits.CONFIRM_TEXT_CHARS),
        "confirm": plain("Roll back", 30),
        "deny": plain("Not now", 30),
        "style": "danger",
    }
    return button(ROLL_BACK, "Roll back", value=value, style="danger", confirm=confirm)


def rollback_modal(report: Report, place: Place) -> dict[str, Any]:
    """The same question after a command, which has no confirm dialog."""
    return {
        "type": "modal",
        "callback_id": ROLLBACK_MODAL,
        "private_metadata": payloads.modal_metadata(payloads.question_about(report), place),
        "title": plain("Roll back a release", limits.MODAL_TITLE_CHARS),
        "submit": plain("Roll back", limits.MODAL_TITLE_CHARS),
        "close": plain("Not now", limits.MODAL_TITLE_CHARS),
        "blocks": [paragraph(on_rollback.confirm_text(report), length=1_000)],
    }
