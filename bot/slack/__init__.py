"""The one way to Slack's Web API."""
