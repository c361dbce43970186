"""Two schemas on Snowflake are two swaps: disturbed anywhere, each happens once, and what is done in part is told.

    WAP_EXAMPLES=77 python -m pytest tests/flows/warehouse/test_several_snowflake.py --log-cli-level=INFO

disturbs every statement of a publish, and logs what it saw.
"""

import dataclasses
import json
import logging
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from flows.warehouse.base import PartlyReleased, WarehouseError
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.flows.warehouse.world import PRODUCTION, STAGING, codes, no_guard, publish, refresh, release, rows
from tests.snowflake.stand_in import StandIn

EXAMPLES = int(os.environ.get("WAP_EXAMPLES", "5"))
STATEMENTS = 77
"""So many the first publish of this world sends; asserted below. The examples walk through them in strides."""
STRIDE = 13

HASTY = {"network_timeout": 1, "socket_timeout": 1, "login_timeout": 5}
"""The connector gives up after a second, and what it was told is lost for good."""

PUBLISH = """
import json, sys
from flows.contract import SchemaPair
from flows.warehouse.base import Release
from flows.warehouse.snowflake.warehouse import SnowflakeWarehouse
from flows.warehouse.snowflake.errors import Facts
from flows.warehouse.snowflake.session import Access

facts, further, options, release = (json.loads(text) for text in sys.argv[1:])
facts["further"] = tuple(SchemaPair(**pair) for pair in further)
with SnowflakeWarehouse(Access(lambda: options, Facts(**facts))) as warehouse:
    print("ready", flush=True)
    sys.stdin.readline()
    warehouse.exchange(Release(**release), lambda: None)
"""


