"""The main job, measured: from nothing running to a card that can be clicked, from the click to Published, memory."""

import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tabulate import tabulate

from sandbox import workspace
from sandbox.demo.parts import start_parts
from sandbox.demo.people import Person
from sandbox.demo.processes import Parts
from sandbox.demo.story import Story
from sandbox.demo.world import World

IDLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Measured:
    """One demo. Times in seconds; memory in MiB, resident."""

    to_card: float
    to_approved: float
    to_published: float
    to_card_published: float
    flow_seconds: dict[str, float]
    bot_mib: float


def main(repeats: int = 3) -> None:
    """Run the demo a few times and print the medians."""
    runs = [_measure(Path(tempfile.mkdtemp(prefix="wap-bench-"))) for _ in range(repeats)]
    rows = [
        ("start of the demo to a card that can be clicked, s", "30", _median([run.to_card for run in runs])),
        ("click to 'approved' on the card, s", "-", _median([run.to_approved for run in runs])),
        ("click to Published in Prefect, s", "5", _median([run.to_published for run in runs])),
        ("click to Published on the card, s", "-", _median([run.to_card_published for run in runs])),
        *(
            (f"  of the second run: {step}, s", "-", _median([run.flow_seconds[step] for run in runs]))
            for step in runs[0].flow_seconds
        ),
        ("bot, idle beside a waiting card, MiB", "250", _median([run.bot_mib for run in runs])),
    ]
    print(tabulate(rows, headers=[f"demo, median of {repeats}", "goal", "measured"], disable_numparse=True))


def _median(values: list[float]) -> str:
    return f"{median(values):.2f}"


def _measure(folder: Path) -> Measured:
    world = World(folder / "world")
    try:
        with world.kept(), Parts(world.folder / "logs") as parts:
            return _story(parts, world)
    finally:
        shutil.rmtree(folder)


def _story(parts: Parts, world: World) -> Measured:
    started = time.monotonic()
    at = start_parts(parts, world, page_port=0, bug=False)
    story = Story(parts, world, at, lambda line: print(f"  {line}", file=sys.stderr))
    story.publish_first_day()
    run = story.ask_about_second_day()
    to_card = time.monotonic() - started
    time.sleep(IDLE_SECONDS)
    bot_mib = _resident_mib(parts.pid("bot"))
    mina = Person(at.page, workspace.MINA)
    before = world.production()
    clicked = time.monotonic()
    mina.approve(run)
    to_approved = _until_card_says(mina, run, ("approved", "published"), clicked)
    while at.prefect.run(run)["state"]["type"] != "COMPLETED":
        time.sleep(0.02)
    to_published = time.monotonic() - clicked
    to_card_published = _until_card_says(mina, run, ("published",), clicked)
    ending = story.wait_for_end(run, before)
    return Measured(to_card, to_approved, to_published, to_card_published, ending.seconds, bot_mib)


def _until_card_says(person: Person, run: str, words: tuple[str, ...], since: float) -> float:
    while not any(word in str((person.card(run) or {}).get("text", "")).lower() for word in words):
        time.sleep(0.02)
    return time.monotonic() - since


def _resident_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise LookupError(f"/proc/{pid}/status has no VmRSS")


if __name__ == "__main__":
    main()
