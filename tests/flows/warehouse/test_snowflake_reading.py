"""Which SQL counts as one statement that only reads, before anything is sent."""

import pytest

from flows.warehouse.snowflake.reading import is_one_query


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "(SELECT 1)",
        "WITH a AS (SELECT 1) SELECT * FROM a;",
        "SELECT ';', '->>', \";\", \"->>\" -- ; ->>\n",
        "SELECT $$;->>$$ /* ; ->> */",
        "SELECT x -> 1, -1 >> 2",
    ],
)
def test_one_query_is_let_through(sql: str) -> None:
    """What looks like a separator inside of texts, names and comments separates nothing."""
    assert is_one_query(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "",
        ";",
        "SELECT 1; DELETE FROM t",
        "SELECT 1 ->> DELETE FROM t",
        "SELECT 1->>DELETE FROM t",
        "DELETE FROM t",
        "CALL p()",
        "EXECUTE IMMEDIATE 'DROP TABLE t'",
        "BEGIN DELETE FROM t; END",
        "SELECT 'open",
    ],
)
def test_anything_else_is_not(sql: str) -> None:
    """Several statements, a pipe of statements, changes, procedures, and what cannot be read at all."""
    assert not is_one_query(sql)
