"""The result as one JSON document; its keys are a promise to scripts."""

import json

from flows.contract import Side
from wap.diff.comparing import Compared

_AS_THEY_ARE = {
    "status", "method", "added", "removed", "changed", "unchanged", "key", "key_source", "samples", "profile",
    "fresh", "concentration", "scope", "notes",
}  # fmt: skip
"""Fields of TableDiff that keep their names and their shapes; README tells the shape of the document."""


def document(compared: Compared) -> str:
    """The JSON text. Counts are null where they are not known; it is ASCII, so that any pipe carries it."""
    table = compared.table
    found = {
        "schema": [change.model_dump(mode="json") for change in table.schema_changes],
        "rows": {"production": _rows(table.production), "staging": _rows(table.staging)},
        "columns": {count.column: count.rows for count in table.changed_columns},
        **table.model_dump(mode="json", include=_AS_THEY_ARE),
    }
    return json.dumps(found, indent=2)


def _rows(side: Side | None) -> int | None:
    return side.rows if side else None
