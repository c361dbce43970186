"""The steps of a run, one outside system each: dbt, the warehouse, Prefect."""
