"""Several approvals on the whole flow, with real Prefect, dbt and DuckDB: what is on record in the end."""

from datetime import UTC, datetime

import pytest

from flows.contract import REPORT_ARTIFACT, Claims, Decider, Report, Vote, sign_proof, vote_key
from tests.flows.project import Project
from tests.flows.reviewed import Reviewed
from tests.flows.reviewer import Api
from tests.flows.values import KEYS

pytestmark = pytest.mark.usefixtures("prefect")


def approved_by_two(api: Api, run: str) -> None:
    """What a bot stores and sends when Mina and then Priya approve."""
    asked = Report.model_validate(api.artifacts(run, REPORT_ARTIFACT)[0]["data"])
    assert asked.approvals_needed == 2
    claims: list[Claims] = []
    for name in ("Mina", "Priya"):
        one = Claims(
            run=run,
            attempt=asked.attempt,
            digest=asked.digest,
            verdict="Approve",
            decider=Decider(name=name, user_id=f"U0{name.upper()}"),
            nonce=f"nonce of {name}",
            at=datetime.now(UTC),
        )
        vote = Vote(proof=sign_proof(one, KEYS), gate=asked.gate).model_dump_json()
        body = {"key": vote_key(asked.attempt, one.decider.user_id), "value": vote}
        api.http.post(f"/flow_runs/{run}/input", json=body).raise_for_status()
        claims.append(one)
    last = claims[-1].model_copy(update={"votes": tuple(one.nonce for one in claims)})
    assert api.resume(run, {"verdict": "Approve", "proof": sign_proof(last, KEYS)})["status"] == "ACCEPT"


def test_rule_that_wants_two_approvals_publishes_with_two(
    prefect: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end and the receipt name both, and the rule's number counts although the policy asks for one."""
    monkeypatch.setenv("WAP_SIGNING_KEYS", ",".join(KEYS))
    text = project.config.read_text().replace('["U0MINA"]', '["channel"]')
    project.config.write_text(text + '[[rules]]\naction = "ask"\nnew_table = true\napprovals = 2\n')
    reviewed = Reviewed(prefect, project, approved_by_two)
    assert reviewed.ended_as("Published")
    assert reviewed.state.message == "Published `develop_dwh` to `dwh`, approved by Mina and Priya."
    assert reviewed.receipt.decision is not None
    assert [one.name for one in reviewed.receipt.decision.deciders] == ["Mina", "Priya"]
    assert project.contents("dwh")["orders"] == [(1, 10)]
