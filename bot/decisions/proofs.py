"""Pure: what the proof inside a stored decision says about who decided."""

from collections.abc import Sequence

from bot.runs import StoredDecision
from flows.contract import Decision, ProofInvalid, read_proof


def read_decision(decision: Decision, keys: Sequence[str]) -> StoredDecision:
    """Name the decider if the proof is ours and matches the verdict; otherwise nobody is named."""
    try:
        claims = read_proof(decision.proof, keys) if decision.proof else None
    except ProofInvalid:
        claims = None
    if claims is None or claims.verdict != decision.verdict:
        return StoredDecision(decision.verdict, decision.reason, None)
    return StoredDecision(decision.verdict, decision.reason, claims.decider, claims.nonce, claims.votes)
