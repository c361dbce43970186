"""For tests and the demo: a sandbox in a thread of this process, and a small client for people and controls."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from sandbox.serving import SandboxServer, bind
from sandbox.settings import SandboxSettings
from sandbox.workspace import MINA

Json = dict[str, Any]
START_SECONDS = 60.0
# Longer than three attempts of an un-acked act could take.
CLIENT_SECONDS = 30.0

TEST_BOT_TOKEN = "xoxb-sandbox"  # noqa: S105 - opens nothing but a sandbox
TEST_APP_TOKEN = "xapp-sandbox"  # noqa: S105
TEST_SIGNING_SECRET = "sandbox-signing-secret"  # noqa: S105


class SandboxClient:
    """People's hands in one sandbox, for code that is not async. `url` has no trailing slash."""

    def __init__(self, url: str) -> None:
        self.url = url
        # A sandbox speaks plain HTTP: all the system's certificates would be read for nothing.
        self._http = httpx.Client(base_url=url, timeout=CLIENT_SECONDS, trust_env=False, verify=False)

    @property
    def api_url(self) -> str:
        """What a Slack SDK takes as its base_url."""
        return f"{self.url}/api/"

    def act(self, user: str, do: str, **fields: Any) -> Json:
        """One person does one thing; the answer says whether the app acknowledged it."""
        return self._post("act", {"as": user, "do": do, **fields})

    def click(self, user: str, channel: str, ts: str, *, action_id: str, **fields: Any) -> Json:
        """Use an element of a message; `confirmed=True` says yes to its dialog."""
        return self.act(user, "click", channel=channel, ts=ts, action_id=action_id, **fields)

    def submit(self, user: str, view_id: str, values: Json | None = None) -> Json:
        """Submit the visible modal; values are {block_id: {action_id: value}}."""
        return self.act(user, "submit", view_id=view_id, values=values or {})

    def command(self, user: str, text: str, *, channel: str, command: str = "/wap") -> Json:
        """Type a slash command."""
        return self.act(user, "command", channel=channel, command=command, text=text)

    def say(self, user: str, text: str, *, channel: str, thread_ts: str | None = None) -> Json:
        """Write a message; the answer holds its ts."""
        return self.act(user, "say", channel=channel, text=text, thread_ts=thread_ts)

    def home(self, user: str) -> Json:
        """Open App Home."""
        return self.act(user, "home")

    def state(self, user: str = MINA) -> Json:
        """The workspace as one person sees it."""
        return self._get("/page/state", {"as": user})

    def messages(self, channel: str, user: str = MINA) -> list[Json]:
        """The messages of a channel as one person sees them, oldest first, replies among them."""
        messages: list[Json] = self.state(user)["messages"].get(channel, [])
        return messages

    def log(self, method: str | None = None) -> list[Json]:
        """The Web API calls so far, of one method when it is named."""
        calls = self._get("/control/log", {})["calls"]
        return [call for call in calls if method in {None, call["method"]}]

    def deliveries(self) -> list[Json]:
        """What was delivered to the app so far."""
        lines: list[Json] = self._get("/control/deliveries", {})["deliveries"]
        return lines

    def connections(self) -> int:
        """How many sockets the app holds open."""
        count: int = self._get("/control/deliveries", {})["connections"]
        return count

    def fault(self, method: str, kind: str, *, times: int = 1, **fields: Any) -> Json:
        """Let the next calls of a method fail."""
        return self._post("fault", {"method": method, "kind": kind, "times": times, **fields})

    def refresh(self, which: str = "all", **fields: Any) -> Json:
        """Announce the end of `all` sockets or of `one`."""
        return self._post("refresh", {"which": which, **fields})

    def control(self, name: str, **fields: Any) -> Json:
        """Any other control: mode, user, channel, ghosts."""
        return self._post(name, fields)

    def close(self) -> None:
        """Close the connections to the sandbox."""
        self._http.close()

    def _post(self, name: str, body: Json) -> Json:
        answer: Json = self._http.post(f"/control/{name}", json=body).json()
        return answer

    def _get(self, path: str, query: dict[str, str]) -> Json:
        answer: Json = self._http.get(path, params=query).json()
        return answer


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """A sandbox that listens, with its client and the settings it was started with."""

    url: str
    client: SandboxClient
    settings: SandboxSettings


def sandbox_settings(**fields: Any) -> SandboxSettings:
    """Settings with tokens that open nothing else; override what the test is about."""
    tokens = {
        "bot_token": TEST_BOT_TOKEN,
        "app_token": TEST_APP_TOKEN,
        "signing_secret": TEST_SIGNING_SECRET,
    }
    return SandboxSettings(**(tokens | fields))


@contextmanager
def start_sandbox(settings: SandboxSettings | None = None) -> Iterator[RunningSandbox]:
    """Run a sandbox in a thread until the block ends. Raises TimeoutError when it does not start."""
    settings = settings or sandbox_settings()
    started = threading.Event()
    server = SandboxServer(settings, bind("127.0.0.1", 0), announce=lambda url, port: started.set())
    thread = threading.Thread(target=server.run_here, name="sandbox", daemon=True)
    thread.start()
    client = SandboxClient(server.url)
    try:
        if not started.wait(START_SECONDS):
            raise TimeoutError(f"The sandbox did not start within {START_SECONDS:g} seconds.")
        yield RunningSandbox(server.url, client, settings)
    finally:
        client.close()
        server.should_exit = True
        thread.join(START_SECONDS)
