"""A person opens the page, presses Approve and Confirm, and sees production change: real browser, real everything."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.story.running_demo import RunningDemo


def test_approve_in_a_browser_publishes(browser: Browser, tmp_path: Path) -> None:
    """The card shows the difference as a table; Approve asks to confirm; then the same card says Published."""
    with RunningDemo(tmp_path / "world", "--json") as demo:
        page = browser.new_page()
        page.goto(demo.page())
        card = page.get_by_test_id("timeline").locator("article").filter(has=page.get_by_role("button", name="Approve"))
        expect(card.locator("table")).to_contain_text("orders")
        ts = card.get_attribute("data-ts")
        card.get_by_role("button", name="Approve", exact=True).click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("dwh")
        dialog.get_by_role("button").filter(has_text="Publish").click()
        same = page.locator(f'article[data-ts="{ts}"]').first
        expect(same).to_contain_text("Published", timeout=180_000)
        expect(same.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
        result = demo.result()
    assert (result["state"], result["decided_by"]) == ("Published", "Mina Okafor")
    assert result["production"]["before"] != result["production"]["after"]
