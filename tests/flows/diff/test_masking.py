"""Masked columns: the report says that they changed, and their values never leave the warehouse."""

import pytest

from flows.contract import TableDiff
from flows.diff import MASK, Key
from tests.flows.diff.adapter import Memory

SECRETS = ("secret-one", "secret-two", "secret-three")
MASKED = {"T": frozenset({"MAIL"})}
ID = Key(("id",), "test")


@pytest.fixture
def changed(memory: Memory) -> Memory:
    """One changed, one added, one removed row, each with a secret; one secret became NULL."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT * FROM (VALUES (1, 'secret-one', 1), (2, 'secret-two', 2), (3, 'secret-two', 3))"
        " AS v(id, mail, x)",
        "CREATE TABLE {s}.t AS SELECT * FROM (VALUES (1, 'secret-two', 1), (3, NULL, 3), (4, 'secret-three', 4))"
        " AS v(id, mail, x)",
    )
    return memory


@pytest.mark.parametrize("key", [ID, Key(("mail", "id"), "test"), None])
def test_masked_values_leave_no_trace(changed: Memory, key: Key | None) -> None:
    """Neither the report nor any answer of the warehouse holds a masked value, keyed or not."""
    found = changed.diff(key=key, masked=MASKED)
    assert found.status == "changed"
    assert not any(secret in found.model_dump_json() for secret in SECRETS)
    assert not any(secret in answer for answer in changed.answers for secret in SECRETS)


def test_masked_column_is_said_to_change(changed: Memory) -> None:
    """The change is counted and shown as a change of *** to ***, NULL or not."""
    found = changed.diff(key=ID, masked=MASKED)
    assert [(count.column, count.rows) for count in found.changed_columns] == [("mail", 2)]
    cells = [cell for sample in found.samples for cell in sample.cells if cell.column == "mail"]
    assert {(cell.production, cell.staging) for cell in cells} == {(MASK, MASK), (MASK, None), (None, MASK)}


def test_masked_key_is_masked(changed: Memory) -> None:
    """A key column that is masked still joins but shows nothing."""
    found = changed.diff(key=ID, masked={"t": frozenset({"id"})})
    assert (found.method, found.changed) == ("keyed", 2)
    assert {sample.key for sample in found.samples} == {(MASK,)}


def test_hash_of_a_masked_key_is_not_returned(changed: Memory) -> None:
    """The hash that orders samples could be looked up in a table of hashes; it stays in the warehouse."""
    changed.diff(key=Key(("mail", "id"), "test"), masked=MASKED)
    hashes = changed.connection.execute(
        "SELECT hash(mail), hash(mail, id), hash(mail, id, x), hash(id, mail) FROM develop_dwh.t WHERE mail IS NOT NULL"
    ).fetchall()
    assert not any(str(value) in answer for answer in changed.answers for row in hashes for value in row)


def test_hash_of_a_single_masked_key_is_not_returned(memory: Memory) -> None:
    """The glance sums the hashes of keys; of a table of one row the sum would be the hash."""
    memory.run("CREATE TABLE {p}.t AS SELECT 'secret-one' AS mail", "CREATE TABLE {s}.t AS SELECT 'secret-two' AS mail")
    found = memory.diff(key=Key(("mail",), "test"), masked=MASKED)
    assert (found.method, found.added, found.removed) == ("keyed", 1, 1)
    glance = memory.answers[0]
    [(value,)] = memory.connection.execute("SELECT hash(mail) FROM develop_dwh.t").fetchall()
    assert str(value) not in glance


def test_pattern_masks_like_a_name(changed: Memory) -> None:
    """A column that a pattern masks leaves no trace either, in any part of the report."""
    found = changed.diff(key=ID, mask_columns=("M*IL",))
    assert [(count.column, count.rows) for count in found.changed_columns] == [("mail", 2)]
    assert not any(secret in answer for answer in changed.answers for secret in SECRETS)


@pytest.mark.parametrize("schema", ["{p}", "{s}"])
def test_table_on_one_side_is_masked(memory: Memory, schema: str) -> None:
    """A new or a removed table shows samples under the same masks."""
    memory.run(f"CREATE TABLE {schema}.t AS SELECT 1 AS id, 'secret-one' AS mail")
    found = memory.diff(key=ID, masked=MASKED)
    [sample] = found.samples
    assert sample.key == ("1",)
    assert [cell.staging or cell.production for cell in sample.cells] == [MASK]


def test_every_column_can_be_masked_at_once(changed: Memory) -> None:
    """A star masks all columns of a table."""
    found: TableDiff = changed.diff(masked={"t": frozenset({"*"})})
    assert {cell.staging or cell.production for sample in found.samples for cell in sample.cells} == {MASK}


def test_error_of_a_table_with_masks_is_not_repeated(memory: Memory) -> None:
    """A warehouse quotes the value that it cannot cast; a masked table's error says only that there was one."""
    memory.run(
        "CREATE TABLE {s}.source AS SELECT 'secret-one' AS mail",
        "CREATE VIEW {s}.t AS SELECT mail::INTEGER AS mail FROM {s}.source",
    )
    assert "secret-one" in memory.diff().error
    hidden = memory.diff(masked=MASKED)
    assert hidden.status == "failed"
    assert hidden.error == "Not compared. The warehouse's words are left out, because the table has masked columns."


def test_error_is_not_repeated_if_only_production_has_the_masked_column(memory: Memory) -> None:
    """The columns of both sides say whether an error may quote a masked value."""
    memory.run(
        "CREATE TABLE {p}.source AS SELECT 'secret-one' AS mail",
        "CREATE VIEW {p}.t AS SELECT 1 AS id, mail::INTEGER AS mail FROM {p}.source",
        "CREATE VIEW {s}.t AS SELECT 1 AS id",
    )
    hidden = memory.diff(masked=MASKED)
    assert hidden.error == "Not compared. The warehouse's words are left out, because the table has masked columns."
