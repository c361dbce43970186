"""What the text of a table or view tells of its policies, and the same text with names where it keeps them."""

import pytest

from flows.warehouse.snowflake.catalog import Home
from flows.warehouse.snowflake.policies.attached import Attachment
from flows.warehouse.snowflake.policies.ddl import revealed
from flows.warehouse.snowflake.policies.texts import Clause, clauses

HOME = Home("ANALYTICS", "DWH")

TEXTS = {
    "a table": (
        "create or replace TABLE A.B.T (\n\tEMAIL VARCHAR(10) WITH MASKING POLICY G.P.M,\n\tN NUMBER(38,0)\n);",
        [Clause("MASKING POLICY", "EMAIL")],
    ),
    "a conditional mask on a column whose name needs quotes": (
        'create or replace TABLE T ("e, mail" TEXT WITH MASKING POLICY "g p".M USING ("e, mail", LAND), LAND TEXT);',
        [Clause("MASKING POLICY", "e, mail", ("e, mail", "LAND"))],
    ),
    "hidden names": (
        "create or replace TABLE T (E TEXT WITH MASKING POLICY #UNKNOWN_POLICY WITH TAG "
        "(#UNKNOWN_TAG='#UNKNOWN_VALUE), N NUMBER(38,0)) WITH ROW ACCESS POLICY #unknown_policy;",
        [
            Clause("MASKING POLICY", "E", is_hidden=True),
            Clause("TAG", "E", is_hidden=True),
            Clause("ROW ACCESS POLICY", "", is_hidden=True),
        ],
    ),
    "all that a table can have": (
        "create or replace TABLE T (E TEXT WITH PROJECTION POLICY G.P.X, PRIMARY KEY (E)) cluster by (E, F) "
        "WITH AGGREGATION POLICY G.P.A WITH JOIN POLICY G.P.J WITH TAG (G.P.T='a', G.P.U='b') COMMENT='MASKING POLICY'",
        [
            Clause("PROJECTION POLICY", "E"),
            Clause("AGGREGATION POLICY", ""),
            Clause("JOIN POLICY", ""),
            Clause("TAG", ""),
        ],
    ),
    "a view, whose query is none of it": (
        "create or replace secure view V(\n\tE WITH MASKING POLICY G.P.M COMMENT 'TAG (x)'\n) "
        'WITH ROW ACCESS POLICY G.P.R ON (E) as select tag (masking policy m) from "POLICY";',
        [Clause("MASKING POLICY", "E"), Clause("ROW ACCESS POLICY", "", ("E",))],
    ),
    "columns that are called so": (
        "create or replace TABLE T (POLICY TEXT, TAG TEXT, "
        "MASKING TEXT, \"WITH MASKING POLICY X\" TEXT DEFAULT '\\'TAG (');",
        [],
    ),
    "no text": ("", []),
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS.keys())
def test_clauses_of(text: str, expected: list[Clause]) -> None:
    """Kind, column, what it reads, and whether its name is hidden."""
    assert list(clauses(text)) == expected


def test_a_text_that_cannot_be_read_is_no_text_without_policies() -> None:
    """Nobody would know what is in it."""
    with pytest.raises(ValueError, match="cannot be read"):
        clauses("create table t (a text comment 'that does not end, policy)")


def test_revealed_names_everything() -> None:
    """Policies of the relation's own schema get its name; columns are added where the text has left them out."""
    text = (
        "create or replace view V(\n\tE WITH MASKING POLICY #UNKNOWN_POLICY WITH TAG (#UNKNOWN_TAG='#UNKNOWN_VALUE'),\n"
        "\tF WITH MASKING POLICY G.P.SEEN\n) WITH ROW ACCESS POLICY #UNKNOWN_POLICY as select '#UNKNOWN_POLICY' as e;"
    )
    attached = [
        Attachment("V", "E", "MASKING POLICY", ("OWN",), ("E", "F")),
        Attachment("V", "E", "TAG", ("G", "P", "T"), ("it's",)),
        Attachment("V", "E", "TAG", ("G", "P", "U"), ("b",)),
        Attachment("V", "F", "MASKING POLICY", ("G", "P", "SEEN")),
        Attachment("V", "", "ROW ACCESS POLICY", ("G", "P", "R"), ("E",)),
        Attachment("W", "", "ROW ACCESS POLICY", ("G", "P", "OTHER"), ("E",)),
    ]
    assert revealed(text, "V", attached, HOME) == (
        'create or replace view V(\n\tE WITH MASKING POLICY "ANALYTICS"."DWH"."OWN" USING ("E", "F") '
        'WITH TAG ("G"."P"."T" = \'it\'\'s\', "G"."P"."U" = \'b\'),\n\tF WITH MASKING POLICY G.P.SEEN\n) '
        'WITH ROW ACCESS POLICY "G"."P"."R" ON ("E") as select \'#UNKNOWN_POLICY\' as e;'
    )


def test_what_nobody_tells_is_not_left_out() -> None:
    """A view that is made anew without its policy would show what it hides."""
    with pytest.raises(ValueError, match=r"`V` has a masking policy whose name this role may not see"):
        revealed("create view V(E WITH MASKING POLICY #UNKNOWN_POLICY) as select 1 as e", "V", [], HOME)
