"""What a session uses: role, warehouse, database, schema, parameters.

docs: sql-reference/sql/use, sql-reference/sql/alter-session, sql-reference/sql/alter-warehouse
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.snowflake import access
from tests.snowflake.catalog import ComputeWarehouse, schema_path
from tests.snowflake.creating import Creation
from tests.snowflake.errors import SnowflakeError, exists, impossible
from tests.snowflake.identifiers import shown
from tests.snowflake.reader import Reader
from tests.snowflake.results import DONE, Result, message

if TYPE_CHECKING:
    from tests.snowflake.session import Session


def use(session: Session, reader: Reader) -> Result:
    """USE ROLE | WAREHOUSE | DATABASE | SCHEMA | SECONDARY ROLES, or USE with a name. Raises 002043."""
    if reader.take("SECONDARY ROLES"):
        return message(DONE)
    kind = next((word for word in ("ROLE", "WAREHOUSE", "DATABASE", "SCHEMA") if reader.take(word)), "")
    name = reader.name()
    if kind == "ROLE":
        use_role(session, name[0])
    elif kind == "WAREHOUSE":
        if name[0] not in session.catalog.warehouses:
            raise impossible()
        session.warehouse = name[0]
    elif kind == "SCHEMA" or (not kind and len(name) == 2):
        database, schema = schema_path(name, session.database)
        _require(session, database, schema)
        session.database, session.schema = database, schema
    else:
        _require(session, name[0], None)
        session.database = name[0]
        session.schema = "PUBLIC" if "PUBLIC" in session.catalog.databases[name[0]].schemas else None
    return message(DONE)


def _require(session: Session, database: str, schema: str | None) -> None:
    found = session.catalog.databases.get(database)
    if found is None or (schema not in (None, "INFORMATION_SCHEMA") and schema not in found.schemas):
        raise impossible()
    if not session.account.enforce:
        return
    what = found.schemas.get(schema or "", found)
    if not access.privileges(session.catalog, session.role, what):
        raise impossible()


def use_role(session: Session, role: str) -> None:
    """Take another role. Raises SnowflakeError if there is none of that name."""
    if role not in session.catalog.roles:
        raise SnowflakeError(
            2043, "02000", "SQL compilation error:\nObject does not exist, or operation cannot be performed."
        )
    session.role = role


def alter_session(session: Session, reader: Reader) -> Result:
    """ALTER SESSION SET a = b [, ...] | UNSET a [, ...]. docs: sql-reference/parameters"""
    if reader.take("UNSET"):
        while not reader.done:
            name = reader.word()
            reader.take(",")
            session.parameters[name] = _known(name)
            session.apply_timezone()
        session.apply_timezone()
        return message(DONE)
    reader.expect("SET")
    for name, text in reader.options().items():
        set_parameter(session, name, text)
    return message(DONE)


def alter_account(session: Session, reader: Reader) -> Result:
    """ALTER ACCOUNT SET | UNSET a parameter of sessions, for those that begin from now on.

    docs: sql-reference/parameters (a session parameter can be set for the account, and anew by each session)
    """
    parameters = session.account.parameters
    if reader.take("UNSET"):
        while not reader.done:
            parameters.pop(reader.word(), None)
            reader.take(",")
        return message(DONE)
    reader.expect("SET")
    for name, text in reader.options().items():
        parameters[name] = typed(name, text)
    return message(DONE)


def set_parameter(session: Session, name: str, value: Any) -> None:
    """Set one parameter, in the type of its default. Raises SnowflakeError for one that is not known."""
    session.parameters[name] = typed(name, value)
    if name == "TIMEZONE":
        session.apply_timezone()


def typed(name: str, value: Any) -> Any:
    """The value in the type of the parameter's default. Raises SnowflakeError for one that is not known."""
    default = _known(name)
    if isinstance(default, bool):
        return str(value).upper() == "TRUE"
    return int(value) if isinstance(default, int) else str(value)


def _known(name: str) -> Any:
    from tests.snowflake.session import PARAMETERS

    if name not in PARAMETERS:
        raise SnowflakeError(1006, "22023", f"SQL compilation error:\ninvalid session parameter '{name}'")
    return PARAMETERS[name]


def create_warehouse(session: Session, reader: Reader, creation: Creation) -> Result:
    """CREATE WAREHOUSE; it becomes the current one. docs: sql-reference/sql/create-warehouse"""
    [name] = reader.name()
    if name in session.catalog.warehouses and not (creation.replace or creation.if_not_exists):
        raise exists(shown(name))
    session.catalog.warehouses.setdefault(name, ComputeWarehouse(owner=session.role))
    session.warehouse = name
    return message(f"Warehouse {shown(name)} successfully created.")


def drop_warehouse(session: Session, reader: Reader) -> Result:
    """DROP WAREHOUSE."""
    if_exists = reader.take("IF EXISTS")
    [name] = reader.name()
    if session.catalog.warehouses.pop(name, None) is None and not if_exists:
        raise impossible()
    if session.warehouse == name:
        session.warehouse = None
    return message(f"{shown(name)} successfully dropped.")


def alter_warehouse(session: Session, reader: Reader) -> Result:
    """ALTER WAREHOUSE SUSPEND | RESUME [IF SUSPENDED]."""
    [name] = reader.name()
    if name not in session.catalog.warehouses:
        raise impossible()
    session.catalog.warehouses[name].suspended = reader.take("SUSPEND")
    return message(DONE)
