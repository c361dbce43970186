"""dbt's profile: production's connection as dbt itself renders it, and staging's profile made from it."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from flows.contract import Target
from flows.dbt_project.profile import Connection, connect_info, for_staging, read_profile, target_of, written
from flows.settings import Settings, SettingsError, load_settings
from tests.flows.project import Project


def settings_of(project: Project, **output: Any) -> Settings:
    """The settings of the project, with changes to its one output."""
    profile = json.loads((project.folder / "profiles.yml").read_text())
    profile["shop"]["outputs"]["prod"].update(output)
    (project.folder / "profiles.yml").write_text(json.dumps(profile))
    return load_settings(project.config)


def test_connect_info_is_what_dbt_would_use(project: Project) -> None:
    """The pinned dbt renders the profile; nothing is configured twice."""
    settings = settings_of(project)
    connection = connect_info(settings, read_profile(settings))
    assert (connection.kind, connection.schema) == ("duckdb", "dwh")
    assert Path(connection.credentials.path) == project.warehouse
    assert target_of(connection, settings).staging == "develop_dwh"


def test_target_of_names_the_database_by_its_whole_path(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two files with equal schemas are two targets, and one file is one target from whatever folder it is named."""
    settings = settings_of(project)
    absolute = target_of(connect_info(settings, read_profile(settings)), settings)
    assert (absolute.database, absolute.database_name) == (str(project.warehouse.resolve()), project.warehouse.name)
    monkeypatch.chdir(project.warehouse.parent)
    settings = settings_of(project, path=project.warehouse.name)
    assert target_of(connect_info(settings, read_profile(settings)), settings) == absolute


@pytest.mark.parametrize(
    ("kind", "credentials", "database"),
    [
        ("snowflake", {"account": "AB12345.eu-central-1", "database": "Shop"}, "ab12345.eu-central-1.shop"),
        ("duckdb", {"path": "md:shop?motherduck_token=secret"}, "md:shop"),
        ("duckdb", {"path": ":memory:"}, ":memory:"),
    ],
)
def test_target_of_names_the_database_without_secrets(
    project: Project, kind: str, credentials: dict[str, str], database: str
) -> None:
    """What is no file is named by its address, in one spelling."""
    connection = Connection(kind=kind, schema="dwh", credentials=SimpleNamespace(**credentials))
    assert target_of(connection, settings_of(project)).database == database


