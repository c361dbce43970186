"""What production lacks when a swap came through that had been given up."""

from collections.abc import Iterator

from flows.warehouse.snowflake.catalog import Home, read_kinds
from flows.warehouse.snowflake.grants import granted, on_schema, read_grants
from flows.warehouse.snowflake.marker import read_marker
from flows.warehouse.snowflake.policies.attached import read_attached
from flows.warehouse.snowflake.policies.mirror import attaching, missing
from flows.warehouse.snowflake.session import Session


def policies_made_up_for(session: Session, production: Home) -> Iterator[str]:
    """The statements that give production the policies that an attempt had taken off it while it was still staging, or
    had not yet given it. None where nothing is lacking. Raises WarehouseError."""
    marker = read_marker(session, production)
    if marker is None or not marker.lacked:
        return
    relations = read_kinds(session, production.database, production.schema)
    [now] = read_attached(session, ((production, relations),))
    kinds = dict(relations)
    for one in missing(marker.lacked, now.visible, kinds):
        yield attaching(one, production, kinds[one.relation])


def readers_made_up_for(session: Session, *, production: Home, staging: Home) -> Iterator[str]:
    """The same for what lets production's readers in, after the policies; `staging` is what the swap has retired.

    Only for a swap that came through in this very attempt: after that, whatever production lacks may have been revoked
    by people, and staging may be another run's. Raises WarehouseError.
    """
    marker = read_marker(session, production)
    if marker is None:
        return
    # Until it is closed, the retired release has what production had.
    retired = frozenset(on_schema(read_grants(session, staging, ())))
    if let_in := (retired & marker.opened) - marker.kept:
        there = frozenset(on_schema(read_grants(session, production, ())))
        for grant in sorted(let_in - there):
            yield granted(grant, production.database, production.schema)
