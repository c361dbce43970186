"""The `[diff]` section of wap.toml, typed."""

from collections.abc import Mapping

from pydantic import Field

from flows.contract import Frozen


class DiffTable(Frozen):
    """What the project's owner says about one table, over all that dbt says."""

    key: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    mask: tuple[str, ...] = ()


class DiffSettingsSection(Frozen):
    """How the audit compares."""

    sample_rows: int = Field(default=5, ge=0, le=100)
    absolute_tolerance: float = Field(default=0.0, ge=0)
    relative_tolerance: float = Field(default=0.0, ge=0)
    tables: Mapping[str, DiffTable] = Field(default_factory=dict)
