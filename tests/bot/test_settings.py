"""The settings: what is accepted, and what a person is told about the rest."""

import pytest

from bot.settings import SettingsInvalid, read_settings

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "WAP_SLACK_CHANNEL": "C0RELEASES",
    "WAP_SIGNING_KEYS": "an-older-key-of-ours, the-key-that-signs",
    "PREFECT_API_URL": "http://127.0.0.1:4200/api/",
}


def problems(**changes: str) -> tuple[str, ...]:
    """What is wrong with these settings."""
    with pytest.raises(SettingsInvalid) as caught:
        read_settings({**GOOD, **changes})
    return caught.value.problems


def test_defaults() -> None:
    """Five variables are enough for Socket Mode."""
    settings = read_settings(GOOD)
    assert settings.mode == "socket"
    assert settings.slack_url == "https://slack.com/api/"
    assert settings.ui_url == "http://127.0.0.1:4200"
    assert settings.signing_keys == ("an-older-key-of-ours", "the-key-that-signs")
    assert settings.tick_seconds == 5


def test_ui_address_can_differ() -> None:
    """Prefect's UI may be reached elsewhere than its API."""
    assert read_settings({**GOOD, "PREFECT_UI_URL": "https://prefect.example.com/"}).ui_url == (
        "https://prefect.example.com"
    )


def test_all_problems_are_reported_at_once() -> None:
    """A newcomer is not sent round in circles."""
    with pytest.raises(SettingsInvalid) as caught:
        read_settings({})
    assert [line.split()[0] for line in caught.value.problems] == [
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "WAP_SLACK_CHANNEL",
        "WAP_SIGNING_KEYS",
        "PREFECT_API_URL",
    ]


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        (
            "WAP_SLACK_CHANNEL",
            "#releases",
            "WAP_SLACK_CHANNEL is '#releases'; expected a channel id such as C0123ABCD",
        ),
        ("WAP_SLACK_MODE", "tcp", "WAP_SLACK_MODE is 'tcp'; expected socket or http"),
        ("WAP_HTTP_PORT", "eighty", "WAP_HTTP_PORT is 'eighty'; expected a port from 0 to 65535"),
        (
            "WAP_TICK_SECONDS",
            "60",
            "WAP_TICK_SECONDS is '60'; expected seconds between two looks at Prefect, at most 5",
        ),
        (
            "SLACK_BOT_TOKEN",
            "xapp-secret",
            "SLACK_BOT_TOKEN has a value that does not fit; expected a bot token, it begins with xoxb-",
        ),
        (
            "WAP_SIGNING_KEYS",
            "short-secret",
            "WAP_SIGNING_KEYS has a value that does not fit; expected keys of at least 16 characters, "
            "separated by commas; the last one signs",
        ),
    ],
)
def test_problem_names_variable_value_and_accepted_form(name: str, value: str, line: str) -> None:
    """The value is shown unless it is a secret."""
    assert problems(**{name: value}) == (line,)


def test_http_mode_needs_the_signing_secret_and_no_app_token() -> None:
    """Each mode asks only for its own secret."""
    http = {name: value for name, value in GOOD.items() if name != "SLACK_APP_TOKEN"} | {"WAP_SLACK_MODE": "http"}
    with pytest.raises(SettingsInvalid) as caught:
        read_settings(http)
    assert caught.value.problems == (
        "SLACK_SIGNING_SECRET is not set; expected the signing secret from Basic Information (needed in http mode)",
    )
    assert read_settings({**http, "SLACK_SIGNING_SECRET": "s"}).mode == "http"


def test_secrets_are_not_in_the_repr() -> None:
    """A settings object in a log or a traceback gives nothing away."""
    shown = repr(read_settings({**GOOD, "PREFECT_API_AUTH_STRING": "admin:pass", "SLACK_SIGNING_SECRET": "s3cret"}))
    for secret in ("xoxb-1", "xapp-1", "the-key-that-signs", "admin:pass", "s3cret"):
        assert secret not in shown
