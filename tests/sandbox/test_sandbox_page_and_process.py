"""The page's state and live channel, the guards around them, and the program that serves it all."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from slack_sdk import WebClient
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from sandbox.testing import RunningSandbox
from sandbox.workspace import DATA_RELEASES, GENERAL, GUEST, MINA
from tests.sandbox.conftest import PATIENCE

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SLACK_SIGNING_SECRET": "s",
}


def test_state_shows_what_one_person_sees(sandbox: RunningSandbox, slack: WebClient) -> None:
    """Channels that somebody is not in are not in their state; unknown people have none."""
    slack.chat_postMessage(channel=DATA_RELEASES, text="hello")
    mina, guest = sandbox.client.state(MINA), sandbox.client.state(GUEST)
    assert {channel["id"] for channel in mina["channels"]} > {DATA_RELEASES, GENERAL}
    assert [channel["id"] for channel in guest["channels"]] == [DATA_RELEASES]
    assert guest["messages"][DATA_RELEASES][0]["bot"]
    assert next(user for user in mina["users"] if user["id"] == GUEST)["flags"] == ["is_restricted"]
    assert httpx.get(f"{sandbox.url}/page/state?as=U0", trust_env=False).status_code == 404


def test_live_channel_says_that_something_changed(sandbox: RunningSandbox, slack: WebClient) -> None:
    """Several changes at once are told once."""
    with connect(sandbox.url.replace("http", "ws") + f"/page/live?as={MINA}") as live:
        slack.chat_postMessage(channel=DATA_RELEASES, text="hello")
        assert json.loads(live.recv(timeout=PATIENCE)) == {"type": "changed"}


@pytest.mark.parametrize("path", ["/", "/page/state?as=U0MINA0001", "/control/log", "/page/static/x"])
def test_foreign_host_is_refused(sandbox: RunningSandbox, path: str) -> None:
    """A page that rebinds its name to 127.0.0.1 gets nothing."""
    answer = httpx.get(sandbox.url + path, headers={"Host": "evil.example.com"}, trust_env=False)
    assert answer.status_code == 403


def test_foreign_origin_and_form_are_refused(sandbox: RunningSandbox) -> None:
    """Another web page can neither watch nor press."""
    act = f"{sandbox.url}/control/act"
    body = json.dumps({"as": MINA, "do": "say", "channel": DATA_RELEASES, "text": "x"})
    json_type = {"Content-Type": "application/json"}
    with httpx.Client(trust_env=False) as http:
        foreign = {**json_type, "Origin": "https://evil.example.com"}
        assert http.post(act, content=body, headers=foreign).status_code == 403
        assert http.post(act, content=body, headers={"Content-Type": "text/plain"}).status_code == 415
        assert http.post(act, content=b"[]", headers=json_type).status_code == 400
    with pytest.raises(InvalidStatus):
        connect(sandbox.url.replace("http", "ws") + "/page/live", origin="https://evil.example.com")  # type: ignore[arg-type]
    assert sandbox.client.messages(DATA_RELEASES) == []


def test_control_that_makes_no_sense_says_what_is_accepted(sandbox: RunningSandbox) -> None:
    """The answer names the value and the way out."""
    assert "click" in sandbox.client.act(MINA, "dance")["shown"]
    assert "drop_reply" in sandbox.client.fault("x", "explode")["shown"]
    assert "archive" in sandbox.client.control("channel", channel=DATA_RELEASES, do="paint")["shown"]
    assert "is_king" in sandbox.client.control("user", user=MINA, is_king=True)["shown"]


def test_deactivated_person_leaves_the_channels(sandbox: RunningSandbox, slack: WebClient) -> None:
    """Somebody who was deactivated can do nothing any more, and is in no channel."""
    sandbox.client.control("user", user=MINA, deleted=True)
    assert sandbox.client.say(MINA, "x", channel=DATA_RELEASES)["error"] == "account_inactive"
    assert MINA not in slack.conversations_members(channel=DATA_RELEASES)["members"]


def test_program_says_where_it_listens_and_stops_on_sigterm() -> None:
    """One JSON line with the address; SIGTERM ends it although a socket is open."""
    command = [sys.executable, "-m", "sandbox", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())
        assert address["url"] == f"http://127.0.0.1:{address['port']}"
        with connect(address["url"].replace("http", "ws") + f"/page/live?as={MINA}"):
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=PATIENCE) in {0, -signal.SIGTERM}


def test_program_on_a_taken_port_says_so_and_ends() -> None:
    """One sentence with the port, exit code 1."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "sandbox", "--port", port]
        ended = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert port in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_program_without_tokens_names_them() -> None:
    """What is missing is named with its flag."""
    command = [sys.executable, "-m", "sandbox"]
    ended = subprocess.run(
        command, cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False
    )
    assert ended.returncode != 0
    assert "--bot-token" in ended.stderr
