"""The data diff for review: what a publish would change, told by SQL that runs inside the warehouse."""

from flows.diff.audit import Progress, diff_schemas
from flows.diff.fingerprint import fingerprints
from flows.diff.keys import find_keys
from flows.diff.marks import find_event_times, find_masked, find_tags
from flows.diff.settings import MASK, Choice, DiffSettings, Key
from flows.diff.table import diff_table

__all__ = [
    "MASK",
    "Choice",
    "DiffSettings",
    "Key",
    "Progress",
    "diff_schemas",
    "diff_table",
    "find_event_times",
    "find_keys",
    "find_masked",
    "find_tags",
    "fingerprints",
]
