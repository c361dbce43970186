"""Cancelling and starting: who may, what Prefect is asked, and what the person hears."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.answers import Answers
from bot.commands.deployments import Deployment
from bot.commands.starting import Starting
from bot.decisions.permission import Permissions
from bot.decisions.policy import Denied, Home, Members, Person, Rule, may_cancel, may_start
from bot.forms import DeploymentPick, RunForm
from bot.modals import Modals
from bot.payloads import Place
from bot.ports import SlackRefused
from bot.runs import Address, Build, Facts, StateType
from flows.contract import Policy, Requester
from tests.bot.fake_prefect import FakeDesk
from tests.bot.fakes import CHANNEL, HOME, FakeRuns, FakeSlack, clock, person
from tests.bot.test_card_state import facts, run, waiting
from tests.bot.test_reviews import World
from tests.builders import MINA, RUN_ID, TARGET, TOMAS, acknowledgement, receipt, report

COMMAND = Place(MINA, response_url="https://example.com/response")
BUILDING = facts(build=Build(TARGET, Requester(name="Mina Okafor", user_id=MINA)))
ANYBODY = Person("U0PRIYA001", "Priya", HOME.team_id)
OWNERS = "S0OWNERS01"


@pytest.mark.parametrize(
    ("who", "requester", "policy", "members", "rule"),
    [
        (person(), Requester(name="Mina", user_id=MINA), None, {}, None),
        (person(), Requester(name="Mina", user_id=MINA), Policy(approvers=("U0OTHER001",)), {}, None),
        (person(), Requester(name="Tomas", user_id=TOMAS), Policy(approvers=(MINA,)), {}, None),
        (person(), Requester(name="Tomas", user_id=TOMAS), Policy(approvers=(OWNERS,)), {OWNERS: {MINA}}, None),
        (person(), None, None, {}, Rule.NOT_REQUESTER),
        (person(), Requester(name="Mina"), None, {}, Rule.NOT_REQUESTER),
        (person(), Requester(name="Tomas", user_id=TOMAS), None, {}, Rule.NOT_REQUESTER),
        (person(), None, Policy(approvers=("U0OTHER001",)), {}, Rule.NOT_REQUESTER),
        (person(), None, Policy(approvers=(OWNERS,)), {OWNERS: None}, Rule.UNKNOWN_MEMBERS),
        (person(is_guest=True), Requester(name="Mina", user_id=MINA), None, {}, Rule.GUEST),
        (person(is_deleted=True), Requester(name="Mina", user_id=MINA), None, {}, Rule.DEACTIVATED),
        (person(team_id="T0QUAYSIDE"), Requester(name="Mina", user_id=MINA), None, {}, Rule.OUTSIDER),
    ],
)
def test_may_cancel(
    who: Person, requester: Requester | None, policy: Policy | None, members: Members, rule: Rule | None
) -> None:
    """The requester an own run, an approver any; a name without an id is nobody."""
    judged = may_cancel(who, requester, policy, home=HOME, members=members)
    assert (judged.rule if isinstance(judged, Denied) else None) == rule


def test_may_start_is_about_the_person_only() -> None:
    """Every member may ask; guests, bots and others may not."""
    assert not isinstance(may_start(ANYBODY, home=HOME), Denied)
    for odd in ({"is_guest": True}, {"is_bot": True}, {"is_stranger": True}, {"is_deleted": True}):
        assert isinstance(may_start(replace(ANYBODY, **odd), home=HOME), Denied)
    assert isinstance(may_start(ANYBODY, home=Home("T0OTHER")), Denied)


async def test_cancel_of_a_building_run_asks_prefect_and_tells_all() -> None:
    """The state's message says who it was; the channel hears of it; the card is brought up to date."""
    world = World(BUILDING)
    await world.reviews.cancel(COMMAND, RUN_ID)
    assert world.desk.cancelled == [(RUN_ID, "Cancelled in Slack by Mina Okafor.")]
    assert world.slack.history[-1] == "answer publicly"
    assert world.runs.history[-1] == "reconcile"


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (facts(StateType.COMPLETED, "Published", receipt=receipt()), "has ended; it is `published`"),
        (facts(report=report(), acknowledgement=acknowledgement()), "is approved, and stopping a publish half way"),
        (facts(StateType.CANCELLING, "Cancelling"), "it is `cancelled`"),
    ],
)
async def test_run_that_is_past_stopping_is_not_cancelled(seen: Facts, words: str) -> None:
    """Ended, being published, being stopped already: nothing is sent."""
    world = World(seen)
    await world.reviews.cancel(COMMAND, RUN_ID)
    assert world.desk.cancelled == []
    assert words in world.slack.answers[0].text


