"""What dbt and wap.toml together say about comparing: the keys, and what is masked, ignored or tolerated."""

from collections.abc import Mapping
from typing import Any

from flows.diff import DiffSettings, Key, find_keys, find_masked
from flows.diff_section import DiffSettingsSection


def diff_keys(section: DiffSettingsSection, manifest: Mapping[str, Any]) -> dict[str, Key]:
    """The key of every table that has one, by table name. wap.toml counts more than dbt."""
    chosen = {name: Key(columns=table.key, source="wap.toml") for name, table in section.tables.items() if table.key}
    return {**find_keys(manifest), **chosen}


def diff_settings(section: DiffSettingsSection, manifest: Mapping[str, Any]) -> DiffSettings:
    """The settings of the diff. What either dbt or wap.toml masks is masked."""
    masked = {name: set(columns) for name, columns in find_masked(manifest).items()}
    for name, table in section.tables.items():
        masked.setdefault(name, set()).update(table.mask)
    return DiffSettings(
        sample_rows=section.sample_rows,
        masked={name: frozenset(columns) for name, columns in masked.items()},
        ignore={name: frozenset(table.ignore) for name, table in section.tables.items()},
        absolute_tolerance=section.absolute_tolerance,
        relative_tolerance=section.relative_tolerance,
    )
