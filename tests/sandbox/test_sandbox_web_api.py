"""The Web API answers and refuses as Slack documents: tokens, messages, history, files, pace, faults."""

import json
import urllib.error
from http.client import RemoteDisconnected
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient
from websockets.sync.client import connect

from sandbox.testing import RunningSandbox
from sandbox.workspace import (
    BOT_ID,
    BOT_USER,
    DATA_OWNERS,
    DATA_RELEASES,
    GENERAL,
    LEAVER,
    MINA,
    MINA_DM,
    PRIYA,
    TEAM_ID,
    TOMAS,
)
from tests.sandbox.conftest import PATIENCE

Json = dict[str, Any]
ONCE = [{"message_burst": 3}]
SECTION = {"type": "section", "text": {"type": "plain_text", "text": "x"}}


def refusal(slack: WebClient, method: str, **arguments: Any) -> str:
    """The error code that a call is refused with."""
    with pytest.raises(SlackApiError) as refused:
        slack.api_call(method, params=arguments)
    code: str = refused.value.response["error"]
    return code


def test_auth_test_names_the_bot(slack: WebClient) -> None:
    """auth.test says whose token it is."""
    answer = slack.auth_test()
    assert (answer["user_id"], answer["bot_id"], answer["team_id"]) == (BOT_USER, BOT_ID, TEAM_ID)
    assert "chat:write" in answer.headers["x-oauth-scopes"]


