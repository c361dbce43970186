"""The end of a process that has run the flow: its last words stay its last words."""

import atexit
import os
import sys


def end_quietly() -> None:
    """After everything else, close stderr. Call it first: exit handlers run the last one registered first.

    prefect-dbt holds DuckDB's module until the interpreter is gone, and DuckDB's bindings then print some fifty lines
    about leaks. Below our one sentence they look like an error.
    """
    atexit.register(_close_stderr)


def _close_stderr() -> None:
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
