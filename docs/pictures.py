"""`make pictures`: every picture in docs/images is a screenshot of the running demo, taken anew."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from sandbox.demo.parts import start_parts
from sandbox.demo.processes import Parts
from sandbox.demo.story import Story
from sandbox.demo.world import World

IMAGES = Path(__file__).parent / "images"
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
WIDE, NARROW = (1280, 1290), (390, 844)


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
        story = Story(parts, world, at, lambda line: print(line, file=sys.stderr))
        story.publish_first_day()
        run = story.ask_about_second_day()
        before = world.production()
        _waiting(browser, at.page)
        story.decide(run, verdict="reject", via="slack")
        story.wait_for_end(run, before)
        page = _open(browser, at.page, WIDE)
        page.wait_for_timeout(1500)
        _take(page, "rejected")


def _waiting(browser: Browser, address: str) -> None:
    """The card in three looks; its confirm dialog, reject form and thread."""
    for size, scheme, name in (
        (WIDE, "light", "card"),
        (WIDE, "dark", "card-dark"),
        (NARROW, "light", "card-narrow"),
    ):
        page = _open(browser, address, size, scheme=scheme)
        _card(page).scroll_into_view_if_needed()
        _take(page, name)
    page = _open(browser, address, WIDE)
    _card(page).get_by_role("button", name="Approve").click()
    _take(page, "confirm")
    page.get_by_test_id("confirm-no").click()
    _card(page).get_by_role("button", name="Reject").click()
    page.get_by_test_id("modal").wait_for()
    _take(page, "reject")
    page.get_by_test_id("modal-close").click()
    page.get_by_role("button", name="replies").last.click()
    _take(page, "thread")


def _open(browser: Browser, address: str, size: tuple[int, int], *, scheme: str = "light") -> Page:
    page = browser.new_page(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="en-GB",
    )
    page.goto(address)
    return page


def _card(page: Page) -> Locator:
    cards = page.get_by_test_id("timeline").locator("article")
    card = cards.filter(has=page.get_by_role("button", name="Approve"))
    card.wait_for()
    return card


def _take(page: Page, name: str) -> None:
    page.wait_for_timeout(600)  # for what fades in
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    raise SystemExit(main())
