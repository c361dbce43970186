"""The `[diff]` section of wap.toml, typed."""

from collections.abc import Mapping

from pydantic import Field

from flows.contract import Frozen


class DiffTable(Frozen):
    """What the project's owner says about one table, over all that dbt says and over the section's own values."""

    key: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    mask: tuple[str, ...] = ()
    """Columns whose values stay in the warehouse; `["*"]` means all."""
    where: str = ""
    """An SQL condition; only rows of either side that meet it are compared."""
    event_time: str | None = None
    """The column by which rows that are newer than all of production count as fresh; `""` switches dbt's own off."""
    absolute_tolerance: float | None = Field(default=None, ge=0)
    relative_tolerance: float | None = Field(default=None, ge=0)
    sample_above_rows: int | None = Field(default=None, ge=0)


class DiffSettingsSection(Frozen):
    """How the audit compares."""

    sample_rows: int = Field(default=5, ge=0, le=100)
    absolute_tolerance: float = Field(default=0.0, ge=0)
    relative_tolerance: float = Field(default=0.0, ge=0)
    sample_above_rows: int = Field(default=0, ge=0)
    """A table with a key and more rows than this is compared on about so many of its keys; 0 means on all."""
    mask_columns: tuple[str, ...] = ()
    """Shell patterns of column names, such as `*email*`, that are masked in every table."""
    mask_tags: tuple[str, ...] = ()
    """dbt tags that mask the column that has one, or all columns of the model that has one."""
    tables: Mapping[str, DiffTable] = Field(default_factory=dict)
