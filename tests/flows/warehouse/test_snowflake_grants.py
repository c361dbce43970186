"""Which grants production would lose by a swap, and which staging would bring along."""

from typing import Any

import pytest

from flows.warehouse.snowflake.grants import Grant, granted, lacking, leaking, revoked


def grant(kind: str = "TABLE", name: str = "T", privilege: str = "SELECT", **fields: Any) -> Grant:
    """A grant to the role READER."""
    return Grant(kind, name, privilege, **{"to": "ROLE", "grantee": "READER", "option": False, **fields})


READ = grant()
FUTURE = grant(name="*")
OPEN = grant("SCHEMA", "", "USAGE")


def test_lacking_comes_in_the_order_that_never_shows_half() -> None:
    """Objects first, then what will be made, and the door last."""
    found = lacking(frozenset({OPEN, FUTURE, READ}), frozenset(), relations=[("T", "TABLE")])
    assert found == [READ, FUTURE, OPEN]


def test_lacking_leaves_out_what_staging_has() -> None:
    """Mirroring again is nothing."""
    everything = frozenset({OPEN, FUTURE, READ})
    assert lacking(everything, everything, relations=[("T", "TABLE")]) == []


def test_lacking_gives_new_tables_what_future_ones_get() -> None:
    """A table that production does not have is granted as if it had been made there."""
    found = lacking(frozenset({FUTURE}), frozenset({FUTURE}), relations=[("NEW", "TABLE"), ("V", "VIEW")])
    assert found == [grant(name="NEW")]


def test_lacking_leaves_out_what_staging_no_longer_has() -> None:
    """A table that vanishes needs no grants."""
    assert lacking(frozenset({READ}), frozenset(), relations=[]) == []


def test_lacking_fits_the_grant_to_the_kind() -> None:
    """A table that becomes a view can be read, not written."""
    old = frozenset({READ, grant(privilege="INSERT")})
    assert lacking(old, frozenset(), relations=[("T", "VIEW")]) == [grant("VIEW")]


def test_lacking_moves_neither_ownership_nor_shares_nor_what_is_inherited() -> None:
    """None of them can be granted by name."""
    odd = frozenset({grant(privilege="OWNERSHIP"), grant(to="SHARE"), grant(is_inherited=True)})
    assert lacking(odd, frozenset(), relations=[("T", "TABLE")]) == []


def test_leaking_finds_who_gets_in_through_staging() -> None:
    """A developer who may look into staging may not look into production."""
    developer = grant("SCHEMA", "", "USAGE", grantee="DEVELOPER")
    assert leaking(frozenset({OPEN, READ}), frozenset({OPEN, READ, developer})) == [developer]


def test_grants_are_written_with_quotes_and_options() -> None:
    """Names are names, whatever they hold."""
    odd = grant(name='a"b', grantee="My Role", option=True)
    assert granted(odd, "DB", "S") == 'GRANT SELECT ON TABLE "DB"."S"."a""b" TO ROLE "My Role" WITH GRANT OPTION'
    assert granted(FUTURE, "DB", "S") == 'GRANT SELECT ON FUTURE TABLES IN SCHEMA "DB"."S" TO ROLE "READER"'
    repository = grant("GIT REPOSITORY", "*", "READ")
    assert granted(repository, "DB", "S") == 'GRANT READ ON FUTURE GIT REPOSITORIES IN SCHEMA "DB"."S" TO ROLE "READER"'
    assert revoked(OPEN, "DB", "S") == 'REVOKE USAGE ON SCHEMA "DB"."S" FROM ROLE "READER"'


@pytest.mark.parametrize("name", ["In.side", "DB.In.side"])
def test_database_role_is_written_with_its_database(name: str) -> None:
    """SHOW GRANTS gives its name alone; a dot in it is part of the name."""
    inside = grant("SCHEMA", "", "USAGE", to="DATABASE_ROLE", grantee=name)
    assert granted(inside, "DB", "S") == 'GRANT USAGE ON SCHEMA "DB"."S" TO DATABASE ROLE "DB"."In.side"'
