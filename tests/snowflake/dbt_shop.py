"""Runs the dbt project of these tests with the real dbt-snowflake, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.snowflake.stand_in import StandIn

PROJECT = Path(__file__).parent / "shop"

_RUN = """
import json, sys
from dbt.cli.main import dbtRunner
for command in json.loads(sys.argv[1]):
    done = dbtRunner().invoke(command)
    if done.exception is not None:
        raise done.exception
    for node in done.result:
        if str(node.status) not in ("success", "pass"):
            sys.exit(f"{node.node.name}: {node.status} {node.message}")
"""


def run_dbt(snow: StandIn, folder: Path, *commands: list[str], schema: str = "DEVELOP_DWH", role: str = "WAP") -> str:
    """Run the commands one after the other; gives what dbt printed. Fails if any node did not succeed."""
    output = snow.profile(schema=schema, role=role, threads=4)
    (folder / "profiles.yml").write_text(json.dumps({"shop": {"target": "dev", "outputs": {"dev": output}}}))
    common = ["--project-dir", str(PROJECT), "--profiles-dir", str(folder), "--target-path", str(folder / "target"),
              "--log-path", str(folder / "logs"), "--no-use-colors"]  # fmt: skip
    arguments = json.dumps([[*command, *common] for command in commands])
    done = subprocess.run(
        [sys.executable, "-c", _RUN, arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=folder,
        env={**os.environ, "DO_NOT_TRACK": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
