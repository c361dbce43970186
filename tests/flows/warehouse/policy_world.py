"""A target with customers whose mail addresses a governance team protects, on the stand-in for Snowflake."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.snowflake.stand_in import StandIn

EMAIL = "ANALYTICS.GOVERNANCE.EMAIL"
"""A masking policy that lets WAP_FLOW pass; EMAIL_FROM_ALL hides from everybody, EMAIL_UNLESS looks at the country."""

EUROPE = "ANALYTICS.GOVERNANCE.EUROPE"
"""A row access policy by country. EUROPE_BY_MAIL goes by the address."""

PII = "ANALYTICS.GOVERNANCE.PII"
"""A tag."""

_POLICIES = (
    f"CREATE MASKING POLICY IF NOT EXISTS {EMAIL} AS (VAL VARCHAR) RETURNS VARCHAR -> "
    "CASE WHEN CURRENT_ROLE() IN ('WAP_FLOW', 'ACCOUNTADMIN') THEN VAL ELSE '***' END",
    f"CREATE MASKING POLICY IF NOT EXISTS {EMAIL}_FROM_ALL AS (VAL VARCHAR) RETURNS VARCHAR -> '***'",
    f"CREATE MASKING POLICY IF NOT EXISTS {EMAIL}_UNLESS AS (VAL VARCHAR, COUNTRY VARCHAR) RETURNS VARCHAR -> "
    "CASE WHEN COUNTRY = 'US' THEN VAL ELSE '***' END",
    f"CREATE ROW ACCESS POLICY IF NOT EXISTS {EUROPE} AS (COUNTRY VARCHAR) RETURNS BOOLEAN -> "
    "CURRENT_ROLE() IN ('WAP_FLOW', 'ACCOUNTADMIN') OR COUNTRY = 'DE'",
    f"CREATE ROW ACCESS POLICY IF NOT EXISTS {EUROPE}_BY_MAIL AS (MAIL VARCHAR) RETURNS BOOLEAN -> MAIL LIKE 'ann%'",
)


@contextmanager
def customers(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """The same customers on both sides, made by WAP_FLOW, which may apply every policy; READER reads production."""
    stand_in.run(
        "CREATE SCHEMA IF NOT EXISTS ANALYTICS.GOVERNANCE",
        *(f"CREATE ROLE IF NOT EXISTS {role}" for role in ("WAP_FLOW", "READER")),
        *(
            f"REVOKE APPLY {kind} ON ACCOUNT FROM ROLE WAP_FLOW"
            for kind in ("MASKING POLICY", "ROW ACCESS POLICY", "TAG")
        ),
        *_POLICIES,
        f"CREATE TAG IF NOT EXISTS {PII}",
        "GRANT ROLE READER TO USER WAP",
        "GRANT USAGE ON DATABASE ANALYTICS TO ROLE READER",
        "GRANT USAGE ON WAREHOUSE WH TO ROLE READER",
        "GRANT USAGE ON SCHEMA ANALYTICS.GOVERNANCE TO ROLE WAP_FLOW",
        *(f"GRANT APPLY ON MASKING POLICY {EMAIL}{end} TO ROLE WAP_FLOW" for end in ("", "_FROM_ALL", "_UNLESS")),
        *(f"GRANT APPLY ON ROW ACCESS POLICY {EUROPE}{end} TO ROLE WAP_FLOW" for end in ("", "_BY_MAIL")),
        f"GRANT APPLY ON TAG {PII} TO ROLE WAP_FLOW",
    )
    with SnowflakeWorld(stand_in, role="WAP_FLOW") as found:
        for side in ("{p}", "{s}"):
            found.execute(
                f"CREATE TABLE {side}.CUSTOMERS AS SELECT 1 AS ID, 'ann@example.com' AS EMAIL, 'DE' AS LAND "
                "UNION ALL SELECT 2, 'bob@example.com', 'US'",
                f"CREATE VIEW {side}.LIST AS SELECT ID, EMAIL FROM {side}.CUSTOMERS",
            )
        found.execute(
            "GRANT USAGE ON SCHEMA {p} TO ROLE READER",
            "GRANT SELECT ON TABLE {p}.CUSTOMERS TO ROLE READER",
            "GRANT SELECT ON VIEW {p}.LIST TO ROLE READER",
        )
        yield found
