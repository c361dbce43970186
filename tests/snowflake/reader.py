"""Reads the statements that are about the catalog and that no SQL parser knows: words, names, options."""

import re

from tests.snowflake.errors import syntax

Name = tuple[str, ...]

_TOKEN = re.compile(
    r"""(?P<skip>\s+|--[^\n]*|//[^\n]*|/\*.*?\*/)
    |(?P<string>'(?:[^'\\]|''|\\.)*'|\$\$.*?\$\$)
    |(?P<quoted>"(?:[^"]|"")*")
    |(?P<word>[A-Za-z_][A-Za-z0-9_$]*)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<symbol>.)""",
    re.VERBOSE | re.DOTALL,
)


def without_case(text: str) -> str:
    """The statement with quoted names in upper case.

    docs: sql-reference/identifiers-syntax (QUOTED_IDENTIFIERS_IGNORE_CASE)
    """
    return _TOKEN.sub(lambda found: found.group().upper() if found.lastgroup == "quoted" else found.group(), text)


class Reader:
    """A statement, read from left to right. Names are normalized: unquoted ones to upper case.

    docs: sql-reference/identifiers-syntax
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = [m for m in _TOKEN.finditer(text) if m.lastgroup != "skip" and m.group() != ";"]
        self._next = 0

    def _word(self, ahead: int = 0) -> str:
        place = self._next + ahead
        if place >= len(self._tokens) or self._tokens[place].lastgroup == "quoted":
            return ""
        return self._tokens[place].group().upper()

    def again(self) -> "Reader":
        """Another reader of the same text, at the same place."""
        found = Reader(self.text)
        found._next = self._next
        return found

    def at(self, words: str) -> bool:
        """Whether these words come next."""
        return all(self._word(n) == word for n, word in enumerate(words.split()))

    def take(self, words: str) -> bool:
        """Go past these words if they come next."""
        found = self.at(words)
        if found:
            self._next += len(words.split())
        return found

    def expect(self, words: str) -> None:
        """Go past these words, or fail."""
        if not self.take(words):
            raise self.unexpected()

    def choice(self, *options: str) -> str:
        """Go past one of these; fail if none comes next."""
        for option in sorted(options, key=len, reverse=True):
            if self.take(option):
                return option
        raise self.unexpected()

    def word(self) -> str:
        """The next word or symbol, in upper case."""
        found = self._word()
        if not found:
            raise self.unexpected()
        self._next += 1
        return found

    def name(self) -> Name:
        """A dotted name."""
        parts = [self._identifier()]
        while self.take("."):
            parts.append(self._identifier())
        return tuple(parts)

    def _identifier(self) -> str:
        if self._next >= len(self._tokens):
            raise self.unexpected()
        token = self._tokens[self._next]
        self._next += 1
        if token.lastgroup == "quoted":
            return token.group()[1:-1].replace('""', '"')
        if token.lastgroup == "word":
            return token.group().upper()
        self._next -= 1
        raise self.unexpected()

    def value(self) -> str:
        """A literal or a bare word, without its quotes."""
        if self._next >= len(self._tokens):
            raise self.unexpected()
        token = self._tokens[self._next]
        self._next += 1
        return unquoted(token.group()) if token.lastgroup == "string" else token.group()

    def skip(self) -> None:
        """Go past one token, whatever it is."""
        if self.done:
            raise self.unexpected()
        self._next += 1

    def options(self) -> dict[str, str]:
        """NAME = value pairs up to the end or to AS; anything else is passed over."""
        found: dict[str, str] = {}
        while not self.done and not self.at("AS"):
            name = self._tokens[self._next].group().upper()
            self._next += 1
            if self.take("="):
                found[name] = self.value()
        return found

    def place(self) -> int:
        """Where in the text the next token begins."""
        return self._tokens[self._next].start() if self._next < len(self._tokens) else len(self.text)

    def skip_parentheses(self) -> None:
        """Go past a parenthesized part, if one comes next."""
        depth = 0
        while not self.done:
            depth += {"(": 1, ")": -1}.get(self._tokens[self._next].group(), 0)
            if depth == 0 and not self.at(")"):
                return
            self._next += 1
            if depth == 0:
                return

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self._next >= len(self._tokens)

    def unexpected(self) -> Exception:
        """The error for what comes next."""
        where = self._tokens[self._next].group() if self._next < len(self._tokens) else "<EOF>"
        return syntax(f"syntax error line 1 at position {self.place()} unexpected '{where}'.")


def unquoted(literal: str) -> str:
    """The text of a string literal. docs: sql-reference/data-types-text"""
    if literal.startswith("$$"):
        return literal[2:-2]
    body = literal[1:-1].replace("''", "'")
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), body)
