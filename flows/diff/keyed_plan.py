"""What the SQL of a keyed diff is built from: the table, its key, and the columns beside the key."""

from dataclasses import dataclass

from flows.contract import Column
from flows.diff.columns import Pair
from flows.diff.subject import Alias, Subject


@dataclass(frozen=True, slots=True)
class KeyedPlan:
    """A table to be joined on a key.

    The key need not be sound: the statement counts what proves that it is, see `KeyedResult.is_sound`.
    """

    subject: Subject
    key: tuple[Pair, ...]
    moment: Pair | None = None
    """The event time, if fresh rows are to be told from added ones."""
    places: tuple[Pair, ...] = ()
    """The columns in which a concentration of the differing rows is looked for."""

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The columns that can make a row of the same key differ."""
        return tuple(pair for pair in self.subject.comparison.compared if pair not in self.key)

    def rest(self, alias: Alias) -> tuple[Column, ...]:
        """All columns of a side but the key's."""
        names = {pair.name for pair in self.key}
        return tuple(column for column in self.subject.columns(alias) if column.name not in names)

    def keys(self, prefix: str = "k") -> str:
        """The key's columns of a CTE for a SELECT list: k0, k1."""
        return numbered(prefix, self.key)

    def looked_up(self, alias: Alias) -> str:
        """Joins the row of one side that has the key of the row `d`."""
        keys = " AND ".join(f"{self.subject.value(pair, alias)} = d.k{n}" for n, pair in enumerate(self.key))
        return f"JOIN {self.subject.table(alias)} AS {alias} ON {keys}"

    def same_key(self, one: str, other: str) -> str:
        """The condition that two CTEs' rows have one key."""
        return " AND ".join(f"{one}.k{n} = {other}.k{n}" for n in range(len(self.key)))


def numbered(prefix: str, items: tuple[object, ...], separator: str = ", ") -> str:
    """The prefix with the number of each item, from 0."""
    return separator.join(f"{prefix}{n}" for n in range(len(items)))
