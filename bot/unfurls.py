"""Use case: a link to one of our runs, pasted anywhere, becomes a small card."""

import re
from collections.abc import Callable
from datetime import datetime

from bot import log
from bot.blocks.link import link_message
from bot.card.state import card_of
from bot.ports import Message, Runs, Slack, SlackFailed
from bot.runs import Address, SharedLink

_LINKS = 5
_RUN = re.compile(r"/(?:runs|flow-runs)/flow-run/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:[/?#].*)?")


def run_of(url: str, ui_url: str) -> str | None:
    """The id of the run that this address of Prefect's UI shows; None for any other address."""
    if not url.startswith(ui_url):
        return None
    found = _RUN.fullmatch(url.removeprefix(ui_url))
    return found[1] if found else None


class Unfurls:
    """Attaches previews to what people write. They show no table and no value: anybody may read along."""

    def __init__(self, runs: Runs, slack: Slack, *, ui_url: str, clock: Callable[[], datetime]) -> None:
        self._runs = runs
        self._slack = slack
        self._ui_url = ui_url
        self._clock = clock

    async def shared(self, link: SharedLink) -> None:
        """Attach what is known of the runs; links to anything else stay as they are."""
        previews = {url: preview for url in link.urls[:_LINKS] if (preview := await self._preview(url))}
        if not previews:
            return
        try:
            await self._slack.unfurl(link, previews)
        except SlackFailed as error:  # deleted meanwhile, or of a domain that the app's manifest does not name
            log.warning("link.not_unfurled", cause=error)

    async def _preview(self, url: str) -> Message | None:
        run_id = run_of(url, self._ui_url)
        facts = await self._runs.facts(run_id) if run_id else None
        if facts is None:
            return None
        card = card_of(facts, now=self._clock())
        return link_message(card, url=url, card_url=await self._permalink(facts.card))

    async def _permalink(self, card: Address | None) -> str:
        if card is None:
            return ""
        try:
            return await self._slack.permalink(card)
        except SlackFailed:
            return ""
