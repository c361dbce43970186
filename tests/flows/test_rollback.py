"""The second flow on real Prefect, real dbt and real DuckDB: the newest release is taken back, or nothing happens."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import duckdb
import pytest
from prefect import tags
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.flow_engine import run_flow

from flows.contract import (
    RECEIPT_ARTIFACT,
    ROLLBACK_KEY,
    ROLLED_BACK_KEY,
    STAGING_USED_KEY,
    Claims,
    Decider,
    Receipt,
    Report,
    Rollback,
    sign_proof,
)
from flows.prefect_runs.published_run import tell_taken_back
from flows.prefect_runs.store import claim
from flows.rollback import rollback
from flows.warehouse.duckdb.warehouse import DuckDBWarehouse
from tests.flows.project import Project
from tests.flows.reviewed import Reviewed, approve, reject
from tests.flows.reviewer import Api
from wap.runs import roll_back

pytestmark = pytest.mark.usefixtures("prefect")

KEY = "a-key-for-tests-only"
BEFORE = {"orders": [(1, 10)], "big_orders": []}
AFTER = {"orders": [(1, 10), (2, 200)], "big_orders": [(2, 200)]}


class RolledBack:
    """One roll back that was asked for, and what came of it."""

    def __init__(self, url: str, project: Project, run: str, **parameters: str) -> None:
        self.api = Api(url)
        known = {one["id"] for one in self.api.runs()}
        with tags("wap"):
            self.state: State[Any] = rollback(run, config=str(project.config), return_state=True, **parameters)
        [self.run] = [one["id"] for one in self.api.runs() if one["id"] not in known]

    @property
    def receipt(self) -> Receipt:
        """Its receipt."""
        return Receipt.model_validate(self.api.artifacts(self.run, RECEIPT_ARTIFACT)[0]["data"])

    @property
    def sentence(self) -> str:
        """How it ended; state and receipt say the same."""
        assert self.receipt.reason == self.state.message
        return f"{self.state.name}: {self.state.message}"


@pytest.fixture
def published(prefect: str, project: Project) -> Reviewed:
    """Two releases; the second is in production."""
    assert Reviewed(prefect, project, approve).ended_as("Published")
    project.rows((1, 10), (2, 200))
    second = Reviewed(prefect, project, approve)
    assert second.ended_as("Published")
    assert project.contents("dwh") == AFTER
    return second


def proof_of(report: Report | None, **changes: Any) -> str:
    """What the bot signs."""
    assert report is not None
    fields: dict[str, Any] = {
        "run": report.run,
        "attempt": report.attempt,
        "digest": report.digest,
        "verdict": "Rollback",
        "decider": Decider(name="Mina", user_id="U0MINA"),
        "nonce": "n",
        "at": datetime.now(UTC),
    }
    return sign_proof(Claims(**{**fields, **changes}), [KEY])


def marker(project: Project, schema: str = "dwh") -> str:
    """The run that the marker names."""
    with duckdb.connect(str(project.warehouse)) as connection:
        found = connection.execute(f'SELECT "run" FROM {schema}._wap_release').fetchone()
    return str(found[0]) if found else ""


def test_rollback_restores_the_release_before(
    prefect: str, project: Project, published: Reviewed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Contents of both sides change places again; who did it is proven, told at both runs, and in the receipt."""
    monkeypatch.setenv("WAP_SIGNING_KEYS", KEY)
    done = RolledBack(prefect, project, published.run, proof=proof_of(published.report), requested_by="Mina")
    assert done.sentence.startswith("Rolled back: Rolled back by Mina: `dwh` holds the release before")
    assert project.contents("dwh") == BEFORE
    assert project.contents("develop_dwh") == AFTER
    assert marker(project) == done.run
    told = Rollback.model_validate(done.api.input(published.run, ROLLED_BACK_KEY))
    assert (told.run, told.by, told.decider.user_id, told.via) == (published.run, done.run, "U0MINA", "slack")
    assert done.receipt.rollback == told
    assert done.receipt.statements
    rows = {one.table: (one.before, one.after) for one in done.receipt.tables}
    assert rows == {"orders": (2, 1), "big_orders": (1, 0)}


