"""Every listener, dispatched through a real AsyncApp: a misspelt argument would arrive as None."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.app import bolt_app
from bot.ports import SlackUnsure
from bot.settings import read_settings
from bot.slack.calls import web_client
from bot.slack.channel import Identity
from bot.wiring import Prefect, Services, wire
from tests.bot.fake_prefect import FakeCatalog, FakeDesk
from tests.bot.fakes import CHANNEL, HOME, FakeRuns, FakeSlack
from tests.bot.test_card_state import waiting
from tests.bot.test_payloads import CLICK, SUBMISSION
from tests.bot.test_settings import GOOD
from tests.builders import MINA

Json = dict[str, Any]
MODAL = "wap_reject_modal"
COMMAND = {
    "command": "/wap",
    "text": "list",
    "user_id": MINA,
    "channel_id": CHANNEL,
    "response_url": "http://127.0.0.1/response",
    "trigger_id": "1.2.3",
    "team_id": "T0HARBOUR",
}


class World:
    """A Bolt app on fakes."""

    def __init__(self) -> None:
        self.runs, self.slack = FakeRuns(), FakeSlack()
        self.runs.add(waiting())
        settings = read_settings(GOOD)
        self.services: Services = wire(
            settings, Prefect(self.runs, FakeCatalog(self.runs), FakeDesk()), self.slack, HOME
        )
        # No call is made through it; a session would have to be closed.
        client = web_client(None, "http://127.0.0.1:9/api/", None)
        self.app: AsyncApp = bolt_app(settings, self.services, Identity(HOME, "B0WAP", "U0WAP"), client)

    async def send(self, body: Json) -> tuple[int, Json]:
        """Deliver a payload and let the work that it started end."""
        answer = await self.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))
        await self.services.tasks.drain(5.0)
        return answer.status, json.loads(answer.body) if answer.body else {}

    @property
    def told(self) -> list[str]:
        """What was whispered."""
        return [text for _, text in self.slack.whispers]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A Bolt app on fakes."""
    made = World()
    yield made
    await made.services.tasks.drain(0.1)


def click(action_id: str, **changes: Any) -> Json:
    """A block_actions payload."""
    action = {**CLICK["actions"][0], "action_id": action_id, "block_id": "wap_actions", "type": "button"}
    return {"type": "block_actions", "team": {"id": "T0HARBOUR"}, **CLICK, "actions": [action], **changes}


def submission(reason: str) -> Json:
    """A view_submission payload."""
    values = {"reason": {"reason_text": {"type": "plain_text_input", "value": reason}}}
    view = {**SUBMISSION["view"], "type": "modal", "callback_id": MODAL, "state": {"values": values}}
    return {"type": "view_submission", "team": {"id": "T0HARBOUR"}, "user": {"id": MINA}, "view": view}


async def test_approve(world: World) -> None:
    """A click on Approve is acknowledged and resumes the run."""
    status, _ = await world.send(click("wap_approve"))
    assert status == 200
    assert "resume Approve" in world.runs.history


async def test_reject_opens_the_form(world: World) -> None:
    """A click on Reject opens the modal and decides nothing yet."""
    status, _ = await world.send(click("wap_reject"))
    assert status == 200
    assert world.slack.views[-1]["callback_id"] == MODAL
    assert world.runs.decisions == []


async def test_open_in_prefect_is_acknowledged(world: World) -> None:
    """A link button sends a click, too."""
    status, _ = await world.send(click("wap_open_in_prefect"))
    assert status == 200
    assert world.slack.history == []


async def test_submission_rejects(world: World) -> None:
    """The sent form rejects the run."""
    status, _ = await world.send(submission("Doubled."))
    assert status == 200
    assert world.runs.decisions[0].reason == "Doubled."


async def test_blank_reason_keeps_the_form_open(world: World) -> None:
    """Blanks are no reason; the sentence stands under the input."""
    status, answer = await world.send(submission("  \n "))
    assert status == 200
    assert answer == {
        "response_action": "errors",
        "errors": {"reason": "Say why, so that the requester knows what to change."},
    }
    assert world.runs.decisions == []


async def test_command_is_answered(world: World) -> None:
    """/wap list names the open run."""
    status, _ = await world.send(COMMAND)
    assert status == 200
    assert "quiet-otter" in world.slack.answers[0].text


async def test_home_is_published(world: World) -> None:
    """Opening the Home tab shows the open run."""
    event = {"type": "app_home_opened", "user": MINA, "channel": "D0MINADM01", "tab": "home"}
    status, _ = await world.send({"type": "event_callback", "team_id": "T0HARBOUR", "event": event})
    assert status == 200
    async with asyncio.timeout(5):
        while not world.slack.views:  # noqa: ASYNC110  Bolt answers an event before its listener runs
            await asyncio.sleep(0.005)
    assert "quiet-otter" in str(world.slack.views[0])


@pytest.mark.parametrize("broken", [{"actions": [{"value": 7}]}, {"user": None}, {"channel": "C0RELEASES"}])
async def test_malformed_click_is_acknowledged_and_does_nothing(world: World, broken: Json) -> None:
    """What we cannot read is acknowledged, logged, and has no effect."""
    body = click("wap_approve")
    if "actions" in broken:
        broken = {"actions": [{**body["actions"][0], **broken["actions"][0]}]}
    status, _ = await world.send({**body, **broken})
    assert status == 200
    assert world.runs.history == []


async def test_unreachable_prefect_is_told(world: World) -> None:
    """Nothing was tried, and the person hears that nothing was decided."""
    world.runs.is_down = True
    await world.send(click("wap_approve"))
    assert world.told == ["Nothing was done. Prefect did not answer in time. Try again in a minute."]
    await world.send(COMMAND)
    assert world.slack.answers[0].text.startswith("Nothing was done. Prefect did not answer")


async def test_unreachable_prefect_is_told_after_a_form(world: World) -> None:
    """The form is closed by then; the answer comes where its button was pressed."""
    world.runs.is_down = True
    await world.send(submission("Doubled."))
    assert world.told == ["Nothing was done. Prefect did not answer in time. Try again in a minute."]


async def test_unexpected_error_is_told_with_a_reference(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Raw exception text never reaches Slack; the reference leads to it in the log."""
    world.slack.fail("person", KeyError("secret detail"))  # type: ignore[arg-type]  # no failure of Slack: a mistake of ours
    await world.send(click("wap_approve"))
    assert "secret detail" not in world.told[0]
    reference = world.told[0].split("`")[1]
    assert f"reference={reference}" in caplog.text


async def test_lost_answer_to_a_person_is_not_an_error(world: World) -> None:
    """Slack failing while we explain changes nothing."""
    world.runs.is_down = True
    world.slack.fail("whisper", SlackUnsure("chat.postEphemeral", "TimeoutError"))
    status, _ = await world.send(click("wap_approve"))
    assert status == 200
    assert world.told == []
