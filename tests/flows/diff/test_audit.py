"""The diff of two schemas: every table and view, each for itself; and the fingerprints that publishing re-computes."""

import pytest

from flows.contract import data_digest
from flows.diff import DiffSettings, Key, diff_schemas, fingerprints
from flows.warehouse.base import Environment
from tests.flows.diff.adapter import Memory, as_warehouse


def test_every_table_and_view_of_either_side_is_reported_by_name(memory: Memory) -> None:
    """Added, removed, changed and equal tables are told apart; progress is announced before each."""
    memory.run(
        "CREATE TABLE {p}.same AS SELECT 1 AS id",
        "CREATE TABLE {s}.same AS SELECT 1 AS id",
        "CREATE TABLE {p}.gone AS SELECT 1 AS id",
        "CREATE VIEW {s}.fresh AS SELECT 1 AS id UNION ALL SELECT 2",
        "CREATE TABLE {p}.moved AS SELECT 1 AS id",
        "CREATE VIEW {s}.moved AS SELECT 2 AS id",
    )
    seen: list[tuple[str, int, int]] = []
    tables = diff_schemas(
        as_warehouse(memory), keys={}, settings=DiffSettings(), progress=lambda *step: seen.append(step)
    )
    assert [(table.name, table.kind, table.status) for table in tables] == [
        ("fresh", "view", "added"),
        ("gone", "table", "removed"),
        ("moved", "view", "changed"),
        ("same", "table", "equal"),
    ]
    fresh, gone, moved, _ = tables
    assert (fresh.added, len(fresh.samples), fresh.production) == (2, 2, None)
    assert (gone.removed, len(gone.samples), gone.staging) == (1, 1, None)
    assert moved.notes[0] == "A table in production, a view in staging."
    assert seen == [("fresh", 1, 4), ("gone", 2, 4), ("moved", 3, 4), ("same", 4, 4)]


@pytest.mark.parametrize("keys", [{"t": Key(("i",), "test")}, {}])
def test_samples_of_a_new_table_do_not_depend_on_the_order_of_rows(memory: Memory, keys: dict[str, Key]) -> None:
    """The same rows are shown whatever order they were written in."""
    shown = []
    for order in ("ASC", "DESC"):
        memory.run(
            f"CREATE OR REPLACE TABLE {{s}}.t AS SELECT i, 'n' || i AS x FROM range(5000) r(i) ORDER BY i {order}"
        )
        [table] = diff_schemas(as_warehouse(memory), keys=keys, settings=DiffSettings(sample_rows=4))
        shown.append(table.samples)
    assert shown[0] == shown[1]
    assert len(shown[0]) == 4


def test_equal_table_costs_one_scan_a_side(memory: Memory) -> None:
    """After a glance at the keys each side is read once; when count and fingerprint agree, nothing else is asked."""
    memory.run("CREATE TABLE {p}.t AS FROM range(100)", "CREATE TABLE {s}.t AS FROM range(100)")
    found = memory.diff(key=Key(("range",), "test"))
    assert (found.status, found.method, found.unchanged, found.key) == ("equal", "fingerprint", 100, ("range",))
    _, *scans = memory.statements
    assert len(scans) == 2


def test_failing_table_does_not_take_the_others_with_it(memory: Memory) -> None:
    """A view that cannot be read is failed, with the warehouse's words in one line; the next table is compared."""
    memory.run(
        "CREATE TABLE {s}.source AS SELECT 1 AS x",
        "CREATE VIEW {s}.broken AS SELECT x FROM {s}.source",
        "CREATE TABLE {p}.broken AS SELECT 1 AS x",
        "DROP TABLE {s}.source",
        "CREATE TABLE {s}.fine AS SELECT 1 AS x",
    )
    broken, fine = diff_schemas(as_warehouse(memory), keys={}, settings=DiffSettings())
    assert (broken.status, broken.method, broken.added) == ("failed", "none", None)
    assert "source" in broken.error
    assert "\n" not in broken.error
    assert fine.status == "added"


def test_nothing_on_either_side_is_no_table(memory: Memory) -> None:
    """Two empty schemas give an empty report."""
    assert diff_schemas(as_warehouse(memory), keys={}, settings=DiffSettings()) == ()


def test_fingerprints_are_those_of_the_report(memory: Memory) -> None:
    """What publishing re-computes is what the report showed, so that one digest names the data of both."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT 1 AS id, [1] AS x",
        "CREATE TABLE {s}.t AS SELECT 1 AS id, [2] AS x",
        "CREATE VIEW {s}.v AS SELECT INTERVAL 1 DAY AS x",
    )
    tables = diff_schemas(as_warehouse(memory), keys={}, settings=DiffSettings())
    for env in Environment:
        shown = {table.name: getattr(table, env.value) for table in tables if getattr(table, env.value)}
        assert fingerprints(as_warehouse(memory), env) == shown


def test_fingerprints_name_the_data_not_the_session(memory: Memory) -> None:
    """The same rows in another database, another order and another time zone have the same fingerprint."""
    statement = (
        "CREATE TABLE {s}.t AS SELECT i, i / 7 AS f, 'n' || i AS s, [i] AS l,"
        " TIMESTAMPTZ '2024-01-01 00:00:00+00' + INTERVAL (i) HOUR AS z FROM range(5000) r(i) ORDER BY i "
    )
    memory.run(statement + "ASC")
    with Memory() as other:
        other.run("SET TimeZone = 'Asia/Tokyo'", "SET threads = 1", statement + "DESC")
        assert fingerprints(as_warehouse(memory), Environment.STAGING) == fingerprints(
            as_warehouse(other), Environment.STAGING
        )


def test_digest_changes_with_any_value(memory: Memory) -> None:
    """One cell is enough."""
    memory.run("CREATE TABLE {s}.t AS SELECT i AS id, 'a' AS x FROM range(1000) r(i)")
    before = data_digest(diff_schemas(as_warehouse(memory), keys={}, settings=DiffSettings()))
    memory.run("UPDATE {s}.t SET x = 'b' WHERE id = 500")
    assert data_digest(diff_schemas(as_warehouse(memory), keys={}, settings=DiffSettings())) != before
