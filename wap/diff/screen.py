"""The result for people: a page of the terminal, in colour only where there is one."""

import os
import sys
from collections.abc import Iterable
from typing import Final

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from flows.contract import TableDiff
from flows.report_text.visible import visible
from wap.diff.comparing import Compared
from wap.diff.headline import headline
from wap.diff.samples import samples
from wap.diff.sections import changed_columns, concentration, distributions, fresh, profile, schema

_PIPE_WIDTH: Final = 120
"""Where there is no terminal to ask, and COLUMNS says nothing."""

_NARROW: Final = 72
"""Below this many characters tables become lines."""


def show(compared: Compared) -> None:
    """Print the result on stdout."""
    is_asked = sys.stdout.isatty() or "COLUMNS" in os.environ
    console = Console(file=sys.stdout, width=None if is_asked else _PIPE_WIDTH, highlight=False, markup=False)
    for part in page(compared, width=console.width):
        console.print(part)


def page(compared: Compared, *, width: int) -> Iterable[RenderableType]:
    """The parts of the page for a terminal of that many characters."""
    table, is_narrow = compared.table, width < _NARROW
    yield from headline(compared, is_narrow=is_narrow)
    sections = (
        ("Schema", schema(table)),
        ("Changed columns", changed_columns(table, has_bars=not is_narrow)),
        ("Where", concentration(table)),
        ("Fresh", fresh(table)),
        ("Examples", samples(table, is_narrow=is_narrow)),
        ("Profile: production → staging", profile(table, is_narrow=is_narrow)),
        *((f"Spread of {visible(name)}", part) for name, part in distributions(table, has_bars=not is_narrow)),
        ("Notes", _notes(table)),
    )
    for title, part in sections:
        if part is not None:
            yield Text()
            yield Text(title, style="bold")
            yield Padding(part, (0, 0, 0, 2), expand=False)


def _notes(table: TableDiff) -> Text | None:
    return Text("\n".join(visible(note) for note in table.notes)) if table.notes else None
