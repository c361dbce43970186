"""Which policies and tags are attached to the relations of a schema, by as few statements as the catalog allows."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flows.warehouse.base import WarehouseError
from flows.warehouse.snowflake.catalog import Home, qualified
from flows.warehouse.snowflake.dialect import literal, quote
from flows.warehouse.snowflake.errors import ConnectionLost
from flows.warehouse.snowflake.policies.texts import TAG, Clause, clauses
from flows.warehouse.snowflake.session import Session

MASKING: Final = "MASKING POLICY"
ROW_ACCESS: Final = "ROW ACCESS POLICY"
PROJECTION: Final = "PROJECTION POLICY"

_BATCH: Final = 100
"""Relations in one statement: each is a branch of a UNION ALL."""


@dataclass(frozen=True, slots=True, order=True)
class Attachment:
    """One policy or tag on one relation or column.

    `name` is (database, schema, name), or (name,) alone if it lies in the relation's own schema: then it travels with
    the schema, and the other schema has one of the same name. `column` is empty where it is on the whole relation.
    `arguments` are the columns that the policy reads (of a masking policy only if it is conditional), or a tag's value.
    """

    relation: str
    column: str
    kind: str
    name: tuple[str, ...]
    arguments: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """What it is on, as people write it."""
        return f"{self.relation}.{self.column}" if self.column else self.relation

    @property
    def text(self) -> str:
        """The attachment as the receipt tells it."""
        value = f" = {self.arguments[0]}" if self.kind == TAG else ""
        return f"{self.kind} {'.'.join(self.name)}{value} ON {self.where}"


@dataclass(frozen=True, slots=True, order=True)
class Hidden:
    """A policy or tag that is there, and that this role may not see."""

    relation: str
    column: str
    kind: str


@dataclass(frozen=True, slots=True)
class Attached:
    """What is attached to the relations of one schema.

    `veiled` are visible ones whose names GET_DDL keeps to itself, because this role may not apply all of their kind:
    nothing tells on which columns a masking policy depends, nor whether this role may set a tag. `secret` are
    the columns of which some readers may not see the values, also by a policy that is hidden or comes by a tag.
    """

    visible: frozenset[Attachment] = frozenset()
    hidden: tuple[Hidden, ...] = ()
    veiled: frozenset[Attachment] = frozenset()
    secret: frozenset[str] = frozenset()


def read_attached(session: Session, sides: Sequence[tuple[Home, Iterable[tuple[str, str]]]]) -> tuple[Attached, ...]:
    """What is attached on each side; `sides` are schemas with (name, kind) of their relations, as `read_kinds` gives.

    One statement for each hundred relations where nothing is attached, and one more for those that have policies, and
    one for those that have tags. Raises WarehouseError when the text of a relation cannot be read: then nobody knows.

    GET_DDL tells of each policy, also of one whose name this role may not see. POLICY_REFERENCES alone is documented to
    leave those out without a word, or to fail. https://docs.snowflake.com/en/sql-reference/functions/policy_references
    """
    places = [_Place(home, name, kind) for home, relations in sides for name, kind in relations]
    told = _told(session, places)
    references = _rows(session, [place for place in told if any(c.kind != TAG for c in told[place])], _policy_query)
    only_tags = [place for place in told if told[place] and place not in references]
    references |= _rows(session, only_tags, _policy_query, one_by_one=False)  # a role without policies is refused
    policies = {place: [row[:-1] for row in rows if row[-1] is None] for place, rows in references.items()}
    tags = _rows(session, [place for place in told if any(c.kind == TAG for c in told[place])], _tag_query)
    found = []
    for home, _ in sides:
        own = [place for place in told if place.home == home]
        visible = {place: {*_policies(place, policies, told[place]), *_tags(place, tags)} for place in own}
        found.append(
            Attached(
                visible=frozenset(one for place in own for one in visible[place]),
                hidden=tuple(sorted(one for place in own for one in _hidden(place, told[place], visible[place]))),
                veiled=frozenset(
                    one
                    for place in own
                    for one in visible[place]
                    if any(c.is_hidden and (c.kind, c.column) == (one.kind, one.column) for c in told[place])
                ),
                secret=frozenset(one for place in own for one in _secret(place, references, told[place])),
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Place:
    home: Home
    name: str
    kind: str

    @property
    def sql(self) -> str:
        return literal(qualified(self.home.database, self.home.schema, self.name))


_Rows = dict[_Place, list[tuple[Any, ...]]]


def _batches(places: Sequence[_Place]) -> Iterator[Sequence[_Place]]:
    return (places[start : start + _BATCH] for start in range(0, len(places), _BATCH))


def _told(session: Session, places: Sequence[_Place]) -> dict[_Place, tuple[Clause, ...]]:
    found = {}
    for some in _batches(places):
        texts = dict(session.rows(_union(f"SELECT {n} AS N, {_ddl(place)} AS DDL" for n, place in enumerate(some))))
        for number, place in enumerate(some):
            try:
                found[place] = clauses(str(texts[number] or ""))
            except ValueError as error:
                raise WarehouseError(f"The text of `{place.home.shown}.{place.name}` cannot be read.") from error
    return found


def _ddl(place: _Place) -> str:
    kind = {"DYNAMIC TABLE": "DYNAMIC_TABLE", "EVENT TABLE": "EVENT_TABLE"}.get(place.kind)
    return f"GET_DDL('{kind or _domain(place)}', {place.sql}, TRUE)"


def _domain(place: _Place) -> str:
    """The word for the object's kind: documented to be VIEW for materialized ones too, TABLE for all tables."""
    return "VIEW" if place.kind.endswith("VIEW") else "TABLE"


