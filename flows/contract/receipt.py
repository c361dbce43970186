"""The receipt: how a run ended, who decided, and what was done to the warehouse."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from flows.contract.base import Frozen
from flows.contract.decision import Acknowledgement
from flows.contract.discussion import Discussion
from flows.contract.outcome import Outcome
from flows.contract.report import Target
from flows.contract.rollback import Rollback
from flows.contract.texts import Words


class Statement(Frozen):
    """One statement that changed the warehouse. `seconds` is wall time; `id` the warehouse's query id, if any."""

    sql: str
    seconds: float
    id: str = ""


class TableRows(Frozen):
    """Rows of one production table before and after the run; None where the table did not exist."""

    table: str
    before: int | None
    after: int | None


class AccessChange(Frozen):
    """Who may do what with production, before and after. One grant is one text, as in `SELECT ON TABLE ORDERS TO ROLE
    READER`, and so is one policy or tag, as in `MASKING POLICY RULES.HIDE ON ORDERS.EMAIL`. What vanished with its
    table is not lost, and what a new table gets from future grants is not gained."""

    before: int
    after: int
    lost: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()


class Ledger(Frozen):
    """What a publish has cost, and what it did to access. `sent` counts every statement, reading ones included."""

    sent: int
    access: AccessChange | None = None
    """None where the warehouse has no grants, or where it is not known any more."""
    unknown: tuple[str, ...] = ()
    """What this does not know, one sentence each: an earlier attempt had swapped and not lived to tell. `sent` counts
    the statements of the attempt that has completed it, then."""


class Receipt(Frozen):
    """Written when a run ends, whatever the outcome. A run that is run again may write another; the newest counts."""

    version: Literal[1] = 1
    run: str
    attempt: int
    target: Target
    outcome: Outcome
    reason: Words
    """One sentence: what happened or did not happen, and why."""
    digest: str = ""
    decision: Acknowledgement | None = None
    discussion: Discussion | None = None
    """What people said in the card's thread before the decision; None where it was not there in time."""
    tables: tuple[TableRows, ...] = ()
    statements: tuple[Statement, ...] = ()
    ledger: Ledger | None = None
    """Of a publish or roll back."""
    seconds: dict[str, float] = Field(default_factory=dict)
    """Wall time of each step, in seconds."""
    rollback: Rollback | None = None
    """Of a roll back that came about: what was taken back."""
    at: datetime
