"""Modals that are open at once and filled when Prefect has answered."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from bot.answers import Answers
from bot.modals import Modals, Opening
from bot.payloads import Place
from bot.ports import RunsForbidden, RunsUnavailable, SlackFailed, SlackRefused, SlackUnsure, View
from tests.bot.fakes import CHANNEL, FakeSlack
from tests.builders import MINA

OPENING = Opening(Place(MINA, CHANNEL), "trigger", "Reject this run", "Slack did not open it.")
FORM: View = {"type": "modal", "callback_id": "form", "blocks": []}


@dataclass
class World:
    """Somebody asks for a modal, and `finds` is what there is to show."""

    finds: View | str | Exception
    slack: FakeSlack = field(default_factory=FakeSlack)

    async def open(self) -> list[str]:
        """Open it; what the person is told outside of it."""

        async def at_home(user_id: str, text: str) -> None:
            raise AssertionError("nobody was at home")

        async def find() -> View | str:
            assert self.slack.history == ["open_modal"], "nothing may be asked before the modal is open"
            if isinstance(self.finds, Exception):
                raise self.finds
            return self.finds

        await Modals(self.slack, Answers(self.slack, at_home)).open(OPENING, find)
        return [text for _, text in self.slack.whispers]


async def test_modal_is_open_before_anybody_is_asked() -> None:
    """A trigger lives three seconds, whatever Prefect takes."""
    world = World(FORM)
    assert await world.open() == []
    assert "Asking Prefect" in str(world.slack.views[0])
    assert world.slack.views[1:] == [FORM]


async def test_reason_for_no_form_stands_in_the_modal() -> None:
    """It is read where the person looks, and nothing can be sent from there."""
    world = World("Not rejected. Only `U1` can.")
    assert await world.open() == []
    assert "Not rejected. Only `U1` can." in str(world.slack.views[1])
    assert "submit" not in world.slack.views[1]


@pytest.mark.parametrize("error", [RunsUnavailable("TimeoutError"), RunsForbidden("401")])
async def test_error_of_prefect_stands_in_the_modal(error: Exception) -> None:
    """Nobody waits for a form that will not come."""
    world = World(error)
    assert await world.open() == []
    assert "Nothing was done. Prefect did not answer in time." in str(world.slack.views[1])


async def test_error_of_ours_is_said_and_reaches_the_boundary() -> None:
    """The modal does not load for ever, and the log has it."""
    world = World(KeyError("bug"))
    with pytest.raises(KeyError):
        await world.open()
    assert "something failed in the bot" in str(world.slack.views[1])


async def test_modal_that_slack_does_not_open_is_told_outside() -> None:
    """The trigger was dead already; nobody is asked any more."""
    world = World(FORM)
    world.slack.fail("open_modal", SlackRefused("views.open", "expired_trigger_id"))
    assert await world.open() == ["Slack did not open it."]
    assert world.slack.views == []


@pytest.mark.parametrize("code", ["not_found", "hash_conflict"])
async def test_modal_that_was_left_is_left_alone(code: str) -> None:
    """Closed, or showing something else by now: nobody waits for this any more."""
    world = World("Not rejected.")
    world.slack.fail("update_modal", SlackRefused("views.update", code))
    assert await world.open() == []


@pytest.mark.parametrize("make", [SlackRefused, SlackUnsure])
@pytest.mark.parametrize(("finds", "told"), [("Not rejected.", "Not rejected."), (FORM, "something failed in the bot")])
async def test_modal_that_cannot_be_filled_is_told_outside(
    make: Callable[[str, str], SlackFailed], finds: View | str, told: str
) -> None:
    """Slack failing in between does not leave somebody before a modal that loads."""
    world = World(finds)
    world.slack.fail("update_modal", make("views.update", "internal_error"))
    [said] = await world.open()
    assert told in said