def test_connect_info_renders_the_environment(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets and names that the profile takes from the environment are taken from it here too."""
    monkeypatch.setenv("SHOP_SCHEMA", "sales")
    settings = settings_of(project, schema="{{ env_var('SHOP_SCHEMA') }}")
    assert connect_info(settings, read_profile(settings)).schema == "sales"


def test_for_staging_prefixes_the_schema_and_keeps_jinja(project: Project) -> None:
    """The prefix goes before the text, so that a schema from the environment works as well."""
    settings = settings_of(project, schema="{{ env_var('SHOP_SCHEMA') }}")
    profile = read_profile(settings)
    staged = for_staging(profile, name="shop", target="prod", prefix="develop_")
    output = staged["shop"]["outputs"]["prod"]
    assert output["schema"] == "develop_{{ env_var('SHOP_SCHEMA') }}"
    assert output["keep_open"] is False
    assert "keep_open" not in profile["shop"]["outputs"]["prod"]


def test_for_staging_prefixes_the_database_where_staging_is_one(project: Project) -> None:
    """The schema stays as it is; a profile that names no database cannot say which one is meant."""
    profile = {"shop": {"outputs": {"prod": {"type": "snowflake", "database": "{{ env_var('DB') }}", "schema": "dwh"}}}}
    staged = for_staging(profile, name="shop", target="prod", prefix="develop_", staging="database")
    output = staged["shop"]["outputs"]["prod"]
    assert (output["database"], output["schema"]) == ("develop_{{ env_var('DB') }}", "dwh")
    del profile["shop"]["outputs"]["prod"]["database"]
    with pytest.raises(SettingsError, match=r"^Not started\. The target `prod` of the profile `shop` has no `data"):
        for_staging(profile, name="shop", target="prod", prefix="develop_", staging="database")


def in_databases(project: Project, *, schemas: str = "") -> Settings:
    """The settings with staging as a database."""
    text = (project.folder / "wap.toml").read_text()
    lines = f'project = "."\nstaging = "database"\n{schemas}'
    (project.folder / "wap.toml").write_text(text.replace('project = "."', lines))
    return load_settings(project.folder / "wap.toml")


def test_target_of_a_staging_that_is_a_database(project: Project) -> None:
    """People read it before each schema, and a report of before that loads as it did."""
    settings = in_databases(project, schemas='schemas = ["dwh_marts"]\n')
    credentials = SimpleNamespace(account="Acme", database="Shop")
    target = target_of(Connection(kind="snowflake", schema="dwh", credentials=credentials), settings)
    assert (target.database, target.staging_database) == ("acme.shop", "develop_Shop")
    assert [(pair.production, pair.staging) for pair in target.pairs] == [
        ("dwh", "develop_Shop.dwh"),
        ("dwh_marts", "develop_Shop.dwh_marts"),
    ]
    assert [target.staging_schema(pair) for pair in target.pairs] == ["dwh", "dwh_marts"]
    assert Target.model_validate(target.model_dump(mode="json")) == target
    old = {"production": "dwh", "staging": "develop_dwh", "warehouse": "snowflake", "database": "acme.shop"}
    assert Target.model_validate(old).model_dump(mode="json") == old


def test_target_of_duckdb_has_no_staging_database(project: Project) -> None:
    """A file has no statement that swaps it with another; what is accepted is named."""
    settings = in_databases(project)
    with pytest.raises(SettingsError) as caught:
        target_of(connect_info(settings, read_profile(settings)), settings)
    assert str(caught.value) == (
        "Not started. `dbt.staging` in wap.toml is `database`, and a warehouse of type `duckdb` cannot swap databases. "
        "Accepted there: `schema`."
    )


def test_written_is_readable_by_this_user_only_and_goes_away(project: Project) -> None:
    """A profile can hold a password."""
    with written({"shop": {}}) as folder:
        assert folder.stat().st_mode & 0o077 == 0
        assert yaml.safe_load((folder / "profiles.yml").read_text()) == {"shop": {}}
    assert not folder.exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"type": "postgres"}, "postgres"),
        ({"schema": "{{ env_var('NOT_SET_ANYWHERE') }}"}, "NOT_SET_ANYWHERE"),
    ],
)
def test_a_profile_that_cannot_be_used_is_one_sentence(project: Project, change: dict[str, str], says: str) -> None:
    """The sentence carries what was seen."""
    settings = settings_of(project, **change)
    with pytest.raises(SettingsError, match=says):
        target_of(connect_info(settings, read_profile(settings)), settings)


def prepared(project: Project, file: str, text: str) -> str:
    """What people read when this file of the project says this."""
    (project.folder / file).write_bytes(text.encode("latin-1"))
    settings = load_settings(project.config)
    with pytest.raises(SettingsError) as caught:
        connect_info(settings, read_profile(settings))
    return str(caught.value).replace(str(project.folder), "HERE")


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        (
            "dbt_project.yml",
            "profile: [secret\n",
            "`HERE/dbt_project.yml` is not valid YAML: line 2: expected ',' or ']', but got '<stream end>'. "
            "Correct it.",
        ),
        (
            "dbt_project.yml",
            "- shop\n",
            "`HERE/dbt_project.yml` holds a list, where dbt needs a mapping of names to values. Correct it.",
        ),
        (
            "dbt_project.yml",
            "",
            "`HERE/dbt_project.yml` holds nothing, where dbt needs a mapping of names to values. Correct it.",
        ),
        ("dbt_project.yml", "# \xe9", "`HERE/dbt_project.yml` is not UTF-8 text (byte 3). Save it as UTF-8."),
        (
            "dbt_project.yml",
            "profile: \"{{ env_var('NOT_SET_ANYWHERE') }}\"\n",
            "`profile` in `HERE/dbt_project.yml` is `{{ env_var('NOT_SET_ANYWHERE') }}`, and `NOT_SET_ANYWHERE` is not "
            "set in the environment. Set it.",
        ),
        (
            "profiles.yml",
            "- shop\n",
            "`HERE/profiles.yml` holds a list, where dbt needs a mapping of names to values. Correct it.",
        ),
        ("profiles.yml", "other: {}\n", "profiles.yml has no profile `shop`. It has: `other`."),
        (
            "profiles.yml",
            "shop:\n",
            "The profile `shop` holds nothing, where dbt needs a mapping of names to values. Correct it.",
        ),
        (
            "profiles.yml",
            "shop: {target: prod, outputs: null}\n",
            "The profile `shop` has no `outputs`. Add one with production's connection.",
        ),
        (
            "profiles.yml",
            "shop: {target: prod}\n",
            "The profile `shop` has no `outputs`. Add one with production's connection.",
        ),
        (
            "profiles.yml",
            "shop: {target: prod, outputs: [prod]}\n",
            "`outputs` of the profile `shop` holds a list, where dbt needs a mapping of names to values. Correct it.",
        ),
        (
            "profiles.yml",
            "shop: {target: prod, outputs: {prod: null}}\n",
            "The target `prod` of the profile `shop` holds nothing, where dbt needs a mapping of names to values. "
            "Correct it.",
        ),
        (
            "profiles.yml",
            "shop: {target: prod, outputs: {prod: {type: duckdb, path: shop.duckdb}}}\n",
            "The target `prod` of the profile `shop` has no `schema`. Add production's schema to it.",
        ),
        (
            "profiles.yml",
            "shop: {target: \"{{ env_var('NOT_SET_ANYWHERE') }}\", outputs: {prod: {}}}\n",
            "`target` of the profile `shop` is `{{ env_var('NOT_SET_ANYWHERE') }}`, and `NOT_SET_ANYWHERE` is not set "
            "in the environment. Set it.",
        ),
        (
            "profiles.yml",
            "shop: {target: \"{{ var('tgt') }}\", outputs: {prod: {}}}\n",
            "`target` of the profile `shop` is `{{ var('tgt') }}`, which cannot be rendered: 'var' is undefined. "
            "Accepted: text and env_var().",
        ),
    ],
)
def test_a_file_of_dbt_that_cannot_be_used_is_one_sentence(
    project: Project, file: str, text: str, expected: str
) -> None:
    """What did not happen, the file or name that is wrong, and what to do; never a traceback."""
    assert prepared(project, file, text) == f"Not started. {expected}"


@pytest.mark.parametrize(("value", "schema"), [(None, "dwh"), ("test", "dwh_test")])
def test_a_default_target_from_the_environment_is_the_one_dbt_takes(
    project: Project, monkeypatch: pytest.MonkeyPatch, value: str | None, schema: str
) -> None:
    """The profile's own choice may be Jinja: the variable counts, and without it its default."""
    monkeypatch.delenv("SHOP_TARGET", raising=False)
    if value:
        monkeypatch.setenv("SHOP_TARGET", value)
    profile = json.loads((project.folder / "profiles.yml").read_text())
    profile["shop"]["target"] = "{{ env_var('SHOP_TARGET', 'prod') }}"
    profile["shop"]["outputs"]["test"] = profile["shop"]["outputs"]["prod"] | {"schema": "dwh_test"}
    (project.folder / "profiles.yml").write_text(json.dumps(profile))
    settings = load_settings(project.config)
    assert connect_info(settings, read_profile(settings)).schema == schema


def test_an_unknown_target_names_the_known_ones(project: Project) -> None:
    """A target that the profile does not have is answered with those that it has."""
    project.config.write_text(project.config.read_text().replace('project = "."', 'project = "."\ntarget = "live"'))
    settings = load_settings(project.config)
    with pytest.raises(SettingsError, match=r"no target `live`. It has: `prod`"):
        connect_info(settings, read_profile(settings))
