"""Reminding approvers of a run that waits."""
