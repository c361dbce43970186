"""What `wap demo` does: start the parts, play the story, print how it ended, stop the parts."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console

from sandbox.demo.parts import Addresses, start_parts
from sandbox.demo.people import PressFailed
from sandbox.demo.processes import PartFailed, Parts
from sandbox.demo.signals import interruptible
from sandbox.demo.story import Ending, Story, WorldDisagrees
from sandbox.demo.world import World, WorldProblem


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person asked for. `decide` is approve, reject or none; `via` is slack or prefect."""

    decide: str
    via: str
    bug: bool
    port: int
    folder: Path
    as_json: bool


def run_demo(wishes: Wishes) -> int:
    """Play the demo. 0 only if the world is as the printed result says; 130 when it was interrupted."""
    console = Console(stderr=True)
    world = World(wishes.folder)
    try:
        with interruptible(), world.kept(), Parts(world.folder / "logs") as parts:
            ending = _play(parts, world, wishes, console)
            if wishes.as_json:
                sys.stdout.write(json.dumps(ending.as_json()) + "\n")
                sys.stdout.flush()
            elif wishes.decide == "none":
                console.print("The page stays open. Press Ctrl-C to end the demo.")
                _stay(parts)
        return 0
    except KeyboardInterrupt:
        console.print("Stopped; no process is left behind.")
        return 130
    except (WorldProblem, PartFailed, PressFailed, WorldDisagrees, TimeoutError, httpx.HTTPError) as error:
        console.print(f"[red]{error}[/red]", highlight=False, soft_wrap=True)
        return 1


def _play(parts: Parts, world: World, wishes: Wishes, console: Console) -> Ending:
    started = time.monotonic()
    with _telling(console) as tell:
        tell("Starting Prefect, the local Slack, the bot and the flow")
        at = start_parts(parts, world, page_port=wishes.port, bug=wishes.bug, serve=wishes.decide == "none")
        story = Story(parts, world, at, tell)
        story.publish_first_day()
        run = story.ask_about_second_day()
        before = world.production()
    seconds = time.monotonic() - started
    _invite(console, at, seconds)
    if wishes.decide == "none":
        console.print("Press a button of the card to see what happens then, or Ctrl-C to end the demo.", soft_wrap=True)
    else:
        story.decide(run, verdict=wishes.decide, via=wishes.via)
    ending = story.wait_for_end(run, before)
    _tell_end(console, ending)
    return ending


@contextmanager
def _telling(console: Console) -> Iterator[Callable[[str], None]]:
    """What happens now: one line that changes in a terminal, else a line each."""
    if not console.is_terminal:
        yield lambda line: console.print(line, highlight=False, soft_wrap=True)
        return
    with console.status("") as status:
        yield status.update


def _invite(console: Console, at: Addresses, seconds: float) -> None:
    console.print(
        f"Ready after {seconds:.1f} s. The release of day 2 waits for a decision:", highlight=False, soft_wrap=True
    )
    console.print(f"  [bold]{at.page}/[/bold]   the card, in a local Slack", highlight=False, soft_wrap=True)
    console.print(f"  {at.prefect_ui}/   the same run in Prefect", highlight=False, soft_wrap=True)


def _tell_end(console: Console, ending: Ending) -> None:
    before, after = ending.production["before"], ending.production["after"]
    changed = sorted(table for table in before.keys() | after.keys() if before.get(table) != after.get(table))
    console.print(
        f"[bold]{ending.state}[/bold], decided by {ending.decided_by or 'nobody'}.", highlight=False, soft_wrap=True
    )
    console.print(f"Production: {len(changed)} of {len(after)} tables changed.", highlight=False, soft_wrap=True)
    for table in changed:
        console.print(
            f"  {table}: {before.get(table, 'absent')} → {after.get(table, 'absent')}", highlight=False, soft_wrap=True
        )


def _stay(parts: Parts) -> None:
    while True:
        parts.check(finished=["flow"])
        time.sleep(0.5)
