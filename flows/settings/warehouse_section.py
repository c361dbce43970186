"""The `[warehouse]` section of wap.toml, typed."""

from pydantic import Field

from flows.contract import Frozen


class WarehouseSettings(Frozen):
    """How a warehouse that is reached over the network is logged in to, beyond what dbt's profile says."""

    connection_name: str = ""
    """A connection of Snowflake's connections.toml, which then takes the place of the profile's login."""
    audit_role: str = ""
    """The role of Snowflake that the diff reads as; empty: the role of the login, which also publishes."""
    statement_timeout_seconds: int = Field(default=3600, ge=1, le=604_800)
    """When the warehouse stops a single statement. Seven days are Snowflake's own limit."""
