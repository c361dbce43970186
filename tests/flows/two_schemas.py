"""The small dbt project with a folder of models that dbt's own rule writes into a schema of their own."""

from tests.flows.project import Project

_TABLE = "{{ config(materialized='table') }} select"
MARTS = {
    "order_values.sql": f"{_TABLE} order_id, amount * 2 as amount from {{{{ ref('orders') }}}}",
    "mart_orders.sql": (
        "{{ config(materialized='table', alias='orders') }} select amount, order_id from {{ ref('orders') }}"
    ),
    "small_orders.sql": "select order_id, amount from {{ ref('orders') }} where amount <= 100",
}


def with_marts(project: Project, *, schemas: str = '["dwh_marts"]') -> Project:
    """Three models in `marts`: a table, one of the same alias as a table of the first schema, a view across schemas.

    `schemas` is what wap.toml says of them; empty: nothing.
    """
    folder = project.folder / "models" / "marts"
    folder.mkdir()
    for name, sql in MARTS.items():
        (folder / name).write_text(sql)
    with (project.folder / "dbt_project.yml").open("a") as file:
        file.write("models: {shop: {marts: {+schema: marts}}}\n")
    if schemas:
        say(project, schemas)
    return project


def say(project: Project, schemas: str) -> None:
    """Add the schemas to wap.toml."""
    text = project.config.read_text()
    project.config.write_text(text.replace('project = "."', f'project = "."\nschemas = {schemas}'))
