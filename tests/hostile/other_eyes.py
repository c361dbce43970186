"""What Prefect's page and a spreadsheet would make of our texts, told by readers that are not ours."""

import csv
import re
import unicodedata
from collections.abc import Iterator
from io import StringIO
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.hostile.slack_eyes import hidden

_ALLOWED_HOSTS = {"127.0.0.1:4200"}
_NEVER_OURS = {"html_inline", "html_block", "image", "fence", "code_block", "blockquote_open", "hr", "reference"}
_BARE = re.compile(r"(?:https?|ftp)://\S|www\.\S|[\w.+-]+@[\w-]+\.\w", re.IGNORECASE)
"""What GitHub's Markdown links without being asked; readers differ on whether a word may go before it."""

_FORMULA = "=+-@"
_JOINERS = {"\u200c", "\u200d"}
"""Part of how some scripts and emoji are written; the report in Prefect keeps them."""


def stray_in_markdown(text: str) -> Iterator[str]:
    """What a Markdown page would link, draw or take for HTML in a report; with GitHub's tables and links."""
    page = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    for token in page.parse(text):
        yield from _token(token)
        for child in token.children or ():
            yield from _token(child)
    yield from hidden("".join(char for char in text if char not in _JOINERS))


def _token(token: Token) -> Iterator[str]:
    if token.type in _NEVER_OURS:
        yield f"{token.type}: {token.content[:80]!r}"
    if token.type == "link_open" and urlsplit(str(token.attrs.get("href"))).netloc not in _ALLOWED_HOSTS:
        yield f"a link: {token.attrs.get('href')!r}"
    if token.type == "text" and (found := _BARE.search(token.content)):
        yield f"a bare address: {found[0][:80]!r}"


def stray_in_csv(content: bytes) -> tuple[int, list[str]]:
    """How many cells Python's own reader finds, and what a spreadsheet would calculate, hide or split in them."""
    problems = [] if content.startswith(b"\xef\xbb\xbf") else ["no mark that says UTF-8"]
    rows = list(csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    problems += [f"{len(row)} cells in a line: {str(row)[:80]}" for row in rows if len(row) != len(rows[0])]
    cells = [cell for row in rows for cell in row]
    for cell in cells:
        seen = "".join(char for char in cell if unicodedata.category(char) not in ("Cc", "Cf", "Zs", "Zl", "Zp"))
        if unicodedata.normalize("NFKC", seen[:1])[:1] in (*_FORMULA,) or cell[:1] in ("\t", "\r", "\n"):
            problems.append(f"a formula: {cell[:80]!r}")
        problems += [*hidden(cell)]
        if "\n" in cell or len(cell) > 32_767:
            problems.append(f"a cell that is not one line of a spreadsheet: {cell[:80]!r}")
    return len(cells), problems
