"""What people would see of a report, as JSON: pure rendering, without Slack and without Prefect."""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, assert_never

from pydantic import ValidationError

from bot.blocks.card import card_message
from bot.blocks.details import details_modal
from bot.blocks.home import Home, home_view
from bot.blocks.modals import approve_modal, reject_modal
from bot.blocks.thread import thread_messages
from bot.card.stages import Stage
from bot.card.state import Card, Verdicted
from bot.home.overview import Ended, Waiting
from bot.payloads import Place
from bot.ports import Message
from bot.runs import Run, StateType
from flows.contract import Acknowledgement, Decider, Outcome, Progress, Receipt, Report, Rollback, Verdict, Via
from wap.preview_choices import Form, State, Surface

UI = "https://prefect.example.com"
CARD_EVENT = "wap_card"
_DECIDER = Decider(name="Robin Reviewer", user_id="U0REVIEWER")
_NAME_ONE = "Name one of docs/samples, or the JSON of a run's artifact wap-report."
_LATER = timedelta(minutes=20)


class Unreadable(Exception):
    """The file holds no report. The text says what did not happen, why, and what to do."""


def read_report(path: Path) -> Report:
    """The report in this file. Raises Unreadable."""
    try:
        return Report.model_validate_json(path.read_bytes())
    except OSError as error:
        message = f"Nothing was shown. {path} cannot be read: {error.strerror}. {_NAME_ONE}"
        raise Unreadable(message) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"])) or "the document"
        raise Unreadable(
            f"Nothing was shown. {path} holds no report of this version: {where}: {first['msg']}. {_NAME_ONE}"
        ) from error


def preview(report: Report, state: State, surface: Surface, *, form: Form = Form.DETAILS) -> dict[str, Any]:
    """What is sent: `surface`, `text`, `metadata`, and `blocks` or `view`; of a thread the rest in `more`."""
    match surface:
        case Surface.MESSAGE:
            message = card_message(card_in(report, state), ui_url=UI)
            metadata = {"event_type": CARD_EVENT, "event_payload": {"run": report.run}}
            return {"surface": surface.value, **_sent(message), "metadata": metadata}
        case Surface.THREAD:
            messages = list(thread_messages(report)) or [Message("No table has anything to add.", ())]
            more = [_sent(message) for message in messages[1:]]
            return {"surface": surface.value, **_sent(messages[0]), "metadata": {}, "more": more}
        case Surface.HOME:
            return {"surface": surface.value, "text": "", "view": _home(report, state), "metadata": {}}
        case Surface.MODAL:
            return {"surface": surface.value, "text": "", "view": _modal(report, form), "metadata": {}}
        case _:
            assert_never(surface)


def for_builder(shown: dict[str, Any]) -> dict[str, Any]:
    """The part that Slack's Block Kit Builder takes: the view, or the blocks of a message."""
    view: dict[str, Any] | None = shown.get("view")
    return view if view is not None else {"blocks": shown["blocks"]}


def card_in(report: Report, state: State) -> Card:
    """The card of a run with this report, in this state. Who decides and when is invented, and looks so."""
    has_ended = state not in (State.BUILDING, State.WAITING, State.APPROVED, State.STUCK)
    is_building = state is State.BUILDING
    models = report.dbt.models
    return Card(
        stage=_STAGES[state],
        run_id=report.run,
        run_name=report.run_name,
        target=report.target,
        requested_by=report.requested_by,
        report=None if is_building else report,
        decision=_decision(report, state),
        reason=_REASONS.get(state, ""),
        ended_at=report.created_at + _LATER if has_ended else None,
        is_uncertain=False,
        is_settled=True,
        can_roll_back=state is State.PUBLISHED,
        rollback=_rollback(report) if state is State.ROLLED_BACK else None,
        progress=Progress(done=models // 2, of=models) if is_building else None,
    )


def run(path: Path, state: State, surface: Surface, *, form: Form | None, builder: bool) -> int:
    """Print it. 0, or 2 with a sentence if the file holds no report, or a form is asked for where none is."""
    if form is not None and surface is not Surface.MODAL:
        problem = f"Nothing was shown. A {surface.value} has no form `{form.value}`. Add --surface modal."
        print(problem, file=sys.stderr)
        return 2
    try:
        shown = preview(read_report(path), state, surface, form=form or Form.DETAILS)
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(for_builder(shown) if builder else shown, indent=2, ensure_ascii=False))
    return 0


def _sent(message: Message) -> dict[str, Any]:
    return {"text": message.text, "blocks": list(message.blocks)}


def _decision(report: Report, state: State) -> Verdicted | None:
    verdict = _VERDICTS.get(state)
    if verdict is None:
        return None
    reason = "The amounts of the last day look doubled." if verdict == "Reject" else ""
    return Verdicted(verdict, reason, Via.SLACK, _DECIDER, report.created_at + _LATER)


def _home(report: Report, state: State) -> dict[str, Any]:
    kind = StateType.PAUSED if state is State.WAITING else StateType.RUNNING
    run = Run(report.run, report.run_name, "", kind, "", report.created_at, requested_by=report.requested_by)
    waiting = (Waiting(run, report),) if state is State.WAITING else ()
    running = (run,) if state in (State.BUILDING, State.APPROVED, State.STUCK) else ()
    published = (Ended(report.run_name, _receipt(report)),) if state is State.PUBLISHED else ()
    return home_view(Home(waiting, (), running, published), ui_url=UI)


def _rollback(report: Report) -> Rollback:
    return Rollback(
        run=report.run,
        run_name=report.run_name,
        attempt=report.attempt,
        digest=report.digest,
        by="00000000-0000-0000-0000-000000000000",
        by_name="a-roll-back",
        via=Via.SLACK,
        decider=_DECIDER,
        at=report.created_at + 2 * _LATER,
    )


def _receipt(report: Report) -> Receipt:
    at = report.created_at + _LATER
    decision = Acknowledgement(
        attempt=report.attempt, verdict="Approve", reason="", via=Via.SLACK, decider=_DECIDER, at=at
    )
    return Receipt(
        run=report.run,
        attempt=report.attempt,
        target=report.target,
        outcome=Outcome.PUBLISHED,
        reason="Published.",
        decision=decision,
        at=at,
    )


def _modal(report: Report, form: Form) -> dict[str, Any]:
    place = Place(_DECIDER.user_id)
    match form:
        case Form.DETAILS:
            return details_modal(report, place, picked=None, shows_rows=True)
        case Form.APPROVE:
            return approve_modal(report, place)
        case Form.REJECT:
            return reject_modal(report, place)
        case _:
            assert_never(form)


_STAGES = {state: Stage(state.value.replace("_", " ")) for state in State}
_VERDICTS: dict[State, Verdict] = {
    State.APPROVED: "Approve",
    State.PUBLISHED: "Approve",
    State.STUCK: "Approve",
    State.ROLLED_BACK: "Approve",
    State.REJECTED: "Reject",
}
_REASONS = {
    State.EXPIRED: "Not published. Nobody decided in time.",
    State.SUPERSEDED: "Not published. A newer run took the place of this one.",
    State.REFUSED: "Not published. Staging is not what was reviewed any more. Run the audit again.",
    State.FAILED: "Not published. The run broke off before a decision was acted on.",
    State.CANCELLED: "Not published. The run was cancelled.",
}
