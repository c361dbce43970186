"""The SQL of the diff is the subset that Snowflake speaks too, but for what the dialect writes."""

from dataclasses import replace

import pytest
import sqlglot

from flows.contract import Column
from flows.diff.columns import compare_columns
from flows.diff.fingerprint import fingerprint_sql
from flows.diff.glance import glance_sql
from flows.diff.key_check import key_check_sql
from flows.diff.keyed import KeyedPlan, keyed_sql
from flows.diff.multiset import multiset_sql
from flows.diff.settings import DiffSettings
from flows.diff.subject import Subject
from flows.warehouse.base import Relation
from flows.warehouse.snowflake.dialect import SnowflakeDialect

TYPES = ("NUMBER(38,0)", "FLOAT", "TEXT", "TIMESTAMP_NTZ(9)", "TIMESTAMP_TZ(9)", "VARIANT", "GEOGRAPHY", "BINARY")


@pytest.mark.parametrize("tolerance", [0.0, 1e-9])
def test_every_statement_parses_as_snowflake(tolerance: float) -> None:
    """A parser of Snowflake's SQL accepts each statement and finds one SELECT in it."""
    for sql in _statements(tolerance):
        [parsed] = sqlglot.parse(sql, dialect="snowflake")
        assert isinstance(parsed, sqlglot.exp.Select | sqlglot.exp.Union)


def test_statements_keep_to_functions_that_both_warehouses_have() -> None:
    """Every function is one that Snowflake and DuckDB document, or the dialect wrote it."""
    shared = {
        "CASE",
        "IF",
        "CAST",
        "COALESCE",
        "COUNT",
        "SUM",
        "MAX",
        "LENGTH",
        "LEFT",
        "ABS",
        "GREATEST",
        "ROWNUMBER",
        "STRPOSITION",
    }
    shared |= {"TRIM", "RTRIM", "AND", "OR"}
    written_by_dialect = {"HASH", "HASH_AGG", "HASHAGG", "TOCHAR", "TO_JSON", "JSONFORMAT", "TOVARCHAR", "TO_VARCHAR"}
    written_by_dialect |= {"CONVERTTIMEZONE", "LOWERHEX", "ST_ASWKB", "TIMETOSTR"}
    found: set[str] = set()
    for sql in _statements(1e-9):
        for function in sqlglot.parse_one(sql, dialect="snowflake").find_all(sqlglot.exp.Func):
            anonymous = isinstance(function, sqlglot.exp.Anonymous)
            found.add(str(function.this).upper() if anonymous else type(function).__name__.upper())
    assert found <= shared | written_by_dialect
    assert {"COUNT", "COALESCE"} <= found


def _statements(tolerance: float) -> list[str]:
    production = Relation("T", "table", tuple(Column(name=f"C{n}", type=name) for n, name in enumerate(TYPES)))
    retyped = tuple(Column(name=f"C{n}", type="NUMBER(12,2)" if n == 0 else name) for n, name in enumerate(TYPES))
    staging = Relation("T", "table", (*retyped, Column(name="NEW", type="TEXT")))
    settings = DiffSettings(relative_tolerance=tolerance, masked={"t": frozenset({"c2"})})
    dialect = SnowflakeDialect()
    subject = Subject(
        production,
        staging,
        production_table='"DB"."DWH"."T"',
        staging_table='"DB"."DEVELOP_DWH"."T"',
        comparison=compare_columns(production, staging, settings=settings, dialect=dialect),
        settings=settings,
        dialect=dialect,
    )
    key = subject.comparison.pairs[:1]
    first, moment = subject.comparison.pairs[0], subject.comparison.pairs[3]
    part = replace(subject, staging_table='(SELECT * FROM "DB"."DEVELOP_DWH"."T" AS s WHERE (\n"C1" > 0\n))')
    return [
        fingerprint_sql(dialect, staging, '"DB"."DEVELOP_DWH"."T"'),
        key_check_sql(subject, key, "s"),
        keyed_sql(KeyedPlan(subject, key)),
        keyed_sql(KeyedPlan(part, key, moment=moment, places=(first, moment))),
        multiset_sql(subject),
        multiset_sql(part, moment),
        glance_sql(subject, key),
        glance_sql(subject, ()),
    ]
