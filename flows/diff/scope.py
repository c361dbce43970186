"""The part of a table whose rows are compared: those of a condition, and of very large tables a share of the keys."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from textwrap import shorten

from flows.contract import Scope
from flows.diff.columns import Pair
from flows.diff.glance import Glance, glance
from flows.diff.subject import Alias, Subject
from flows.warehouse.base import Warehouse, WarehouseError
from flows.words import counted

_STEPS = 1_000_000
"""A share of the keys is told by their hashes modulo this."""


_WORDS = 300
"""So many characters of a warehouse's words are told."""


class BrokenCondition(WarehouseError):
    """The warehouse cannot read rows with the condition of the settings."""


def scoped(
    warehouse: Warehouse, subject: Subject, *, key: Sequence[Pair], sizes: tuple[Glance, Glance]
) -> tuple[Subject, tuple[Glance, Glance], Scope | None]:
    """The subject limited to its scope, and both sides' sizes in it. Scope is None if all rows are compared.

    The choice of keys depends on their values alone: it is the same on both sides and in every run. Raises
    WarehouseError.
    """
    condition = subject.settings.choice(subject.staging.name).where.strip()
    limit = subject.settings.sample_above_rows
    if condition:
        subject = _limited(subject, lambda alias: condition)
        sizes = _in_condition(warehouse, subject, key)
    largest = max(size.rows for size in sizes)
    share = 1.0
    if key and 0 < limit < largest:
        steps = max(1, round(_STEPS * limit / largest))
        share = steps / _STEPS
        subject = _limited(subject, lambda alias: _is_chosen(subject, key, alias, steps=steps))
        sizes = glance(warehouse, subject, key)
    if not condition and share == 1.0:
        return subject, sizes, None
    before, after = sizes
    return (
        subject,
        sizes,
        Scope(condition=condition, sampled=share, production_rows=before.rows, staging_rows=after.rows),
    )


def scope_notes(scope: Scope | None, *, production_rows: int, staging_rows: int) -> tuple[str, ...]:
    """What was not looked at, in plain words; empty if everything was."""
    if scope is None:
        return ()
    what = []
    if scope.condition:
        what.append(f"only rows where {scope.condition}")
    if scope.sampled < 1:
        what.append(f"only a sample of {_percent(scope.sampled)} of the keys, because the table is large")
    unseen = counted(production_rows - scope.production_rows, "row")
    not_seen = f"{unseen} of production and {staging_rows - scope.staging_rows:,}"
    return (f"Compared: {', and of these '.join(what)}. Not looked at: {not_seen} of staging.",)


def _limited(subject: Subject, condition: Callable[[Alias], str]) -> Subject:
    """The subject with both tables replaced by those of their rows that meet the condition."""
    return replace(
        subject,
        production_table=_subquery(subject.production_table, "p", condition("p")),
        staging_table=_subquery(subject.staging_table, "s", condition("s")),
        all_of_production=subject.all_of_production or subject.production_table,
    )


def _subquery(table: str, alias: Alias, condition: str) -> str:
    # The line breaks keep a comment at the end of the condition from hiding the parenthesis.
    return f"(SELECT * FROM {table} AS {alias} WHERE (\n{condition}\n))"


def _is_chosen(subject: Subject, key: Sequence[Pair], alias: Alias, *, steps: int) -> str:
    key_hash = subject.dialect.row_hash([subject.value(pair, alias) for pair in key])
    # The remainder of a negative hash is negative.
    return f"ABS({key_hash} % {_STEPS}) < {steps}"


def _in_condition(warehouse: Warehouse, subject: Subject, key: Sequence[Pair]) -> tuple[Glance, Glance]:
    try:
        return glance(warehouse, subject, key)
    except WarehouseError as error:
        name = subject.staging.name
        # The warehouse's words may quote a value of a masked column.
        words = "" if subject.has_masked else f" {_first_line(error)}"
        raise BrokenCondition(
            f"Not compared. The rows of {name} cannot be read with the condition of the settings"
            f" (`{subject.settings.choice(name).where.strip()}`).{words}"
            f" Correct `where` under [diff.tables.{name}] in wap.toml."
        ) from error


def _first_line(error: WarehouseError) -> str:
    line = str(error).strip().partition("\n")[0]
    # Of a comment that does not end a warehouse quotes all that follows: our own statement.
    return shorten(line if line.endswith(".") else f"{line}.", _WORDS, placeholder=" …")


def _percent(share: float) -> str:
    return f"{share:.2%}" if share < 0.1 else f"{share:.0%}"
