"""The stand-in's policies and tags behave as documented."""

from typing import Any

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.snowflake.stand_in import StandIn

REFERENCES = (
    "SELECT POLICY_NAME AS P, POLICY_KIND AS K, REF_COLUMN_NAME AS C, REF_ARG_COLUMN_NAMES AS A FROM "
    "TABLE(ANALYTICS.INFORMATION_SCHEMA.POLICY_REFERENCES(REF_ENTITY_NAME => 'ANALYTICS.SAFE.T', "
    "REF_ENTITY_DOMAIN => 'TABLE')) ORDER BY 1"
)


@pytest.fixture
def safe(fresh: StandIn) -> StandIn:
    """A masked and filtered table of OWNER's, which READER reads, with the policies in a schema beside it."""
    fresh.run(
        "CREATE OR REPLACE SCHEMA SAFE",
        "CREATE OR REPLACE SCHEMA RULES",
        "CREATE MASKING POLICY RULES.HIDE AS (VAL STRING) RETURNS STRING -> "
        "CASE WHEN CURRENT_ROLE() IN ('ACCOUNTADMIN') THEN VAL ELSE '***' END COMMENT = 'hides'",
        "CREATE ROW ACCESS POLICY RULES.SOME AS (N NUMBER) RETURNS BOOLEAN -> CURRENT_ROLE() = 'ACCOUNTADMIN' OR N > 1",
        "CREATE TAG RULES.KIND",
        "CREATE TABLE SAFE.T AS SELECT 1 AS N, 'one' AS S UNION ALL SELECT 2, 'two'",
        *(f"CREATE ROLE IF NOT EXISTS {role}" for role in ("OWNER", "READER")),
        *(f"GRANT USAGE ON DATABASE ANALYTICS TO ROLE {role}" for role in ("OWNER", "READER")),
        *(f"GRANT USAGE ON WAREHOUSE WH TO ROLE {role}" for role in ("OWNER", "READER")),
        *(f"GRANT USAGE, CREATE TABLE, CREATE VIEW ON SCHEMA SAFE TO ROLE {role}" for role in ("OWNER", "READER")),
        "GRANT OWNERSHIP ON TABLE SAFE.T TO ROLE OWNER",
        "ALTER TABLE SAFE.T MODIFY COLUMN S SET MASKING POLICY RULES.HIDE",
        "ALTER TABLE SAFE.T ADD ROW ACCESS POLICY RULES.SOME ON (N)",
        "ALTER TABLE SAFE.T MODIFY COLUMN S SET TAG RULES.KIND = 'text'",
    )
    fresh.run("GRANT SELECT ON TABLE SAFE.T TO ROLE READER", role="OWNER")
    return fresh


def as_reader(safe: StandIn, *statements: str) -> list[tuple[Any, ...]]:
    """Run as READER; the rows of the last."""
    return safe.run(*statements, role="READER", schema="SAFE")


def test_readers_see_what_the_policies_let_through(safe: StandIn) -> None:
    """docs: user-guide/security-column-intro (query runtime): in conditions, joins, and what is made from it, too."""
    assert safe.run("SELECT S FROM SAFE.T ORDER BY N") == [("one",), ("two",)]
    assert as_reader(safe, "SELECT * FROM T AS X ORDER BY N") == [(2, "***")]
    assert as_reader(safe, "SELECT COUNT(*) AS C FROM T A JOIN T B ON A.S = B.S WHERE A.S = '***'") == [(1,)]
    assert as_reader(safe, "SELECT N FROM T WHERE S = 'two'") == []
    assert as_reader(safe, "CREATE TABLE COPY AS SELECT * FROM T", "SELECT * FROM COPY") == [(2, "***")]
    assert safe.run("SELECT * FROM SAFE.COPY") == [(2, "***")]


def test_views_are_read_through_the_policies_of_their_tables(safe: StandIn) -> None:
    """docs: user-guide/security-column-intro (nested objects): the table's policy first, then the view's."""
    safe.run(
        "CREATE VIEW SAFE.V (N, S WITH MASKING POLICY RULES.HIDE) AS SELECT N, S FROM SAFE.T",
        "GRANT SELECT ON VIEW SAFE.V TO ROLE READER",
    )
    assert as_reader(safe, "SELECT V.S, W.N FROM V JOIN V AS W ON V.N = W.N") == [("***", 2)]


def test_a_table_that_is_made_anew_has_no_policies(safe: StandIn) -> None:
    """docs: user-guide/security-column-intro (CTAS): they cannot be set on the new columns implicitly."""
    safe.run("CREATE OR REPLACE TABLE SAFE.T COPY GRANTS AS SELECT * FROM SAFE.T")
    assert safe.run(REFERENCES) == []
    assert as_reader(safe, "SELECT * FROM T ORDER BY N") == [(1, "one"), (2, "two")]


