"""People of the sandbox's Slack; the bot and the served flows in processes of their own."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from flows.contract import RECEIPT_ARTIFACT, Receipt
from sandbox.demo.processes import Parts
from sandbox.testing import RunningSandbox, SandboxClient
from sandbox.workspace import DATA_RELEASES
from tests.prefect_http import forget_runs, prefect_http

Json = dict[str, Any]
T = TypeVar("T")

_PATIENCE = 240.0


class Story:
    """What people see and press, and what Prefect then knows."""

    def __init__(self, parts: Parts, slack: SandboxClient, prefect: str) -> None:
        self._parts, self._slack = parts, slack
        self._url = prefect
        self._http = prefect_http(prefect)

    def ask_for_release(self, requester: str) -> str:
        """Type `/wap run wap` and send its form; the name of the run."""
        self._until(lambda: self._deployments(["wap-rollback"]), "the flows to be served")
        earlier = len(self._whispers(requester, "Started `"))
        self._slack.command(requester, "run wap", channel=DATA_RELEASES)
        view = self._until(lambda: _form(self._slack.state(requester)["modal"]), "the form")
        assert view is not None
        self._slack.submit(requester, view["id"])
        return _named(self._until(lambda: self._whispers(requester, "Started `")[earlier:], "the run"))

    def card(self, run: str, words: str) -> Json:
        """The one card of the run as soon as its text says these words."""
        found = self._until(lambda: [one for one in self._cards(run) if words in one["text"]], f"{run}: {words}")
        assert len(self._cards(run)) == 1
        return found[0]

    def press(self, person: str, card: Json, action: str, *, confirmed: bool) -> Json:
        """Press a button; without `confirmed` only its dialog opens."""
        return self._slack.click(person, DATA_RELEASES, card["ts"], action_id=action, confirmed=confirmed)

    def receipt(self, run: str) -> Receipt:
        """The newest receipt of the run of this name."""
        body = {"flow_runs": {"name": {"any_": [run]}}, "artifacts": {"key": {"any_": [RECEIPT_ARTIFACT]}}}
        found = self._until(lambda: self._post("/artifacts/filter", {**body, "sort": "CREATED_DESC"}), "the receipt")
        return Receipt.model_validate(found[0]["data"])

    def run_that_rolls_back(self, person: str, run: str) -> str:
        """The name of the run that was started for it, as the person was told."""
        return _named(self._until(lambda: self._whispers(person, f"takes back the release of `{run}`"), "the answer"))

    def forget(self) -> None:
        """Leave nothing behind that another test's bot would offer or show."""
        for deployment in self._deployments(["wap"]):
            self._http.delete(f"/deployments/{deployment['id']}").raise_for_status()
        self._http.close()
        forget_runs(self._url)

    def _whispers(self, person: str, words: str) -> list[str]:
        messages = self._slack.messages(DATA_RELEASES, person)
        return [one["text"] for one in messages if one["ephemeral"] and words in one["text"]]

    def _cards(self, run: str) -> list[Json]:
        return [
            one
            for one in self._slack.messages(DATA_RELEASES)
            if run in one["text"] and not one["ephemeral"] and one.get("thread_ts") in (None, one["ts"])
        ]

    def _deployments(self, tags: list[str]) -> list[Json]:
        return list(self._post("/deployments/filter", {"deployments": {"tags": {"all_": tags}}}))

    def _post(self, path: str, body: Json) -> Any:
        return self._http.post(path, json=body).raise_for_status().json()

    def _until(self, look: Callable[[], T], what: str) -> T:
        deadline = time.monotonic() + _PATIENCE
        while not (seen := look()):
            self._parts.check()
            assert time.monotonic() < deadline, f"did not happen in time: {what}"
            time.sleep(0.1)
        return seen


def _form(modal: Json | None) -> Json | None:
    """A modal once it can be sent: it opens before the bot knows what belongs into it."""
    return modal if modal and modal.get("submit") else None


def _named(told: list[str]) -> str:
    """The run that the bot's answer names first."""
    return told[-1].split("`")[1]


@contextmanager
def started(folder: Path, slack: RunningSandbox, prefect: str, *, config: Path) -> Iterator[Story]:
    """The bot and both flows, until the block ends; nothing of them is left then."""
    common = {"PREFECT_API_URL": prefect, "PREFECT_HOME": str(folder / "prefect"), "DO_NOT_TRACK": "1",
              "WAP_SIGNING_KEYS": "a-key-for-tests-only"}  # fmt: skip
    bot = {
        "SLACK_BOT_TOKEN": slack.settings.bot_token,
        "SLACK_APP_TOKEN": slack.settings.app_token,
        "SLACK_API_URL": slack.client.api_url,
        "WAP_SLACK_CHANNEL": DATA_RELEASES,
        "WAP_TICK_SECONDS": "0.5",
    }
    with Parts(folder / "logs") as parts:
        parts.start("flows", ["wap", "serve", "--config", str(config)], {**common, "PREFECT_LOGGING_LEVEL": "ERROR"})
        parts.start("bot", ["wap", "bot"], {**common, **bot})
        story = Story(parts, slack.client, prefect)
        try:
            yield story
        finally:
            story.forget()
