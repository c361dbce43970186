"""A run and who requested it."""

import getpass
import os

import pytest

from flows.run import user_name


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found: 1000700000"), OSError("No username set")])
def test_user_name_of_a_user_id_without_a_name_is_unknown(error: Exception) -> None:
    """Some clusters run containers under a user id that no passwd file knows."""

    def nameless() -> str:
        raise error

    assert user_name(nameless) == "unknown"


@pytest.mark.skipif(os.getuid() != 0, reason="Only root can become a user who has no name.")
def test_user_name_in_a_process_without_a_name_is_unknown() -> None:
    """The system's own answer, asked in a process of such a user."""
    child = os.fork()
    if child == 0:
        for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
            os.environ.pop(name, None)
        os.setuid(1_000_700_000)
        os._exit(0 if user_name() == "unknown" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_user_name_is_the_one_of_the_system() -> None:
    """Where there is a name, it is that."""
    assert user_name() == getpass.getuser()
