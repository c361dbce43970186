"""Schema references in a view's SQL: found where they are meant, and nowhere else."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.warehouse.views import SqlDialect, ViewUnreadable, relations_named, requalify, schemas_named, unqualify
from tests.flows.warehouse.contract_suite import quoted

CASES = {
    "table": "SELECT * FROM {o}.t",
    "join": "SELECT * FROM {o}.a AS x JOIN {o}.b AS y USING (id), {o}.c",
    "column": "SELECT {o}.t.a, {o}.t.* FROM {o}.t WHERE ({o}.t.a > 1)",
    "struct field": "SELECT {o}.t.a.b FROM {o}.t",
    "alias": "SELECT old.a, old.t.a FROM x.t AS old",
    "cte": "WITH old AS (SELECT 1 AS t) SELECT old.t FROM old",
    "literal": "SELECT 'old.t' AS a FROM {o}.t",
    "comment": "SELECT 1 -- old.t\n FROM /* old.t */ {o}.t",
    "header": "CREATE VIEW {o}.v (a, b) AS SELECT 1, 2",
    "function": "SELECT {o}.f(1) FROM {o}.t",
    "subquery": "SELECT (SELECT max(a) FROM {o}.t) WHERE EXISTS(SELECT 1 FROM {o}.u)",
    "union": "SELECT 1 AS a FROM {o}.t UNION ALL (SELECT 2 FROM {o}.u)",
    "other schema": "SELECT * FROM older.t, x.old",
    "other database": "SELECT * FROM other.old.t",
    "own database": "SELECT db.{o}.t.a FROM db.{o}.t",
}
"""`{o}` stands where the schema is meant, `old` where it is not."""


@pytest.mark.parametrize(("dialect", "old", "catalog"), [("duckdb", "OLD", "Db"), ("snowflake", "OLD", "DB")])
@pytest.mark.parametrize("template", CASES.values(), ids=CASES.keys())
def test_requalify_rewrites_what_names_the_schema(template: str, dialect: SqlDialect, old: str, catalog: str) -> None:
    """Only references change; every other character stays. Both warehouses take `old` for OLD, for two reasons."""
    found = requalify(template.replace("{o}", "old"), old, 'n"ew', dialect, catalog=catalog)
    assert found == template.replace("{o}", '"n""ew"')


def test_requalify_rewrites_table_functions() -> None:
    """A function that is read from is called in its schema too."""
    assert requalify("SELECT * FROM old.g(2)", "old", "n", "duckdb") == 'SELECT * FROM "n".g(2)'


def test_requalify_in_snowflake_respects_quotes() -> None:
    """ "old" in quotes is not OLD."""
    sql = 'SELECT * FROM "old".t JOIN old.u JOIN "OLD".v'
    assert requalify(sql, "OLD", "N", "snowflake") == 'SELECT * FROM "old".t JOIN "N".u JOIN "N".v'
    assert requalify(sql, "old", "N", "snowflake") == 'SELECT * FROM "N".t JOIN old.u JOIN "OLD".v'


def test_requalify_ignores_case_in_duckdb() -> None:
    """ASCII letters only: "É" and "é" are two schemas."""
    assert requalify('SELECT * FROM OLD.t, "oLd".u', "Old", "n", "duckdb") == 'SELECT * FROM "n".t, "n".u'
    assert requalify('SELECT * FROM "É".t, "é".u', "é", "n", "duckdb") == 'SELECT * FROM "É".t, "n".u'


def test_requalify_lets_functions_stay() -> None:
    """Where functions are not swapped with the schema, they are called where they are."""
    sql = "SELECT old.f(a) FROM old.t, old.g(1)"
    assert requalify(sql, "old", "n", "duckdb", functions="stay") == 'SELECT old.f(a) FROM "n".t, old.g(1)'


def test_requalify_reads_lambdas_as_duckdb_stores_them() -> None:
    """DuckDB puts a lambda into parentheses; sqlglot reads it only without."""
    sql = "SELECT list_transform(l, (lambda x: (x + (SELECT max(a) FROM old.t)))) FROM old.t"
    assert requalify(sql, "old", "n", "duckdb") == sql.replace("old", '"n"')


UNQUALIFIED = {
    "SELECT * FROM db.old.t": "SELECT * FROM t",
    "SELECT * FROM DB . OLD . t JOIN Old.u": "SELECT * FROM t JOIN u",
    "SELECT db.old.t.a, old.t.b, t.c FROM db.old.t": "SELECT t.a, t.b, t.c FROM t",
    "SELECT 'old.t' AS a FROM other.old.t, older.t -- old.t": "SELECT 'old.t' AS a FROM other.old.t, older.t -- old.t",
    'CREATE OR REPLACE VIEW db.old.v (a) AS (SELECT * FROM db.old."t t")': (
        'CREATE OR REPLACE VIEW db.old.v (a) AS (SELECT * FROM "t t")'
    ),
    "WITH x AS (SELECT * FROM old.t) SELECT * FROM x": "WITH x AS (SELECT * FROM t) SELECT * FROM x",
    "WITH t AS (SELECT * FROM old.t) SELECT * FROM t": None,
    "SELECT old.f(a) FROM old.t": None,
    "SELECT * FROM TABLE(old.g(1))": None,
}


@pytest.mark.parametrize(("sql", "expected"), UNQUALIFIED.items())
def test_unqualify_leaves_the_own_schema_out_where_that_means_the_same(sql: str, expected: str | None) -> None:
    """Relations and columns lose schema and database; a name that a CTE hides, or a function, is not touched."""
    assert unqualify(sql, "OLD", "snowflake", catalog="DB") == expected


@pytest.mark.parametrize("sql", ["SELECT FROM WHERE", "DROP TABLE old.t", "'unfinished", "", "CALL old.f()"])
def test_requalify_refuses_what_it_cannot_read(sql: str) -> None:
    """Better no view than one that reads the wrong schema."""
    with pytest.raises(ViewUnreadable):
        requalify(sql, "old", "new", "duckdb")


def test_schemas_named_lists_each_schema_once() -> None:
    """Of the own database, in the spelling that names are compared in."""
    sql = "SELECT A.t.x FROM a.t, B.u, c, other.d.v, db.E.w, f.fn(1)"
    assert schemas_named(sql, "duckdb", catalog="DB") == {"a", "b", "e", "f"}
    assert schemas_named('SELECT * FROM a.t, "b".u', "snowflake") == {"A", "b"}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("CREATE VIEW s.v AS SELECT * FROM s.T, u", {("s", "t"), ("", "u")}),
        ("WITH u AS (SELECT * FROM s.t) SELECT * FROM u", {("s", "t")}),
        ("WITH u AS (SELECT * FROM u) SELECT * FROM u", {("", "u")}),
        ("WITH a AS (SELECT * FROM b), b AS (SELECT * FROM a) SELECT * FROM b", {("", "b")}),
        ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT * FROM r", set()),
        ("WITH u AS (SELECT 1) SELECT * FROM (SELECT * FROM u) AS x, s.u", {("s", "u")}),
        ("SELECT * FROM (WITH u AS (SELECT 1) SELECT * FROM u) AS x, u", {("", "u")}),
    ],
)
def test_relations_named_knows_which_names_are_ctes(sql: str, expected: set[tuple[str, str]]) -> None:
    """A CTE hides a relation only where it can be seen."""
    assert relations_named(sql, "duckdb") == expected


NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8).filter(
    lambda name: name.strip()
)
TEMPLATES = (
    "SELECT * FROM {s}.{a}",
    "SELECT {s}.{a}.{b}, '{l}' AS {c} FROM {s}.{a} WHERE ({s}.{a}.{b} IS NOT NULL)",
    "WITH {a} AS (SELECT * FROM {s}.{b}) SELECT {c}.{b} FROM {a} AS {c} JOIN {s}.{c} AS x ON x.i = {c}.i",
    "SELECT count(*) AS {b} FROM (SELECT 1 FROM {s}.{a} UNION ALL SELECT 2 FROM {s}.{b}) AS {c} -- {l}",
    "CREATE VIEW {s}.{a} AS SELECT (SELECT max({b}) FROM {s}.{c}) AS {b}, '{l}' AS l /* {l} */ FROM {s}.{b} AS y",
)


@settings(max_examples=150, deadline=None)
@given(template=st.sampled_from(TEMPLATES), old=NAMES, new=NAMES, a=NAMES, b=NAMES, c=NAMES)
def test_requalify_gives_the_text_written_for_the_other_schema(
    template: str, old: str, new: str, a: str, b: str, c: str
) -> None:
    """For any names: the view of one schema, requalified, is the view as it would be written in the other."""

    def written(schema: str) -> str:
        text = old.replace("'", "''").replace("*/", "").replace("/*", "") + ".t"
        return template.format(s=quoted(schema), a=quoted(a), b=quoted(b), c=quoted(c), l=text)

    assert requalify(written(old), old, new, "duckdb") == written(new)
    assert requalify(written(old), old, new, "snowflake") == written(new)


@settings(max_examples=40, deadline=None)
@given(template=st.sampled_from(TEMPLATES[:2]), old=NAMES, new=NAMES, a=NAMES)
def test_requalify_of_what_duckdb_stores_reads_the_other_schema(template: str, old: str, new: str, a: str) -> None:
    """For any names that DuckDB takes: its own text of a view, requalified, reads the other schema's rows."""
    if old.lower() == new.lower() or {old.lower(), new.lower()} & {"main", "temp", "system", "memory", "pg_catalog"}:
        return
    with duckdb.connect() as connection:
        for schema, value in ((old, 1), (new, 2)):
            connection.execute(f"CREATE SCHEMA {quoted(schema)}")
            connection.execute(f"CREATE TABLE {quoted(schema)}.{quoted(a)} AS SELECT {value} AS b")
        text = template.format(s=quoted(old), a=quoted(a), b="b", c="c", l="text")
        connection.execute(f"CREATE VIEW v AS {text}")
        [(stored,)] = connection.execute("SELECT sql FROM duckdb_views() WHERE view_name = 'v'").fetchall()
        moved = requalify(stored, old, new, "duckdb", catalog="memory").replace("CREATE VIEW v", "CREATE VIEW w")
        connection.execute(moved)
        assert connection.execute("FROM w").fetchall()[0][0] == 2
