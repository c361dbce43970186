"""Pure: why the bot does not start, and what to do about it. Plain text for a terminal, never a secret."""

_REMEDY = "Copy the bot token from the app's page (OAuth & Permissions), it begins with xoxb-."

_CHANNEL_REMEDIES = {
    "channel_not_found": "Set WAP_SLACK_CHANNEL to the channel's id (in Slack: channel name, About, bottom). "
    "If the channel is private, invite the bot to it first.",
    "not_in_channel": "Invite the bot: type /invite followed by its name in that channel.",
    "is_archived": "Unarchive the channel, or set WAP_SLACK_CHANNEL to another one.",
    "missing_scope": "Give the app the scopes of manifest.yml and install it again.",
}


def settings_invalid(problems: tuple[str, ...]) -> str:
    """All problems at once, one a line."""
    return "The bot did not start. Its settings are not usable:\n" + "\n".join(f"  {line}" for line in problems)


def token_refused(code: str) -> str:
    """auth.test said no."""
    return f"The bot did not start. Slack refused SLACK_BOT_TOKEN ({code}). {_REMEDY}"


def slack_unreachable(url: str, code: str) -> str:
    """auth.test got no answer."""
    return f"The bot did not start. Slack did not answer at {url} ({code}). Check the network and SLACK_API_URL."


def channel_unusable(channel: str, code: str) -> str:
    """The card channel cannot be posted to."""
    remedy = _CHANNEL_REMEDIES.get(code, "Check WAP_SLACK_CHANNEL.")
    return f"The bot did not start. It cannot post to WAP_SLACK_CHANNEL={channel} ({code}). {remedy}"


def prefect_forbidden(url: str) -> str:
    """Prefect refused the credentials."""
    return (
        f"The bot stopped. Prefect at {url} refused its credentials. "
        "Set PREFECT_API_AUTH_STRING (self-hosted) or PREFECT_API_KEY (Cloud) to what the server expects."
    )


def socket_refused(code: str) -> str:
    """apps.connections.open said no."""
    return (
        f"The bot did not start. Slack refused SLACK_APP_TOKEN ({code}). Create an app-level token with the scope "
        "connections:write (Basic Information), it begins with xapp-."
    )


def port_taken(host: str, port: int) -> str:
    """HTTP mode could not listen."""
    return f"The bot did not start. It cannot listen on {host}:{port}. Set WAP_HTTP_HOST or WAP_HTTP_PORT."
