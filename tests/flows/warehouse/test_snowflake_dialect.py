"""What the dialect writes is Snowflake's SQL, for every type that its catalog names."""

import pytest
import sqlglot

from flows.warehouse.snowflake.catalog import folded, type_name
from flows.warehouse.snowflake.dialect import SnowflakeDialect, literal

DIALECT = SnowflakeDialect()
TYPES = (
    "NUMBER(38,0)", "FLOAT", "TEXT", "TEXT(9)", "BOOLEAN", "DATE", "TIME(9)", "TIMESTAMP_NTZ(9)", "TIMESTAMP_LTZ(9)",
    "TIMESTAMP_TZ(3)", "BINARY", "VARIANT", "OBJECT", "ARRAY", "MAP", "GEOGRAPHY", "GEOMETRY", "VECTOR", "DECFLOAT",
)  # fmt: skip


@pytest.mark.parametrize("type_name", TYPES)
def test_every_type_can_be_written_as_text(type_name: str) -> None:
    """A parser of Snowflake's SQL reads the expression, also as part of a larger one."""
    text = DIALECT.as_text('t."C"', type_name)
    assert isinstance(sqlglot.parse_one(f"SELECT {text} || 'x' AS a FROM t", read="snowflake"), sqlglot.exp.Select)


def test_types_that_hashes_mean_nothing_for_are_not_comparable() -> None:
    """Semi-structured, geospatial and vector values are compared by their text."""
    assert [name for name in TYPES if not DIALECT.is_comparable(name)] == [
        "VARIANT", "OBJECT", "ARRAY", "MAP", "GEOGRAPHY", "GEOMETRY", "VECTOR",
    ]  # fmt: skip
    assert [name for name in TYPES if DIALECT.is_float(name)] == ["FLOAT"]


def test_a_geometry_is_told_apart_by_its_reference_system_too() -> None:
    """Documented: WKB is the shape alone, EWKB has the SRID. People see the shape."""
    assert "ST_ASEWKB" in DIALECT.telling_text("g", "GEOMETRY")
    for text in (DIALECT.as_text("g", "GEOMETRY"), DIALECT.telling_text("g", "GEOGRAPHY")):
        assert "ST_ASWKB" in text


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (("NUMBER", 38, 0, None, None), "NUMBER(38,0)"),
        (("NUMBER", 12, 2, None, None), "NUMBER(12,2)"),
        (("FLOAT", None, None, None, None), "FLOAT"),
        (("TEXT", None, None, 16_777_216, None), "TEXT"),
        (("TEXT", None, None, 134_217_728, None), "TEXT"),
        (("TEXT", None, None, 9, None), "TEXT(9)"),
        (("BINARY", None, None, 8_388_608, None), "BINARY"),
        (("TIMESTAMP_TZ", None, None, None, 9), "TIMESTAMP_TZ(9)"),
        (("DATE", None, None, None, 0), "DATE"),
        (("VARIANT", None, None, None, None), "VARIANT"),
    ],
)
def test_type_names_say_all_that_makes_a_type_differ(facts: tuple[object, ...], expected: str) -> None:
    """Precision, scale and length count; a default length was given by nobody."""
    assert type_name(facts) == expected


@pytest.mark.parametrize(("name", "expected"), [("dwh", "DWH"), ("Dwh_1$", "DWH_1$"), ("two words", "two words")])
def test_names_are_folded_as_dbt_makes_them(name: str, expected: str) -> None:
    """dbt does not quote a schema's name, so Snowflake reads it in upper case."""
    assert folded(name) == expected


def test_literals_escape_quotes_and_backslashes() -> None:
    """Snowflake reads a backslash in a literal."""
    assert literal("it's \\") == "'it''s \\\\'"
