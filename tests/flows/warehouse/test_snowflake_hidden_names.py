"""A view can name a schema where nothing puts it right: a stage, a sequence, a name in a text."""

import pytest

from flows.warehouse.snowflake.catalog import Home
from flows.warehouse.snowflake.hidden_names import hides

HOME = Home("DB", "DEVELOP_DWH")
VIEW = "create view db.develop_dwh.v as "

HIDING = (
    "select * from identifier('DB.DEVELOP_DWH.ORDERS')",
    "select * from table('develop_dwh.orders')",
    "select $1 from @develop_dwh.land",
    "select $1 from @DB.DEVELOP_DWH.LAND/x (pattern => '.*')",
    "select relative_path from directory(@develop_dwh.land)",
    "select develop_dwh.seq.nextval as n from t",
    'select db."DEVELOP_DWH".seq.nextval as n from develop_dwh.t',
    "select develop_dwh.model!predict(a) as p from t",
)
PLAIN = (
    "select a.b from develop_dwh.t as a, lateral flatten(input => develop_dwh.t.c)",
    "select develop_dwh.f(1), x:develop_dwh.y from db.develop_dwh.t at(offset => -60)",
    "select * from table(develop_dwh.f(1)) join other.develop_dwh.t on true",
    "select 'develop_dwh.t' as a from identifier('other.t') -- develop_dwh.t",
    'select * from "develop_dwh".t, @"develop_dwh".land',
    "select t.develop_dwh.x from t",
    "select from where develop_dwh.",
)


@pytest.mark.parametrize("query", HIDING)
def test_hides_what_cannot_be_put_right(query: str) -> None:
    """After the swap it would go on reading what is staging again."""
    assert hides(VIEW + query, HOME, "DEVELOP_DWH")


@pytest.mark.parametrize("query", PLAIN)
def test_hides_nothing_that_can_be_put_right_or_names_something_else(query: str) -> None:
    """Relations, columns and functions are found otherwise; other texts, comments and databases mean something else."""
    assert not hides(VIEW + query, HOME, "DEVELOP_DWH")


def test_policies_of_the_view_are_none_of_its_query() -> None:
    """They are attached, and what they are called is not looked up anew."""
    sql = "create view v (a with masking policy develop_dwh.p) with tag (develop_dwh.t = 'x') as select a from t"
    assert not hides(sql, HOME, "DEVELOP_DWH")
