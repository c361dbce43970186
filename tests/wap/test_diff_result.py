"""`wap diff` on two tables: its numbers, its JSON, its exit code."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.wap.conftest import diff_two

DOCUMENT = {
    "schema", "rows", "added", "removed", "changed", "unchanged", "columns", "key", "key_source", "samples", "profile",
    "notes", "status", "method", "fresh", "concentration", "scope",
}  # fmt: skip


def test_diff_with_key_counts_added_removed_changed(shop: Path) -> None:
    """One row of each kind; exit code 1 says that the tables differ."""
    answer = diff_two(shop, "--key", "order_id", "--json")
    found = answer.document
    assert answer.code == 1
    assert answer.err == ""
    assert found["rows"] == {"production": 3, "staging": 3}
    assert (found["added"], found["removed"], found["changed"], found["unchanged"]) == (1, 1, 1, 1)
    assert found["columns"] == {"amount": 1}
    assert (found["key"], found["key_source"], found["method"]) == (["order_id"], "--key", "keyed")


def test_document_has_exactly_its_keys(shop: Path) -> None:
    """The keys are a promise: none is missing, none came without being promised."""
    assert set(diff_two(shop, "--json").document) == DOCUMENT


def test_diff_of_equal_tables_ends_with_zero(shop: Path) -> None:
    """Like diff(1)."""
    answer = diff_two(shop, "--json", before="dwh.customers", after="develop_dwh.customers")
    assert answer.code == 0
    assert (answer.document["status"], answer.document["added"], answer.document["unchanged"]) == ("equal", 0, 1)


def test_diff_without_key_compares_whole_rows(shop: Path) -> None:
    """A changed row is one removed and one added, and the notes say so."""
    found = diff_two(shop, "--json").document
    assert (found["method"], found["added"], found["removed"], found["changed"]) == ("multiset", 2, 2, None)
    assert "Without a key, a changed row counts as one removed and one added." in found["notes"]


def test_diff_without_key_takes_the_primary_key_of_the_catalog(make: Callable[[str], Path]) -> None:
    """A constraint is as good as an option, and the document says where the key came from."""
    path = make(
        "CREATE TABLE a (id INT, part INT, v INT, PRIMARY KEY (id, part)); INSERT INTO a VALUES (1, 1, 1), (1, 2, 2);"
        "CREATE TABLE b AS FROM a; UPDATE b SET v = 9 WHERE part = 2;"
    )
    found = diff_two(path, "--json", before="a", after="b").document
    assert (found["key"], found["changed"]) == (["id", "part"], 1)
    assert found["key_source"] == "primary key constraint of main.a"


def test_diff_with_a_key_that_repeats_falls_back_and_says_so(make: Callable[[str], Path]) -> None:
    """Nothing is joined on a key that does not identify rows."""
    path = make("CREATE TABLE a AS SELECT 1 AS id, range AS v FROM range(2); CREATE TABLE b AS SELECT 1 AS id, 5 AS v;")
    answer = diff_two(path, "--key", "id", "--json", before="a", after="b")
    assert answer.code == 1
    assert answer.document["method"] == "multiset"
    assert "Rows of production that repeat the key (id) of another row: 1." in answer.document["notes"]
    assert "So whole rows were compared, without the key." in answer.document["notes"]


def test_diff_tells_schema_changes_as_a_list(make: Callable[[str], Path]) -> None:
    """Added, removed, retyped, with both types."""
    path = make("CREATE TABLE a (id INT, gone INT, kept INT); CREATE TABLE b (id INT, kept BIGINT, fresh TEXT);")
    answer = diff_two(path, "--json", before="a", after="b")
    assert answer.code == 1
    assert [(change["kind"], change["column"]) for change in answer.document["schema"]] == [
        ("removed", "gone"),
        ("added", "fresh"),
        ("retyped", "kept"),
    ]


def test_diff_of_empty_tables_is_equal(make: Callable[[str], Path]) -> None:
    """No rows on both sides is a result, not an error."""
    answer = diff_two(make("CREATE TABLE a (id INT); CREATE TABLE b (id INT)"), "--json", before="a", after="b")
    assert answer.code == 0
    assert answer.document["rows"] == {"production": 0, "staging": 0}


def test_diff_against_an_empty_table_removes_every_row(make: Callable[[str], Path]) -> None:
    """An empty table is not a missing one."""
    path = make("CREATE TABLE a AS SELECT range AS id FROM range(3); CREATE TABLE b (id BIGINT)")
    answer = diff_two(path, "--key", "id", "--json", before="a", after="b")
    assert answer.code == 1
    assert (answer.document["removed"], answer.document["added"]) == (3, 0)


def test_diff_of_a_view_reads_the_view(make: Callable[[str], Path]) -> None:
    """Either side may be a view."""
    path = make("CREATE TABLE a AS SELECT 1 AS id, 2 AS v; CREATE VIEW b AS SELECT id, v + 1 AS v FROM a")
    assert diff_two(path, "--key", "id", "--json", before="a", after="b").document["changed"] == 1


def test_ignored_columns_make_nothing_differ(shop: Path) -> None:
    """The option leaves the column out of the comparison, and a note says so."""
    found = diff_two(shop, "--key", "order_id", "--ignore", "amount", "--json").document
    assert (found["changed"], found["added"]) == (0, 1)
    assert "Not compared, as the settings say: amount." in found["notes"]


@pytest.mark.parametrize("mode", [("--json",), ()])
def test_masked_columns_show_no_value(make: Callable[[str], Path], mode: tuple[str, ...]) -> None:
    """Neither the page nor the document holds a value of a masked column."""
    path = make(
        "CREATE TABLE a AS SELECT 1 AS id, 'mina@example.com' AS mail;"
        "CREATE TABLE b AS SELECT 1 AS id, 'tomas@example.com' AS mail"
    )
    answer = diff_two(path, "--key", "id", "--mask", "mail", *mode, before="a", after="b")
    assert answer.code == 1
    assert "***" in answer.out
    assert "example.com" not in answer.out


def test_tolerances_apply_to_floats(make: Callable[[str], Path]) -> None:
    """A difference within the tolerance is none."""
    path = make("CREATE TABLE a AS SELECT 1 AS id, 1.0::DOUBLE AS v; CREATE TABLE b AS SELECT 1 AS id, 1.01::DOUBLE v")
    assert diff_two(path, "--key", "id", before="a", after="b").code == 1
    assert diff_two(path, "--key", "id", "--tolerance", "0.1", before="a", after="b").code == 0
    assert diff_two(path, "--key", "id", "--relative-tolerance", "0.1", before="a", after="b").code == 0


def test_samples_are_as_many_as_asked_for(shop: Path) -> None:
    """No samples at all is a choice."""
    assert diff_two(shop, "--key", "order_id", "--samples", "0", "--json").document["samples"] == []
    assert len(diff_two(shop, "--key", "order_id", "--samples", "1", "--json").document["samples"]) == 3


@pytest.mark.parametrize(
    ("schema", "table"),
    [
        ("My schema", "My table"),
        ("a.b", 'it"s'),
        ("größe", "テーブル"),
        ("select", "order"),
        ("MiXeD", "CaSe"),
        ("s" * 255, "t" * 255),
    ],
)
def test_names_of_any_kind_are_found(make: Callable[[str], Path], schema: str, table: str) -> None:
    """Quotes, dots, other alphabets, reserved words, mixed case, 255 characters; also as names of columns."""

    def quoted(*names: str) -> str:
        return ".".join('"' + name.replace('"', '""') + '"' for name in names)

    before, after = quoted(schema, table), quoted(schema, f"{table} 2")
    column, key = quoted(f"{table} value"), quoted(table)
    path = make(
        f"CREATE SCHEMA {quoted(schema)}; CREATE TABLE {before} AS SELECT 1 AS {key}, 1 AS {column};"
        f"CREATE TABLE {after} AS SELECT 1 AS {key}, 2 AS {column}"
    )
    found = diff_two(path, "--key", key, "--json", before=before, after=after).document
    assert found["key"] == [table]
    assert found["columns"] == {f"{table} value": 1}
    assert diff_two(path, "--key", key, before=before, after=after).code == 1


def test_names_without_a_schema_are_looked_for_in_main_first(make: Callable[[str], Path]) -> None:
    """Elsewhere only if main has none, in any case."""
    path = make(
        "CREATE SCHEMA s; CREATE TABLE t AS SELECT 1 i; CREATE TABLE s.t AS SELECT 2 i; CREATE TABLE s.u AS FROM t"
    )
    assert diff_two(path, before="T", after="U").code == 0


def test_where_compares_a_part_and_says_so(shop: Path) -> None:
    """The counts are of the rows that meet the condition; the scope tells it."""
    found = diff_two(shop, "--key", "order_id", "--where", "order_id < 3", "--json").document
    assert (found["added"], found["removed"], found["changed"]) == (0, 0, 1)
    assert found["scope"]["condition"] == "order_id < 3"
    assert found["rows"] == {"production": 3, "staging": 3}
