"""The base of every value in the contract: frozen, and closed to fields that it does not know."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value: never changes after it was made, and refuses unknown fields instead of dropping them."""

    model_config = ConfigDict(frozen=True, extra="forbid")
