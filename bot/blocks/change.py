"""What a card says of the change: findings, risk, tables, where it lies. As much of it as there is room for."""

from collections.abc import Callable, Iterator, Sequence

from bot.blocks import limits
from bot.blocks.diff_table import diff_table
from bot.blocks.elements import Block, context, paragraph, section
from bot.messages import on_card, on_change
from flows.contract import Report, by_importance

NOTICE_CHARS = 400
_NOTICES = 15
_NOTICES_CHARS = 2_400


def change_blocks(report: Report, *, chars: int, is_asking: bool) -> list[Block]:
    """At most `chars` characters; with fewer than about 1,500 not even the lines that count what is left out may fit.

    Findings and the lines on where the change lies are worth more than rows of the table: `/wap diff` shows those.
    """
    risk = on_change.risk_line(report, shows_values=True) if is_asking else ""
    risks = [section(risk)] if risk else []
    where = list(_where(report))
    # Of these lines only the numbers are not known yet; they are longest if nothing fits.
    not_all_said = [
        context(on_change.more_lines_line(len(where), report.run_name)),
        *_rest(report, left_out=len(report.differing)),
    ]
    chars -= limits.text_chars([*risks, *not_all_said])
    notices = those_that_fit(
        list(_notices(report)),
        chars=min(chars, _NOTICES_CHARS),
        count=_NOTICES,
        rest=lambda count: on_card.more_notices_line(count, report.run_name),
    )
    chars -= limits.text_chars(notices)
    lines = those_that_fit(
        where,
        chars=chars + limits.text_chars(not_all_said[:1]),
        count=len(where),
        rest=lambda count: on_change.more_lines_line(count, report.run_name),
    )
    chars += limits.text_chars(not_all_said) - limits.text_chars(lines)
    return [*notices, *risks, *_tables(report, chars), *lines]


def those_that_fit(blocks: Sequence[Block], *, chars: int, count: int, rest: Callable[[int], str]) -> list[Block]:
    """The first blocks that fit, whole. If not all do, a line follows that counts the others; its place is kept."""
    if len(blocks) <= count and limits.text_chars(blocks) <= chars:
        return list(blocks)
    chars -= limits.text_chars(context(rest(len(blocks))))
    kept: list[Block] = []
    for block in blocks[:count]:
        chars -= limits.text_chars(block)
        if chars < 0:
            break
        kept.append(block)
    return [*kept, context(rest(len(blocks) - len(kept)))]


def _notices(report: Report) -> Iterator[Block]:
    """What to know before deciding, worst first."""
    for finding in (*report.blockers, *report.warnings):
        text = f"{finding.object}: {finding.consequence.rstrip('.')}. {finding.remedy}"
        yield paragraph(text, bold=finding.severity.capitalize(), length=NOTICE_CHARS)
    for diff in report.tables:
        if diff.status == "failed":
            yield paragraph(f"{diff.name}: {diff.error}", bold="Not compared", length=NOTICE_CHARS)
    for node in report.dbt.nodes:
        text = f"{node.kind} {node.name}: {node.status}. {node.message}"
        yield paragraph(text, bold="dbt", length=NOTICE_CHARS)


def _where(report: Report) -> Iterator[Block]:
    """Where the change lies, and which numbers are not what one would think."""
    tables = by_importance(report.tables)
    lines = (
        on_change.concentration_line(tables) or on_change.most_line(report),
        on_change.fresh_line(tables),
        on_change.scope_line(tables),
    )
    return (context(line) for line in lines if line)


def _tables(report: Report, chars: int) -> list[Block]:
    if not report.differing:
        return [section("No table differs."), *_rest(report, left_out=0)]
    shown = diff_table(report.tables, chars=chars - limits.text_chars(_rest(report, left_out=len(report.differing))))
    return [*([shown.block] if shown.block else []), *_rest(report, left_out=shown.left_out)]


def _rest(report: Report, *, left_out: int) -> list[Block]:
    equal = len(report.tables) - len(report.differing)
    line = on_change.rest_line(left_out=left_out, equal=equal, run_name=report.run_name)
    return [context(line)] if line else []
