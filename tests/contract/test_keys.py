"""Names in Prefect: which things share one, and which must not."""

import re

from flows.contract import lock_name


def test_lock_name_of_equal_schemas_in_two_databases_differs() -> None:
    """Two databases are two targets: neither waits for the other."""
    names = {lock_name("dwh", "develop_dwh", database=path) for path in ("", "/srv/a.duckdb", "/srv/b.duckdb")}
    assert len(names) == 3


def test_lock_name_hides_the_database_and_fits_prefect() -> None:
    """A path or an account is no part of the name, which Prefect takes only in lower case."""
    name = lock_name("Dwh", "develop-Dwh", database="/srv/harbour/warehouse.duckdb")
    assert re.fullmatch(r"wap_lock_develop_dwh_dwh_[0-9a-f]{12}", name)
    assert name == lock_name("Dwh", "develop-Dwh", database="/srv/harbour/warehouse.duckdb")
