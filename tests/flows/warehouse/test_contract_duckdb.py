"""DuckDB keeps the contract of every warehouse; the fixture `world` of this folder is a DuckDB file."""

from tests.flows.warehouse.contract_suite import *  # noqa: F403 - the suite is meant to be run by every warehouse
