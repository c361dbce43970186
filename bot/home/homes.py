"""Use case: the Home tab of each person who looks at it."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from bot import log
from bot.blocks.home import PUBLISHED, Home, home_view, notice_view
from bot.decisions.permission import Permissions
from bot.home.overview import Ended, Open, Overview, Waiting
from bot.ports import RunsForbidden, RunsUnavailable, Slack, SlackFailed
from bot.work.tasks import Tasks

REMEMBERED = 50
"""How many people's tabs are kept fresh; whoever opened it before them sees the news by opening it again."""

FRESH_SECONDS = 1_800.0
_PAUSE = 3.0  # seconds between two refreshes, however much happens


class Homes:
    """Shows the tab when it is opened, and again when something changes for people who opened it lately."""

    def __init__(
        self,
        slack: Slack,
        *,
        overview: Overview,
        permissions: Permissions,
        tasks: Tasks,
        ui_url: str,
        monotonic: Callable[[], float],
    ) -> None:
        self._slack = slack
        self._overview = overview
        self._permissions = permissions
        self._tasks = tasks
        self._ui_url = ui_url
        self._monotonic = monotonic
        self._opened: OrderedDict[str, float] = OrderedDict()
        self._is_refreshing = False
        self._is_stale = False

    async def open(self, user_id: str, *, notice: str = "") -> None:
        """Show the tab to this person, and keep it fresh for a while."""
        self._opened[user_id] = self._monotonic()
        self._opened.move_to_end(user_id)
        while len(self._opened) > REMEMBERED:
            self._opened.popitem(last=False)
        await self._show([user_id], notice=notice)

    async def answer(self, user_id: str, text: str) -> None:
        """Answer a click on the tab where it was made: at its top, and alone if Prefect does not answer."""
        try:
            await self.open(user_id, notice=text)
        except (RunsUnavailable, RunsForbidden) as error:
            log.warning("home.late", cause=error)
            await self._slack.publish_home(user_id, notice_view(text))

    def changed(self) -> None:
        """Something happened to a run: refresh soon, once for all that happens until then."""
        self._is_stale = True
        if not self._is_refreshing and self._lookers():
            self._is_refreshing = True
            self._tasks.spawn(self._refresh(), name="refresh homes")

    async def _refresh(self) -> None:
        try:
            while self._is_stale:
                self._is_stale = False
                if not await self._tasks.pause(_PAUSE):
                    return
                await self._show(self._lookers(), notice="")
        except (RunsUnavailable, RunsForbidden) as error:
            log.warning("home.late", cause=error)
        finally:
            self._is_refreshing = False

    def _lookers(self) -> list[str]:
        oldest = self._monotonic() - FRESH_SECONDS
        return [user for user, at in self._opened.items() if at >= oldest]

    async def _show(self, users: list[str], *, notice: str) -> None:
        """The lists are read once, whoever looks at them."""
        found, published = await asyncio.gather(self._overview.open_runs(), self._overview.published(at_most=PUBLISHED))
        for user_id in users:
            try:
                view = home_view(await self._home(user_id, found, published, notice=notice), ui_url=self._ui_url)
                await self._slack.publish_home(user_id, view)
            except SlackFailed as error:
                log.warning("home.not_shown", user=user_id, cause=error)

    async def _home(self, user_id: str, found: Open, published: tuple[Ended, ...], *, notice: str) -> Home:
        mine: list[Waiting] = []
        others: list[Waiting] = []
        reports = [waiting.report for waiting in found.waiting if waiting.report and not waiting.is_late]
        verdicts = await self._permissions.verdicts_of(user_id, reports)
        for waiting in found.waiting:
            may = verdicts.get(waiting.run.id, frozenset())
            has_approved = user_id in {voter.user_id for voter in waiting.voters or ()}
            seen = replace(waiting, may_approve="Approve" in may, has_approved=has_approved)
            is_mine = not waiting.is_late and (bool(may) or has_approved)
            (mine if is_mine else others).append(seen)
        return Home(tuple(mine), tuple(others), found.running, published, has_more=found.has_more, notice=notice)
