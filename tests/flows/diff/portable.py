"""Random tables in types that every warehouse has, and the SQL that makes them there."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import strategies as st

from tests.flows.diff.tables import Tables

NAMES = ("id", "ID2", "select", 'quo"te', "do.t", "größe", "k0", "c0", "row_hash", "kind", "p", "two words")

_FLOATS = [0.0, -0.0, 1.0, 1.0 + 2**-52, 0.1, 1e300, -1e300, float("nan"), float("inf"), float("-inf")]
VALUES: dict[str, st.SearchStrategy[object]] = {
    "INTEGER": st.sampled_from([0, 1, 2, -1, 2**31 - 1]),
    "BIGINT": st.sampled_from([0, 1, -(2**63), 2**63 - 1, 10**15 + 1]),
    "DECIMAL(38,0)": st.sampled_from([Decimal(0), Decimal("9" * 38), Decimal("9" * 37 + "8"), Decimal("-" + "9" * 38)]),
    "DECIMAL(38,10)": st.sampled_from(
        [Decimal("0"), Decimal("1.0000000001"), Decimal("1.0000000002"), Decimal("9" * 28 + ".0000000001")]
    ),
    "DOUBLE": st.sampled_from(_FLOATS),
    "VARCHAR": st.sampled_from(["", " ", "a", "A", "a-b", "b-c", "NULL", "'", '"', "é", "e\u0301", "\n", "🦆" * 3]),
    "BOOLEAN": st.booleans(),
    "DATE": st.sampled_from([date(1970, 1, 1), date(2024, 2, 29), date(1900, 1, 1)]),
    "TIMESTAMP": st.sampled_from([datetime(2024, 1, 1), datetime(2024, 1, 1, microsecond=1)]),  # noqa: DTZ001
    "TIMESTAMPTZ": st.sampled_from(
        [datetime(2024, 3, 31, 1, tzinfo=UTC), datetime(2024, 3, 31, 1, microsecond=1, tzinfo=UTC)]
    ),
    "BINARY": st.sampled_from([b"", b"\x00", b"\x00\x00", b"\xff"]),
}
KEY_TYPES = ("INTEGER", "BIGINT", "VARCHAR", "DECIMAL(38,0)", "DECIMAL(38,10)", "DATE", "DOUBLE", "BINARY")


@st.composite
def tables(draw: st.DrawFn) -> Tables:
    """Two small tables that share many rows, so that every case of a diff is frequent."""
    names = tuple(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True)))
    width = draw(st.integers(1, min(2, len(names))))
    key_types = draw(st.lists(st.sampled_from(KEY_TYPES), min_size=width, max_size=width))
    rest = len(names) - width
    types = (*key_types, *draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=rest, max_size=rest)))
    row = st.tuples(*(st.one_of(VALUES[name], VALUES[name], VALUES[name], st.none()) for name in types))
    pool = draw(st.lists(row, min_size=1, max_size=8))
    production = draw(st.lists(st.sampled_from(pool), max_size=8))
    staging = draw(st.lists(st.sampled_from(pool), max_size=8))
    if draw(st.booleans()):
        production, staging = _sound(production, width), _sound(staging, width)
    return Tables(names, types, tuple(production), tuple(staging), key=tuple(range(width)))


def select(found: Tables, rows: Sequence[Sequence[object]], *, binary: str) -> str:
    """A query that gives the rows. `binary` is the call that reads hex, with {} for the literal."""
    columns = list(zip(found.names, found.types, strict=True))
    named = [[*zip(columns, row, strict=True)] for row in rows]
    written = [
        "SELECT " + ", ".join(f"{_typed(value, kind, binary)} AS {_quoted(name)}" for (name, kind), value in row)
        for row in named
    ]
    nothing = ", ".join(f"CAST(NULL AS {kind}) AS {_quoted(name)}" for name, kind in columns)
    return " UNION ALL ".join([*written, f"SELECT {nothing} WHERE 1 = 0"])


def _typed(value: object, kind: str, binary: str) -> str:
    if value is None:
        return f"CAST(NULL AS {kind})"
    if isinstance(value, bytes):
        return f"CAST({binary.format(repr(value.hex()))} AS {kind})"
    text = value.isoformat(" ") if isinstance(value, datetime) else str(value)
    return "CAST('" + text.replace("'", "''") + f"' AS {kind})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _sound(rows: list[tuple[object, ...]], width: int) -> list[tuple[object, ...]]:
    """Only the first row of each key that has no NULL."""
    found: dict[str, tuple[object, ...]] = {}
    for row in rows:
        if None not in row[:width]:
            # repr tells 0.0 from -0.0, which are one key; adding zero makes them one.
            key = repr([value + 0.0 if isinstance(value, float) else value for value in row[:width]])
            found.setdefault(key, row)
    return list(found.values())
