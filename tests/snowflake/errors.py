"""Snowflake's errors: number, SQLSTATE and text, and what DuckDB's errors become."""

import re

import duckdb
from sqlglot.errors import ParseError

from tests.snowflake.identifiers import decode


class SnowflakeError(Exception):
    """A statement failed as Snowflake says it: the connector raises ProgrammingError with this number and SQLSTATE."""

    def __init__(self, errno: int, sqlstate: str, message: str) -> None:
        super().__init__(message)
        self.errno, self.sqlstate, self.message = errno, sqlstate, message

    @property
    def code(self) -> str:
        """The number as it travels: six digits."""
        return f"{self.errno:06d}"


def missing(kind: str, name: str) -> SnowflakeError:
    """An object that a query names is not there, or the role may not know that it is."""
    return SnowflakeError(2003, "42S02", f"SQL compilation error:\n{kind} '{name}' does not exist or not authorized.")


def impossible() -> SnowflakeError:
    """The same for commands such as USE, SHOW, DESCRIBE and DROP."""
    return SnowflakeError(
        2043, "02000", "SQL compilation error:\nObject does not exist, or operation cannot be performed."
    )


def exists(name: str) -> SnowflakeError:
    """A CREATE without OR REPLACE or IF NOT EXISTS found the name taken."""
    return SnowflakeError(2002, "42710", f"SQL compilation error:\nObject '{name}' already exists.")


def forbidden(kind: str, name: str) -> SnowflakeError:
    """The role lacks the privilege that the statement needs."""
    return SnowflakeError(
        3001, "42501", f"SQL access control error:\nInsufficient privileges to operate on {kind.lower()} '{name}'."
    )


def syntax(text: str) -> SnowflakeError:
    """The statement cannot be read."""
    return SnowflakeError(1003, "42000", f"SQL compilation error:\n{text}")


def cancelled() -> SnowflakeError:
    """docs: user-guide/querying-cancel-statements"""
    return SnowflakeError(604, "57014", "SQL execution canceled")


def timed_out(seconds: float) -> SnowflakeError:
    """docs: sql-reference/parameters (STATEMENT_TIMEOUT_IN_SECONDS)"""
    text = f"Statement reached its statement or warehouse timeout of {seconds:g} second(s) and was canceled."
    return SnowflakeError(630, "57014", text)


_COLUMN = re.compile(r'(?:Referenced|referenced) column "?([^"\n]*)"? not found')


def translated(error: Exception) -> SnowflakeError:
    """What DuckDB or the parser said, with the number that Snowflake would give; never an HTTP 500, which the
    connector would retry until its network timeout."""
    text = decode(str(error)).split("\n\n")[0]
    match error:
        case SnowflakeError():
            return error
        case ParseError():
            return syntax(text.replace("\x1b[4m", "").replace("\x1b[0m", ""))
        case duckdb.InterruptException():
            return cancelled()
        case duckdb.ParserException():
            return syntax(text)
        case duckdb.ConversionException():
            return SnowflakeError(100038, "22018", text)
        case duckdb.ConstraintException():
            return SnowflakeError(100072, "22000", f"NULL result in a non-nullable column\n{text}")
        case duckdb.BinderException() if found := _COLUMN.search(text):
            return SnowflakeError(904, "42000", f"SQL compilation error: error line 1\ninvalid identifier '{found[1]}'")
        case duckdb.BinderException() | duckdb.CatalogException():
            return SnowflakeError(2140, "42601", f"SQL compilation error:\n{text}")
        case duckdb.OutOfRangeException():
            return SnowflakeError(100039, "22003", text)
        case duckdb.TransactionException():
            return SnowflakeError(625, "57014", f"Statement was aborted because of a conflicting transaction. {text}")
        case _:
            return SnowflakeError(370001, "XX000", f"SQL execution internal error:\n{type(error).__name__}: {text}")
