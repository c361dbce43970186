"""The gate against a real Prefect server, where several people must approve."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from flows.contract import (
    Acknowledgement,
    Claims,
    Decider,
    Policy,
    Report,
    Vote,
    acknowledgement_key,
    sign_proof,
    vote_key,
)
from tests.flows.reviewer import Api, meanwhile
from tests.flows.test_gate import known, pass_gate
from tests.flows.values import KEYS, report

pytestmark = pytest.mark.usefixtures("prefect")

_TWO = Policy(approvers=("channel",), quorum=2)


class Voters:
    """People with the bot's keys, and Prefect's API."""

    def __init__(self, api: Api, run: str) -> None:
        self.api = api
        self.run = run
        self.report: Report = report(run=run, policy=_TWO)

    def _proof(self, name: str, *, votes: tuple[str, ...] = (), called: str = "") -> str:
        claims = Claims(
            run=self.run,
            attempt=1,
            digest=self.report.digest,
            verdict="Approve",
            decider=Decider(name=called or name, user_id=f"U0{name.upper()}"),
            nonce=f"nonce of {name}",
            at=datetime.now(UTC),
            votes=votes,
        )
        return sign_proof(claims, KEYS)

    def vote(self, name: str) -> int:
        """Store a vote; the status of Prefect's answer."""
        body = {"key": vote_key(1, f"U0{name.upper()}"), "value": Vote(proof=self._proof(name)).model_dump_json()}
        return self.api.http.post(f"/flow_runs/{self.run}/input", json=body).status_code

    def withdraw(self, name: str) -> None:
        """Delete a vote."""
        self.api.http.delete(f"/flow_runs/{self.run}/input/{vote_key(1, f'U0{name.upper()}')}").raise_for_status()

    def decide(self, last: str, *counted: str, called: str = "") -> Any:
        """Send what the bot sends when `last`, who may be `called` otherwise in Slack, completes the number."""
        proof = self._proof(last, votes=tuple(f"nonce of {name}" for name in counted), called=called)
        return self.api.resume(self.run, {"verdict": "Approve", "proof": proof})["status"]


def test_ask_with_enough_votes_names_everybody(prefect: str) -> None:
    """The votes are read from Prefect, and all who approved are in the acknowledgement; a key is taken once."""
    api = Api(prefect)
    before = known(api)
    seen: list[str] = []

    def act() -> None:
        run = api.wait_paused(known=before)["id"]
        seen.append(run)
        voters = Voters(api, run)
        assert (voters.vote("Mina"), voters.vote("Mina"), voters.vote("Priya")) == (201, 409, 201)
        assert voters.decide("Priya", "Mina", "Priya") == "ACCEPT"

    with meanwhile(act):
        decided = pass_gate(policy=_TWO)
    assert isinstance(decided, Acknowledgement)
    assert [one.name for one in decided.deciders] == ["Mina", "Priya"]
    assert decided.decider.name == "Priya"
    assert api.input(seen[0], acknowledgement_key(1)) == decided.model_dump(mode="json")


def test_ask_when_a_vote_was_withdrawn_asks_again_and_keeps_the_other(prefect: str) -> None:
    """An approval that is taken back before the flow has read it does not count; the question is put again, the other
    vote stays, and a third person completes the number."""
    api = Api(prefect)
    before = known(api)
    saved: list[Report] = []

    def act() -> None:
        first = api.wait_paused(known=before)
        voters = Voters(api, first["id"])
        voters.vote("Mina")
        voters.vote("Priya")
        voters.withdraw("Mina")
        assert voters.decide("Priya", "Mina", "Priya") == "ACCEPT"
        api.wait_paused(known=before, not_gate=first["state"]["state_details"]["pause_key"])
        voters.vote("Ines")
        assert voters.decide("Ines", "Priya", "Ines") == "ACCEPT"

    with meanwhile(act):
        decided = pass_gate(saved, policy=_TWO)
    assert isinstance(decided, Acknowledgement)
    assert [one.name for one in decided.deciders] == ["Priya", "Ines"]
    assert len({one.gate for one in saved}) == 2


def test_ask_when_prefect_s_form_is_used_beside_one_vote_asks_again(prefect: str) -> None:
    """Prefect's own form says nothing of who answered, so it never completes a number."""
    api = Api(prefect)
    before = known(api)

    def act() -> None:
        first = api.wait_paused(known=before)
        run, gate = first["id"], first["state"]["state_details"]["pause_key"]
        Voters(api, run).vote("Mina")
        assert api.resume(run, {"verdict": "Approve"})["status"] == "ACCEPT"
        again = api.wait_paused(known=before, not_gate=gate)
        key = again["state"]["state_details"]["pause_key"]
        assert "needs 2 approvals" in str(api.input(run, f"paused-{key}-description"))
        assert api.resume(run, {"verdict": "Reject", "reason": "enough"})["status"] == "ACCEPT"

    with meanwhile(act):
        decided = pass_gate(policy=_TWO)
    assert isinstance(decided, Acknowledgement)
    assert decided.verdict == "Reject"


def test_ask_again_shows_a_name_as_data(prefect: str) -> None:
    """People choose their names in Slack, and Prefect's form is Markdown: no picture is fetched, no link is made."""
    api = Api(prefect)
    before = known(api)
    said: list[str] = []

    def act() -> None:
        first = api.wait_paused(known=before)
        run, gate = first["id"], first["state"]["state_details"]["pause_key"]
        hostile = "![P](https://example.com/seen.png)\n\n# Approved"
        assert Voters(api, run).decide("Priya", "Mina", "Priya", called=hostile) == "ACCEPT"
        key = api.wait_paused(known=before, not_gate=gate)["state"]["state_details"]["pause_key"]
        said.append(str(api.input(run, f"paused-{key}-description")))
        api.set_state(run, "CANCELLED")

    with meanwhile(act):
        pass_gate(policy=_TWO)
    assert "did not count" in said[0]
    markup = re.sub(r"`[^`\n]*`", "", said[0])  # in code font nothing is fetched
    assert "![" not in markup
    assert "://" not in markup
    assert "\n# Approved" not in markup
