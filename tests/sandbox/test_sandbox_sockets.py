"""Socket Mode: one envelope to one socket, refreshes, acks in time or a warning, repeats of events only."""

import json
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from sandbox.testing import RunningSandbox
from sandbox.workspace import DATA_RELEASES, MINA, PRIYA
from tests.sandbox.conftest import PATIENCE

Json = dict[str, Any]
IMPATIENT = {"ack_seconds": 0.3, "retry_seconds": (0.0, 0.05, 0.05), "refresh_grace_seconds": 0.1}
BUTTON = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
CARD = [{"type": "actions", "elements": [BUTTON]}]


def eventually(check: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What `check` answers as soon as it is truthy."""
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)
    return found


def acking(app: AsyncApp) -> None:
    @app.action("go")
    async def go(ack: Any) -> None:
        await ack()

    @app.event("message")
    async def message() -> None:
        return


def posted(slack: WebClient) -> str:
    ts: str = slack.chat_postMessage(channel=DATA_RELEASES, text="card", blocks=CARD)["ts"]
    return ts


def socket_url(sandbox: RunningSandbox) -> str:
    app = WebClient(token=sandbox.settings.app_token, base_url=sandbox.client.api_url)
    url: str = app.apps_connections_open(app_token=sandbox.settings.app_token)["url"]
    return url


def hello(socket: Connection) -> Json:
    frame: Json = json.loads(socket.recv(timeout=PATIENCE))
    assert frame["type"] == "hello"
    return frame


def test_two_connections_share_the_envelopes(sandbox: RunningSandbox, slack: WebClient, run_bolt: Any) -> None:
    """Each envelope goes to exactly one socket, in turn."""
    with run_bolt(acking, connections=2):
        ts = posted(slack)
        answers = [sandbox.client.click(MINA, DATA_RELEASES, ts, action_id="go") for _ in range(6)]
        lines = [line for line in sandbox.client.deliveries() if line["name"] == "block_actions"]
    assert all(answer["acked"] for answer in answers)
    assert len(lines) == 6
    assert sorted(Counter(line["connection"] for line in lines).values()) in ([3, 3], [2, 4])


@pytest.mark.parametrize("sandbox", [{"refresh_grace_seconds": 0.1}], indirect=True)
def test_refresh_of_one_connection_loses_nothing(sandbox: RunningSandbox, slack: WebClient, run_bolt: Any) -> None:
    """While one socket is replaced, the other one takes the clicks."""
    with run_bolt(acking, connections=2):
        ts = posted(slack)
        assert sandbox.client.refresh("one")["told"] == 1
        answers = [sandbox.client.click(MINA, DATA_RELEASES, ts, action_id="go") for _ in range(6)]
        eventually(lambda: sandbox.client.connections() == 2)
    assert all(answer["acked"] for answer in answers)


@pytest.mark.parametrize("sandbox", [{"refresh_grace_seconds": 0.1}], indirect=True)
def test_bolt_comes_back_after_a_refresh_of_all(sandbox: RunningSandbox, slack: WebClient, run_bolt: Any) -> None:
    """An app that is told to reconnect asks for a new URL and works again."""
    with run_bolt(acking):
        ts = posted(slack)
        before = len(sandbox.client.log("apps.connections.open"))
        sandbox.client.refresh()
        eventually(lambda: sandbox.client.connections() == 1, seconds=15)
        assert sandbox.client.click(MINA, DATA_RELEASES, ts, action_id="go")["acked"]
    assert len(sandbox.client.log("apps.connections.open")) > before


def test_ticket_opens_one_socket_only(sandbox: RunningSandbox) -> None:
    """A WebSocket URL is used up by the first handshake, and a made-up one opens nothing."""
    url = socket_url(sandbox)
    with connect(url) as socket:
        assert hello(socket)["num_connections"] == 1
        with pytest.raises(InvalidStatus):
            connect(url)
    with pytest.raises(InvalidStatus):
        connect(url.partition("?")[0] + "?ticket=made-up")


def test_page_is_told_at_once_that_a_connection_came_and_went(sandbox: RunningSandbox) -> None:
    """Whether the app is there is something that people look at."""
    url = socket_url(sandbox)
    with connect(sandbox.url.replace("http", "ws") + f"/page/live?as={MINA}") as live:
        with connect(url) as socket:
            hello(socket)
            assert json.loads(live.recv(timeout=PATIENCE)) == {"type": "changed"}
            assert sandbox.client.connections() == 1
        assert json.loads(live.recv(timeout=PATIENCE)) == {"type": "changed"}
        assert sandbox.client.connections() == 0


def test_eleventh_connection_is_sent_away(sandbox: RunningSandbox) -> None:
    """An app holds at most ten sockets; `hello` counts them."""
    sockets = [connect(socket_url(sandbox)) for _ in range(10)]
    counts = [hello(socket)["num_connections"] for socket in sockets]
    with connect(socket_url(sandbox)) as extra:
        frame = json.loads(extra.recv(timeout=PATIENCE))
    for socket in sockets:
        socket.close()
    assert counts == list(range(1, 11))
    assert frame == {"type": "disconnect", "reason": "too_many_websockets"}


@pytest.mark.parametrize("sandbox", [IMPATIENT], indirect=True)
def test_click_without_an_ack_warns_the_person_and_is_not_repeated(sandbox: RunningSandbox, slack: WebClient) -> None:
    """Slack never sends a click again; who clicked sees that it may not have worked."""
    with connect(socket_url(sandbox)) as socket:
        hello(socket)
        ts = posted(slack)
        answer = sandbox.client.click(MINA, DATA_RELEASES, ts, action_id="go")
        clicks = [line for line in sandbox.client.deliveries() if line["name"] == "block_actions"]
    assert (answer["ok"], answer["error"]) == (False, "operation_timeout")
    assert "did not answer" in answer["shown"]
    assert [notice["text"] for notice in sandbox.client.state(MINA)["notices"]] == [answer["shown"]]
    assert sandbox.client.state(PRIYA)["notices"] == []
    assert len(clicks) == 1


def test_click_with_nothing_connected_warns_at_once(sandbox: RunningSandbox, slack: WebClient) -> None:
    """Without a socket there is nothing to wait for."""
    answer = sandbox.client.click(MINA, DATA_RELEASES, posted(slack), action_id="go")
    assert answer["error"] == "dispatch_failed"
    assert sandbox.client.deliveries()[-1]["error"] == "no_connection"


@pytest.mark.parametrize("sandbox", [IMPATIENT], indirect=True)
def test_event_without_an_ack_is_repeated_three_times(sandbox: RunningSandbox) -> None:
    """Each repeat has the same event_id, a new envelope, its number and the reason."""
    with connect(socket_url(sandbox)) as socket:
        hello(socket)
        answer = sandbox.client.say(PRIYA, "hello", channel=DATA_RELEASES)
        frames = [json.loads(socket.recv(timeout=PATIENCE)) for _ in range(4)]
    assert answer["ok"]
    assert not answer["acked"]
    assert [frame["retry_attempt"] for frame in frames] == [0, 1, 2, 3]
    assert [frame["retry_reason"] for frame in frames] == ["", "timeout", "timeout", "timeout"]
    assert len({frame["envelope_id"] for frame in frames}) == 4
    assert len({frame["payload"]["event_id"] for frame in frames}) == 1


@pytest.mark.parametrize("sandbox", [IMPATIENT | {"ack_seconds": 1.0}], indirect=True)
def test_event_acknowledged_at_the_second_attempt_is_not_sent_again(sandbox: RunningSandbox) -> None:
    """An ack ends the repeats."""
    with connect(socket_url(sandbox)) as socket:
        hello(socket)
        sandbox.client.say(PRIYA, "hello", channel=DATA_RELEASES)
        socket.recv(timeout=PATIENCE)
        second = json.loads(socket.recv(timeout=PATIENCE))
        socket.send(json.dumps({"envelope_id": second["envelope_id"]}))
        with pytest.raises(TimeoutError):
            socket.recv(timeout=1.5)


@pytest.mark.parametrize(
    ("sandbox", "counts"),
    [({"ack_seconds": 1.0, "retry_seconds": ()}, False), ({"foreign_acks": True}, True)],
    indirect=["sandbox"],
)
def test_ack_on_another_socket_counts_only_when_asked_for(sandbox: RunningSandbox, counts: bool) -> None:
    """Slack promises nothing about acks that come by another socket, so the sandbox ignores them."""
    with connect(socket_url(sandbox)) as one, connect(socket_url(sandbox)) as other, ThreadPoolExecutor() as pool:
        hello(one), hello(other)
        saying = pool.submit(sandbox.client.say, PRIYA, "hello", channel=DATA_RELEASES)
        first = json.loads(other.recv(timeout=PATIENCE))
        one.send(json.dumps({"envelope_id": first["envelope_id"]}))
        assert saying.result(timeout=PATIENCE)["acked"] is counts


@pytest.mark.parametrize("sandbox", [IMPATIENT], indirect=True)
def test_ghost_connections_swallow_their_share(sandbox: RunningSandbox, slack: WebClient) -> None:
    """A registration that nobody reads is counted in `hello` and gets every second click."""
    sandbox.client.control("ghosts", count=1)
    with connect(socket_url(sandbox)) as socket:
        assert hello(socket)["num_connections"] == 2
        ts = posted(slack)
        outcomes = {sandbox.client.click(MINA, DATA_RELEASES, ts, action_id="go")["ok"] for _ in range(2)}
        connections = {line["connection"] for line in sandbox.client.deliveries()}
    assert outcomes == {False}
    assert "ghost" in connections


VIEW = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": []}


def trigger_of_a_click(sandbox: RunningSandbox, slack: WebClient) -> str:
    """The trigger id of a click that nobody acknowledged, so it is as old as the ack is late."""
    ts = posted(slack)
    with connect(socket_url(sandbox)) as socket:
        hello(socket)
        sandbox.client.click(MINA, DATA_RELEASES, ts, action_id="go")
        frames = [json.loads(socket.recv(timeout=PATIENCE)) for _ in range(2)]
    clicks = [frame["payload"] for frame in frames if frame["type"] == "interactive"]
    return str(clicks[0]["trigger_id"])


@pytest.mark.parametrize("sandbox", [{**IMPATIENT, "trigger_seconds": 60.0}], indirect=True)
def test_trigger_opens_one_modal_only(sandbox: RunningSandbox, slack: WebClient) -> None:
    """The second use of a trigger is told apart from a made-up one."""
    trigger_id = trigger_of_a_click(sandbox, slack)
    assert slack.views_open(trigger_id=trigger_id, view=VIEW)["view"]["state"] == {"values": {}}
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        slack.views_open(trigger_id=trigger_id, view=VIEW)
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        slack.views_open(trigger_id="1.2.3", view=VIEW)


@pytest.mark.parametrize("sandbox", [{**IMPATIENT, "trigger_seconds": 0.2}], indirect=True)
def test_trigger_that_is_too_old_opens_nothing(sandbox: RunningSandbox, slack: WebClient) -> None:
    """The click waited longer for its ack than its trigger lives."""
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        slack.views_open(trigger_id=trigger_of_a_click(sandbox, slack), view=VIEW)
