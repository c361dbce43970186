"""What the sandbox page shows, checked in a real browser against a real sandbox."""

from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect
from websockets.sync.client import connect

from sandbox.workspace import DATA_RELEASES, GUEST, MINA, MINA_DM, TOMAS

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script> <javascript:alert(3)|here>"


def plain(text: str) -> dict[str, Any]:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def cell(value: str | int) -> dict[str, Any]:
    """A raw_text or raw_number cell."""
    if isinstance(value, int):
        return {"type": "raw_number", "value": value, "text": f"{value:,}"}
    return {"type": "raw_text", "text": value}


def card(*, header: str = "dwh: 2 tables change", name: str = "orders") -> list[dict[str, Any]]:
    """A message with header, context, table and actions."""
    confirm = {
        "title": plain("Publish 2 tables?"),
        "text": {"type": "mrkdwn", "text": "*727* rows are added."},
        "confirm": plain("Publish"),
        "deny": plain("Not yet"),
    }
    approve = {"type": "button", "action_id": "approve", "value": "run-1", "text": plain("Approve")}
    return [
        {"type": "header", "block_id": "head", "text": plain(header)},
        {
            "type": "context",
            "block_id": "facts",
            "elements": [{"type": "mrkdwn", "text": f"Requested by <@{TOMAS}>, *soon*"}],
        },
        {
            "type": "table",
            "block_id": "diff",
            "column_settings": [{"is_wrapped": False}, {"align": "right"}],
            "rows": [
                [cell("Table"), cell("Rows"), cell("Added")],
                [cell(name), cell("10,204 → 10,931"), cell(727)],
                [cell("a_table_with_a_rather_long_name"), cell("41,020 → 43,880"), cell(2860)],
            ],
        },
        {
            "type": "actions",
            "block_id": "decide",
            "elements": [
                approve | {"style": "primary", "confirm": confirm},
                {"type": "button", "action_id": "details", "value": "run-1", "text": plain("Details")},
            ],
        },
    ]


def message(page: Page, ts: str) -> Locator:
    """One message of the channel."""
    return page.get_by_test_id("timeline").locator(f'article[data-ts="{ts}"]')


def test_card_shows_header_people_table_and_buttons(sandbox, look) -> None:
    """Every block of a card is drawn: names instead of ids, a header row, numbers on the right."""
    ts = sandbox.post(DATA_RELEASES, "card", blocks=card())
    shown = message(look(sandbox, MINA), ts)

    expect(shown.get_by_role("heading", name="dwh: 2 tables change")).to_be_visible()
    expect(shown.locator('[data-block="facts"]')).to_have_text("Requested by @tomas, soon")
    expect(shown.locator('[data-block="facts"] strong')).to_have_text("soon")
    expect(shown.locator("thead th")).to_have_text(["Table", "Rows", "Added"])
    expect(shown.locator("tbody tr").first.locator("td")).to_have_text(["orders", "10,204 → 10,931", "727"])
    for column in (1, 2):
        expect(shown.locator("tbody tr").first.locator("td").nth(column)).to_have_css("text-align", "right")
    expect(shown.get_by_role("button", name="Approve")).to_be_enabled()
    expect(shown.get_by_text("app", exact=True)).to_be_visible()


def test_page_without_a_person_shows_somebody(sandbox, browser) -> None:
    """The bare address works: the sandbox chooses who looks."""
    page = browser.new_page()
    page.goto(sandbox.url)

    expect(page.get_by_role("radio", checked=True)).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_text("# data-releases")
    page.close()


def test_hostile_text_stays_text(sandbox, look) -> None:
    """Markup in a header, a cell, a text or a name of a link is read, never run."""
    ts = sandbox.post(DATA_RELEASES, "card", blocks=card(header=HOSTILE, name=HOSTILE))
    text = sandbox.post(DATA_RELEASES, HOSTILE)
    page = look(sandbox, MINA)

    expect(message(page, ts).get_by_role("heading")).to_have_text(HOSTILE)
    expect(message(page, ts).locator("tbody td").first).to_have_text(HOSTILE)
    expect(message(page, text)).to_contain_text("<img src=x onerror=alert(1)><script>alert(2)</script>")
    expect(page.locator("article img, article script, article a[href^='javascript']")).to_have_count(0)


