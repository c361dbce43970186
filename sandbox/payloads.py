"""What Slack sends to an app, longhand: events, clicks, submitted and closed modals, slash commands.

Shapes: docs.slack.dev/reference/interaction-payloads and /apis/events-api (the envelope).
"""

from typing import Any

from sandbox.modals import View
from sandbox.workspace import (
    APP_ID,
    BOT_USER,
    TEAM_DOMAIN,
    TEAM_ID,
    VERIFICATION_TOKEN,
    Channel,
    User,
)

Json = dict[str, Any]


def event_callback(event: Json, *, event_id: str, now: float) -> Json:
    """The outer payload of the Events API around one event."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "api_app_id": APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(now),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM_ID,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{event_id}",
    }


def _common(kind: str, user: User, trigger_id: str | None) -> Json:
    common: Json = {
        "type": kind,
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
    }
    return common | ({"trigger_id": trigger_id} if trigger_id else {})


def message_action(
    user: User,
    channel: Channel,
    *,
    container: Json,
    message: Json | None,
    action: Json,
    trigger_id: str,
    response_url: str,
    values: Json,
) -> Json:
    """`block_actions` from a message. `message` is None for an ephemeral one, whose body Slack leaves out."""
    payload = _common("block_actions", user, trigger_id) | {
        "container": {"type": "message", "channel_id": channel.id, **container},
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "state": {"values": values},
        "response_url": response_url,
        "actions": [action],
    }
    return payload | ({"message": message} if message else {})


def view_action(user: User, view: View, *, action: Json, trigger_id: str) -> Json:
    """`block_actions` from a modal or a Home tab: no channel, no message, no response_url."""
    return _common("block_actions", user, trigger_id) | {
        "container": {"type": "view", "view_id": view.id},
        "view": view.payload(),
        "actions": [action],
    }


def view_submission(user: User, view: View, *, trigger_id: str) -> Json:
    """`view_submission`: the view with what was filled in under `state.values`."""
    return _common("view_submission", user, trigger_id) | {"view": view.payload(), "response_urls": []}


def view_closed(user: User, view: View, *, is_cleared: bool) -> Json:
    """`view_closed`: sent for views that asked with `notify_on_close`."""
    return _common("view_closed", user, None) | {"view": view.payload(), "is_cleared": is_cleared}


def slash_command(user: User, channel: Channel, *, command: str, text: str, trigger_id: str, response_url: str) -> Json:
    """The form fields of a slash command; all values are strings, as in a form."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def channel_name(channel: Channel) -> str:
    """The name in interactive payloads; a direct message is called `directmessage`."""
    return "directmessage" if channel.is_im else channel.name
