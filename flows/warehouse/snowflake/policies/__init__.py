"""Policies and tags that guard production in Snowflake, and that a swap would move away."""
