"""How many statements audit and publish send to Snowflake, and how often they read: without policies and with."""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp

from flows.diff import DiffSettings, Key, diff_schemas
from flows.warehouse.base import Release

if TYPE_CHECKING:
    from tests.flows.warehouse.snowflake_world import SnowflakeWorld

SIZES = (1, 5, 20)
"""Pairs of a table and a view of it. Every other table has changed."""


@dataclass(frozen=True, slots=True)
class Trips:
    """Statements sent, repeated ones included. `equal` and `changed`: the most that the audit sends for such a
    relation, and how often they read either side of it."""

    audit: int
    equal: str
    changed: str
    preflight: int
    publish: int
    changes: int


def main() -> None:
    """Count, and print a line for each size."""
    columns = (
        "tables + views",
        "masked",
        "audit",
        "equal: sent/read",
        "changed",
        "preflight",
        "publish",
        "of them changes",
    )
    print(" ".join(f"{column:>16}" for column in columns))
    for size, masked, trips in _counted():
        audit = (trips.audit, trips.equal, trips.changed)
        figures = (f"{size} + {size}", masked, *audit, trips.preflight, trips.publish, trips.changes)
        print(" ".join(f"{figure:>16}" for figure in figures), flush=True)


def _counted() -> Iterator[tuple[int, int, Trips]]:
    from tests.flows.warehouse.snowflake_world import SnowflakeWorld
    from tests.snowflake.stand_in import stand_in

    with stand_in() as snow:
        snow.run("CREATE SCHEMA RULES", "CREATE MASKING POLICY RULES.HIDE AS (V NUMBER) RETURNS NUMBER -> V")
        for size, masked in itertools.product(SIZES, (False, True)):
            with SnowflakeWorld(snow) as world:
                _make(world, size)
                if masked:
                    _mask(world, size)
                yield size, size if masked else 0, _trips(world, size)


def _mask(world: "SnowflakeWorld", size: int) -> None:
    """A masking policy on a column of each table of production, and on none of staging's, as dbt builds them."""
    for number in range(size):
        world.execute(f"ALTER TABLE {{p}}.T{number} MODIFY COLUMN V SET MASKING POLICY ANALYTICS.RULES.HIDE")


def _make(world: "SnowflakeWorld", size: int) -> None:
    for number in range(size):
        for side, changed in (("{p}", 0), ("{s}", number % 2)):
            world.execute(
                f"CREATE TABLE {side}.T{number} AS SELECT 1 AS ID, {changed} AS V",
                f"CREATE VIEW {side}.V{number} AS SELECT ID, V FROM {side}.T{number}",
            )


def _trips(world: "SnowflakeWorld", size: int) -> Trips:
    sent = world.stand_in.statements
    keys = {f"{kind}{number}": Key(("ID",), "the benchmark") for kind in "TV" for number in range(size)}
    with world.warehouse() as warehouse:
        marks = [len(sent)]
        diff_schemas(warehouse, keys=keys, settings=DiffSettings())
        marks.append(len(world.stand_in.statements))
        warehouse.preflight()
        marks.append(len(world.stand_in.statements))
        told = warehouse.exchange(Release(run="benchmark", digest="", at="2025-01-01T00:00:00+00:00"), lambda: None)
        marks.append(len(world.stand_in.statements))
    audit, preflight, publish = (after - before for before, after in itertools.pairwise(marks))
    named = [_named(one.text, world) for one in world.stand_in.statements[marks[0] : marks[1]]]
    equal, changed = (_most(named, [name for name in keys if int(name[1:]) % 2 == odd]) for odd in (0, 1))
    return Trips(audit, equal, changed, preflight=preflight, publish=publish, changes=len(told))


def _named(text: str, world: "SnowflakeWorld") -> Counter[str]:
    """How often the statement names each relation of either side: one that is named twice is read twice."""
    found = sqlglot.parse_one(text, read="snowflake").find_all(exp.Table)
    return Counter(table.name for table in found if table.db in (world.production, world.staging))


def _most(named: list[Counter[str]], relations: list[str]) -> str:
    sent = max((sum(name in one for one in named) for name in relations), default=0)
    read = max((sum(one[name] for one in named) for name in relations), default=0)
    return f"{sent} / {read // 2}"
