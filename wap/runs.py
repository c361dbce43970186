"""Start the flows from the command line: once, or as deployments that wait for work."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

from wap.quiet_end import end_quietly

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment


def run_once(config: Path, requested_by: str) -> int:
    """Run the flow here and print its one sentence. 0 only if it has published, 1 for every other end."""
    sentence = _problem_before_start(config)
    if sentence:
        print(sentence, file=sys.stderr)
        return 1
    end_quietly()
    from prefect import tags

    from flows.contract import TAG, Outcome
    from flows.write_audit_publish import write_audit_publish

    with tags(TAG):
        state = write_audit_publish(str(config), requested_by, return_state=True)
    print(state.message)
    return 0 if state.name == Outcome.PUBLISHED else 1


def roll_back(config: Path, run: str) -> int:
    """Take the release of this run back and print the one sentence. 0 only if it is rolled back."""
    sentence = _problem_before_start(config)
    if sentence:
        print(sentence, file=sys.stderr)
        return 1
    from prefect import tags

    from flows.contract import ROLLBACK_TAG, TAG, Outcome
    from flows.rollback import rollback
    from flows.run import user_name

    with tags(TAG, ROLLBACK_TAG):
        state = rollback(run, config=str(config), requested_by=user_name(), return_state=True)
    print(state.message)
    return 0 if state.name == Outcome.ROLLED_BACK else 1


def serve_flows(config: Path) -> int:
    """Serve the deployments `wap` and `wap-rollback`, tagged so that the bot finds their runs from their creation."""
    sentence = _problem_before_start(config)
    if sentence:
        print(sentence, file=sys.stderr)
        return 1
    from prefect import serve

    from flows.contract import ROLLBACK_TAG, TAG
    from flows.rollback import rollback
    from flows.write_audit_publish import write_audit_publish

    parameters = {"config": str(config.resolve())}
    releases = write_audit_publish.to_deployment(name="wap", tags=[TAG], parameters=parameters)
    rollbacks = rollback.to_deployment(name="wap-rollback", tags=[TAG, ROLLBACK_TAG], parameters=parameters)
    # Where no event loop runs, Prefect gives the deployments themselves.
    serve(cast("RunnerDeployment", releases), cast("RunnerDeployment", rollbacks))
    return 0


def _problem_before_start(config: Path) -> str:
    """What keeps a run from starting, said before Prefect is asked for one."""
    from flows.settings import SettingsError, load_settings
    from wap.prefect_check import prefect_problem

    try:
        load_settings(config)
    except SettingsError as error:
        return str(error)
    return prefect_problem()
