"""`wap diff TABLE` on Snowflake: what it says that DuckDB need not say, and that it changes nothing."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.warehouse.snowflake.reading import is_one_query
from tests.snowflake.stand_in import StandIn, stand_in
from tests.wap.conftest import Answer
from tests.wap.diff_targets import SnowflakeTarget, diff_in, lay_out, leave_manifest

DATA = (
    "CREATE SCHEMA {p}",
    "CREATE SCHEMA {s}",
    "CREATE TABLE {p}.orders AS SELECT 1 AS order_id, 1234 AS amount",
    "CREATE TABLE {s}.orders AS SELECT 1 AS order_id, 5678 AS amount",
    'CREATE TABLE {p}."orders" AS SELECT 7 AS order_id, 1 AS amount',
    'CREATE TABLE {s}."orders" AS SELECT 7 AS order_id, 1 AS amount',
    'CREATE TABLE {p}."Lower" AS SELECT 7 AS order_id',
    'CREATE TABLE {s}."Lower" AS SELECT 7 AS order_id',
    "CREATE ROLE LOOKER",
    "GRANT ROLE LOOKER TO USER WAP",
    "GRANT USAGE ON WAREHOUSE WH TO ROLE LOOKER",
    "GRANT USAGE ON DATABASE ANALYTICS TO ROLE LOOKER",
    "GRANT USAGE ON SCHEMA {p} TO ROLE LOOKER",
    "GRANT SELECT ON ALL TABLES IN SCHEMA {p} TO ROLE LOOKER",
)


@pytest.fixture(scope="module")
def snow() -> Iterator[StandIn]:
    """Two schemas with a table that differs and one of the same name in lower case; LOOKER sees production alone."""
    with stand_in() as found:
        found.run(*(statement.format(p="DWH", s="DEVELOP_DWH") for statement in DATA))
        yield found


@pytest.fixture
def target(snow: StandIn, tmp_path: Path) -> Iterator[SnowflakeTarget]:
    """A dbt project whose profile is of type snowflake; faults of a test end with it."""
    lay_out(tmp_path, snow.profile(schema="dwh"))
    yield SnowflakeTarget(tmp_path, snow)
    snow.faults.clear()


def _with_profile(target: SnowflakeTarget, **overrides: Any) -> SnowflakeTarget:
    lay_out(target.folder, target.stand_in.profile(schema="dwh", **overrides))
    return target


def _refused(answer: Answer) -> str:
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    return answer.err.strip()


def test_it_sends_nothing_but_questions(target: SnowflakeTarget) -> None:
    """Every statement of the command is a query or SHOW, with its tag; and nothing in the account has changed."""
    leave_manifest(target.folder, key="order_id")
    everything = (
        "SELECT table_schema, table_name, last_altered FROM information_schema.tables ORDER BY 1, 2",
        "SELECT * FROM {p}.orders UNION ALL SELECT * FROM {s}.orders ORDER BY 1, 2",
    )
    before = [target.execute(statement) for statement in everything]
    seen = len(target.stand_in.statements)
    assert diff_in(target, "orders", "--where", "amount > 0").code == 1
    sent = [one for one in target.stand_in.statements[seen:] if one.tag == "wap:diff"]
    assert len(sent) == len(target.stand_in.statements) - seen > 5
    assert not [one.text for one in sent if not one.text.startswith("SHOW ") and not is_one_query(one.text)]
    assert [target.execute(statement) for statement in everything] == before
    assert target.stand_in.open_sessions == 0


def test_it_reads_as_the_audit_role_if_there_is_one(target: SnowflakeTarget) -> None:
    """And then needs nothing that the role of the profile may do."""
    settings = '[warehouse]\naudit_role = "looker"\n'
    lay_out(target.folder, target.stand_in.profile(schema="dwh"), settings=settings)
    seen = len(target.stand_in.statements)
    assert "the role `LOOKER` may not see it" in _refused(diff_in(target, "orders"))
    assert {one.role for one in target.stand_in.statements[seen:]} == {"LOOKER"}


def test_names_that_differ_in_case_are_different_tables(target: SnowflakeTarget) -> None:
    """Without quotes SQL means upper case, and so does dbt; with quotes exactly what is between them."""
    assert diff_in(target, "orders").code == 1
    assert diff_in(target, "ORDERS").code == 1
    assert diff_in(target, '"orders"').code == 0
    assert diff_in(target, "Lower").code == 0
    assert _refused(diff_in(target, "lower")).endswith("Did you mean `Lower`?")


def test_a_schema_that_the_role_cannot_see(target: SnowflakeTarget) -> None:
    """Otherwise every row of production would look removed."""
    said = _refused(diff_in(_with_profile(target, role="LOOKER"), "orders"))
    assert said == (
        "Nothing was read. There is no schema `DEVELOP_DWH` in the database `ANALYTICS`, or the role `LOOKER` may not "
        "see it. Grant USAGE on it, or start a run, which makes it."
    )


def test_a_table_that_the_role_cannot_see(target: SnowflakeTarget) -> None:
    """USAGE on staging shows no table of it: the note says that one may be there."""
    target.execute("GRANT USAGE ON SCHEMA {s} TO ROLE LOOKER")
    found = diff_in(_with_profile(target, role="LOOKER"), "orders", "--json").document
    target.execute("REVOKE USAGE ON SCHEMA {s} FROM ROLE LOOKER")
    assert found["status"] == "removed"
    assert (
        "Only what the role `LOOKER` may see was looked at; the other side may have this table, too."
        in (found["notes"])
    )


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"role": "NOBODY"}, "The warehouse was not opened. The role `NOBODY` does not exist or is not granted"),
        ({"database": "NOWHERE"}, "It does not exist in `NOWHERE`, or the role `ACCOUNTADMIN` may not see it."),
        ({"warehouse": "NONE"}, "No warehouse runs for it. Set `warehouse` in dbt's profile"),
        ({"schema": "elsewhere"}, "There is no schema `ELSEWHERE` in the database `ANALYTICS`"),
        ({"port": 9}, "The warehouse was not opened. The account `stand-in` does not answer"),
    ],
)
def test_a_profile_that_leads_nowhere(target: SnowflakeTarget, overrides: dict[str, Any], said: str) -> None:
    """One sentence with the value that is wrong, on stderr alone."""
    lay_out(target.folder, {**target.stand_in.profile(schema="dwh"), **overrides})
    assert said in _refused(diff_in(target, "orders"))


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("nope = 1", "invalid identifier 'NOPE'"),
        ("order_id <", "Required keyword"),
        ("true) --", "Unexpected token"),
        ("true); DELETE FROM dwh.orders; SELECT (1", "it is more than one statement."),
        ("true) ->> DELETE FROM dwh.orders WHERE (true", "it is more than one statement."),
    ],
)
def test_what_is_no_condition(target: SnowflakeTarget, condition: str, reason: str) -> None:
    """The reason is Snowflake's, and nothing else is run with it."""
    said = _refused(diff_in(target, "orders", "--where", condition))
    assert said.startswith(f"Not compared. `--where` is `{condition}`, which is no condition for `DWH.ORDERS`: ")
    assert reason in said
    assert target.execute("SELECT COUNT(*) FROM {p}.orders") == [(1,)]


