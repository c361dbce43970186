"""What the command line asked for, and the one exception that ends a comparison before its result."""

from dataclasses import dataclass
from pathlib import Path


class NotCompared(Exception):
    """There is no result; the text says what did not happen, why with the value seen, and what to do next."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The options as they were typed. None: not given. Lists of columns are still one text."""

    table: str | None = None
    config: Path = Path("wap.toml")
    production: str | None = None
    staging: str | None = None
    database: Path | None = None
    key: str | None = None
    where: str | None = None
    ignore: str | None = None
    mask: str | None = None
    tolerance: float | None = None
    relative_tolerance: float | None = None
    samples: int | None = None

    @property
    def names_tables(self) -> bool:
        """Whether two tables of a file are meant, rather than one table of a dbt target."""
        return any(option is not None for option in (self.production, self.staging, self.database))
