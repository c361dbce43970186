"""What a person does on the page reaches a real Bolt app, and what the app does reaches the page."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from sandbox.workspace import DATA_RELEASES, MINA, TOMAS

PATIENCE_SECONDS = 10.0


def plain(text: str) -> dict[str, Any]:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def button(action_id: str, label: str, **fields: Any) -> dict[str, Any]:
    """A button with a value."""
    return {"type": "button", "action_id": action_id, "text": plain(label), "value": "run-1", **fields}


def actions(*elements: dict[str, Any]) -> list[dict[str, Any]]:
    """A message with one row of elements."""
    text = {"type": "mrkdwn", "text": "2 tables change."}
    return [
        {"type": "section", "block_id": "text", "text": text},
        {"type": "actions", "block_id": "decide", "elements": list(elements)},
    ]


def rejection() -> dict[str, Any]:
    """A modal with a required reason and an optional person."""
    reason = {"type": "plain_text_input", "action_id": "text", "multiline": True, "max_length": 300}
    person = {"type": "users_select", "action_id": "user"}
    return {
        "type": "modal",
        "callback_id": "rejection",
        "title": plain("Reject this run"),
        "submit": plain("Reject"),
        "close": plain("Cancel"),
        "blocks": [
            {"type": "input", "block_id": "why", "label": plain("Reason"), "element": reason},
            {"type": "input", "block_id": "who", "label": plain("Tell"), "optional": True, "element": person},
        ],
    }


@dataclass(frozen=True, slots=True)
class Heard:
    """What the app was told, in order, and a gate that holds the answer to the button `slow` back."""

    lines: list[str] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)


def _listen(app: App, heard: Heard) -> None:
    @app.action("approve")
    def _(ack: Any, body: Any, client: WebClient) -> None:
        ack()
        heard.lines.append(f"approve {body['actions'][0]['value']} by {body['user']['id']}")
        ts = body["message"]["ts"]
        client.chat_update(channel=DATA_RELEASES, ts=ts, text="Published.", blocks=actions()[:1])

    @app.action("slow")
    def _(ack: Any) -> None:
        heard.gate.wait(PATIENCE_SECONDS)
        ack()

    @app.action("table")
    def _(ack: Any, body: Any) -> None:
        ack()
        heard.lines.append(f"table {body['actions'][0]['selected_option']['value']}")

    @app.action("reject")
    def _(ack: Any, body: Any, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=rejection())

    @app.view("rejection")
    def _(ack: Any, view: Any) -> None:
        values = view["state"]["values"]
        reason, person = values["why"]["text"]["value"], values["who"]["user"]["selected_user"]
        if reason == "no":
            ack(response_action="errors", errors={"why": "Not rejected. Say what should change."})
            return
        ack()
        heard.lines.append(f"rejected: {reason} ({person})")

    @app.command("/wap")
    def _(ack: Any, command: Any) -> None:
        ack(f"You asked for `{command['text']}`.")

    @app.event("app_home_opened")
    def _(event: Any, client: WebClient) -> None:
        blocks = actions(button("from_home", f"Review as {event['user']}"))
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @app.action("from_home")
    def _(ack: Any, body: Any) -> None:
        ack()
        heard.lines.append(f"home {body['view']['type']}")


@pytest.fixture(scope="module")
def app(sandbox) -> Iterator[Heard]:
    """A Bolt app on the sandbox's Socket Mode, one per module because the SDK takes seconds to let go."""
    told = Heard()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            patch.delenv(name, raising=False)  # the SDK would send 127.0.0.1 through it
        client = WebClient(token=sandbox.bot_token, base_url=f"{sandbox.url}/api/")
        bolt = App(client=client, signing_secret=sandbox.signing_secret)
        _listen(bolt, told)
        handler = SocketModeHandler(bolt, sandbox.app_token, web_client=client)
        handler.connect()
        yield told
        handler.close()


@pytest.fixture
def heard(app: Heard) -> Iterator[Heard]:
    """What the app hears during one test."""
    app.lines.clear()
    app.gate.clear()
    yield app
    app.gate.set()


def card(page: Page, ts: str) -> Locator:
    """One message of the channel."""
    return page.get_by_test_id("timeline").locator(f'article[data-ts="{ts}"]')


def test_confirmed_click_reaches_the_app_once_and_the_card_follows(sandbox, heard, look) -> None:
    """Yes in the dialog sends one click with the button's value; the edited card appears by itself."""
    confirm = {
        "title": plain("Publish?"),
        "text": plain("All of it."),
        "confirm": plain("Publish"),
        "deny": plain("No"),
    }
    ts = sandbox.post(DATA_RELEASES, "card", blocks=actions(button("approve", "Approve", confirm=confirm)))
    page = look(sandbox, MINA)

    expect(page.get_by_text("wap is not connected")).to_have_count(0)
    card(page, ts).get_by_role("button", name="Approve").click()
    page.get_by_role("dialog", name="Publish?").get_by_role("button", name="Publish").click()

    expect(card(page, ts).get_by_text("edited")).to_be_visible()
    expect(card(page, ts).get_by_role("button", name="Approve")).to_have_count(0)
    assert heard.lines == [f"approve run-1 by {MINA}"]


