"""docs/snowflake.md and the code name the same findings."""

import ast
import re
from pathlib import Path

from flows.warehouse.snowflake import audit_role, database_findings, preflight, view_findings
from flows.warehouse.snowflake.policies import checks, findings

PAGE = Path(__file__).parents[3] / "docs" / "snowflake.md"
ROW = re.compile(r"^\| `(\w+)` \| (blocker|warning) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def _in_code() -> set[tuple[str, str]]:
    """(code, severity) of every call of `_finding`, and of what lies in a swapped schema."""
    found = {(f"{code}_in_schema", "warning") for _, code, _ in preflight._LEFT_BEHIND}
    for module in (
        preflight,
        audit_role,
        database_findings,
        view_findings,
        findings,
        checks,
    ):
        tree = ast.parse(Path(str(module.__file__)).read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_finding":
                severity, code = node.args[:2]
                if isinstance(severity, ast.Constant) and isinstance(code, ast.Constant):
                    found.add((str(code.value), str(severity.value)))
    return found


def test_page_names_every_finding_of_the_code_and_no_other() -> None:
    """With its severity, its consequence and its remedy."""
    rows = ROW.findall(PAGE.read_text())
    assert {(code, severity) for code, severity, _, _ in rows} == _in_code()
    assert len(rows) == len({row[0] for row in rows}) > 15
    assert all(consequence.strip() and remedy.strip() for _, _, consequence, remedy in rows)
