"""An app manifest as Slack would install it: the app gets the scopes and the events that it asks for, and no other."""

from pathlib import Path
from typing import Any

import yaml


class ManifestUnusable(ValueError):
    """The file is no manifest. The text says which file, and what it lacks."""


def asked_for(path: Path) -> dict[str, Any]:
    """`scopes` and `events` for SandboxSettings, as sets of names.

    Raises ManifestUnusable, and OSError when the file cannot be read.
    """
    manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        scopes = _texts(manifest["oauth_config"]["scopes"]["bot"])
        events = _texts(manifest["settings"].get("event_subscriptions", {}).get("bot_events", []))
    except (AttributeError, KeyError, TypeError) as error:
        raise ManifestUnusable(f"{path} is no app manifest: {error} is missing or of another kind.") from error
    return {"scopes": scopes, "events": events}


def _texts(listed: Any) -> frozenset[str]:
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise TypeError("a list of names")
    return frozenset(listed)
