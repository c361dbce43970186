"""The one door to Prefect: reads runs, claims keys, answers gates, hears hints."""

from bot.prefect_runs.door import PrefectRuns

__all__ = ["PrefectRuns"]
