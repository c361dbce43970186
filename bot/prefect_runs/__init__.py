"""The one door to Prefect: reads runs, claims keys, answers gates, hears hints; lists, starts and stops."""

from bot.prefect_runs.catalog import PrefectCatalog
from bot.prefect_runs.desk import PrefectDesk
from bot.prefect_runs.door import PrefectRuns

__all__ = ["PrefectCatalog", "PrefectDesk", "PrefectRuns"]
