"""The demo's person presses again what was not stored."""

import pytest

from sandbox.demo.insisting import insist
from sandbox.demo.people import PressFailed


class Hand:
    """Presses and remembers it; the presses before `first_stored` come to nothing."""

    def __init__(self, first_stored: int, *, refused: str = "") -> None:
        self.presses = 0
        self._first_stored = first_stored
        self._refused = refused

    def press(self) -> None:
        """Press once."""
        self.presses += 1
        if self._refused and not self.is_stored():
            raise PressFailed(self._refused)

    def is_stored(self) -> bool:
        """Whether a press has been stored."""
        return self.presses >= self._first_stored


@pytest.mark.parametrize("refused", ["", "The demo stopped. wap did not answer in time."])
def test_press_that_is_not_stored_is_repeated(refused: str) -> None:
    """Whether it came to nothing later or did not arrive at all, and only until it counts."""
    hand = Hand(3, refused=refused)
    insist(hand.press, hand.is_stored, wait_seconds=0, presses=8)
    assert hand.presses == 3


def test_press_that_counts_is_made_once() -> None:
    """A second one would be a second decision."""
    hand = Hand(1)
    insist(hand.press, hand.is_stored, wait_seconds=0, presses=8)
    assert hand.presses == 1


@pytest.mark.parametrize(("refused", "said"), [("", "pressed 2 times, and Prefect has stored none"), ("No.", "^No")])
def test_press_that_never_counts_ends_with_what_was_said_last(refused: str, said: str) -> None:
    """After so many presses the demo stops instead of waiting for ever."""
    hand = Hand(9, refused=refused)
    with pytest.raises(PressFailed, match=said):
        insist(hand.press, hand.is_stored, wait_seconds=0, presses=2)
    assert hand.presses == 2