def test_rollback_of_a_later_attempt_is_told_at_its_run(prefect: str, project: Project, published: Reviewed) -> None:
    """What was told of an earlier attempt, which was taken back as well, makes room."""
    assert published.report is not None
    done = RolledBack(prefect, project, published.run)
    told = Rollback.model_validate(done.api.input(published.run, ROLLED_BACK_KEY))
    earlier = told.model_copy(update={"attempt": told.attempt - 1, "by": "an earlier one"})
    with get_client(sync_client=True) as client:
        client.delete_flow_run_input(UUID(published.run), ROLLED_BACK_KEY)
    assert claim(UUID(published.run), ROLLED_BACK_KEY, earlier.model_dump(mode="json"))
    tell_taken_back(told)
    assert Rollback.model_validate(done.api.input(published.run, ROLLED_BACK_KEY)) == told
    tell_taken_back(earlier)
    assert Rollback.model_validate(done.api.input(published.run, ROLLED_BACK_KEY)) == told


def test_rollback_by_name_without_proof_is_recorded_as_unverified(
    prefect: str, project: Project, published: Reviewed
) -> None:
    """Started from Prefect or the command line, where the policy allows it."""
    assert published.report is not None
    done = RolledBack(prefect, project, published.report.run_name, requested_by="Tomas")
    assert done.state.name == "Rolled back"
    assert done.receipt.rollback is not None
    assert done.receipt.rollback.decider == Decider(name="Tomas, identity unverified")
    assert project.contents("dwh") == BEFORE


