"""Run-input keys that only the bot writes; those that the flow knows too are in flows.contract."""

from flows.contract import CARD_CLAIM_KEY

SHOWN_KEY = "wap-card-shown"
"""What the card says: a digest of it, and which state of the run it was made from."""

SAMPLES_PREFIX = "wap-samples-"
"""One key per thread message, created before it is posted: at most once each."""


def claim_key(number: int) -> str:
    """Key of the n-th claim on posting the card, from 1."""
    return CARD_CLAIM_KEY if number == 1 else f"{CARD_CLAIM_KEY}-{number}"


def samples_key(attempt: int, position: int) -> str:
    """Key of the thread message about the table at this position of the attempt's report."""
    return f"{SAMPLES_PREFIX}{attempt}-{position}"
