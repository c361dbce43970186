"""The SQL of docs/snowflake.md as statements, so that what the page says can be run."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "snowflake.md"

_FENCED = re.compile(r"^```sql\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def sql_of(title: str) -> tuple[str, ...]:
    """The statements of a section, in their order, without comments. There is at least one."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found, f"docs/snowflake.md has no section {title}"
    lines = "\n".join(_FENCED.findall(found[1])).splitlines()
    text = "\n".join(line.partition("--")[0] for line in lines)
    statements = tuple(" ".join(part.split()) for part in text.split(";") if part.strip())
    assert statements, f"the section {title} has no SQL"
    return statements
