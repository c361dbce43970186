"""`wap diff` from its options to its exit code, which is that of diff(1): 0 equal, 1 different, 2 not compared."""

import sys
from io import TextIOWrapper

from flows.settings import SettingsError
from flows.warehouse.base import WarehouseError
from wap.diff.asked import Asked, NotCompared
from wap.diff.comparing import Compared, compare_in_file
from wap.diff.target import compare_in_target

EQUAL, DIFFERENT, NOT_COMPARED = 0, 1, 2


def run_diff(asked: Asked, *, as_json: bool) -> int:
    """Print the result on stdout, or one sentence on stderr if there is none. The exit code."""
    try:
        compared = _compare(asked)
    except (NotCompared, SettingsError, WarehouseError) as error:
        print(error, file=sys.stderr)
        return NOT_COMPARED
    if as_json:
        from wap.diff.document import document

        print(document(compared))
    else:
        from wap.diff.screen import show

        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # a terminal without Unicode gets question marks
        show(compared)
    return EQUAL if compared.table.status == "equal" else DIFFERENT


def _compare(asked: Asked) -> Compared:
    if asked.names_tables and asked.table is not None:
        message = (
            f"Not compared. `{asked.table}` names a table of the dbt target, and --production, --staging and "
            "--database name tables of a file. Give one or the other."
        )
        raise NotCompared(message)
    if asked.table is not None:
        return compare_in_target(asked)
    if asked.names_tables:
        return compare_in_file(asked)
    message = (
        "Not compared. No table is named. Write wap diff TABLE for a table of the dbt target in wap.toml, "
        "or wap diff --production A --staging B --database FILE."
    )
    raise NotCompared(message)
