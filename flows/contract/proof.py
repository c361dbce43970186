"""The proof: a signed token that says who decided what, for which data, through the bot."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from itsdangerous import BadData, URLSafeSerializer
from pydantic import ValidationError

from flows.contract.base import Frozen
from flows.contract.decision import Decider, Verdict

_SALT = "wap.decision.1"

Claimed = Verdict | Literal["Rollback"]
"""What a proof can be about: a decision on a report, or taking back what was published from it."""


class ProofInvalid(ValueError):
    """A proof that was not signed with one of our keys, or does not say what a proof says."""


class Claims(Frozen):
    """What a proof states. It binds a person to one verdict on one attempt's data."""

    run: str
    attempt: int
    digest: str
    verdict: Claimed
    decider: Decider
    nonce: str
    at: datetime
    votes: tuple[str, ...] = ()
    """Of a decision that several people had to make: the nonces of the votes that count, the decider's own included."""


def sign_proof(claims: Claims, keys: Sequence[str]) -> str:
    """Sign with the newest (last) key, so that keys can rotate. Raises ValueError when there is no key."""
    if not keys:
        raise ValueError("a proof needs at least one signing key")
    return str(URLSafeSerializer(list(keys), salt=_SALT).dumps(claims.model_dump(mode="json")))


def read_proof(token: str, keys: Sequence[str]) -> Claims:
    """Read a proof signed with any of the keys. Raises ProofInvalid."""
    if not keys:
        raise ProofInvalid("no signing key is configured here, so no proof can be checked")
    try:
        return Claims.model_validate(URLSafeSerializer(list(keys), salt=_SALT).loads(token))
    except BadData as error:
        raise ProofInvalid("the proof was not signed with one of the configured keys") from error
    except ValidationError as error:
        raise ProofInvalid("the proof does not have the expected fields") from error
