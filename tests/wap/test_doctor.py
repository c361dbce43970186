"""`wap doctor`: one line for each thing that a run needs, and what the exit code says."""

import json
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from typer.testing import CliRunner

from tests.flows.project import Project
from tests.snowflake.stand_in import StandIn, stand_in
from wap.cli import app

PROMISES = ("clone", "swap", "views", "marker", "rollback", "hash", "NaN", "cleaned up")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A dbt project of two models, with a DuckDB file that the first run would make, and a signing key."""
    monkeypatch.setenv("WAP_SIGNING_KEYS", "k" * 16)
    return Project.create(tmp_path)


def doctor(project: Project, *options: str) -> tuple[int, dict[str, str]]:
    """Exit code, and line by name of the check."""
    done = CliRunner().invoke(app, ["doctor", "--config", str(project.config), *options])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done.exit_code, {line[5:26].strip(): line for line in done.stdout.splitlines()}


def on_snowflake(project: Project, snow: StandIn, **profile: str) -> None:
    """Let the project's profile name the stand-in."""
    output = snow.profile(schema="dwh", **profile)
    (project.folder / "profiles.yml").write_text(json.dumps({"shop": {"target": "prod", "outputs": {"prod": output}}}))


def test_doctor_names_the_settings_that_are_missing(project: Project) -> None:
    """Without them nothing of the warehouse can be looked at."""
    project.config.unlink()
    code, lines = doctor(project, "--warehouse")
    assert code == 1
    assert list(lines) == ["settings"]
    assert lines["settings"].startswith("NOT  settings             There is no settings file")


def test_doctor_without_prefect_says_how_to_start_it(project: Project) -> None:
    """The rest is looked at all the same."""
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"}):
        code, lines = doctor(project)
    assert code == 1
    assert [line[:3] for line in lines.values()] == ["ok ", "ok ", "ok ", "ok ", "NOT"]
    assert "prefect server start" in lines["prefect"]


@pytest.mark.parametrize(("keys", "says"), [("", "is not set here"), ("too-short", "a key of 9 characters")])
@pytest.mark.usefixtures("prefect_url")
def test_doctor_without_usable_signing_keys_says_so(
    project: Project, monkeypatch: pytest.MonkeyPatch, keys: str, says: str
) -> None:
    """A run would ask, and believe no answer from Slack. The key itself is not printed."""
    monkeypatch.setenv("WAP_SIGNING_KEYS", keys)
    code, lines = doctor(project)
    assert code == 1
    assert lines["signing keys"].startswith("NOT")
    assert says in lines["signing keys"]
    assert not keys or keys not in str(lines)


def test_doctor_says_in_one_line_what_dbt_says_in_several(project: Project) -> None:
    """The profile is of a type that no adapter is installed for; a name that dbt and nobody else knows."""
    profiles = project.folder / "profiles.yml"
    profiles.write_text(profiles.read_text().replace('"duckdb"', '"nothing_known"'))
    code, lines = doctor(project, "--warehouse")
    assert code == 1
    assert list(lines) == ["settings", "dbt profile"]
    assert "nothing_known" in lines["dbt profile"]


