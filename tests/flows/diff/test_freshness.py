"""Fresher is not different: new rows behind the latest event time of production are told from added ones."""

import pytest

from flows.contract import Freshness
from flows.diff import Choice, Key
from tests.flows.diff.adapter import Memory

ID = Key(("id",), "test")
AT = {"t": Choice(event_time="day")}


@pytest.fixture
def fresher(memory: Memory) -> Memory:
    """Production ends on the 2nd; staging has one late row behind, one that slipped in before, one without a time."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT * FROM (VALUES (1, DATE '2024-01-01'), (2, DATE '2024-01-02')) AS v(id, day)",
        "CREATE TABLE {s}.t AS SELECT * FROM (VALUES (1, DATE '2024-01-01'), (2, DATE '2024-01-02'),"
        " (3, DATE '2024-01-03'), (4, DATE '2024-01-02'), (5, NULL)) AS v(id, day)",
    )
    return memory


@pytest.mark.parametrize("key", [ID, None])
def test_later_rows_are_fresh_and_not_added(fresher: Memory, key: Key | None) -> None:
    """Only the row behind production's end is fresh; a row of the same day and one without a time are added."""
    found = fresher.diff(key=key, tables=AT)
    assert found.fresh == Freshness(column="day", until="2024-01-02", rows=1)
    assert (found.added, found.removed, found.unchanged, found.status) == (2, 0, 2, "changed")
    assert sorted(sample.cells[-1].staging or "" for sample in found.samples) == ["", "2024-01-02"]
    assert all(sample.kind == "added" for sample in found.samples)


@pytest.mark.parametrize("key", [ID, None])
def test_table_that_is_only_fresher_is_changed(memory: Memory, key: Key | None) -> None:
    """Nothing is added, nothing is shown as added, and yet there is something to publish."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT i AS id, TIMESTAMP '2024-01-01' + INTERVAL (i) HOUR AS day FROM range(5) r(i)",
        "CREATE TABLE {s}.t AS SELECT i AS id, TIMESTAMP '2024-01-01' + INTERVAL (i) HOUR AS day FROM range(9) r(i)",
    )
    found = memory.diff(key=key, tables=AT)
    assert (found.status, found.added, found.removed, found.unchanged) == ("changed", 0, 0, 5)
    assert found.fresh == Freshness(column="day", until="2024-01-01 04:00:00", rows=4)
    assert found.samples == ()


@pytest.mark.parametrize("key", [ID, None])
def test_older_staging_is_a_real_difference(fresher: Memory, key: Key | None) -> None:
    """Rows that production has and staging lacks are removed, also at the end."""
    fresher.run("DELETE FROM {s}.t WHERE id > 1")
    found = fresher.diff(key=key, tables=AT)
    assert (found.removed, found.added, found.fresh) == (1, 0, Freshness(column="day", until="2024-01-02", rows=0))


@pytest.mark.parametrize("key", [ID, None])
def test_empty_production_has_no_end(memory: Memory, key: Key | None) -> None:
    """Without rows in production there is no latest event time, and all rows are added."""
    for schema, count in (("{p}", 0), ("{s}", 3)):
        memory.run(f"CREATE TABLE {schema}.t AS SELECT i AS id, DATE '2024-01-01' AS day FROM range({count}) r(i)")
    found = memory.diff(key=key, tables=AT)
    assert (found.added, found.fresh) == (3, Freshness(column="day", until=None, rows=0))


@pytest.mark.parametrize(
    ("column", "why"),
    [("id", "is no date or timestamp on both sides"), ("gone", "is not on both sides with types that compare")],
)
def test_unusable_event_time_is_told_and_nothing_is_fresh(fresher: Memory, column: str, why: str) -> None:
    """The note says why; the counts are those without an event time."""
    found = fresher.diff(key=ID, tables={"T": Choice(event_time=column)})
    assert (found.added, found.fresh) == (3, None)
    assert found.notes == (f"New rows were not told from added ones: the event time {column} {why}.",)


def test_date_and_timestamp_compare_as_event_time(fresher: Memory) -> None:
    """A column that became a timestamp goes on saying when."""
    fresher.run("ALTER TABLE {s}.t ALTER day TYPE TIMESTAMP")
    found = fresher.diff(key=ID, tables=AT)
    assert (found.added, found.fresh) == (2, Freshness(column="day", until="2024-01-02", rows=1))


def test_time_zones_are_one_order(memory: Memory) -> None:
    """A time with a zone is later when the instant is, whatever its text says."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT 1 AS id, TIMESTAMPTZ '2024-01-02 00:00:00+00' AS day",
        "CREATE TABLE {s}.t AS SELECT 1 AS id, TIMESTAMPTZ '2024-01-02 00:00:00+00' AS day"
        " UNION ALL SELECT 2, TIMESTAMPTZ '2024-01-02 05:00:00+06'"
        " UNION ALL SELECT 3, TIMESTAMPTZ '2024-01-01 23:00:00-02'",
    )
    found = memory.diff(key=ID, tables=AT)
    assert (found.added, found.fresh and found.fresh.rows) == (1, 1)


def test_masked_event_time_counts_but_is_not_told(fresher: Memory) -> None:
    """The number of fresh rows is told, the latest time of production is not."""
    found = fresher.diff(key=ID, tables=AT, masked={"t": frozenset({"day"})})
    assert found.fresh == Freshness(column="day", until=None, rows=1)
    assert not any("2024-01-0" in answer for answer in fresher.answers)


def test_repeated_key_among_fresh_rows_is_unsound(fresher: Memory) -> None:
    """A key that stands once behind production's end and once before it is no key."""
    fresher.run("INSERT INTO {s}.t VALUES (3, DATE '2023-12-31')")
    found = fresher.diff(key=ID, tables=AT)
    assert found.method == "multiset"
    assert "Rows of staging that repeat the key (id) of another row: 1." in found.notes
    assert (found.added, found.fresh and found.fresh.rows) == (3, 1)


def test_production_ends_where_all_of_it_ends(memory: Memory) -> None:
    """Of a part of the rows the latest time is earlier; rows behind that part's end are added all the same."""
    for schema, last in (("{p}", 1000), ("{s}", 1010)):
        memory.run(
            f"CREATE TABLE {schema}.t AS SELECT i AS id, DATE '2020-01-01' + i::INTEGER AS day FROM range({last}) r(i)"
            " WHERE i < 1000 OR i % 2 = 0"
        )
    memory.run("INSERT INTO {s}.t SELECT i + 5000, DATE '2022-09-26' FROM range(300) r(i)")
    for part in (
        {"sample_above_rows": 200},
        {"tables": {"t": Choice(event_time="day", where="id < 900 OR id > 1000")}},
    ):
        found = memory.diff(key=ID, **{"tables": AT, **part})
        assert found.scope
        assert found.fresh
        assert found.fresh.until == "2022-09-26"
        assert (found.added or 0) > 40
        assert found.fresh.rows <= 5
