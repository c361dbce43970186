"""What the flow keeps in Prefect and reads from it: documents, claims, locks, other runs."""
