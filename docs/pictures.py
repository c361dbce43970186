"""`make pictures`: every picture in docs/images is taken anew, of the running demo as people see it."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from docs.camera import Camera, card, take_card, take_phone, take_thread, type_command, until_open
from docs.terminal import draw_diff
from flows.contract import MARKDOWN_ARTIFACT
from sandbox.demo.parts import Addresses, start_parts
from sandbox.demo.processes import Parts
from sandbox.demo.story import Story
from sandbox.demo.world import World

IMAGES = Path(__file__).parent / "images"
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")


def main() -> int:
    """Play the demo with its bug and take the pictures on the way. 1 if there is no browser."""
    path = os.environ.get("WAP_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        print(f"No pictures were taken. There is no browser; install one of {', '.join(NAMES)}.", file=sys.stderr)
        return 1
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="wap-pictures-") as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        _play(World(Path(folder) / "world"), browser)
        browser.close()
    return 0


def _play(world: World, browser: Browser) -> None:
    with world.kept(), Parts(world.folder / "logs") as parts:
        at = start_parts(parts, world, page_port=0, bug=True)
        _offer_deployment(parts, world, at)
        story = Story(parts, world, at, lambda line: print(line, file=sys.stderr))
        story.publish_first_day()
        run = story.ask_about_second_day()
        before = world.production()
        draw_diff(world.warehouse, IMAGES / "diff.svg")
        camera = Camera(browser, at.page, IMAGES)
        _look_around(camera)
        _report(camera, at)
        story.decide(run, verdict="reject", via="slack")
        story.wait_for_end(run, before)
        take_card(camera, "rejected", button="Details")
        _run_form(camera)


def _offer_deployment(parts: Parts, world: World, at: Addresses) -> None:
    """`/wap run` starts deployments, and the demo has none: its days are run one after the other."""
    home = {"PREFECT_HOME": str(world.folder.resolve() / "prefect"), "PREFECT_API_URL": f"{at.prefect_ui}/api"}
    parts.start("serve", ["wap", "serve", "--config", str(world.settings.resolve())], home)


def _look_around(camera: Camera) -> None:
    """Everything that can be seen before somebody decides."""
    take_card(camera, "card")
    take_card(camera, "card-dark", scheme="dark")
    take_phone(camera, "card-phone")
    take_thread(camera)
    _dialogs(camera)
    page = camera.page(width=760, height=480)
    page.get_by_role("button", name="Channels and people").click()
    page.get_by_test_id("home").click()
    camera.take(page.get_by_test_id("home-view"), "home")
    page.close()


def _dialogs(camera: Camera) -> None:
    page = camera.page(width=1200)
    for button, dialog, close, name in (
        ("Approve", "confirm", "confirm-no", "confirm"),
        ("Reject", "modal", "modal-close", "reject"),
        ("Approve with comment", "modal", "modal-close", "approve"),
        ("Details", "modal", "modal-close", "details"),
    ):
        press = card(page).get_by_role("button", name=button, exact=True).click
        camera.take(until_open(press, page.get_by_test_id(dialog)), name)
        page.get_by_test_id(close).click()
    page.close()


def _run_form(camera: Camera) -> None:
    page = camera.page(width=1200)
    camera.take(until_open(lambda: type_command(page, "/wap run wap"), page.get_by_test_id("modal")), "run")
    page.close()


def _report(camera: Camera, at: Addresses) -> None:
    """Prefect's own page of the report, of the newest run."""
    page = camera.page(width=1000, height=1300, address=f"{at.prefect_ui}/artifacts/key/{MARKDOWN_ARTIFACT}")
    page.locator("a[href*='/artifacts/artifact/']").first.click()
    page.get_by_role("heading", name="develop_dwh → dwh").wait_for()
    camera.take(page, "report")
    page.close()


if __name__ == "__main__":
    raise SystemExit(main())
