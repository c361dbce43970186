"""Composition objects: texts, options, confirmation dialogs, images."""

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox.block_kit import limits
from sandbox.block_kit.checks import Check, Problems, array, boolean, both, one_of, record, string, tagged


def plain_text(maximum: int) -> Check:
    """A plain_text object of 1 to `maximum` characters."""
    return tagged({"plain_text": _plain(maximum)})


def mrkdwn(maximum: int) -> Check:
    """A mrkdwn object of 1 to `maximum` characters."""
    return tagged({"mrkdwn": _mrkdwn(maximum)})


def any_text(maximum: int) -> Check:
    """Either kind of text object."""
    return tagged({"plain_text": _plain(maximum), "mrkdwn": _mrkdwn(maximum)})


def _plain(maximum: int) -> Check:
    return record({"type": one_of("plain_text"), "text": string(maximum)}, {"emoji": boolean})


def _mrkdwn(maximum: int) -> Check:
    return record({"type": one_of("mrkdwn"), "text": string(maximum)}, {"verbatim": boolean})


def url(maximum: int) -> Check:
    """An absolute link."""

    def check(value: Any, at: str, problems: Problems) -> None:
        if isinstance(value, str) and urlsplit(value).scheme not in {"http", "https", "mailto"}:
            problems.add(at, "must provide a valid url")

    return both(string(maximum), check)


def public_url(maximum: int) -> Check:
    """A link that Slack's servers could fetch: loopback and private addresses are out of their reach."""

    def check(value: Any, at: str, problems: Problems) -> None:
        if isinstance(value, str) and not _reachable(value):
            problems.add(at, "downloading image failed")

    return both(url(maximum), check)


def _reachable(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host


CONFIRM = record(
    {
        "title": plain_text(limits.CONFIRM_TITLE),
        "text": any_text(limits.CONFIRM_TEXT),
        "confirm": plain_text(limits.CONFIRM_BUTTON),
        "deny": plain_text(limits.CONFIRM_BUTTON),
    },
    {"style": one_of("primary", "danger")},
)

_OPTION_REST: Mapping[str, Check] = {"description": plain_text(limits.OPTION_TEXT)}

OPTION = record(
    {"text": plain_text(limits.OPTION_TEXT), "value": string(limits.OPTION_VALUE)},
    _OPTION_REST,
)
CHOICE = record(
    {"text": any_text(limits.OPTION_TEXT), "value": string(limits.OPTION_VALUE)},
    {"description": any_text(limits.OPTION_TEXT)},
)
OVERFLOW_OPTION = record(
    {"text": plain_text(limits.OPTION_TEXT), "value": string(limits.OPTION_VALUE)},
    {**_OPTION_REST, "url": url(limits.URL)},
)
OPTION_GROUP = record(
    {
        "label": plain_text(limits.OPTION_GROUP_LABEL),
        "options": array(OPTION, maximum=limits.SELECT_OPTIONS),
    }
)

DISPATCH = record(
    {},
    {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), maximum=2)},
)

SLACK_FILE = record({}, {"id": string(255), "url": string(limits.URL)})


def one_image_source(value: Any, at: str, problems: Problems) -> None:
    """An image names `image_url` or `slack_file`, not both."""
    if isinstance(value, dict) and ("image_url" in value) == ("slack_file" in value):
        problems.add(at, "must provide exactly one of image_url and slack_file")


IMAGE_SOURCE: Mapping[str, Check] = {
    "image_url": public_url(limits.IMAGE_URL),
    "slack_file": SLACK_FILE,
}

IMAGE_ELEMENT = both(
    record({"type": one_of("image"), "alt_text": string(limits.ALT_TEXT)}, IMAGE_SOURCE),
    one_image_source,
)
