"""What /wap understands."""

from dataclasses import replace

import pytest

from bot.command_line import Ambiguous, Found, Help, List, Missing, Show, find, parse
from tests.bot.test_card_state import run

RUNS = (
    replace(run(), id="aaaa1111", name="quiet-otter"),
    replace(run(), id="aaaa2222", name="quiet-owl"),
    replace(run(), id="bbbb3333", name="quiet"),
)


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("", Help()),
        ("  help  ", Help()),
        ("LIST", List()),
        ("show quiet-otter", Show("quiet-otter")),
        ("show `quiet-otter`", Show("quiet-otter")),
        ("show", Help(unknown="show", suggestion="show")),
        ("show a b", Help(unknown="show a b", suggestion="show")),
        ("lst", Help(unknown="lst", suggestion="list")),
        ("approve quiet-otter", Help(unknown="approve quiet-otter")),
    ],
)
def test_parse(text: str, understood: Help | List | Show) -> None:
    """Every text is understood as something; a word that is not known gets the nearest one."""
    assert parse(text) == understood


def test_find_prefers_the_exact_name() -> None:
    """A run whose whole name was typed is found although others begin with it."""
    assert find("quiet", RUNS) == Found(RUNS[2])


def test_find_by_the_beginning_of_name_or_id() -> None:
    """Enough of the name or the id is enough."""
    assert find("QUIET-OT", RUNS) == Found(RUNS[0])
    assert find("bbbb", RUNS) == Found(RUNS[2])


def test_find_asks_when_several_fit() -> None:
    """Never a guess."""
    assert find("aaaa", RUNS) == Ambiguous(RUNS[:2])


def test_find_suggests_the_nearest_name() -> None:
    """A typo gets a suggestion; nonsense gets none."""
    assert find("quiet-oter", RUNS) == Missing("quiet-otter")
    assert find("zzz", RUNS) == Missing("")
