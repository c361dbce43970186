"""The discussion: read when the decision is known, stored once, with its ends told."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.ports import TOO_LONG, Said, SlackFailed, SlackRefused, SlackUnsure
from bot.runs import Address, Facts
from bot.thread.transcript import TOO_LATE, Transcripts, discussion, is_due
from flows.contract import DISCUSSION_CHARS, REMARK_CHARS, REMARKS, Discussion
from tests.bot.fakes import CHANNEL, FakeRuns, FakeSlack, clock
from tests.bot.test_card_state import waiting
from tests.builders import MINA, NOW, RUN_ID, TOMAS, acknowledgement

CARD = Address(CHANNEL, "1700000000.000100")


class LinkingSlack(FakeSlack):
    """Slack with addresses in the form that Slack gives them."""

    async def permalink(self, address: Address) -> str:
        self._call("permalink")
        return f"https://example.com/archives/{address.channel}/p{address.ts.replace('.', '')}"


def said(text: str, user: str = MINA, *, ts: str = "1700000001.000200") -> Said:
    """One message of a person."""
    return Said(user, ts, text)


def made(*remarks: Said, **names: str) -> Discussion:
    """The discussion of these messages."""
    return discussion(remarks, names, attempt=1, link=lambda one: f"link {one.ts}")


def decided(**changes: Any) -> Facts:
    """A run whose decision is known."""
    return replace(waiting(card=CARD), acknowledgement=acknowledgement(), **changes)


def test_discussion_is_due_once_a_decision_is_known() -> None:
    """Not while the run waits, not twice, not without a card, not for what ended long ago."""
    assert not is_due(waiting(card=CARD), now=NOW)
    assert is_due(decided(), now=NOW)
    assert not is_due(decided(discussion=Discussion(attempt=1)), now=NOW)
    assert not is_due(replace(decided(), card=None), now=NOW)
    over = decided()
    ended = replace(over, run=replace(over.run, state_type="COMPLETED", since=NOW))
    assert is_due(ended, now=NOW)
    assert not is_due(ended, now=NOW + TOO_LATE)


async def test_discussion_is_stored_once_with_names_and_links() -> None:
    """Who, when, what, where: under the key of the attempt."""
    runs, slack = FakeRuns(), LinkingSlack()
    facts = runs.add(decided())
    slack.remarks = [said("<@U0TOMAS001> is 12 &lt; 13 right? <!channel>"), said("yes", TOMAS, ts="1700000002.000300")]
    transcripts = Transcripts(runs, slack, clock=clock)
    for _ in range(2):
        await transcripts.store(facts, CARD)
    stored = Discussion.model_validate(runs.noted["wap-discussion-1"])
    assert [(one.name, one.text) for one in stored.remarks] == [
        ("Mina Okafor", "@Mina Okafor is 12 < 13 right? @channel"),
        ("Mina Okafor", "yes"),
    ]
    assert stored.remarks[0].at == datetime(2023, 11, 14, 22, 13, 21, 200, tzinfo=UTC)
    assert stored.remarks[0].permalink == (
        f"https://example.com/archives/{CHANNEL}/p1700000001000200?thread_ts={CARD.ts}&cid={CHANNEL}"
    )
    assert (stored.people, stored.messages) == (2, 2)
    assert runs.known[RUN_ID].discussion == stored


async def test_thread_that_nobody_can_read_is_given_up() -> None:
    """A deleted card has no thread, and one of ten thousand messages is not read at every tick; a busy Slack is asked
    again."""
    method = "conversations.replies"
    for failure, is_due_again in (
        (SlackRefused(method, "thread_not_found"), False),
        (SlackUnsure(method, TOO_LONG), False),
        (SlackRefused(method, "ratelimited"), True),
        (SlackUnsure(method, "TimeoutError"), True),
    ):
        runs, slack = FakeRuns(), FakeSlack()
        slack.fail("said", failure)
        facts, transcripts = runs.add(decided()), Transcripts(runs, slack, clock=clock)
        with suppress(SlackFailed):
            await transcripts.store(facts, CARD)
        assert transcripts.is_due(facts) is is_due_again
        assert not runs.noted


async def test_silence_is_stored_too() -> None:
    """Nobody having said anything is known, too, and costs no further call."""
    runs, slack = FakeRuns(), FakeSlack()
    await Transcripts(runs, slack, clock=clock).store(runs.add(decided()), CARD)
    assert Discussion.model_validate(runs.noted["wap-discussion-1"]) == Discussion(attempt=1)
    assert slack.history == ["said"]


async def test_what_was_said_after_the_decision_is_not_part_of_it() -> None:
    """A bot that was away reads the thread later, but only up to the decision."""
    runs, slack = FakeRuns(), FakeSlack()
    late = (acknowledgement().at + timedelta(minutes=1)).timestamp()
    slack.remarks = [said("before"), said("after", ts=f"{late:.6f}")]
    await Transcripts(runs, slack, clock=clock).store(runs.add(decided()), CARD)
    stored = Discussion.model_validate(runs.noted["wap-discussion-1"])
    assert [one.text for one in stored.remarks] == ["before"]


def test_long_remark_says_what_is_missing() -> None:
    """Cut at its limit, with the number of characters that are left out."""
    (remark,) = made(said("x" * 5_000)).remarks
    assert len(remark.text) <= REMARK_CHARS
    assert remark.text.endswith("… (3,040 more characters)")


def test_last_remarks_are_kept() -> None:
    """They are nearest to the decision; how many older ones are missing is told."""
    many = made(*(said(str(number)) for number in range(500)))
    assert len(many.remarks) == REMARKS
    assert many.remarks[-1].text == "499"
    assert (many.left_out, many.messages) == (300, 500)
    wordy = made(*(said("x" * 1_900) for _ in range(100)))
    assert sum(len(one.text) for one in wordy.remarks) <= DISCUSSION_CHARS
    assert wordy.messages == 100


def test_hostile_remark_is_plain_text() -> None:
    """Control and bidirectional characters are shown; lines stay lines."""
    (remark,) = made(said("a\u202eb\x00\nc <https://example.com|click> *b*")).remarks
    assert remark.text == "a⟨U+202E⟩b⟨U+0000⟩\nc click (https://example.com) *b*"