@pytest.mark.parametrize(
    ("method", "token", "error"),
    [
        ("auth.test", "xoxb-wrong", "invalid_auth"),
        ("auth.test", "", "not_authed"),
        ("chat.postMessage", "xapp-sandbox", "not_allowed_token_type"),
        ("apps.connections.open", "xoxb-sandbox", "not_allowed_token_type"),
        ("chat.shout", "xoxb-sandbox", "unknown_method"),
    ],
)
def test_wrong_token_or_method_is_refused(sandbox: RunningSandbox, method: str, token: str, error: str) -> None:
    """Each kind of wrong token has its own code."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = httpx.post(sandbox.client.api_url + method, headers=headers, trust_env=False).json()
    assert (answer["ok"], answer["error"]) == (False, error)


@pytest.mark.parametrize("sandbox", [{"scopes": frozenset({"chat:write"})}], indirect=True)
def test_method_without_its_scope_is_refused(slack: WebClient) -> None:
    """missing_scope says what is needed and what is there."""
    with pytest.raises(SlackApiError) as refused:
        slack.users_info(user=MINA)
    answer = refused.value.response
    assert (answer["error"], answer["needed"], answer["provided"]) == ("missing_scope", "users:read", "chat:write")


def test_arguments_may_be_form_or_json(sandbox: RunningSandbox) -> None:
    """Structures come as JSON text in a form, or as themselves in JSON; a JSON body cannot carry the token."""
    url = sandbox.client.api_url + "chat.postMessage"
    bearer = {"Authorization": f"Bearer {sandbox.settings.bot_token}"}
    form = {"channel": DATA_RELEASES, "text": "x", "blocks": json.dumps([SECTION]), "token": sandbox.settings.bot_token}
    body = {"channel": DATA_RELEASES, "text": "x", "blocks": [SECTION]}
    with httpx.Client(trust_env=False) as http:
        assert http.post(url, data=form).json()["ok"]
        assert http.post(url, json=body, headers=bearer).json()["ok"]
        assert http.post(url, json={**body, "token": sandbox.settings.bot_token}).json()["error"] == "not_authed"
        assert (
            http.post(url, content=b"{", headers={**bearer, "Content-Type": "application/json"}).json()["error"]
            == "invalid_json"
        )


@pytest.mark.parametrize(
    ("channel", "error"),
    [("C0NOWHERE0", "channel_not_found"), (GENERAL, "not_in_channel"), ("", "channel_not_found")],
)
def test_posting_where_the_bot_is_not_is_refused(slack: WebClient, channel: str, error: str) -> None:
    """The bot writes only where it is a member."""
    assert refusal(slack, "chat.postMessage", channel=channel, text="x") == error


def test_posting_follows_what_happens_to_the_channel(sandbox: RunningSandbox, slack: WebClient) -> None:
    """An archived channel and one that the bot was removed from take no message."""
    sandbox.client.control("channel", channel=DATA_RELEASES, do="archive")
    assert refusal(slack, "chat.postMessage", channel=DATA_RELEASES, text="x") == "is_archived"
    sandbox.client.control("channel", channel=DATA_RELEASES, do="unarchive")
    sandbox.client.control("channel", channel=DATA_RELEASES, do="remove_bot")
    assert refusal(slack, "chat.postMessage", channel=DATA_RELEASES, text="x") == "not_in_channel"


def test_update_replaces_what_is_given_and_marks_it(sandbox: RunningSandbox, slack: WebClient) -> None:
    """Blocks left out stay, an empty list removes them, metadata stays."""
    metadata = {"event_type": "wap_card", "event_payload": {"run": "1"}}
    ts = slack.chat_postMessage(channel=DATA_RELEASES, text="a", blocks=[SECTION], metadata=metadata)["ts"]
    kept = slack.chat_update(channel=DATA_RELEASES, ts=ts, text="b")["message"]
    assert (kept["text"], len(kept["blocks"]), kept["metadata"]) == ("b", 1, metadata)
    assert kept["edited"]["user"] == BOT_USER
    assert "blocks" not in slack.chat_update(channel=DATA_RELEASES, ts=ts, text="c", blocks=[])["message"]
    assert sandbox.client.messages(DATA_RELEASES)[0]["edited"]


def test_only_own_messages_can_be_changed(sandbox: RunningSandbox, slack: WebClient) -> None:
    """People's messages are theirs; a message that is gone is not found."""
    ts = sandbox.client.say(MINA, "mine", channel=DATA_RELEASES)["ts"]
    assert refusal(slack, "chat.update", channel=DATA_RELEASES, ts=ts, text="x") == "cant_update_message"
    assert refusal(slack, "chat.delete", channel=DATA_RELEASES, ts=ts) == "cant_delete_message"
    own = slack.chat_postMessage(channel=DATA_RELEASES, text="x")["ts"]
    sandbox.client.control("channel", channel=DATA_RELEASES, do="delete_message", ts=own)
    assert refusal(slack, "chat.update", channel=DATA_RELEASES, ts=own, text="x") == "message_not_found"


def test_history_is_newest_first_and_hides_metadata_unless_asked(slack: WebClient) -> None:
    """The way to find one's own message again after a lost reply."""
    metadata = {"event_type": "wap_card", "event_payload": {"run": "1"}}
    first = slack.chat_postMessage(channel=DATA_RELEASES, text="first", metadata=metadata)["ts"]
    slack.chat_postMessage(channel=DATA_RELEASES, text="second")
    slack.chat_postMessage(channel=DATA_RELEASES, text="reply", thread_ts=first)
    plain = slack.conversations_history(channel=DATA_RELEASES)["messages"]
    full = slack.conversations_history(channel=DATA_RELEASES, include_all_metadata=True)["messages"]
    assert [message["text"] for message in plain] == ["second", "first"]
    assert "metadata" not in plain[1]
    assert full[1]["metadata"] == metadata
    assert (plain[1]["reply_count"], plain[1]["thread_ts"]) == (1, first)


def test_history_pages_with_a_cursor(slack: WebClient) -> None:
    """Every message comes exactly once."""
    for number in range(5):
        slack.chat_postMessage(channel=DATA_RELEASES, text=str(number))
    pages = [page["messages"] for page in slack.conversations_history(channel=DATA_RELEASES, limit=2)]
    assert [message["text"] for page in pages for message in page] == ["4", "3", "2", "1", "0"]
    assert refusal(slack, "conversations.history", channel=DATA_RELEASES, cursor="x") == "invalid_cursor"
    assert refusal(slack, "conversations.history", channel=GENERAL) == "not_in_channel"


