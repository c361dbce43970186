"""Fresher is not different: rows that staging has because it is newer, told by the table's event time."""

from flows.diff.columns import Pair
from flows.diff.settings import DiffSettings
from flows.diff.subject import Subject
from flows.diff.types import is_moment


def moment_of(subject: Subject) -> tuple[Pair | None, tuple[str, ...]]:
    """The event time's column, if the table has one that both sides can be asked for, and a note if it has not."""
    name = _chosen(subject.settings, subject.staging.name)
    if not name:
        return None, ()
    pair = subject.comparison.pair(name)
    if pair is not None and is_moment(pair.production) and is_moment(pair.staging):
        return pair, ()
    why = "is not on both sides with types that compare" if pair is None else "is no date or timestamp on both sides"
    return None, (f"New rows were not told from added ones: the event time {name} {why}.",)


def latest_sql(subject: Subject, moment: Pair) -> str:
    """A CTE of one row: the latest event time of production, NULL without rows.

    Of all rows, also if only a part of them is compared: the end of a part is not where production ends.
    """
    production = subject.all_of_production or subject.table("p")
    return f"latest AS (\n  SELECT MAX(p.{subject.dialect.quote(moment.name)}) AS moment\n  FROM {production} AS p)"


def is_late_sql(subject: Subject, moment: Pair) -> str:
    """A boolean, never NULL, of a row of staging `s`: its event time lies after the latest of production."""
    return f"COALESCE(s.{subject.dialect.quote(moment.name)} > (SELECT moment FROM latest), FALSE)"


def until_sql(subject: Subject, moment: Pair | None) -> str:
    """The latest event time as text; NULL if the column is masked, or if there is none."""
    if moment is None or subject.settings.masks(subject.staging.name, moment.name):
        return "NULL"
    return f"(SELECT {subject.dialect.as_text('moment', moment.production)} FROM latest)"


def _chosen(settings: DiffSettings, table: str) -> str:
    return settings.choice(table).event_time