def test_mrkdwn_is_styled(sandbox, look) -> None:
    """Bold, italic, strike, code, quotes, links, dates and known emoji become elements; the rest stays."""
    text = (
        "*bold* _italic_ ~gone~ `a*b*c` 2*3*4 snake_case_name :white_check_mark: :unheard_of:\n"
        "&gt; quoted\n<https://example.com/a?b=1&amp;c=2|the run> <!date^1782909900^{date_num}, {time}|later>"
    )
    shown = message(look(sandbox, MINA), sandbox.post(DATA_RELEASES, text))

    expect(shown.locator("strong")).to_have_text(["bold"])
    expect(shown.locator("em")).to_have_text(["italic"])
    expect(shown.locator("s")).to_have_text(["gone"])
    expect(shown.locator("code")).to_have_text(["a*b*c"])
    expect(shown.locator("blockquote")).to_have_text(["quoted"])
    expect(shown.get_by_role("link", name="the run")).to_have_attribute("href", "https://example.com/a?b=1&c=2")
    expect(shown.get_by_role("img", name="white check mark")).to_be_visible()
    expect(shown).to_contain_text(":unheard_of:")
    expect(shown).to_contain_text("2*3*4 snake_case_name")
    expect(shown.locator("time[title=later]")).to_have_text("01/07/2026, 13:45")


def test_picture_elsewhere_is_not_loaded(sandbox, look) -> None:
    """A picture on another host stays a link, so that nothing leaves the machine."""
    blocks = [{"type": "image", "image_url": "https://tracker.example.com/p.png", "alt_text": "a chart"}]
    page = look(sandbox, MINA)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    shown = message(page, sandbox.post(DATA_RELEASES, "picture", blocks=blocks))

    expect(shown.get_by_role("link", name="a chart")).to_be_visible()
    assert [url for url in asked if "example.com" in url] == []


def test_confirm_dialog_can_be_left_without_a_click(sandbox, look) -> None:
    """A button with a confirm object asks first; Esc and the second button leave everything as it was."""
    ts = sandbox.post(DATA_RELEASES, "card", blocks=card())
    page = look(sandbox, MINA)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    approve = message(page, ts).get_by_role("button", name="Approve")

    approve.click()
    dialog = page.get_by_role("dialog", name="Publish 2 tables?")
    expect(dialog).to_contain_text("727 rows are added.")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    approve.click()
    page.get_by_role("dialog").get_by_role("button", name="Not yet").click()

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(approve).to_be_focused()
    assert sent == []


def test_click_without_an_app_warns_beside_the_button(sandbox, look) -> None:
    """Nobody answers, so the button waits, and then a warning stands in the same message."""
    ts = sandbox.post(DATA_RELEASES, "card", blocks=card())
    other = sandbox.post(DATA_RELEASES, "card", blocks=card())
    page = look(sandbox, MINA)

    message(page, ts).get_by_role("button", name="Details").click()

    expect(message(page, ts).get_by_test_id("warning")).to_contain_text("wap")
    expect(message(page, ts).get_by_role("button", name="Details")).to_be_enabled()
    expect(message(page, other).get_by_test_id("warning")).to_have_count(0)


def test_other_person_sees_other_things(sandbox, look) -> None:
    """Switching the person changes channels, ephemeral notes and the address; the choice survives a reload."""
    sandbox.call("chat.postEphemeral", channel=DATA_RELEASES, user=MINA, text="only for Mina")
    page = look(sandbox, MINA)
    note = page.locator("article.ephemeral", has_text="only for Mina")
    expect(note).to_contain_text("Only visible to you")
    expect(page.get_by_role("link", name="general")).to_be_visible()

    page.get_by_role("radio", name="Gale Forrest").check()

    expect(page.get_by_role("link", name="general")).to_have_count(0)
    expect(note).to_have_count(0)
    expect(page.get_by_test_id("act-as").locator("label", has_text="Gale Forrest")).to_contain_text("guest")
    page.reload()
    expect(page.get_by_role("radio", name="Gale Forrest")).to_be_checked()
    assert f"as={GUEST}" in page.url


def test_unread_channel_is_marked_until_it_is_opened(sandbox, look) -> None:
    """A message in a conversation that is not shown puts a mark on it, which goes when it is opened."""
    page = look(sandbox, MINA)
    expect(page.get_by_test_id(f"channel-{MINA_DM}")).to_be_visible()
    sandbox.post(MINA, "A word to Mina.")

    expect(page.get_by_test_id(f"channel-{MINA_DM}")).to_contain_text("new messages")
    page.get_by_test_id(f"channel-{MINA_DM}").click()
    expect(page.get_by_test_id("timeline")).to_contain_text("A word to Mina.")
    expect(page.get_by_test_id(f"channel-{MINA_DM}")).not_to_contain_text("new messages")