def test_clones_and_swaps_carry_policies(safe: StandIn) -> None:
    """docs: user-guide/security-column-intro (cloned objects): the clone of a policy, if the schema held it."""
    before = safe.run(REFERENCES)
    safe.run("CREATE SCHEMA SAFE_2 CLONE SAFE", "ALTER SCHEMA SAFE_2 SWAP WITH SAFE")
    assert safe.run(REFERENCES) == before
    safe.run(
        "CREATE MASKING POLICY SAFE.OWN AS (V STRING) RETURNS STRING -> 'own'",
        "ALTER TABLE SAFE.T MODIFY COLUMN S SET MASKING POLICY SAFE.OWN FORCE",
        "CREATE OR REPLACE SCHEMA SAFE_2 CLONE SAFE",
        "DROP SCHEMA SAFE",  # nothing else uses its policy
    )
    assert safe.run("SELECT DISTINCT S FROM SAFE_2.T") == [("own",)]
    safe.run("CREATE SCHEMA SAFE", "DROP SCHEMA SAFE_2")


def test_a_schema_whose_policies_are_used_elsewhere_stays(safe: StandIn) -> None:
    """docs: user-guide/security-column-intro (limitations: DROP SCHEMA)"""
    for statement in ("DROP SCHEMA RULES", "CREATE OR REPLACE SCHEMA RULES"):
        with pytest.raises(ProgrammingError, match="a policy in it is attached to"):
            safe.run(statement)


def test_references_are_told_to_who_may_apply(safe: StandIn) -> None:
    """docs: sql-reference/functions/policy_references (usage notes)"""
    everything = [("HIDE", "MASKING_POLICY", "S", None), ("SOME", "ROW_ACCESS_POLICY", None, '["N"]')]
    assert safe.run(REFERENCES) == everything
    with pytest.raises(ProgrammingError, match="Insufficient privileges"):
        safe.run(REFERENCES, role="OWNER")
    safe.run("GRANT APPLY ON MASKING POLICY RULES.HIDE TO ROLE OWNER")
    assert safe.run(REFERENCES, role="OWNER") == everything[:1]  # without a word about the other
    safe.run("GRANT APPLY ROW ACCESS POLICY ON ACCOUNT TO ROLE OWNER")
    assert safe.run(REFERENCES, role="OWNER") == everything
    safe.run("REVOKE APPLY ROW ACCESS POLICY ON ACCOUNT FROM ROLE OWNER")


def test_get_ddl_tells_that_there_is_a_policy_and_not_which(safe: StandIn) -> None:
    """docs: sql-reference/functions/get_ddl: the name is for who may apply all policies of the kind."""
    [(full,)] = safe.run("SELECT GET_DDL('TABLE', 'ANALYTICS.SAFE.T', TRUE) AS D")
    assert "WITH MASKING POLICY ANALYTICS.RULES.HIDE WITH TAG (ANALYTICS.RULES.KIND='text')" in full
    assert ") WITH ROW ACCESS POLICY ANALYTICS.RULES.SOME ON (N);" in full
    safe.run("GRANT APPLY ON MASKING POLICY RULES.HIDE TO ROLE OWNER")
    [(less,)] = safe.run("SELECT GET_DDL('TABLE', 'ANALYTICS.SAFE.T', TRUE) AS D", role="OWNER")
    assert "WITH MASKING POLICY #UNKNOWN_POLICY WITH TAG (#UNKNOWN_TAG='#UNKNOWN_VALUE')" in less
    assert ") WITH ROW ACCESS POLICY #UNKNOWN_POLICY;" in less


def test_attaching_takes_the_policy_and_the_table(safe: StandIn) -> None:
    """docs: user-guide/security-row-intro (summary of DDL commands, operations, and privileges)"""
    detach = "ALTER TABLE SAFE.T MODIFY COLUMN S UNSET MASKING POLICY"
    attach = "ALTER TABLE SAFE.T MODIFY COLUMN S SET MASKING POLICY RULES.HIDE"
    with pytest.raises(ProgrammingError, match="Insufficient privileges"):
        safe.run(detach, role="OWNER")
    safe.run("GRANT APPLY ON MASKING POLICY RULES.HIDE TO ROLE OWNER")
    safe.run(detach, role="OWNER")
    with pytest.raises(ProgrammingError, match="does not exist or not authorized"):
        safe.run(attach, role="OWNER")  # it cannot reach the schema of the policy
    safe.run("GRANT USAGE ON SCHEMA RULES TO ROLE OWNER")
    safe.run(attach, role="OWNER")
    with pytest.raises(ProgrammingError, match="Only one is allowed at a time"):
        safe.run(attach, role="OWNER")


def test_types_of_columns_and_policies_must_match(safe: StandIn) -> None:
    """docs: sql-reference/sql/create-masking-policy"""
    with pytest.raises(ProgrammingError, match="VAL of the policy is TEXT, and N NUMBER"):
        safe.run("ALTER TABLE SAFE.T MODIFY COLUMN N SET MASKING POLICY RULES.HIDE")


def test_tags_are_told_with_the_level_they_were_set_on(safe: StandIn) -> None:
    """docs: sql-reference/functions/tag_references_all_columns"""
    safe.run("ALTER TABLE SAFE.T SET TAG RULES.KIND = 'table'")
    found = safe.run(
        "SELECT COLUMN_NAME AS C, LEVEL AS L, TAG_VALUE AS V FROM TABLE(ANALYTICS.INFORMATION_SCHEMA."
        "TAG_REFERENCES_ALL_COLUMNS('ANALYTICS.SAFE.T', 'TABLE')) ORDER BY L, C"
    )
    assert found == [("S", "COLUMN", "text"), ("N", "TABLE", "table"), ("S", "TABLE", "table")]
