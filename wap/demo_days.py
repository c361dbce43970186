"""`python -m wap.demo_days`: the demo's data arrives day by day, and each day is one run of the flow.

Both days run in one process, because importing dbt takes longer than building the demo with it.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from wap.prefect_check import prefect_problem
from wap.quiet_end import end_quietly

SERVER_PATIENCE = 60.0


def main() -> int:
    """Run the days, then serve if asked. 0 if every run came to an end of its own, whatever people decided."""
    options = _options()
    end_quietly()
    from prefect import tags

    from flows.contract import TAG, Outcome
    from flows.write_audit_publish import write_audit_publish

    _arrive(options.generator, options.raw / "day_1", 1, bug=False)
    _parse_ahead(options.config)
    if problem := _wait_for_prefect():
        print(problem, file=sys.stderr)
        return 1
    for day in range(1, options.days + 1):
        is_last = day == options.days
        _arrive(options.generator, options.raw / f"day_{day}", day, bug=options.bug and is_last)
        with tags(TAG):
            state = write_audit_publish(str(options.config), f"day {day} of the demo", return_state=True)
        print(f"day {day}: {state.name}. {state.message}", flush=True)
        if state.name != Outcome.PUBLISHED and not is_last:
            return 1
    if options.serve:
        from wap.runs import serve_flows

        return serve_flows(options.config)
    return 0


def _parse_ahead(config: Path) -> None:
    """Prefect takes seconds to start; dbt's first parse of a project, which is its longest, fits into them."""
    from flows.dbt_project.profile import read_profile
    from flows.dbt_project.staging import staging_project
    from flows.settings import load_settings

    settings = load_settings(config)
    with staging_project(settings, read_profile(settings), lambda name, status: None) as project:
        project.parse()


def _arrive(generator: Path, out: Path, days: int, *, bug: bool) -> None:
    """Each day has a folder of its own: production's views read the files of the day that they were built on."""
    # The generator belongs to the demo's dbt project; that folder is no package, so it is run by its path.
    subprocess.run(
        [sys.executable, generator, "--out", out, "--days", str(days), *(["--bug"] if bug else [])], check=True
    )
    os.environ["WAP_RAW_DIR"] = str(out)


def _wait_for_prefect() -> str:
    deadline = time.monotonic() + SERVER_PATIENCE
    while (problem := prefect_problem()) and time.monotonic() < deadline:
        time.sleep(0.3)
    return problem


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="wap.demo_days", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--generator", type=Path, required=True)
    parser.add_argument("--raw", type=Path, required=True)
    parser.add_argument("--days", type=int, default=2)
    parser.add_argument("--bug", action="store_true")
    parser.add_argument(
        "--serve", action="store_true", help="Then take what is asked for in Slack: a roll back, a run."
    )
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