async def test_cancel_that_prefect_refuses_is_said() -> None:
    """Somebody decided in the same moment."""
    world = World(waiting())
    world.desk.refuses = "This run has already terminated."
    await world.reviews.cancel(COMMAND, RUN_ID)
    assert world.slack.answers[0].text == "Not cancelled. Prefect said: `This run has already terminated.`."
    assert world.slack.history[-1] == "answer"


class Stand:
    """A desk with one deployment, and people who start it."""

    def __init__(self, *offered: Deployment) -> None:
        self.runs, self.slack, self.desk = FakeRuns(), FakeSlack(), FakeDesk(offered)
        self.desk.makes = run(StateType.SCHEDULED, "Scheduled")
        self.runs.add(facts(StateType.SCHEDULED, "Scheduled", card=Address(CHANNEL, "1.0")))
        permissions = Permissions(self.runs, self.slack, home=HOME, clock=clock)
        self.starting = Starting(
            self.runs,
            self.desk,
            self.slack,
            permissions=permissions,
            answers=(answers := Answers(self.slack, self._at_home)),
            modals=Modals(self.slack, answers),
            reconcile=self._reconcile,
        )

    async def _at_home(self, user_id: str, text: str) -> None:
        raise AssertionError("nobody was at home")

    async def _reconcile(self, run_id: str) -> None:
        self.runs.history.append("reconcile")

    async def ask(self, wanted: str = "") -> dict[str, Any]:
        """Type /wap run; what the modal shows in the end."""
        await self.starting.ask(COMMAND, wanted, "trigger")
        loading, shown = self.slack.views
        assert "Asking Prefect" in str(loading)
        return shown

    async def pick(self, deployment_id: str) -> dict[str, Any]:
        """Pick from the choice; what the modal shows then."""
        await self.starting.pick(DeploymentPick(COMMAND, "V1", deployment_id))
        return self.slack.views[-1]


NIGHTLY, HOURLY = Deployment("d1", "nightly", ()), Deployment("d2", "hourly", ())
SAME = replace(NIGHTLY, id="d3")
MANY = tuple(Deployment(str(number), f"d{number}", ()) for number in range(101))
FORM = RunForm(COMMAND, "d1", "V1", {"day": "2026-03-02"})


def offered_in(view: dict[str, Any]) -> list[str]:
    """What a choice offers, as people read it."""
    [select] = [part for block in view["blocks"] if block["type"] == "actions" for part in block["elements"]]
    return [option["text"]["text"] for option in select["options"]]


async def test_only_deployment_needs_no_name() -> None:
    """A modal opens before anybody is asked, and becomes the form."""
    stand = Stand(NIGHTLY)
    assert (await stand.ask())["callback_id"] == "wap_run_modal"
    assert stand.slack.history[0] == "open_modal"


@pytest.mark.parametrize(
    ("offered", "wanted", "words"),
    [
        ((), "", "Prefect has no deployment with the tag `wap`"),
        ((), "nightly", "Prefect has no deployment with the tag `wap`"),
        ((replace(NIGHTLY, is_paused=True),), "", "The deployment `nightly` is paused in Prefect."),
        (MANY, "", "There are 101 deployments, more than fit into a list here. Name one, for example `/wap run d0`."),
    ],
)
async def test_start_without_a_form_says_why(offered: tuple[Deployment, ...], wanted: str, words: str) -> None:
    """Never a guess, always what to do next, in the modal that is open."""
    shown = await Stand(*offered).ask(wanted)
    assert words in str(shown)
    assert "submit" not in shown


@pytest.mark.parametrize(
    ("offered", "wanted", "lead", "options"),
    [
        ((NIGHTLY, HOURLY), "", "Pick what to start.", ["nightly", "hourly"]),
        ((NIGHTLY, HOURLY), "nigthly", "no deployment `nigthly`. Did you mean `nightly`?", ["nightly", "hourly"]),
        ((NIGHTLY, SAME), "nightly", "Several deployments are called `nightly`", ["nightly (d1)", "nightly (d3)"]),
        ((NIGHTLY, replace(HOURLY, is_paused=True)), "", "Pick what to start.", ["nightly", "hourly · paused"]),
        (MANY[:100], "", "Pick what to start.", [f"d{number}" for number in range(100)]),
    ],
)
async def test_several_deployments_are_a_choice(
    offered: tuple[Deployment, ...], wanted: str, lead: str, options: list[str]
) -> None:
    """Up to a hundred, which is what a select of Slack's holds; equal names are told apart by their ids."""
    shown = await Stand(*offered).ask(wanted)
    assert lead in str(shown)
    assert offered_in(shown) == options