@pytest.fixture
def twofold(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """Two releases of two schemas, a view across them, and a reader of both."""
    stand_in.run("CREATE ROLE IF NOT EXISTS READER")
    with SnowflakeWorld(stand_in, is_twofold=True) as found:
        for first, further, value in (("{p}", "{P}", 0), ("{s}", "{S}", 1)):
            found.execute(
                f"CREATE TABLE {first}.ORDERS AS SELECT {value} AS ID",
                f"CREATE TABLE {further}.ORDERS AS SELECT {value} AS ID",
                f"CREATE VIEW {further}.ACROSS AS SELECT ID FROM {first}.ORDERS",
                f"CREATE VIEW {first}.ACROSS AS SELECT ID FROM {further}.ORDERS",
            )
        for schema in ("{p}", "{P}"):
            found.execute(
                f"GRANT USAGE ON SCHEMA {schema} TO ROLE READER",
                f"GRANT SELECT ON TABLE {schema}.ORDERS TO ROLE READER",
            )
        yield found


def swaps(twofold: SnowflakeWorld) -> list[str]:
    """The schemas whose swaps arrived, in order."""
    names = (twofold.home, twofold.production)
    texts = [one.text for one in twofold.stand_in.statements if " SWAP WITH " in one.text and not one.replayed]
    return [name for text in texts for name in names if f'"{name}" SWAP WITH' in text]


def check_done(twofold: SnowflakeWorld, value: int) -> None:
    """Both schemas, tables and views, on both sides, and who may look."""
    for name in ("ORDERS", "ACROSS", f"{twofold.home}.ORDERS", f"{twofold.home}.ACROSS"):
        assert rows(twofold, PRODUCTION, name) == [(value,)], name
        assert rows(twofold, STAGING, name) == [(1 - value,)], name
    may = {
        side: [row[5] for row in twofold.rows(f"SHOW GRANTS ON SCHEMA {side}")] for side in ("{p}", "{P}", "{s}", "{S}")
    }
    assert [side for side, who in may.items() if "READER" in who] == ["{p}", "{P}"]


def part(twofold: SnowflakeWorld) -> PartlyReleased | None:
    """What the warehouse says of a publish in part."""
    with twofold.warehouse() as warehouse:
        return warehouse.partly_released()


def test_publish_of_two_schemas_swaps_the_further_one_first(twofold: SnowflakeWorld) -> None:
    """So that the first one's marker says that all is done; both are made ready before either is swapped."""
    with twofold.warehouse() as warehouse:
        told = [one.sql for one in warehouse.exchange(release(), no_guard)]
        ledger = warehouse.ledger()
    order = [place for place, sql in enumerate(told) if "SWAP WITH" in sql]
    markers = [place for place, sql in enumerate(told) if "_wap_release" in sql]
    assert swaps(twofold) == [twofold.home, twofold.production]
    assert max(markers) < min(order)
    check_done(twofold, 1)
    assert ledger is not None
    assert ledger.access is not None
    assert (ledger.access.before, ledger.access.after, ledger.access.lost, ledger.access.gained) == (4, 4, (), ())


def test_second_swap_that_fails_leaves_a_publish_in_part_that_is_told_and_completed(twofold: SnowflakeWorld) -> None:
    """The error says which schema has the release; the next attempt swaps the other one only."""
    refusal = {"errno": 3001, "message": "Insufficient privileges.", "sqlstate": "42501"}
    twofold.stand_in.faults.answer(f'"{twofold.production}" SWAP WITH', **refusal)
    says = rf"^Published in part: `{twofold.home}` yes, `{twofold.production}` not yet\. Snowflake says"
    with twofold.warehouse() as warehouse, pytest.raises(WarehouseError, match=says):
        warehouse.exchange(release(), no_guard)
    twofold.stand_in.faults.clear()
    assert part(twofold) == PartlyReleased(release(), (twofold.home,), (twofold.production,))
    assert rows(twofold, PRODUCTION, f"{twofold.home}.ORDERS") == [(1,)]
    assert rows(twofold, PRODUCTION, "ORDERS") == [(0,)]
    asked: list[Any] = []
    with twofold.warehouse() as warehouse:
        assert warehouse.released(PRODUCTION) is None
        warehouse.exchange(release(), lambda: asked.append(warehouse.partly_released()))
    assert asked == [PartlyReleased(release(), (twofold.home,), (twofold.production,))]
    assert part(twofold) is None
    assert swaps(twofold) == [twofold.home, twofold.production, twofold.production]  # the refused one arrived, too
    check_done(twofold, 1)


def in_part(twofold: SnowflakeWorld) -> None:
    """Leave the release in the further schema only."""
    twofold.stand_in.faults.answer(f'"{twofold.production}" SWAP WITH', 3001, "Insufficient privileges.")
    with twofold.warehouse() as warehouse, pytest.raises(WarehouseError, match=r"^Published in part"):
        warehouse.exchange(release(), no_guard)
    twofold.stand_in.faults.clear()


def test_guard_that_refuses_the_rest_of_a_publish_leaves_it_in_part(twofold: SnowflakeWorld) -> None:
    """What moved in between is not published, and the schema that has the release keeps it."""

    class Moved(Exception):
        pass

    def guard() -> None:
        raise Moved

    in_part(twofold)
    with twofold.warehouse() as warehouse, pytest.raises(Moved):
        warehouse.exchange(release(), guard)
    assert rows(twofold, PRODUCTION, "ORDERS") == [(0,)]
    assert part(twofold) is not None


def test_publish_in_part_whose_staging_was_built_anew_is_not_completed(twofold: SnowflakeWorld) -> None:
    """What waits there is not that release any more: the gate closes, and the preflight of the new run tells."""
    twofold.execute("DROP VIEW {P}.ACROSS", "DROP VIEW {S}.ACROSS", "DROP VIEW {p}.ACROSS", "DROP VIEW {s}.ACROSS")
    publish(twofold, "run-0")
    refresh(twofold)
    in_part(twofold)
    refresh(twofold)
    assert part(twofold) is None
    assert ("warning", "published_in_part") in codes(twofold)
    with twofold.warehouse() as warehouse, pytest.raises(WarehouseError, match=r"does not hold this release any more"):
        warehouse.exchange(release(), no_guard)
    publish(twofold, "run-2")
    assert ("warning", "published_in_part") not in codes(twofold)


def test_publish_in_part_with_views_across_is_not_built_upon(twofold: SnowflakeWorld) -> None:
    """A view of production still reads staging, and its readers would see what nobody has approved."""
    in_part(twofold)
    with pytest.raises(WarehouseError, match=r"^Staging was not refreshed\. The view .*ACROSS` of production reads"):
        refresh(twofold)


def test_a_late_first_swap_is_gone_on_with_and_not_repeated(twofold: SnowflakeWorld) -> None:
    """A swap that an earlier attempt gave up may come through while the guard looks; the guard is asked again."""
    moments: list[PartlyReleased | None] = []

    def late() -> None:
        if not moments:
            twofold.execute("ALTER SCHEMA {P} SWAP WITH {S}")
            moments.append(None)
            raise WarehouseError("Not published. Both schemas changed.")
        moments.append(part(twofold))

    with twofold.warehouse() as warehouse:
        warehouse.exchange(release(), late)
    assert moments[1] == PartlyReleased(release(), (twofold.home,), (twofold.production,))
    assert swaps(twofold) == [twofold.home, twofold.production]
    assert rows(twofold, PRODUCTION, f"{twofold.home}.ORDERS") == rows(twofold, PRODUCTION, "ORDERS") == [(1,)]


@pytest.mark.parametrize("kind", ["drop_reply", "kill_connection"])
def test_second_swap_without_an_answer_is_told_by_the_markers(twofold: SnowflakeWorld, kind: str) -> None:
    """One that happened is not sent again; one that did not leaves a publish in part, and is told as such."""
    fault = getattr(twofold.stand_in.faults, kind)(f'"{twofold.production}" SWAP WITH', times=1000)
    with twofold.warehouse(**HASTY) as warehouse:
        if kind == "drop_reply":
            warehouse.exchange(release(), no_guard)
        else:
            with pytest.raises(WarehouseError, match=r"^Published in part: .* did not happen\. Try again\.$"):
                warehouse.exchange(release(), no_guard)
    assert fault.happened
    twofold.stand_in.faults.clear()
    publish(twofold)
    check_done(twofold, 1)
    assert swaps(twofold).count(twofold.home) == 1


def test_a_publish_of_two_schemas_that_ends_at_any_statement_is_completed_once(twofold: SnowflakeWorld) -> None:
    """Also at those that only read: what was done until then is what a killed process would leave behind."""
    refusal = {"errno": 3001, "message": "Insufficient privileges.", "sqlstate": "42501"}
    seen: Counter[str] = Counter()
    for number in range(1, EXAMPLES + 1):
        twofold.stand_in.faults.answer(".", nth=_place(number), **refusal)
        _attempt(twofold, number, seen)
        twofold.stand_in.faults.clear()
        seen[_completed(twofold, number)] += 1
    logging.getLogger(__name__).info("stress.ended examples=%s %s", EXAMPLES, dict(seen))


def test_a_publish_of_two_schemas_that_hears_no_reply_is_completed_once(twofold: SnowflakeWorld) -> None:
    """The server has done it, and nobody has heard of it."""
    seen: Counter[str] = Counter()
    for number in range(1, EXAMPLES + 1):
        twofold.stand_in.faults.drop_reply(".", nth=_place(number), times=3)  # a repeated request counts as one
        _attempt(twofold, number, seen, **HASTY)
        twofold.stand_in.faults.clear()
        seen[_completed(twofold, number)] += 1
    logging.getLogger(__name__).info("stress.unanswered examples=%s %s", EXAMPLES, dict(seen))


def test_a_publish_of_two_schemas_that_is_killed_is_completed_once(twofold: SnowflakeWorld) -> None:
    """In a process of its own, which is gone from one statement to the next."""
    seen: Counter[str] = Counter()
    for number in range(1, EXAMPLES + 1):
        _killed(twofold, f"run-{number}", at=_place(number))
        seen[_completed(twofold, number)] += 1
    logging.getLogger(__name__).info("stress.killed examples=%s %s", EXAMPLES, dict(seen))


def test_the_examples_walk_through_a_whole_publish_of_two_schemas(twofold: SnowflakeWorld) -> None:
    """The number of statements above is not out of date."""
    before = len(twofold.stand_in.statements)
    publish(twofold)
    assert len(twofold.stand_in.statements) - before == STATEMENTS
    assert {_place(number) for number in range(1, STATEMENTS + 1)} == set(range(1, STATEMENTS + 1))


def _place(number: int) -> int:
    return number * STRIDE % STATEMENTS + 1


def _attempt(twofold: SnowflakeWorld, number: int, seen: Counter[str], **login: Any) -> None:
    said = ""
    try:
        with twofold.warehouse(**login) as warehouse:
            warehouse.exchange(release(f"run-{number}"), no_guard)
    except WarehouseError as error:
        said = str(error)
    assert said.startswith("Published in part") is (part(twofold) is not None), said
    seen["gave up" if said else "went on by itself"] += 1


def _completed(twofold: SnowflakeWorld, number: int) -> str:
    """What the disturbed publish had come to; asserts that each schema is whole, and that the next attempt completes
    what is missing."""
    run, new, old = f"run-{number}", number % 2, (number - 1) % 2
    told = part(twofold)
    with twofold.warehouse() as warehouse:
        found = warehouse.released(PRODUCTION)
    is_out = found is not None and found.run == run
    is_further_out = is_out or told is not None
    assert rows(twofold, PRODUCTION, "ORDERS") == [(new if is_out else old,)]
    assert rows(twofold, PRODUCTION, f"{twofold.home}.ORDERS") == [(new if is_further_out else old,)]
    publish(twofold, run)
    check_done(twofold, new)
    assert part(twofold) is None
    return "had published" if is_out else "had in part" if told else "had not"


def _killed(twofold: SnowflakeWorld, run: str, *, at: int) -> None:
    """Publish in a process of its own, and kill it when its statement of that number arrives."""
    facts = dataclasses.asdict(twofold.facts(further=()))
    further = [pair.model_dump() for pair in twofold.further]
    values = (facts, further, twofold.stand_in.connection_options, dataclasses.asdict(release(run)))
    command = [sys.executable, "-c", PUBLISH, *(json.dumps(value) for value in values)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        before = len(twofold.stand_in.statements)
        process.stdin.write("go\n")
        process.stdin.flush()
        while len(twofold.stand_in.statements) - before < at and process.poll() is None:
            time.sleep(0.001)
        process.kill()
    seen = -1
    while seen != (seen := len(twofold.stand_in.statements)):
        time.sleep(0.2)
