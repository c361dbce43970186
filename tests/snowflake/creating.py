"""The beginning that all CREATE statements share."""

from dataclasses import dataclass

from tests.snowflake.reader import Reader

MODIFIERS = (
    "TEMPORARY", "TEMP", "VOLATILE", "LOCAL", "GLOBAL", "TRANSIENT", "SECURE", "RECURSIVE", "HYBRID",
)  # fmt: skip
KINDS = (
    "MATERIALIZED VIEW", "DYNAMIC TABLE", "EXTERNAL TABLE", "MASKING POLICY", "ROW ACCESS POLICY",
    "PROJECTION POLICY", "AGGREGATION POLICY", "FILE FORMAT",
    "DATABASE ROLE", "DATABASE", "SCHEMA", "TABLE", "VIEW", "ROLE", "USER", "WAREHOUSE", "STREAM", "TASK", "PIPE",
    "SEQUENCE", "TAG",
    "STAGE", "SHARE", "FUNCTION", "PROCEDURE", "ALERT",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Creation:
    """CREATE [OR REPLACE] [modifiers] kind [IF NOT EXISTS]."""

    kind: str
    replace: bool
    if_not_exists: bool
    modifiers: frozenset[str]

    @property
    def temporary(self) -> bool:
        """Whether the object lives only as long as the session."""
        return bool(self.modifiers & {"TEMPORARY", "TEMP", "VOLATILE"})


def read(reader: Reader) -> Creation:
    """Read up to the name. Raises SnowflakeError."""
    replace = reader.take("OR REPLACE")
    modifiers = set()
    while any(reader.at(word) for word in MODIFIERS):
        modifiers.add(reader.word())
    kind = reader.choice(*KINDS)
    return Creation(kind, replace, reader.take("IF NOT EXISTS"), frozenset(modifiers))
