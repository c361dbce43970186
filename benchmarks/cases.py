"""The tables that are compared, and what is to be reached with each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds that hand-written SQL took for one case, see README.md. None: nobody wrote one."""

    floor: float
    counts: float | None
    report: float | None


@dataclass(frozen=True, slots=True)
class Case:
    """One table that both sides have. The first `key` columns identify a row; 0: none do, and rows occur twice."""

    name: str
    title: str
    rows: int
    columns: int
    changed_percent: int
    best: Figures
    key: int = 1

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The names of the key's columns."""
        return tuple(f"c{n}" for n in range(self.key))

    def goal(self, step: str) -> float | None:
        """The multiple of the floor that a step should not exceed."""
        wanted = {"counts": self.best.counts, "whole": self.best.report}.get(step)
        return wanted / self.best.floor if wanted is not None else None


CASES = (
    Case("1m-1", "1M x 16, 1 % changed", 1_000_000, 16, changed_percent=1, best=Figures(0.19, 0.33, 0.99)),
    Case("1m-30", "1M x 16, 30 % changed", 1_000_000, 16, changed_percent=30, best=Figures(0.21, 0.48, 0.83)),
    # The floor was between 0.40 and 1.5 and the counts between 0.91 and 1.3: the middle of both.
    Case("wide", "500k x 120, 1 % changed", 500_000, 120, changed_percent=1, best=Figures(0.95, 1.1, 4.57)),
    Case(
        "no-key", "2M x 8, no key, 1 % changed", 2_000_000, 8, changed_percent=1, key=0, best=Figures(0.13, 0.41, None)
    ),
)
LARGE = (
    Case("10m-1", "10M x 16, 1 % changed", 10_000_000, 16, changed_percent=1, best=Figures(1.48, 2.81, 6.80)),
    Case("10m-30", "10M x 16, 30 % changed", 10_000_000, 16, changed_percent=30, best=Figures(1.63, 4.8, 9.15)),
    Case("10m-0", "10M x 16, nothing changed", 10_000_000, 16, changed_percent=0, best=Figures(1.67, None, 4.1)),
    Case(
        "key-3",
        "5M x 10, key of 3, 1 % changed",
        5_000_000,
        10,
        changed_percent=1,
        key=3,
        best=Figures(0.55, 0.96, 4.34),
    ),
)
GROWTH = (("1m-1", "10m-1"), ("1m-30", "10m-30"))
"""The same table, small and large: the time for a row must not grow with the rows."""

BY_NAME = {case.name: case for case in (*CASES, *LARGE)}
