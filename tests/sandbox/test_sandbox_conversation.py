"""People and an unmodified Bolt app talk through the sandbox: clicks, modals, commands, mentions, Home."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk import WebClient

from sandbox.testing import RunningSandbox
from sandbox.workspace import (
    APP_ID,
    BOT_USER,
    DATA_RELEASES,
    GENERAL,
    GUEST,
    LEAVER,
    MINA,
    MINA_DM,
    PRIYA,
    STRANGER,
    TEAM_ID,
    TOMAS,
)
from tests.sandbox.conftest import PATIENCE

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(action_id: str, **fields: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain("Press"), **fields}


def card(*elements: Json) -> list[Json]:
    return [{"type": "actions", "block_id": "decide", "elements": list(elements)}]


def modal(**fields: Any) -> Json:
    text = {"type": "plain_text_input", "action_id": "text", "max_length": 10}
    question = {"type": "input", "block_id": "why", "label": plain("Why"), "element": text}
    base = {"type": "modal", "callback_id": "why", "title": plain("Reject"), "submit": plain("Send")}
    return {**base, "blocks": [question], **fields}


def eventually(check: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What `check` answers as soon as it is truthy."""
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)
    return found


def test_click_reaches_the_listener_with_the_longhand_payload(
    sandbox: RunningSandbox, slack: WebClient, run_bolt: Any
) -> None:
    """A click is acknowledged, and its payload has the fields that Slack documents."""
    seen: list[Json] = []

    def register(app: AsyncApp) -> None:
        @app.action("approve")
        async def approve(ack: Any, body: Json) -> None:
            seen.append(body)
            await ack()

    ts = slack.chat_postMessage(channel=DATA_RELEASES, text="card", blocks=card(button("approve", value="run-1")))["ts"]
    with run_bolt(register):
        answer = sandbox.client.click(MINA, DATA_RELEASES, ts, action_id="approve")
    assert answer["ok"]
    assert answer["acked"]
    body = seen[0]
    assert body["user"] == {"id": MINA, "username": "mina", "name": "mina", "team_id": TEAM_ID}
    assert body["api_app_id"] == APP_ID
    assert body["container"] == {
        "type": "message",
        "channel_id": DATA_RELEASES,
        "message_ts": ts,
        "is_ephemeral": False,
    }
    assert (body["enterprise"], body["is_enterprise_install"]) == (None, False)
    assert body["channel"] == {"id": DATA_RELEASES, "name": "data-releases"}
    assert body["message"]["blocks"][0]["block_id"] == "decide"
    assert body["state"] == {"values": {}}
    action = body["actions"][0]
    assert (action["type"], action["action_id"], action["block_id"]) == ("button", "approve", "decide")
    assert (action["value"], action["text"]) == ("run-1", {"type": "plain_text", "text": "Press", "emoji": True})
    assert float(action["action_ts"]) > 0
    assert {"trigger_id", "response_url", "token", "team"} <= set(body)


def test_stranger_clicks_with_the_id_of_the_other_team(
    sandbox: RunningSandbox, slack: WebClient, run_bolt: Any
) -> None:
    """A person of another organisation carries that organisation's team id."""
    teams: list[str] = []

    def register(app: AsyncApp) -> None:
        @app.action("approve")
        async def approve(ack: Any, body: Json) -> None:
            teams.append(body["user"]["team_id"])
            await ack()

    ts = slack.chat_postMessage(channel=DATA_RELEASES, text="card", blocks=card(button("approve")))["ts"]
    with run_bolt(register):
        sandbox.client.click(STRANGER, DATA_RELEASES, ts, action_id="approve")
    assert teams != [TEAM_ID]
    assert slack.users_info(user=STRANGER)["user"]["is_stranger"] is True


def test_click_on_an_ephemeral_message_comes_without_the_message(
    sandbox: RunningSandbox, slack: WebClient, run_bolt: Any
) -> None:
    """Slack does not repeat what only one person saw: an app has the container and its own values to go by."""
    seen: list[Json] = []

    def register(app: AsyncApp) -> None:
        @app.action("approve")
        async def approve(ack: Any, body: Json) -> None:
            seen.append(body)
            await ack()

    blocks = card(button("approve"))
    ts = slack.chat_postEphemeral(channel=DATA_RELEASES, user=MINA, text="card", blocks=blocks)["message_ts"]
    with run_bolt(register):
        sandbox.client.click(MINA, DATA_RELEASES, ts, action_id="approve")
        other = sandbox.client.click(PRIYA, DATA_RELEASES, ts, action_id="approve")
    assert "message" not in seen[0]
    assert seen[0]["container"]["is_ephemeral"] is True
    assert other["error"] == "message_not_found"


