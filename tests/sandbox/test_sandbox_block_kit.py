"""Every limit of Block Kit is refused with Slack's error code, and what is just within is accepted."""

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import ActionsBlock, ButtonElement, SectionBlock

from sandbox.testing import RunningSandbox, sandbox_settings, start_sandbox
from sandbox.workspace import DATA_RELEASES, MINA

Json = dict[str, Any]


@pytest.fixture(scope="module")
def shared() -> Iterator[RunningSandbox]:
    """One sandbox for all cases: none of them depends on another."""
    with start_sandbox(sandbox_settings(message_burst=1000)) as running:
        yield running


@pytest.fixture
def slack(shared: RunningSandbox) -> WebClient:
    return WebClient(token=shared.settings.bot_token, base_url=shared.client.api_url)


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "x", **fields: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **fields}


def button(**fields: Any) -> Json:
    return {"type": "button", "text": plain("Go"), **fields}


def actions(*elements: Json, **fields: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **fields}


def confirm(**fields: Any) -> Json:
    return {"title": plain("t"), "text": plain("x"), "confirm": plain("y"), "deny": plain("n"), **fields}


def option(text: str = "a", value: str = "a") -> Json:
    return {"text": plain(text), "value": value}


def select(options: list[Json], **fields: Any) -> Json:
    return {"type": "static_select", "options": options, **fields}


def raw(text: str) -> Json:
    return {"type": "raw_text", "text": text}


def table(rows: int, cells: int, text: str = "x", **fields: Any) -> Json:
    return {"type": "table", "rows": [[raw(text)] * cells] * rows, **fields}


def data_table(rows: int = 2, cells: int = 2, text: str = "x", **fields: Any) -> Json:
    return {"type": "data_table", "caption": "c", "rows": [[raw(text)] * cells] * rows, **fields}


def question(**element: Any) -> Json:
    return {
        "type": "input",
        "label": plain("Why"),
        "element": {"type": "plain_text_input", **element},
    }


def image(**fields: Any) -> Json:
    return {"type": "image", "alt_text": "a", "image_url": "https://example.com/a.png", **fields}


RICH = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}]}
GFM = "| a | b |\n| --- | --- |\n| 1 | 2 |"

WITHIN: dict[str, list[Json]] = {
    "50 blocks": [section()] * 50,
    "section 3000": [section("x" * 3000)],
    "10 fields of 900": [{"type": "section", "fields": [mrkdwn("x" * 900)] * 10}],
    "header 150": [{"type": "header", "text": plain("x" * 150)}],
    "10 context elements": [{"type": "context", "elements": [mrkdwn("x")] * 10}],
    "25 actions": [actions(*[button(action_id=str(n)) for n in range(25)])],
    "button at its limits": [actions(button(text=plain("x" * 75), value="v" * 2000))],
    "confirm at its limits": [
        actions(
            button(
                confirm=confirm(
                    title=plain("x" * 100), text=mrkdwn("x" * 300), confirm=plain("x" * 30), deny=plain("x" * 30)
                )
            )
        )
    ],
    "table 100 x 20": [table(100, 20)],
    "column_settings with null": [table(1, 2, column_settings=[None, {"align": "right"}])],
    "data_table with header and 100 rows": [data_table(101, 20, page_size=100)],
    "numbers in a table": [{"type": "table", "rows": [[{"type": "raw_number", "value": 1, "text": "1"}]]}],
    "rich text in a table": [{"type": "table", "rows": [[RICH]]}],
    "same action_id in two blocks": [actions(button(action_id="a")), actions(button(action_id="a"))],
    "100 options": [actions(select([option(value=str(n)) for n in range(100)]))],
    "image": [image()],
    "markdown with one table": [{"type": "markdown", "text": GFM}],
    "input in a message": [question()],
    "card": [{"type": "card", "title": mrkdwn("t"), "actions": [button()]}],
}