def test_a_literal_that_is_none_of_its_type_is_an_objection(target: SnowflakeTarget) -> None:
    """Snowflake may find it while it compiles; the value is not repeated twice."""
    target.stand_in.faults.answer("LIMIT 0", 100038, "Numeric value 'one' is not recognized", sqlstate="22018")
    said = _refused(diff_in(target, "orders", "--where", "order_id = 'one'"))
    assert said.endswith("no condition for `DWH.ORDERS`: Numeric value '...' is not recognized. Correct it.")


def test_a_warehouse_that_does_not_run_is_no_objection_to_a_condition(target: SnowflakeTarget) -> None:
    """The condition may be right: what went wrong is said, not that it is wrong."""
    target.stand_in.faults.answer("LIMIT 0", 90073, "Warehouse 'WH' cannot be resumed because its quota is exceeded")
    said = _refused(diff_in(target, "orders", "--where", "amount > 0"))
    assert "no condition" not in said
    assert "resource monitor has used up its quota" in said


def test_a_session_that_ends_meanwhile_is_opened_again(target: SnowflakeTarget) -> None:
    """What only reads may be asked again."""
    target.stand_in.faults.kill_connection("HASH_AGG")
    assert diff_in(target, "orders", "--key", "order_id").code == 1


def test_a_mask_that_hits_nothing_shows_nothing(target: SnowflakeTarget) -> None:
    """A slip of the pen in wap.toml or in dbt must not show what it should hide."""
    leave_manifest(target.folder, mask=["amuont"])
    answer = diff_in(target, "orders")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("Not shown. `ORDERS.amuont` is masked in the dbt project, and neither side has such")
    lay_out(target.folder, target.stand_in.profile(schema="dwh"), settings='[diff.tables.orders]\nmask = ["amuont"]\n')
    leave_manifest(target.folder)
    answer = diff_in(target, "orders")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("Not shown. `orders.amuont` is named in `mask` of wap.toml")


def test_json_is_all_that_is_on_stdout(target: SnowflakeTarget) -> None:
    """Neither dbt nor the connector writes there, and nothing is on stderr."""
    leave_manifest(target.folder, key="order_id", mask=["amount"])
    command = [sys.executable, "-m", "wap", "diff", "orders", "--config", str(target.folder / "wap.toml"), "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert json.loads(ended.stdout)["columns"] == {"AMOUNT": 1}
    assert "1234" not in ended.stdout
