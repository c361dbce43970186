"""The same random tables in DuckDB and in Snowflake: the diff counts the same, and what brute force counts."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.contract import TableDiff
from flows.diff import DiffSettings, Key, diff_schemas
from tests.flows.diff import oracle
from tests.flows.diff.portable import select, tables
from tests.flows.diff.tables import Tables
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.flows.warehouse.world import DuckDBWorld, World, refresh
from tests.snowflake.stand_in import StandIn

BATCH = 8
EXAMPLES = int(os.environ.get("WAP_EXAMPLES", "6"))
HEX = {"duckdb": "unhex({})", "snowflake": "TO_BINARY({}, 'HEX')"}

batches = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    derandomize="WAP_EXAMPLES" not in os.environ,
)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory, stand_in: StandIn) -> Iterator[dict[str, World]]:
    """One target of each kind for all examples: making one costs more than an example."""
    duckdb = DuckDBWorld(Path(tmp_path_factory.mktemp("both")))
    refresh(duckdb)
    with SnowflakeWorld(stand_in) as snowflake:
        yield {"duckdb": duckdb, "snowflake": snowflake}


@batches
@given(st.lists(tables(), min_size=BATCH, max_size=BATCH), st.sampled_from([0.0, 1e-9, 2.0]))
def test_both_count_what_brute_force_counts(
    worlds: dict[str, World], given_tables: list[Tables], tolerance: float
) -> None:
    """Added, removed, changed and unchanged rows, rows by column, and what is wrong with a key."""
    found = {kind: _diffs(world, kind, given_tables, tolerance) for kind, world in worlds.items()}
    for number, given_table in enumerate(given_tables):
        duckdb, snowflake = (found[kind][f"t{number}"] for kind in ("duckdb", "snowflake"))
        assert _told(snowflake) == _told(duckdb)
        assert _counted(snowflake) == _expected(given_table, snowflake, tolerance)


def _told(found: TableDiff) -> dict[str, object]:
    """Everything that does not depend on which hash a warehouse has, or on how it writes a type."""
    return {
        "error": found.error,
        "status": found.status,
        "method": found.method,
        "key": found.key,
        "counts": _counted(found),
        "notes": found.notes,
        "rows": [side.rows for side in (found.production, found.staging) if side],
        "samples": sorted(sample.kind for sample in found.samples),
        "nulls": [
            (one.column, *(side.nulls for side in (one.production, one.staging) if side)) for one in found.profile
        ],
        "bars": [
            (one.column, one.kind, *((bar.production, bar.staging) for bar in one.bars)) for one in found.distributions
        ],
    }


def _counted(found: TableDiff) -> oracle.Expected:
    return oracle.Expected(
        added=found.added or 0,
        removed=found.removed or 0,
        changed=found.changed or 0,
        unchanged=found.unchanged or 0,
        columns={count.column: count.rows for count in found.changed_columns},
    )


def _expected(given_table: Tables, found: TableDiff, tolerance: float) -> oracle.Expected:
    sides = (given_table.production, given_table.staging)
    sound = all(oracle.is_sound(side, given_table.key) for side in sides)
    if found.method == "fingerprint" or not sound:
        return oracle.by_rows(*sides)
    return oracle.by_key(*sides, names=given_table.names, key=given_table.key, relative=tolerance)


def _diffs(world: World, kind: str, given_tables: list[Tables], tolerance: float) -> dict[str, TableDiff]:
    world.execute(
        *(
            f'CREATE OR REPLACE TABLE {schema}."t{number}" AS {select(given_table, rows, binary=HEX[kind])}'
            for number, given_table in enumerate(given_tables)
            for schema, rows in (("{p}", given_table.production), ("{s}", given_table.staging))
        )
    )
    keys = {f"t{number}": Key(given_table.key_names, "test") for number, given_table in enumerate(given_tables)}
    with world.warehouse() as warehouse:
        found = diff_schemas(warehouse, keys=keys, settings=DiffSettings(relative_tolerance=tolerance))
    return {table.name: table for table in found}
