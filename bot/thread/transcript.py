"""Handing the discussion over: what people said in a card's thread goes to Prefect as soon as a decision is known."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot import log
from bot.blocks.escape import visible_lines
from bot.ports import TOO_LONG, Runs, Said, Slack, SlackFailed, SlackRefused
from bot.runs import Address, Facts
from bot.thread.payloads import mentioned, plain_text
from flows.contract import DISCUSSION_CHARS, REMARK_CHARS, REMARKS, Discussion, Remark, discussion_key

TOO_LATE = timedelta(hours=1)
"""The discussion of a run that ended longer ago is not collected any more: its receipt has long been read."""

_AFTERTHOUGHT = timedelta(seconds=5)  # two clocks do not agree on the moment of a decision
_NAMES = 50


def is_due(facts: Facts, *, now: datetime) -> bool:
    """Whether a decision (or the end of the run) is known and its discussion is not stored yet."""
    if facts.report is None or facts.discussion is not None or facts.card is None:
        return False
    if facts.run.is_over:
        return now - facts.run.since < TOO_LATE
    return facts.decision is not None or facts.acknowledgement is not None


def discussion(
    said: Sequence[Said], names: Mapping[str, str], *, attempt: int, link: Callable[[Said], str]
) -> Discussion:
    """The last remarks that fit. Pure; `said` oldest first."""
    kept: list[Remark] = []
    room = DISCUSSION_CHARS
    for one in reversed(said[-REMARKS:]):
        remark = Remark(
            user_id=one.user_id,
            name=names.get(one.user_id, one.user_id),
            at=datetime.fromtimestamp(float(one.ts), UTC),
            text=_short(visible_lines(plain_text(one.text, names))),
            permalink=link(one),
        )
        room -= len(remark.text)
        if room < 0:
            break
        kept.append(remark)
    return Discussion(attempt=attempt, remarks=tuple(reversed(kept)), left_out=len(said) - len(kept))


class Transcripts:
    """Reads threads when their run is decided: edited messages count as they are now, deleted ones not at all."""

    def __init__(self, runs: Runs, slack: Slack, *, clock: Callable[[], datetime]) -> None:
        self._runs = runs
        self._slack = slack
        self._clock = clock
        self._settled: set[tuple[str, int]] = set()

    def is_due(self, facts: Facts) -> bool:
        """Whether there is something to hand over now."""
        return is_due(facts, now=self._clock()) and _attempt(facts) not in self._settled

    async def store(self, facts: Facts, card: Address) -> None:
        """Store the discussion once. Raises SlackFailed when the thread cannot be read now; then it is tried again."""
        if facts.report is None:
            return
        try:
            made = await self._discussion(facts, card, facts.report.attempt)
        except SlackFailed as failure:
            if not _is_final(failure):
                raise
            log.warning("discussion.unreadable", run_id=facts.run.id, code=failure.code)
        else:
            await self._runs.claim(facts.run.id, discussion_key(made.attempt), made.model_dump(mode="json"))
            log.info("discussion.stored", run_id=facts.run.id, remarks=len(made.remarks), left_out=made.left_out)
        self._settled.add(_attempt(facts))

    async def _discussion(self, facts: Facts, card: Address, attempt: int) -> Discussion:
        until = facts.acknowledgement.at + _AFTERTHOUGHT if facts.acknowledgement else self._clock()
        said = [one for one in await self._slack.said(card) if float(one.ts) <= until.timestamp()]
        names = await self._names(said)
        address = await self._slack.permalink(card) if said else ""
        return discussion(said, names, attempt=attempt, link=lambda one: _reply_link(address, card, one.ts))

    async def _names(self, said: Sequence[Said]) -> dict[str, str]:
        """Names of those who spoke and of those who are spoken of. Whoever Slack does not tell keeps the id."""
        ids = dict.fromkeys(one.user_id for one in said[-REMARKS:])
        ids |= dict.fromkeys(user_id for one in said[-REMARKS:] for user_id in sorted(mentioned(one.text)))
        return {user_id: await self._name(user_id) for user_id in list(ids)[:_NAMES]}

    async def _name(self, user_id: str) -> str:
        try:
            return (await self._slack.person(user_id)).name
        except SlackFailed as error:
            log.warning("person.unknown", user=user_id, cause=error)
            return user_id


def _is_final(failure: SlackFailed) -> bool:
    """Whether nobody can read this thread any more: the card was deleted, the bot taken out of the channel, or there is
    too much in it."""
    return failure.code == TOO_LONG or (isinstance(failure, SlackRefused) and failure.code != "ratelimited")


def _attempt(facts: Facts) -> tuple[str, int]:
    return facts.run.id, facts.report.attempt if facts.report else 0


def _short(text: str) -> str:
    if len(text) <= REMARK_CHARS:
        return text
    return f"{text[: REMARK_CHARS - 40]} … ({len(text) - REMARK_CHARS + 40:,} more characters)"


def _reply_link(card_link: str, card: Address, ts: str) -> str:
    """The address of a reply, in the form in which Slack gave the card's; empty if that form is another."""
    before, mark, after = card_link.rpartition("/p" + card.ts.replace(".", ""))
    if not mark or after:
        return ""
    return f"{before}/p{ts.replace('.', '')}?thread_ts={card.ts}&cid={card.channel}"
