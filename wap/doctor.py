"""`wap doctor`: is everything there that a run needs? One line each, with what to do about it."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.contract import Target
    from flows.dbt_project.profile import Connection

HEALTHY, UNWELL = 0, 1


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, whether it is fit for a run, and one sentence: what was seen, or what to do."""

    name: str
    is_fit: bool
    says: str


@dataclass(frozen=True, slots=True)
class Place:
    """The target of wap.toml and how dbt reaches it."""

    connection: "Connection"
    target: "Target"


def run_doctor(config: Path, *, warehouse: bool, conformance: bool) -> int:
    """Print the checks. 0 if all is fit for a run, else 1.

    `warehouse` looks at the warehouse alone, with everything its preflight finds. `conformance` tries the publish on
    two scratch schemas besides.
    """
    fit = True
    for check in _checks(config, warehouse=warehouse or conformance, conformance=conformance):
        fit = fit and check.is_fit
        says = " ".join(check.says.removeprefix("Not started. ").split())  # what dbt says may have several lines
        print(f"{'ok ' if check.is_fit else 'NOT'}  {check.name:20} {says}", flush=True)
    return HEALTHY if fit else UNWELL


def _checks(config: Path, *, warehouse: bool, conformance: bool) -> Iterator[Check]:
    place = yield from _place(config)
    if place is not None:
        is_open = yield from _warehouse(place)
        if is_open and warehouse:
            yield from _preflight(place)
        if is_open and conformance:
            from wap.conformance import conformance_checks

            yield from conformance_checks(place.connection, place.target)
    if not warehouse:
        yield _signing_keys()
        yield from _prefect()


def _place(config: Path) -> Generator[Check, None, Place | None]:
    from flows.dbt_project.profile import connect_info, read_profile, target_of
    from flows.settings import SettingsError, load_settings

    try:
        settings = load_settings(config)
    except SettingsError as error:
        yield Check("settings", is_fit=False, says=str(error))
        return None
    yield Check("settings", is_fit=True, says=f"{config} is read.")
    try:
        connection = connect_info(settings, read_profile(settings))
        target = target_of(connection, settings)
    except SettingsError as error:
        yield Check("dbt profile", is_fit=False, says=str(error))
        return None
    further = "".join(f", `{pair.staging}` to `{pair.production}`" for pair in target.further)
    says = f"{target.warehouse}: `{target.staging}` is published to `{target.production}`{further}."
    yield Check("dbt profile", is_fit=True, says=says)
    return Place(connection, target)


def _warehouse(place: Place) -> Generator[Check, None, bool]:
    from flows.warehouse.base import Environment, WarehouseError
    from flows.warehouse.opening import open_warehouse

    if place.target.warehouse == "duckdb" and place.connection.credentials.path == ":memory:":
        says = "dbt's profile keeps the data in memory, where it ends with dbt. Set `path` in profiles.yml to a file."
        yield Check("warehouse", is_fit=False, says=says)
        return False
    try:
        with open_warehouse(place.connection, place.target) as warehouse:
            found = warehouse.released(Environment.PRODUCTION)
    except WarehouseError as error:
        yield Check("warehouse", is_fit=False, says=str(error))
        return False
    holds = f"holds the release of run {found.run}" if found else "holds no release of wap yet"
    says = f"{_opened(place)}; `{place.target.production}` {holds}."
    yield Check("warehouse", is_fit=True, says=says)
    return True


def _opened(place: Place) -> str:
    """What was opened. A relative path counts from the working directory, as in dbt, so the whole path is told."""
    if place.target.warehouse != "duckdb":
        return "opened"
    file = Path(place.connection.credentials.path).resolve()
    return f"opened `{file}`" if file.exists() else f"there is no `{file}` yet, and the first run makes it"


def _preflight(place: Place) -> Iterator[Check]:
    from flows.warehouse.base import WarehouseError
    from flows.warehouse.opening import open_warehouse

    try:
        with open_warehouse(place.connection, place.target) as warehouse:
            findings = warehouse.preflight()
    except WarehouseError as error:
        yield Check("preflight", is_fit=False, says=str(error))
        return
    if not findings:
        yield Check("preflight", is_fit=True, says="nothing stands in the way of a publish.")
    for one in findings:
        says = f"{one.severity}: `{one.object}` {one.consequence}. {one.remedy}"
        yield Check(f"{one.code}", is_fit=one.severity != "blocker", says=says)


def _signing_keys() -> Check:
    """Without the bot's keys the flow believes no decision that was made in Slack."""
    from bot.settings import SIGNING_KEY_CHARS
    from flows.settings import signing_keys

    name, keys = "signing keys", signing_keys()
    if not keys:
        says = "WAP_SIGNING_KEYS is not set here, so no decision made in Slack would count. Set it to the bot's value."
        return Check(name, is_fit=False, says=says)
    if (shortest := min(map(len, keys))) < SIGNING_KEY_CHARS:
        says = (
            f"WAP_SIGNING_KEYS has a key of {shortest} characters. The bot takes keys of at least {SIGNING_KEY_CHARS}; "
            "make one with `openssl rand -hex 32`."
        )
        return Check(name, is_fit=False, says=says)
    return Check(name, is_fit=True, says="WAP_SIGNING_KEYS is set; the bot needs the same value.")


def _prefect() -> Iterator[Check]:
    from wap.prefect_check import prefect_problem

    if problem := prefect_problem():
        yield Check("prefect", is_fit=False, says=problem)
        return
    yield Check("prefect", is_fit=True, says="answers.")
    yield _deployments()


def _deployments() -> Check:
    """The bot finds runs by their tag, and a run has the tags of its deployment from its creation on."""
    from prefect.client.schemas.filters import DeploymentFilter, FlowFilter, FlowFilterName

    from flows.contract import TAG
    from flows.prefect_runs.store import prefect_client

    ours = FlowFilter(name=FlowFilterName(any_=["write-audit-publish"]))
    with prefect_client() as client:
        found = client.read_deployments(flow_filter=ours, deployment_filter=DeploymentFilter(), limit=200)
    if not found:
        says = "there is no deployment yet; `wap serve` makes one, and `wap run` needs none."
        return Check("deployments", is_fit=True, says=says)
    if bare := [deployment.name for deployment in found if TAG not in deployment.tags]:
        says = f"the deployment `{bare[0]}` lacks the tag `{TAG}`, so the bot sees its runs late. Add it to `tags`."
        return Check("deployments", is_fit=False, says=says)
    return Check("deployments", is_fit=True, says=f"every deployment has the tag `{TAG}`.")
