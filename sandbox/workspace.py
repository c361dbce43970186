"""The invented workspace that every sandbox starts with: people, channels and one user group."""

from dataclasses import dataclass

TEAM_ID = "T0HARBOUR"
TEAM_NAME = "Harbour Data"
TEAM_DOMAIN = "harbour-data"
OTHER_TEAM_ID = "T0QUAYSIDE"
APP_ID = "A0WAP00001"
BOT_ID = "B0WAP00001"
BOT_USER = "U0WAP00001"
VERIFICATION_TOKEN = "deprecated-verification-token"  # noqa: S105 - a field of every payload, secret to nobody

MINA = "U0MINA0001"
TOMAS = "U0TOMAS001"
PRIYA = "U0PRIYA001"
GUEST = "U0GUEST001"
STRANGER = "U0STRANGE1"
LEAVER = "U0LEAVER01"

DATA_RELEASES = "C0RELEASES"
GENERAL = "C0GENERAL1"
MINA_DM = "D0MINADM01"

DATA_OWNERS = "S0OWNERS01"


@dataclass(frozen=True, slots=True)
class User:
    """One person or bot; the flags are Slack's own (docs.slack.dev, user object)."""

    id: str
    name: str
    real_name: str
    title: str
    color: str
    team_id: str = TEAM_ID
    is_admin: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """One conversation: a public channel, or a direct message when `is_im`."""

    id: str
    name: str
    topic: str
    members: tuple[str, ...]
    is_im: bool = False
    is_private: bool = False
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A mentionable group such as @data-owners."""

    id: str
    handle: str
    name: str
    users: tuple[str, ...]


def people() -> tuple[User, ...]:
    """The bot and six people whose rights differ on purpose."""
    return (
        User(BOT_USER, "wap", "wap", "Write-Audit-Publish", "4b6cb7", is_bot=True),
        User(MINA, "mina", "Mina Okafor", "Data lead", "c2573a", is_admin=True),
        User(TOMAS, "tomas", "Tomas Lindqvist", "Analytics engineer", "2f7d5b"),
        User(PRIYA, "priya", "Priya Raman", "Analyst", "7a4fa3"),
        User(GUEST, "guest", "Gale Forrest", "Contractor (guest)", "8a6d1f", is_restricted=True),
        User(
            STRANGER,
            "stranger",
            "Sol Quayle",
            "Quayside Partners (Slack Connect)",
            "35708f",
            team_id=OTHER_TEAM_ID,
            is_stranger=True,
        ),
        User(LEAVER, "leaver", "Lee Varga", "Left the company", "777777", deleted=True),
    )


def channels() -> tuple[Channel, ...]:
    """#data-releases has the bot in it, #general has not; Mina has an open direct message with the bot."""
    everyone = (MINA, TOMAS, PRIYA, GUEST, STRANGER, BOT_USER)
    return (
        Channel(DATA_RELEASES, "data-releases", "What changes in production, and who said yes", everyone),
        Channel(GENERAL, "general", "Everything else", (MINA, TOMAS, PRIYA)),
        Channel(MINA_DM, "", "", (MINA, BOT_USER), is_im=True),
    )


def user_groups() -> tuple[UserGroup, ...]:
    """One group, of the two people who own the data."""
    return (UserGroup(DATA_OWNERS, "data-owners", "Data owners", (MINA, TOMAS)),)
