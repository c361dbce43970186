"""Progress: how far the build is, for people who wait for its card."""

from pydantic import Field

from flows.contract.base import Frozen


class Progress(Frozen):
    """`done` of the `of` models that dbt was asked to build (0: not known); overwritten while it builds."""

    done: int = Field(ge=0)
    of: int = Field(ge=0)
