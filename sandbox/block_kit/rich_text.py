"""Rich text: the nested structure that table cells and messages of people are made of."""

from sandbox.block_kit import limits
from sandbox.block_kit.checks import Check, array, boolean, integer, one_of, record, string, tagged
from sandbox.block_kit.composition import url

_STYLE = record({}, dict.fromkeys(("bold", "code", "italic", "strike", "underline", "highlight"), boolean))
_BORDER = {"border": integer(0, 1)}


def _inline(kind: str, required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return record({"type": one_of(kind), **required}, {"style": _STYLE, **(optional or {})})


_TEXT = _inline("text", {"text": string(limits.MESSAGE_TEXT)})
_LINK = _inline("link", {"url": url(limits.URL)}, {"text": string(limits.MESSAGE_TEXT), "unsafe": boolean})

INLINE = tagged(
    {
        "text": _TEXT,
        "link": _LINK,
        "user": _inline("user", {"user_id": string(255)}),
        "usergroup": _inline("usergroup", {"usergroup_id": string(255)}),
        "channel": _inline("channel", {"channel_id": string(255)}),
        "team": _inline("team", {"team_id": string(255)}),
        "emoji": _inline("emoji", {"name": string(255)}, {"unicode": string(255)}),
        "broadcast": _inline("broadcast", {"range": one_of("here", "channel", "everyone")}),
        "color": _inline("color", {"value": string(7)}),
        "date": _inline(
            "date",
            {"timestamp": integer(0, 99_999_999_999), "format": string(255)},
            {"url": url(limits.URL), "fallback": string(255)},
        ),
    }
)

_SECTION = record({"type": one_of("rich_text_section"), "elements": array(INLINE)})

RICH_TEXT = record(
    {
        "type": one_of("rich_text"),
        "elements": array(
            tagged(
                {
                    "rich_text_section": _SECTION,
                    "rich_text_list": record(
                        {
                            "type": one_of("rich_text_list"),
                            "style": one_of("bullet", "ordered"),
                            "elements": array(_SECTION),
                        },
                        {"indent": integer(0, 8), "offset": integer(0, 10_000), **_BORDER},
                    ),
                    "rich_text_quote": record({"type": one_of("rich_text_quote"), "elements": array(INLINE)}, _BORDER),
                    "rich_text_preformatted": record(
                        {
                            "type": one_of("rich_text_preformatted"),
                            "elements": array(tagged({"text": _TEXT, "link": _LINK})),
                        },
                        {"language": string(255), **_BORDER},
                    ),
                }
            )
        ),
    },
    {"block_id": string(limits.BLOCK_ID)},
)
