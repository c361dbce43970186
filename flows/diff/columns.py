"""Which columns of a table are compared, which changed in the catalog, and which are left out and why."""

from collections.abc import Iterable
from dataclasses import dataclass

from flows.contract import Column, SchemaChange
from flows.diff.settings import DiffSettings
from flows.diff.types import Form, shared_form
from flows.warehouse.base import Dialect, Relation


@dataclass(frozen=True, slots=True)
class Pair:
    """A column that both sides have, and the form in which its values are compared."""

    name: str
    production: str
    staging: str
    form: Form
    is_ignored: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """The columns of a table that both sides have with comparable types; `notes` names what is left out."""

    pairs: tuple[Pair, ...]
    changes: tuple[SchemaChange, ...]
    apart: tuple[str, ...]
    """Columns of both sides whose types have nothing in common."""
    is_reordered: bool
    notes: tuple[str, ...]

    @property
    def compared(self) -> tuple[Pair, ...]:
        """The pairs whose values make a row differ."""
        return tuple(pair for pair in self.pairs if not pair.is_ignored)

    def pair(self, name: str) -> Pair | None:
        """The pair of that name, else of that name in another case."""
        exact = next((pair for pair in self.pairs if pair.name == name), None)
        folded = (pair for pair in self.pairs if pair.name.casefold() == name.casefold())
        return exact or next(folded, None)


def compare_columns(production: Relation, staging: Relation, *, settings: DiffSettings, dialect: Dialect) -> Comparison:
    """Pair the columns of both sides by their exact names, in the order of staging."""
    before = {column.name: column.type for column in production.columns}
    after = {column.name: column.type for column in staging.columns}
    common = [name for name in after if name in before]
    forms = {name: shared_form(dialect, before[name], after[name]) for name in common}
    ignored = [name for name in common if settings.ignores(staging.name, name)]
    apart = [name for name in common if forms[name] is None and name not in ignored]
    is_reordered = common != [name for name in before if name in after]
    return Comparison(
        pairs=tuple(
            Pair(name, before[name], staging=after[name], form=form, is_ignored=name in ignored)
            for name, form in forms.items()
            if form is not None
        ),
        changes=schema_changes(production.columns, staging.columns),
        apart=tuple(apart),
        is_reordered=is_reordered,
        notes=tuple(
            _notes(
                ignored=ignored,
                apart=apart,
                rounded=[
                    name
                    for name in common
                    if forms[name] is Form.DOUBLE
                    and not (dialect.is_float(before[name]) and dialect.is_float(after[name]))
                    and name not in ignored
                ],
                is_reordered=is_reordered,
            )
        ),
    )


def schema_changes(production: Iterable[Column], staging: Iterable[Column]) -> tuple[SchemaChange, ...]:
    """Columns removed, then added or retyped, in the order of their catalogs."""
    before = {column.name: column.type for column in production}
    after = {column.name: column.type for column in staging}
    removed = [
        SchemaChange(column=name, kind="removed", production=type_name)
        for name, type_name in before.items()
        if name not in after
    ]
    added = [
        SchemaChange(column=name, kind="added", staging=type_name)
        for name, type_name in after.items()
        if name not in before
    ]
    retyped = [
        SchemaChange(column=name, kind="retyped", production=before[name], staging=type_name)
        for name, type_name in after.items()
        if name in before and before[name] != type_name
    ]
    return (*removed, *added, *retyped)


def listed(names: Iterable[str]) -> str:
    """Names for a sentence: a, b and c."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _notes(*, ignored: list[str], apart: list[str], rounded: list[str], is_reordered: bool) -> Iterable[str]:
    if is_reordered:
        yield "The columns are in another order in staging."
    if ignored:
        yield f"Not compared, as the settings say: {listed(ignored)}."
    if apart:
        yield f"Not compared, because the types have nothing in common: {listed(apart)}."
    if rounded:
        yield f"Compared as floating point numbers of some 16 digits, because one side's are such: {listed(rounded)}."
