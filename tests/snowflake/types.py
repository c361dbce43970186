"""Column types as Snowflake's catalog spells them.

docs: sql-reference/info-schema/columns, sql-reference/intro-summary-data-types
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from tests.snowflake.catalog import Column, Path, Thing
from tests.snowflake.identifiers import decode
from tests.snowflake.resolving import DATA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.snowflake.session import Session

LONGEST_TEXT, LONGEST_BINARY = 16_777_216, 8_388_608

_T = exp.DataType.Type
_SYNONYMS = {
    "NUMBER": (_T.DECIMAL, _T.INT, _T.BIGINT, _T.SMALLINT, _T.TINYINT),
    "TEXT": (_T.VARCHAR, _T.TEXT, _T.CHAR, _T.NCHAR, _T.NVARCHAR),
    "FLOAT": (_T.DOUBLE, _T.FLOAT),
    "BINARY": (_T.BINARY, _T.VARBINARY),
    "TIMESTAMP_NTZ": (_T.TIMESTAMP, _T.TIMESTAMPNTZ, _T.DATETIME),
    "TIMESTAMP_TZ": (_T.TIMESTAMPTZ,),
    "TIMESTAMP_LTZ": (_T.TIMESTAMPLTZ,),
    "BOOLEAN": (_T.BOOLEAN,),
    "DATE": (_T.DATE,),
    "TIME": (_T.TIME,),
    "VARIANT": (_T.VARIANT,),
    "OBJECT": (_T.OBJECT, _T.STRUCT, _T.MAP),
    "ARRAY": (_T.ARRAY, _T.LIST),
}
_NAMES = {kind: name for name, kinds in _SYNONYMS.items() for kind in kinds}


def declared(column: exp.ColumnDef) -> Column:
    """What a column definition says; `type` is empty when it says nothing."""
    kind = column.args.get("kind")
    found = Column(name=column.name, type=_NAMES.get(kind.this, "") if kind else "")
    numbers = [int(p.name) for p in kind.expressions if p.name.isdigit()] if kind else []
    if found.type == "NUMBER":
        found.precision, found.scale = [*numbers, 0][:2] if numbers else (38, 0)
    if found.type == "TEXT":
        found.length = (numbers or [1 if kind and kind.this == _T.CHAR else LONGEST_TEXT])[0]
    if found.type == "BINARY":
        found.length = (numbers or [LONGEST_BINARY])[0]
    for constraint in column.args.get("constraints", []):
        match constraint.args.get("kind"):
            case exp.CommentColumnConstraint() as comment:
                found.comment = comment.this.name
            case exp.DefaultColumnConstraint() as default:
                found.default = default.this.sql(dialect="snowflake")
            case exp.NotNullColumnConstraint() as null:
                found.nullable = bool(null.args.get("allow_null"))
            case exp.PrimaryKeyColumnConstraint():
                found.nullable = False
    return found


def from_duck(name: str, duck_type: str) -> Column:
    """What the catalog says of a column that nobody declared, as in CREATE TABLE AS SELECT."""
    if duck_type.startswith("DECIMAL("):
        precision, scale = duck_type[8:-1].split(",")
        return Column(name=name, type="NUMBER", precision=int(precision), scale=int(scale))
    if duck_type.endswith(("INT", "INTEGER")):
        return Column(name=name, type="NUMBER", precision=38, scale=0)
    kind = {
        "DOUBLE": "FLOAT", "FLOAT": "FLOAT", "BOOLEAN": "BOOLEAN", "DATE": "DATE", "TIME": "TIME", "BLOB": "BINARY",
        "JSON": "VARIANT", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP_TZ", "TIMESTAMP": "TIMESTAMP_NTZ",
        "TIMESTAMP_NS": "TIMESTAMP_NTZ", "TIMESTAMP_S": "TIMESTAMP_NTZ", "TIMESTAMP_MS": "TIMESTAMP_NTZ",
    }.get(duck_type, "ARRAY" if duck_type.endswith("]") else "TEXT")  # fmt: skip
    length = {"TEXT": LONGEST_TEXT, "BINARY": LONGEST_BINARY}.get(kind)
    return Column(name=name, type=kind, length=length)


def columns_of(session: Session, path: Path, thing: Thing, known: Sequence[Column]) -> list[Column]:
    """The columns of a table as they are now; what was declared is kept where DuckDB knows less."""
    rows = session.duck_rows(
        "SELECT column_name, data_type, is_nullable FROM duckdb_columns() "
        "WHERE database_name = ? AND schema_name = ? ORDER BY column_index",
        [DATA, thing.physical],
    )
    by_name = {column.name: column for column in known}
    found = []
    for name, duck_type, nullable in rows:
        fresh = from_duck(decode(name), duck_type)
        told = by_name.get(fresh.name)
        if told and told.type:
            fresh = told
        fresh.nullable = bool(nullable)
        found.append(fresh)
    return found
