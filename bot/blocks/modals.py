"""Modals: the form that asks for the reason of a rejection."""

from typing import Any

from bot import payloads
from bot.blocks import limits
from bot.blocks.elements import paragraph, plain
from flows.contract import Report

REJECT_MODAL = "wap_reject_modal"


def reject_modal(report: Report, channel: str) -> dict[str, Any]:
    """The Reject modal. Slack itself insists on the reason; blanks are refused when it is sent."""
    question = payloads.question_about(report)
    return {
        "type": "modal",
        "callback_id": REJECT_MODAL,
        "private_metadata": payloads.modal_metadata(question, channel),
        "title": plain("Reject this run", limits.MODAL_TITLE_CHARS),
        "submit": plain("Reject", limits.MODAL_TITLE_CHARS),
        "close": plain("Back", limits.MODAL_TITLE_CHARS),
        "blocks": [
            paragraph(f"`{report.target.production}` stays as it is. Run {report.run_name}."),
            {
                "type": "input",
                "block_id": payloads.REASON_BLOCK,
                "label": plain("Why", 100),
                "element": {
                    "type": "plain_text_input",
                    "action_id": payloads.REASON_INPUT,
                    "multiline": True,
                    "min_length": 1,
                    "max_length": limits.INPUT_CHARS,
                },
            },
        ],
    }
