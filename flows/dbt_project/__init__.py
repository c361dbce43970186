"""The user's dbt: its profile, its project pointed at staging, what its manifest says."""
