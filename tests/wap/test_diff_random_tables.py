"""`wap diff` counts the same of the same random tables in a DuckDB file and in Snowflake, as brute force does."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flows.contract import TableDiff
from flows.diff import DiffSettings, Key
from flows.warehouse.duckdb.reader import DuckDBReader
from flows.warehouse.places import PlaceReader
from flows.warehouse.snowflake.reader import SnowflakeReader
from flows.warehouse.snowflake.session import Access
from tests.flows.conftest import stand_in
from tests.flows.diff import oracle
from tests.flows.diff import test_both_warehouses as both
from tests.flows.diff.portable import select, tables
from tests.flows.diff.tables import Tables
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.flows.warehouse.world import DuckDBWorld, World
from wap.diff.asked import Asked, NotCompared
from wap.diff.comparing import Both, compare
from wap.diff.names import written

__all__ = ["stand_in", "worlds"]

worlds = both.worlds
Counted = dict[str, Any] | str


@both.batches
@given(st.lists(tables(), min_size=4, max_size=4), st.sampled_from([None, 1e-9, 2.0]))
def test_both_readers_count_the_same(
    worlds: dict[str, World], given_tables: list[Tables], tolerance: float | None
) -> None:
    """Rows, columns, key, notes, profile and spread; where one cannot compare, the other cannot for the same reason."""
    found = {kind: _diffs(world, kind, given_tables, tolerance) for kind, world in worlds.items()}
    assert found["snowflake"] == found["duckdb"]
    for given_table, told in zip(given_tables, found["snowflake"], strict=True):
        if not isinstance(told, str) and told["method"] == "keyed":
            expected = oracle.by_key(
                given_table.production,
                given_table.staging,
                names=given_table.names,
                key=given_table.key,
                relative=tolerance or 0.0,
            )
            assert told["counts"] == expected


def _diffs(world: World, kind: str, given_tables: list[Tables], tolerance: float | None) -> list[Counted]:
    world.execute(
        *(
            f'CREATE OR REPLACE TABLE {schema}."r{number}" AS {select(given_table, rows, binary=both.HEX[kind])}'
            for number, given_table in enumerate(given_tables)
            for schema, rows in (("{p}", given_table.production), ("{s}", given_table.staging))
        )
    )
    asked = Asked(relative_tolerance=tolerance)
    with _reader(world) as reader:
        places = {(place.schema, place.name): place for place in reader.places()}
        return [
            _told(
                reader,
                Both(*(places[schema, f"r{number}"] for schema in _schemas(world))),
                replace(asked, key=",".join(written(name) for name in given_table.key_names)),
            )
            for number, given_table in enumerate(given_tables)
        ]


def _told(reader: PlaceReader, sides: Both, asked: Asked) -> Counted:
    try:
        table: TableDiff = compare(reader, sides, asked, settings=DiffSettings(), declared=Key(("x",), "test")).table
    except NotCompared as refused:
        return str(refused)
    return both._told(table)


def _reader(world: World) -> PlaceReader:
    match world:
        case DuckDBWorld():
            return DuckDBReader(world.path)
        case SnowflakeWorld():
            return SnowflakeReader(Access(lambda: world.stand_in.connection_options, world.facts(), tag="wap:diff"))
        case _:
            raise AssertionError(world)


def _schemas(world: World) -> tuple[str, str]:
    assert isinstance(world, DuckDBWorld | SnowflakeWorld)
    return world.production, world.staging
