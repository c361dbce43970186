"""Telling one person something, wherever that person acted: in a channel, by a command, on the Home tab."""

from collections.abc import Awaitable, Callable

from bot import log
from bot.blocks import limits
from bot.blocks.elements import section
from bot.payloads import Place
from bot.ports import Message, Slack, SlackFailed, SlackRefused


def words(text: str) -> Message:
    """A message of mrkdwn, in as many sections as Slack's limit of each makes it; lines stay whole."""
    sections = [""]
    for line in text.split("\n"):
        if sections[-1] and len(sections[-1]) + len(line) >= limits.SECTION_CHARS:
            sections.append("")
        sections[-1] += ("\n" if sections[-1] else "") + line
    return Message(limits.cut_bytes(text), tuple(map(section, sections)))


class Answers:
    """Reaches a person. Slack failing here changes nothing: the card and `/wap show` say what is stored."""

    def __init__(self, slack: Slack, at_home: Callable[[str, str], Awaitable[None]]) -> None:
        self._slack = slack
        self._at_home = at_home

    async def tell(self, place: Place, text: str, *, is_public: bool = False) -> None:
        """Say this; `is_public` shows the answer to a command to the whole channel that it was typed in."""
        try:
            await self._tell(place, text, is_public=is_public)
        except SlackFailed as error:
            log.warning("answer.lost", user=place.user_id, cause=error)

    async def show(self, place: Place, message: Message) -> None:
        """Show this to the person who typed a command. Raises SlackFailed."""
        await self._slack.answer(place.response_url, message)

    async def _tell(self, place: Place, text: str, *, is_public: bool) -> None:
        if place.channel:
            try:
                await self._slack.whisper(place.user_id, place.channel, text)
            except SlackRefused:
                # The bot is not (any more) in the channel; the address that came with the click works all the same.
                if not place.response_url:
                    raise
                await self._slack.answer(place.response_url, words(text))
        elif place.response_url:
            await self._slack.answer(place.response_url, words(text), is_public=is_public)
        else:
            await self._at_home(place.user_id, text)
