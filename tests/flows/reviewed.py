"""One run of the whole flow, answered by somebody in another thread, and what became of it."""

from collections.abc import Callable
from typing import Any

from prefect import tags
from prefect.client.schemas.objects import State

from flows.contract import RECEIPT_ARTIFACT, REPORT_ARTIFACT, Receipt, Report
from flows.write_audit_publish import write_audit_publish
from tests.flows.project import Project
from tests.flows.reviewer import Api, meanwhile


class Reviewed:
    """One run of the flow, answered by `act` once it waits."""

    def __init__(self, url: str, project: Project, act: Callable[[Api, str], Any] | None) -> None:
        self.api = Api(url)
        self.seen: list[str] = []
        known = frozenset(run["id"] for run in self.api.runs())

        def answer() -> None:
            if act is not None:
                run = self.api.wait_paused(known=known)["id"]
                self.seen.append(run)
                act(self.api, run)

        with meanwhile(answer), tags("wap"):
            self.state: State[Any] = write_audit_publish(str(project.config), "Tomas", return_state=True)
        new = [run["id"] for run in self.api.runs() if run["id"] not in known]
        self.run: str = self.seen[0] if self.seen else new[0]

    @property
    def receipt(self) -> Receipt:
        """The run's receipt."""
        return Receipt.model_validate(self.api.artifacts(self.run, RECEIPT_ARTIFACT)[0]["data"])

    @property
    def report(self) -> Report | None:
        """The run's report, if it got that far."""
        found = self.api.artifacts(self.run, REPORT_ARTIFACT)
        return Report.model_validate(found[0]["data"]) if found else None

    def ended_as(self, outcome: str) -> bool:
        """Whether state, server and receipt all say so."""
        names = {self.state.name, self.api.run(self.run)["state"]["name"], self.receipt.outcome.value}
        return names == {outcome}


def approve(api: Api, run: str) -> None:
    """Say yes in Prefect."""
    assert api.resume(run, {"verdict": "Approve"})["status"] == "ACCEPT"


def reject(api: Api, run: str) -> None:
    """Say no in Prefect."""
    assert api.resume(run, {"verdict": "Reject", "reason": "too early"})["status"] == "ACCEPT"
