"""Where things lie in Prefect: tag, artifact keys, run-input keys, lock names.

Run-input keys are UNIQUE per run, so creating one is an atomic claim. Prefect 3.8 answers HTTP 500 to
a key outside `[a-z0-9-]`, hence only lower case and dashes here.
"""

import hashlib
import re

TAG = "wap"
"""Every run that belongs to us carries this tag from its creation."""

ROLLBACK_TAG = "wap-rollback"
"""Runs and deployments that take a release back carry this tag, and TAG."""

REPORT_ARTIFACT = "wap-report"
"""Artifact key of the machine's report: JSON of `Report`. One version per attempt."""

MARKDOWN_ARTIFACT = "wap-report-text"
"""Artifact key of the people's report: Markdown."""

PROGRESS_ARTIFACT = "wap-progress"
"""Artifact key of `Progress`; one per attempt, overwritten at most once a second while dbt builds."""

RECEIPT_ARTIFACT = "wap-receipt"
"""Artifact key of the receipt: JSON of `Receipt`."""

CARD_CLAIM_KEY = "wap-card-claim"
"""Run input: created before the card is posted, so that exactly one bot posts it."""

CARD_KEY = "wap-card"
"""Run input: where the card is (channel and ts)."""

BUILD_KEY = "wap-build"
"""Run input: target and requester, written when the run starts, before there is a report."""

ROLLBACK_KEY = "wap-rollback"
"""Run input of a roll back: JSON of `Rollback`, written before anything moves; the marker tells whether it happened."""

ROLLED_BACK_KEY = "wap-rolled-back"
"""Run input of a run that had published: JSON of `Rollback`, written once its release has been taken back."""

STAGING_USED_KEY = "wap-staging-used"
"""Run input of a run that has published: JSON of `StagingUse`, written by the run that built into staging after it."""

PREDECESSOR_KEY = "wap-predecessor"
"""Run input of a build: the run whose release it found in production."""


def acknowledgement_key(attempt: int) -> str:
    """Run input that the flow writes as soon as it has read the decision of this attempt."""
    return f"wap-acknowledged-{attempt}"


def discussion_key(attempt: int) -> str:
    """Run input that the bot writes once it knows of this attempt's decision: JSON of `Discussion`, for the receipt."""
    return f"wap-discussion-{attempt}"


def gate_keys(gate: str) -> dict[str, str]:
    """The three run-input keys of a gate, as `pause_flow_run(wait_for_input=...)` names them.

    `gate` is the pause key. Prefect builds them as `<state name>-<pause key>-<what>`
    (prefect.input.run_input.keyset_from_paused_state), and both its UI and `/resume` look there.
    """
    return {what: f"paused-{gate}-{what}" for what in ("schema", "description", "response")}


def lock_name(production: str, staging: str, *, database: str = "") -> str:
    """Name of the Prefect Variable that is the lock of a target; creating a Variable is atomic.

    Equal schemas in two databases are two targets. A database is a path or an account, so only the first 12 hex
    digits of its SHA-256 are in the name.
    """
    schemas = re.sub(r"[^a-z0-9_]+", "_", f"{staging}_{production}".lower())
    which = "_" + hashlib.sha256(database.encode()).hexdigest()[:12] if database else ""
    return f"wap_lock_{schemas}{which}"
