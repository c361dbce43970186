"""One differing table -> one message of the card's thread, with at most one native table."""

from collections.abc import Iterator

from bot.blocks import limits
from bot.blocks.elements import Block, context, paragraph, section
from bot.blocks.profile_table import moved, moves, profile_table
from bot.blocks.sample_table import sample_table
from bot.messages import in_thread
from bot.ports import Message
from flows.contract import Report, TableDiff, by_importance

TABLES = 10
_MOVED = 3
_NOTES = 5
_NOTE_CHARS = 300
_RESERVE = 300  # for the line under the table, whose length depends on the table


def thread_tables(report: Report) -> tuple[TableDiff, ...]:
    """The tables that the thread has something to say about, in the order of the card."""
    return tuple(diff for diff in by_importance(report.tables) if _has_details(diff))


def table_message(diff: TableDiff) -> Message:
    """What changed in a table: examples old -> new, or profiles where there are none."""
    head = [section("\n".join((in_thread.headline(diff), *_lines(diff))))]
    moves_told = [section("\n".join(_moved_lines(diff)))] if diff.samples and moved(diff) else []
    below = [*_about(diff), *(paragraph(note, length=_NOTE_CHARS) for note in diff.notes[:_NOTES])]
    room = limits.MESSAGE_CHARS - limits.text_chars([*head, *moves_told, *below]) - _RESERVE
    rows = sample_table(diff, diff.samples, chars=room)
    profiles = None if rows else profile_table(diff, [one.column for one in moved(diff)], chars=room)
    shown = len(rows["rows"]) - 1 if rows else 0
    hint = [context(in_thread.shown_line(shown, diff))] if shown < len(diff.samples) else []
    table = rows or profiles
    blocks: list[Block] = [*head, *moves_told, *([table] if table else []), *hint, *below]
    return Message(limits.cut_bytes(in_thread.headline(diff)), tuple(blocks))


def rest_message(report: Report) -> Message:
    """The tables that the thread names but does not show."""
    line = in_thread.rest_line(thread_tables(report)[TABLES:], report.run_name)
    return Message(line, (context(line),))


def thread_messages(report: Report) -> Iterator[Message]:
    """All messages of the thread without its files, as they are posted."""
    tables = thread_tables(report)
    yield from map(table_message, tables[:TABLES])
    if len(tables) > TABLES:
        yield rest_message(report)


def _has_details(diff: TableDiff) -> bool:
    if diff.status == "changed":
        return True
    return diff.status == "added" and bool(diff.samples or diff.profile)


def _lines(diff: TableDiff) -> Iterator[str]:
    found = [
        in_thread.schema_line(diff),
        in_thread.columns_line(diff),
        in_thread.concentration_line(diff.concentration) if diff.concentration else "",
        in_thread.fresh_line(diff.fresh) if diff.fresh and diff.fresh.rows else "",
    ]
    return (line for line in found if line)


def _about(diff: TableDiff) -> list[Block]:
    lines = [
        in_thread.scope_line(diff.scope) if diff.scope else "",
        in_thread.context_line(diff.context) if diff.context else "",
    ]
    return [context(*lines)] if any(lines) else []


def _moved_lines(diff: TableDiff) -> Iterator[str]:
    found = moved(diff)
    for one in found[:_MOVED]:
        yield in_thread.moved_line(one.column, moves(one))
    if len(found) > _MOVED:
        yield in_thread.more_moved_line(len(found) - _MOVED, diff.name)
