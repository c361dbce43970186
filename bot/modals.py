"""Modals that are open at once, and filled when it is known what belongs into them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot import log
from bot.answers import Answers
from bot.blocks.modals import loading_modal, notice_modal
from bot.messages import to_person
from bot.payloads import Place
from bot.ports import OpenView, RunsForbidden, RunsUnavailable, Slack, SlackFailed, View

Fill = Callable[[], Awaitable[View | str]]
"""Finds what a modal shows: a view, or a text that says why there is none."""

_LEFT = {"not_found", "hash_conflict"}
"""The modal is closed, or shows what was asked for later: nobody waits for this any more."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a person has asked for. The trigger lives three seconds; `lost` is told if Slack opened nothing by then."""

    place: Place
    trigger_id: str
    title: str
    lost: str


class Modals:
    """Opens modals. Prefect and Slack may need longer to answer than a trigger lives, so nothing is asked before."""

    def __init__(self, slack: Slack, answers: Answers) -> None:
        self._slack = slack
        self._answers = answers

    async def open(self, opening: Opening, fill: Fill) -> None:
        """Open a modal, then show in it what `fill` finds. That Prefect does not answer is said in it, too."""
        try:
            opened = await self._slack.open_modal(opening.trigger_id, loading_modal(opening.title))
        except SlackFailed as error:
            log.warning("modal.not_opened", user=opening.place.user_id, cause=error)
            await self._answers.tell(opening.place, opening.lost)
            return
        await self.refill(opened, opening.place, opening.title, fill=fill)

    async def refill(self, opened: OpenView, place: Place, title: str, *, fill: Fill) -> None:
        """Show what `fill` finds in a modal that is open, unless it shows something else by then."""
        try:
            found = await fill()
        except (RunsUnavailable, RunsForbidden) as error:
            log.warning("prefect.unreachable", kind="modal", cause=error)
            found = to_person.prefect_unreachable()
        except Exception:  # whatever it is, it goes on to the error boundary, which tells the person
            # And the modal must not say for ever that it loads.
            await self._show(opened, place, notice_modal(title, to_person.modal_failed()), instead="")
            raise
        if isinstance(found, str):
            await self._show(opened, place, notice_modal(title, found), instead=found)
        else:
            await self._show(opened, place, found, instead=to_person.modal_failed())

    async def _show(self, opened: OpenView, place: Place, view: View, *, instead: str) -> None:
        try:
            await self._slack.update_modal(opened, view)
        except SlackFailed as error:
            if error.code in _LEFT:
                log.info("modal.left", user=place.user_id, code=error.code)
                return
            log.warning("modal.not_updated", user=place.user_id, cause=error)
            if instead:
                await self._answers.tell(place, instead)
