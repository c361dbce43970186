"""A real sandbox in a process of its own, a real Chromium, and pages that fail on any script error."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60_000  # milliseconds; a test that passes does not wait them out
NAMES = ("chromium", "chromium-browser", "google-chrome")
# The resolver rule keeps every name but this machine's own from being looked up: a page that needs one fails.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)

Look = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running local Slack, and the tokens it was started with."""

    url: str
    bot_token: str
    app_token: str
    signing_secret: str

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """One call of the Web API as the app. Waits when Slack's pace says so; fails unless `ok`."""
        headers = {"authorization": f"Bearer {self.bot_token}"}
        while True:
            response = httpx.post(f"{self.url}/api/{method}", json=arguments, headers=headers, trust_env=False)
            if response.status_code != 429:
                break
            time.sleep(float(response.headers["retry-after"]))
        answer: dict[str, Any] = response.json()
        assert answer["ok"], answer
        return answer

    def post(self, channel: str, text: str, **arguments: Any) -> str:
        """A message of the app; returns its ts."""
        return str(self.call("chat.postMessage", channel=channel, text=text, **arguments)["ts"])


Running = tuple[Sandbox, subprocess.Popen[str]]
Start = Callable[..., Running]


def chromium() -> str | None:
    """The browser to drive: WAP_CHROMIUM, or the first known name on PATH."""
    named = os.environ.get("WAP_CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium per module; skipped where there is none."""
    expect.set_options(timeout=PATIENCE)
    path = chromium()
    if path is None:
        pytest.skip(f"No Chromium. Install one of {', '.join(NAMES)}, or set WAP_CHROMIUM to its path.")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield started
        started.close()


def _address(process: subprocess.Popen[str]) -> str:
    """The address that the sandbox prints when it listens."""
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if found := re.search(r"http://127\.0\.0\.1:[0-9]+", line):
            return found[0]
    pytest.fail(f"The sandbox ended before it listened: {''.join(seen)}")


@pytest.fixture
def start_sandbox() -> Iterator[Start]:
    """Starts sandboxes that end with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(port: int = 0) -> Running:
        sandbox, process = launch(port)
        started.append(process)
        return sandbox, process

    yield start
    for process in started:
        stop(process)


def launch(port: int = 0) -> Running:
    """One sandbox process; without a port the system chooses one."""
    tokens = {"bot_token": "xoxb-browser", "app_token": "xapp-browser", "signing_secret": "browser-secret"}
    options = [part for name, value in tokens.items() for part in (f"--{name.replace('_', '-')}", value)]
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", str(port), *options],
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Sandbox(url=_address(process), **tokens), process


def stop(process: subprocess.Popen[str]) -> None:
    """Ends a sandbox and waits for it."""
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox per module."""
    running, process = launch()
    yield running
    stop(process)


@pytest.fixture
def look(browser: Browser) -> Iterator[Look]:
    """Opens the page of a sandbox as one person; any script error or alert fails the test."""
    contexts = []
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # A closed sandbox is what some tests are about; the browser reports it as an error of the page.
        if message.type == "error" and "ERR_CONNECTION_REFUSED" not in message.text:
            complaints.append(message.text)

    def open_page(sandbox: Sandbox, person: str, *, place: str = "", size: tuple[int, int] = (1400, 1000)) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="en-GB", timezone_id="Europe/Lisbon"
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on("console", note)
        page.goto(f"{sandbox.url}/?as={person}#{place}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == [], json.dumps(complaints, indent=1)