BEYOND: dict[str, tuple[list[Any], str]] = {
    "51 blocks": ([section()] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    "unknown block": ([{"type": "nope"}], "unsupported type: nope [json-pointer:/blocks/0/type]"),
    "block without type": ([{"text": "x"}], "missing required field: type"),
    "unknown property": ([section(style="primary")], "invalid additional property: style"),
    "block_id 256": ([section(block_id="x" * 256)], "must be less than 256 characters"),
    "block_id twice": ([section(block_id="a"), section(block_id="a")], 'block_id "a" already exists'),
    "action_id twice in a block": (
        [actions(button(action_id="a"), button(action_id="a"))],
        'action_id "a" already exists',
    ),
    "action_id 256": ([actions(button(action_id="x" * 256))], "must be less than 256 characters"),
    "section 3001": ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    "section empty": ([section("")], "must be more than 0 characters"),
    "section without text or fields": ([{"type": "section"}], "must provide text or fields"),
    "text is a string": ([{"type": "section", "text": "x"}], "must provide an object"),
    "11 fields": ([{"type": "section", "fields": [mrkdwn("x")] * 11}], "no more than 10 items allowed"),
    "field 2001": ([{"type": "section", "fields": [mrkdwn("x" * 2001)]}], "must be less than 2001 characters"),
    "header 151": ([{"type": "header", "text": plain("x" * 151)}], "must be less than 151 characters"),
    "header in mrkdwn": ([{"type": "header", "text": mrkdwn("x")}], "unsupported type: mrkdwn"),
    "emoji in mrkdwn": ([{"type": "section", "text": {**mrkdwn("x"), "emoji": True}}], "additional property: emoji"),
    "11 context elements": ([{"type": "context", "elements": [mrkdwn("x")] * 11}], "no more than 10 items"),
    "button in context": ([{"type": "context", "elements": [button()]}], "unsupported type: button"),
    "26 actions": ([actions(*[button(action_id=str(n)) for n in range(26)])], "no more than 25 items allowed"),
    "no actions": ([actions()], "no less than 1 items allowed"),
    "image in actions": ([actions(image())], "unsupported type: image"),
    "text input in actions": ([actions({"type": "plain_text_input"})], "unsupported type: plain_text_input"),
    "button text 76": ([actions(button(text=plain("x" * 76)))], "must be less than 76 characters"),
    "button text in mrkdwn": ([actions(button(text=mrkdwn("x")))], "unsupported type: mrkdwn"),
    "button value 2001": ([actions(button(value="x" * 2001))], "must be less than 2001 characters"),
    "button url 3001": ([actions(button(url="https://example.com/" + "x" * 3000))], "less than 3001 characters"),
    "button url is none": ([actions(button(url="javascript:alert(1)"))], "must provide a valid url"),
    "button style": ([actions(button(style="warning"))], "must be one of 'primary', 'danger'"),
    "confirm title 101": ([actions(button(confirm=confirm(title=plain("x" * 101))))], "less than 101 characters"),
    "confirm text 301": ([actions(button(confirm=confirm(text=plain("x" * 301))))], "less than 301 characters"),
    "confirm yes 31": ([actions(button(confirm=confirm(confirm=plain("x" * 31))))], "less than 31 characters"),
    "confirm no 31": ([actions(button(confirm=confirm(deny=plain("x" * 31))))], "less than 31 characters"),
    "101 options": ([actions(select([option()] * 101))], "no more than 100 items allowed"),
    "option text 76": ([actions(select([option(text="x" * 76)]))], "must be less than 76 characters"),
    "option value 151": ([actions(select([option(value="x" * 151)]))], "must be less than 151 characters"),
    "placeholder 151": ([actions(select([option()], placeholder=plain("x" * 151)))], "less than 151 characters"),
    "initial option not offered": (
        [actions(select([option()], initial_option=option(value="b")))],
        "does not match any of the options",
    ),
    "options and groups": (
        [actions(select([option()], option_groups=[{"label": plain("g"), "options": [option()]}]))],
        "exactly one of options and option_groups",
    ),
    "overflow of 6": ([actions({"type": "overflow", "options": [option()] * 6})], "no more than 5 items"),
    "11 radio buttons": ([actions({"type": "radio_buttons", "options": [option()] * 11})], "no more than 10 items"),
    "101 table rows": ([table(101, 1)], "no more than 100 items allowed [json-pointer:/blocks/0/rows]"),
    "21 table cells": ([table(1, 21)], "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]"),
    "21 column settings": ([table(1, 1, column_settings=[{}] * 21)], "no more than 20 items allowed"),
    "table of 10,001 characters": ([table(1, 1, "x" * 5000), table(1, 1, "x" * 5001)], "10001 characters in all"),
    "empty table cell": ([table(1, 1, "")], "must be more than 0 characters"),
    "mrkdwn in a table cell": ([{"type": "table", "rows": [[mrkdwn("x")]]}], "unsupported type: mrkdwn"),
    "data_table of a header": ([data_table(1)], "no less than 2 items allowed"),
    "data_table of 102 rows": ([data_table(102)], "no more than 101 items allowed"),
    "data_table of 21 columns": ([data_table(2, 21)], "no more than 20 items allowed"),
    "data_table without caption": ([{"type": "data_table", "rows": [[raw("a")]] * 2}], "required field: caption"),
    "data_table page 101": ([data_table(page_size=101)], "must be between 1 and 100"),
    "data_table ragged": (
        [{"type": "data_table", "caption": "c", "rows": [[raw("a")], [raw("a"), raw("b")]]}],
        "the same number of cells",
    ),
    "data_table rich header": (
        [{"type": "data_table", "caption": "c", "rows": [[RICH], [raw("a")]]}],
        "rich_text is not allowed in the header row",
    ),
    "data_table 10,001 characters": ([data_table(2, 1, "x" * 5001)], "must be less than 10001 characters"),
    "markdown 12,001": ([{"type": "markdown", "text": "x" * 6001}, {"type": "markdown", "text": "x" * 6000}], "12001"),
    "alert in a message": ([{"type": "alert", "text": plain("x")}], "unsupported type: alert"),
    "file_input in a message": (
        [{"type": "input", "label": plain("f"), "element": {"type": "file_input"}}],
        "unsupported type: file_input",
    ),
    "image on this machine": ([image(image_url="http://127.0.0.1:8080/a.png")], "downloading image failed"),
    "image with two sources": ([image(slack_file={"id": "F1"})], "exactly one of image_url and slack_file"),
    "image without alt_text": ([{"type": "image", "image_url": "https://example.com/a.png"}], "field: alt_text"),
    "alt_text 2001": ([image(alt_text="x" * 2001)], "must be less than 2001 characters"),
    "card body 201": ([{"type": "card", "body": mrkdwn("x" * 201)}], "must be less than 201 characters"),
    "rich text without elements": ([{"type": "rich_text"}], "missing required field: elements"),
    "max_length 3001": ([question(max_length=3001)], "must be between 1 and 3000"),
}


@pytest.mark.parametrize("blocks", WITHIN.values(), ids=WITHIN.keys())
def test_message_within_the_limits_is_accepted(slack: WebClient, blocks: list[Json]) -> None:
    """What Slack documents as allowed is stored."""
    assert slack.chat_postMessage(channel=DATA_RELEASES, text="x", blocks=blocks)["ok"]


@pytest.mark.parametrize(("blocks", "message"), BEYOND.values(), ids=BEYOND.keys())
def test_message_beyond_a_limit_is_refused(slack: WebClient, blocks: list[Json], message: str) -> None:
    """`invalid_blocks` names the rule and points at the place."""
    with pytest.raises(SlackApiError) as refused:
        slack.chat_postMessage(channel=DATA_RELEASES, text="x", blocks=blocks)
    answer = refused.value.response
    assert answer["error"] == "invalid_blocks"
    assert message in " ".join(answer["response_metadata"]["messages"])
    assert answer["response_metadata"]["messages"][0].startswith("[ERROR] ")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "x", "blocks": '{"type": "section"}'}, "invalid_blocks_format"),
        ({"text": "x", "blocks": "[not json"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": '["section"]'}, "invalid_blocks_format"),
        ({"text": "x", "blocks": [section("x" * 2400)] * 4}, "msg_blocks_too_long"),
        ({"text": "x", "blocks": [table(1, 1), table(1, 1)]}, "invalid_attachments"),
        ({"text": "x", "blocks": [table(1, 1), data_table()]}, "invalid_attachments"),
        ({"text": "x", "blocks": [table(1, 1), {"type": "markdown", "text": GFM}]}, "invalid_attachments"),
        (
            {"text": "x", "blocks": [table(1, 1)], "attachments": [{"blocks": [table(1, 1)]}]},
            "invalid_attachments",
        ),
        ({"text": "x", "attachments": [{"blocks": [{"type": "nope"}]}]}, "invalid_attachments"),
        ({"text": "x", "attachments": [{"text": "x"}] * 101}, "too_many_attachments"),
        ({"text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"markdown_text": "y" * 12_001}, "msg_too_long"),
        ({"text": "x", "metadata": {"event_type": "e"}}, "invalid_metadata_format"),
        (
            {"text": "x", "metadata": {"event_type": "e", "event_payload": {"a": {"b": {"c": 1}}}}},
            "invalid_metadata_schema",
        ),
    ],
)
def test_message_with_another_fault_is_refused_with_its_own_code(slack: WebClient, fields: Json, error: str) -> None:
    """Faults outside a single block have error codes of their own."""
    with pytest.raises(SlackApiError) as refused:
        slack.api_call("chat.postMessage", json={"channel": DATA_RELEASES, **fields})
    assert refused.value.response["error"] == error


def test_second_table_is_named_in_the_answer(slack: WebClient) -> None:
    """Slack calls it invalid_attachments, whichever field the tables were in."""
    with pytest.raises(SlackApiError) as refused:
        slack.chat_postMessage(channel=DATA_RELEASES, text="x", blocks=[table(1, 1), table(1, 1)])
    assert refused.value.response["response_metadata"]["messages"] == ["[ERROR] only_one_table_allowed"]


def modal(**fields: Any) -> Json:
    return {"type": "modal", "title": plain("T"), "blocks": [section()], **fields}


VIEWS_BEYOND: dict[str, tuple[Json, str]] = {
    "title 25": (modal(title=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
    "no title": ({"type": "modal", "blocks": [section()]}, "missing required field: title"),
    "submit 25": (modal(submit=plain("x" * 25)), "must be less than 25 characters"),
    "close 25": (modal(close=plain("x" * 25)), "must be less than 25 characters"),
    "title in mrkdwn": (modal(title=mrkdwn("x")), "unsupported type: mrkdwn"),
    "private_metadata 3001": (modal(private_metadata="x" * 3001), "must be less than 3001 characters"),
    "callback_id 256": (modal(callback_id="x" * 256), "must be less than 256 characters"),
    "101 blocks": (modal(blocks=[section()] * 101), "no more than 100 items allowed"),
    "input without submit": (modal(blocks=[question()]), "must define `submit` to use an `input` block"),
    "table in a modal": (modal(blocks=[table(1, 1)]), "unsupported type: table [json-pointer:/view/blocks/0/type]"),
    "data_table in a modal": (modal(blocks=[data_table()]), "unsupported type: data_table"),
    "markdown in a modal": (modal(blocks=[{"type": "markdown", "text": "x"}]), "unsupported type: markdown"),
    "unknown field": (modal(colour="red"), "invalid additional property: colour"),
    "two focused inputs": (
        modal(submit=plain("S"), blocks=[question(focus_on_load=True), question(focus_on_load=True)]),
        "only one element may have focus_on_load",
    ),
    "min over max": (modal(submit=plain("S"), blocks=[question(min_length=5, max_length=2)]), "more than max_length"),
    "alert 201": (modal(blocks=[{"type": "alert", "text": plain("x" * 201)}]), "must be less than 201 characters"),
    "home as modal": ({"type": "home", "blocks": []}, "must be one of 'modal'"),
}


@pytest.mark.parametrize(("view", "message"), VIEWS_BEYOND.values(), ids=VIEWS_BEYOND.keys())
def test_modal_beyond_a_limit_is_refused(slack: WebClient, view: Json, message: str) -> None:
    """views.open answers invalid_arguments with pointers below /view."""
    with pytest.raises(SlackApiError) as refused:
        slack.views_open(trigger_id="irrelevant", view=view)
    answer = refused.value.response
    assert answer["error"] == "invalid_arguments"
    assert message in " ".join(answer["response_metadata"]["messages"])


def test_modal_above_250_kilobytes_is_too_large(slack: WebClient) -> None:
    """The whole view has a size of its own."""
    blocks = [section("é" * 1500)] * 90
    with pytest.raises(SlackApiError, match="view_too_large"):
        slack.views_open(trigger_id="irrelevant", view=modal(blocks=blocks))


def test_home_tab_takes_a_table_and_no_title(slack: WebClient) -> None:
    """A Home tab has blocks, up to 100, and nothing of a modal."""
    slack.views_publish(user_id=MINA, view={"type": "home", "blocks": [section()] * 99 + [table(1, 1)]})
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        slack.views_publish(user_id=MINA, view={"type": "home", "blocks": [], "title": plain("x")})


def test_blocks_built_with_slacks_own_models_are_accepted(slack: WebClient) -> None:
    """The rules accept what the SDK's classes make."""
    blocks = [
        SectionBlock(text="hello", fields=["a", "b"]),
        ActionsBlock(elements=[ButtonElement(text="Go", action_id="go", value="1")]),
    ]
    stored = slack.chat_postMessage(channel=DATA_RELEASES, text="x", blocks=blocks)["message"]["blocks"]
    assert stored[1]["elements"][0]["text"] == {"type": "plain_text", "text": "Go", "emoji": True}
    assert all(block["block_id"] for block in stored)


def test_update_text_above_4000_bytes_is_refused(slack: WebClient) -> None:
    """chat.update counts bytes, chat.postMessage does not."""
    ts = slack.chat_postMessage(channel=DATA_RELEASES, text="é" * 3000)["ts"]
    with pytest.raises(SlackApiError, match="msg_too_long"):
        slack.chat_update(channel=DATA_RELEASES, ts=ts, text="é" * 3000)
    assert slack.chat_update(channel=DATA_RELEASES, ts=ts, text="x" * 4000)["ok"]
