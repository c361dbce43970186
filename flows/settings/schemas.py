"""Pure: a target of several schemas, in the names that dbt's manifest and wap.toml use for its tables."""

from collections.abc import Iterable, Mapping
from typing import Any

from flows.contract import Target
from flows.diff.manifest import dbt_tables, table_name
from flows.settings.diff_section import DiffSettingsSection, DiffTable
from flows.warehouse.base import Relation


def with_homes(manifest: Mapping[str, Any], target: Target) -> dict[str, Any]:
    """The manifest in which the alias of what dbt builds into a further schema is the name that its table goes by here:
    production's schema, a dot, the alias. Two models of one alias are two tables then."""
    homes = {target.staging_schema(pair).casefold(): pair.production for pair in target.further}
    renamed = {
        unique_id: {**node, "alias": f"{home}.{table_name(node)}"}
        for unique_id, node in dbt_tables(manifest)
        if (home := homes.get(str(node.get("schema") or "").casefold()))
    }
    return {**manifest, "nodes": {**(manifest.get("nodes") or {}), **renamed}}


def with_full_names(section: DiffSettingsSection, relations: Iterable[Relation]) -> DiffSettingsSection:
    """The section in which what is said of a table without its schema is said of each table of that name.

    What is said with the schema counts more; only masks add up.
    """
    relations = {relation.name: relation for relation in relations}.values()
    further = [relation for relation in relations if relation.home]
    if not further or not section.tables:
        return section
    first = {relation.name.casefold() for relation in relations if not relation.home}
    said = {name.casefold(): (name, table) for name, table in section.tables.items()}
    tables, used = dict(section.tables), set[str]()
    for relation in further:
        own = relation.name[len(relation.home) + 1 :].casefold()
        if own not in said:
            continue
        name, table = said[own]
        used.add(name)
        full, special = said.get(relation.name.casefold(), (relation.name, None))
        tables[full] = table if special is None else _added(special, table)
    for name in used:
        if name.casefold() not in first:
            del tables[name]  # it means no table of the first schema, and must not look like a slip of the pen
    return section.model_copy(update={"tables": tables})


def one_schema(target: Target, name: str) -> tuple[Target, str, str]:
    """The target of the one pair that the table of this name is in, production's schema of it (empty for the first
    pair), and the table's own name."""
    for pair in target.further:
        if _is_in(name, pair.production):
            alone = target.model_copy(update={"production": pair.production, "staging": pair.staging, "further": ()})
            return alone, pair.production, name[len(pair.production) + 1 :]
    return target.model_copy(update={"further": ()}), "", name


def of_schema(section: DiffSettingsSection, target: Target, home: str) -> DiffSettingsSection:
    """The section in the own names of the tables of one schema: `home` is production's, or empty for the first one."""
    tables = dict[str, DiffTable]()
    mine = dict[str, DiffTable]()
    for name, table in section.tables.items():
        schema = next((pair.production for pair in target.further if _is_in(name, pair.production)), "")
        if not schema:
            tables[name] = table
        elif schema.casefold() == home.casefold():
            mine[name[len(schema) + 1 :]] = table
    general = {name.casefold(): name for name in tables}
    for name, table in mine.items():
        said = general.get(name.casefold(), name)
        tables[said] = _added(table, tables[said]) if said in tables else table
    return section.model_copy(update={"tables": tables})


def _is_in(name: str, schema: str) -> bool:
    return name.casefold().startswith(f"{schema.casefold()}.")


def _added(special: DiffTable, general: DiffTable) -> DiffTable:
    return special.model_copy(update={"mask": (*special.mask, *general.mask)})
