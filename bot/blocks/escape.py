"""Data is never markup: making values safe and visible before they are shown."""

import re
import unicodedata
from datetime import UTC, datetime
from itertools import accumulate

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_PERSON = re.compile(r"[UW][A-Z0-9]{2,20}")
_GROUP = re.compile(r"S[A-Z0-9]{2,20}")
_LEAD = 8  # characters shown before the place where two long texts begin to differ


def visible(text: str) -> str:
    """Show what cannot be seen: control, bidirectional and zero-width characters become their code point."""
    return "".join(f"⟨U+{ord(char):04X}⟩" if unicodedata.category(char) in _INVISIBLE else char for char in text)


def visible_lines(text: str) -> str:
    """The same for what a person wrote, who may break lines."""
    return "\n".join(visible(line) for line in text.replace("\r\n", "\n").split("\n"))


def shown(text: str, length: int) -> str:
    """A text of any size, visible and cut: no more of it is looked at than can be shown."""
    return cut(visible(text[: length + 1]), length)


def shown_lines(text: str, length: int) -> str:
    """The same for what a person wrote, who may break lines."""
    return cut(visible_lines(text[: 2 * (length + 1)]), length)  # twice, because a break may be of two characters


def cut(text: str, length: int) -> str:
    """At most `length` characters (at least 1), as Slack stores them; what is missing is shown by an ellipsis."""
    start = text[: length + 1]  # no character is stored as less than one: more of a text of 10 MB decides nothing
    if stored_chars(start) <= length:
        return text
    ends = accumulate(stored_chars(char) for char in start)
    kept = sum(1 for end in ends if end < length)
    return start[:kept] + "…"


def cut_mrkdwn(text: str, length: int) -> str:
    """The same for mrkdwn: no mention, link, code span or escape is cut in two, which would show its insides."""
    return text if stored_chars(text[: length + 1]) <= length else whole(cut(text, length)[:-1]) + "…"


def whole(mrkdwn: str) -> str:
    """Mrkdwn without what is begun at its end and not ended: an entity, an escape, a code span."""
    if (opened := mrkdwn.rfind("<")) > mrkdwn.rfind(">"):
        mrkdwn = mrkdwn[:opened]
    if (escape := mrkdwn.rfind("&")) > mrkdwn.rfind(";"):
        mrkdwn = mrkdwn[:escape]
    is_open = mrkdwn.rpartition("\n")[2].count("`") % 2
    return mrkdwn[: mrkdwn.rfind("`")] if is_open else mrkdwn


def stored_chars(text: str) -> int:
    """Length of a text when it counts towards Slack's limits: `&` is stored as five characters, `<` and `>` as four."""
    return len(text) + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))


def value(cell: str | None) -> str:
    """A warehouse value as a cell shows it: NULL, the empty text and outer blanks can be told apart."""
    if cell is None:
        return "NULL"
    if not cell or cell != cell.strip() or cell == "NULL":
        return f'"{visible(cell)}"'
    return visible(cell)


def mrkdwn(text: str) -> str:
    """Escape text of ours for mrkdwn: `&`, `<` and `>`, exactly as Slack asks."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(text: str, length: int = 120) -> str:
    """Data inside mrkdwn: a code span, in which nothing formats, mentions or turns into an emoji.

    A back-tick would end the span; it is shown as an apostrophe.
    """
    return "`" + mrkdwn(shown(text, length).replace("`", "'").strip() or " ") + "`"


def mention(user_id: str, name: str) -> str:
    """Mention a person by id; a value that is no Slack id is shown as data."""
    return f"<@{user_id}>" if _PERSON.fullmatch(user_id) else code(name or user_id)


def mention_group(group_id: str) -> str:
    """Mention a user group by id; a value that is no Slack id is shown as data."""
    return f"<!subteam^{group_id}>" if _GROUP.fullmatch(group_id) else code(group_id)


def when(moment: datetime) -> str:
    """A moment in the reader's own time zone, in mrkdwn, with UTC for those who cannot see it so."""
    utc = moment.astimezone(UTC)
    return f"<!date^{int(utc.timestamp())}^{{date_short_pretty}} {{time}}|{utc:%Y-%m-%d %H:%M} UTC>"


def link(url: str, text: str) -> str:
    """A link in mrkdwn. `|` and angle brackets cannot end the address or the text."""
    safe = mrkdwn(url).replace("|", "%7C")
    return f"<{safe}|{mrkdwn(shown(text, 120)).replace('|', '¦') or 'open'}>"


def transition(before: str, after: str, length: int) -> str:
    """`before → after` in at most `length` characters. Of long texts the part is shown in which they differ."""
    whole = f"{before} → {after}"
    if stored_chars(whole) <= length:
        return whole
    same = next((place for place, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), None)
    skipped = max(0, (min(len(before), len(after)) if same is None else same) - _LEAD)
    half = (length - 3) // 2
    return " → ".join(cut(("…" if skipped else "") + side[skipped:], half) for side in (before, after))
