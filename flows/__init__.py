"""The Prefect side: write into staging, audit against production, wait for a decision, publish."""
