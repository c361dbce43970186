"""Random tables for property tests: schemas, keys, NULLs, duplicates, hostile names and values."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import strategies as st

NAMES = ("id", "ID2", "select", 'quo"te', "do.t", "größe", "k0", "c0", "row_hash", "kind", "p", "two words")

_FLOATS = [0.0, -0.0, 1.0, 1.0 + 2**-52, 0.1, 1e300, -1e300, 5e-324, float("nan"), float("inf"), float("-inf")]
VALUES: dict[str, st.SearchStrategy[object]] = {
    "INTEGER": st.sampled_from([0, 1, 2, -1, 2**31 - 1]),
    "BIGINT": st.sampled_from([0, 1, -(2**63), 2**63 - 1, 10**15 + 1]),
    "HUGEINT": st.sampled_from([0, 1, 2**127 - 1, -(2**127) + 1, 2**64]),
    "DOUBLE": st.sampled_from(_FLOATS),
    "DECIMAL(38,10)": st.sampled_from(
        [Decimal("0"), Decimal("1.0000000001"), Decimal("1.0000000002"), Decimal("9" * 28 + ".0000000001")]
    ),
    "VARCHAR": st.sampled_from(["", " ", "a", "A", "a-b", "b-c", "NULL", "'", '"', "é", "e\u0301", "\n", "🦆" * 3]),
    "BOOLEAN": st.booleans(),
    "DATE": st.sampled_from([date(1970, 1, 1), date(2024, 2, 29), date(1, 1, 1)]),
    "TIMESTAMP": st.sampled_from([datetime(2024, 1, 1), datetime(2024, 1, 1, microsecond=1)]),  # noqa: DTZ001
    "TIMESTAMP WITH TIME ZONE": st.sampled_from(
        [datetime(2024, 3, 31, 1, tzinfo=UTC), datetime(2024, 3, 31, 1, microsecond=1, tzinfo=UTC)]
    ),
    "BLOB": st.sampled_from([b"", b"\x00", b"\x00\x00", b"\xff"]),
    "INTEGER[]": st.lists(st.one_of(st.none(), st.integers(0, 1)), max_size=2),
    "STRUCT(a INTEGER, b VARCHAR)": st.fixed_dictionaries(
        {"a": st.one_of(st.none(), st.integers(0, 1)), "b": st.sampled_from([None, "", "NULL"])}
    ),
}

KEY_TYPES = ("INTEGER", "BIGINT", "HUGEINT", "VARCHAR", "DECIMAL(38,10)", "DATE", "DOUBLE", "BLOB", "INTEGER[]")


@dataclass(frozen=True)
class Tables:
    """The same schema on both sides, with rows and a key that need not be sound."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    production: tuple[tuple[object, ...], ...]
    staging: tuple[tuple[object, ...], ...]
    key: tuple[int, ...]

    @property
    def key_names(self) -> tuple[str, ...]:
        """The names of the key's columns."""
        return tuple(self.names[n] for n in self.key)

    def swapped(self) -> "Tables":
        """Staging as production and the other way round."""
        return Tables(self.names, self.types, self.staging, self.production, self.key)


@st.composite
def tables(draw: st.DrawFn) -> Tables:
    """Two small tables that share many rows, so that every case of a diff is frequent."""
    names = tuple(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True)))
    width = draw(st.integers(1, min(2, len(names))))
    key_types = draw(st.lists(st.sampled_from(KEY_TYPES), min_size=width, max_size=width))
    rest = len(names) - width
    types = (*key_types, *draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=rest, max_size=rest)))
    row = st.tuples(*(st.one_of(VALUES[name], VALUES[name], VALUES[name], st.none()) for name in types))
    pool = draw(st.lists(row, max_size=8))
    side = st.lists(st.sampled_from(pool), max_size=8) if pool else st.just([])
    production, staging = draw(side), draw(side)
    if draw(st.booleans()):
        production, staging = _sound(production, width), _sound(staging, width)
    return Tables(names, types, tuple(production), tuple(staging), key=tuple(range(width)))


def _sound(rows: list[tuple[object, ...]], width: int) -> list[tuple[object, ...]]:
    """Only the first row of each key that has no NULL."""
    found: dict[str, tuple[object, ...]] = {}
    for row in rows:
        if None not in row[:width]:
            # repr tells 0.0 from -0.0, which are one key; adding zero makes them one.
            key = repr([value + 0.0 if isinstance(value, float) else value for value in row[:width]])
            found.setdefault(key, row)
    return list(found.values())
