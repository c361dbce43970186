"""People of the local Slack as the demo plays them: they see the channel, press buttons and fill in forms."""

import time
from collections.abc import Iterator
from typing import Any

import httpx

from sandbox import workspace


class PressFailed(Exception):
    """A click or a form did not arrive; the text is what the person was shown."""


class Person:
    """Somebody looking at the page: reads only what is on the screen, acts only as a hand could."""

    def __init__(self, page: str, user: str) -> None:
        self._http = httpx.Client(base_url=page, timeout=30, trust_env=False)
        self._user = user

    def card(self, run: str) -> dict[str, Any] | None:
        """The card of the run in the release channel, or None."""
        for message in self._screen()["messages"].get(workspace.DATA_RELEASES, []):
            if any(run in str(block) for block in message.get("blocks") or []):
                return dict(message)
        return None

    def wait_for_button(self, run: str, label: str, *, patience: float) -> None:
        """Wait until the run's card carries this button. Raises TimeoutError."""
        deadline = time.monotonic() + patience
        while (card := self.card(run)) is None or _button(card, label) is None:
            if time.monotonic() > deadline:
                message = f"The demo stopped. The card of run {run} had no button {label!r} within {patience:.0f} s."
                raise TimeoutError(message)
            time.sleep(0.1)

    def approve(self, run: str) -> None:
        """Press Approve and confirm."""
        self._press(run, "Approve")

    def reject(self, run: str, reason: str) -> None:
        """Press Reject, give the reason in the form, and send it."""
        self._press(run, "Reject")
        view, field = self._wait_for_form()
        values = {field["block_id"]: {field["element"]["action_id"]: reason}}
        self._act({"do": "submit", "view_id": view["id"], "values": values})

    def _wait_for_form(self, *, patience: float = 10.0) -> tuple[dict[str, Any], dict[str, Any]]:
        """The form and its field. It opens a moment after the press, and is filled a moment later."""
        deadline = time.monotonic() + patience
        while (found := _field(self._screen()["modal"])) is None:
            if time.monotonic() > deadline:
                message = f"The demo stopped. No form opened within {patience:.0f} s after the press."
                raise PressFailed(message)
            time.sleep(0.05)
        return found

    def _press(self, run: str, label: str) -> None:
        card = self.card(run)
        button = _button(card, label) if card else None
        if card is None or button is None:
            message = f"The demo stopped. The card of run {run} has no button {label!r}."
            raise PressFailed(message)
        press = {"do": "click", "channel": workspace.DATA_RELEASES, "ts": card["ts"], "confirmed": True}
        self._act({**press, "action_id": button["action_id"], "block_id": button["block_id"]})

    def _act(self, action: dict[str, Any]) -> None:
        answer = self._http.post("/control/act", json={"as": self._user, **action}).json()
        if not answer["ok"]:
            message = f"The demo stopped. {answer.get('shown') or answer.get('error')}"
            raise PressFailed(message)

    def _screen(self) -> dict[str, Any]:
        answer = self._http.get("/page/state", params={"as": self._user})
        answer.raise_for_status()
        return dict(answer.json())


def _field(view: dict[str, Any] | None) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """A form with the block that is to be filled in, once it has one."""
    blocks = view["blocks"] if view else []
    field = next((block for block in blocks if block["type"] == "input"), None)
    return (view, field) if view and field else None


def _button(card: dict[str, Any], label: str) -> dict[str, Any] | None:
    return next((button for button in _buttons(card) if button["text"]["text"] == label), None)


def _buttons(card: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for block in card.get("blocks") or []:
        if block["type"] == "actions":
            for element in block["elements"]:
                if element["type"] == "button":
                    yield {**element, "block_id": block["block_id"]}
