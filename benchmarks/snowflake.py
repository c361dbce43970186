"""How many statements audit and publish send to Snowflake, without policies and with: each is a round trip."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.diff import DiffSettings, Key, diff_schemas
from flows.warehouse.base import Release

if TYPE_CHECKING:
    from tests.flows.warehouse.snowflake_world import SnowflakeWorld

SIZES = (1, 5, 20)
"""Pairs of a table and a view of it. Every other table has changed."""


@dataclass(frozen=True, slots=True)
class Trips:
    """Statements sent, repeated ones included."""

    audit: int
    preflight: int
    publish: int
    changes: int


def main() -> None:
    """Count, and print a line for each size."""
    columns = ("tables + views", "masked", "audit", "a relation", "preflight", "publish", "of them changes")
    print(" ".join(f"{column:>16}" for column in columns))
    for size, masked, trips in _counted():
        figures = (f"{size} + {size}", masked, trips.audit, f"{trips.audit / size / 2:.1f}", trips.preflight)
        print(" ".join(f"{figure:>16}" for figure in (*figures, trips.publish, trips.changes)), flush=True)


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
    return Trips(audit, preflight, publish=publish, changes=len(told))