def test_rollback_from_the_command_line_prints_its_sentence(
    prefect: str, project: Project, published: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code tells whether it came about."""
    assert roll_back(project.config, "nobody") == 1
    assert "no run of the name `nobody`" in capsys.readouterr().out
    assert roll_back(project.config, published.run) == 0
    assert "Rolled back by " in capsys.readouterr().out
    assert project.contents("dwh") == BEFORE


def test_rollback_twice_happens_once(prefect: str, project: Project, published: Reviewed) -> None:
    """The second finds the first in the marker, and repeats nothing: the exchange is its own inverse."""
    first = RolledBack(prefect, project, published.run)
    again = RolledBack(prefect, project, published.run)
    assert again.state.name == "Rolled back"
    assert "nothing was repeated" in again.sentence
    assert again.receipt.statements == ()
    assert marker(project) == first.run
    assert project.contents("dwh") == BEFORE


def test_rollback_of_a_rollback_is_refused(prefect: str, project: Project, published: Reviewed) -> None:
    """Forward again is a new release, and is reviewed like one."""
    first = RolledBack(prefect, project, published.run)
    refused = RolledBack(prefect, project, first.run)
    assert refused.state.name == "Refused"
    assert project.contents("dwh") == BEFORE


def test_rollback_of_the_first_release_is_refused(prefect: str, project: Project) -> None:
    """There is nothing to go back to; an empty production helps nobody."""
    first = Reviewed(prefect, project, approve)
    refused = RolledBack(prefect, project, first.run)
    assert "there is no release to go back to" in refused.sentence
    assert project.contents("dwh") == BEFORE


def test_rollback_after_a_newer_publish_is_refused(prefect: str, project: Project, published: Reviewed) -> None:
    """Only the newest release can be taken back."""
    project.rows((3, 300))
    newest = Reviewed(prefect, project, approve)
    refused = RolledBack(prefect, project, published.run)
    assert refused.sentence.startswith("Refused: Not rolled back. `dwh` does not hold the release of run")
    assert marker(project) == newest.run
    assert project.contents("dwh")["orders"] == [(3, 300)]


@pytest.mark.parametrize("orders", [((1, 10), (2, 200)), ((9, 9),)])
def test_rollback_after_a_newer_build_is_refused(
    prefect: str, project: Project, published: Reviewed, orders: tuple[tuple[int, int], ...]
) -> None:
    """A build has used staging up, whatever became of it; the refusal names the run."""
    project.rows(*orders)
    newer = Reviewed(prefect, project, reject)
    refused = RolledBack(prefect, project, published.run)
    assert newer.report is not None
    assert f"run `{newer.report.run_name}` has built into it since" in refused.sentence
    assert refused.api.input(published.run, STAGING_USED_KEY)["run"] == newer.run  # type: ignore[index]
    assert project.contents("dwh") == AFTER
    assert refused.receipt.tables == ()


def test_rollback_after_production_was_changed_is_refused(prefect: str, project: Project, published: Reviewed) -> None:
    """Somebody's repair in production would be lost by it."""
    project.execute("UPDATE dwh.orders SET amount = 11 WHERE order_id = 1")
    refused = RolledBack(prefect, project, published.run)
    assert "was changed after run" in refused.sentence
    assert project.contents("dwh")["orders"] == [(1, 11), (2, 200)]


def test_rollback_of_a_run_that_published_nothing_is_refused(prefect: str, project: Project) -> None:
    """The sentence says how that run ended; an unknown run is one sentence, too."""
    run = Reviewed(prefect, project, reject).run
    assert "it ended as Rejected" in RolledBack(prefect, project, run).sentence
    assert "no run of the name `nobody`" in RolledBack(prefect, project, "nobody").sentence


def test_rollback_with_a_proof_that_does_not_count_is_refused(
    prefect: str, project: Project, published: Reviewed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forged, of another kind, of other data, too old, not an approver, the requester: production stays as it is."""
    monkeypatch.setenv("WAP_SIGNING_KEYS", KEY)
    report = published.report
    stranger = Decider(name="Priya", user_id="U0PRIYA")
    for proof, words in (
        ("forged", "not signed"),
        (proof_of(report, verdict="Approve"), "of another kind"),
        (proof_of(report, digest="0" * 64), "other data"),
        (proof_of(report, run="another"), "another run"),
        (proof_of(report, at=datetime.now(UTC) - timedelta(minutes=3)), "too long ago"),
        (proof_of(report, decider=stranger), "not among the approvers"),
    ):
        refused = RolledBack(prefect, project, published.run, proof=proof)
        assert refused.state.name == "Refused"
        assert words in refused.sentence
    assert project.contents("dwh") == AFTER
    assert marker(project) == published.run


def test_rollback_without_proof_where_the_policy_denies_it_is_refused(
    prefect: str, project: Project, published: Reviewed
) -> None:
    """The settings of now count as well as those of the report."""
    project.settings(policy='prefect_ui = "deny"')
    assert "only from Slack" in RolledBack(prefect, project, published.run).sentence
    assert project.contents("dwh") == AFTER


class Killed(BaseException):
    """Nothing of ours catches it, as nothing catches kill -9."""


def test_rollback_killed_after_the_exchange_is_told_when_run_again(
    prefect: str, project: Project, published: Reviewed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The marker says that it has happened: no exchange is sent again, and everything else is caught up on."""
    exchange = DuckDBWarehouse.exchange

    def die(self: Any, *args: Any) -> Any:
        exchange(self, *args)
        raise Killed

    monkeypatch.setattr(DuckDBWarehouse, "exchange", die)
    with tags("wap"), pytest.raises(Killed):
        rollback(published.run, config=str(project.config))
    monkeypatch.setattr(DuckDBWarehouse, "exchange", exchange)
    assert project.contents("dwh") == BEFORE
    run = marker(project)
    api = Api(prefect)
    assert api.input(published.run, ROLLED_BACK_KEY) is None
    assert api.input(run, ROLLBACK_KEY) is not None
    api.set_state(run, "SCHEDULED", force=True)
    with get_client(sync_client=True) as client:
        flow_run = client.read_flow_run(UUID(run))
    parameters = {"run": published.run, "config": str(project.config)}
    state: Any = run_flow(rollback, flow_run=flow_run, parameters=parameters, return_type="state")
    assert state.name == "Rolled back"
    assert project.contents("dwh") == BEFORE
    assert api.input(published.run, ROLLED_BACK_KEY)["by"] == run  # type: ignore[index]
    receipt = Receipt.model_validate(api.artifacts(run, RECEIPT_ARTIFACT)[0]["data"])
    assert receipt.statements == ()
    assert receipt.rollback is not None


def test_release_after_a_rollback_starts_from_what_is_in_production(
    prefect: str, project: Project, published: Reviewed
) -> None:
    """The next build compares with the release that came back, and can be published."""
    RolledBack(prefect, project, published.run)
    project.rows((1, 10), (4, 400))
    following = Reviewed(prefect, project, approve)
    assert following.ended_as("Published")
    assert following.report is not None
    orders = next(table for table in following.report.tables if table.name == "orders")
    assert (orders.added, orders.removed, orders.changed) == (1, 0, 0)
