"""Sample rows in the thread of a card: one message per changed table, each posted at most once."""

from collections.abc import Iterator

from bot import log
from bot.blocks.diff_table import by_importance
from bot.blocks.elements import context, paragraph
from bot.blocks.sample_table import sample_table
from bot.keys import samples_key
from bot.messages import on_card
from bot.ports import Message, Runs, Slack
from bot.runs import Address, Facts
from flows.contract import Report, TableDiff

TABLES = 10
_NOTES = 5
_NOTE_CHARS = 300


def sample_messages(report: Report) -> Iterator[Message]:
    """The thread of a report: changed tables in the order of the card. New and vanished tables need no examples."""
    changed = [diff for diff in by_importance(report.tables) if diff.status == "changed"]
    sampled = [diff for diff in changed if diff.samples or diff.notes]
    for diff in sampled[:TABLES]:
        yield _message(diff)
    if len(sampled) > TABLES:
        line = on_card.more_samples_line(len(sampled) - TABLES)
        yield Message(line, (context(line),))


async def post_samples(runs: Runs, slack: Slack, facts: Facts, card: Address) -> None:
    """Post what is missing. Claimed first: a crash in between loses one message rather than posting it twice."""
    report = facts.report
    if report is None:
        return
    for position, message in enumerate(sample_messages(report), start=1):
        key = samples_key(report.attempt, position)
        if key in facts.samples_posted or not await runs.claim(facts.run.id, key, {}):
            continue
        await slack.post_reply(card, message)
        log.info("samples.posted", run_id=facts.run.id, attempt=report.attempt, position=position)


def is_complete(facts: Facts) -> bool:
    """Whether every thread message of this attempt has been claimed."""
    report = facts.report
    if report is None:
        return True
    count = sum(1 for _ in sample_messages(report))
    return all(samples_key(report.attempt, place) in facts.samples_posted for place in range(1, count + 1))


def _message(diff: TableDiff) -> Message:
    line = on_card.samples_line(diff, len(diff.samples))
    rows = sample_table(diff)
    notes = [paragraph(note, length=_NOTE_CHARS) for note in diff.notes[:_NOTES]]
    return Message(line, (context(line), *([rows] if rows else []), *notes))
