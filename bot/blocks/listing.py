"""Every table that differs, over as many messages as that takes, with all findings before."""

from collections.abc import Iterator, Sequence

from bot.blocks import limits
from bot.blocks.diff_table import diff_table
from bot.blocks.elements import Block, context, paragraph, section
from bot.messages import on_card, on_change
from bot.ports import Message
from flows.contract import Report, TableDiff, by_importance

MESSAGES = 4
"""Slack takes five answers to a command; one stays for what may go wrong."""

_FINDINGS = 25
_FINDING_CHARS = 300
_RESERVE = 200


def listing(report: Report) -> tuple[Message, ...]:
    """The messages. Only beyond hundreds of tables something is left out, and counted."""
    head = [section(on_change.listing_title(report)), *_risk(report), *_findings(report)]
    messages: list[Message] = []
    left = by_importance(report.tables)
    while left and len(messages) < MESSAGES:
        lead = head if not messages else []
        room = limits.MESSAGE_CHARS - limits.text_chars(lead) - _RESERVE
        shown = diff_table(left, chars=room)
        count = len(left) - shown.left_out
        if shown.block is None or not count:
            break
        left = left[count:]
        is_last = bool(left) and len(messages) == MESSAGES - 1
        rest = [context(on_change.not_listed_line(len(left)))] if is_last else []
        messages.append(_message(report, [*lead, shown.block, *rest]))
    return tuple(messages) or (_message(report, [*head, *_nothing(left)]),)


def _message(report: Report, blocks: Sequence[Block]) -> Message:
    return Message(limits.cut_bytes(on_change.listing_title(report)), tuple(blocks))


def _risk(report: Report) -> list[Block]:
    line = on_change.risk_line(report)
    return [section(line)] if line else []


def _nothing(left: Sequence[TableDiff]) -> list[Block]:
    return [context(on_change.not_listed_line(len(left)))] if left else [section("No table differs.")]


def _findings(report: Report) -> Iterator[Block]:
    findings = (*report.blockers, *report.warnings)
    for finding in findings[:_FINDINGS]:
        text = f"{finding.object}: {finding.consequence.rstrip('.')}. {finding.remedy}"
        yield paragraph(text, bold=finding.severity.capitalize(), length=_FINDING_CHARS)
    if len(findings) > _FINDINGS:
        yield context(on_card.findings_in_prefect_line(len(findings) - _FINDINGS))
