"""Texts that want to mention, link, format, calculate, hide, or break what they are put into."""

import random
from collections import Counter

PIECES = (
    "<!channel>", "<!here|here>", "<!everyone>", "<@U0MINA9999>", "<@W0MINA9999|mina>",
    "<!subteam^S0OWNERS99>", "<#C0GENERAL9|general>", "<http://evil.example.com|click>",
    "<https://evil.example.com>", "<mailto:a@example.com|m>", "<tel:+1555|call>",
    "<!date^1^{date}^https://evil.example.com|now>", "http://evil.example.com/x", "www.example.com",
    "https://evil.example.com", "mina@example.com", "evil.example.com", "@here", "@channel", "@everyone",
    "#general", "&lt;!here&gt;", "&amp;lt;!here&amp;gt;", "&", "<", ">", "<<!here>>", "|", "\\", "`", "``",
    "```", "*b*", "_i_", "~s~", ":tada:", ":slack:", "> quote", "• item", "- item", "# head",
    "[click](http://evil.example.com)", "[a]: http://e.example.com", "![x](http://evil.example.com/a.png)",
    "<img src=x onerror=alert(1)>", "<script>alert(1)</script>", "<a href=//e.example.com>",
    "&#60;!here&#62;", "&lt;a&gt;", "](http://evil.example.com)", "$x^2$", "{{ 7 }}", "${x}", "%s", "{0}",
    "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠SUM(A1)", "﹢1",  # noqa: RUF001
    "=HYPERLINK(\"http://e.example.com\")", "\t=1", "\r=1", "\n=1", "\x00=1", "\ufeff=1", "\u200b=1",
    "\u3000=1", " =1", "'=1", "\"=1\"", "\"", "''", "\"\"\"", "\",\"", "\";\"", ";", ",", "\x00", "\x07",
    "\x1b[31m", "\x7f", "\x85", "\r", "\n", "\r\n", "\t", "\x0b", "\u2028", "\u2029", "\u202a", "\u202e",
    "\u2066", "\u2069", "\u200b", "\u200d", "\u200e", "\u061c", "\ufeff", "\xad", "\ue000", "\U000e0041",
    "مرحبا", "שלום", "中文", "🦦", "👩\u200d👩\u200d👧", "e" + "\u0301" * 20, "A" * 300, "W" * 3_100, "&" * 900,
    "<" * 900, "NULL", "***", " ", "",
)  # fmt: skip
LONG = 60_000
"""The longest of the many; texts of 10 MB are measured on their own."""


class Texts:
    """An endless supply, the same for the same seed. Counts what it gave, by the role in which it was asked for."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.given: Counter[str] = Counter()

    def next(self, role: str) -> str:
        """A few hostile pieces one after the other; now and then nested in quotes, or very long."""
        self.given[role] += 1
        chance = self._chance
        text = "".join(chance.choice(PIECES) for _ in range(chance.choice((0, 1, 1, 2, 3, 5, 8))))
        match chance.randrange(60):
            case 0:
                return text * (LONG // (len(text) + 1))
            case 1 | 2:
                for mark in chance.choices("'\"`*_", k=chance.randint(1, 12)):
                    text = mark + text + mark
                return text
            case 3:
                return "".join(chr(chance.randrange(0x20, 0xD800)) for _ in range(chance.randint(1, 80)))
            case _:
                return text
