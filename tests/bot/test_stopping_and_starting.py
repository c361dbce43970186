"""Cancelling and starting: who may, what Prefect is asked, and what the person hears."""

from dataclasses import replace

import pytest

from bot.answers import Answers
from bot.commands.deployments import Deployment
from bot.commands.starting import Starting
from bot.decisions.permission import Permissions
from bot.decisions.policy import Denied, Home, Members, Person, Rule, may_cancel, may_start
from bot.forms import RunForm
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
            answers=Answers(self.slack, self._at_home),
            reconcile=self._reconcile,
        )

    async def _at_home(self, user_id: str, text: str) -> None:
        raise AssertionError("nobody was at home")

    async def _reconcile(self, run_id: str) -> None:
        self.runs.history.append("reconcile")

    async def ask(self, wanted: str = "") -> list[str]:
        """Type /wap run; what the person reads."""
        await self.starting.ask(COMMAND, wanted, "trigger")
        return [message.text for message in self.slack.answers]


NIGHTLY, HOURLY = Deployment("d1", "nightly", ()), Deployment("d2", "hourly", ())
FORM = RunForm(COMMAND, "d1", "V1", {"day": "2026-03-02"})


async def test_only_deployment_needs_no_name() -> None:
    """The form opens at once."""
    stand = Stand(NIGHTLY)
    assert await stand.ask() == []
    assert stand.slack.views[0]["callback_id"] == "wap_run_modal"


@pytest.mark.parametrize(
    ("offered", "wanted", "words"),
    [
        ((), "", "Prefect has no deployment with the tag `wap`"),
        ((NIGHTLY, HOURLY), "", "There are several deployments. Type `/wap run nightly`, `/wap run hourly`."),
        ((NIGHTLY, HOURLY), "nigthly", "There is no deployment `nigthly`. Type `/wap run nightly`."),
        ((replace(NIGHTLY, is_paused=True),), "", "The deployment `nightly` is paused in Prefect."),
        ((NIGHTLY, replace(NIGHTLY, id="d3")), "nightly", "There is no deployment `nightly`."),
    ],
)
async def test_unclear_start_is_asked_about(offered: tuple[Deployment, ...], wanted: str, words: str) -> None:
    """Never a guess, always something to type."""
    stand = Stand(*offered)
    [told] = await stand.ask(wanted)
    assert words in told
    assert stand.slack.views == []


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
    assert await stand.ask() == [
        "Nothing was started. Slack did not open the form in time. Type `/wap run nightly` again."
    ]