def test_doctor_tells_which_file_is_meant(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path in dbt's profile is another file in another folder; the whole path shows it."""
    profiles = project.folder / "profiles.yml"
    profiles.write_text(profiles.read_text().replace(str(project.warehouse), project.warehouse.name))
    project.execute("CREATE SCHEMA dwh")
    monkeypatch.chdir(project.folder)
    assert f"opened `{project.warehouse}`" in doctor(project, "--warehouse")[1]["warehouse"]
    monkeypatch.chdir(project.folder.parent)
    elsewhere = project.folder.parent / project.warehouse.name
    assert f"there is no `{elsewhere}` yet" in doctor(project, "--warehouse")[1]["warehouse"]


def test_doctor_refuses_a_warehouse_in_memory(project: Project) -> None:
    """dbt builds into it, and it is gone before anybody compares."""
    profiles = project.folder / "profiles.yml"
    profiles.write_text(profiles.read_text().replace(str(project.warehouse), ":memory:"))
    code, lines = doctor(project, "--warehouse")
    assert (code, list(lines)) == (1, ["settings", "dbt profile", "warehouse"])
    assert lines["warehouse"].startswith("NOT")


@pytest.mark.usefixtures("prefect_url")
def test_doctor_is_content_with_a_project_that_can_run(project: Project) -> None:
    """Everything that a first run needs is there."""
    code, lines = doctor(project)
    assert code == 0, lines
    assert list(lines) == ["settings", "dbt profile", "warehouse", "signing keys", "prefect", "deployments"]


def test_conformance_on_duckdb_tries_what_means_something_there(project: Project) -> None:
    """All but the grants; nothing is left behind."""
    project.execute("CREATE SCHEMA dwh")
    project.execute("CREATE SCHEMA develop_dwh")
    code, lines = doctor(project, "--conformance")
    assert code == 0, lines
    assert list(lines)[3:] == ["preflight", *PROMISES]
    assert project.contents("dwh") == {}


def test_conformance_on_snowflake_tries_all(project: Project) -> None:
    """On the stand-in every promise is kept, and both schemas are gone afterwards."""
    with stand_in() as snow:
        on_snowflake(project, snow)
        snow.run("CREATE SCHEMA dwh", "CREATE SCHEMA develop_dwh")
        code, lines = doctor(project, "--warehouse", "--conformance")
        assert code == 0, lines
        assert set(lines) >= {*PROMISES, "grants", "grants in catalog", "policies"}
        assert {row[1] for row in snow.run("SHOW SCHEMAS")} == {"PUBLIC", "DWH", "DEVELOP_DWH"}


def test_conformance_on_an_account_without_policies(project: Project) -> None:
    """The Standard edition has none; that is told, and no reason not to publish."""
    with stand_in() as snow:
        on_snowflake(project, snow)
        snow.run("CREATE SCHEMA dwh", "CREATE SCHEMA develop_dwh")
        snow.faults.answer("CREATE MASKING POLICY", 2, "Unsupported feature 'MASKING POLICY'.", sqlstate="0A000")
        code, lines = doctor(project, "--conformance")
        assert code == 0, lines
        assert "not tried" in lines["policies"]


def test_conformance_on_a_warehouse_that_does_not_conform(project: Project) -> None:
    """A swap that is refused is told with what to do, and both schemas are dropped all the same."""
    with stand_in() as snow:
        on_snowflake(project, snow)
        snow.run("CREATE SCHEMA dwh", "CREATE SCHEMA develop_dwh")
        snow.faults.answer("SWAP WITH", 3001, "Insufficient privileges to operate on schema.", sqlstate="42501")
        code, lines = doctor(project, "--conformance")
        assert code == 1
        assert lines["conformance"].startswith("NOT")
        assert "Grant it" in lines["conformance"]
        assert {row[1] for row in snow.run("SHOW SCHEMAS")} == {"PUBLIC", "DWH", "DEVELOP_DWH"}


def test_doctor_names_what_the_preflight_finds(project: Project) -> None:
    """Each finding is a line with its remedy; a blocker makes the exit code 1."""
    with stand_in() as snow:
        on_snowflake(project, snow)
        code, lines = doctor(project, "--warehouse")
    assert code == 1
    assert "schema_missing" in lines


def in_databases(project: Project) -> None:
    """Let staging be a database."""
    text = project.config.read_text()
    project.config.write_text(text.replace('project = "."', 'project = "."\nstaging = "database"'))


def test_conformance_on_snowflake_tries_a_swap_of_databases(project: Project) -> None:
    """Where staging is one: every promise on two scratch databases, which are gone afterwards."""
    with stand_in() as snow:
        on_snowflake(project, snow)
        in_databases(project)
        snow.run(
            "CREATE DATABASE develop_analytics", "CREATE SCHEMA develop_analytics.dwh", "CREATE SCHEMA analytics.dwh"
        )
        code, lines = doctor(project, "--warehouse", "--conformance")
        assert code == 0, lines
        assert set(lines) >= {*PROMISES, "grants", "grants in catalog", "policies"}
        assert "both scratch databases are gone" in lines["cleaned up"]
        assert {row[1] for row in snow.run("SHOW DATABASES")} == {"ANALYTICS", "DEVELOP_ANALYTICS"}
        swaps = [one.text for one in snow.statements if " SWAP WITH " in one.text]
        assert swaps
        assert all(text.startswith('ALTER DATABASE "WAP_CHECK_') for text in swaps)


def test_conformance_of_a_role_that_may_make_no_database(project: Project) -> None:
    """That it was not tried is told, and why; it is no reason not to publish."""
    with stand_in() as snow:
        snow.run(
            "CREATE ROLE FLOW",
            "GRANT ROLE FLOW TO USER WAP",
            "GRANT USAGE ON WAREHOUSE WH TO ROLE FLOW",
            "CREATE DATABASE develop_analytics",
            "CREATE SCHEMA develop_analytics.dwh",
            "CREATE SCHEMA analytics.dwh",
            *(
                f"GRANT OWNERSHIP ON {what} TO ROLE FLOW"
                for name in ("ANALYTICS", "DEVELOP_ANALYTICS")
                for what in (f"SCHEMA {name}.DWH", f"SCHEMA {name}.PUBLIC", f"DATABASE {name}")
            ),
        )
        on_snowflake(project, snow, role="FLOW")
        in_databases(project)
        code, lines = doctor(project, "--warehouse", "--conformance")
        assert code == 0, lines
        assert "not tried, because this role may not make two scratch databases" in lines["database swap"]
        assert "swap" not in lines
