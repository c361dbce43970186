"""The user's dbt project, pointed at staging: parse it, build it. prefect-dbt does the work."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt_common.events.base_types import EventLevel
from prefect.context import SettingsContext, get_settings_context
from prefect_dbt import DbtHookContext, PrefectDbtRunner, PrefectDbtSettings

from flows.dbt_project.profile import Profile, for_staging, profile_name, target_name, written
from flows.settings import Settings

_QUOTES_VALUES = re.compile(r"convert|conversion|constraint|invalid input|out of range|not recognized", re.IGNORECASE)

Tell = Callable[[str, str], None]
"""Told of each finished node: its name and dbt's word for how it went. Called from a thread of dbt's runner."""


CLEAN = ("success", "pass", "no-op", "warn", "skipped")
"""dbt's words for a node that is as it should be; whatever is not here has failed. An exposure is a no-op."""

_RESERVED = ("--vars", "--target", "-t", "--profile", "--profiles-dir", "--project-dir", "--target-path", "--log-path")


class DbtFailed(Exception):
    """dbt could not run at all; the text is dbt's own reason, in one line."""


@dataclass(frozen=True, slots=True)
class StagingProject:
    """The project with a profile that builds into staging. Made by `staging_project`."""

    _runner: PrefectDbtRunner
    _settings: Settings
    _target: str

    def parse(self) -> dict[str, Any]:
        """The project's manifest, as manifest.json. Nothing is written to the warehouse. Raises DbtFailed."""
        path = _output(self._settings) / "target" / "manifest.json"
        path.unlink(missing_ok=True)  # one that an earlier build left says nothing about this one
        self._invoke(("parse", "--write-json"))
        try:
            manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise DbtFailed(f"it left no manifest at {path.name}") from None
        return manifest

    def build(self) -> tuple[Any, ...]:
        """Do what the settings ask of dbt, and return the result of every node.

        Raises DbtFailed, also when dbt says that it failed and no node does (a hook of the whole run).
        """
        result = self._invoke(_build_arguments(self._settings))
        nodes = tuple(result.result.results) if result.result is not None else ()
        if not result.success and all(str(node.status) in CLEAN for node in nodes):
            raise DbtFailed("it did not succeed, and names no node that failed")
        return nodes

    def _invoke(self, arguments: tuple[str, ...]) -> Any:
        """Run dbt. Its compile and connection errors come as ValueError even with raise_on_failure=False."""
        variables = json.dumps(dict(self._settings.dbt.vars))
        options = ["--target", self._target, "--vars", variables, "--no-use-colors"]
        options += ["--log-path", str(_output(self._settings) / "logs")]
        invoke = self._runner.invoke if self._settings.dbt.node_tasks else _outside_of_the_run(self._runner.invoke)
        try:
            result = invoke([*arguments, *options])
        except ValueError as error:
            raise DbtFailed(one_line(str(error))) from error
        if result.exception is not None:
            raise DbtFailed(one_line(str(result.exception))) from result.exception
        return result


def _build_arguments(settings: Settings) -> tuple[str, ...]:
    """What is asked of dbt. What decides where dbt writes is not for these arguments: parse and build must agree."""
    for argument in settings.dbt.arguments:
        if argument.split("=")[0] in _RESERVED:
            message = f"`dbt.arguments` holds `{argument}`, which wap sets itself (for variables there is `dbt.vars`)"
            raise DbtFailed(message)
    return settings.dbt.arguments


@contextmanager
def staging_project(settings: Settings, profile: Profile, tell: Tell) -> Iterator[StagingProject]:
    """The project, for as long as its profile lies on disk; afterwards dbt has let go of an embedded warehouse."""
    target = target_name(profile, settings)
    staged = for_staging(
        profile,
        name=profile_name(settings),
        target=target,
        prefix=settings.dbt.staging_prefix,
        staging=settings.dbt.staging,
    )
    with written(staged) as profiles_dir:
        try:
            yield StagingProject(_runner(settings, profiles_dir, tell), settings, target)
        finally:
            _release_file(staged[profile_name(settings)]["outputs"][target]["type"])


def _outside_of_the_run(invoke: Callable[[list[str]], Any]) -> Callable[[list[str]], Any]:
    """Inside a task, prefect-dbt makes every node a task run, at about 0.15 s of CPU each. In a context that knows
    Prefect's settings but no run it leaves that out, and its hook tells of each node all the same. See docs/adr/0007.
    """
    found = get_settings_context()

    def invoke_there(arguments: list[str]) -> Any:
        with SettingsContext(profile=found.profile, settings=found.settings):
            return invoke(arguments)

    return lambda arguments: Context().run(invoke_there, arguments)


def one_line(text: str) -> str:
    """dbt's messages are paragraphs, and a warehouse quotes the offending value in them: one line, without values."""
    line = " ".join(text.split())
    if _QUOTES_VALUES.search(line):
        line = re.sub(r"\"[^\"]*\"|'[^']*'", "'...'", line)
    return line[:300]


def _runner(settings: Settings, profiles_dir: Path, tell: Tell) -> PrefectDbtRunner:
    runner = PrefectDbtRunner(
        settings=PrefectDbtSettings(
            project_dir=settings.dbt.project,
            profiles_dir=profiles_dir,
            target_path=_output(settings) / "target",
            log_level=EventLevel.INFO if settings.dbt.node_tasks else EventLevel.ERROR,
        ),
        raise_on_failure=False,
        disable_assets=True,
    )

    def finished(context: DbtHookContext) -> None:
        tell(str(getattr(context.node, "name", "")), str(context.status))

    runner.post_model(finished)
    return runner


def _output(settings: Settings) -> Path:
    return settings.dbt.output or settings.dbt.project


def _release_file(kind: str) -> None:
    """dbt-duckdb keeps its file open in this process after the last node, and would keep everybody else out."""
    if kind == "duckdb":
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        DuckDBConnectionManager.close_all_connections()