def test_wide_data_table_sorts_and_turns_pages(sandbox, look) -> None:
    """A data_table shows a page of rows, sorts by a press on a column and finds rows by their text."""
    rows = [[cell("id"), cell("status")], *([cell(n), cell("paid" if n % 2 else "open")] for n in range(1, 8))]
    block = {"type": "data_table", "block_id": "rows", "caption": "Changed rows", "page_size": 3, "rows": rows}
    shown = message(look(sandbox, MINA), sandbox.post(DATA_RELEASES, "rows", blocks=[block]))
    first = shown.locator("tbody tr").first
    expect(first).to_have_text("1paid")

    shown.get_by_role("button", name="id").click()
    shown.get_by_role("button", name="id").click()
    expect(first).to_have_text("7paid")
    shown.get_by_role("button", name="Next").click()
    expect(first).to_have_text("4open")
    shown.get_by_label("Filter rows").fill("open")

    expect(shown.locator("tbody tr")).to_have_text(["6open", "4open", "2open"])
    expect(shown.get_by_role("status")).to_have_text("3 rows, page 1 of 1")


def test_narrow_page_does_not_scroll_sideways(sandbox, look) -> None:
    """At 390 px the table scrolls inside its message, and everything else fits."""
    ts = sandbox.post(DATA_RELEASES, "card", blocks=card(name="x" * 200))
    page = look(sandbox, MINA, size=(390, 844))
    expect(message(page, ts)).to_be_visible()

    wide = "element => element.scrollWidth > element.clientWidth"
    assert not page.locator("html").evaluate(wide)
    assert not page.get_by_test_id("timeline").evaluate(wide)
    assert message(page, ts).locator(".table-scroll").evaluate(wide)
    expect(message(page, ts).get_by_role("button", name="Approve")).to_be_in_viewport()
    page.get_by_role("button", name="Channels and people").click()
    expect(page.get_by_role("radio", name="Tomas Lindqvist")).to_be_in_viewport()


def test_reply_goes_into_the_thread(sandbox, look) -> None:
    """The replies open beside the channel; a reply stands there and not in the channel."""
    ts = sandbox.post(DATA_RELEASES, "card", blocks=card())
    sandbox.post(DATA_RELEASES, "orders: 727 rows added", thread_ts=ts)
    page = look(sandbox, MINA)
    message(page, ts).get_by_role("button", name="1 reply").click()
    thread = page.get_by_test_id("thread")
    expect(thread).to_contain_text("orders: 727 rows added")

    thread.get_by_label("Reply in thread").fill("Why <so> many & where?")
    page.keyboard.press("Enter")

    expect(thread.locator("article").last).to_contain_text("Why <so> many & where?")
    expect(page.get_by_test_id("timeline").get_by_text("Why <so> many")).to_have_count(0)
    expect(message(page, ts).get_by_role("button", name="2 replies")).to_be_visible()


def test_typing_survives_an_update(sandbox, look) -> None:
    """An edited message is replaced by itself; what somebody types and where the focus is stays."""
    ts = sandbox.post(DATA_RELEASES, "before")
    page = look(sandbox, MINA)
    box = page.get_by_label("Message", exact=True)
    box.fill("half a sen")

    sandbox.call("chat.update", channel=DATA_RELEASES, ts=ts, text="after")

    expect(message(page, ts)).to_contain_text("after")
    expect(message(page, ts).get_by_text("edited")).to_be_visible()
    expect(box).to_have_value("half a sen")
    expect(box).to_be_focused()


def test_page_notices_an_app_that_connects(start_sandbox, look) -> None:
    """The note that nobody answers goes away when an app opens its socket."""
    sandbox, _ = start_sandbox()
    page = look(sandbox, MINA)
    expect(page.get_by_text("wap is not connected")).to_be_visible()
    headers = {"authorization": f"Bearer {sandbox.app_token}"}
    opened = httpx.post(f"{sandbox.url}/api/apps.connections.open", headers=headers, trust_env=False).json()

    with connect(opened["url"], proxy=None):
        expect(page.get_by_text("wap is not connected")).to_have_count(0)


def test_lost_connection_is_told_and_found_again(start_sandbox, look) -> None:
    """When the sandbox ends the page says so and keeps what it showed, until there is a sandbox again."""
    sandbox, process = start_sandbox()
    ts = sandbox.post(DATA_RELEASES, "before the end")
    page = look(sandbox, MINA)
    expect(message(page, ts)).to_be_visible()
    expect(page.get_by_text("Reconnecting")).to_be_hidden()

    process.terminate()
    process.wait(60)
    expect(page.get_by_text("Reconnecting")).to_be_visible()
    expect(message(page, ts)).to_be_visible()
    start_sandbox(port=int(sandbox.url.rpartition(":")[2]))

    expect(page.get_by_text("Reconnecting")).to_be_hidden()
    expect(message(page, ts)).to_have_count(0)
