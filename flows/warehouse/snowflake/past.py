"""What production was before a swap that another attempt has made: read from what that attempt has left."""

from dataclasses import dataclass

from flows.warehouse.snowflake.catalog import Home, read_kinds
from flows.warehouse.snowflake.grants import Grant, on_schema, read_movable
from flows.warehouse.snowflake.marker import Marker, read_marker
from flows.warehouse.snowflake.policies.attached import Attachment, read_attached
from flows.warehouse.snowflake.session import Session

UNTOLD = (
    "An earlier attempt swapped the schemas and ended before it could tell: which statements it had sent, and how "
    "many, is not known."
)
FORGOTTEN = (
    "Who could do what with production before the swap is not known: nothing tells that the retired schema is still as "
    "the swap left it."
)


@dataclass(frozen=True, slots=True)
class Past:
    """Production's grants, policies and tags as they were."""

    grants: frozenset[Grant]
    attached: frozenset[Attachment]


def read_past(session: Session, marker: Marker, retired: Home) -> Past | None:
    """What the release before `marker` was granted; None if the retired schema does not hold that release any more.

    Grants on things, and on future ones, went to the retired schema with the swap. Those on the schema itself may have
    been revoked there since, so the marker keeps them. Raises WarehouseError.
    """
    left = read_marker(session, retired)
    if left is None or left.release.run != marker.replaced:
        return None
    relations = read_kinds(session, retired.database, retired.schema)
    grants = read_movable(session, retired, relations)
    [attached] = read_attached(session, ((retired, relations),))
    return Past(grants - frozenset(on_schema(grants)) | marker.opened, attached.visible)
