"""Start the flow from the command line: once, or as a deployment that waits for work."""

import sys
from pathlib import Path


def run_once(config: Path, requested_by: str) -> int:
    """Run the flow here and print its one sentence. 0 only if it has published, 1 for every other end."""
    sentence = _problem_before_start(config)
    if sentence:
        print(sentence, file=sys.stderr)
        return 1
    from prefect import tags

    from flows.contract import TAG, Outcome
    from flows.write_audit_publish import write_audit_publish

    with tags(TAG):
        state = write_audit_publish(str(config), requested_by, return_state=True)
    print(state.message)
    return 0 if state.name == Outcome.PUBLISHED else 1


def serve_flow(config: Path) -> int:
    """Serve the flow as the deployment `wap`, tagged so that the bot finds its runs from their creation."""
    sentence = _problem_before_start(config)
    if sentence:
        print(sentence, file=sys.stderr)
        return 1
    from flows.contract import TAG
    from flows.write_audit_publish import write_audit_publish

    write_audit_publish.serve(name="wap", tags=[TAG], parameters={"config": str(config.resolve())})
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
