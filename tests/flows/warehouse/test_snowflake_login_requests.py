"""What Snowflake sees of a login: from dbt's profile and wap.toml through the real connector to the request."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from flows.dbt_project.profile import connect_info, read_profile, target_of
from flows.settings import load_settings
from flows.warehouse.base import WarehouseError
from flows.warehouse.opening import open_warehouse
from tests.flows.project import Project
from tests.snowflake.stand_in import StandIn, stand_in


@pytest.fixture
def snow() -> Iterator[StandIn]:
    """An account with the roles of the documentation."""
    with stand_in() as found:
        found.run("CREATE ROLE WAP_FLOW", "CREATE ROLE WAP_AUDIT")
        yield found


def logged_in(project: Project, snow: StandIn, *, toml: str = "", **login: Any) -> dict[str, Any]:
    """What the login of a run with this profile and this section of wap.toml has sent."""
    profile = {name: value for name, value in snow.profile(schema="dwh", role="WAP_FLOW").items() if name != "password"}
    outputs = {"shop": {"target": "prod", "outputs": {"prod": profile | login}}}
    (project.folder / "profiles.yml").write_text(json.dumps(outputs))
    project.config.write_text(project.config.read_text() + f"\n[warehouse]\n{toml}\n")
    settings = load_settings(project.config)
    connection = connect_info(settings, read_profile(settings))
    with open_warehouse(connection, target_of(connection, settings), run="run-1") as warehouse:
        warehouse.query("SELECT 1 AS ONE")
    return snow.logins[-1]


def test_password(project: Project, snow: StandIn) -> None:
    """With user, role, warehouse and database of the profile."""
    sent = logged_in(project, snow, password="secret")
    assert (sent["LOGIN_NAME"], sent["PASSWORD"]) == ("WAP", "secret")
    assert (sent["roleName"], sent["warehouse"], sent["databaseName"]) == ("WAP_FLOW", "WH", "ANALYTICS")


def test_key_pair(project: Project, snow: StandIn, tmp_path: Path) -> None:
    """A token that the private key has signed, issued by the fingerprint of the public one; the key stays here."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path = tmp_path / "key.p8"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    sent = logged_in(project, snow, private_key_path=str(path))
    assert sent["AUTHENTICATOR"] == "SNOWFLAKE_JWT"
    claims = jwt.decode(sent["TOKEN"], key.public_key(), algorithms=["RS256"])
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    print_of_key = base64.b64encode(hashlib.sha256(public).digest()).decode()
    assert claims["iss"] == f"STAND-IN.WAP.SHA256:{print_of_key}"
    assert claims["sub"] == "STAND-IN.WAP"  # dbt puts hyphens into the name of an account


@pytest.mark.parametrize("way", ["oauth", "programmatic_access_token"])
def test_token(project: Project, snow: StandIn, way: str) -> None:
    """An OAuth access token, and one that a user has made."""
    sent = logged_in(project, snow, authenticator=way, token="made-elsewhere")
    assert (sent["AUTHENTICATOR"], sent["TOKEN"]) == (way.upper(), "made-elsewhere")
    assert not sent.get("PASSWORD")


def test_connection_of_connections_toml(project: Project, snow: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the place of the profile's login; the database is still dbt's."""
    lines = {name: snow.connection_options[name] for name in ("account", "host", "port", "protocol", "warehouse")}
    text = "\n".join(f"{name} = {json.dumps(value)}" for name, value in lines.items())
    monkeypatch.setenv("SNOWFLAKE_CONNECTIONS", f'[prod]\nuser = "OTHER"\npassword = "elsewhere"\n{text}')
    sent = logged_in(project, snow, toml='connection_name = "prod"', password="of-the-profile")
    assert (sent["LOGIN_NAME"], sent["PASSWORD"], sent["databaseName"]) == ("OTHER", "elsewhere", "ANALYTICS")


def test_connection_of_connections_toml_reads_as_the_audit_role(
    project: Project, snow: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same login with another role, also where the login is not dbt's."""
    lines = {name: snow.connection_options[name] for name in ("account", "host", "port", "protocol", "warehouse")}
    text = "\n".join(f"{name} = {json.dumps(value)}" for name, value in lines.items())
    monkeypatch.setenv("SNOWFLAKE_CONNECTIONS", f'[prod]\nuser = "OTHER"\npassword = "elsewhere"\n{text}')
    sent = logged_in(project, snow, toml='connection_name = "prod"\naudit_role = "wap_audit"', password="p")
    assert (sent["LOGIN_NAME"], sent["roleName"]) == ("OTHER", "WAP_AUDIT")


def test_session_is_told_run_limits_and_zone(project: Project, snow: StandIn) -> None:
    """The statement timeout and the end of what was left behind are the server's to keep; the history names the run."""
    sent = logged_in(project, snow, toml="statement_timeout_seconds = 77", password="p")
    expected = {"QUERY_TAG": "wap:run-1", "STATEMENT_TIMEOUT_IN_SECONDS": 77, "ABORT_DETACHED_QUERY": True,
                "TIMEZONE": "UTC", "AUTOCOMMIT": True}  # fmt: skip
    assert sent["SESSION_PARAMETERS"].items() >= expected.items()
    assert snow.statements[-1].tag == "wap:run-1"


def test_application_is_named_and_the_platform_is_nobodys_business(project: Project, snow: StandIn) -> None:
    """Snowflake's history tells our sessions from others; finding out on which cloud we run takes time."""
    sent = logged_in(project, snow, password="p")["CLIENT_ENVIRONMENT"]
    assert sent["APPLICATION"] == "wap"
    assert sent["PLATFORM"] == []


def test_waiting_has_an_end(project: Project, snow: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the login, for an answer, and for each packet: the connector's own default is for ever."""
    from snowflake import connector

    made: list[Any] = []
    connect = connector.connect
    monkeypatch.setattr(connector, "connect", lambda **arguments: made.append(connect(**arguments)) or made[-1])
    logged_in(project, snow, password="p")
    assert {(one.login_timeout, one.network_timeout, one.socket_timeout) for one in made} == {(30, 120, 60)}


REFUSALS = {
    "password": (390100, "Incorrect username or password was specified.", "refuses the user `WAP` or its password"),
    "expired password": (390106, "Specified password has expired.", "The password of the user `WAP` has expired"),
    "key": (390144, "JWT token is invalid. [0ce9eb56]", "refuses the key of the user `WAP`"),
    "expired token": (390318, "OAuth access token expired. [0ce9eb56]", "refuses the token of the user `WAP`"),
    "locked": (390102, "Your user account has been temporarily locked.", "The user `WAP` is locked"),
    "network": (390422, "IP 192.0.2.1 is not allowed to access Snowflake.", "does not let this machine in"),
}  # fmt: skip


@pytest.mark.parametrize(("errno", "text", "says"), REFUSALS.values(), ids=REFUSALS.keys())
def test_refused_login_names_what_to_do(project: Project, snow: StandIn, errno: int, text: str, says: str) -> None:
    """Through the real connector, which wraps what the server says."""
    snow.faults.answer("LOGIN", errno, text, times=99)
    with pytest.raises(WarehouseError, match=r"^The warehouse was not opened\.") as caught:
        logged_in(project, snow, password="hidden-word")
    assert says in str(caught.value)
    assert "hidden-word" not in str(caught.value)


def test_role_of_the_profile_that_is_missing_is_named(project: Project, snow: StandIn) -> None:
    """With the user that it should be granted to."""
    with pytest.raises(WarehouseError, match="The role `ABSENT` does not exist or is not granted to the user `WAP`"):
        logged_in(project, snow, password="p", role="ABSENT")
