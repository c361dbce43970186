"""Snowflake's identifiers inside DuckDB: a reversible spelling in which DuckDB can neither fold nor misread anything.

DuckDB compares identifiers without regard to ASCII case, so "Id" and ID would be one column. Every character except
A-Z, 0-9 and _ therefore becomes a character of Unicode's private use area (U+E000 + code), which DuckDB leaves alone.
"""

_BASE = 0xE000
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_BACK = {_BASE + code: chr(code) for code in range(128)}


def encode(name: str) -> str:
    """The name as DuckDB gets to see it."""
    return "".join(c if c in _PLAIN or ord(c) > 127 else chr(_BASE + ord(c)) for c in name)


def decode(text: str) -> str:
    """Text in which names were encoded, as Snowflake would say it."""
    return text.translate(_BACK)


def quote(name: str) -> str:
    """The name in quotes. docs: sql-reference/identifiers-syntax"""
    return '"' + name.replace('"', '""') + '"'


def shown(name: str) -> str:
    """The name as Snowflake prints it in messages and SHOW GRANTS: quoted only when it has to be."""
    plain = name and all(c in _PLAIN or c == "$" for c in name) and not name[0].isdigit()
    return name if plain else quote(name)


def dotted(*names: str) -> str:
    """A qualified name as Snowflake prints it."""
    return ".".join(shown(name) for name in names)