def test_thread_lists_its_opener_and_replies(slack: WebClient) -> None:
    """conversations.replies is oldest first; a thread that nobody opened is not found."""
    opener = slack.chat_postMessage(channel=DATA_RELEASES, text="card")["ts"]
    for text in ("one", "two"):
        slack.chat_postMessage(channel=DATA_RELEASES, text=text, thread_ts=opener)
    messages = slack.conversations_replies(channel=DATA_RELEASES, ts=opener)["messages"]
    assert [message["text"] for message in messages] == ["card", "one", "two"]
    assert messages[1]["parent_user_id"] == BOT_USER
    unknown = {"channel": DATA_RELEASES, "text": "x", "thread_ts": "1111111111.000000"}
    assert refusal(slack, "chat.postMessage", **unknown) == "thread_not_found"
    assert refusal(slack, "chat.postMessage", **{**unknown, "thread_ts": "0"}) == "invalid_thread_ts"


def test_ephemeral_message_is_for_one_person(sandbox: RunningSandbox, slack: WebClient) -> None:
    """Nobody else sees it, and it is in no history."""
    slack.chat_postEphemeral(channel=DATA_RELEASES, user=MINA, text="only you")
    assert [m["ephemeral"] for m in sandbox.client.messages(DATA_RELEASES, MINA)] == [True]
    assert sandbox.client.messages(DATA_RELEASES, PRIYA) == []
    assert slack.conversations_history(channel=DATA_RELEASES)["messages"] == []
    assert refusal(slack, "chat.postEphemeral", channel=DATA_RELEASES, user=LEAVER, text="x") == "user_not_in_channel"


def test_people_and_groups_can_be_looked_up(slack: WebClient) -> None:
    """Rights are there for active people only; the group has its two owners."""
    mina, leaver = slack.users_info(user=MINA)["user"], slack.users_info(user=LEAVER)["user"]
    assert (mina["is_admin"], mina["is_restricted"], mina["deleted"]) == (True, False, False)
    assert leaver["deleted"]
    assert "is_restricted" not in leaver
    assert slack.usergroups_users_list(usergroup=DATA_OWNERS)["users"] == [MINA, TOMAS]
    assert slack.usergroups_list()["usergroups"][0]["handle"] == "data-owners"
    assert len(slack.users_list()["members"]) == 7
    assert refusal(slack, "users.info", user="U0NOBODY00") == "user_not_found"
    assert refusal(slack, "usergroups.users.list", usergroup="S0NOTHING0") == "no_such_subteam"


def test_conversations_can_be_looked_up(slack: WebClient) -> None:
    """Members, membership of the bot, and the direct message that already exists."""
    assert slack.conversations_info(channel=DATA_RELEASES)["channel"]["is_member"]
    assert not slack.conversations_info(channel=GENERAL)["channel"]["is_member"]
    assert MINA in slack.conversations_members(channel=DATA_RELEASES)["members"]
    names = {channel["name"] for channel in slack.conversations_list()["channels"]}
    assert names == {"data-releases", "general"}
    assert slack.conversations_open(users=MINA)["channel"]["id"] == MINA_DM
    assert slack.conversations_open(users=PRIYA)["channel"]["id"] != MINA_DM


