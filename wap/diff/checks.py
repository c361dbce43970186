"""What must hold before and after a comparison, or there is no result; each check says so in one sentence."""

import math
from collections.abc import Iterable
from pathlib import Path

from flows.contract import TableDiff
from flows.warehouse.base import WarehouseError
from flows.warehouse.places import Place, PlaceReader
from wap.diff.asked import Asked, NotCompared
from wap.diff.places import address


def required_options(asked: Asked) -> tuple[str, str, Path]:
    """Production, staging and the file. Raises NotCompared, which names all that are missing."""
    if asked.production is not None and asked.staging is not None and asked.database is not None:
        return asked.production, asked.staging, asked.database
    given = {"--production": asked.production, "--staging": asked.staging, "--database": asked.database}
    absent = [f"`{option}`" for option, value in given.items() if value is None]
    is_are = "is" if len(absent) == 1 else "are"
    message = (
        f"Not compared. {' and '.join(absent)} {is_are} missing. "
        "Name both tables and their DuckDB file: wap diff --production A --staging B --database FILE. "
        "In Snowflake only a table of the dbt target can be compared: wap diff TABLE."
    )
    raise NotCompared(message)


def check_numbers(asked: Asked) -> None:
    """Raises NotCompared if a tolerance is none: an infinite one would make every number equal."""
    for option, value in (("--tolerance", asked.tolerance), ("--relative-tolerance", asked.relative_tolerance)):
        if value is not None and not math.isfinite(value):
            raise NotCompared(f"Not compared. `{option}` is `{value}`. Accepted: a number that is 0 or greater.")


def check_where(reader: PlaceReader, places: Iterable[Place], where: str | None) -> None:
    """Raises NotCompared if the condition cannot be asked of a table."""
    for place in places if where else ():
        reason = reader.objection(f"SELECT 1 AS found FROM {place.sql} AS t WHERE (\n{where}\n)")
        if reason is not None:
            message = f"Not compared. `--where` is `{where}`, which is no condition for `{address(place)}`: {reason}"
            raise NotCompared(f"{message} Correct it.")


def require_result(table: TableDiff) -> None:
    """Raises if the engine has no answer to the question whether rows differ."""
    if table.status == "failed":
        raise WarehouseError(table.error)
    if table.production and table.staging and table.method == "none":
        why = " ".join(table.notes)
        message = (
            f"Not compared. No column of both sides is left to compare. {why} "
            "Ignore fewer columns, or give them types that compare."
        )
        raise NotCompared(message)
