"""Which columns Snowflake keeps from some readers by a policy: a report must not show them either."""

from collections.abc import Sequence

from flows.diff.settings import EVERY_COLUMN
from flows.warehouse.base import WarehouseError
from flows.warehouse.snowflake.catalog import Home, read_kinds
from flows.warehouse.snowflake.errors import ConnectionLost
from flows.warehouse.snowflake.policies.attached import read_attached
from flows.warehouse.snowflake.session import Session


def read_secrets(session: Session, homes: Sequence[Home]) -> frozenset[str]:
    """The names of the columns that a masking or projection policy is on, in any of these schemas.

    EVERY_COLUMN where the policies cannot be read. What a row access policy hides are rows: whose they are is not known
    here. Raises WarehouseError if the session is lost.
    """
    sides = [(home, read_kinds(session, home.database, home.schema)) for home in homes]
    try:
        found = read_attached(session, sides)
    except ConnectionLost:
        raise
    except WarehouseError:
        return frozenset({EVERY_COLUMN})
    return frozenset(column or EVERY_COLUMN for attached in found for column in attached.secret)
