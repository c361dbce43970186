"""The card: one Slack message per run, for every stage of its life."""

from collections.abc import Iterator
from typing import Any

from bot.blocks import limits
from bot.blocks.buttons import decision_buttons, other_buttons
from bot.blocks.diff_table import by_importance, diff_table
from bot.blocks.elements import Block, context, header, paragraph, quote, section
from bot.blocks.escape import mrkdwn, visible
from bot.card_state import Card, Stage
from bot.messages import in_thread, on_card, on_change
from bot.ports import Message
from flows.contract import Report

_NOTICES = 15
_NOTICE_CHARS = 400
_NOTICES_CHARS = 2_400
_RESERVE = 150  # for the line under the table that counts what the table leaves out


def card_message(card: Card, *, ui_url: str) -> Message:
    """The whole message. It stays inside Slack's limits whatever the report holds."""
    url = run_url(ui_url, card.run_id)
    top = [header(on_card.headline(card)), *_about(card, url), *_outcome(card), *_notices(card)]
    bottom = [
        *_where(card),
        *_approvers(card),
        {"type": "actions", "block_id": "wap_actions", "elements": _buttons(card, url)},
    ]
    room = limits.MESSAGE_CHARS - limits.text_chars([*top, *bottom]) - _RESERVE
    changes = _changes(card.report, room) if card.report else []
    text = limits.cut_bytes(mrkdwn(visible(on_card.fallback(card))))
    return Message(text=text, blocks=(*top, *changes, *bottom))


def run_url(ui_url: str, run_id: str) -> str:
    """Where Prefect's UI shows the run."""
    return f"{ui_url}/runs/flow-run/{run_id}"


def _about(card: Card, url: str) -> Iterator[Block]:
    dbt = on_card.dbt_line(card.report.dbt) if card.report else ""
    yield context(on_card.run_line(card, url), dbt, on_card.times_line(card))


def _outcome(card: Card) -> Iterator[Block]:
    if card.decision:
        yield section(on_card.decision_line(card.decision, card.stage))
        if card.decision.reason:
            yield quote(card.decision.reason)
    if card.discussion and card.discussion.messages:
        yield context(in_thread.discussion_line(card.discussion))
    # The flow's sentence about a rejection, and about a publish by rule, repeats who and why.
    is_said = card.decision and (card.stage is Stage.REJECTED or (card.decision.rule and card.stage is Stage.PUBLISHED))
    if card.reason and not is_said:
        yield paragraph(card.reason)
    if words := on_card.status(card):
        yield paragraph(words)
    if card.progress:
        yield context(on_card.progress_line(card.progress))


def _notices(card: Card) -> Iterator[Block]:
    """What to know before deciding, worst first; what does not fit is counted."""
    notices = list(_all_notices(card.report)) if card.report else []
    room = _NOTICES_CHARS
    for position, notice in enumerate(notices):
        room -= limits.text_chars(notice)
        if room < 0 or position == _NOTICES:
            yield context(on_card.more_notices_line(len(notices) - position, card.run_name))
            break
        yield notice
    if card.report and _is_asking(card) and (risk := on_change.risk_line(card.report)):
        yield section(risk)


def _all_notices(report: Report) -> Iterator[Block]:
    for finding in (*report.blockers, *report.warnings):
        text = f"{finding.object}: {finding.consequence.rstrip('.')}. {finding.remedy}"
        yield paragraph(text, bold=finding.severity.capitalize(), length=_NOTICE_CHARS)
    for diff in report.tables:
        if diff.status == "failed":
            yield paragraph(f"{diff.name}: {diff.error}", bold="Not compared", length=_NOTICE_CHARS)
    for node in report.dbt.nodes:
        text = f"{node.kind} {node.name}: {node.status}. {node.message}"
        yield paragraph(text, bold="dbt", length=_NOTICE_CHARS)


def _changes(report: Report, room: int) -> list[Block]:
    shown = diff_table(report.tables, chars=room)
    blocks = [shown.block] if shown.block else [section("No table differs.")]
    rest = on_change.rest_line(left_out=shown.left_out, equal=shown.equal, run_name=report.run_name)
    return [*blocks, *([context(rest)] if rest else [])]


def _where(card: Card) -> list[Block]:
    """Where the change lies, and which numbers are not what one would think."""
    if card.report is None:
        return []
    tables = by_importance(card.report.tables)
    lines = (
        on_change.concentration_line(tables) or on_change.most_line(card.report),
        on_change.fresh_line(tables),
        on_change.scope_line(tables),
    )
    return [context(line) for line in lines if line]


def _approvers(card: Card) -> list[Block]:
    if not (_is_asking(card) and card.report):
        return []
    why = card.report.asked_because
    return [
        *([paragraph(why, length=_NOTICE_CHARS)] if why else []),
        context(on_card.approvers_line(card.report.policy)),
    ]


def _buttons(card: Card, url: str) -> list[dict[str, Any]]:
    if _is_asking(card) and card.report:
        return decision_buttons(card.report, url)
    return other_buttons(card.report, url)


def _is_asking(card: Card) -> bool:
    return card.stage is Stage.WAITING
