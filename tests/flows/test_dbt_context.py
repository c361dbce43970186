"""What dbt says about a table, read from the manifest of a real project and from what its nodes came to."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flows.contract import Exposure, TableContext, TableDiff
from flows.dbt_project.context import with_context
from tests.flows.project import Project
from tests.flows.values import table

_MODELS = """
groups:
  - name: finance
    owner: {name: Finance, email: finance@example.com}
models:
  - name: big_orders
    config: {group: finance, tags: [finance, daily], meta: {owner: passed-over@example.com}}
  - name: inner_orders
    config: {materialized: ephemeral}
  - name: report
    config: {alias: monthly_report, meta: {owner: [a@example.com, b@example.com]}}
exposures:
  - name: board
    label: Sales board
    type: dashboard
    url: https://example.com/board
    depends_on: [ref('report')]
    owner: {name: Sales, email: sales@example.com}
  - name: export
    type: application
    depends_on: [ref('orders')]
    owner: {email: export@example.com}
unit_tests:
  - name: only_big_ones
    model: big_orders
    given: [{input: ref('orders'), rows: [{order_id: 1, amount: 200}]}]
    expect: {rows: [{order_id: 1, amount: 200}]}
"""
_PARSE = "import sys; from dbt.cli.main import dbtRunner; sys.exit(not dbtRunner().invoke(sys.argv[1:]).success)"


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """orders <- big_orders <- inner_orders (ephemeral) <- report, two exposures, tests of all three kinds."""
    folder: Path = tmp_path_factory.mktemp("shop")
    Project.create(folder)
    (folder / "models" / "more.yml").write_text(_MODELS)
    (folder / "models" / "inner_orders.sql").write_text("select * from {{ ref('big_orders') }}")
    (folder / "models" / "report.sql").write_text("select count(*) as n from {{ ref('inner_orders') }}")
    (folder / "tests").mkdir()
    (folder / "tests" / "adds_up.sql").write_text("select * from {{ ref('big_orders') }} where amount < 0")
    folders = ["--project-dir", str(folder), "--profiles-dir", str(folder), "--quiet"]
    subprocess.run([sys.executable, "-c", _PARSE, "parse", "--write-json", *folders], check=True)
    parsed: dict[str, Any] = json.loads((folder / "target" / "manifest.json").read_text())
    return parsed


STATUSES = {
    "model.shop.orders": "success",
    "model.shop.big_orders": "success",
    "test.shop.adds_up": "warn",
    "unit_test.shop.big_orders.only_big_ones": "pass",
}


def contexts(manifest: dict[str, Any], *tables: TableDiff, **statuses: str) -> list[TableContext | None]:
    """What dbt knows about the tables."""
    return [one.context for one in with_context(tables, manifest, statuses or STATUSES)]


def test_context_of_what_others_read(manifest: dict[str, Any]) -> None:
    """Through others and through what is never stored; the nearest first, under the warehouse's own names."""
    orders, *_ = contexts(manifest, table("orders"), table("MONTHLY_REPORT"))
    assert orders is not None
    assert orders.downstream == ("big_orders", "MONTHLY_REPORT")
    assert orders.exposures == (
        Exposure(name="export", kind="application", owner="export@example.com"),
        Exposure(name="Sales board", kind="dashboard", owner="Sales", url="https://example.com/board"),
    )


def test_context_names_owner_tags_and_tests(manifest: dict[str, Any]) -> None:
    """A group's owner counts more than `meta.owner`; a test that is attached to no node counts where it reads."""
    big, report = contexts(manifest, table("big_orders"), table("monthly_report"))
    assert big is not None
    assert report is not None
    assert (big.owner, big.tags) == ("Finance", ("finance", "daily"))
    assert (big.tests_passed, big.tests_warned) == (1, 1)
    assert (report.owner, report.tags) == ("a@example.com, b@example.com", ())


def test_context_says_what_was_built(manifest: dict[str, Any]) -> None:
    """What dbt did not run, or skipped, is a copy of production."""
    built = contexts(manifest, table("orders"), table("big_orders"), **{"model.shop.orders": "success"})
    skipped = contexts(manifest, table("orders"), **{"model.shop.orders": "skipped"})
    assert [one.is_built for one in (*built, *skipped) if one] == [True, False, False]


def test_context_of_what_dbt_does_not_know_is_none(manifest: dict[str, Any]) -> None:
    """Nothing is guessed about a table that somebody made by hand, nor about a model that is never stored."""
    assert contexts(manifest, table("by_hand"), table("inner_orders")) == [None, None]


def test_context_names_fifty_and_counts_the_rest() -> None:
    """A table that everything reads does not fill the report."""
    readers = [f"model.shop.m{number:03}" for number in range(60)]
    exposed = [f"exposure.shop.e{number:03}" for number in range(53)]
    node = {"resource_type": "model", "config": {}}
    manifest = {
        "nodes": {name: {**node, "name": name.split(".")[-1]} for name in ("model.shop.orders", *readers)},
        "exposures": {name: {"name": name.split(".")[-1]} for name in exposed},
        # Read in two ways, it is named once; and a loop ends.
        "child_map": {"model.shop.orders": [*readers, *exposed], readers[0]: [readers[1], "model.shop.orders"]},
    }
    (orders,) = contexts(manifest, table("orders"))
    assert orders is not None
    assert (len(orders.downstream), orders.downstream_left_out) == (50, 10)
    assert (len(orders.exposures), orders.exposures_left_out) == (50, 3)
