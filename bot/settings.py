"""The settings of the bot: typed, frozen, read once; the only place that looks at the environment."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

SIGNING_KEY_CHARS = 16
MOST_TICK_SECONDS = 5.0

_Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+[^\s]*$")]


class SettingsInvalid(ValueError):
    """At least one variable is missing or not usable. `problems` has one line each, never a secret's value."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Settings(BaseModel):
    """What the bot needs to know. A field's description is the accepted form; `repr=False` marks a secret."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    bot_token: str = Field(
        alias="SLACK_BOT_TOKEN",
        pattern=r"^xoxb-\S+$",
        repr=False,
        description="a bot token, it begins with xoxb-",
    )
    app_token: str = Field(
        alias="SLACK_APP_TOKEN",
        pattern=r"^xapp-\S+$",
        default="",
        repr=False,
        description="an app-level token, it begins with xapp- (needed in socket mode)",
    )
    signing_secret: str = Field(
        alias="SLACK_SIGNING_SECRET",
        default="",
        repr=False,
        description="the signing secret from Basic Information (needed in http mode)",
    )
    channel: str = Field(
        alias="WAP_SLACK_CHANNEL", pattern=r"^[CG][A-Z0-9]{2,}$", description="a channel id such as C0123ABCD"
    )
    mode: Literal["socket", "http"] = Field(alias="WAP_SLACK_MODE", default="socket", description="socket or http")
    slack_url: _Url = Field(
        alias="SLACK_API_URL",
        default="https://slack.com/api/",
        description="an address such as https://slack.com/api/",
    )
    http_host: str = Field(alias="WAP_HTTP_HOST", default="127.0.0.1", description="a host name or an address")
    http_port: int = Field(alias="WAP_HTTP_PORT", default=3000, ge=0, le=65535, description="a port from 0 to 65535")
    signing_keys_text: str = Field(
        alias="WAP_SIGNING_KEYS",
        pattern=rf"^\s*[^,\s]{{{SIGNING_KEY_CHARS},}}\s*(,\s*[^,\s]{{{SIGNING_KEY_CHARS},}}\s*)*$",
        repr=False,
        description=f"keys of at least {SIGNING_KEY_CHARS} characters, separated by commas; the last one signs",
    )
    prefect_url: _Url = Field(
        alias="PREFECT_API_URL", description="the address of Prefect's API, such as http://127.0.0.1:4200/api"
    )
    prefect_ui_url: _Url | Literal[""] = Field(
        alias="PREFECT_UI_URL",
        default="",
        description="the address of Prefect's UI, such as http://127.0.0.1:4200",
    )
    prefect_auth: str = Field(
        alias="PREFECT_API_AUTH_STRING",
        default="",
        repr=False,
        description="user:password of a self-hosted server",
    )
    prefect_key: str = Field(alias="PREFECT_API_KEY", default="", repr=False, description="an API key of Prefect Cloud")
    tick_seconds: float = Field(
        alias="WAP_TICK_SECONDS",
        default=MOST_TICK_SECONDS,
        gt=0,
        le=MOST_TICK_SECONDS,
        description=f"seconds between two looks at Prefect, at most {MOST_TICK_SECONDS:g}",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        alias="WAP_LOG_LEVEL", default="INFO", description="DEBUG, INFO, WARNING or ERROR"
    )

    @property
    def signing_keys(self) -> tuple[str, ...]:
        """The keys that proofs are checked with; the last one signs."""
        return tuple(key.strip() for key in self.signing_keys_text.split(","))

    @property
    def ui_url(self) -> str:
        """Where people see a run: Prefect's UI, on the same host as its API unless said otherwise."""
        return (self.prefect_ui_url or self.prefect_url.rstrip("/").removesuffix("/api")).rstrip("/")

    @model_validator(mode="before")
    @classmethod
    def _mode_needs_its_secret(cls, values: Any) -> Any:
        """An absent secret of the chosen mode becomes an empty one, which its pattern then refuses."""
        needed = "SLACK_SIGNING_SECRET" if values.get("WAP_SLACK_MODE") == "http" else "SLACK_APP_TOKEN"
        return {needed: "", **values}

    @model_validator(mode="after")
    def _has_signing_secret(self) -> Self:
        if self.mode == "http" and not self.signing_secret:
            raise ValueError("SLACK_SIGNING_SECRET")
        return self


def read_settings(env: Mapping[str, str]) -> Settings:
    """Read and check everything at once. Raises SettingsInvalid with all problems."""
    given = {name: text.strip() for name, text in env.items() if text.strip()}
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        raise SettingsInvalid(tuple(_problem(found["loc"], given) for found in error.errors())) from None


def _problem(loc: tuple[int | str, ...], given: Mapping[str, str]) -> str:
    name = str(loc[0]) if loc else "SLACK_SIGNING_SECRET"
    described = next(info for info in Settings.model_fields.values() if info.alias == name)
    if name not in given:
        seen = "is not set"
    else:
        seen = f"is {given[name]!r}" if described.repr else "has a value that does not fit"
    return f"{name} {seen}; expected {described.description}"
