"""A warehouse in memory for each test."""

from collections.abc import Iterator

import pytest

from tests.flows.diff.adapter import Memory


@pytest.fixture
def memory() -> Iterator[Memory]:
    """Two empty schemas."""
    with Memory() as memory:
        yield memory
