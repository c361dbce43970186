"""Snowflake is logged in to as dbt does it: every way that dbt's profile knows, and connections.toml over it."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from flows.dbt_project.profile import Connection, connect_info, read_profile, snowflake_login, target_of
from flows.settings import Settings, SettingsError, load_settings
from flows.warehouse.opening import open_warehouse
from tests.flows.project import Project

PROFILE = {
    "type": "snowflake",
    "account": "acme-shop",
    "user": "WAP",
    "database": "analytics",
    "schema": "dwh",
    "warehouse": "WH",
    "role": "WAP_FLOW",
}


def settings_of(project: Project, *, warehouse: str = "", **login: Any) -> Settings:
    """The settings of a project whose profile is Snowflake's."""
    profile = {"shop": {"target": "prod", "outputs": {"prod": PROFILE | login}}}
    (project.folder / "profiles.yml").write_text(json.dumps(profile))
    project.config.write_text(project.config.read_text() + warehouse)
    return load_settings(project.config)


def connection_of(project: Project, **options: Any) -> Connection:
    """What dbt makes of it."""
    settings = settings_of(project, **options)
    return connect_info(settings, read_profile(settings))


LOGINS = {
    "password": ({"password": "p"}, {"user": "WAP", "password": "p"}),
    "oauth": ({"authenticator": "oauth", "token": "t"}, {"authenticator": "oauth", "token": "t"}),
    "jwt": ({"authenticator": "jwt", "token": "t"}, {"authenticator": "oauth", "token": "t"}),
    "token": (
        {"authenticator": "programmatic_access_token", "token": "t"},
        {"authenticator": "programmatic_access_token", "token": "t"},
    ),
}


@pytest.mark.parametrize(("login", "expected"), LOGINS.values(), ids=LOGINS.keys())
def test_login_is_that_of_dbt(project: Project, login: dict[str, str], expected: dict[str, str]) -> None:
    """Nothing is configured twice: account, role, warehouse and database come along."""
    found = snowflake_login(connection_of(project, **login))
    named = {"account": "acme-shop", "database": "analytics", "warehouse": "WH", "role": "WAP_FLOW"}
    assert found.items() >= (expected | named).items()
    assert None not in found.values()


def test_login_with_a_key_opens_the_file(project: Project, tmp_path: Path) -> None:
    """A key pair, its file locked by a passphrase."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path = tmp_path / "key.p8"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"phrase")))
    found = snowflake_login(connection_of(project, private_key_path=str(path), private_key_passphrase="phrase"))
    assert isinstance(found["private_key"], bytes)
    with pytest.raises(SettingsError, match=r"^Not started\. The login of the dbt profile cannot be used: .*profiles"):
        snowflake_login(connection_of(project, private_key_path=str(path), private_key_passphrase="wrong"))


def test_connection_name_takes_the_place_of_the_login(project: Project) -> None:
    """connections.toml has the login then; which database is published to is still dbt's word."""
    connection = connection_of(project, password="p", warehouse='\n[warehouse]\nconnection_name = "prod"\n')
    assert snowflake_login(connection) == {"connection_name": "prod", "database": "analytics"}


def test_no_secret_is_shown(project: Project) -> None:
    """Neither the connection nor the warehouse prints what it logs in with."""
    connection = connection_of(project, password="hidden-word")
    settings = settings_of(project, password="hidden-word")
    target = target_of(connection, settings)
    assert "hidden-word" not in repr(connection)
    assert "hidden-word" not in repr(open_warehouse(connection, target))
    assert target.database == "acme-shop.analytics"
