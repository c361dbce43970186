"""How long the diff takes and how much memory it needs, next to a floor: reading every column of both sides once."""

import argparse
from collections.abc import Iterable, Sequence

from benchmarks.cases import BY_NAME, CASES, GROWTH, LARGE, Case
from benchmarks.measuring import How, Measure, results

Found = dict[tuple[str, str], Measure]
"""By name of the case and of the step."""

_COLUMNS = (
    f"{'case':31} {'step':7} {'seconds':>8} {'x floor':>8} {'CPU s':>7} {'CPU x floor':>12} {'goal':>6} {'peak MiB':>9}"
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print a line for each case and step as it is known. `arguments` default to the command line's."""
    options = _parser().parse_args(arguments)
    cases = [BY_NAME[name] for name in options.only] or [*CASES, *(LARGE if options.large else ())]
    print(f"memory limit: {options.memory_limit or 'as DuckDB chooses'}; median of {options.runs} processes")
    print(_COLUMNS)
    found: Found = {}
    for case, step, measure in results(cases, How(runs=options.runs, memory_limit=options.memory_limit)):
        found[case.name, step] = measure
        print(_line(case, step, found), flush=True)
    for line in _growth(found):
        print(line)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks diff", description=__doc__)
    parser.add_argument("--large", action="store_true", help="tables of 5M and 10M rows as well")
    parser.add_argument(
        "--only", action="append", default=[], choices=sorted(BY_NAME), help="this case; may be repeated"
    )
    parser.add_argument("--memory-limit", default="", metavar="1GB", help="DuckDB's memory_limit while it compares")
    parser.add_argument("--runs", type=int, default=3, help="processes for each median (3)")
    return parser


def _line(case: Case, step: str, found: Found) -> str:
    measure, floor = found[case.name, step], found[case.name, "floor"]
    goal = case.goal(step)
    return (
        f"{case.title:31} {step:7} {measure.seconds:8.2f} {measure.seconds / floor.seconds:8.1f} {measure.cpu:7.2f} "
        f"{measure.cpu / floor.cpu:12.1f} {f'{goal:.1f}' if goal else '-':>6} {measure.mib:9.0f}"
    )


def _growth(found: Found) -> Iterable[str]:
    """A line for each step that was measured small and large: the time for a row, large over small."""
    for small, large in GROWTH:
        for step in ("floor", "counts", "whole"):
            if (small, step) in found and (large, step) in found:
                less, more = found[small, step], found[large, step]
                rows = BY_NAME[large].rows / BY_NAME[small].rows
                yield (
                    f"growth of {step}, {small} to {large}: {more.seconds / less.seconds / rows:.2f} x the seconds"
                    f" a row, {more.cpu / less.cpu / rows:.2f} x the CPU time"
                )


if __name__ == "__main__":
    main()
