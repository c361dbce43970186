"""The part of a table that is compared: a condition, and a sample of the keys of a large table."""

import pytest

from flows.contract import Scope
from flows.diff import Choice, Key
from tests.flows.diff.adapter import Memory

ID = Key(("id",), "test")


def _where(condition: str) -> dict[str, Choice]:
    return {"t": Choice(where=condition)}


@pytest.fixture
def numbers(memory: Memory) -> Memory:
    """A thousand rows; in staging every tenth has another value, ten are gone and ten are new."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT i AS id, i % 2 AS half, 0 AS x FROM range(1000) r(i)",
        "CREATE TABLE {s}.t AS SELECT i AS id, i % 2 AS half, (i % 10 = 0)::INTEGER AS x FROM range(10, 1010) r(i)",
    )
    return memory


@pytest.mark.parametrize("key", [ID, None])
def test_condition_limits_both_sides(numbers: Memory, key: Key | None) -> None:
    """Counts are of the rows that meet the condition; the fingerprints and rows of the sides stay those of all."""
    found = numbers.diff(key=key, tables=_where("half = 1 -- odd ones"))
    assert (found.added, found.removed, found.unchanged) == (5, 5, 495)
    assert found.scope == Scope(condition="half = 1 -- odd ones", production_rows=500, staging_rows=500)
    assert found.staging
    assert found.staging.rows == 1000
    assert found.notes[0] == (
        "Compared: only rows where half = 1 -- odd ones. Not looked at: 500 rows of production and 500 of staging."
    )


def test_condition_that_sees_no_difference_says_so(numbers: Memory) -> None:
    """The table differs all the same, and the report does not call it equal."""
    found = numbers.diff(key=ID, tables=_where("id BETWEEN 11 AND 19"))
    assert (found.status, found.changed, found.unchanged) == ("changed", 0, 9)
    assert found.notes[-1].startswith("Nothing differs in the part that was compared.")


@pytest.mark.parametrize("condition", ["no_such_column = 1", "id =", "1); DROP TABLE t; --", "id / 0 = 'x'"])
def test_broken_condition_fails_the_table_in_one_sentence(numbers: Memory, condition: str) -> None:
    """The sentence names the condition, where it stands, and what the warehouse said of it."""
    found = numbers.diff(key=ID, tables=_where(condition))
    assert found.status == "failed"
    assert found.error.startswith("Not compared. The rows of t cannot be read with the condition of the settings")
    assert condition in found.error
    assert found.error.endswith("Correct `where` under [diff.tables.t] in wap.toml.")


def test_broken_condition_of_a_masked_table_quotes_no_value(memory: Memory) -> None:
    """The warehouse quotes the value that it could not cast; a masked one stays out of the sentence."""
    memory.run("CREATE TABLE {p}.t AS SELECT 'secret-one' AS mail", "CREATE TABLE {s}.t AS SELECT 'secret-two' AS mail")
    found = memory.diff(tables=_where("mail::INTEGER > 0"), masked={"t": frozenset({"mail"})})
    assert found.status == "failed"
    assert "secret" not in found.error
    assert "mail::INTEGER > 0" in found.error


def test_unsound_key_outside_the_condition_is_no_finding(numbers: Memory) -> None:
    """Keys are checked where rows are compared."""
    numbers.run("INSERT INTO {s}.t VALUES (NULL, 0, 0), (998, 0, 0)")
    assert numbers.diff(key=ID, tables=_where("half = 1")).method == "keyed"
    assert numbers.diff(key=ID).method == "multiset"


def test_large_table_is_compared_on_a_sample_of_its_keys(numbers: Memory) -> None:
    """About so many rows are looked at, the same keys on both sides and in every run, and the note says so."""
    found = numbers.diff(key=ID, sample_above_rows=300)
    assert found.scope
    assert found.scope.sampled == 0.3
    assert 230 < found.scope.production_rows < 370
    assert found.notes[0].startswith("Compared: only a sample of 30% of the keys, because the table is large.")
    assert found.added is not None
    assert found.removed is not None
    assert found.changed is not None
    assert found.scope.staging_rows == (found.unchanged or 0) + found.changed + found.added
    assert found.scope.production_rows == (found.unchanged or 0) + found.changed + found.removed
    assert found.added < 10
    assert 10 < found.changed < 60
    assert numbers.diff(key=ID, sample_above_rows=300) == found


def test_sample_is_per_table_and_only_with_a_key(numbers: Memory) -> None:
    """A table may say otherwise; without a key rows cannot be chosen alike on both sides, and all are compared."""
    assert numbers.diff(key=ID, sample_above_rows=300, tables={"T": Choice(sample_above_rows=0)}).scope is None
    assert numbers.diff(key=None, sample_above_rows=300).scope is None
    assert numbers.diff(key=ID, sample_above_rows=1000).scope is None


def test_sample_that_finds_nothing_is_not_equality(memory: Memory) -> None:
    """The fingerprints differ in a row that the sample left out: the table is changed, and the note says why."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT i AS id, 0 AS x FROM range(1000) r(i)",
        "CREATE TABLE {s}.t AS SELECT i AS id, CASE WHEN hash(i) % 1000000 > 900000 THEN 1 ELSE 0 END AS x"
        " FROM range(1000) r(i)",
    )
    found = memory.diff(key=ID, sample_above_rows=10)
    assert (found.status, found.changed) == ("changed", 0)
    assert found.notes[-1].startswith("Nothing differs in the part that was compared.")


def test_condition_and_sample_go_together(numbers: Memory) -> None:
    """The sample is of the rows that meet the condition."""
    found = numbers.diff(key=ID, sample_above_rows=250, tables=_where("half = 1"))
    assert found.scope
    assert found.scope.sampled == 0.5
    assert found.scope.production_rows < 300
    assert "only rows where half = 1, and of these only a sample of 50% of the keys" in found.notes[0]


def test_comment_that_does_not_end_is_told_without_our_own_statement(numbers: Memory) -> None:
    """The warehouse quotes everything after it, which helps nobody."""
    found = numbers.diff(key=ID, tables=_where("half = 1 /* only half"))
    assert "unterminated" in found.error
    assert "GROUP BY" not in found.error
    assert len(found.error) < 600


def test_condition_that_gives_other_rows_each_time_is_named(numbers: Memory) -> None:
    """Counts that do not add up may be the fault of the condition, and the sentence says so."""
    found = numbers.diff(key=ID, tables=_where("random() < 0.5"))
    assert found.status == "failed"
    assert "if the condition `random() < 0.5` always gives the same rows" in found.error
