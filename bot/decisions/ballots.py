"""Use case: a person approves a run that needs several approvals, or takes the approval back."""

import asyncio

from bot import log
from bot.answers import Answers
from bot.blocks.modals import withdraw_modal
from bot.decisions.permission import Asked
from bot.decisions.policy import Person
from bot.decisions.recording import Recording, Signed
from bot.decisions.voting import Joined, Repeated, Short, Voting, is_approved
from bot.messages import on_vote
from bot.payloads import Place
from bot.ports import Recorded, Runs, RunsUnavailable, Slack, SlackFailed
from flows.contract import Report


class Ballots:
    """Stores the vote, and the decision when the vote completes the number. Slack is told afterwards."""

    def __init__(self, runs: Runs, slack: Slack, voting: Voting, recording: Recording, answers: Answers) -> None:
        self._runs = runs
        self._slack = slack
        self._voting = voting
        self._recording = recording
        self._answers = answers

    async def approve(self, asked: Asked, person: Person, report: Report, *, words: str) -> None:
        """Count the approval of somebody who may approve this report, once."""
        try:
            count = await self._voting.cast(person, report, words=words)
        except RunsUnavailable as error:
            log.warning("vote.unsure", run_id=report.run, by=person.id, cause=error)
            await self._answers.tell(asked.place, on_vote.unsure())
            await self._recording.refresh(report.run)
            return
        match count:
            case Signed():
                await self._recording.record(asked, person, report, count)
            case Joined():
                said = self._recording.say_done(asked, person, report, words=words)
                await asyncio.gather(self._recording.refresh(report.run), said)
            case Short(have):
                said = self._say(asked, person, report, have=have, words=words)
                await asyncio.gather(self._recording.refresh(report.run), said)
            case Repeated(have):
                await self._offer_withdrawal(asked, report, have=have)
                await self._recording.refresh(report.run)
            case str(told):
                await asyncio.gather(self._recording.refresh(report.run), self._answers.tell(asked.place, told))

    async def withdraw(self, place: Place, run_id: str) -> None:
        """Take an own approval back as long as the run waits. Everybody may, whatever rights were lost since."""
        await self._answers.tell(place, await self._voting.withdraw(place.user_id, run_id))
        await self._recording.refresh(run_id)

    async def complete(self, run_id: str) -> None:
        """Resume a run whose approvals are complete: a bot may have stopped between the last vote and that.

        Shows the run only when something changed, because showing it leads here again.
        """
        facts = await self._runs.facts(run_id)
        if facts is None or facts.report is None or not is_approved(facts):
            return
        last = facts.votes[-1].claims.decider.user_id
        count = await self._voting.count(facts, facts.report, user_id=last)
        is_news = isinstance(count, Short)  # somebody's approval does not count any more
        if isinstance(count, Signed):
            is_news = isinstance(await self._recording.send(facts.report, count, by=last), Recorded)
        if is_news:
            await self._recording.refresh(run_id)

    async def _offer_withdrawal(self, asked: Asked, report: Report, *, have: int) -> None:
        """The buttons of a message are the same for all who read it: whoever has approved finds the way back here."""
        if asked.trigger_id:
            try:
                form = withdraw_modal(report, asked.place, have=have)
                await self._slack.open_modal(asked.trigger_id, form)
                return
            except SlackFailed as error:
                log.warning("modal.not_opened", run_id=report.run, cause=error)
        told = f"{on_vote.approved_before(report, have=have)} {on_vote.how_to_withdraw(report)}"
        await self._answers.tell(asked.place, told)

    async def _say(self, asked: Asked, person: Person, report: Report, *, have: int, words: str) -> None:
        """On the card the vote shows by itself; whoever voted elsewhere hears of it there."""
        if asked.place.channel:
            return
        if asked.place.response_url:
            told = on_vote.voted(person.id, person.name, report, have=have, words=words)
            await self._answers.tell(asked.place, told, is_public=True)
        else:
            await self._answers.tell(asked.place, on_vote.stored(report, have=have))
