"""What a sandbox may be told when it starts, with Slack's own figures as the defaults."""

from dataclasses import dataclass, field

BOT_SCOPES = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "links:read",
        "links:write",
        "reactions:write",
        "usergroups:read",
        "users:read",
        "users:read.email",
    }
)

EVENTS = frozenset({"app_mention", "message.channels", "app_home_opened", "link_shared"})

UNFURL_DOMAINS = frozenset({"prefect.example.com"})


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """Tokens, limits and pace of one sandbox.

    Seconds are floats. `retry_seconds` are the pauses before the three repeats of an un-acked event
    (docs.slack.dev, Events API: nearly at once, after one minute, after five). `message_characters` is where
    `msg_blocks_too_long` begins: Slack documents no figure, 9,597 characters were seen accepted and 11,341
    refused, so the sandbox refuses all that nobody saw accepted. `foreign_acks` lets an ack arrive on another
    socket than its envelope; Slack documents neither answer, so the default is the unkind one. `prefect_ui` is
    a link on the page.
    """

    bot_token: str = field(repr=False)
    app_token: str = field(repr=False)
    signing_secret: str = field(repr=False)
    request_url: str | None = None
    prefect_ui: str | None = None
    scopes: frozenset[str] = BOT_SCOPES
    events: frozenset[str] = EVENTS
    unfurl_domains: frozenset[str] = UNFURL_DOMAINS
    ack_seconds: float = 3.0
    trigger_seconds: float = 3.0
    ticket_seconds: float = 30.0
    response_url_seconds: float = 1800.0
    response_url_uses: int = 5
    retry_seconds: tuple[float, ...] = (0.0, 60.0, 300.0)
    refresh_grace_seconds: float = 10.0
    message_burst: int = 3
    messages_per_second: float = 1.0
    message_characters: int = 9_597
    foreign_acks: bool = False
