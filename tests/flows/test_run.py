"""A run and who requested it."""

import getpass
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.run import user_name

ROOT = Path(__file__).parents[2]
_NAMES = {"LOGNAME", "USER", "LNAME", "USERNAME"}
"""Where getpass looks for a name before it asks the system."""


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found: 1000700000"), OSError("No username set")])
def test_user_name_of_a_user_id_without_a_name_is_unknown(error: Exception) -> None:
    """Some clusters run containers under a user id that no passwd file knows."""

    def nameless() -> str:
        raise error

    assert user_name(nameless) == "unknown"


@pytest.mark.skipif(os.getuid() != 0, reason="Only root can become a user who has no name.")
def test_user_name_in_a_process_without_a_name_is_unknown() -> None:
    """The system's own answer, asked in a process of such a user."""
    code = "import os; from flows.run import user_name; os.setuid(1_000_700_000); print(user_name())"
    environment = {name: value for name, value in os.environ.items() if name not in _NAMES}
    asked = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert asked.stdout == "unknown\n"


def test_user_name_is_the_one_of_the_system() -> None:
    """Where there is a name, it is that."""
    assert user_name() == getpass.getuser()
