"""What `docs.pictures` takes pictures with: pages of one look, and small files."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, TimeoutError

_SHARP = 1.5
"""Pixels per point, so that letters stay sharp on dense screens."""


_ASKED = 5


@dataclass(frozen=True, slots=True)
class Camera:
    """Opens pages of the sandbox and keeps what it sees as PNG files in a folder."""

    browser: Browser
    address: str
    folder: Path

    def page(self, *, width: int, height: int = 1100, scheme: str = "light", address: str = "") -> Page:
        """A page of this size, in points."""
        page = self.browser.new_page(
            viewport={"width": width, "height": height},
            device_scale_factor=_SHARP,
            color_scheme="dark" if scheme == "dark" else "light",
            locale="en-GB",
        )
        page.goto(address or self.address)
        return page

    def take(self, seen: Page | Locator, name: str) -> None:
        """Write the picture as NAME.png."""
        if isinstance(seen, Locator):
            seen.wait_for()
            seen.page.wait_for_timeout(600)  # for what fades in
        else:
            seen.wait_for_timeout(1500)
        seen.screenshot(path=self.folder / f"{name}.png")


def card(page: Page, *, button: str = "Approve") -> Locator:
    """The newest card that has this button."""
    cards = page.get_by_test_id("timeline").locator("article")
    found = cards.filter(has=page.get_by_role("button", name=button, exact=True)).last
    found.wait_for()
    return found


def take_card(camera: Camera, name: str, *, width: int = 1260, scheme: str = "light", button: str = "Approve") -> None:
    """The card from its head to its buttons."""
    page = camera.page(width=width, height=3000, scheme=scheme)
    camera.take(card(page, button=button), name)
    page.close()


def take_phone(camera: Camera, name: str) -> None:
    """What somebody sees of the card who opens it on a phone."""
    page = camera.page(width=390, height=844)
    card(page).evaluate("card => card.scrollIntoView()")
    camera.take(page, name)
    page.close()


def take_thread(camera: Camera) -> None:
    """A table in the thread, and the thread's end: the chart, a question and its answer."""
    page = camera.page(width=720, height=1100)
    card(page).get_by_test_id("open-thread").click()
    thread = page.get_by_test_id("thread")
    messages = thread.locator("article", has_not=page.get_by_role("button", name="Approve"))
    camera.take(messages.filter(has=page.locator(".block-section code:text-is('order_items')")).first, "thread")
    messages.filter(has_text=".csv").first.wait_for(timeout=60_000)  # the last thing that a thread gets by itself
    before = messages.count()
    type_command(page, "@wap rows orders removed", box="thread-composer")
    messages.nth(before + 1).wait_for()
    page.wait_for_timeout(1000)
    messages.last.scroll_into_view_if_needed()
    camera.take(thread, "question")
    page.close()


def type_command(page: Page, text: str, *, box: str = "composer") -> None:
    """Write it into the box of the channel or of the thread, and send it."""
    field = page.get_by_test_id(box).locator("textarea")
    field.fill(text)
    field.press("Enter")


def until_open(ask: Callable[[], None], dialog: Locator) -> Locator:
    """Ask for a dialog, again if need be: an app has three seconds to open one, which a busy machine may not keep."""
    for _ in range(_ASKED):
        ask()
        try:
            dialog.wait_for(timeout=8_000)
            break
        except TimeoutError:
            continue
    return dialog
