"""A first look at a table, at a tenth of what reading it costs: rows, keys, and whether a join on the key is safe."""

from collections.abc import Sequence
from dataclasses import dataclass

from flows.diff.columns import Pair
from flows.diff.subject import Alias, Subject
from flows.warehouse.base import Warehouse

_BUCKETS = 4096
_HARMLESS_PAIRS = 1_000_000


@dataclass(frozen=True, slots=True)
class Glance:
    """One side: its rows, the sum of the hashes of its keys (0 if the key is masked), rows with a NULL in the key.

    `squares` is the sum of the squares of the numbers of rows in each of 4096 buckets of key hashes.
    """

    rows: int
    key_sum: int = 0
    null_keys: int = 0
    squares: int = 0

    @property
    def pairs(self) -> float:
        """About how many pairs a join of the side with itself on the key would make; `rows` if the key is unique.

        Rows of one key fall into one bucket, so that squares are larger than chance makes them: an estimate of the
        second frequency moment. The error is some 2 % of `rows`.
        """
        return (_BUCKETS * self.squares - self.rows**2) / (_BUCKETS - 1)

    @property
    def is_joinable(self) -> bool:
        """Whether a join on the key can be tried: no NULL was seen, and repeated keys would not make it explode."""
        return not self.null_keys and self.pairs <= 2 * self.rows + _HARMLESS_PAIRS


def glance(warehouse: Warehouse, subject: Subject, key: Sequence[Pair]) -> tuple[Glance, Glance]:
    """Both sides, production first, in one statement that reads only the key. Raises WarehouseError."""
    found = {str(row[0]): row[1:] for row in warehouse.query(glance_sql(subject, key))}
    before, after = (Glance(*(int(number or 0) for number in found[alias])) for alias in ("p", "s"))
    return before, after


def glance_sql(subject: Subject, key: Sequence[Pair]) -> str:
    """One row per side: its alias, then the numbers of a Glance."""
    write = _keyed if key else _unkeyed
    return f"{write(subject, key, 'p')}\nUNION ALL\n{write(subject, key, 's')}"


def _unkeyed(subject: Subject, key: Sequence[Pair], alias: Alias) -> str:
    return f"SELECT '{alias}' AS side, COUNT(*) AS row_count FROM {subject.table(alias)} AS {alias}"


def _keyed(subject: Subject, key: Sequence[Pair], alias: Alias) -> str:
    values = [subject.value(pair, alias) for pair in key]
    # The hash of a single masked key could be looked up in a table of hashes.
    is_masked = any(subject.settings.masks(subject.staging.name, pair.name) for pair in key)
    key_sum = "0" if is_masked else "SUM(key_hash)"
    is_null = " OR ".join(f"{value} IS NULL" for value in values)
    return (
        f"SELECT '{alias}' AS side, SUM(n) AS row_count, SUM(key_sum) AS key_sum, SUM(null_keys) AS null_keys,"
        " SUM(n * n) AS squares\n"
        f"FROM (SELECT COUNT(*) AS n, {key_sum} AS key_sum, SUM(null_key) AS null_keys\n"
        f"  FROM (SELECT {subject.dialect.row_hash(values)} AS key_hash, CASE WHEN {is_null} THEN 1 ELSE 0 END"
        f" AS null_key FROM {subject.table(alias)} AS {alias}) AS hashed\n"
        f"  GROUP BY key_hash % {_BUCKETS}) AS buckets"
    )
