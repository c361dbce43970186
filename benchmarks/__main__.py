"""`python -m benchmarks [demo] [card] [clicks] [diff] [snowflake] [options of diff]`: all, or those that are named."""

import sys
from itertools import takewhile

from benchmarks import card, clicks, demo, diff, snowflake, snowflake_queries

ALL = ("demo", "card", "clicks", "diff", "snowflake")


def main() -> int:
    """Run what was asked for, one after the other: they would disturb each other."""
    named = list(takewhile(lambda argument: not argument.startswith("-"), sys.argv[1:]))
    options = sys.argv[1 + len(named) :]
    unknown = [name for name in named if name not in ALL]
    if unknown:
        print(f"Not measured. There is no benchmark {unknown[0]!r}. There are: {', '.join(ALL)}.", file=sys.stderr)
        return 1
    if options and "diff" not in named:
        print("Not measured. Only `diff` takes options. Name it: python -m benchmarks diff --large.", file=sys.stderr)
        return 1
    chosen = named or ALL
    if "demo" in chosen:
        demo.main()
    if "card" in chosen:
        card.main()
    if "clicks" in chosen:
        clicks.main()
    if "diff" in chosen:
        diff.main(options)
    if "snowflake" in chosen:
        snowflake.main()
        snowflake_queries.main()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
