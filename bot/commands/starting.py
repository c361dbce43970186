"""Use case: starting a run from Slack, with its card at once."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from bot import log
from bot.answers import Answers
from bot.blocks.escape import link
from bot.blocks.run_form import run_modal
from bot.commands.command_line import nearest
from bot.commands.deployments import Deployment
from bot.decisions.permission import Permissions
from bot.forms import RunForm
from bot.keys import FROM_SLACK_KEY
from bot.messages import on_command
from bot.payloads import Place
from bot.ports import Desk, Refused, Runs, RunsForbidden, RunsUnavailable, Slack, SlackFailed


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
        reconcile: Callable[[str], Coroutine[Any, Any, None]],
    ) -> None:
        self._runs = runs
        self._desk = desk
        self._slack = slack
        self._permissions = permissions
        self._answers = answers
        self._reconcile = reconcile

    async def ask(self, place: Place, wanted: str, trigger_id: str) -> None:
        """Open the form of a deployment, or say which ones there are. A trigger lives three seconds."""
        person = await self._permissions.to_start(place.user_id)
        if isinstance(person, str):
            await self._answers.tell(place, person)
            return
        deployments = await self._desk.deployments()
        found = _found(deployments, wanted)
        if found is None:
            names = [one.name for one in deployments]
            near = nearest(wanted, names) if wanted else ""
            await self._answers.tell(place, on_command.no_deployment(wanted, [near] if near else names))
        elif found.is_paused:
            await self._answers.tell(place, on_command.paused_deployment(found.name))
        else:
            await self._open(place, found, trigger_id)

    async def start(self, form: RunForm) -> None:
        """Create the run and post its card. Sending the same form twice starts one run."""
        person = await self._permissions.to_start(form.place.user_id)
        if isinstance(person, str):
            await self._answers.tell(form.place, person)
            return
        found = next((one for one in await self._desk.deployments() if one.id == form.deployment_id), None)
        if found is None:
            await self._answers.tell(form.place, on_command.not_started("the deployment is not there any more"))
            return
        asked_by = {"requested_by": person.name, "requester_user_id": person.id}
        made = await self._desk.start(found.id, {**form.values, **asked_by}, once=form.view_id)
        if isinstance(made, Refused):
            await self._answers.tell(form.place, on_command.not_started(made.detail))
            return
        log.info("run.started", run_id=made.id, by=person.id, deployment=found.name)
        await self._runs.claim(made.id, FROM_SLACK_KEY, {"user": person.id})
        await self._answers.tell(form.place, on_command.started(made.name, await self._card_link(made.id)))

    async def _open(self, place: Place, deployment: Deployment, trigger_id: str) -> None:
        try:
            await self._slack.open_modal(trigger_id, run_modal(deployment, place))
        except SlackFailed as error:
            log.warning("modal.not_opened", deployment=deployment.name, cause=error)
            await self._answers.tell(place, on_command.form_not_opened(f"/wap run {deployment.name}"))

    async def _card_link(self, run_id: str) -> str:
        """Post the card and say where it is; empty if Slack or Prefect needs more time for it."""
        try:
            await self._reconcile(run_id)
            facts = await self._runs.facts(run_id)
            address = facts.card if facts else None
            return link(await self._slack.permalink(address), "open") if address else ""
        except (RunsUnavailable, RunsForbidden, SlackFailed) as error:
            log.warning("card.late", run_id=run_id, cause=error)
            return ""


def _found(deployments: Sequence[Deployment], wanted: str) -> Deployment | None:
    if not wanted:
        return deployments[0] if len(deployments) == 1 else None
    fitting = [one for one in deployments if one.name.lower() == wanted.lower()]
    return fitting[0] if len(fitting) == 1 else None
