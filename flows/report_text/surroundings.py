"""Pure: what is around a table: who reads it, who owns it, what else is to be noted."""

from collections.abc import Iterator
from typing import Final

from flows.contract import Exposure, TableContext, TableDiff
from flows.report_text.escaping import code, link, names, sentence, text
from flows.words import counted

_EXPOSURES: Final = 10


def readers(table: TableDiff) -> str:
    """Models and exposures that read the table, its owner and its tests."""
    return " ".join(_readers(table.context)) if table.context else ""


def notes(table: TableDiff) -> str:
    """Fresh rows and notes, as a list."""
    return "\n".join(f"- {line}" for line in _notes(table))


def _readers(context: TableContext) -> Iterator[str]:
    if context.downstream:
        others = context.downstream_left_out
        number = counted(len(context.downstream) + others, "model")
        yield f"**Read by** {number}: {names(context.downstream, others=others)}."
    if context.exposures:
        shown = ", ".join(map(_exposure, context.exposures[:_EXPOSURES]))
        more = max(0, len(context.exposures) - _EXPOSURES) + context.exposures_left_out
        rest = f" and {more:,} more" if more > 0 else ""
        yield f"**Shown in** {shown}{rest}."
    if context.owner:
        yield f"Owner: {text(context.owner)}."
    if context.tests_passed or context.tests_warned:
        warned = f", **{context.tests_warned:,} warned**" if context.tests_warned else ""
        yield f"{counted(context.tests_passed, 'dbt test')} passed{warned}."
    if context.tags:
        yield f"Tags: {names(context.tags)}."


def _exposure(exposure: Exposure) -> str:
    about = ", ".join(text(part) for part in (exposure.kind, exposure.owner) if part)
    return link(exposure.name, exposure.url) + (f" ({about})" if about else "")


def _notes(table: TableDiff) -> Iterator[str]:
    if table.context is not None and not table.context.is_built:
        yield "dbt did not build it in this run: staging holds a copy of production."
    if table.fresh is not None and table.fresh.rows:
        until = text(table.fresh.until or "NULL")
        yield (
            f"{counted(table.fresh.rows, 'row')} of staging are later than production's latest "
            f"{code(table.fresh.column)}, {until}, and are not counted as added."
        )
    yield from (sentence(note) for note in table.notes)
