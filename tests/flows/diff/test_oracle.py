"""The diff against brute force in plain Python, on random schemas, keys, NULLs and duplicates."""

import os
from collections.abc import Sequence
from functools import cache
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from flows.contract import TableDiff
from flows.diff import Choice, DiffSettings, Key, diff_schemas
from tests.flows.diff import oracle
from tests.flows.diff.adapter import Memory, as_warehouse
from tests.flows.diff.tables import Tables, tables

Rows = tuple[tuple[object, ...], ...]
EXAMPLES = int(os.environ.get("WAP_EXAMPLES", "200"))

many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="WAP_EXAMPLES" not in os.environ,
)


@cache
def _memory() -> Memory:
    # One database for all examples: opening one costs ten times what an example costs.
    return Memory()


@many
@given(tables())
def test_diff_counts_what_brute_force_counts(given_tables: Tables) -> None:
    """Counts, also per column, equal those of an independent comparison; an unsound key means whole rows."""
    found = _diff(given_tables, keyed=True)
    sound = all(oracle.is_sound(side, given_tables.key) for side in (given_tables.production, given_tables.staging))
    if found.method == "keyed":
        assert sound
        expected = oracle.by_key(
            given_tables.production, given_tables.staging, names=given_tables.names, key=given_tables.key
        )
        assert found.changed == expected.changed
        assert {count.column: count.rows for count in found.changed_columns} == expected.columns
    elif found.method == "multiset":
        assert not sound
        expected = oracle.by_rows(given_tables.production, given_tables.staging)
    else:
        expected = oracle.by_rows(given_tables.production, given_tables.staging)
        assert (expected.added, expected.removed, found.changed) == (0, 0, 0)
    assert (found.added, found.removed, found.unchanged) == (expected.added, expected.removed, expected.unchanged)


@many
@given(tables(), st.sampled_from([(0.5, 0.0), (0.0, 1e-9), (1e-300, 0.0), (0.0, 2.0)]))
def test_tolerances_excuse_what_brute_force_excuses(given_tables: Tables, tolerances: tuple[float, float]) -> None:
    """Within tolerances rows are unchanged; NaN and the infinities are near nothing but themselves."""
    absolute, relative = tolerances
    found = _diff(given_tables, keyed=True, absolute_tolerance=absolute, relative_tolerance=relative)
    if found.method != "keyed":
        return
    expected = oracle.by_key(
        given_tables.production,
        given_tables.staging,
        names=given_tables.names,
        key=given_tables.key,
        absolute=absolute,
        relative=relative,
    )
    assert found.changed == expected.changed
    assert {count.column: count.rows for count in found.changed_columns} == expected.columns


@many
@given(tables(), st.booleans())
def test_swapping_the_sides_swaps_added_and_removed(given_tables: Tables, keyed: bool) -> None:
    """What was added one way was removed the other way; the rest stays."""
    there, back = _diff(given_tables, keyed=keyed), _diff(given_tables.swapped(), keyed=keyed)
    assert (there.added, there.removed) == (back.removed, back.added)
    assert (there.changed, there.unchanged) == (back.changed, back.unchanged)
    assert {count.column: count.rows for count in there.changed_columns} == {
        count.column: count.rows for count in back.changed_columns
    }


@many
@given(tables(), st.booleans(), st.randoms(use_true_random=False))
def test_the_same_rows_in_any_order_are_equal(given_tables: Tables, keyed: bool, random: object) -> None:
    """Rows have no order: a shuffled copy is equal, told by one scan a side."""
    shuffled = list(given_tables.production)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    copy = Tables(
        given_tables.names, given_tables.types, given_tables.production, tuple(shuffled), key=given_tables.key
    )
    found = _diff(copy, keyed=keyed)
    assert (found.status, found.method) == ("equal", "fingerprint")
    assert (found.added, found.removed, found.changed, found.unchanged) == (0, 0, 0, len(shuffled))


@many
@given(tables(), st.data())
def test_columns_of_one_side_do_not_touch_the_counts(given_tables: Tables, data: st.DataObject) -> None:
    """Dropped, added and reordered columns change the schema; rows are compared on what both sides have, by name."""
    width = len(given_tables.key)
    places = list(range(width, len(given_tables.names)))
    before = data.draw(st.permutations([*given_tables.key, *(n for n in places if data.draw(st.booleans()))]))
    after = data.draw(st.permutations([*given_tables.key, *(n for n in places if data.draw(st.booleans()))]))
    common = [n for n in after if n in before]
    production, staging = ([[row[n] for n in common] for row in side] for side in _sides(given_tables))
    names, key = [given_tables.names[n] for n in common], [common.index(n) for n in given_tables.key]
    found = _diff(given_tables, keyed=True, columns=(before, after))
    if found.method == "keyed":
        expected = oracle.by_key(production, staging, names=names, key=key)
        assert {count.column: count.rows for count in found.changed_columns} == expected.columns
    else:
        expected = oracle.by_rows(production, staging)
    assert (found.added, found.removed, found.unchanged) == (expected.added, expected.removed, expected.unchanged)
    assert {(change.column, change.kind) for change in found.schema_changes} == {
        *((given_tables.names[n], "removed") for n in before if n not in after),
        *((given_tables.names[n], "added") for n in after if n not in before),
    }
    if before != after:
        assert found.status == "changed"


