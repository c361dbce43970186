"""`make pictures`: every picture in docs/images is a screenshot of the running demo, taken anew."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from sandbox.demo.parts import start_parts
from sandbox.demo.processes import Parts
from sandbox.demo.story import Story
from sandbox.demo.world import World

IMAGES = Path(__file__).parent / "images"
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
WIDE, NARROW = (1280, 1000), (390, 844)


def main() -> int:
    """Play the demo with its bug and take the pictures on the way. 1 if there is no browser."""
    browser_path = os.environ.get("WAP_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if browser_path is None:
        print(f"No pictures were taken. There is no browser; install one of {', '.join(NAMES)}.", file=sys.stderr)
        return 1
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="wap-pictures-") as folder:
        world = World(Path(folder) / "world")
        world.create()
        with Parts(world.folder / "logs") as parts, sync_playwright() as playwright:
            at = start_parts(parts, world, page_port=0, bug=True)
            story = Story(parts, world, at, lambda line: print(line, file=sys.stderr))
            story.publish_first_day()
            run = story.ask_about_second_day()
            browser = playwright.chromium.launch(executable_path=browser_path, args=list(FLAGS))
            for size, scheme, name in ((WIDE, "light", "card"), (NARROW, "light", "card-narrow"), (WIDE, "dark", "card-dark")):
                page = browser.new_page(
                    viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, locale="en-GB"
                )
                page.goto(at.page)
                _waiting_card(page).scroll_into_view_if_needed()
                _take(page, name)
            _walk(browser.new_page(viewport={"width": WIDE[0], "height": WIDE[1]}, locale="en-GB"), at.page)
            story.decide(run, verdict="reject", via="slack")
            story.wait_for_end(run, world.production())
            page = browser.new_page(viewport={"width": WIDE[0], "height": WIDE[1]}, locale="en-GB")
            page.goto(at.page)
            page.wait_for_timeout(1500)
            _take(page, "rejected")
            browser.close()
    return 0


def _waiting_card(page: Page):  # type: ignore[no-untyped-def]
    card = page.get_by_test_id("timeline").locator("article").filter(has=page.get_by_role("button", name="Approve"))
    card.wait_for()
    return card


def _walk(page: Page, address: str) -> None:
    """Confirm dialog, reject form, thread."""
    page.goto(address)
    card = _waiting_card(page)
    card.get_by_role("button", name="Approve").click()
    page.get_by_test_id("confirm").wait_for()
    _take(page, "confirm")
    page.get_by_test_id("confirm-no").click()
    card.get_by_role("button", name="Reject").click()
    page.get_by_test_id("modal").wait_for()
    _take(page, "reject")
    page.get_by_test_id("modal-close").click()
    page.get_by_role("button", name="replies").last.click()
    page.wait_for_timeout(800)
    _take(page, "thread")


def _take(page: Page, name: str) -> None:
    page.wait_for_timeout(500)
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    raise SystemExit(main())
