"""Use cases that only read: what /wap shows about runs. Every answer is private, and none changes anything."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.answers import words
from bot.blocks.card import card_message
from bot.blocks.details import details_modal, without_rows
from bot.blocks.listing import listing
from bot.blocks.thread import table_message
from bot.card.state import card_of
from bot.commands.command_line import nearest
from bot.decisions.permission import Permissions
from bot.forms import TablePick
from bot.home.overview import Overview
from bot.messages import on_command, on_ended, to_person
from bot.modals import Modals, Opening
from bot.payloads import Click, Place
from bot.ports import Message, OpenView, Runs, View
from flows.contract import Report

TITLE = "Details of a run"


class Lookups:
    """Answers questions about runs. Values from rows are shown to members of the card's channel only."""

    def __init__(
        self,
        runs: Runs,
        *,
        overview: Overview,
        permissions: Permissions,
        modals: Modals,
        ui_url: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._runs = runs
        self._overview = overview
        self._permissions = permissions
        self._modals = modals
        self._ui_url = ui_url
        self._clock = clock

    async def show(self, place: Place, run_id: str) -> Message:
        """The card of a run, with its buttons."""
        facts = await self._runs.facts(run_id)
        if facts is None:
            return words(to_person.gone(run_id))
        card = card_of(facts, now=self._clock())
        if card.report and not await self._permissions.to_see_rows(place.user_id):
            tables = tuple(map(without_rows, card.report.tables))
            card = replace(card, report=card.report.model_copy(update={"tables": tables}))
        return card_message(card, ui_url=self._ui_url)

    async def diff(self, place: Place, run_id: str, table: str) -> tuple[Message, ...]:
        """Every table that differs with all findings, or one table with examples."""
        facts = await self._runs.facts(run_id)
        if facts is None:
            return (words(to_person.gone(run_id)),)
        if facts.report is None:
            return (words(on_command.no_report(facts.run.name)),)
        return await self._table(place, facts.report, table) if table else listing(facts.report)

    async def details(self, click: Click) -> None:
        """Open the details of a run, at its most important table."""
        opening = Opening(click.place, click.trigger_id, TITLE, to_person.details_not_opened())
        await self._modals.open(opening, lambda: self._details(click, picked=None))

    async def pick(self, pick: TablePick) -> None:
        """Show another table in the details that are open. Of two picks the last one counts, whatever is shown."""
        opened = OpenView(pick.view_id)
        await self._modals.refill(opened, pick.place, TITLE, fill=lambda: self._details(pick, picked=pick.position))

    async def _details(self, asked: Click | TablePick, *, picked: int | None) -> View | str:
        report = await self._asked_about(asked)
        if isinstance(report, str):
            return report
        shows_rows = await self._permissions.to_see_rows(asked.place.user_id)
        return details_modal(report, asked.place, picked=picked, shows_rows=shows_rows)

    async def open_runs(self) -> Message:
        """What is open."""
        return words(on_command.open_runs(await self._overview.open_runs()))

    async def history(self, target: str) -> Message:
        """What ended lately."""
        receipts = await self._overview.ended(target)
        shown = await self._overview.named(receipts[: on_ended.ENDED_SHOWN])
        return words(on_ended.history(shown, target, of=len(receipts)))

    async def owners(self, target: str) -> Message:
        """Who decides about a target, by its newest report."""
        reports = await self._overview.newest_reports()
        found = next((one for one in reports if one.target.production.lower() == target.lower()), None)
        if found is None:
            known = list(dict.fromkeys(report.target.production for report in reports))
            return words(on_ended.unknown_target(target, known))
        return words(on_ended.owners(found.target.production, found))

    async def stats(self) -> Message:
        """How the last runs ended."""
        receipts = await self._overview.ended("")
        return words(on_ended.stats(receipts, since=receipts[-1].at if receipts else None))

    async def _table(self, place: Place, report: Report, wanted: str) -> tuple[Message, ...]:
        found = next((diff for diff in report.tables if diff.name.lower() == wanted.lower()), None)
        if found is None:
            near = nearest(wanted, [diff.name for diff in report.tables])
            return (words(on_command.no_table(wanted, near, report.run_name)),)
        if found.status == "equal":
            rows = found.staging.rows if found.staging else 0
            return (words(on_command.equal_table(found.name, rows)),)
        if await self._permissions.to_see_rows(place.user_id):
            return (table_message(found),)
        return (table_message(without_rows(found)), words(on_command.rows_not_shown()))

    async def _asked_about(self, asked: Click | TablePick) -> Report | str:
        facts = await self._runs.facts(asked.question.run_id)
        if facts is None:
            return to_person.gone(asked.question.run_id)
        if facts.report is None or not asked.question.is_about(facts.report):
            return to_person.stale()
        return facts.report