@many
@given(tables(), st.booleans())
def test_samples_agree_with_the_counts(given_tables: Tables, keyed: bool) -> None:
    """There are as many samples of a kind as rows, up to the limit; a changed row shows at least one cell."""
    found = _diff(given_tables, keyed=keyed, sample_rows=3)
    for kind, count in (("added", found.added), ("removed", found.removed), ("changed", found.changed)):
        shown = [sample for sample in found.samples if sample.kind == kind]
        times = sum(sample.times for sample in shown)
        assert len(shown) == min(3, count or 0) or (found.method == "multiset" and len(shown) <= times <= (count or 0))
        assert all(sample.cells for sample in shown if kind == "changed")


@many
@given(tables(), st.booleans())
def test_fresh_rows_are_those_of_brute_force(given_tables: Tables, keyed: bool) -> None:
    """Rows behind production's latest event time are fresh, all others count as they do without an event time."""
    places = [n for n, name in enumerate(given_tables.types) if name.startswith(("DATE", "TIMESTAMP"))]
    assume(places)
    choice = {"t": Choice(event_time=given_tables.names[places[-1]])}
    plain, found = _diff(given_tables, keyed=keyed), _diff(given_tables, keyed=keyed, tables=choice)
    assert (found.removed, found.changed, found.unchanged) == (plain.removed, plain.changed, plain.unchanged)
    if found.method == "fingerprint":
        assert found.fresh is None
        return
    key = given_tables.key if found.method == "keyed" else None
    expected = oracle.fresh(given_tables.production, given_tables.staging, place=places[-1], key=key)
    assert found.fresh
    assert (found.fresh.rows, found.added) == (expected, (plain.added or 0) - expected)


@many
@given(tables(), st.booleans())
def test_condition_counts_what_brute_force_counts_of_the_rest(given_tables: Tables, keyed: bool) -> None:
    """With a condition the counts are those of tables that hold only the rows that meet it."""
    place = len(given_tables.names) - 1
    production, staging = (
        tuple(row for row in side if row[place] is not None) for side in _sides(given_tables)
    )  # fmt: skip
    rest = Tables(given_tables.names, given_tables.types, production, staging, key=given_tables.key)
    column = _memory().dialect.quote(given_tables.names[place])
    expected = _diff(rest, keyed=keyed)
    found = _diff(given_tables, keyed=keyed, tables={"t": Choice(where=f"{column} IS NOT NULL")})
    assert (found.added, found.removed, found.unchanged) == (expected.added, expected.removed, expected.unchanged) or (
        found.method == "fingerprint"
    )
    if "fingerprint" not in (found.method, expected.method):
        assert (found.method, found.changed, found.changed_columns) == (
            expected.method,
            expected.changed,
            expected.changed_columns,
        )
        assert found.samples == expected.samples


def _sides(given_tables: Tables) -> tuple[Rows, Rows]:
    return given_tables.production, given_tables.staging


def _diff(
    given_tables: Tables,
    *,
    keyed: bool,
    columns: tuple[Sequence[int], Sequence[int]] | None = None,
    **chosen: Any,
) -> TableDiff:
    memory = _memory()
    everything = range(len(given_tables.names))
    for schema, rows, places in zip(
        ("dwh", "develop_dwh"), _sides(given_tables), columns or (everything, everything), strict=True
    ):
        declared = ", ".join(f"{memory.dialect.quote(given_tables.names[n])} {given_tables.types[n]}" for n in places)
        memory.connection.execute(f"CREATE OR REPLACE TABLE {schema}.t ({declared})")
        if rows:
            marks = ", ".join("?" for _ in places)
            values = [[row[n] for n in places] for row in rows]
            memory.connection.executemany(f"INSERT INTO {schema}.t VALUES ({marks})", values)
    keys = {"t": Key(given_tables.key_names, "test")} if keyed else {}
    [found] = diff_schemas(as_warehouse(memory), keys=keys, settings=DiffSettings(**chosen))
    return found
