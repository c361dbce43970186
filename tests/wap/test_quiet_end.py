"""What a process says while it ends is heard; what the interpreter's own end prints is not."""

import subprocess
import sys

_PROCESS = """
import atexit, sys
atexit.register(lambda: print("bindings", file=sys.stderr, flush=True))  # as late as what no Python code prints
from wap.quiet_end import end_quietly
end_quietly()
atexit.register(lambda: print("handler", file=sys.stderr, flush=True))
print("sentence", file=sys.stderr)
sys.exit(3)
"""


def test_end_is_quiet_after_the_last_handler() -> None:
    """Whatever is registered later than `end_quietly` speaks before it; the exit code stays."""
    done = subprocess.run([sys.executable, "-c", _PROCESS], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (3, "sentence\nhandler\n")
