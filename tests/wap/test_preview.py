"""`wap preview`: every sample in every state and on every surface is something that Slack accepts."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.ports import Message
from flows.contract import Report
from tests.bot.slack_rules import accept, accept_view
from wap.preview import Unreadable, for_builder, preview, read_report, run
from wap.preview_choices import Form, State, Surface

SAMPLES = sorted((Path(__file__).parents[2] / "docs" / "samples").glob("*.json"))


@pytest.fixture(params=SAMPLES, ids=lambda path: str(path.stem))
def report(request: pytest.FixtureRequest) -> Report:
    """Each sample."""
    return read_report(request.param)


@pytest.mark.parametrize("state", list(State))
def test_card_of_every_state_is_accepted(report: Report, state: State) -> None:
    """The card says which state it is, and Slack takes it."""
    shown = preview(report, state, Surface.MESSAGE)
    accept(Message(shown["text"], tuple(shown["blocks"])))
    assert shown["surface"] == "message"
    assert shown["metadata"]["event_payload"] == {"run": report.run}


def test_states_look_different(report: Report) -> None:
    """Twelve states, twelve headlines."""
    assert len({preview(report, state, Surface.MESSAGE)["text"].split(":")[0] for state in State}) == len(State)


def test_thread_is_accepted(report: Report) -> None:
    """Each message of the thread for itself."""
    shown = preview(report, State.WAITING, Surface.THREAD)
    for message in ({"text": shown["text"], "blocks": shown["blocks"]}, *shown["more"]):
        accept(Message(message["text"], tuple(message["blocks"])))


@pytest.mark.parametrize("state", [State.WAITING, State.BUILDING, State.PUBLISHED, State.EXPIRED])
def test_home_is_accepted(report: Report, state: State) -> None:
    """The Home tab with this run on it."""
    accept_view(preview(report, state, Surface.HOME)["view"])


@pytest.mark.parametrize("form", list(Form))
def test_modals_are_accepted(report: Report, form: Form) -> None:
    """Every modal about this report."""
    accept_view(preview(report, State.WAITING, Surface.MODAL, form=form)["view"])


def test_builder_takes_blocks_or_the_view(report: Report) -> None:
    """Block Kit Builder knows no wrapper of ours."""
    assert set(for_builder(preview(report, State.WAITING, Surface.MESSAGE))) == {"blocks"}
    assert for_builder(preview(report, State.WAITING, Surface.HOME))["type"] == "home"


def printed(
    capsys: pytest.CaptureFixture[str], path: Path, *, surface: Surface = Surface.MESSAGE, form: Form | None = None
) -> tuple[int, Any, str]:
    """Exit code, printed JSON and complaint."""
    code = run(path, State.WAITING, surface, form=form, builder=False)
    out, err = capsys.readouterr()
    return code, json.loads(out) if out else None, err


def test_run_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed is what `preview` makes."""
    code, shown, _ = printed(capsys, SAMPLES[0])
    assert code == 0
    assert shown == preview(read_report(SAMPLES[0]), State.WAITING, Surface.MESSAGE)


@pytest.mark.parametrize("text", ["", "no json", "{}", "[]", '{"version": 2}'])
def test_file_without_a_report_is_refused_in_one_sentence(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What did not happen, why, and what to give instead; never a traceback."""
    path = tmp_path / "report.json"
    path.write_text(text, encoding="utf-8")
    code, shown, complaint = printed(capsys, path)
    assert (code, shown) == (2, None)
    assert complaint.startswith("Nothing was shown. ")
    assert complaint.count("\n") == 1


def test_form_without_its_surface_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A card instead of the form would be something else than what was asked for."""
    code, shown, complaint = printed(capsys, SAMPLES[0], form=Form.REJECT)
    assert (code, shown) == (2, None)
    assert complaint == "Nothing was shown. A message has no form `reject`. Add --surface modal.\n"


def test_modal_without_a_form_is_that_of_details(capsys: pytest.CaptureFixture[str]) -> None:
    """The form that every state has."""
    _, shown, _ = printed(capsys, SAMPLES[0], surface=Surface.MODAL)
    assert shown == preview(read_report(SAMPLES[0]), State.WAITING, Surface.MODAL, form=Form.DETAILS)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """The file is named."""
    with pytest.raises(Unreadable, match=r"nothing\.json cannot be read"):
        read_report(tmp_path / "nothing.json")
