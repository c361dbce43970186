"""The diff against brute force in plain Python, on random schemas, keys, NULLs and duplicates."""

import os
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.contract import TableDiff
from flows.diff import DiffSettings, Key, diff_schemas
from tests.flows.diff import oracle
from tests.flows.diff.adapter import Memory, as_warehouse
from tests.flows.diff.tables import Tables, tables

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
@given(tables(), st.booleans())
def test_samples_agree_with_the_counts(given_tables: Tables, keyed: bool) -> None:
    """There are as many samples of a kind as rows, up to the limit; a changed row shows at least one cell."""
    found = _diff(given_tables, keyed=keyed, sample_rows=3)
    for kind, count in (("added", found.added), ("removed", found.removed), ("changed", found.changed)):
        shown = [sample for sample in found.samples if sample.kind == kind]
        times = sum(sample.times for sample in shown)
        assert len(shown) == min(3, count or 0) or (found.method == "multiset" and len(shown) <= times <= (count or 0))
        assert all(sample.cells for sample in shown if kind == "changed")


def _diff(given_tables: Tables, *, keyed: bool, **chosen: float | int) -> TableDiff:
    memory = _memory()
    quote = memory.dialect.quote
    columns = ", ".join(
        f"{quote(name)} {type_name}" for name, type_name in zip(given_tables.names, given_tables.types, strict=True)
    )
    for schema, rows in (("dwh", given_tables.production), ("develop_dwh", given_tables.staging)):
        memory.connection.execute(f"CREATE OR REPLACE TABLE {schema}.t ({columns})")
        if rows:
            marks = ", ".join("?" for _ in given_tables.names)
            memory.connection.executemany(f"INSERT INTO {schema}.t VALUES ({marks})", [list(row) for row in rows])
    keys = {"t": Key(given_tables.key_names, "test")} if keyed else {}
    [found] = diff_schemas(as_warehouse(memory), keys=keys, settings=DiffSettings(**chosen))  # type: ignore[arg-type]
    return found
