"""Prefect's objects -> our values. What cannot be understood is named, never guessed."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from prefect.client.schemas.objects import Artifact, FlowRun
from pydantic import BaseModel, ValidationError

from bot.decisions.proofs import read_decision
from bot.keys import ANSWERED_PREFIX, FROM_SLACK_KEY, SHOWN_KEY, THREAD_PREFIX, withdrawn_prefix
from bot.runs import Address, Build, CardClaim, Facts, PartClaim, Run, Shown, StateType, StoredDecision, Withdrawn
from flows.contract import (
    BUILD_KEY,
    CARD_CLAIM_KEY,
    CARD_KEY,
    PREDECESSOR_KEY,
    PROGRESS_ARTIFACT,
    RECEIPT_ARTIFACT,
    REPORT_ARTIFACT,
    ROLLBACK_TAG,
    ROLLED_BACK_KEY,
    STAGING_USED_KEY,
    Acknowledgement,
    Approval,
    Decision,
    Discussion,
    Frozen,
    Progress,
    Receipt,
    Report,
    Requester,
    Rollback,
    StagingUse,
    Target,
    acknowledgement_key,
    approvals,
    discussion_key,
    gate_keys,
    rollback_vote_prefix,
    vote_prefix,
)

Model = TypeVar("Model", bound=BaseModel)

_PART = re.compile(rf"({THREAD_PREFIX}[a-z0-9-]+)-(?:claim-([0-9]+)|done)")


class _Build(Frozen):
    target: Target
    requested_by: Requester


def read_run(flow_run: FlowRun) -> Run:
    """A Prefect flow run as our value."""
    state = flow_run.state
    if state is None:
        created = flow_run.created or datetime.now(UTC)
        return Run(str(flow_run.id), flow_run.name, "", StateType.PENDING, "Pending", created, has_started=False)
    return Run(
        id=str(flow_run.id),
        name=flow_run.name,
        state_id=str(state.id),
        state_type=StateType(state.type.value),
        state_name=state.name or "",
        since=state.timestamp,
        message=state.message or "",
        pause_key=state.state_details.pause_key or "",
        has_started=flow_run.start_time is not None,
        requested_by=_requester(flow_run.parameters),
        takes_back=_text(flow_run.parameters, "run") if ROLLBACK_TAG in flow_run.tags else "",
        config=_text(flow_run.parameters, "config"),
    )


def _text(parameters: Mapping[str, Any], name: str) -> str:
    found = parameters.get(name)
    return found if isinstance(found, str) else ""


def _requester(parameters: Mapping[str, Any]) -> Requester | None:
    """Who asked for the run, as it was started; the flow makes its own of it."""
    name, user_id = parameters.get("requested_by"), parameters.get("requester_user_id")
    if not isinstance(name, str) or not name:
        return None
    return Requester(name=name, user_id=user_id if isinstance(user_id, str) else "")


def read_facts(
    run: Run,
    inputs: Mapping[str, str],
    artifacts: Sequence[Artifact],
    *,
    signing_keys: Sequence[str],
    read_at: datetime | None = None,
) -> Facts:
    """Put together what was read of one run. `artifacts` newest first; `read_at` is before the first of it was read."""
    bad: list[str] = []
    report = _newest(artifacts, REPORT_ARTIFACT, Report, bad)
    build = _document(inputs.get(BUILD_KEY), _Build, BUILD_KEY, bad)
    acknowledged = acknowledgement_key(report.attempt) if report else ""
    discussed = discussion_key(report.attempt) if report else ""
    votes = _votes(inputs, report, signing_keys) if report else ()
    return Facts(
        run=run,
        build=Build(build.target, build.requested_by) if build else None,
        report=report,
        decision=read_stored(inputs.get(gate_keys(report.gate)["response"]), signing_keys) if report else None,
        acknowledgement=_document(inputs.get(acknowledged), Acknowledgement, acknowledged, bad),
        receipt=_newest(artifacts, RECEIPT_ARTIFACT, Receipt, bad),
        card=_address(_fields(inputs.get(CARD_KEY))),
        claims=_claims(inputs),
        parts_claimed=_part_claims(inputs),
        parts_done=frozenset(found[1] for key in inputs if (found := _PART.fullmatch(key)) and found[2] is None),
        answers=sum(key.startswith(ANSWERED_PREFIX) for key in inputs),
        discussion=_document(inputs.get(discussed), Discussion, discussed, bad),
        shown=_shown(_fields(inputs.get(SHOWN_KEY))),
        progress=_newest(artifacts, PROGRESS_ARTIFACT, Progress, []),
        is_from_slack=FROM_SLACK_KEY in inputs,
        votes=votes,
        was_asked=report is None or gate_keys(report.gate)["schema"] in inputs,
        withdrawn=_withdrawn(inputs, report, votes) if report else (),
        rollback_votes=_rollback_votes(inputs, report, signing_keys) if report else (),
        rollback=_rollback(inputs.get(ROLLED_BACK_KEY), report, bad),
        staging_used=_document(inputs.get(STAGING_USED_KEY), StagingUse, STAGING_USED_KEY, bad),
        predecessor=_text(_fields(inputs.get(PREDECESSOR_KEY)), "run"),
        unreadable=tuple(bad),
        read_at=read_at,
    )


def read_stored(text: str | None, signing_keys: Sequence[str]) -> StoredDecision | None:
    """The response of a gate. One that is no Decision counts as none: the flow treats it as no, too."""
    if text is None:
        return None
    try:
        return read_decision(Decision.model_validate_json(text), signing_keys)
    except ValidationError:
        return None


def _votes(inputs: Mapping[str, str], report: Report, signing_keys: Sequence[str]) -> tuple[Approval, ...]:
    """The votes that the flow would count, too."""
    prefix = vote_prefix(report.attempt)
    return approvals((text for key, text in inputs.items() if key.startswith(prefix)), report, signing_keys)


def _rollback_votes(inputs: Mapping[str, str], report: Report, signing_keys: Sequence[str]) -> tuple[Approval, ...]:
    """The votes for a roll back that the flow would count, too, if they are not too old."""
    prefix = rollback_vote_prefix(report.attempt)
    stored = (text for key, text in inputs.items() if key.startswith(prefix))
    return approvals(stored, report, signing_keys, verdict="Rollback")


def _rollback(text: str | None, report: Report | None, bad: list[str]) -> Rollback | None:
    """That the release was taken back, unless it was that of an earlier attempt: this one has published anew."""
    found = _document(text, Rollback, ROLLED_BACK_KEY, bad)
    return found if found and (report is None or found.attempt >= report.attempt) else None


def _withdrawn(inputs: Mapping[str, str], report: Report, votes: Sequence[Approval]) -> tuple[Withdrawn, ...]:
    """The votes that are gone, of people who have not approved again since."""
    prefix = withdrawn_prefix(report.attempt)
    found = [_fields(text) for key, text in sorted(inputs.items()) if key.startswith(prefix)]
    there = {vote.claims.decider.user_id for vote in votes}
    return tuple(
        Withdrawn(str(one["user"]), str(one.get("name", "")), str(one.get("why", "")))
        for one in found
        if one.get("user") and one["user"] not in there
    )


def _newest(artifacts: Sequence[Artifact], key: str, model: type[Model], bad: list[str]) -> Model | None:
    found = next((artifact for artifact in artifacts if artifact.key == key), None)
    if found is None:
        return None
    text = found.data if isinstance(found.data, str) else json.dumps(found.data)
    return _document(text, model, key, bad)


def _document(text: str | None, model: type[Model], name: str, bad: list[str]) -> Model | None:
    if text is None:
        return None
    try:
        return model.model_validate_json(text)
    except ValidationError:
        bad.append(name)
        return None


def _fields(text: str | None) -> dict[str, Any]:
    """A small JSON object of ours; empty when it is absent or not one."""
    try:
        fields = json.loads(text) if text is not None else {}
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _address(fields: Mapping[str, Any]) -> Address | None:
    channel, ts = fields.get("channel"), fields.get("ts")
    return Address(channel, ts) if isinstance(channel, str) and isinstance(ts, str) else None


def _shown(fields: Mapping[str, Any]) -> Shown | None:
    digest, source = fields.get("digest"), fields.get("made_from")
    return Shown(digest, source) if isinstance(digest, str) and isinstance(source, str) else None


def _claims(inputs: Mapping[str, str]) -> tuple[CardClaim, ...]:
    claims = []
    for key, text in inputs.items():
        suffix = key.removeprefix(CARD_CLAIM_KEY)
        if not key.startswith(CARD_CLAIM_KEY) or not (suffix == "" or suffix[1:].isdigit()):
            continue
        fields = _fields(text)
        claims.append(CardClaim(int(suffix[1:]) if suffix else 1, str(fields.get("by", "")), _moment(fields)))
    return tuple(sorted(claims, key=lambda claim: claim.number))


def _part_claims(inputs: Mapping[str, str]) -> tuple[PartClaim, ...]:
    claims = []
    for key, text in inputs.items():
        found = _PART.fullmatch(key)
        if found and found[2]:
            fields = _fields(text)
            claims.append(PartClaim(found[1], int(found[2]), str(fields.get("by", "")), _moment(fields)))
    return tuple(sorted(claims, key=lambda claim: (claim.part, claim.number)))


def _moment(fields: Mapping[str, Any]) -> datetime:
    """When a claim was made; one that does not say is as old as can be."""
    try:
        return datetime.fromisoformat(str(fields.get("at")))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
