"""`wap diff TABLE`: a table of the dbt target, with what dbt and wap.toml say of it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.project import Project
from tests.wap.conftest import Answer, diff

_MANIFEST = {
    "nodes": {
        "model.shop.orders": {
            "resource_type": "model",
            "name": "orders",
            "config": {"materialized": "table"},
            "meta": {"wap": {"key": "order_id", "mask": ["amount"]}},
            "columns": {},
        }
    }
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A dbt project whose production and staging hold one order that differs."""
    project = Project.create(tmp_path)
    project.execute(
        "CREATE SCHEMA dwh; CREATE SCHEMA develop_dwh;"
        "CREATE TABLE dwh.orders AS SELECT 1 AS order_id, 1234 AS amount;"
        "CREATE TABLE develop_dwh.orders AS SELECT 1 AS order_id, 5678 AS amount;"
        "CREATE TABLE develop_dwh.fresh AS SELECT 1 AS id"
    )
    return project


def _leave_manifest(project: Project) -> None:
    (project.folder / "target").mkdir()
    (project.folder / "target" / "manifest.json").write_text(json.dumps(_MANIFEST))


def _diff(project: Project, table: str, *more: str) -> Answer:
    return diff(table, "--config", str(project.config), "--json", *more)


def test_table_of_the_target_has_dbts_key_and_masks(project: Project) -> None:
    """Staging is compared with production by the key that the manifest names, and what it masks is masked."""
    _leave_manifest(project)
    answer = _diff(project, "orders")
    assert answer.code == 1
    assert (answer.document["key_source"], answer.document["changed"]) == ("meta.wap.key", 1)
    assert "1234" not in answer.out
    assert "5678" not in answer.out


def test_a_key_that_is_typed_counts_more(project: Project) -> None:
    """The document says where the key came from."""
    _leave_manifest(project)
    assert _diff(project, "orders", "--key", "order_id").document["key_source"] == "--key"


def test_a_table_without_a_manifest_says_so(project: Project) -> None:
    """Then dbt's keys and masks are not known, which a reader must know."""
    found = _diff(project, "ORDERS").document
    assert found["method"] == "multiset"
    assert found["notes"][-1].startswith("dbt has left no manifest.json")


def test_a_manifest_that_cannot_be_read_stops_the_comparison(project: Project) -> None:
    """It may mask columns."""
    _leave_manifest(project)
    (project.folder / "target" / "manifest.json").write_text("{")
    answer = _diff(project, "orders")
    assert (answer.code, answer.out) == (2, "")
    assert "cannot be read as JSON" in answer.err


def test_a_table_that_only_staging_has_differs(project: Project) -> None:
    """All its rows are added."""
    answer = _diff(project, "fresh")
    assert answer.code == 1
    assert answer.document["rows"] == {"production": None, "staging": 1}
    assert answer.document["added"] == 1


def test_a_table_that_neither_side_has_suggests(project: Project) -> None:
    """The near name is told."""
    answer = _diff(project, "odrers")
    assert answer.code == 2
    assert answer.err.strip() == (
        "Not compared. Neither `dwh` nor `develop_dwh` has a table or view `odrers`. Did you mean `orders`?"
    )


def test_a_mask_that_hits_nothing_shows_nothing(project: Project) -> None:
    """A slip of the pen in wap.toml must not show what it should hide."""
    with project.config.open("a") as file:
        file.write('\n[diff.tables.orders]\nmask = ["amuont"]\n')
    answer = _diff(project, "orders")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("Not shown. `orders.amuont` is named in `mask` of wap.toml")


def test_json_is_all_that_dbt_lets_on_stdout(project: Project) -> None:
    """dbt reads the profile in the same process, and says nothing there."""
    _leave_manifest(project)
    command = [sys.executable, "-m", "wap", "diff", "orders", "--config", str(project.config), "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert json.loads(ended.stdout)["changed"] == 1


def test_no_settings_file(tmp_path: Path) -> None:
    """The settings' own sentence."""
    answer = diff("orders", "--config", str(tmp_path / "wap.toml"))
    assert (answer.code, answer.out) == (2, "")
    assert "There is no settings file" in answer.err
