"""Pure: which columns of a report are worth a picture, as plain numbers and labels that are safe to draw."""

from dataclasses import dataclass
from typing import Literal, assert_never

from bot.blocks.escape import shown, value
from flows.contract import Bar, ColumnProfile, Distribution, Report, TableDiff, by_importance

PANELS = 4
BARS = 8
TITLE_CHARS = 44
LABEL_CHARS = 19  # a moment to the second
_ABOUT_CHARS = 500
_REST = "all others"


@dataclass(frozen=True, slots=True)
class Panel:
    """One column on both sides: rows per label.

    Of a histogram a label is where its bar begins, and `end` where the last one ends. `about` names table and column
    whole, for those who cannot see the picture.
    """

    title: str
    about: str
    column: str
    kind: Literal["histogram", "values"]
    labels: tuple[str, ...]
    production: tuple[int, ...]
    staging: tuple[int, ...]
    end: str = ""
    is_count: bool = False
    of: int = 0
    """Of mere counts: in how many rows they were counted."""


def top_panels(report: Report) -> tuple[Panel, ...]:
    """The columns worth a look, at most PANELS; empty if none differs.

    Spreads before mere counts; first the columns that differ in changed rows, then the others; the greatest difference
    first. A column that several tables have comes once, where it differs most, as long as there are others.
    """
    panels = [(diff, panel) for diff in by_importance(report.tables) for panel in table_panels(diff)]
    differing = [(_rank(diff, panel), panel.about, panel) for diff, panel in panels if _difference(panel) > 0]
    seen: set[str] = set()
    first: list[Panel] = []
    again: list[Panel] = []
    for _, _, panel in sorted(differing, key=lambda one: one[:2]):
        (again if panel.column in seen else first).append(panel)
        seen.add(panel.column)
    return tuple([*first, *again][:PANELS])


def table_panels(diff: TableDiff, *, column: str = "") -> tuple[Panel, ...]:
    """The panels of one table, or of one of its columns: spreads where they are known, else what the profile counts."""
    spread = {one.column: one for one in diff.distributions}
    panels = [_spread_panel(diff, one) for one in diff.distributions]
    panels += [_profile_panel(diff, one) for one in diff.profile if one.column not in spread and _is_on_both(one)]
    wanted = [panel for panel in panels if not column or panel.about == _about(diff, column)]
    return tuple(sorted(wanted, key=lambda panel: -_difference(panel)))


def _spread_panel(diff: TableDiff, one: Distribution) -> Panel:
    match one.kind:
        case "histogram":
            bars, end = one.bars, _label(one.bars[-1].upper) if one.bars else ""
        case "values":
            bars, end = _few(one.bars), ""
        case _:
            assert_never(one.kind)
    return Panel(
        title=_title(diff, one.column),
        about=_about(diff, one.column),
        column=one.column,
        kind=one.kind,
        labels=tuple(_REST if bar.is_rest else _label(bar.label) for bar in bars),
        production=tuple(bar.production for bar in bars),
        staging=tuple(bar.staging for bar in bars),
        end=end,
    )


def _few(bars: tuple[Bar, ...]) -> tuple[Bar, ...]:
    """At most BARS bars: what is beyond them is added up."""
    if len(bars) <= BARS:
        return bars
    kept, rest = bars[: BARS - 1], bars[BARS - 1 :]
    added = Bar(
        label=None,
        production=sum(bar.production for bar in rest),
        staging=sum(bar.staging for bar in rest),
        is_rest=True,
    )
    return (*kept, added)


def _profile_panel(diff: TableDiff, one: ColumnProfile) -> Panel:
    assert one.production
    assert one.staging
    counts = [("NULL", one.production.nulls, one.staging.nulls)]
    if one.production.distinct is not None and one.staging.distinct is not None:
        counts.append(("different values", one.production.distinct, one.staging.distinct))
    return Panel(
        title=_title(diff, one.column),
        about=_about(diff, one.column),
        column=one.column,
        kind="values",
        labels=tuple(label for label, _, _ in counts),
        production=tuple(before for _, before, _ in counts),
        staging=tuple(after for _, _, after in counts),
        is_count=True,
        of=max(side.rows if side else 0 for side in (diff.production, diff.staging)),
    )


def _is_on_both(one: ColumnProfile) -> bool:
    return one.production is not None and one.staging is not None


def _rank(diff: TableDiff, panel: Panel) -> tuple[bool, bool, float]:
    changed = {count.column for count in diff.changed_columns}
    return panel.is_count, panel.column not in changed, -_difference(panel)


def _difference(panel: Panel) -> float:
    """From 0, both sides alike, up to 2, nothing in common. Of mere counts only the NULLs are rows."""
    if panel.is_count:
        return abs(panel.production[0] - panel.staging[0]) / max(panel.of, 1)
    gaps = sum(abs(old - new) for old, new in zip(panel.production, panel.staging, strict=True))
    return gaps / max(sum(panel.production), sum(panel.staging), 1)


def _about(diff: TableDiff, column: str) -> str:
    return f"{shown(diff.name, _ABOUT_CHARS)}.{shown(column, _ABOUT_CHARS)}"


def _title(diff: TableDiff, column: str) -> str:
    return _short(_about(diff, column), TITLE_CHARS)


def _label(cell: str | None) -> str:
    return _short(value(cell), LABEL_CHARS)


def _short(text: str, length: int) -> str:
    """The beginning and the end, where names and numbers differ."""
    if len(text) <= length:
        return text
    tail = length // 3
    return text[: length - tail - 1] + "…" + text[-tail:]
