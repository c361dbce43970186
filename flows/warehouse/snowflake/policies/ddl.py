"""Pure: the text that makes a relation anew, with the names of its policies where GET_DDL keeps them to itself."""

from collections.abc import Iterable

from flows.warehouse.snowflake.catalog import Home
from flows.warehouse.snowflake.dialect import literal
from flows.warehouse.snowflake.policies.attached import Attachment
from flows.warehouse.snowflake.policies.mirror import columns, written
from flows.warehouse.snowflake.policies.texts import TAG, Clause, clauses, readable


def revealed(ddl: str, relation: str, attached: Iterable[Attachment], home: Home) -> str:
    """The text with every #UNKNOWN_POLICY and #UNKNOWN_TAG replaced by what is attached there.

    GET_DDL shows names only to who may apply all policies; whoever may apply this one gets its name from
    POLICY_REFERENCES. Raises ValueError where neither tells it.
    """
    known = [one for one in attached if one.relation == relation]
    text = readable(ddl)
    for clause in reversed(clauses(ddl)):
        if clause.is_hidden:
            start, end = clause.span
            text = text[:start] + _name(clause, relation, known, home) + text[end:]
    return text


def _name(clause: Clause, relation: str, known: Iterable[Attachment], home: Home) -> str:
    own = sorted(one for one in known if (one.kind, one.column) == (clause.kind, clause.column))
    if not own:
        raise ValueError(
            f"`{relation}` has a {clause.kind.lower()} whose name this role may not see. GRANT APPLY on it to the role."
        )
    if clause.kind == TAG:
        return ", ".join(f"{written(one, home)} = {literal(one.arguments[0])}" for one in own)
    return written(own[0], home) + ("" if clause.using else columns(own[0]))
