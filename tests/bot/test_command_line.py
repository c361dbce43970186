"""What /wap understands."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.command_line import (
    Ambiguous,
    Cancel,
    Decide,
    Diff,
    Found,
    Help,
    History,
    Incomplete,
    List,
    Missing,
    Owners,
    Show,
    Start,
    Stats,
    Understood,
    Withdraw,
    find,
    nearest,
    parse,
)
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
        ("show", Incomplete("show")),
        ("show a b", Incomplete("show")),
        ("lst", Help(unknown="lst", suggestion="list")),
        ("aprove quiet-otter", Help(unknown="aprove quiet-otter", suggestion="approve")),
        ("brew coffee", Help(unknown="brew coffee")),
        ("list everything", Incomplete("list")),
        ("run", Start("")),
        ("run nightly", Start("nightly")),
        ("run a b", Incomplete("run")),
        ("diff otter", Diff("otter", "")),
        ("diff otter `orders`", Diff("otter", "orders")),
        ("diff", Incomplete("diff")),
        ("approve otter", Decide("Approve", "otter", "")),
        ("approve  otter  looks\n*good* <!channel>", Decide("Approve", "otter", "looks\n*good* <!channel>")),
        ("reject otter", Decide("Reject", "otter", "")),
        ("reject otter ‮abc", Decide("Reject", "otter", "‮abc")),
        ("approve", Incomplete("approve")),
        ("withdraw otter", Withdraw("otter")),
        ("withdraw", Incomplete("withdraw")),
        ("withdraw otter please", Incomplete("withdraw")),
        ("cancel otter", Cancel("otter")),
        ("cancel otter now", Incomplete("cancel")),
        ("history", History("")),
        ("history dwh", History("dwh")),
        ("owners", Incomplete("owners")),
        ("owners dwh", Owners("dwh")),
        ("stats", Stats()),
    ],
)
def test_parse(text: str, understood: Understood) -> None:
    """Every text is understood as something; a word that is not known gets the nearest one."""
    assert parse(text) == understood


@given(st.text(max_size=80))
def test_parse_never_fails(text: str) -> None:
    """Whatever is typed, there is an answer to it."""
    parse(text)


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
    """A typo gets a suggestion, written as the run is called; nonsense gets none."""
    assert find("quiet-oter", RUNS) == Missing("quiet-otter")
    assert find("zzz", RUNS) == Missing("")
    assert find("Nightly-2O", [replace(run(), name="Nightly-20")]) == Missing("Nightly-20")


def test_find_counts_the_runs_that_it_does_not_name() -> None:
    """Twelve runs fit, ten are named."""
    many = [replace(run(), id=f"{number:032}", name=f"otter-{number}") for number in range(12)]
    assert find("otter", many) == Ambiguous(tuple(many[:10]), more=2)


def test_nearest_keeps_the_spelling() -> None:
    """The suggestion can be typed as it stands."""
    assert nearest("ORDRES", ["Orders", "payments"]) == "Orders"
    assert nearest("zzz", ["Orders"]) == ""
