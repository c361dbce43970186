"""Pure: one table against one rule's limits, in exact arithmetic. What is not known is never within a limit."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Literal

from flows.contract import AskRule, AutoRule, BlockRule, TableDiff
from flows.words import counted

Kind = Literal["added", "removed", "changed", "newer"]


@dataclass(frozen=True, slots=True)
class Moved:
    """How many rows of one kind there are (None: not known), for `of` rows in production."""

    kind: Kind
    count: int | None
    of: int
    is_at_most: bool = False
    """Whether the count is the most that is possible, and not exact."""
    is_part: bool = False
    """Whether only a part of the table was compared; `of` is then of that part."""
    uncompared: tuple[str, ...] = ()
    """Columns whose values nobody compared, so that there may be more rows."""

    def exceeds(self, limit: float) -> bool | None:
        """Whether the share is above `limit` percent; None if it is not known. Any row is above every share of none."""
        if self.count is None:
            return None
        return self.count * 100 > Decimal(str(limit)) * self.of or (None if self.uncompared else False)

    def __str__(self) -> str:
        if self.count is None:
            return f"its {self.kind} rows were not counted"
        number = f"{'up to ' if self.is_at_most else ''}{self.count:,}"
        if not self.of or self.kind in ("added", "newer"):
            base = f"production's {self.of:,}" + (" that were compared" if self.is_part else "")
            word = "than" if self.kind == "newer" else "to"
            to = f" {word} {base} ({self._share()})" if self.of else ", and production has none"
            return f"{number} {'row' if self.count == 1 else 'rows'} would be {self.kind}{to}{self._unseen()}"
        base = f"the {counted(self.of, 'compared row')}" if self.is_part else f"production's {counted(self.of, 'row')}"
        return f"{number} of {base} would be {self.kind} ({self._share()}){self._unseen()}"

    def _unseen(self) -> str:
        columns = counted(len(self.uncompared), "column")
        return f", and {columns} could not be compared" if self.uncompared else ""

    def _share(self) -> str:
        share = Decimal(self.count or 0) * 100 / self.of
        return percent(float(round(share, 2))) if share >= Decimal("0.01") or not share else "under 0.01%"


def percent(value: float) -> str:
    """`10%`, `0.5%`: a percentage without zeros that say nothing."""
    return f"{value:.6f}".rstrip("0").rstrip(".") + "%"


def matches(pattern: str, table: TableDiff) -> bool:
    """Whether a name or shell pattern means the table, with its schema or without, whatever the case."""
    pattern = pattern.casefold()
    names = {table.name.casefold(), table.own_name.casefold()}
    # A name may hold what a pattern means something else by, such as brackets.
    return any(name == pattern or fnmatchcase(name, pattern) for name in names)


def covers(rule: BlockRule | AskRule | AutoRule, table: TableDiff) -> bool | None:
    """Whether the rule is about this table; None if that hangs on dbt tags, and dbt does not know the table."""
    if not any(matches(pattern, table) for pattern in rule.tables):
        return False
    if rule.tags is None:
        return True
    if table.context is None:
        return None
    return bool({tag.casefold() for tag in rule.tags} & {tag.casefold() for tag in table.context.tags})


def moved(table: TableDiff) -> tuple[Moved, Moved, Moved, Moved]:
    """The rows added, removed and changed, and those that are only newer, which are none of these.

    Without a key a changed row is one removed and one added, so the smaller of the two is the most that can have
    changed. Of a table of which only a part was compared, the rows of production are those of that part.
    """
    of = table.scope.production_rows if table.scope else table.production.rows if table.production else 0
    added, removed, changed = (table.added, table.removed, table.changed)
    newer = fresh_rows(table) if _is_counted(table) else None
    if not _is_counted(table):
        added = removed = changed = None
    is_keyless = table.method == "multiset"
    if is_keyless:
        changed = None if added is None or removed is None else min(added + fresh_rows(table), removed)
    part = table.scope is not None
    return (
        Moved("added", added, of, is_part=part),
        Moved("removed", removed, of, is_part=part),
        Moved("changed", changed, of, is_at_most=is_keyless, is_part=part, uncompared=table.not_compared),
        Moved("newer", newer, of, is_part=part),
    )


def fresh_rows(table: TableDiff) -> int:
    """The rows that are only newer than production's: no added rows, but without a key one may be a changed one."""
    return table.fresh.rows if table.fresh else 0


def limits(rule: BlockRule | AskRule | AutoRule) -> tuple[float | None, ...]:
    """The limits for rows added, removed, changed and only newer, in percent of production's rows."""
    return rule.rows_added_percent, rule.rows_removed_percent, rule.rows_changed_percent, rule.rows_fresh_percent


def _is_counted(table: TableDiff) -> bool:
    return table.status != "failed" and not (table.status == "changed" and table.method == "none")


def seen(rule: BlockRule | AskRule, table: TableDiff) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Why the rule fires on this table, and what of it could not be checked; both as parts of a sentence."""
    if table.status == "equal":
        return (), ()
    fires, unknown = [*_conditions(rule, table)], []
    for rows, limit in zip(moved(table), limits(rule), strict=True):
        # A new table has nothing to be a share of: `new_table` is the condition for it.
        if limit is None or table.status == "added":
            continue
        match rows.exceeds(limit):
            case True:
                fires.append(f"{rows}, more than {percent(limit)}")
            case None:
                unknown.append(f"{rows}, so they may be more than {percent(limit)}")
    return tuple(fires), tuple(unknown)


def _conditions(rule: BlockRule | AskRule, table: TableDiff) -> Iterator[str]:
    kinds = [change.kind for change in table.schema_changes]
    if rule.schema_change and kinds:
        yield f"{counted(len(kinds), 'column')} would be added, removed or retyped"
    elif rule.column_dropped and "removed" in kinds:
        yield f"{counted(kinds.count('removed'), 'column')} would be dropped"
    if rule.vanished and table.status == "removed":
        yield "would vanish from production"
    if rule.new_table and table.status == "added":
        yield "would be new in production"


def beyond(rule: AutoRule, table: TableDiff) -> str:
    """What of this table is not within the rule, as part of a sentence; empty if all of it is."""
    if problem := _unfit(rule, table):
        return problem
    if table.status == "added":
        return ""
    for rows, limit in zip(moved(table), limits(rule), strict=True):
        if rows.exceeds(limit or 0.0) is not False:
            return f"{rows}, and at most {percent(limit or 0.0)} may be"
    return ""


def _unfit(rule: AutoRule, table: TableDiff) -> str:
    """What no number of rows makes good."""
    if table.status == "failed":
        return "it could not be compared"
    if table.scope is not None:
        return "only a part of its rows was compared"
    if table.status == "removed" or any(change.kind == "removed" for change in table.schema_changes):
        return "it loses what readers of production may use"
    if table.kind == "table" and not (table.context and table.context.is_built):
        return "it differs, and dbt did not build it in this run"
    if table.production is None or table.staging is None:
        return "" if table.staging and rule.new_table == "allow" else "it is new in production"
    if table.production.columns != table.staging.columns or table.schema_changes:
        return "" if rule.schema_change == "allow" else "its columns are not the same"
    if table.status == "changed" and not fresh_rows(table) and not any(rows.count for rows in moved(table)):
        return "it differs, and not in rows that were counted"
    return ""