def test_click_on_a_button_that_an_update_removed_is_refused(sandbox: RunningSandbox, slack: WebClient) -> None:
    """Only what is on the message as it is now can be pressed."""
    ts = slack.chat_postMessage(channel=DATA_RELEASES, text="card", blocks=card(button("approve")))["ts"]
    slack.chat_update(channel=DATA_RELEASES, ts=ts, text="done", blocks=[])
    answer = sandbox.client.click(MINA, DATA_RELEASES, ts, action_id="approve")
    assert answer["error"] == "no_such_element"
    assert sandbox.client.deliveries()[-1]["type"] == "events_api"


def test_click_with_a_dialog_asks_first(sandbox: RunningSandbox, slack: WebClient, run_bolt: Any) -> None:
    """A button with `confirm` sends nothing until the person said yes."""
    dialog = {"title": plain("Sure?"), "text": plain("3 tables"), "confirm": plain("Yes"), "deny": plain("No")}

    def register(app: AsyncApp) -> None:
        @app.action("approve")
        async def approve(ack: Any) -> None:
            await ack()

    ts = slack.chat_postMessage(channel=DATA_RELEASES, text="c", blocks=card(button("approve", confirm=dialog)))["ts"]
    with run_bolt(register):
        first = sandbox.client.click(MINA, DATA_RELEASES, ts, action_id="approve")
        second = sandbox.client.click(MINA, DATA_RELEASES, ts, action_id="approve", confirmed=True)
    assert first["error"] == "confirm_required"
    assert first["confirm"]["title"]["text"] == "Sure?"
    assert second["ok"]


@pytest.mark.parametrize(
    ("user", "channel", "error"),
    [
        (LEAVER, DATA_RELEASES, "account_inactive"),
        (GUEST, GENERAL, "not_in_channel"),
        (BOT_USER, DATA_RELEASES, "user_not_found"),
        ("U0NOBODY00", DATA_RELEASES, "user_not_found"),
    ],
)
def test_act_by_somebody_who_cannot_is_refused(sandbox: RunningSandbox, user: str, channel: str, error: str) -> None:
    """Deactivated people, non-members, bots and nobodies cannot act, and nothing is sent."""
    assert sandbox.client.say(user, "hello", channel=channel)["error"] == error
    assert sandbox.client.deliveries() == []


def open_reject(app: AsyncApp, view: Json | None = None) -> None:
    @app.action("reject")
    async def reject(ack: Any, body: Json, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=view or modal())


def opened(sandbox: RunningSandbox, slack: WebClient) -> Json:
    """The modal after a click on Reject."""
    ts = slack.chat_postMessage(channel=DATA_RELEASES, text="card", blocks=card(button("reject")))["ts"]
    sandbox.client.click(MINA, DATA_RELEASES, ts, action_id="reject")
    view: Json = eventually(lambda: sandbox.client.state()["modal"])
    return view


def test_submission_with_errors_keeps_the_modal_open(sandbox: RunningSandbox, slack: WebClient, run_bolt: Any) -> None:
    """`errors` stand under the inputs; the next submission without errors closes the modal."""
    seen: list[Json] = []

    def register(app: AsyncApp) -> None:
        open_reject(app)

        @app.view("why")
        async def why(ack: Any, body: Json) -> None:
            seen.append(body)
            if len(seen) == 1:
                await ack(response_action="errors", errors={"why": "Say more."})
            else:
                await ack()

    with run_bolt(register):
        view = opened(sandbox, slack)
        first = sandbox.client.submit(MINA, view["id"], {"why": {"text": "bad"}})
        shown = sandbox.client.state()["modal"]
        second = sandbox.client.submit(MINA, view["id"])
    assert (first["response_action"], first["errors"]) == ("errors", {"why": "Say more."})
    assert shown["errors"] == {"why": "Say more."}
    assert second["response_action"] == "close"
    assert sandbox.client.state()["modal"] is None
    body = seen[1]
    assert body["type"] == "view_submission"
    assert body["view"]["state"] == {"values": {"why": {"text": {"type": "plain_text_input", "value": "bad"}}}}
    assert body["view"]["callback_id"] == "why"
    assert (body["view"]["root_view_id"], body["view"]["previous_view_id"]) == (view["id"], None)