async def test_one_of_a_hundred_and_one_is_found_by_its_name() -> None:
    """Only the list has a limit."""
    assert json.loads((await Stand(*MANY).ask("d100"))["private_metadata"])["deployment"] == "100"


async def test_picked_deployment_becomes_its_form() -> None:
    """The same modal, and what it asks then is about that deployment."""
    stand = Stand(NIGHTLY, HOURLY)
    await stand.ask()
    shown = await stand.pick("d2")
    assert shown["callback_id"] == "wap_run_modal"
    assert json.loads(shown["private_metadata"])["deployment"] == "d2"


@pytest.mark.parametrize(
    ("picked", "words"),
    [("d9", "The deployment is not there any more"), ("d2", "The deployment `hourly` is paused in Prefect")],
)
async def test_picked_deployment_that_cannot_start_is_said(picked: str, words: str) -> None:
    """Deleted or paused while the choice was open."""
    stand = Stand(NIGHTLY, replace(HOURLY, is_paused=True))
    await stand.ask()
    assert words in str(await stand.pick(picked))


async def test_start_records_the_requester_and_links_the_card() -> None:
    """Who asked comes from Slack and not from the form; the card is there before the answer."""
    stand = Stand(NIGHTLY)
    form = replace(FORM, values={"day": "2026-03-02", "requested_by": "somebody else"})
    await stand.starting.start(form)
    [(deployment, parameters, once)] = stand.desk.started
    assert (deployment, once) == ("d1", "V1")
    assert parameters == {"day": "2026-03-02", "requested_by": "Mina Okafor", "requester_user_id": MINA}
    assert stand.runs.history[:2] == ["claim wap-from-slack", "reconcile"]
    assert stand.slack.answers[0].text == "Started `quiet-otter`. Its card: <https://example.com/1.0|open>"


async def test_prefect_that_fails_after_the_start_does_not_unsay_it() -> None:
    """The run is there; what is missing is the link to its card."""
    stand = Stand(NIGHTLY)
    stand.runs.is_down = True
    await stand.starting.start(FORM)
    assert len(stand.desk.started) == 1
    assert stand.slack.answers[0].text == "Started `quiet-otter`. Its card comes in the release channel."


async def test_refused_start_is_said_with_prefects_reason() -> None:
    """A parameter that the flow does not take."""
    stand = Stand(NIGHTLY)
    stand.desk.refuses = "day is not a date"
    await stand.starting.start(FORM)
    assert "Not started. Prefect said: `day is not a date`" in stand.slack.answers[0].text


async def test_deployment_that_is_gone_is_said() -> None:
    """The form was open while somebody deleted it."""
    stand = Stand()
    await stand.starting.start(FORM)
    assert "the deployment is not there any more" in stand.slack.answers[0].text


async def test_deployment_that_was_paused_meanwhile_starts_nothing() -> None:
    """As when the form is asked for."""
    stand = Stand(replace(NIGHTLY, is_paused=True))
    await stand.starting.start(FORM)
    assert stand.desk.started == []
    assert "is paused in Prefect" in stand.slack.answers[0].text


async def test_person_deactivated_meanwhile_starts_nothing() -> None:
    """Rights are looked at again when the form is sent."""
    stand = Stand(NIGHTLY)
    stand.slack.people[MINA] = person(is_deleted=True)
    await stand.starting.start(FORM)
    assert stand.desk.started == []
    assert "deactivated" in stand.slack.answers[0].text


async def test_form_that_slack_does_not_open_is_said() -> None:
    """A trigger lives three seconds."""
    stand = Stand(NIGHTLY)
    stand.slack.fail("open_modal", SlackRefused("views.open", "expired_trigger_id"))
    await stand.starting.ask(COMMAND, "nightly", "trigger")
    assert [message.text for message in stand.slack.answers] == [
        "Nothing was started. Slack did not open the form in time. Type `/wap run nightly` again."
    ]
