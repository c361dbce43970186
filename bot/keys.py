"""Run-input keys that only the bot writes; those that the flow knows too are in flows.contract."""

from flows.contract import CARD_CLAIM_KEY

SHOWN_KEY = "wap-card-shown"
"""What the card says: a digest of it, and which state of the run it was made from."""

THREAD_PREFIX = "wap-thread-"
"""Keys of what a card's thread holds: a claim before it is posted, and a note that it has been."""


FROM_SLACK_KEY = "wap-from-slack"
"""Somebody started this run from Slack: its card is posted before it runs."""


def claim_key(number: int) -> str:
    """Key of the n-th claim on posting the card, from 1."""
    return CARD_CLAIM_KEY if number == 1 else f"{CARD_CLAIM_KEY}-{number}"


def rollback_told_key(rollback: str) -> str:
    """Key that says that the end of this roll back was told in the thread. Created before it is posted."""
    return f"wap-rollback-told-{rollback}"


def rollback_asked_key(nonce: str) -> str:
    """Key that says that this vote for a roll back was told in the thread. Created before it is posted."""
    return f"wap-rollback-asked-{nonce}"


ANSWERED_PREFIX = "wap-answered-"
"""Keys of what was answered in a card's thread: at most once each."""


def part_key(attempt: int, part: str) -> str:
    """Names one message of the thread about this attempt's report; `part` is of `[a-z0-9-]`."""
    return f"{THREAD_PREFIX}{attempt}-{part}"


def part_claim_key(key: str, number: int) -> str:
    """Key of the n-th claim on posting a message of the thread, from 1."""
    return f"{key}-claim-{number}"


def part_done_key(key: str) -> str:
    """Key that says that this message of the thread has been posted."""
    return f"{key}-done"


def answered_key(message: str) -> str:
    """Key of the answer to one mention; `message` is its timestamp, digits and a dash. Created before it is posted."""
    return f"{ANSWERED_PREFIX}{message}"


def withdrawn_prefix(attempt: int) -> str:
    """What the keys of all notes about votes that are gone begin with."""
    return f"wap-withdrawn-{attempt}-"


def withdrawn_key(attempt: int, user_id: str) -> str:
    """Key of the note that a person's vote is gone, and why. Written before the vote is deleted."""
    return withdrawn_prefix(attempt) + user_id.lower()
