"""The story: day 1 is published, day 2 waits for a decision, somebody decides, and the world is checked."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from sandbox import workspace
from sandbox.demo.insisting import insist
from sandbox.demo.parts import Addresses
from sandbox.demo.people import Person
from sandbox.demo.processes import Parts
from sandbox.demo.world import World

_PATIENCE = 180.0
_PRESS_SECONDS = 15.0
"""Longer than the bot takes to find out what became of a decision that Prefect was too busy to confirm."""
_PRESSES = 8
_OVER = {"COMPLETED", "FAILED", "CANCELLED", "CRASHED"}
T = TypeVar("T")
REASON = "The amounts look wrong; please check the last day."


class WorldDisagrees(Exception):
    """Something says that it happened, and the world says that it did not."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How the demo's second run ended; it is what `--json` prints."""

    run: str
    state: str
    decided_by: str
    via: str
    production: dict[str, dict[str, str]]
    seconds: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """The object as plain data."""
        return asdict(self)


class Story:
    """Plays the demo on running parts. `tell` is called with one line whenever something happens."""

    def __init__(self, parts: Parts, world: World, at: Addresses, tell: Callable[[str], None]) -> None:
        self._parts, self._world, self._at, self._tell = parts, world, at, tell
        self._mina = Person(at.page, workspace.MINA)

    def publish_first_day(self) -> None:
        """Mina approves the first release, so that there is a production to compare with."""
        self._tell("Building day 1 into staging")
        run = self._wait_for_run(0)
        self._wait_for_card(run)
        self._insist(run, lambda: self._mina.approve(run))
        state = self._wait_for_end(run, patience=_PATIENCE)
        if state["name"] != "Published":
            message = f"The demo stopped. Day 1 ended as {state['name']}: {state['message']}"
            raise WorldDisagrees(message)

    def ask_about_second_day(self) -> str:
        """Day 2 is built and compared; returns the run once its card can be clicked."""
        self._tell("Building day 2 and comparing it with production")
        run = self._wait_for_run(1)
        self._wait_for_card(run)
        return run

    def decide(self, run: str, *, verdict: str, via: str) -> None:
        """Decide as a person would: by the card's buttons and form, or by the form of Prefect."""
        if via == "prefect":
            reason = REASON if verdict == "reject" else ""
            answer = self._at.prefect.resume(run, verdict.capitalize(), reason)
            if answer != "ACCEPT":
                message = f"The demo stopped. Prefect answered {answer} to the decision; nothing was decided."
                raise WorldDisagrees(message)
        elif verdict == "approve":
            self._insist(run, lambda: self._mina.approve(run))
        else:
            self._insist(run, lambda: self._mina.reject(run, REASON))

    def wait_for_end(self, run: str, before: dict[str, str]) -> Ending:
        """Wait until the run and its card have come to the same end, and check it against the warehouse."""
        state = self._wait_for_end(run)
        receipt = self._at.prefect.receipt(run) or {}
        decision = receipt.get("decision") or {}
        after = self._world.production()
        ending = Ending(
            run=run,
            state=state["name"],
            decided_by=decision.get("decider", {}).get("name", ""),
            via=decision.get("via", ""),
            production={"before": before, "after": after},
            seconds=receipt.get("seconds", {}),
        )
        self._check(ending)
        return ending

    def _check(self, ending: Ending) -> None:
        changed = ending.production["before"] != ending.production["after"]
        if changed != (ending.state == "Published"):
            message = (
                f"The world disagrees: the run ended as {ending.state}, "
                f"and production {'changed' if changed else 'did not change'}."
            )
            raise WorldDisagrees(message)
        self._until(
            lambda: ending.state.lower() in str((self._mina.card(ending.run) or {}).get("text", "")).lower(),
            f"the card of run {ending.run} to say {ending.state}",
        )

    def _wait_for_run(self, position: int) -> str:
        def paused() -> str:
            runs = self._at.prefect.runs()
            if len(runs) <= position:
                return ""
            state = runs[position]["state"]
            if state["type"] in _OVER:
                message = f"The demo stopped. Run {runs[position]['name']} ended as {state['name']}: {state['message']}"
                raise WorldDisagrees(message)
            return str(runs[position]["id"]) if state["type"] == "PAUSED" else ""

        return self._until(paused, f"run {position + 1} to ask for a decision")

    def _wait_for_card(self, run: str) -> None:
        self._tell("Waiting for the card in Slack")
        self._mina.wait_for_button(run, "Approve", patience=_PATIENCE)

    def _insist(self, run: str, press: Callable[[], None]) -> None:
        def counted() -> bool:
            self._parts.check(finished=["flow"])
            return bool(self._at.prefect.run(run)["state"]["type"] != "PAUSED")

        insist(press, counted, wait_seconds=_PRESS_SECONDS, presses=_PRESSES)

    def _wait_for_end(self, run: str, *, patience: float = float("inf")) -> dict[str, Any]:
        def end() -> dict[str, Any]:
            state: dict[str, Any] = self._at.prefect.run(run)["state"]
            return state if state["type"] in _OVER else {}

        return self._until(end, f"run {run} to end", patience=patience)

    def _until(self, found: Callable[[], T], what: str, *, patience: float = _PATIENCE) -> T:
        deadline = time.monotonic() + patience
        while not (value := found()):
            self._parts.check(finished=["flow"])
            if time.monotonic() > deadline:
                message = f"The demo stopped after waiting {patience:.0f} s for {what}."
                raise TimeoutError(message)
            time.sleep(0.1)
        return value
