"""Every block type that the sandbox knows, and on which surface it may stand."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sandbox.block_kit import limits
from sandbox.block_kit.checks import Check, Problems, array, boolean, both, one_of, record, string, tagged
from sandbox.block_kit.composition import (
    IMAGE_ELEMENT,
    IMAGE_SOURCE,
    any_text,
    mrkdwn,
    one_image_source,
    plain_text,
    url,
)
from sandbox.block_kit.elements import BUTTON, IN_ACTIONS, IN_CONTEXT_ACTIONS, IN_INPUT, IN_SECTION
from sandbox.block_kit.rich_text import RICH_TEXT
from sandbox.block_kit.tables import DATA_TABLE, TABLE


class Surface(StrEnum):
    """Where blocks are shown."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


def _block(
    kind: str, required: Mapping[str, Check] | None = None, optional: Mapping[str, Check] | None = None
) -> Check:
    return record(
        {"type": one_of(kind), **(required or {})},
        {"block_id": string(limits.BLOCK_ID), **(optional or {})},
    )


def _text_or_fields(value: Any, at: str, problems: Problems) -> None:
    if isinstance(value, dict) and "text" not in value and "fields" not in value:
        problems.add(at, "must provide text or fields")


_SECTION = both(
    _block(
        "section",
        None,
        {
            "text": any_text(limits.TEXT),
            "fields": array(any_text(limits.SECTION_FIELD), maximum=limits.SECTION_FIELDS),
            "accessory": tagged(IN_SECTION),
            "expand": boolean,
        },
    ),
    _text_or_fields,
)
_ACTIONS = _block("actions", {"elements": array(tagged(IN_ACTIONS), maximum=limits.ACTIONS)})
_CONTEXT = _block(
    "context",
    {
        "elements": array(
            tagged(
                {
                    "image": IMAGE_ELEMENT,
                    "plain_text": plain_text(limits.TEXT),
                    "mrkdwn": mrkdwn(limits.TEXT),
                }
            ),
            maximum=limits.CONTEXT_ELEMENTS,
        )
    },
)
_IMAGE = both(
    _block(
        "image",
        {"alt_text": string(limits.ALT_TEXT)},
        {"title": plain_text(limits.IMAGE_TITLE), **IMAGE_SOURCE},
    ),
    one_image_source,
)
_INPUT = _block(
    "input",
    {"label": plain_text(limits.LABEL), "element": tagged(IN_INPUT)},
    {"hint": plain_text(limits.HINT), "optional": boolean, "dispatch_action": boolean},
)
_CARD = _block(
    "card",
    None,
    {
        "hero_image": IMAGE_ELEMENT,
        "icon": IMAGE_ELEMENT,
        "title": mrkdwn(limits.CARD_TITLE),
        "subtitle": mrkdwn(limits.CARD_TITLE),
        "body": mrkdwn(limits.CARD_BODY),
        "actions": array(BUTTON, maximum=limits.CARD_ACTIONS),
    },
)
_VIDEO = _block(
    "video",
    {
        "video_url": url(limits.URL),
        "thumbnail_url": url(limits.URL),
        "alt_text": string(limits.ALT_TEXT),
        "title": plain_text(limits.VIDEO_TITLE),
    },
    {
        "title_url": url(limits.URL),
        "author_name": string(50),
        "provider_name": string(50),
        "provider_icon_url": url(limits.URL),
        "description": plain_text(limits.VIDEO_TITLE),
    },
)

EVERYWHERE: dict[str, Check] = {
    "actions": _ACTIONS,
    "context": _CONTEXT,
    "divider": _block("divider"),
    "header": _block("header", {"text": plain_text(limits.HEADER)}),
    "image": _IMAGE,
    "input": _INPUT,
    "rich_text": RICH_TEXT,
    "section": _SECTION,
    "video": _VIDEO,
}
_CONTAINER = _block(
    "container",
    {"child_blocks": array(tagged({**EVERYWHERE, "table": TABLE}), maximum=limits.CONTAINER_BLOCKS)},
    {
        "title": plain_text(limits.CONTAINER_TITLE),
        "rich_text_title": RICH_TEXT,
        "subtitle": any_text(limits.CONTAINER_TITLE),
        "width": one_of("narrow", "standard", "wide", "full"),
        "icon": IMAGE_ELEMENT,
        "is_collapsible": boolean,
        "default_collapsed": boolean,
        "has_header_divider": boolean,
    },
)
_MESSAGE_ONLY: dict[str, Check] = {
    "card": _CARD,
    "carousel": _block("carousel", {"elements": array(tagged({"card": _CARD}), maximum=limits.CAROUSEL)}),
    "container": _CONTAINER,
    "context_actions": _block(
        "context_actions",
        {"elements": array(tagged(IN_CONTEXT_ACTIONS), maximum=limits.CONTEXT_ACTIONS)},
    ),
    "markdown": _block("markdown", {"text": string(limits.MARKDOWN)}),
}

BY_SURFACE: dict[Surface, dict[str, Check]] = {
    Surface.MESSAGE: {**EVERYWHERE, **_MESSAGE_ONLY, "table": TABLE, "data_table": DATA_TABLE},
    Surface.MODAL: {
        **EVERYWHERE,
        "alert": _block(
            "alert",
            {"text": any_text(limits.ALERT)},
            {"level": one_of("default", "info", "warning", "error", "success")},
        ),
    },
    # The documentation lists tables for the Home tab; others report that they do not render there.
    Surface.HOME: {**EVERYWHERE, "table": TABLE, "data_table": DATA_TABLE},
}
