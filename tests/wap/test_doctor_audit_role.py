"""`wap doctor` and the role that only reads: what it may not read is said before anything is built."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.flows.project import Project
from tests.snowflake.stand_in import StandIn, stand_in
from wap.cli import app


@pytest.fixture
def snow() -> Iterator[StandIn]:
    """Both schemas, with one table in production."""
    with stand_in() as found:
        found.run("CREATE SCHEMA dwh", "CREATE SCHEMA develop_dwh", "CREATE TABLE dwh.orders AS SELECT 1 AS id")
        yield found


@pytest.fixture
def project(tmp_path: Path, snow: StandIn) -> Project:
    """A project on the stand-in that is read as WAP_AUDIT."""
    found = Project.create(tmp_path)
    profile = {"shop": {"target": "prod", "outputs": {"prod": snow.profile(schema="dwh")}}}
    (found.folder / "profiles.yml").write_text(json.dumps(profile))
    found.config.write_text(found.config.read_text() + '\n[warehouse]\naudit_role = "WAP_AUDIT"\n')
    return found


def doctor(project: Project) -> dict[str, str]:
    """Line by name of the check."""
    done = CliRunner().invoke(app, ["doctor", "--config", str(project.config), "--warehouse"])
    return {line[5:26].strip(): line for line in done.stdout.splitlines()}


def test_doctor_says_that_the_audit_role_is_missing(project: Project) -> None:
    """It is refused at its login."""
    said = doctor(project)["preflight"]
    assert said.startswith("NOT")
    assert "The role `WAP_AUDIT` does not exist or is not granted to the user `WAP`." in said


def test_doctor_says_what_the_audit_role_may_not_read(project: Project, snow: StandIn) -> None:
    """With the statement that helps, after which there is nothing to say."""
    snow.run("CREATE ROLE WAP_AUDIT", "GRANT USAGE ON DATABASE analytics TO ROLE WAP_AUDIT")
    said = doctor(project)["audit_role_cannot_rea"]
    assert "`DWH` cannot be compared: the role `WAP_AUDIT` may not read 1 of its 1 tables and views (`ORDERS`)" in said
    assert 'GRANT USAGE ON SCHEMA "ANALYTICS"."DWH" and SELECT ON ALL TABLES' in said
    snow.run(
        "GRANT USAGE ON SCHEMA dwh TO ROLE WAP_AUDIT", "GRANT SELECT ON ALL TABLES IN SCHEMA dwh TO ROLE WAP_AUDIT"
    )
    assert "nothing stands in the way" in doctor(project)["preflight"]