def test_file_goes_through_its_upload_url_once(sandbox: RunningSandbox, slack: WebClient) -> None:
    """files_upload_v2 works unchanged; the file shows in the thread and its bytes come back."""
    opener = slack.chat_postMessage(channel=DATA_RELEASES, text="card")["ts"]
    slack.files_upload_v2(
        channel=DATA_RELEASES, thread_ts=opener, filename="rows.csv", content="a,b\n", title="Rows", initial_comment="c"
    )
    message = sandbox.client.messages(DATA_RELEASES)[-1]
    assert (message["thread_ts"], message["text"]) == (opener, "c")
    assert (message["files"][0]["title"], message["files"][0]["mimetype"]) == ("Rows", "text/csv")
    answer = httpx.get(sandbox.url + message["files"][0]["url"], trust_env=False)
    assert answer.content == b"a,b\n"
    assert answer.headers["content-disposition"] == "attachment"


def test_picture_carries_its_words(sandbox: RunningSandbox, slack: WebClient) -> None:
    """The alternative text of an upload reaches the page, for those who cannot see the picture."""
    content = b"\x89PNG\r\n\x1a\n"
    slack.files_upload_v2(channel=DATA_RELEASES, filename="a.png", content=content, alt_txt="Amounts doubled.")
    message = sandbox.client.messages(DATA_RELEASES)[-1]
    assert message["files"][0]["alt_txt"] == "Amounts doubled."


def test_upload_that_never_came_cannot_be_completed(sandbox: RunningSandbox, slack: WebClient) -> None:
    """The length is checked, the URL is single use, and a file without bytes is not found."""
    reserved = slack.files_getUploadURLExternal(filename="a.txt", length=3)
    files = json.dumps([{"id": reserved["file_id"]}])
    assert refusal(slack, "files.completeUploadExternal", files=files) == "file_not_found"
    with httpx.Client(trust_env=False) as http:
        assert http.post(reserved["upload_url"], content=b"too long").status_code == 400
        assert http.put(reserved["upload_url"], content=b"abc").status_code == 200
        assert http.post(reserved["upload_url"], content=b"abc").status_code == 404


def test_reaction_counts_once(slack: WebClient) -> None:
    """The bot can react once with each name."""
    ts = slack.chat_postMessage(channel=DATA_RELEASES, text="card")["ts"]
    slack.reactions_add(channel=DATA_RELEASES, timestamp=ts, name="eyes")
    again = {"channel": DATA_RELEASES, "timestamp": ts, "name": "eyes"}
    assert refusal(slack, "reactions.add", **again) == "already_reacted"
    assert refusal(slack, "reactions.add", **{**again, "name": ":)"}) == "invalid_name"


def test_home_with_an_old_hash_is_a_conflict(slack: WebClient) -> None:
    """Whoever publishes from an older state is told so."""
    view = {"type": "home", "blocks": [SECTION]}
    old = slack.views_publish(user_id=MINA, view=view)["view"]["hash"]
    slack.views_publish(user_id=MINA, view=view, hash=old)
    assert refusal(slack, "views.publish", user_id=MINA, view=json.dumps(view), hash=old) == "hash_conflict"
    assert refusal(slack, "views.update", view_id="V0NOTHING0", view=json.dumps(view)) == "not_found"


@pytest.mark.parametrize("sandbox", ONCE, indirect=True)
def test_fourth_message_in_a_second_is_rate_limited(slack: WebClient) -> None:
    """429 with Retry-After; another channel has its own pace."""
    for number in range(3):
        slack.chat_postMessage(channel=DATA_RELEASES, text=str(number))
    with pytest.raises(SlackApiError) as refused:
        slack.chat_postMessage(channel=DATA_RELEASES, text="too fast")
    response = refused.value.response
    assert (response.status_code, response["error"]) == (429, "ratelimited")
    assert int(response.headers["Retry-After"]) >= 1
    assert slack.chat_postMessage(channel=MINA_DM, text="elsewhere")["ok"]


def test_dropped_reply_leaves_the_message_behind(sandbox: RunningSandbox, slack: WebClient) -> None:
    """The caller cannot know that it worked; the history can tell."""
    slack.retry_handlers.clear()
    sandbox.client.fault("chat.postMessage", "drop_reply")
    with pytest.raises((RemoteDisconnected, urllib.error.URLError, ConnectionError)):
        slack.chat_postMessage(channel=DATA_RELEASES, text="posted")
    assert [message["text"] for message in sandbox.client.messages(DATA_RELEASES)] == ["posted"]
    assert slack.chat_postMessage(channel=DATA_RELEASES, text="next")["ok"]


