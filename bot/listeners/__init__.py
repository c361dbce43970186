"""One small file per Slack feature: acknowledge, then hand the work to a task of our own."""

from slack_bolt.async_app import AsyncApp

from bot.listeners import actions, commands, errors, events, links, mentions, rollbacks, views


def register(app: AsyncApp) -> None:
    """Connect every listener; their arguments are injected by name."""
    for feature in (actions, commands, views, rollbacks, events, links, mentions, errors):
        feature.register(app)
