"""The user's dbt project, pointed at staging: parse it, build it. prefect-dbt does the work."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt_common.events.base_types import EventLevel
from prefect.context import SettingsContext, get_settings_context
from prefect_dbt import DbtHookContext, PrefectDbtRunner, PrefectDbtSettings

from flows.dbt_profile import Profile, for_staging, profile_name, target_name, written
from flows.settings import Settings

Tell = Callable[[str, str], None]
"""Told of each finished node: its name and dbt's word for how it went. Called from a thread of dbt's runner."""


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
        self._invoke(("parse",))
        path = _output(self._settings) / "target" / "manifest.json"
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return manifest

    def build(self) -> tuple[Any, ...]:
        """Do what the settings ask of dbt, and return the result of every node. Raises DbtFailed."""
        result = self._invoke(self._settings.dbt.arguments)
        return tuple(result.results) if result is not None else ()

    def _invoke(self, arguments: tuple[str, ...]) -> Any:
        """Run dbt. Its compile and connection errors come as ValueError even with raise_on_failure=False."""
        options = ["--target", self._target, "--log-path", str(_output(self._settings) / "logs"), "--no-use-colors"]
        invoke = self._runner.invoke if self._settings.dbt.node_tasks else _outside_of_the_run(self._runner.invoke)
        try:
            result = invoke([*arguments, *options])
        except ValueError as error:
            raise DbtFailed(one_line(str(error))) from error
        if result.exception is not None:
            raise DbtFailed(one_line(str(result.exception))) from result.exception
        return result.result


@contextmanager
def staging_project(settings: Settings, profile: Profile, tell: Tell) -> Iterator[StagingProject]:
    """The project, for as long as its profile lies on disk; afterwards dbt has let go of an embedded warehouse."""
    target = target_name(profile, settings)
    staged = for_staging(profile, name=profile_name(settings), target=target, prefix=settings.dbt.staging_prefix)
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
    """dbt's messages are paragraphs; a sentence of ours has room for a line."""
    return " ".join(text.split())[:300]


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