def test_faults_happen_as_often_as_asked(sandbox: RunningSandbox, slack: WebClient) -> None:
    """An error, an HTTP status with Retry-After, then everything works again."""
    sandbox.client.fault("chat.postMessage", "error", error="fatal_error", times=2)
    sandbox.client.fault("chat.postMessage", "status", status=429, retry_after=7)
    assert refusal(slack, "chat.postMessage", channel=DATA_RELEASES, text="x") == "fatal_error"
    assert refusal(slack, "chat.postMessage", channel=DATA_RELEASES, text="x") == "fatal_error"
    with pytest.raises(SlackApiError) as refused:
        slack.chat_postMessage(channel=DATA_RELEASES, text="x")
    assert refused.value.response.headers["Retry-After"] == "7"
    assert slack.chat_postMessage(channel=DATA_RELEASES, text="x")["ok"]
    assert [call["ok"] for call in sandbox.client.log("chat.postMessage")] == [False, False, False, True]


def test_log_has_no_tokens(sandbox: RunningSandbox, slack: WebClient) -> None:
    """Every call is there with its arguments and result, tokens are not."""
    slack.chat_postMessage(channel=DATA_RELEASES, text="x")
    httpx.post(sandbox.client.api_url + "auth.test", data={"token": sandbox.settings.bot_token}, trust_env=False)
    lines = sandbox.client.log()
    assert lines[0]["args"]["text"] == "x"
    assert lines[0]["ts"] == sandbox.client.messages(DATA_RELEASES)[0]["ts"]
    assert sandbox.settings.bot_token not in json.dumps(lines)


def response_url(sandbox: RunningSandbox, slack: WebClient) -> tuple[str, str]:
    """The ts of a message and the response_url of a click on it, that nobody acknowledged."""
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    ts = slack.chat_postMessage(channel=DATA_RELEASES, text="card", blocks=[{"type": "actions", "elements": [button]}])[
        "ts"
    ]
    app = WebClient(token=sandbox.settings.app_token, base_url=sandbox.client.api_url)
    with connect(app.apps_connections_open(app_token=sandbox.settings.app_token)["url"]) as socket:
        socket.recv(timeout=PATIENCE)
        sandbox.client.click(MINA, DATA_RELEASES, ts, action_id="go")
        frames = [json.loads(socket.recv(timeout=PATIENCE)) for _ in range(1)]
    return ts, frames[0]["payload"]["response_url"]


@pytest.mark.parametrize("sandbox", [{"ack_seconds": 0.2, "retry_seconds": (), "events": frozenset()}], indirect=True)
def test_response_url_answers_five_times(sandbox: RunningSandbox, slack: WebClient) -> None:
    """It shows, replaces and deletes without a token, and is used up after five answers."""
    ts, url = response_url(sandbox, slack)
    webhook = WebhookClient(url)
    assert webhook.send(text="only Mina").status_code == 200
    assert webhook.send(text="replaced", replace_original=True).status_code == 200
    assert webhook.send(text="x", blocks=[{"type": "nope"}]).status_code == 400
    assert webhook.send(text="everybody", response_type="in_channel").status_code == 200
    seen = {message["ts"]: message for message in sandbox.client.messages(DATA_RELEASES, PRIYA)}
    assert seen[ts]["text"] == "replaced"
    assert {message["text"] for message in seen.values()} == {"replaced", "everybody"}
    assert webhook.send_dict({"delete_original": True}).status_code == 200
    assert ts not in {message["ts"] for message in sandbox.client.messages(DATA_RELEASES)}
    assert webhook.send(text="sixth").status_code == 404
