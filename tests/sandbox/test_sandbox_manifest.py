"""The app gets what its manifest asks for, and nothing besides."""

from pathlib import Path

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.__main__ import main
from sandbox.manifest import ManifestUnusable, asked_for
from sandbox.testing import TEST_BOT_TOKEN, sandbox_settings, start_sandbox
from sandbox.workspace import DATA_RELEASES, MINA

MANIFEST = """
oauth_config: {scopes: {bot: [chat:write, app_mentions:read]}}
settings: {event_subscriptions: {bot_events: [app_mention]}}
"""


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """A manifest that asks for little."""
    path = tmp_path / "manifest.yml"
    path.write_text(MANIFEST, encoding="utf-8")
    return path


def test_scope_that_is_not_asked_for_is_missing(manifest: Path) -> None:
    """Posting works, reading history does not, as with an app that was installed from it."""
    with start_sandbox(sandbox_settings(**asked_for(manifest))) as running:
        slack = WebClient(TEST_BOT_TOKEN, base_url=running.client.api_url)
        assert slack.chat_postMessage(channel=DATA_RELEASES, text="hello")["ok"]
        with pytest.raises(SlackApiError) as caught:
            slack.conversations_history(channel=DATA_RELEASES)
        assert caught.value.response["error"] == "missing_scope"


def test_event_that_is_not_asked_for_is_not_sent(manifest: Path) -> None:
    """A message that mentions nobody is none of the app's business."""
    with start_sandbox(sandbox_settings(**asked_for(manifest))) as running:
        running.client.say(MINA, "hello", channel=DATA_RELEASES)
        assert running.client.deliveries() == []
        running.client.say(MINA, "hello @wap", channel=DATA_RELEASES)
        assert {line["name"] for line in running.client.deliveries()} == {"app_mention"}


@pytest.mark.parametrize("text", ["", "[]", "settings: {}", "oauth_config: {scopes: {bot: chat}}\nsettings: {}"])
def test_file_that_is_no_manifest_is_named(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The start ends with a sentence; a file that is not there does, too."""
    path = tmp_path / "other.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ManifestUnusable, match=r"other\.yml is no app manifest"):
        asked_for(path)
    tokens = ["--bot-token", "xoxb-1", "--app-token", "xapp-1", "--signing-secret", "s"]
    assert main([*tokens, "--manifest", str(tmp_path / "absent.yml")]) == 1
    assert "The sandbox did not start." in capsys.readouterr().err
