"""Block Kit as Slack enforces it: what a message, a modal and a Home tab may hold."""
