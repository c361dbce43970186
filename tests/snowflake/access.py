"""Who may do what: roles inherit from roles, owners may everything with what they own.

docs: user-guide/security-access-control-overview, user-guide/security-access-control-privileges
Simplified: ACCOUNTADMIN may everything, as if every custom role were granted to SYSADMIN, which Snowflake recommends.
"""

from tests.snowflake.catalog import Catalog, Path, Securable, Thing
from tests.snowflake.errors import SnowflakeError, forbidden, missing
from tests.snowflake.identifiers import dotted

ADMIN = "ACCOUNTADMIN"
SYSTEM_ROLES = (ADMIN, "SECURITYADMIN", "SYSADMIN", "USERADMIN", "PUBLIC")


def effective_roles(catalog: Catalog, role: str) -> set[str]:
    """The role and everything that it inherits; everybody has PUBLIC."""
    found: set[str] = set()
    waiting = [role, "PUBLIC"]
    while waiting:
        name = waiting.pop()
        if name not in found and (role_found := catalog.role(name)) is not None:
            found.add(name)
            waiting += [grant.role for grant in role_found.inherits]
    return found


def privileges(catalog: Catalog, role: str, what: Securable) -> set[str]:
    """What the role may do with this."""
    roles = effective_roles(catalog, role)
    if ADMIN in roles:
        return {"OWNERSHIP", "USAGE", "MODIFY", "MONITOR"}
    found = {grant.privilege for grant in what.grants if grant.to in ("ROLE", "DATABASE_ROLE") and grant.role in roles}
    return found | {"OWNERSHIP"} if what.owner in roles else found


def has(catalog: Catalog, role: str, what: Securable, privilege: str) -> bool:
    """Whether the role has the privilege; OWNERSHIP and ALL include it."""
    return bool(privileges(catalog, role, what) & {privilege, "OWNERSHIP", "ALL"})


def owns(catalog: Catalog, role: str, what: Securable) -> bool:
    """Whether the role, or one that it inherits from, is the owner."""
    return "OWNERSHIP" in privileges(catalog, role, what)


def require_ownership(catalog: Catalog, role: str, what: Securable, kind: str, name: str) -> None:
    """Raises 003001 unless the role owns this."""
    if not owns(catalog, role, what):
        raise forbidden(kind, name)


def require_create(catalog: Catalog, role: str, database: str, schema: str, kind: str) -> None:
    """Raises 003001 unless the role may create this kind of object there. docs: sql-reference/sql/create-table"""
    found = catalog.schema(database, schema)
    if not has(catalog, role, found, f"CREATE {kind}"):
        raise forbidden("schema", dotted(schema))


def check_use(catalog: Catalog, role: str, path: Path, thing: Thing, privilege: str) -> None:
    """Raises SnowflakeError unless the role may do this with the object.

    Without any privilege on the object, or without USAGE on its schema or database, it must not even learn that the
    object exists (002003); with some other privilege it is 003001.
    """
    if thing.temporary:
        return
    database = catalog.database(path[0])
    schema = catalog.schema(path[0], path[1])
    reachable = has(catalog, role, database, "USAGE") and has(catalog, role, schema, "USAGE")
    if not reachable or not privileges(catalog, role, thing):
        raise missing("Object", dotted(*path))
    if not has(catalog, role, thing, privilege):
        raise forbidden(thing.kind, dotted(path[2]))


def visible(catalog: Catalog, role: str, path: Path, thing: Thing) -> bool:
    """Whether SHOW and INFORMATION_SCHEMA list the object. docs: sql-reference/info-schema (general usage notes)"""
    try:
        check_use(catalog, role, path, thing, "SELECT")
    except SnowflakeError as error:
        return error.errno != missing("", "").errno
    return True


def visible_schema(catalog: Catalog, role: str, database: str, schema: str) -> bool:
    """Whether the role has any privilege on the schema."""
    return bool(privileges(catalog, role, catalog.schema(database, schema)))
