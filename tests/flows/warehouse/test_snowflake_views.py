"""A view of Snowflake's, re-created under its name: only what stands before AS is put together anew."""

import pytest

from flows.warehouse.snowflake.views import Home, names, recreation
from flows.warehouse.views import ViewUnreadable

NAME = '"DB"."DWH"."V"'
CASES = {
    "create or replace view DB.DEVELOP_DWH.V(\n\tA\n) as (select 1 as a);": (
        "CREATE OR REPLACE VIEW {n}(\n\tA\n) COPY GRANTS as (select 1 as a)"
    ),
    "create view v as select 1": "CREATE OR REPLACE VIEW {n} COPY GRANTS as select 1",
    'create or replace secure view db."s s"."v" comment=\'as it is\' as select 1 as "as"': (
        "CREATE OR REPLACE SECURE VIEW {n} COPY GRANTS comment='as it is' as select 1 as \"as\""
    ),
    "create or replace view v(a comment 'as b') copy grants as select 1": (
        "CREATE OR REPLACE VIEW {n}(a comment 'as b') copy grants as select 1"
    ),
    "CREATE VIEW IF NOT EXISTS s.v WITH TAG (t = 'x') AS WITH a AS (SELECT 1 AS i) SELECT * FROM a -- end;": (
        "CREATE OR REPLACE VIEW {n} WITH TAG (t = 'x') COPY GRANTS AS WITH a AS (SELECT 1 AS i) SELECT * FROM a -- end"
    ),
}


@pytest.mark.parametrize(("sql", "expected"), CASES.items())
def test_recreation_keeps_all_but_the_name(sql: str, expected: str) -> None:
    """Columns, policies, tags, comments and the query stay as they are; grants are kept."""
    assert recreation(sql, NAME) == expected.format(n=NAME)


@pytest.mark.parametrize("sql", ["create table t (a int)", "create view v", "create materialized view v as select 1"])
def test_recreation_refuses_what_is_no_view(sql: str) -> None:
    """Better no statement than a wrong one."""
    with pytest.raises(ViewUnreadable):
        recreation(sql, NAME)


HOME = Home("DB", "DWH")


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("create view db.dwh.v as select * from db.develop_dwh.t", True),
        ("create view v as select * from develop_dwh.t", True),
        ("create view db.develop_dwh.v as select * from t", False),
        ("create view v as select * from other.develop_dwh.t", False),
        ("create view v as select 'develop_dwh.t' as a from t", False),
        ('create view v as select * from "develop_dwh".t', False),
        ("create view v as select from where develop_dwh", True),
        ("create view v as select from where", False),
    ],
)
def test_names_tells_what_a_view_reads(sql: str, expected: bool) -> None:
    """The header does not count: after a swap Snowflake's text keeps the old name. In doubt a view counts."""
    assert names(sql, HOME, Home("DB", "DEVELOP_DWH")) is expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("create view db.dwh.v as select * from develop_db.dwh.t", True),
        ("create view develop_db.dwh.v as select * from t", False),
        ("create view v as select * from dwh.t", False),
        ("create view v as select * from develop_db.marts.t", False),
        ("create view v as select 'develop_db.dwh.t' as a from dwh.t", False),
        ("create view v as select from where dwh", False),
        ("create view v as select from where develop_db.dwh", True),
    ],
)
def test_names_tells_databases_apart(sql: str, expected: bool) -> None:
    """Schemas of one name in two databases are two; without a database the view's own is meant."""
    assert names(sql, HOME, Home("DEVELOP_DB", "DWH")) is expected
