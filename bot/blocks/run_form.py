"""The form that starts a run: one input for each parameter of the deployment."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bot.blocks import limits
from bot.blocks.elements import Block, context, paragraph, plain, section
from bot.blocks.escape import cut
from bot.commands.deployments import Deployment, Kind, Parameter
from bot.forms import INPUT, NO, YES, choice_metadata, is_template, parameter_block, run_form_metadata
from bot.payloads import Place

RUN_MODAL = "wap_run_modal"
CHOICE_MODAL = "wap_run_choice_modal"
PICK_DEPLOYMENT = "wap_pick_deployment"

_PARAMETERS = 40
_LABEL_CHARS = 100
_HINT_CHARS = 300
_OPTION_CHARS = 75
_VALUE_CHARS = 150
_PLACEHOLDER_CHARS = 150


def run_modal(deployment: Deployment, place: Place) -> dict[str, Any]:
    """The form. Parameters that it has no room for keep their default, and it says so."""
    shown = list(filter(_askable, deployment.parameters))[:_PARAMETERS]
    hidden = len(deployment.parameters) - len(shown)
    lead = paragraph(f"Builds staging and asks for a decision. Deployment `{deployment.name}`.", length=500)
    notes = [context("There is nothing to fill in.")] if not shown else []
    notes += [context(f"and {hidden} more parameters, which keep their defaults")] if hidden else []
    return {
        "type": "modal",
        "callback_id": RUN_MODAL,
        "private_metadata": run_form_metadata(deployment, place),
        "title": plain("Start a release", limits.MODAL_TITLE_CHARS),
        "submit": plain("Start", limits.MODAL_TITLE_CHARS),
        "close": plain("Back", limits.MODAL_TITLE_CHARS),
        "blocks": [lead, *map(_input, shown), *notes],
    }


def choice_modal(deployments: Sequence[Deployment], place: Place, *, lead: str) -> dict[str, Any]:
    """What to start, of at most `limits.SELECT_OPTIONS`; picking one shows its form. `lead` is mrkdwn."""
    names = Counter(one.name for one in deployments)
    options = [
        {"text": plain(_option(one, is_one_of_many=names[one.name] > 1), _OPTION_CHARS), "value": one.id}
        for one in deployments
    ]
    select = {
        "type": "static_select",
        "action_id": PICK_DEPLOYMENT,
        "placeholder": plain("Pick a deployment", _PLACEHOLDER_CHARS),
        "options": options,
    }
    return {
        "type": "modal",
        "callback_id": CHOICE_MODAL,
        "private_metadata": choice_metadata(place),
        "title": plain("Start a release", limits.MODAL_TITLE_CHARS),
        "close": plain("Back", limits.MODAL_TITLE_CHARS),
        "blocks": [section(lead), {"type": "actions", "block_id": "wap_pick_deployment", "elements": [select]}],
    }


def _option(deployment: Deployment, *, is_one_of_many: bool) -> str:
    """Names are unique within a flow only: the id, which Prefect's page shows too, tells equal ones apart."""
    which = f" ({deployment.id[:8]})" if is_one_of_many else ""
    state = " · paused" if deployment.is_paused else ""
    return cut(deployment.name, _OPTION_CHARS - len(which) - len(state)) + which + state


def _askable(parameter: Parameter) -> bool:
    try:
        parameter_block(parameter.kind, parameter.name)
    except ValueError:
        return False
    return _is_sendable(parameter.name)


def _is_sendable(text: str) -> bool:
    """JSON can hold half of a surrogate pair, and UTF-8 cannot."""
    return text == text.encode("utf-8", "replace").decode()


def _input(parameter: Parameter) -> Block:
    block = {
        "type": "input",
        "block_id": parameter_block(parameter.kind, parameter.name),
        "label": plain(parameter.title, _LABEL_CHARS),
        "optional": not parameter.is_required,
        "element": _element(parameter),
    }
    hint = " ".join(part for part in (parameter.description, _default_hint(parameter)) if part)
    return {**block, "hint": plain(hint, _HINT_CHARS)} if hint else block


def _element(parameter: Parameter) -> dict[str, Any]:
    match parameter.kind:
        case Kind.YES_NO:
            return _select([("Yes", YES), ("No", NO)], initial=_yes_no(parameter.default))
        case Kind.CHOICE if _fits_a_select(parameter.choices):
            return _select([(choice, choice) for choice in parameter.choices], initial=parameter.default)
        case _:
            return {
                "type": "plain_text_input",
                "action_id": INPUT,
                "multiline": parameter.kind is Kind.JSON,
                **_initial(parameter),
            }


def _select(options: list[tuple[str, str]], *, initial: object) -> dict[str, Any]:
    shown = [{"text": plain(text, _OPTION_CHARS), "value": value} for text, value in options]
    chosen = next((option for option in shown if option["value"] == initial), None)
    select = {"type": "static_select", "action_id": INPUT, "options": shown}
    return {**select, "initial_option": chosen} if chosen else select


def _fits_a_select(choices: tuple[str, ...]) -> bool:
    return 0 < len(choices) <= limits.SELECT_OPTIONS and all(
        0 < len(choice) <= _VALUE_CHARS and _is_sendable(choice) for choice in choices
    )


def _yes_no(default: object) -> str:
    return {True: YES, False: NO}.get(default, "") if isinstance(default, bool) else ""


def _initial(parameter: Parameter) -> dict[str, str]:
    """The default as it would be typed. One that is too long to be shown whole is left out: empty keeps it. So is one
    that Prefect fills in, because nobody may type such a thing."""
    text = "" if is_template(parameter.default) else _as_typed(parameter)
    return {"initial_value": text} if text and len(text) <= limits.INPUT_CHARS and _is_sendable(text) else {}


def _as_typed(parameter: Parameter) -> str:
    if parameter.default is None:
        return ""
    return json.dumps(parameter.default) if parameter.kind is Kind.JSON else str(parameter.default)


def _default_hint(parameter: Parameter) -> str:
    return "As JSON." if parameter.kind is Kind.JSON else ""
