"""Schemas and databases: create, drop, alter. Swapping and cloning are in swap_and_clone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.snowflake import access, policies, swap_and_clone, undropping
from tests.snowflake.catalog import Database, Schema, now, schema_path
from tests.snowflake.creating import Creation
from tests.snowflake.errors import SnowflakeError, exists, forbidden, impossible, missing
from tests.snowflake.identifiers import dotted, shown
from tests.snowflake.reader import Reader
from tests.snowflake.results import DONE, Result, message

if TYPE_CHECKING:
    from tests.snowflake.session import Session


def create_database(session: Session, reader: Reader, creation: Creation) -> Result:
    """CREATE [TRANSIENT] DATABASE; it becomes the current one. All schemas of a transient one are transient.

    docs: sql-reference/sql/create-database (needs CREATE DATABASE on the account)
    """
    [name] = reader.name()
    if name in session.catalog.databases and not creation.replace:
        if creation.if_not_exists:
            return message(f"{shown(name)} already exists, statement succeeded.")
        raise exists(shown(name))
    known = session.catalog.account
    if session.role not in access.SYSTEM_ROLES and not access.has(
        session.catalog, session.role, known, "CREATE DATABASE"
    ):
        raise forbidden("account", "STAND_IN")
    transient = "TRANSIENT" in creation.modifiers
    database = Database(owner=session.role, transient=transient)
    database.schemas["PUBLIC"] = Schema(owner=session.role, transient=transient)
    session.catalog.databases[name] = database
    session.database, session.schema = name, "PUBLIC"
    return message(f"Database {shown(name)} successfully created.")


def create(session: Session, reader: Reader, creation: Creation) -> Result:
    """CREATE SCHEMA [CLONE ...] [WITH MANAGED ACCESS]; it becomes the current one.

    docs: sql-reference/sql/create-schema
    """
    session.end_transaction()
    database, name = schema_path(reader.name(), session.database)
    known = session.catalog.database(database).schemas.get(name)
    if known is not None and not creation.replace:
        if creation.if_not_exists:
            return message(f"{shown(name)} already exists, statement succeeded.")
        raise exists(dotted(name))
    _may_create(session, database, known, name)
    transient = "TRANSIENT" in creation.modifiers or session.catalog.database(database).transient
    made = Schema(owner=session.role, transient=transient)
    if reader.take("CLONE"):
        swap_and_clone.clone(session, reader.name(), made, (database, name))
        if reader.at("AT") or reader.at("BEFORE"):
            raise SnowflakeError(2, "0A000", "Unsupported feature 'CLONE of another time'.")
    made.managed = reader.take("WITH MANAGED ACCESS")
    made.comment = reader.options().get("COMMENT", "")
    if known is not None:
        policies.refuse_in_use(session.catalog, known)
        undropping.retire(session, (database, name), known)
    session.catalog.database(database).schemas[name] = made
    session.database, session.schema = database, name
    return message(f"Schema {shown(name)} successfully created.")


def _may_create(session: Session, database: str, known: Schema | None, name: str) -> None:
    if not access.has(session.catalog, session.role, session.catalog.database(database), "CREATE SCHEMA"):
        raise forbidden("database", shown(database))
    if known is not None:
        access.require_ownership(session.catalog, session.role, known, "schema", shown(name))


def drop(session: Session, reader: Reader) -> Result:
    """DROP SCHEMA; CASCADE is the default. docs: sql-reference/sql/drop-schema"""
    session.end_transaction()
    if_exists = reader.take("IF EXISTS")
    database, name = schema_path(reader.name(), session.database)
    schemas = session.catalog.database(database).schemas
    if name not in schemas:
        if if_exists:
            return message(f"Drop statement executed successfully ({shown(name)} already dropped).")
        raise missing("Schema", dotted(database, name))
    access.require_ownership(session.catalog, session.role, schemas[name], "schema", shown(name))
    policies.refuse_in_use(session.catalog, schemas[name])
    undropping.retire(session, (database, name), schemas.pop(name))
    if (session.database, session.schema) == (database, name):
        session.schema = None
    return message(f"{shown(name)} successfully dropped.")


def drop_database(session: Session, reader: Reader) -> Result:
    """DROP DATABASE. docs: sql-reference/sql/drop-database"""
    if_exists = reader.take("IF EXISTS")
    [name] = reader.name()
    if name not in session.catalog.databases:
        if if_exists:
            return message(f"Drop statement executed successfully ({shown(name)} already dropped).")
        raise missing("Database", shown(name))
    access.require_ownership(session.catalog, session.role, session.catalog.database(name), "database", shown(name))
    for schema in session.catalog.databases.pop(name).schemas.values():
        undropping.forget(session, schema)
    if session.database == name:
        session.database = session.schema = None
    return message(f"{shown(name)} successfully dropped.")


def alter_database(session: Session, reader: Reader) -> Result:
    """ALTER DATABASE: SWAP WITH, SET COMMENT and DATA_RETENTION_TIME_IN_DAYS. docs: sql-reference/sql/alter-database"""
    session.end_transaction()
    if_exists = reader.take("IF EXISTS")
    [name] = reader.name()
    database = session.catalog.databases.get(name)
    if database is None:
        if if_exists:
            return message(DONE)
        raise impossible()
    access.require_ownership(session.catalog, session.role, database, "database", shown(name))
    if reader.take("SWAP WITH"):
        [other] = reader.name()
        return swap_and_clone.swap_databases(session, name, other)
    reader.expect("SET")
    options = reader.options()
    database.comment = options.get("COMMENT", database.comment)
    database.retention = str(options.get("DATA_RETENTION_TIME_IN_DAYS", database.retention))
    database.altered = now()
    return message(DONE)


def alter(session: Session, reader: Reader) -> Result:
    """ALTER SCHEMA: SWAP WITH, RENAME TO, SET COMMENT, managed access. docs: sql-reference/sql/alter-schema"""
    session.end_transaction()
    if_exists = reader.take("IF EXISTS")
    database, name = schema_path(reader.name(), session.database)
    schema = session.catalog.database(database).schemas.get(name)
    if schema is None:
        if if_exists:
            return message(DONE)
        raise impossible()
    access.require_ownership(session.catalog, session.role, schema, "schema", shown(name))
    if reader.take("SWAP WITH"):
        return swap_and_clone.swap(session, (database, name), schema_path(reader.name(), database))
    if reader.take("RENAME TO"):
        return swap_and_clone.rename(session, (database, name), schema_path(reader.name(), database))
    if reader.take("ENABLE MANAGED ACCESS") or reader.take("DISABLE MANAGED ACCESS"):
        schema.managed = "ENABLE MANAGED" in " ".join(reader.text.upper().split())
    else:
        unset = reader.take("UNSET COMMENT")
        schema.comment = "" if unset else reader.options().get("COMMENT", schema.comment)
    schema.altered = now()
    return message(DONE)
