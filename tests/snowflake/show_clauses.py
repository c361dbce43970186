"""The clauses that most SHOW commands share: LIKE, IN, STARTS WITH, LIMIT. docs: sql-reference/sql/show-tables"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from tests.snowflake.reader import Name, Reader
from tests.snowflake.results import Field

Listing = tuple[Sequence[str | Field], list[Sequence[Any]]]
"""The columns of a SHOW command and its rows."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for."""

    like: str
    place: str
    name: Name
    starts: str
    limit: int | None
    after: str


def clauses(reader: Reader) -> Asked:
    """Read the rest of the command."""
    like = reader.value() if reader.take("LIKE") else ""
    place, name = "", cast(Name, ())
    if reader.take("IN") or reader.take("FOR"):
        place = next((word for word in ("ACCOUNT", "DATABASE", "SCHEMA", "TABLE", "VIEW", "SESSION")
                      if reader.take(word)), "")  # fmt: skip
        if (
            not reader.done
            and not any(reader.at(w) for w in ("STARTS", "LIMIT", "LIKE"))
            and place not in ("ACCOUNT", "SESSION")
        ):
            name = reader.name()
    like = reader.value() if reader.take("LIKE") else like
    starts = reader.value() if reader.take("STARTS WITH") else ""
    limit = int(reader.value()) if reader.take("LIMIT") else None
    after = reader.value() if reader.take("FROM") else ""
    return Asked(like, place, name, starts, limit, after)


def chosen(rows: Iterable[Sequence[Any]], asked: Asked, names: Sequence[str]) -> Iterator[Sequence[Any]]:
    """LIKE ignores case, STARTS WITH does not. docs: sql-reference/sql/show-tables"""
    at = next((names.index(name) for name in ("name", "key", "column_name", "table_name") if name in names), 0)
    pattern = re.compile(re.escape(asked.like).replace("%", ".*").replace("_", "."), re.IGNORECASE | re.DOTALL)
    given = 0
    for row in rows:
        name = str(row[at])
        fits = (not asked.like or pattern.fullmatch(name)) and name.startswith(asked.starts)
        if fits and (not asked.after or name > asked.after) and (asked.limit is None or given < asked.limit):
            given += 1
            yield row
