"""A local Slack, strict enough to contradict the bot, that runs without any account."""
