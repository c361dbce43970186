"""What production would lose: found, and said in words that read well after the name of the thing."""

from flows.contract import Policy, SchemaChange
from flows.rules.vanishing import vanishing
from tests.flows.values import APPROVER, side, table

BLOCKS = Policy(approvers=(APPROVER,))
REMOVED = {"status": "removed", "staging": None}


def test_vanishing_of_a_table_counts_its_rows() -> None:
    """One row is one row."""
    many, one = vanishing((table(**REMOVED, production=side(1_200)), table("fx", **REMOVED)), BLOCKS)
    assert f"`{many.object}`: {many.consequence}." == "`orders`: would vanish from production with its 1,200 rows."
    assert f"`{one.object}`: {one.consequence}." == "`fx`: would vanish from production with its 1 row."


def test_vanishing_of_what_has_no_rows_of_its_own_counts_none() -> None:
    """A view holds no rows, and rows that were not counted are not called None."""
    view, unknown = vanishing((table(**REMOVED, kind="view"), table(**(REMOVED | {"production": None}))), BLOCKS)
    assert view.consequence == unknown.consequence == "would vanish from production"


def test_vanishing_column_blocks_unless_the_policy_allows_it() -> None:
    """The same finding is a warning where it was allowed."""
    lost = table(schema_changes=(SchemaChange(column="note", kind="removed", production="VARCHAR"),))
    allows = Policy(approvers=(APPROVER,), vanish="allow")
    assert [(found.object, found.severity) for found in vanishing((lost,), BLOCKS)] == [("orders.note", "blocker")]
    assert [found.severity for found in vanishing((lost,), allows)] == ["warning"]
