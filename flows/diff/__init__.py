"""The data diff for review: what a publish would change, told by SQL that runs inside the warehouse."""

from flows.diff.audit import Progress, diff_schemas
from flows.diff.fingerprint import fingerprints
from flows.diff.keys import find_keys, find_masked
from flows.diff.settings import MASK, DiffSettings, Key
from flows.diff.table import diff_table

__all__ = [
    "MASK",
    "DiffSettings",
    "Key",
    "Progress",
    "diff_schemas",
    "diff_table",
    "find_keys",
    "find_masked",
    "fingerprints",
]
