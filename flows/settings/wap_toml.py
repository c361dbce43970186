"""wap.toml and the signing keys -> typed, frozen settings; an error names the key, the value and what is accepted."""

import os
import re
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from flows.contract import AskRule, Frozen, Policy, Rule
from flows.settings.diff_section import DiffSettingsSection
from flows.settings.errors import sentence
from flows.settings.warehouse_section import WarehouseSettings

SIGNING_KEYS = "WAP_SIGNING_KEYS"


class SettingsError(Exception):
    """The settings cannot be used; the text says which key, the value seen, and what is accepted."""


def _duration(value: object) -> object:
    """`30s`, `15m`, `8h` or `2d`, as people write a duration."""
    units = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
    match = re.fullmatch(r"(\d+)\s*([smhd])", value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("a duration such as 30s, 15m, 8h or 2d")
    return timedelta(**{units[match[2]]: int(match[1])})


def _rules(value: object) -> object:
    if not isinstance(value, list | tuple) or not all(isinstance(rule, dict) for rule in value):
        raise ValueError("sections that begin with `[[rules]]`")
    return value


def _schema_name(value: object) -> object:
    # The name of a schema and that of a table are told apart at the dot.
    if not isinstance(value, str) or not value or "." in value:
        raise ValueError("names of production's schemas, without a dot")
    return value


SchemaName = Annotated[str, BeforeValidator(_schema_name)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]


class DbtSettings(Frozen):
    """Where the dbt project is and how it is built. Paths are relative to wap.toml."""

    project: Path
    profiles: Path | None = None
    """Folder of profiles.yml; default: the project folder."""
    profile_block: str = ""
    """Name of a DbtCliProfile block in Prefect, instead of a profiles.yml."""
    target: str = ""
    """The profile's target that is production; default: the profile's own default."""
    staging_prefix: str = Field(default="develop_", min_length=1)
    """Staging is this prefix followed by production's schema, or by its database."""
    staging: Literal["schema", "database"] = "schema"
    """Whether staging is schemas beside production's, or a database of its own with schemas of the same names."""
    schemas: tuple[SchemaName, ...] = ()
    """Production's schemas beside the profile's own, which may be among them: all are published together."""
    arguments: tuple[str, ...] = ("build",)
    """What dbt is asked to do, for example `["build", "--exclude", "tag:slow"]`."""
    vars: Mapping[str, Any] = Field(default_factory=dict)
    """dbt variables, as `--vars` takes them."""
    node_tasks: bool = False
    """Whether every dbt node is a Prefect task run of its own; costs about 0.15 s of CPU per node."""
    output: Path | None = None
    """Folder for dbt's target and logs; default: inside the project."""


class GateSettings(Frozen):
    """How long a decision is waited for, and how often the wait looks."""

    timeout: Duration = timedelta(hours=8)
    poll_seconds: float = Field(default=1.0, gt=0, le=10)
    """A bot that hears nothing for 15 s after a decision says on the card that nobody is running the flow."""


class Settings(Frozen):
    """Everything that wap.toml says."""

    dbt: DbtSettings
    policy: Policy
    rules: Annotated[tuple[Rule, ...], BeforeValidator(_rules)] = ()
    gate: GateSettings = GateSettings()
    diff: DiffSettingsSection = DiffSettingsSection()
    warehouse: WarehouseSettings = WarehouseSettings()

    @property
    def profiles_dir(self) -> Path:
        """The folder where profiles.yml is looked for."""
        return self.dbt.profiles or self.dbt.project


def load_settings(path: Path) -> Settings:
    """Read wap.toml. Relative paths in it count from its folder. Raises SettingsError with one clear sentence."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"Not started. There is no settings file `{path}`. Create one, or name another with --config."
        raise SettingsError(message) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"Not started. `{path}` is not valid TOML: {error}. Correct that line."
        raise SettingsError(message) from None
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise SettingsError(sentence(path, error, Settings)) from None
    _refuse_out_of_reach(settings, path)
    return _anchored(settings, path.resolve().parent)


def signing_keys(environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The keys that decisions are signed with, oldest first; the last one signs. Empty when none is set."""
    text = (os.environ if environment is None else environment).get(SIGNING_KEYS, "")
    return tuple(key.strip() for key in text.split(",") if key.strip())


def _refuse_out_of_reach(settings: Settings, path: Path) -> None:
    """More approvals than there are people could never be reached. Who is in a group or channel is known to Slack."""
    approvers = set(settings.policy.approvers)
    if not all(approver.startswith(("U", "W")) for approver in approvers):
        return
    asked = [(f"`policy.quorum` in `{path}`", settings.policy.quorum)]
    for number, rule in enumerate(settings.rules, start=1):
        if isinstance(rule, AskRule):
            asked.append((f"`approvals` in rule {number} of `{path}`", rule.approvals))
    for what, needed in asked:
        if needed > len(approvers):
            people = "one person" if len(approvers) == 1 else f"{len(approvers)} people"
            message = (
                f"Not started. {what} is {needed}, and `policy.approvers` names {people}. Name more, or ask for fewer."
            )
            raise SettingsError(message)


def _anchored(settings: Settings, folder: Path) -> Settings:
    dbt = settings.dbt
    anchored = dbt.model_copy(
        update={
            "project": folder / dbt.project,
            "profiles": folder / dbt.profiles if dbt.profiles else None,
            "output": folder / dbt.output if dbt.output else None,
        }
    )
    if not (anchored.project / "dbt_project.yml").is_file():
        message = (
            f"Not started. There is no dbt project in `{anchored.project}` (no dbt_project.yml). "
            "Set `dbt.project` to its folder."
        )
        raise SettingsError(message)
    return settings.model_copy(update={"dbt": anchored})
