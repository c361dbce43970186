"""What a form asks for, and what a sent form says."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.run_form import run_modal
from bot.commands.deployments import NEVER_ASKED, Deployment, Kind, Parameter, read_parameters
from bot.forms import FormInvalid, parameter_block, parse_run_form, parse_table_pick, run_form_metadata
from bot.payloads import Malformed, Place, modal_metadata, question_about
from tests.builders import MINA, report

PLACE = Place(MINA, "", "https://example.com/response")
SCHEMA: dict[str, Any] = {
    "properties": {
        "config": {"type": "string"},
        "day": {"type": "string", "title": "Day", "description": "Which day.", "position": 1},
        "rows": {"type": "integer", "position": 3, "default": 10},
        "full": {"type": "boolean", "position": 2},
        "mode": {"allOf": [{"$ref": "#/definitions/Mode"}], "position": 4, "default": "fast"},
        "extra": {"anyOf": [{"type": "object"}, {"type": "null"}], "position": 5},
        "requested_by": {"type": "string"},
        "requester_user_id": {"type": "string"},
    },
    "required": ["day", "rows"],
    "definitions": {"Mode": {"enum": ["fast", "safe"], "type": "string", "title": "Mode"}},
}


def test_parameters_come_in_the_order_of_the_flow() -> None:
    """Kinds, defaults of the deployment before those of the flow, and what must be filled in."""
    assert read_parameters(SCHEMA, {"rows": 20}) == (
        Parameter("day", Kind.TEXT, "Day", "Which day.", is_required=True),
        Parameter("full", Kind.YES_NO, "full"),
        Parameter("rows", Kind.INTEGER, "rows", default=20),
        Parameter("mode", Kind.CHOICE, "Mode", default="fast", choices=("fast", "safe")),
        Parameter("extra", Kind.JSON, "extra"),
    )


def test_who_asks_and_under_which_policy_is_never_asked() -> None:
    """The settings file names the approvers: who could choose it could choose who approves."""
    assert {"config", "requested_by", "requester_user_id"} == NEVER_ASKED
    assert not NEVER_ASKED & {parameter.name for parameter in read_parameters(SCHEMA, {})}


@given(st.recursive(st.none() | st.booleans() | st.text(), lambda inner: st.dictionaries(st.text(), inner)))
def test_odd_schemas_are_read_without_failing(odd: Any) -> None:
    """A schema is somebody else's document."""
    read_parameters({"properties": {"a": odd, "b": {"type": odd}, "c": {"allOf": odd}}}, {})


def sent(**blocks: Any) -> dict[str, Any]:
    """A view_submission of the run form; values by `kind_name`."""
    values = {
        parameter_block(Kind[name.split("__")[0]], name.split("__")[1]): {"value": {"value": value}}
        for name, value in blocks.items()
    }
    metadata = run_form_metadata(Deployment("d1", "nightly", ()), PLACE)
    return {"user": {"id": MINA}, "view": {"id": "V1", "private_metadata": metadata, "state": {"values": values}}}


def test_sent_form_has_typed_values() -> None:
    """Numbers are numbers; what was left empty is left out, so that its default counts."""
    form = parse_run_form(
        sent(
            TEXT__day="12", INTEGER__rows="12", NUMBER__rate="1.5", YES_NO__full="false", JSON__only='["a"]', TEXT__x=""
        )
    )
    assert form.values == {"day": "12", "rows": 12, "rate": 1.5, "full": False, "only": ["a"]}
    assert (form.place, form.deployment_id, form.view_id) == (PLACE, "d1", "V1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INTEGER__rows", "1.5"),
        ("INTEGER__rows", "many"),
        ("NUMBER__rate", "nan"),
        ("NUMBER__rate", "1e999"),
        ("YES_NO__full", "maybe"),
        ("JSON__only", "[1,"),
        ("JSON__only", "[" * 100_000),
    ],
)
def test_value_of_another_kind_is_refused_at_its_input(name: str, value: str) -> None:
    """The sentence stands under the input that it is about."""
    kind, parameter = name.split("__")
    with pytest.raises(FormInvalid) as refused:
        parse_run_form(sent(**{name: value}))
    assert set(refused.value.problems) == {parameter_block(Kind[kind], parameter)}


TEMPLATE = {"__prefect_kind": "workspace_variable", "variable_name": "region"}


@pytest.mark.parametrize("value", [TEMPLATE, [1, TEMPLATE], {"day": {"of": TEMPLATE}}])
def test_value_that_prefect_would_replace_is_refused(value: Any) -> None:
    """Prefect reads its Variables for whoever may create a run; in Slack that is everybody."""
    with pytest.raises(FormInvalid) as refused:
        parse_run_form(sent(JSON__only=json.dumps(value)))
    assert "Write the value itself." in refused.value.problems[parameter_block(Kind.JSON, "only")]


@pytest.mark.parametrize("kind", [Kind.JSON, Kind.TEXT])
def test_default_that_prefect_fills_in_is_kept_by_leaving_it_empty(kind: Kind) -> None:
    """It could not be sent as it is, and typed as a text it would be another value."""
    shown = run_modal(Deployment("d1", "nightly", (Parameter("only", kind, "only", default=TEMPLATE),)), PLACE)
    [asked] = [block for block in shown["blocks"] if block["type"] == "input"]
    assert "initial_value" not in asked["element"]


def pick(value: object) -> dict[str, Any]:
    """A pick in the details."""
    metadata = modal_metadata(question_about(report()), PLACE)
    action = {"selected_option": {"value": value}}
    return {"user": {"id": MINA}, "view": {"id": "V1", "private_metadata": metadata}, "actions": [action]}


def test_pick_names_report_and_position() -> None:
    """A pick is about the data that was listed."""
    found = parse_table_pick(pick("12"))
    assert (found.position, found.question, found.place, found.view_id) == (12, question_about(report()), PLACE, "V1")


@pytest.mark.parametrize("value", ["-1", "orders", "", "9" * 50, "٣", None, 3])
def test_pick_of_anything_else_is_refused(value: object) -> None:
    """Only positions of ours."""
    with pytest.raises(Malformed):
        parse_table_pick(pick(value))


@given(st.recursive(st.none() | st.text(), lambda inner: st.dictionaries(st.text() | st.just("value"), inner)))
def test_forms_of_anybody_else_are_refused(odd: Any) -> None:
    """Never half understood: either nothing was filled in, or a text was, or it is no form of ours."""
    metadata = json.dumps({"v": 1, "channel": "", "response_url": "", "deployment": "d1"})
    view = {"id": "V1", "private_metadata": metadata, "state": {"values": {"parameter:text:a": odd}}}
    with suppress(Malformed):
        form = parse_run_form({"user": {"id": MINA}, "view": view})
        assert all(isinstance(value, str) and value for value in form.values.values())