@pytest.mark.parametrize(("text", "reason"), [("", "required"), ("far too long", "at most 10")])
def test_submission_is_checked_by_the_client_first(
    sandbox: RunningSandbox, slack: WebClient, run_bolt: Any, text: str, reason: str
) -> None:
    """Empty required inputs and too long texts never reach the app."""
    with run_bolt(open_reject):
        view = opened(sandbox, slack)
        answer = sandbox.client.submit(MINA, view["id"], {"why": {"text": text}})
    assert answer["error"] == "client_validation"
    assert reason in answer["errors"]["why"]
    assert "view_submission" not in [line["name"] for line in sandbox.client.deliveries()]


def test_submission_with_errors_for_no_input_shows_a_warning(
    sandbox: RunningSandbox, slack: WebClient, run_bolt: Any
) -> None:
    """Slack cannot place an error under a block that is no input, so the person sees that it failed."""

    def register(app: AsyncApp) -> None:
        open_reject(app)

        @app.view("why")
        async def why(ack: Any) -> None:
            await ack(response_action="errors", errors={"other": "x"})

    with run_bolt(register):
        view = opened(sandbox, slack)
        answer = sandbox.client.submit(MINA, view["id"], {"why": {"text": "bad"}})
    assert answer["error"] == "bad_response"
    assert sandbox.client.state()["notices"][-1]["text"] == answer["shown"]
    assert sandbox.client.state()["modal"]["id"] == view["id"]


def test_push_update_and_clear_move_the_stack(sandbox: RunningSandbox, slack: WebClient, run_bolt: Any) -> None:
    """Pushed modals lie on top, at most three; `update` replaces the top one; `clear` closes all."""
    answers: list[Json] = [
        {"response_action": "push", "view": modal()},
        {"response_action": "push", "view": modal()},
        {"response_action": "push", "view": modal()},
        {"response_action": "update", "view": modal(title=plain("New title"))},
        {"response_action": "clear"},
    ]

    def register(app: AsyncApp) -> None:
        open_reject(app)

        @app.view("why")
        async def why(ack: Any) -> None:
            await ack(**answers.pop(0))

    def press() -> Json:
        view_id = sandbox.client.state()["modal"]["id"]
        return sandbox.client.submit(MINA, view_id, {"why": {"text": "x"}})

    with run_bolt(register):
        first = opened(sandbox, slack)
        press(), press()
        top = sandbox.client.state()
        fourth = press()
        press()
        renamed = sandbox.client.state()["modal"]["title"]["text"]
        press()
    assert top["modal_depth"] == 3
    assert top["modal"]["root_view_id"] == first["id"]
    assert fourth["error"] == "bad_response"
    assert renamed == "New title"
    assert sandbox.client.state()["modal"] is None


def test_closing_tells_the_app_when_it_asked(sandbox: RunningSandbox, slack: WebClient, run_bolt: Any) -> None:
    """`view_closed` comes for views with notify_on_close."""
    closed: list[Json] = []

    def register(app: AsyncApp) -> None:
        open_reject(app, modal(notify_on_close=True))

        @app.view_closed("why")
        async def gone(ack: Any, body: Json) -> None:
            closed.append(body)
            await ack()

    with run_bolt(register):
        view = opened(sandbox, slack)
        answer = sandbox.client.act(MINA, "close", view_id=view["id"])
    assert answer["acked"]
    assert (closed[0]["type"], closed[0]["is_cleared"]) == ("view_closed", False)


def test_command_answers_with_its_ack_and_by_response_url(sandbox: RunningSandbox, run_bolt: Any) -> None:
    """Only the person who typed a command sees the answers, unless they are in_channel."""
    seen: list[Json] = []

    def register(app: AsyncApp) -> None:
        @app.command("/wap")
        async def wap(ack: Any, body: Json, respond: Any) -> None:
            seen.append(body)
            await ack("working")
            await respond("private answer")
            await respond("public answer", response_type="in_channel")

        @app.event("message")
        async def message() -> None:
            return

    with run_bolt(register):
        answer = sandbox.client.command(PRIYA, "status run-1", channel=DATA_RELEASES)
        eventually(lambda: len(sandbox.client.messages(DATA_RELEASES, PRIYA)) == 3)
        events = eventually(lambda: [line for line in sandbox.client.deliveries() if line["name"] == "message"])
    assert answer["ok"]
    assert (seen[0]["command"], seen[0]["text"], seen[0]["user_id"]) == ("/wap", "status run-1", PRIYA)
    assert seen[0]["channel_name"] == "data-releases"
    own = {m["text"]: m["ephemeral"] for m in sandbox.client.messages(DATA_RELEASES, PRIYA)}
    assert own == {"working": True, "private answer": True, "public answer": False}
    assert [m["text"] for m in sandbox.client.messages(DATA_RELEASES, TOMAS)] == ["public answer"]
    assert len(events) == 1, "what only one person sees is no event"


