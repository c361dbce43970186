"""The schemas of a target in one warehouse: which pairs there are, and what the things in them are called."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from flows.contract import SchemaPair
from flows.warehouse.base import Environment, Relation, WarehouseError


@dataclass(frozen=True, slots=True)
class Homes:
    """The pairs of a target, the first one first, in the catalog's exact case.

    A relation of the first pair goes by its own name; one of a further pair by production's schema, a dot and its own
    name, on both sides, so that the two sides of a table have one name.
    """

    pairs: tuple[SchemaPair, ...]

    @classmethod
    def of(cls, pairs: Iterable[SchemaPair], *, fold: Callable[[str], str] = str) -> "Homes":
        """The pairs, checked: no schema may be in them twice, as `fold` compares names. Raises WarehouseError."""
        found = tuple(pairs)
        if twice := schema_used_twice(found, fold=fold):
            raise WarehouseError(f"Not started. {twice}")
        return cls(found)

    def schemas(self, env: Environment) -> tuple[str, ...]:
        """The schemas of one side, the first one first."""
        return tuple(schema_of(pair, env) for pair in self.pairs)

    def place(self, env: Environment, name: str) -> tuple[str, str]:
        """The schema that the relation of this name is in, and its name there."""
        for pair in self.pairs[1:]:
            if name.startswith(f"{pair.production}."):
                return schema_of(pair, env), name.removeprefix(f"{pair.production}.")
        return schema_of(self.pairs[0], env), name

    def named(self, found: Iterable[tuple[SchemaPair, tuple[Relation, ...]]]) -> tuple[Relation, ...]:
        """The relations of all pairs under their names, in the order of these. Raises WarehouseError if a name of the
        first pair could be one of another."""
        first, relations = self.pairs[0], list[Relation]()
        for pair, inside in found:
            if pair == first:
                relations += inside
                self._refuse_unclear(inside)
            else:
                home = pair.production
                relations += (replace(one, name=f"{home}.{one.name}", home=home) for one in inside)
        return tuple(sorted(relations, key=lambda relation: relation.name))

    def _refuse_unclear(self, relations: Iterable[Relation]) -> None:
        for relation in relations:
            for pair in self.pairs[1:]:
                if relation.name.startswith(f"{pair.production}."):
                    raise WarehouseError(
                        f"Nothing was read. `{self.pairs[0].production}` has a table or view whose own name is "
                        f"`{relation.name}`, which would mean one in `{pair.production}`. Give it another name."
                    )


def schema_of(pair: SchemaPair, env: Environment) -> str:
    """The schema of the pair on one side."""
    return pair.production if env is Environment.PRODUCTION else pair.staging


def schema_used_twice(pairs: Iterable[SchemaPair], *, fold: Callable[[str], str]) -> str:
    """What is wrong where a schema is on both sides or in two pairs, in two sentences; empty if none is."""
    seen: dict[str, str] = {}
    for pair in pairs:
        for what, name in (("Production", pair.production), ("Staging", pair.staging)):
            if (before := seen.get(fold(name))) is not None:
                sides = f"{before} and {what.lower()}" if before != what else f"Two schemas of {what.lower()}"
                return f"{sides} are both `{name}`. Give them different schemas."
            seen[fold(name)] = what
    return ""
