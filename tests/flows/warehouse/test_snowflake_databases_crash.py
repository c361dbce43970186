"""A swap of databases that is killed or unheard at the statements of its publish: the next attempt completes it, and
there is never a release in part.

    WAP_EXAMPLES=5 python -m pytest tests/flows/warehouse/test_snowflake_databases_crash.py --log-cli-level=INFO

disturbs every statement in every way as often as that; without it the swap and what is around it, and every ninth of
the others in each way.
"""

from collections.abc import Iterator

import pytest

from tests.flows.warehouse.killed_publish import Publishers
from tests.flows.warehouse.snowflake_database_world import DatabaseWorld
from tests.flows.warehouse.snowflake_releases import READER, build
from tests.flows.warehouse.test_snowflake_crash import EXAMPLES, KINDS, Ground, _is_killed, _said, _walk
from tests.snowflake.stand_in import StandIn
from tests.snowflake.stand_in import stand_in as started


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """An account of this test alone: killed clients leave their sessions."""
    with started() as found:
        yield found


@pytest.fixture
def ground(stand_in: StandIn) -> Iterator["DatabaseGround"]:
    """A target of two schemas that has been published before."""
    stand_in.run(f"CREATE ROLE IF NOT EXISTS {READER}")
    with DatabaseWorld(stand_in, is_twofold=True) as world:
        for side, value in (("{p}", -1), ("{s}", 0)):
            build(world, side, value)
            _build_marts(world, side, value)
        world.execute(
            f"GRANT USAGE ON DATABASE {{pd}} TO ROLE {READER}",
            *(f"GRANT USAGE ON SCHEMA {schema} TO ROLE {READER}" for schema in ("{p}", "{P}")),
            *(f"GRANT SELECT ON TABLE {schema}.ORDERS TO ROLE {READER}" for schema in ("{p}", "{P}")),
        )
        yield DatabaseGround(world)


def _build_marts(world: DatabaseWorld, side: str, value: int) -> None:
    world.execute(
        f"CREATE OR REPLACE TABLE {side.upper()}.ORDERS AS SELECT {value} AS ID",
        f"CREATE OR REPLACE VIEW {side.upper()}.ACROSS AS SELECT ID FROM {side}.ORDERS",
    )


class DatabaseGround(Ground):
    """The same with a second schema, whose release is always that of the first."""

    world: DatabaseWorld

    def build(self) -> None:
        """A new release in both schemas of staging."""
        self.world.execute('DROP TABLE IF EXISTS {S}."_wap_release"')
        _build_marts(self.world, "{s}", self.number + 1)
        super().build()

    def check(self, *, said: str | None, lost: bool) -> None:
        """The same; and nobody has got into the retired database."""
        super().check(said=said, lost=lost)
        assert self._marts("{P}") == [self.number] * 2
        assert self._marts("{S}") == [self.number - 1] * 2
        assert READER not in str(self.world.rows("SHOW GRANTS ON DATABASE {sd}", "SHOW GRANTS ON SCHEMA {S}"))
        assert READER in str(self.world.rows("SHOW GRANTS ON DATABASE {pd}"))

    def _is_whole(self, said: str | None) -> bool:
        is_out = super()._is_whole(said)
        [(run,)] = self.world.rows('SELECT "run" AS R FROM {P}."_wap_release"')
        now = self.number if is_out else self.number - 1
        assert run == f"run-{now}"
        orders, across = self._marts("{P}")
        assert orders == now
        assert across in (now, now - 1)  # it reads another schema; the preflight says so
        assert self.world.as_role(READER, "SELECT ID FROM {P}.ORDERS") == [(now,)]
        with self.world.warehouse() as warehouse:
            assert warehouse.partly_released() is None
        return is_out

    def _marts(self, side: str) -> list[int]:
        [found] = self.world.rows(f"SELECT O.ID, A.ID FROM {side}.ORDERS O, {side}.ACROSS A")
        return [int(value) for value in found]


def _places(ground: DatabaseGround, kind: str) -> Iterator[int]:
    swap = next(number for number, text in enumerate(ground.places, start=1) if " SWAP WITH " in text)
    for turn, at in enumerate(_walk(ground, kind)):
        if EXAMPLES or turn % 3 == 0 or abs(at - swap) <= 3:
            yield at


def test_a_swap_of_databases_that_is_killed_at_each_statement_is_completed_once(ground: DatabaseGround) -> None:
    """The server does what it was told last, and nothing after that."""
    with Publishers(ground.world) as publishers:
        for at in _places(ground, "kill_process"):
            while not _is_killed(ground, publishers, at):
                ground.check(said=None, lost=False)
            ground.check(said=None, lost=False)


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_swap_of_databases_that_hears_nothing_at_each_statement_is_completed_once(
    ground: DatabaseGround, kind: str
) -> None:
    """Before or after the server has done what it was told; what the publish says of it is true."""
    for at in _places(ground, kind):
        ground.build()
        fault = getattr(ground.world.stand_in.faults, kind)(r"^(?!LOGIN )", nth=at)
        said = _said(ground)
        ground.world.stand_in.faults.clear()
        assert fault.happened == 1, said
        ground.check(said=said, lost=kind == "kill_connection" and " SWAP WITH " in ground.places[at - 1])


def test_one_statement_publishes_both_schemas(ground: DatabaseGround) -> None:
    """The statements that are walked through are those of every publish, and one of them swaps."""
    places = ground.places
    assert [text for text in places if " SWAP WITH " in text] == [
        ground.world.filled("ALTER DATABASE {pd} SWAP WITH {sd}")
    ]
    swap = places.index(ground.world.filled("ALTER DATABASE {pd} SWAP WITH {sd}"))
    assert any(text == ground.world.filled(f'REVOKE USAGE ON DATABASE {{sd}} FROM ROLE "{READER}"') for text in
               places[swap:])  # fmt: skip
    assert ground.books.access is not None
    assert (ground.books.access.lost, ground.books.access.gained, ground.books.unknown) == ((), (), ())