def _policy_query(number: int, place: _Place) -> str:
    return (
        f"SELECT {number} AS N, POLICY_DB AS D, POLICY_SCHEMA AS H, POLICY_NAME AS P, POLICY_KIND AS K, "
        "REF_COLUMN_NAME AS C, REF_ARG_COLUMN_NAMES AS A, TAG_NAME AS T "
        f"FROM TABLE({quote(place.home.database)}.INFORMATION_SCHEMA.POLICY_REFERENCES("
        f"REF_ENTITY_NAME => {place.sql}, REF_ENTITY_DOMAIN => '{_domain(place)}'))"
    )


def _tag_query(number: int, place: _Place) -> str:
    # LEVEL says what the tag was set on; from the schema and the database it comes by itself. The domain of views, too,
    # is documented to be TABLE.
    return (
        f"SELECT DISTINCT {number} AS N, TAG_DATABASE AS D, TAG_SCHEMA AS H, TAG_NAME AS P, TAG_VALUE AS V, "
        "CASE WHEN LEVEL = 'COLUMN' THEN COLUMN_NAME ELSE '' END AS C "
        f"FROM TABLE({quote(place.home.database)}.INFORMATION_SCHEMA.TAG_REFERENCES_ALL_COLUMNS("
        f"{place.sql}, 'TABLE')) WHERE LEVEL NOT IN ('SCHEMA', 'DATABASE', 'ACCOUNT') AND TAG_DATABASE <> 'SNOWFLAKE'"
    )


def _rows(session: Session, places: Sequence[_Place], query: Any, *, one_by_one: bool = True) -> _Rows:
    """The rows of each place, asked for together; where that is refused, one by one: what is refused has no rows."""
    found: _Rows = {place: [] for place in places}
    for some in _batches(places):
        try:
            rows = session.rows(_union(query(number, place) for number, place in enumerate(some)))
        except ConnectionLost:
            raise
        except WarehouseError:
            if one_by_one and len(some) > 1:
                for place in some:
                    found |= _rows(session, [place], query)
            continue
        for number, *row in rows:
            found[some[int(number)]].append(tuple(row))
    return found


def _union(queries: Iterable[str]) -> str:
    return " UNION ALL ".join(queries)


def _policies(place: _Place, rows: _Rows, told: tuple[Clause, ...]) -> Iterator[Attachment]:
    using = {clause.column: clause.using for clause in told if clause.kind == MASKING}
    for database, schema, name, kind, column, columns in rows.get(place, ()):
        kind, column = str(kind).replace("_", " "), str(column or "")
        known = _listed(columns)
        if kind == MASKING:
            known = known or using.get(column, ())[1:]
            known = (column, *(other for other in known if other != column)) if known else ()
        yield Attachment(place.name, column, kind, _name(place, database, schema, name), known)


def _tags(place: _Place, rows: _Rows) -> Iterator[Attachment]:
    for database, schema, name, value, column in rows.get(place, ()):
        yield Attachment(place.name, str(column or ""), TAG, _name(place, database, schema, name), (str(value or ""),))


def _secret(place: _Place, references: _Rows, told: tuple[Clause, ...]) -> Iterator[str]:
    rows = references.get(place, ())
    listed = [(str(kind).replace("_", " "), str(column or "")) for _, _, _, kind, column, *_ in rows]
    for kind, column in (*((clause.kind, clause.column) for clause in told), *listed):
        if kind in (MASKING, PROJECTION):
            yield column


def _name(place: _Place, database: str, schema: str, name: str) -> tuple[str, ...]:
    return (name,) if (database, schema) == (place.home.database, place.home.schema) else (database, schema, name)


def _listed(columns: object) -> tuple[str, ...]:
    """The names in `[ "A", "B" ]`, as the function gives them."""
    if not columns:
        return ()
    try:
        return tuple(str(name) for name in json.loads(str(columns)))
    except ValueError:
        return tuple(name.strip(" '\"") for name in str(columns).strip("[] ").split(","))


def _hidden(place: _Place, told: tuple[Clause, ...], visible: Iterable[Attachment]) -> Iterator[Hidden]:
    """Kinds of which the text tells of more than this role is shown."""
    seen = [one.kind for one in visible]
    for kind in sorted({clause.kind for clause in told}):
        own = [clause for clause in told if clause.kind == kind]
        if seen.count(kind) < len(own):
            first = next((clause for clause in own if clause.is_hidden), own[0])
            yield Hidden(place.name, first.column, kind)