def test_button_waits_until_the_app_answers(sandbox, heard, look) -> None:
    """Between the press and the acknowledgement the button is busy and cannot be pressed again."""
    ts = sandbox.post(DATA_RELEASES, "card", blocks=actions(button("slow", "Think")))
    think = card(look(sandbox, MINA), ts).get_by_role("button", name="Think")

    think.click()

    expect(think).to_have_attribute("aria-busy", "true")
    expect(think).to_be_disabled()
    heard.gate.set()
    expect(think).to_be_enabled()
    expect(think).not_to_have_attribute("aria-busy", "true")


def test_choice_in_a_message_reaches_the_app(sandbox, heard, look) -> None:
    """Picking from a select sends the option's value."""
    options = [{"text": plain(name), "value": name} for name in ("orders", "customers")]
    select = {"type": "static_select", "action_id": "table", "placeholder": plain("Table"), "options": options}
    ts = sandbox.post(DATA_RELEASES, "card", blocks=actions(select))
    page = look(sandbox, MINA)

    with page.expect_response("**/control/act"):
        card(page, ts).get_by_role("combobox").select_option("customers")

    assert heard.lines == ["table customers"]


def test_modal_keeps_what_was_typed_until_the_app_accepts_it(sandbox, heard, look) -> None:
    """An empty field stops at the page, a refused one shows the app's sentence under it, a good one closes."""
    ts = sandbox.post(DATA_RELEASES, "card", blocks=actions(button("reject", "Reject")))
    page = look(sandbox, MINA)
    card(page, ts).get_by_role("button", name="Reject").click()
    modal = page.get_by_role("dialog", name="Reject this run")
    reason = modal.get_by_label("Reason")
    expect(reason).to_be_focused()

    modal.get_by_test_id("modal-submit").click()
    expect(modal.get_by_role("alert")).to_contain_text("required")
    reason.fill("no")
    modal.get_by_label("Tell").select_option(TOMAS)
    modal.get_by_test_id("modal-submit").click()
    expect(modal.get_by_role("alert")).to_have_text("Not rejected. Say what should change.")
    expect(reason).to_have_value("no")
    expect(reason).to_be_focused()
    reason.fill("The discount of <orders> is wrong & late.")
    modal.get_by_test_id("modal-submit").click()

    expect(modal).to_have_count(0)
    assert heard.lines == [f"rejected: The discount of <orders> is wrong & late. ({TOMAS})"]


def test_escape_closes_the_modal(sandbox, heard, look) -> None:
    """Esc leaves the modal without submitting, and the focus returns to the button."""
    ts = sandbox.post(DATA_RELEASES, "card", blocks=actions(button("reject", "Reject")))
    page = look(sandbox, MINA)
    reject = card(page, ts).get_by_role("button", name="Reject")
    reject.click()
    expect(page.get_by_role("dialog")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(reject).to_be_focused()
    assert heard.lines == []


def test_command_is_answered_to_this_person_only(sandbox, heard, look) -> None:
    """A text that begins with a slash goes to the app; its answer is an ephemeral note."""
    page = look(sandbox, MINA)
    box = page.get_by_label("Message", exact=True)
    box.fill("/wap owners dwh")
    expect(page.get_by_text("/wap is sent to the app as a command")).to_be_visible()
    box.press("Enter")

    note = page.locator("article.ephemeral").last
    expect(note).to_contain_text("You asked for owners dwh.")
    expect(note).to_contain_text("Only visible to you")
    expect(box).to_have_value("")


def test_home_is_published_when_it_is_opened(sandbox, heard, look) -> None:
    """Opening Home tells the app, shows what it publishes for this person, and its buttons work."""
    page = look(sandbox, TOMAS)
    page.get_by_test_id("home").click()
    review = page.get_by_test_id("home-view").get_by_role("button", name=f"Review as {TOMAS}")
    expect(review).to_be_visible()

    with page.expect_response("**/control/act"):
        review.click()

    assert heard.lines == ["home home"]


def test_mention_is_sent_as_an_id(sandbox, heard, look) -> None:
    """Choosing a name from the list writes it, and the message carries the person's id."""
    page = look(sandbox, MINA)
    page.get_by_label("Message", exact=True).click()
    page.keyboard.type("@to")
    page.get_by_role("option", name="tomas").click()
    page.keyboard.type("see <this> & that")
    page.keyboard.press("Enter")

    said = page.get_by_test_id("timeline").locator("article").last
    expect(said).to_contain_text("@tomas see <this> & that")
    expect(said.locator(f'[data-user="{TOMAS}"]')).to_be_visible()


def test_files_are_shown_and_can_be_downloaded(sandbox, heard, look) -> None:
    """A CSV is a chip that downloads under its own name."""
    app = WebClient(token=sandbox.bot_token, base_url=f"{sandbox.url}/api/")
    app.files_upload_v2(channel=DATA_RELEASES, filename="orders.csv", title="orders.csv", content="id\n1\n")
    page = look(sandbox, MINA)

    with page.expect_download() as download:
        page.get_by_role("link", name="orders.csv").click()

    assert download.value.suggested_filename == "orders.csv"
    assert download.value.path().read_text() == "id\n1\n"
