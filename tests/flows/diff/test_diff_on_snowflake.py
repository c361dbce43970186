"""The diff finds in Snowflake what it must find in every warehouse, through the real connector."""

from collections.abc import Iterator

import pytest

from tests.flows.diff.warehouse_suite import *  # noqa: F403 - the suite is meant to be run by every warehouse
from tests.flows.diff.warehouse_suite import ID, counts, diff, diffs, make
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.snowflake.stand_in import StandIn


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """An empty target in the stand-in."""
    with SnowflakeWorld(stand_in) as found:
        yield found


OWN_TYPES = [
    ("VARIANT", "PARSE_JSON('{\"a\": 1}')", "PARSE_JSON('{\"a\": 2}')", '{"a":1}'),
    ("VARIANT", "PARSE_JSON('[1, 2]')", "PARSE_JSON('[2, 1]')", "[1,2]"),
    ("VARIANT", "PARSE_JSON('null')", "NULL", "null"),
    ("VARIANT", "TO_VARIANT('1')", "TO_VARIANT(1)", '"1"'),
    ("BINARY", "TO_BINARY('00ff', 'HEX')", "TO_BINARY('00', 'HEX')", "00ff"),
    ("TIMESTAMP_TZ", "'2024-01-01 01:00:00.5 +01:00'", "'2024-01-01 01:00:00.5 +00:00'", "2024-01-01 00:00:00.5+00"),
    ("TIMESTAMP_LTZ", "'2024-01-01 01:00:00 +01:00'", "'2024-01-01 02:00:00 +00:00'", "2024-01-01 00:00:00+00"),
    ("TIMESTAMP_NTZ", "'2024-01-01 00:00:10'", "'2024-01-01 00:00:01'", "2024-01-01 00:00:10"),
    ("TIME", "'10:00:00'", "'10:00:00.25'", "10:00:00"),
    ("DATE", "'2024-10-10'", "'2024-10-01'", "2024-10-10"),
    ("BOOLEAN", "TRUE", "FALSE", "true"),
    ("NUMBER(38,0)", "'12345678901234567890123456789012345678'", "1", "12345678901234567890123456789012345678"),
]
"""(type, value, another value, the first as a reviewer reads it)."""


def test_values_of_snowflakes_own_types_are_compared_and_shown(world: SnowflakeWorld) -> None:
    """Each is seen when it changes, and shown the same whatever the session's formats and time zone are."""
    for number, (kind, old, new, _) in enumerate(OWN_TYPES):
        for side, value in (("{p}", old), ("{s}", new)):
            world.execute(f'CREATE TABLE {side}."t{number}" AS SELECT 1 AS "id", CAST({value} AS {kind}) AS "v"')
    found = diffs(world, keys={f"t{number}": ID for number in range(len(OWN_TYPES))})
    for number, case in enumerate(OWN_TYPES):
        table = found[f"t{number}"]
        assert (table.error, counts(table)) == ("", (0, 0, 1, 0)), case
        assert table.samples[0].cells[0].production == case[3], case


def test_one_instant_or_one_object_written_in_two_ways_is_no_change(world: SnowflakeWorld) -> None:
    """Documented: TIMESTAMP_TZ compares instants; an object has no order of keys."""
    make(
        world,
        'SELECT 1 AS "id", CAST(\'2024-01-01 01:00:00 +01:00\' AS TIMESTAMP_TZ) AS "at", '
        'PARSE_JSON(\'{"a": 1, "b": 2}\') AS "v"',
        'SELECT 1 AS "id", CAST(\'2024-01-01 00:00:00 +00:00\' AS TIMESTAMP_TZ) AS "at", '
        'PARSE_JSON(\'{"b":2,"a":1}\') AS "v"',
    )
    found = diff(world)
    assert (found.error, found.status, found.method) == ("", "equal", "fingerprint")
