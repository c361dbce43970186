"""The report: what a run would change, as data. Every number a reviewer sees comes from here."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePath
from typing import Literal, Self

from pydantic import Field, model_validator

from flows.contract.base import Frozen
from flows.contract.policy import Policy
from flows.contract.rules import Rule, RuleHit
from flows.contract.table import Side, TableDiff
from flows.contract.texts import Words


class DbtNode(Frozen):
    """One executed dbt node that a reviewer should know of. `status` is dbt's own word."""

    name: Words
    kind: str
    status: str
    message: Words = ""


class DbtSummary(Frozen):
    """What dbt did. `nodes` holds only those that did not pass cleanly."""

    models: int = 0
    tests_passed: int = 0
    tests_warned: int = 0
    tests_failed: int = 0
    seconds: float = 0.0
    nodes: tuple[DbtNode, ...] = ()


class Finding(Frozen):
    """Something a reviewer must know before deciding. A blocker means that nobody is asked."""

    severity: Literal["blocker", "warning"]
    code: str
    object: Words
    consequence: Words
    remedy: Words


class Requester(Frozen):
    """Who started the run. `user_id` is the Slack id when the run was started from Slack."""

    name: Words
    user_id: str = ""


class SchemaPair(Frozen):
    """A schema that is replaced, and the one that is built to replace it."""

    production: str
    staging: str


class Target(Frozen):
    """The pair of schemas: what is built and what is replaced. `database` tells apart those of the same names.

    It is a DuckDB file's whole path, or Snowflake's `account.database`; empty where it is not known. What dbt builds
    into `further` schemas is published together with the first pair.
    """

    production: str
    staging: str
    warehouse: Literal["duckdb", "snowflake"]
    database: str = ""
    further: tuple[SchemaPair, ...] = Field(default=(), exclude_if=lambda further: not further)
    staging_database: str = Field(default="", exclude_if=lambda name: not name)
    """The database that is swapped with production's; empty where both lie in one. Its schemas have production's names,
    and each `staging` is then `staging_database.schema`."""

    @property
    def pairs(self) -> tuple[SchemaPair, ...]:
        """All pairs, the first one first."""
        return (SchemaPair(production=self.production, staging=self.staging), *self.further)

    def staging_schema(self, pair: SchemaPair) -> str:
        """The name of the pair's staging in its own database."""
        return pair.production if self.staging_database else pair.staging

    @property
    def database_name(self) -> str:
        """The database as people may read it: of a path only the file's name."""
        return PurePath(self.database).name if self.warehouse == "duckdb" else self.database


def data_digest(tables: Iterable[TableDiff]) -> str:
    """Name the data of both sides: SHA-256 (hex) over names, columns with types, row counts, fingerprints.

    The same data gives the same digest whatever the order of tables or rows; any change of a value, a row, a
    type or a table gives another. It is what an approval is bound to.
    """
    sides = [
        [table.name, table.kind, *(_canonical(side) for side in (table.production, table.staging))]
        for table in sorted(tables, key=lambda table: table.name)
    ]
    text = json.dumps(sides, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(side: Side | None) -> list[object] | None:
    if side is None:
        return None
    return [[[column.name, column.type] for column in side.columns], side.rows, side.fingerprint]


class Report(Frozen):
    """Everything the audit found in one attempt of a run, and the rules under which it may be published."""

    version: Literal[1] = 1
    target: Target
    run: str
    run_name: str
    attempt: int
    gate: str
    """The pause key of this attempt's gate; see `keys.gate_keys`."""
    requested_by: Requester
    created_at: datetime
    expires_at: datetime
    dbt: DbtSummary
    tables: tuple[TableDiff, ...]
    findings: tuple[Finding, ...] = ()
    policy: Policy
    rules: tuple[Rule, ...] = ()
    """As wap.toml gave them; what of them is at work is in `rule_hits`."""
    rule_hits: tuple[RuleHit, ...] = ()
    asked_because: Words = ""
    """Why no rule let the run pass without asking, where a rule could have."""
    digest: str

    @model_validator(mode="after")
    def _digest_names_the_tables(self) -> Self:
        if self.digest != data_digest(self.tables):
            raise ValueError("the digest does not belong to the tables of this report")
        return self

    @model_validator(mode="after")
    def _only_a_clean_report_is_automatic(self) -> Self:
        is_clean = not (self.findings or self.dbt.nodes or self.dbt.tests_warned or self.dbt.tests_failed)
        passed = [hit.action == "auto" for hit in self.rule_hits]
        if any(passed) and not (is_clean and all(passed)):
            raise ValueError("a report with findings cannot pass without a person")
        return self

    @property
    def is_automatic(self) -> bool:
        """Whether the rules let everything in this report pass, so that nobody is asked."""
        return any(hit.action == "auto" for hit in self.rule_hits)

    @property
    def approvals_needed(self) -> int:
        """How many different approvers must approve: the policy's quorum, or more where a rule asks for more."""
        return max(self.policy.quorum, *(hit.approvals for hit in self.rule_hits), 1)

    @property
    def blockers(self) -> tuple[Finding, ...]:
        """The findings that close the gate before anyone is asked."""
        return tuple(finding for finding in self.findings if finding.severity == "blocker")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that a reviewer should weigh."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    @property
    def differing(self) -> tuple[TableDiff, ...]:
        """The tables that are not equal on both sides, failed ones included."""
        return tuple(table for table in self.tables if table.status != "equal")
