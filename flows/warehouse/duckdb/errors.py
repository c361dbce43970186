"""What DuckDB's errors mean to a person: what did not happen, why, what to do next."""

import re
from pathlib import Path

import duckdb

from flows.warehouse.base import WarehouseError

_HOLDER = re.compile(r"lock is held in (?P<holder>.+?\(PID \d+\)(?: by user \S+?)?)(?:\.|$)")

_MAY_QUOTE_VALUES = (duckdb.DataError, duckdb.IntegrityError, duckdb.InvalidInputException)
"""Conversion, constraint and input errors name the offending value; rows are confidential."""


def is_locked(error: duckdb.Error) -> bool:
    """Whether another process holds the file."""
    text = str(error)
    return "Could not set lock on file" in text or "used by another process" in text  # the second is Windows


def locked(path: Path, error: duckdb.Error, *, waited: float) -> WarehouseError:
    """Somebody else has the file open, and still had after `waited` seconds."""
    found = _HOLDER.search(str(error))
    holder = f"held by {found['holder']}" if found else reason(error)
    return WarehouseError(
        f"The warehouse was not opened. `{path.name}` is in use by another process ({holder}), and DuckDB lets one "
        f"process at a time write; waited {waited:g} s. Close that program, or wait until it is done, and try again."
    )


def unopened(path: Path, error: duckdb.Error) -> WarehouseError:
    """The file is there but DuckDB cannot use it: damaged, not a database, of a later version, not readable."""
    return WarehouseError(
        f"The warehouse was not opened. DuckDB says about `{path}`: {reason(error)}. "
        "Check that the path names a DuckDB file of this version, or restore it from a copy."
    )


def no_folder(path: Path) -> WarehouseError:
    """The folder of the file does not exist."""
    return WarehouseError(
        f"The warehouse was not opened. The folder `{path.parent}` does not exist. "
        "Correct the path in dbt's profile, or make the folder."
    )


def no_file(path: Path) -> WarehouseError:
    """Nothing was ever built at this path."""
    return WarehouseError(
        f"Nothing was done. There is no DuckDB file at `{path}`. "
        "Correct the path in dbt's profile; the first run of the flow makes the file."
    )


def not_open() -> WarehouseError:
    """The warehouse was used outside of `with`."""
    return WarehouseError("Nothing was done. The warehouse is not open. Use it inside `with warehouse:`.")


def failed(what: str, error: duckdb.Error, *, seconds: float) -> WarehouseError:
    """`what` says what did not happen, as a sentence of its own."""
    if isinstance(error, duckdb.InterruptException):
        return WarehouseError(
            f"{what} A statement took longer than {seconds:g} s and was stopped. "
            "Try again when the machine is less busy."
        )
    return WarehouseError(f"{what} DuckDB says: {reason(error)}. Correct that and try again.")


def reason(error: duckdb.Error) -> str:
    """DuckDB's own words on one line: without the excerpt of the SQL, and without values of rows."""
    text = re.split(r"\n+LINE \d+:|\n\nCandidate|\n\nNewer DuckDB|\nStack Trace|See also https?://", str(error))[0]
    text = " ".join(text.split()).rstrip(". ")
    if isinstance(error, _MAY_QUOTE_VALUES):
        # From the first quote to the last, because a value may hold quotes; numbers are quoted without any.
        text = re.sub(r"\".*\"|'.*'|(?<!\w)-?\d[\d.]*", "'...'", text)
    return text
