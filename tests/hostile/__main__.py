"""Ten thousand hostile texts of each kind through every surface: `python -m tests.hostile [TEXTS] [SEED]`."""

import resource
import sys
import time

from tests.hostile.check import ROLES, Seen, run

TEXTS = 10_000


def main(arguments: list[str]) -> int:
    """Print what was made and what was found. 1 if anything was refused or stray."""
    texts, seed = (*map(int, arguments), *(TEXTS, 1)[len(arguments) :])
    began = time.process_time()
    seen = run(texts, seed=seed)
    _tell(seen, seconds=time.process_time() - began)
    return 1 if seen.refused or seen.stray else 0


def _tell(seen: Seen, *, seconds: float) -> None:
    given = ", ".join(f"{seen.given[role]:,} {role}s" for role in ROLES).replace("wordss", "words")
    lines = [
        f"hostile texts placed   {given}",
        f"payloads checked       {sum(seen.payloads.values()):,} on {len(seen.payloads)} surfaces",
        f"refused by Slack rules {len(seen.refused):,}",
        f"stray in any of them   {len(seen.stray):,}",
        f"cells of CSV read back {seen.csv_cells:,}",
        f"slowest payload        {seen.slowest[0]:.2f} s of CPU ({seen.slowest[1]})",
        f"CPU and peak memory    {seconds:.0f} s, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB",
        *(f"  {problem}" for problem in [*seen.refused, *seen.stray][:40]),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
