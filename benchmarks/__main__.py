"""`python -m benchmarks [demo] [diff] [--large]`: all of them, or those that are named."""

import sys

from benchmarks import demo, diff

ALL = ("demo", "diff")


def main() -> int:
    """Run what was asked for, one after the other: they would disturb each other."""
    chosen = [name for name in sys.argv[1:] if name in ALL] or ALL
    options = [argument for argument in sys.argv[1:] if argument.startswith("--")]
    unknown = [argument for argument in sys.argv[1:] if argument not in ALL and argument not in options]
    if unknown:
        print(f"Not measured. There is no benchmark {unknown[0]!r}. There are: {', '.join(ALL)}.", file=sys.stderr)
        return 1
    if "demo" in chosen:
        demo.main()
    if "diff" in chosen:
        diff.main(options)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
