"""The words that the flow and the bot both speak: no Prefect, no dbt, no Slack, no warehouse."""

from flows.contract.base import Frozen
from flows.contract.decision import Acknowledgement, Decider, Decision, Verdict, Via
from flows.contract.keys import (
    BUILD_KEY,
    CARD_CLAIM_KEY,
    CARD_KEY,
    MARKDOWN_ARTIFACT,
    PROGRESS_ARTIFACT,
    RECEIPT_ARTIFACT,
    REPORT_ARTIFACT,
    TAG,
    acknowledgement_key,
    gate_keys,
    lock_name,
)
from flows.contract.outcome import Outcome
from flows.contract.policy import Policy
from flows.contract.profile import Bar, Cell, ColumnProfile, Distribution, Profile
from flows.contract.progress import Progress
from flows.contract.proof import Claims, ProofInvalid, read_proof, sign_proof
from flows.contract.receipt import Receipt, Statement, TableRows
from flows.contract.report import DbtNode, DbtSummary, Finding, Report, Requester, Target, data_digest
from flows.contract.rules import AskRule, AutoRule, BlockRule, Rule, RuleHit
from flows.contract.table import (
    CellChange,
    Column,
    ColumnCount,
    Concentration,
    Exposure,
    Freshness,
    SampleRow,
    SchemaChange,
    Scope,
    Side,
    TableContext,
    TableDiff,
)

__all__ = [
    "BUILD_KEY",
    "CARD_CLAIM_KEY",
    "CARD_KEY",
    "MARKDOWN_ARTIFACT",
    "PROGRESS_ARTIFACT",
    "RECEIPT_ARTIFACT",
    "REPORT_ARTIFACT",
    "TAG",
    "Acknowledgement",
    "AskRule",
    "AutoRule",
    "Bar",
    "BlockRule",
    "Cell",
    "CellChange",
    "Claims",
    "Column",
    "ColumnCount",
    "ColumnProfile",
    "Concentration",
    "DbtNode",
    "DbtSummary",
    "Decider",
    "Decision",
    "Distribution",
    "Exposure",
    "Finding",
    "Freshness",
    "Frozen",
    "Outcome",
    "Policy",
    "Profile",
    "Progress",
    "ProofInvalid",
    "Receipt",
    "Report",
    "Requester",
    "Rule",
    "RuleHit",
    "SampleRow",
    "SchemaChange",
    "Scope",
    "Side",
    "Statement",
    "TableContext",
    "TableDiff",
    "TableRows",
    "Target",
    "Verdict",
    "Via",
    "acknowledgement_key",
    "data_digest",
    "gate_keys",
    "lock_name",
    "read_proof",
    "sign_proof",
]
