"""What the rich sample tells of a table beside its rows: profile, spread, where, freshness, context."""

from flows.contract import (
    Bar,
    ColumnProfile,
    Concentration,
    Distribution,
    Exposure,
    Freshness,
    Profile,
    TableContext,
)


def concentration() -> Concentration:
    """Most changed rows are returns."""
    return Concentration(kind="changed", column="status", value="returned", rows=4_880, of=5_001, usual=0.251)


def fresh() -> Freshness:
    """A day that production has not seen."""
    return Freshness(column="placed_at", until="2026-03-01 23:59:58", rows=412)


def profile(scale: int) -> tuple[ColumnProfile, ...]:
    """Amounts moved by far, the status lost values, the id only grew."""
    return (
        ColumnProfile(
            column="amount",
            production=Profile(nulls=0, distinct=1_003, low="0.00", high="99.90", mean="49.9512"),
            staging=Profile(nulls=0, distinct=1_245, low="0.00", high="9990.00", mean=f"{1_285 + scale}.4471"),
        ),
        ColumnProfile(
            column="status",
            production=Profile(nulls=12, distinct=4, low="open", high="shipped"),
            staging=Profile(nulls=1_222, distinct=3, low="paid", high="shipped"),
        ),
        ColumnProfile(
            column="order_id",
            production=Profile(nulls=0, distinct=19_870, low="1", high="20000", mean="10000.5"),
            staging=Profile(nulls=0, distinct=20_011, low="1", high="20120", mean="10060.2"),
        ),
        ColumnProfile(
            column="customer_id",
            production=Profile(nulls=0, distinct=97, low="1", high="97", mean="49.1"),
            staging=Profile(nulls=0, distinct=97, low="1", high="97", mean="49.1"),
        ),
    )


def distributions() -> tuple[Distribution, ...]:
    """A histogram and the most frequent values."""
    edges = ("0", "2000", "4000", "6000", "8000", "9990")
    counts = ((20_000, 15_210), (0, 1_190), (0, 1_260), (0, 1_215), (0, 1_205))
    ranges = zip(edges, edges[1:], counts, strict=False)
    frequent = (("shipped", 5_040, 5_061), ("paid", 5_010, 5_033), ("open", 4_930, 3_760), ("returned", 5_008, 5_004))
    values = tuple(Bar(label=label, production=before, staging=after) for label, before, after in frequent)
    nulls = Bar(label=None, production=12, staging=1_222)
    rest = Bar(label=None, production=0, staging=0, is_rest=True)
    return (
        Distribution(
            column="amount",
            kind="histogram",
            bars=tuple(
                Bar(label=low, upper=high, production=before, staging=after) for low, high, (before, after) in ranges
            ),
        ),
        Distribution(column="status", kind="values", bars=(*values, nulls, rest)),
    )


def context() -> TableContext:
    """Who reads it and who owns it."""
    return TableContext(
        owner="Mina Okafor",
        tags=("daily", "finance"),
        tests_passed=7,
        tests_warned=1,
        downstream=("revenue_by_day", "customer_value", "big_orders"),
        exposures=(
            Exposure(
                name="Revenue board", kind="dashboard", owner="finance@example.com", url="https://example.com/b/7"
            ),
        ),
    )
