"""Use case: /wap. Finds the run that is meant, and hands over to whoever knows what to do with it."""

from typing import assert_never

from bot.answers import Answers, words
from bot.card.reconciler import LOOK_BACK
from bot.commands import command_line
from bot.commands.command_line import Ambiguous, Cancel, Decide, Diff, Found, Missing, Show, Withdraw
from bot.commands.lookups import Lookups
from bot.commands.starting import Starting
from bot.decisions.permission import Asked
from bot.decisions.reviews import Reviews
from bot.messages import on_command
from bot.payloads import SlashCommand
from bot.ports import Message, Runs
from bot.rollbacks.rollbacks import Rollbacks
from bot.runs import Run


class Commands:
    """Answers every command. What changes something asks the same policy as the buttons do."""

    def __init__(
        self,
        runs: Runs,
        *,
        lookups: Lookups,
        reviews: Reviews,
        starting: Starting,
        rollbacks: Rollbacks,
        answers: Answers,
    ) -> None:
        self._runs = runs
        self._lookups = lookups
        self._reviews = reviews
        self._starting = starting
        self._rollbacks = rollbacks
        self._answers = answers

    async def answer(self, typed: SlashCommand) -> None:
        """Do what was typed."""
        match command_line.parse(typed.text):
            case Decide("Reject", _, "") as about:  # its form opens before the run is looked for
                await self._reviews.ask_reason_for(typed.place, typed.trigger_id, lambda: self._found(about))
            case Show() | Diff() | Decide() | Withdraw() | Cancel() as about:
                await self._about_run(typed, about)
            case command_line.Start(deployment):
                await self._starting.ask(typed.place, deployment, typed.trigger_id)
            case command_line.RollBack(target):
                await self._rollbacks.ask(typed.place, target, typed.trigger_id)
            case other:
                await self._answers.show(typed.place, await self._message(other))

    async def _message(
        self,
        asked: command_line.Help
        | command_line.Incomplete
        | command_line.List
        | command_line.Stats
        | command_line.History
        | command_line.Owners,
    ) -> Message:
        match asked:
            case command_line.Help(unknown, suggestion):
                return words(on_command.usage(unknown, suggestion))
            case command_line.Incomplete(command):
                return words(on_command.incomplete(command))
            case command_line.List():
                return await self._lookups.open_runs()
            case command_line.Stats():
                return await self._lookups.stats()
            case command_line.History(target):
                return await self._lookups.history(target)
            case command_line.Owners(target):
                return await self._lookups.owners(target)
            case _:
                assert_never(asked)

    async def _about_run(self, typed: SlashCommand, about: command_line.AboutRun) -> None:
        found = await self._found(about)
        if isinstance(found, str):
            await self._answers.tell(typed.place, found)
        else:
            await self._do(typed, about, found)

    async def _found(self, about: command_line.AboutRun) -> Run | str:
        """The run that is meant, or a sentence about why that is not known."""
        name = _name(about)
        match command_line.find(about.wanted, await self._runs.listed(ended_within=LOOK_BACK)):
            case Found(run):
                return run
            case Ambiguous(runs, more):
                return on_command.ambiguous(name, about.wanted, runs, more)
            case Missing(suggestion):
                return on_command.missing(name, about.wanted, suggestion)

    async def _do(self, typed: SlashCommand, about: command_line.AboutRun, run: Run) -> None:
        place = typed.place
        match about:
            case Show():
                await self._answers.show(place, await self._lookups.show(place, run.id))
            case Diff(_, table):
                for message in await self._lookups.diff(place, run.id, table):
                    await self._answers.show(place, message)
            case Decide(verdict, _, said):
                await self._reviews.decide(Asked(place, verdict, run.id, trigger_id=typed.trigger_id), words=said)
            case Withdraw():
                if not await self._rollbacks.withdraw(place, run.id):
                    await self._reviews.withdraw(place, run.id)
            case Cancel():
                await self._reviews.cancel(place, run.id)
            case _:
                assert_never(about)


def _name(about: command_line.AboutRun) -> str:
    match about:
        case Show():
            return "show"
        case Diff():
            return "diff"
        case Decide(verdict):
            return verdict.lower()
        case Withdraw():
            return "withdraw"
        case Cancel():
            return "cancel"
        case _:
            assert_never(about)
