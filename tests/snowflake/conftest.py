"""Stand-ins for the tests of their contract: one that is only read, and one for each test that changes things."""

from collections.abc import Iterator

import pytest

from tests.snowflake.stand_in import StandIn, stand_in

ORDERS = (
    "CREATE SCHEMA dwh",
    """CREATE TABLE dwh.orders (
        id INT NOT NULL, "Id" NUMBER(38, 0), amount NUMBER(10, 2), note VARCHAR(20) COMMENT 'said', at TIMESTAMP_NTZ,
        seen TIMESTAMP_LTZ, sent TIMESTAMP_TZ, day DATE, clock TIME, ok BOOLEAN, raw BINARY, rate FLOAT, body VARIANT,
        bag OBJECT, list ARRAY
    ) COMMENT = 'what was ordered'""",
    """INSERT INTO dwh.orders SELECT
        1, 99999999999999999999999999999999999999, 1.50, 'it''s', '2024-02-29 10:11:12.123456',
        '2024-02-29 10:11:12 +02:00'::TIMESTAMP_LTZ, '2024-02-29 10:11:12 +02:00'::TIMESTAMP_TZ, '2024-02-29',
        '10:11:12', TRUE, TO_BINARY('00ff', 'HEX'), 0.1, PARSE_JSON('{"b": 1, "a": [2, null]}'), NULL, NULL""",
    "INSERT INTO dwh.orders (id) VALUES (2)",
    "CREATE VIEW dwh.cheap AS SELECT id, amount FROM orders -- typed",
)


@pytest.fixture(scope="session")
def snow() -> Iterator[StandIn]:
    """A stand-in with one table and one view. Tests that use it change nothing."""
    with stand_in() as found:
        found.run(*ORDERS)
        yield found


@pytest.fixture
def fresh() -> Iterator[StandIn]:
    """A stand-in with two empty schemas, DWH and DEVELOP_DWH."""
    with stand_in() as found:
        found.run("CREATE SCHEMA dwh", "CREATE SCHEMA develop_dwh")
        yield found
