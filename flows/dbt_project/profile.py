"""dbt's own profile, read once: production's connection, and the same profile with staging's schema or database."""

import os
import tempfile
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

from flows.contract import SchemaPair, Target
from flows.dbt_project.files import as_mapping, read_mapping, rendered
from flows.settings import Settings, SettingsError
from flows.settings.warehouse_section import WarehouseSettings
from flows.warehouse.homes import schema_used_twice

Profile = dict[str, Any]
"""What profiles.yml holds: profile name -> {target, outputs}. `env_var()` and other Jinja stays unrendered."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Production as dbt's profile describes it. `credentials` is dbt's own object, secrets included."""

    kind: str
    schema: str
    credentials: Any = field(repr=False)
    options: WarehouseSettings = field(default_factory=WarehouseSettings)


def read_profile(settings: Settings) -> Profile:
    """The profile as it is written, from profiles.yml or from the Prefect block that the settings name."""
    if settings.dbt.profile_block:
        return _profile_of_block(settings.dbt.profile_block)
    path = settings.profiles_dir / "profiles.yml"
    return read_mapping(path, missing="Set `dbt.profiles` to its folder, or `dbt.profile_block`.")


def for_staging(
    profile: Profile, *, name: str, target: str, prefix: str, staging: Literal["schema", "database"] = "schema"
) -> Profile:
    """The profile whose `target` builds into staging: the schema, or the database, is prefixed, all else is as it was.

    A name given as Jinja keeps working, because the prefix is put before its text. An embedded database file is
    closed after each connection: dbt otherwise keeps it locked while the run waits for its decision.
    """
    staged = deepcopy(profile)
    output = _output(staged, name=name, target=target)
    if not output.get(staging):
        raise SettingsError(f"Not started. The target `{target}` of the profile `{name}` has no `{staging}`. Add it.")
    output[staging] = f"{prefix}{output[staging]}"
    if output.get("type") == "duckdb":
        output["keep_open"] = False
    return staged


@contextmanager
def written(profile: Profile) -> Iterator[Path]:
    """A folder that holds the profile as profiles.yml, readable by this user only, for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="wap-profile-") as folder:
        (Path(folder) / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
        yield Path(folder)


def profile_name(settings: Settings) -> str:
    """The profile that dbt_project.yml names."""
    path = settings.dbt.project / "dbt_project.yml"
    name = read_mapping(path, missing="Set `dbt.project` to the folder of the dbt project.").get("profile")
    if not isinstance(name, str) or not name:
        raise SettingsError(f"Not started. `{path}` names no `profile`. Add the name of one in profiles.yml.")
    return rendered(name, f"`profile` in `{path}`")


def target_name(profile: Profile, settings: Settings) -> str:
    """The target that is production: the settings' word, else the profile's own default."""
    name = profile_name(settings)
    default = str(_profile(profile, name).get("target", "default"))
    chosen = settings.dbt.target or rendered(default, f"`target` of the profile `{name}`")
    _output(profile, name=name, target=chosen)
    return chosen


def connect_info(settings: Settings, profile: Profile) -> Connection:
    """Production's connection, rendered by dbt itself. Raises SettingsError.

    dbt has no public API for this: everything that touches its internals is in this function, and a test runs it
    against the pinned version.
    """
    from dbt.config.runtime import load_profile
    from dbt.flags import set_from_args
    from dbt_common.context import set_invocation_context
    from dbt_common.exceptions import DbtBaseException

    target = target_name(profile, settings)
    with written(profile) as folder:
        set_invocation_context(dict(os.environ))
        set_from_args(Namespace(PROFILES_DIR=str(folder), PROJECT_DIR=str(settings.dbt.project)), None)
        try:
            rendered = load_profile(str(settings.dbt.project), {}, target_override=target)
        except DbtBaseException as error:
            message = f"Not started. dbt cannot read the profile: {error}. Correct profiles.yml."
            raise SettingsError(message) from error
    credentials = rendered.credentials
    return Connection(
        kind=credentials.type, schema=credentials.schema, credentials=credentials, options=settings.warehouse
    )


def snowflake_login(connection: Connection) -> dict[str, Any]:
    """What Snowflake's connector takes to log in as dbt does, secrets included. Raises SettingsError.

    All of dbt's ways are those of its own `auth_args`: password, key pair, OAuth, token. An OAuth client fetches its
    access token here. With a `connection_name` the connector reads connections.toml, and only the database is dbt's.
    """
    from dbt_common.exceptions import DbtBaseException

    credentials = connection.credentials
    if connection.options.connection_name:
        return {"connection_name": connection.options.connection_name, "database": credentials.database}
    try:
        login = credentials.auth_args()
    except (DbtBaseException, OSError, ValueError, TypeError) as error:  # a key that is missing, damaged or locked
        first = str(error).strip().partition("\n")[0].rstrip(".")
        message = f"Not started. The login of the dbt profile cannot be used: {first}. Correct profiles.yml."
        raise SettingsError(message) from error
    login.pop("reuse_connections", None)  # dbt's own
    for name in ("account", "database", "warehouse", "role"):
        login[name] = getattr(credentials, name)
    return {name: value for name, value in login.items() if value is not None}


def target_of(connection: Connection, settings: Settings) -> Target:
    """The schemas that this connection, prefix and list of schemas mean. Raises SettingsError for an unknown warehouse,
    and for schemas that get in each other's way."""
    database = _staging_database(connection, settings)
    first, *further = _pairs(connection.schema, settings, database=database)
    match connection.kind:
        case "duckdb" | "snowflake" as warehouse:
            return Target(
                production=first.production,
                staging=first.staging,
                warehouse=warehouse,
                database=_database(connection),
                further=tuple(further),
                staging_database=database,
            )
        case kind:
            message = (
                f"Not started. The dbt profile is of type `{kind}`, which wap cannot publish to. "
                "Accepted: duckdb, snowflake."
            )
            raise SettingsError(message)


