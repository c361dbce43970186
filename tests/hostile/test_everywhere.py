"""Whatever data says, Slack accepts what we send, and it mentions, links, formats and calculates nothing.

Here a few hundred texts; `python -m tests.hostile` takes ten thousand of each kind.
"""

import os

import pytest

from tests.hostile.check import ROLES, run
from tests.hostile.huge import every_surface
from tests.hostile.other_eyes import stray_in_csv, stray_in_markdown
from tests.hostile.slack_eyes import stray, stray_in_file, stray_in_mrkdwn, stray_in_notification
from tests.hostile.surfaces import sentences, surfaces
from tests.hostile.texts import Texts
from tests.hostile.values import Values

TEXTS = int(os.environ.get("WAP_EXAMPLES", "300"))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_hostile_texts_are_accepted_and_stay_texts(seed: int) -> None:
    """No payload is refused, and nothing in it is what the data made of it."""
    seen = run(TEXTS, seed=seed)
    assert seen.refused == []
    assert seen.stray == []
    assert all(seen.given[role] >= TEXTS for role in ROLES)


def test_texts_of_a_megabyte_are_accepted_everywhere() -> None:
    """Past the contract, which cuts them: names and words of any size become a few characters on every surface."""
    assert every_surface("<!here> =1 \u202e" * 2**16) == []


def test_every_surface_and_every_sentence_is_looked_at() -> None:
    """All stages of a card, and all sentences of bot/messages, also those that are written tomorrow."""
    made = {one.surface for number in range(8) for one in surfaces(Values(Texts(number), number))}
    cards = {surface for surface in made if surface.startswith("card, ")}
    assert len(cards) == 13
    assert {"thread", "CSV", "chart", "Home", "modal, details", "list of /wap diff", "preview of a link"} <= made
    said = {surface.removeprefix("sentence, ") for surface in made if surface.startswith("sentence, ")}
    assert len(said) > 0.9 * len(list(sentences()))


@pytest.mark.parametrize(
    "text",
    [
        "hello <!here>",
        "<@U0MINA9999>",
        "<#C0GENERAL9|general>",
        "`<!channel>`",
        "<http://evil.example.com|click>",
        "<http://127.0.0.1:4200.evil.example.com|click>",
        "see http://evil.example.com",
        "mina@example.com",
        "@channel",
        "a :tada: b",
        "so *b* so",
        "a\u202eb",
        "1 < 2",
        "<!date^1^{date}^https://evil.example.com|now>",
    ],
)
def test_what_slack_would_render_is_seen(text: str) -> None:
    """The eyes of these tests see each kind of stray; a test that sees nothing proves nothing."""
    assert list(stray_in_mrkdwn(text))
    assert list(stray({"type": "section", "text": {"type": "mrkdwn", "text": text}}))


@pytest.mark.parametrize(
    "text",
    [
        "`http://evil.example.com` &lt;!here&gt;",
        "<@U0MINA0001> <!subteam^S0OWNERS01>",
        "<!date^1772443800^{date_short_pretty} {time}|2026-03-02 09:30 UTC>",
        "*<http://127.0.0.1:4200/runs/flow-run/1|&lt;!here&gt; evil.example.com>*",
    ],
)
def test_what_is_ours_is_not_stray(text: str) -> None:
    """Code, escapes, our own mentions, moments and links."""
    assert list(stray_in_mrkdwn(text)) == []


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "markdown", "text": "hello"},
        {"type": "rich_text_section", "elements": [{"type": "broadcast", "range": "here"}]},
        {"type": "rich_text_section", "elements": [{"type": "link", "url": "https://evil.example.com"}]},
        {"type": "raw_text", "text": "a\u200bb"},
        {"type": "plain_text", "text": ":tada:"},
        {"type": "button", "url": "https://evil.example.com"},
        {"type": "image", "image_url": "https://evil.example.com/a.png", "alt_text": "a"},
    ],
)
def test_elements_that_render_are_seen(payload: dict[str, object]) -> None:
    """Also deep inside of a view."""
    assert list(stray({"type": "home", "blocks": [{"type": "x", "elements": [payload]}]}))


def test_files_notifications_and_pages_are_seen_through() -> None:
    """Each with its own rules."""
    assert list(stray_in_file("../a.csv", "", "", ""))
    assert list(stray_in_file("a.csv", "a\u202eb", "", ""))
    assert list(stray_in_file("a.csv", "", "<!here>", ""))
    assert list(stray_in_notification("<!here> and"))
    assert list(stray_in_notification("run `http://evil.example.com`")) == []
    for page in (
        "[a](http://evil.example.com)",
        "<b>",
        "![a](b)",
        "see www.example.com",
        "a@example.com",
        "> a",
        "\x00",
    ):
        assert list(stray_in_markdown(page))
    assert list(stray_in_markdown("`www.example.com` \\<b\\> \\[a\\](b)")) == []


@pytest.mark.parametrize("cell", ["=1", " +1", "\u200b-1", "＝1", '"a""\n"', "\t1", "a\x00b"])  # noqa: RUF001
def test_dangerous_csv_is_seen(cell: str) -> None:
    """Formulas however they hide, line breaks, and what cannot be seen."""
    quoted = cell if cell.startswith('"') else f'"{cell}"'
    _, problems = stray_in_csv("\ufeffhead\r\n".encode() + quoted.encode() + b"\r\n")
    assert problems
    assert stray_in_csv('\ufeffhead\r\n"\'=1"\r\n'.encode()) == (2, [])
