"""The Slack side: shows runs that wait for a decision, and carries decisions to Prefect."""
