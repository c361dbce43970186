"""How the bot's work is queued, shared, paced and drained."""
