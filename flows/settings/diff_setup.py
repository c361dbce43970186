"""What dbt and wap.toml together say about comparing: keys, event times, and what is masked, ignored or tolerated."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from flows.diff import Choice, DiffSettings, Key, find_event_times, find_keys, find_masked
from flows.settings.diff_section import DiffSettingsSection, DiffTable


def diff_keys(section: DiffSettingsSection, manifest: Mapping[str, Any]) -> dict[str, Key]:
    """The key of every table that has one, by table name. wap.toml counts more than dbt."""
    chosen = {name: Key(columns=table.key, source="wap.toml") for name, table in section.tables.items() if table.key}
    said = {name.casefold() for name in chosen}
    return {**{name: key for name, key in find_keys(manifest).items() if name.casefold() not in said}, **chosen}


def diff_settings(section: DiffSettingsSection, manifest: Mapping[str, Any]) -> DiffSettings:
    """The settings of the diff. What either dbt or wap.toml masks is masked."""
    masked = {name: set(columns) for name, columns in find_masked(manifest, section.mask_tags).items()}
    for name, table in section.tables.items():
        masked.setdefault(name, set()).update(table.mask)
    return DiffSettings(
        sample_rows=section.sample_rows,
        masked={name: frozenset(columns) for name, columns in masked.items()},
        mask_columns=section.mask_columns,
        ignore={name: frozenset(table.ignore) for name, table in section.tables.items()},
        absolute_tolerance=section.absolute_tolerance,
        relative_tolerance=section.relative_tolerance,
        sample_above_rows=section.sample_above_rows,
        tables=_choices(section, find_event_times(manifest)),
    )


def also_masked(settings: DiffSettings, secrets: Iterable[str]) -> DiffSettings:
    """The settings with the columns of these names masked in every table, too: a view or a model passes on under the
    same name what the warehouse keeps from some readers of its source."""
    return replace(settings, mask_columns=(*settings.mask_columns, *sorted(secrets)))


def _choices(section: DiffSettingsSection, event_times: Mapping[str, str]) -> dict[str, Choice]:
    """What is decided for single tables, under the names of wap.toml where it names the table, else of dbt."""
    by_name = {name.casefold(): column for name, column in event_times.items()}
    said = {name.casefold() for name in section.tables}
    dbt_alone = {name: Choice(event_time=column) for name, column in event_times.items() if name.casefold() not in said}
    chosen = {name: _choice(table, by_name.get(name.casefold(), "")) for name, table in section.tables.items()}
    return {**dbt_alone, **chosen}


def _choice(table: DiffTable, event_time: str) -> Choice:
    return Choice(
        where=table.where,
        event_time=event_time if table.event_time is None else table.event_time,
        absolute_tolerance=table.absolute_tolerance,
        relative_tolerance=table.relative_tolerance,
        sample_above_rows=table.sample_above_rows,
    )
