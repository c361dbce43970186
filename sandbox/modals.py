"""Modals and Home tabs: a stack of at most three modals per person, and one Home each."""

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.errors import Refusal
from sandbox.identifiers import Identifiers
from sandbox.workspace import APP_ID, BOT_ID, TEAM_ID

Json = dict[str, Any]
STACK_LIMIT = 3


@dataclass(frozen=True, slots=True)
class View:
    """One modal or Home tab: what the app sent, where it stands, what the person filled in.

    `values` is `state.values`; `errors` are the sentences under the inputs after a refused submission.
    """

    id: str
    owner: str
    body: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    values: Json = field(default_factory=dict)
    errors: Json = field(default_factory=dict)

    @property
    def blocks(self) -> list[Json]:
        """The blocks as Slack stored them."""
        blocks: list[Json] = self.body["blocks"]
        return blocks

    def payload(self) -> Json:
        """The view object of API answers and interactive payloads."""
        view = {
            "id": self.id,
            "team_id": TEAM_ID,
            "app_id": APP_ID,
            "app_installed_team_id": TEAM_ID,
            "bot_id": BOT_ID,
            "hash": self.hash,
            "root_view_id": self.root_id,
            "previous_view_id": self.previous_id,
            "state": {"values": self.values},
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            "close": None,
            "submit": None,
            "title": None,
        }
        return view | self.body


class Modals:
    """The views of everybody."""

    def __init__(self, identifiers: Identifiers) -> None:
        self._identifiers = identifiers
        self._versions = 0
        self._views: dict[str, View] = {}
        self._stacks: dict[str, list[str]] = {}
        self._homes: dict[str, str] = {}

    def open(self, owner: str, body: Json) -> View:
        """Open a modal as the only one of `owner`."""
        self.clear(owner)
        return self._push(owner, body)

    def push(self, owner: str, body: Json) -> View:
        """Put a modal on top of the open ones. Raises Refusal `push_limit_reached` above three."""
        if len(self._stacks.get(owner, [])) >= STACK_LIMIT:
            raise Refusal("push_limit_reached")
        return self._push(owner, body)

    def _push(self, owner: str, body: Json) -> View:
        self._refuse_same_external_id(body, instead_of=None)
        stack = self._stacks.setdefault(owner, [])
        view_id = self._identifiers.new("V")
        root, previous = (stack[0], stack[-1]) if stack else (view_id, None)
        view = View(view_id, owner, body, self._hash(view_id), root_id=root, previous_id=previous)
        self._views[view_id] = view
        stack.append(view_id)
        return view

    def update(self, view: View, body: Json, *, expected_hash: str | None) -> View:
        """Replace the content of an open view; what was filled in stays. Raises Refusal `hash_conflict`."""
        if expected_hash and expected_hash != view.hash:
            raise Refusal("hash_conflict")
        self._refuse_same_external_id(body, instead_of=view.id)
        shown = {block.get("block_id") for block in body["blocks"]}
        values = {block_id: fields for block_id, fields in view.values.items() if block_id in shown}
        updated = replace(view, body=body, hash=self._hash(view.id), values=values, errors={})
        self._views[view.id] = updated
        return updated

    def publish(self, owner: str, body: Json, *, expected_hash: str | None) -> View:
        """Show `body` as the Home tab of `owner`. Raises Refusal `hash_conflict`."""
        current = self.home(owner)
        if current is not None:
            return self.update(current, body, expected_hash=expected_hash)
        view_id = self._identifiers.new("V")
        self._homes[owner] = view_id
        self._views[view_id] = View(view_id, owner, body, self._hash(view_id), root_id=view_id)
        return self._views[view_id]

    def find(self, *, view_id: str | None = None, external_id: str | None = None) -> View:
        """An open view. Raises Refusal `not_found`, also for a modal that was closed."""
        for view in self._views.values():
            if view.id == view_id or (external_id and view.body.get("external_id") == external_id):
                return view
        raise Refusal("not_found")

    def home(self, owner: str) -> View | None:
        """The Home tab of one person, None before the first publish."""
        return self._views.get(self._homes.get(owner, ""))

    def stack(self, owner: str) -> tuple[View, ...]:
        """The open modals of one person, the visible one last."""
        return tuple(self._views[view_id] for view_id in self._stacks.get(owner, []))

    def remember(self, view: View, *, values: Json | None = None, errors: Json | None = None) -> View:
        """Keep what the person filled in, or the errors the app answered with."""
        view = self._views[view.id]
        kept = replace(
            view,
            values=view.values if values is None else values,
            errors=view.errors if errors is None else errors,
        )
        self._views[view.id] = kept
        return kept

    def pop(self, view: View) -> None:
        """Close the modal; the one under it shows again."""
        self._stacks[view.owner].remove(view.id)
        del self._views[view.id]

    def clear(self, owner: str) -> None:
        """Close all modals of one person."""
        for view_id in self._stacks.pop(owner, []):
            del self._views[view_id]

    def _hash(self, view_id: str) -> str:
        self._versions += 1
        return f"{self._versions}.{hashlib.sha1(f'{view_id}{self._versions}'.encode()).hexdigest()[:8]}"

    def _refuse_same_external_id(self, body: Json, *, instead_of: str | None) -> None:
        external_id = body.get("external_id")
        for view in self._views.values():
            if external_id and view.id != instead_of and view.body.get("external_id") == external_id:
                raise Refusal("duplicate_external_id")
