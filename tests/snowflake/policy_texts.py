"""What a policy takes and does, from the statement that created it. docs: sql-reference/sql/create-masking-policy"""

import re

import sqlglot
from sqlglot import exp

from tests.snowflake.catalog import Thing

_TEXT = re.compile(r"\bAS\s*\((?P<arguments>.*?)\)\s*RETURNS\s+(?P<returns>[\w ]+?)\s*->\s*(?P<body>.*)", re.I | re.S)
_OPTIONS = re.compile(r"\s+(COMMENT|EXEMPT_OTHER_POLICIES)\s*=.*$", re.I | re.S)


def arguments(policy: Thing) -> list[exp.ColumnDef]:
    """What the policy takes: names and types."""
    found = _TEXT.search(policy.text)
    if found is None or not found["arguments"].strip():
        return []
    table = sqlglot.parse_one(f"CREATE TABLE t ({found['arguments']})", read="snowflake")
    return list(table.find_all(exp.ColumnDef))


def body(policy: Thing) -> str:
    """The expression that the policy puts in place of a column, or its condition on rows."""
    found = _TEXT.search(policy.text)
    return _OPTIONS.sub("", found["body"]).strip().rstrip(";") if found else ""
