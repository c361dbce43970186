"""The manifest asks for exactly what the code uses: one scope or event too many, or too few, fails here."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT.parent / "shared" / "slack-manifest.schema.json"

# Which scopes a Web API method needs, by Slack's reference page of the method. The release channel may be private.
SCOPES = {
    "auth.test": set(),
    "chat.delete": {"chat:write"},
    "chat.getPermalink": set(),
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.unfurl": {"links:write"},
    "chat.update": {"chat:write"},
    "conversations.history": {"channels:history", "groups:history"},
    "conversations.info": {"channels:read", "groups:read"},
    "conversations.replies": {"channels:history", "groups:history"},
    "conversations.members": {"channels:read", "groups:read"},
    "files.completeUploadExternal": {"files:write"},
    "files.getUploadURLExternal": {"files:write"},
    "usergroups.users.list": {"usergroups:read"},
    "users.info": {"users:read"},
    "views.open": set(),
    "views.publish": set(),
    "views.update": set(),
}
EVENTS: dict[str, set[str]] = {
    "app_home_opened": set(),
    "link_shared": {"links:read"},
    "app_mention": {"app_mentions:read"},
}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """The manifest as it would be pasted."""
    return dict(yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8")))


def calls(folder: Path, function: str) -> set[str]:
    """The first arguments, as far as they are literal texts, of every call of a method of this name."""
    return {
        node.args[0].value
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == function
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def methods() -> set[str]:
    """The Web API methods that the bot calls, all of them in its one door to Slack."""
    door = ast.parse((ROOT / "bot" / "slack" / "channel.py").read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(door) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    families = {name.split(".")[0] for name in SCOPES}
    return {text for text in texts if re.fullmatch(r"[a-z]+(\.[a-zA-Z]+)+", text) and text.split(".")[0] in families}


def test_manifest_fits_slacks_own_schema(manifest: dict[str, Any]) -> None:
    """Slack would take the manifest."""
    if not SCHEMA.is_file():
        pytest.skip("Slack's manifest schema is not on this machine (it is not part of the project).")
    jsonschema.validate(manifest, json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_manifest_scopes_are_those_of_the_methods_called(manifest: dict[str, Any]) -> None:
    """Every method that the bot calls is known here, and the scopes are theirs, the command's and the events'."""
    called = methods()
    assert called == set(SCOPES), "the bot calls other methods than this test knows the scopes of"
    needed = {"commands"}.union(*(SCOPES[name] for name in called), *EVENTS.values())
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == needed


def test_manifest_events_and_commands_are_those_that_are_listened_to(manifest: dict[str, Any]) -> None:
    """No event arrives unheard, and no listener waits for an event that never comes."""
    heard = calls(ROOT / "bot" / "listeners", "event")
    assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) == heard == set(EVENTS)
    assert [one["command"] for one in manifest["features"]["slash_commands"]] == ["/wap"]
