"""Use case: starting a run from Slack, with its card at once."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from bot import log
from bot.answers import Answers
from bot.blocks import limits
from bot.blocks.escape import link
from bot.blocks.run_form import choice_modal, run_modal
from bot.commands.command_line import nearest
from bot.commands.deployments import Deployment
from bot.decisions.permission import Permissions
from bot.decisions.policy import Person
from bot.forms import DeploymentPick, RunForm
from bot.keys import FROM_SLACK_KEY
from bot.messages import on_command
from bot.modals import Modals, Opening
from bot.payloads import Place
from bot.ports import Desk, OpenView, Refused, Runs, RunsForbidden, RunsUnavailable, Slack, SlackFailed, View

TITLE = "Start a release"


class Starting:
    """Starts runs for people. Everybody of the workspace may ask; nothing is published by it."""

    def __init__(
        self,
        runs: Runs,
        desk: Desk,
        slack: Slack,
        *,
        permissions: Permissions,
        answers: Answers,
        modals: Modals,
        reconcile: Callable[[str], Coroutine[Any, Any, None]],
    ) -> None:
        self._runs = runs
        self._desk = desk
        self._slack = slack
        self._permissions = permissions
        self._answers = answers
        self._modals = modals
        self._reconcile = reconcile

    async def ask(self, place: Place, wanted: str, trigger_id: str) -> None:
        """Open the form of a deployment, a choice of deployments, or say why there is none."""
        lost = on_command.form_not_opened(f"/wap run {wanted}".strip())
        await self._modals.open(Opening(place, trigger_id, TITLE, lost), lambda: self._form(place, wanted))

    async def pick(self, picked: DeploymentPick) -> None:
        """Show the form of the deployment that somebody picked in the choice that is open."""

        async def form() -> View | str:
            person = await self._permissions.to_start(picked.place.user_id)
            if isinstance(person, str):
                return person
            found = await self._deployment(picked.deployment_id)
            return _form_of(found, picked.place) if found else on_command.deployment_gone()

        await self._modals.refill(OpenView(picked.view_id), picked.place, TITLE, fill=form)

    async def start(self, form: RunForm) -> None:
        """Create the run and post its card. Sending the same form twice starts one run."""
        person = await self._permissions.to_start(form.place.user_id)
        if isinstance(person, str):
            await self._answers.tell(form.place, person)
            return
        found = await self._deployment(form.deployment_id)
        if found is None:
            await self._answers.tell(form.place, on_command.not_started("the deployment is not there any more"))
            return
        if found.is_paused:
            await self._answers.tell(form.place, on_command.paused_deployment(found.name))
            return
        asked_by = {"requested_by": person.name, "requester_user_id": person.id}
        made = await self._desk.start(found.id, {**form.values, **asked_by}, once=form.view_id)
        if isinstance(made, Refused):
            await self._answers.tell(form.place, on_command.not_started(made.detail))
            return
        log.info("run.started", run_id=made.id, by=person.id, deployment=found.name)
        await self._answers.tell(form.place, on_command.started(made.name, await self._card_link(made.id, person)))

    async def _deployment(self, deployment_id: str) -> Deployment | None:
        return next((one for one in await self._desk.deployments() if one.id == deployment_id), None)

    async def _form(self, place: Place, wanted: str) -> View | str:
        person = await self._permissions.to_start(place.user_id)
        if isinstance(person, str):
            return person
        deployments = await self._desk.deployments()
        fitting = [one for one in deployments if one.name.lower() == wanted.lower()] if wanted else deployments
        match fitting:
            case [only]:
                return _form_of(only, place)
            case []:
                near = nearest(wanted, [one.name for one in deployments])
                return _choice(deployments, place, lead=on_command.no_deployment(wanted, near))
            case _:
                return _choice(fitting, place, lead=on_command.several_deployments(wanted))

    async def _card_link(self, run_id: str, person: Person) -> str:
        """Post the card and say where it is; empty if Slack or Prefect needs more time for it.

        The run is started by then: nothing that fails here may sound as if it were not.
        """
        try:
            await self._runs.claim(run_id, FROM_SLACK_KEY, {"user": person.id})
            await self._reconcile(run_id)
            facts = await self._runs.facts(run_id)
            address = facts.card if facts else None
            return link(await self._slack.permalink(address), "open") if address else ""
        except (RunsUnavailable, RunsForbidden, SlackFailed) as error:
            log.warning("card.late", run_id=run_id, cause=error)
            return ""


def _form_of(deployment: Deployment, place: Place) -> View | str:
    return on_command.paused_deployment(deployment.name) if deployment.is_paused else run_modal(deployment, place)


def _choice(deployments: Sequence[Deployment], place: Place, *, lead: str) -> View | str:
    """A choice of these, if Slack has room for it."""
    if not deployments:
        return on_command.nothing_to_start()
    if len(deployments) > limits.SELECT_OPTIONS:
        return on_command.too_many_deployments(len(deployments), deployments[0].name)
    return choice_modal(deployments, place, lead=lead)