def test_mention_edit_and_delete_arrive_as_events(sandbox: RunningSandbox, run_bolt: Any) -> None:
    """A mention comes twice, as Slack sends it; edits and deletions carry what was there before."""
    mentions: list[Json] = []
    messages: list[Json] = []

    def register(app: AsyncApp) -> None:
        @app.event("app_mention")
        async def mention(body: Json) -> None:
            mentions.append(body)

        @app.event("message")
        async def message(event: Json) -> None:
            messages.append(event)

    with run_bolt(register):
        ts = sandbox.client.say(PRIYA, "@wap rows a < b", channel=DATA_RELEASES)["ts"]
        sandbox.client.act(PRIYA, "edit", channel=DATA_RELEASES, ts=ts, text="never mind")
        sandbox.client.act(PRIYA, "delete", channel=DATA_RELEASES, ts=ts)
        eventually(lambda: len(messages) == 3)
    envelope = mentions[0]
    assert envelope["event"]["text"] == f"<@{BOT_USER}> rows a &lt; b"
    assert envelope["type"] == "event_callback"
    assert envelope["event_id"].startswith("Ev")
    assert envelope["authorizations"][0]["user_id"] == BOT_USER
    assert [message.get("subtype") for message in messages] == [None, "message_changed", "message_deleted"]
    assert messages[1]["previous_message"]["ts"] == ts
    assert messages[1]["message"]["text"] == "never mind"
    assert messages[2]["deleted_ts"] == ts


def test_home_shows_what_the_app_publishes(sandbox: RunningSandbox, run_bolt: Any) -> None:
    """Opening Home sends app_home_opened; a button in it sends a view action without a channel."""
    actions: list[Json] = []
    home = {"type": "home", "blocks": card(button("refresh"))}

    def register(app: AsyncApp) -> None:
        @app.event("app_home_opened")
        async def show(event: Json, client: Any) -> None:
            await client.views_publish(user_id=event["user"], view=home)

        @app.action("refresh")
        async def refresh(ack: Any, body: Json) -> None:
            actions.append(body)
            await ack()

    with run_bolt(register):
        sandbox.client.home(MINA)
        view = eventually(lambda: sandbox.client.state()["home"])
        answer = sandbox.client.act(MINA, "modal_action", view_id=view["id"], action_id="refresh")
    assert answer["ok"]
    assert actions[0]["container"] == {"type": "view", "view_id": view["id"]}
    assert not {"channel", "message", "response_url"} & set(actions[0])


def test_shared_link_can_be_unfurled(sandbox: RunningSandbox, run_bolt: Any) -> None:
    """link_shared comes for registered domains, and chat.unfurl attaches a preview to that message."""

    def register(app: AsyncApp) -> None:
        @app.event("message")
        async def ignore(event: Json) -> None:
            return

        @app.event("link_shared")
        async def preview(event: Json, client: Any) -> None:
            blocks = [{"type": "section", "text": plain("A run")}]
            await client.chat_unfurl(
                channel=event["channel"],
                ts=event["message_ts"],
                unfurls={event["links"][0]["url"]: {"blocks": blocks}},
            )

    with run_bolt(register):
        sandbox.client.say(PRIYA, "see https://prefect.example.com/runs/1?a=1&b=2", channel=DATA_RELEASES)
        attachments = eventually(lambda: sandbox.client.messages(DATA_RELEASES)[0]["attachments"])
    assert attachments[0]["from_url"] == "https://prefect.example.com/runs/1?a=1&b=2"


def test_direct_message_is_seen_by_its_two_people_only(sandbox: RunningSandbox, slack: WebClient) -> None:
    """Posting to a user id opens the conversation with that person."""
    slack.chat_postMessage(channel=MINA, text="for you")
    assert [m["text"] for m in sandbox.client.messages(MINA_DM, MINA)] == ["for you"]
    assert MINA_DM not in sandbox.client.state(TOMAS)["messages"]