def _staging_database(connection: Connection, settings: Settings) -> str:
    """The database that staging is, if it is one. Raises SettingsError where there is no statement that swaps two."""
    if settings.dbt.staging == "schema":
        return ""
    if connection.kind != "snowflake":
        raise SettingsError(
            f"Not started. `dbt.staging` in wap.toml is `database`, and a warehouse of type `{connection.kind}` cannot "
            "swap databases. Accepted there: `schema`."
        )
    return f"{settings.dbt.staging_prefix}{connection.credentials.database}"


def _pairs(schema: str, settings: Settings, *, database: str) -> tuple[SchemaPair, ...]:
    """The profile's own schema first, then those that wap.toml names beside it. `database` is staging's, if it has one
    of its own."""
    names = (schema, *(name for name in settings.dbt.schemas if name.casefold() != schema.casefold()))
    prefix = f"{database}." if database else settings.dbt.staging_prefix
    pairs = tuple(SchemaPair(production=name, staging=f"{prefix}{name}") for name in names)
    if problem := schema_used_twice(pairs, fold=str.casefold):
        raise SettingsError(f"Not started. {problem} See `dbt.schemas` and `dbt.staging_prefix` in wap.toml.")
    return pairs


def _database(connection: Connection) -> str:
    """What tells this database from all others, and holds no secret."""
    credentials = connection.credentials
    if connection.kind == "snowflake":
        return f"{credentials.account}.{credentials.database}".lower()  # Snowflake reads both in any case
    path = str(credentials.path).partition("?")[0]  # an address such as md:shop?motherduck_token=... carries a secret
    return path if ":" in path else str(Path(path).resolve())


def _profile(profile: Profile, name: str) -> dict[str, Any]:
    if name not in profile:
        message = f"Not started. profiles.yml has no profile `{name}`. It has: {_names(profile)}."
        raise SettingsError(message)
    return as_mapping(profile[name], f"The profile `{name}`")


def _output(profile: Profile, *, name: str, target: str) -> dict[str, Any]:
    """The output as it is in the profile, to be read or changed there. Raises SettingsError."""
    outputs = _profile(profile, name).get("outputs")
    if not outputs:
        message = f"Not started. The profile `{name}` has no `outputs`. Add one with production's connection."
        raise SettingsError(message)
    outputs = as_mapping(outputs, f"`outputs` of the profile `{name}`")
    if target not in outputs:
        known = _names(outputs)
        message = f"Not started. The profile `{name}` has no target `{target}`. It has: {known}. Set `dbt.target`."
        raise SettingsError(message)
    what = f"The target `{target}` of the profile `{name}`"
    if not as_mapping(outputs[target], what).get("schema"):
        raise SettingsError(f"Not started. {what} has no `schema`. Add production's schema to it.")
    output: dict[str, Any] = outputs[target]
    return output


def _names(mapping: Mapping[str, object]) -> str:
    return ", ".join(f"`{name}`" for name in mapping) or "none"


def _profile_of_block(block: str) -> Profile:
    from prefect_dbt import DbtCliProfile

    try:
        return dict(DbtCliProfile.load(block).get_profile())
    except ValueError as error:
        message = f"Not started. Prefect has no usable DbtCliProfile block `{block}`: {error}."
        raise SettingsError(message) from error
