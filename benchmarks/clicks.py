"""How fast the bot answers people: 200 clicks at once, and one click that decides. On the demo's own parts."""

import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
from tabulate import tabulate

from sandbox import workspace
from sandbox.demo.parts import Addresses, start_parts
from sandbox.demo.people import Person
from sandbox.demo.processes import Parts
from sandbox.demo.story import Story
from sandbox.demo.world import World

CLICKS = 200
SETTLE_SECONDS = 5.0
WHO = workspace.PRIYA
"""May not decide here: each of her clicks is acknowledged, judged with facts fetched afresh, and refused."""


def main() -> None:
    """Play the demo up to its second card, press, and print what people waited."""
    folder = Path(tempfile.mkdtemp(prefix="wap-bench-"))
    world = World(folder / "world")
    try:
        with world.kept(), Parts(world.folder / "logs") as parts:
            at = start_parts(parts, world, page_port=0, bug=False)
            story = Story(parts, world, at, lambda line: print(f"  {line}", file=sys.stderr))
            story.publish_first_day()
            _measure(at, story.ask_about_second_day())
    finally:
        shutil.rmtree(folder)


def _measure(at: Addresses, run: str) -> None:
    mina = Person(at.page, workspace.MINA)
    card = mina.card(run)
    assert card is not None
    acks = _press_at_once(at.page, card["ts"])
    time.sleep(SETTLE_SECONDS)
    clicked = time.monotonic()
    mina.approve(run)
    while "Approved by" not in str(card := mina.card(run)) and "Published by" not in str(card):
        time.sleep(0.01)
    decided = time.monotonic() - clicked
    rows = [
        (f"acknowledged, {CLICKS} clicks at once: median, ms", "-", f"{median(acks):.0f}"),
        (f"acknowledged, {CLICKS} clicks at once: 99th percentile, ms", "300", f"{quantiles(acks, n=100)[98]:.0f}"),
        ("click to 'Approved by' on the card, ms", "1000", f"{decided * 1_000:.0f}"),
    ]
    print(tabulate(rows, headers=["answers", "goal", "measured"], disable_numparse=True))


def _press_at_once(page: str, ts: str) -> list[float]:
    """Milliseconds until each click was acknowledged, as the local Slack measured them."""
    press = {"do": "click", "channel": workspace.DATA_RELEASES, "ts": ts, "action_id": "wap_approve", "confirmed": True}
    limits = httpx.Limits(max_connections=CLICKS)

    def click(number: int) -> float:
        answer: dict[str, Any] = http.post("/control/act", json={"as": WHO, **press}).json()
        if not answer.get("acked"):
            raise RuntimeError(f"Click {number} was not acknowledged: {answer.get('error')}.")
        return float(answer["ack_ms"])

    with (
        httpx.Client(base_url=page, timeout=60, trust_env=False, limits=limits) as http,
        ThreadPoolExecutor(CLICKS) as people,
    ):
        return list(people.map(click, range(CLICKS)))


if __name__ == "__main__":
    main()
