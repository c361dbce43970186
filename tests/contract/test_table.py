"""What a table shows of its rows, and that it can be taken away."""

from flows.contract import (
    Bar,
    ColumnProfile,
    Concentration,
    Distribution,
    Freshness,
    Profile,
    TableDiff,
)
from tests.builders import sample, table_diff

SECRET = "mina@example.com"


def test_table_without_values_keeps_its_counts_and_shows_nothing() -> None:
    """Wherever a value of a row can be, it is gone; every other field is as it was."""
    told = Profile(nulls=1, distinct=9, low=SECRET, high=SECRET, mean=SECRET)
    table = table_diff(
        samples=(sample(key=(SECRET,), production=SECRET, staging=SECRET),),
        fresh=Freshness(column="at", until=SECRET, rows=3),
        concentration=Concentration(kind="changed", column="mail", value=SECRET, rows=5, of=5, usual=0.1),
        profile=(ColumnProfile(column="mail", production=told, staging=told),),
        distributions=(Distribution(column="mail", kind="values", bars=(Bar(label=SECRET, production=1, staging=1),)),),
        error=f"Could not cast {SECRET}",
    )
    bare = table.without_values()
    assert SECRET not in bare.model_dump_json()
    assert (bare.added, bare.removed, bare.changed, bare.changed_columns) == (10, 2, 5, table.changed_columns)
    assert bare.fresh == Freshness(column="at", until=None, rows=3)
    assert bare.profile[0].staging == Profile(nulls=1, distinct=9)
    assert bare.error


def test_table_without_values_names_every_field() -> None:
    """A field that is added later is looked at here: does it show a value of a row?"""
    looked_at = {
        *("name", "home", "kind", "status", "production", "staging", "key", "key_source", "method", "added", "removed"),
        *("changed", "unchanged", "schema_changes", "changed_columns", "samples", "fresh", "concentration"),
        *("profile", "distributions", "scope", "context", "notes", "error", "not_compared"),
    }
    assert set(TableDiff.model_fields) == looked_at
