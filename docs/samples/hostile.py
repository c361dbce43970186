"""A table whose every name and value tries to be markup, a link, a line break or another direction."""

from typing import Final

from docs.samples.tables import side
from flows.contract import (
    Bar,
    CellChange,
    ColumnCount,
    ColumnProfile,
    Concentration,
    Distribution,
    Exposure,
    Profile,
    SampleRow,
    SchemaChange,
    TableContext,
    TableDiff,
)

HOSTILE: Final = (
    "a|b `c` *d* _e_ ~~f~~ <img src=x onerror=1> [click](https://example.com) ![i](https://example.com/i) "
    "https://example.com www.example.com a@example.com\n# big\r\n\n---\n\x1b[31m\u202egnp\u2066\u200b\u2028 &lt; \\"
)
"""Every trick at once: table, code, emphasis, tag, link, image, bare address, heading, rule, terminal, direction."""


def hostile_table() -> TableDiff:
    """The text wherever the contract has room for a text."""
    changed = CellChange(column=HOSTILE, production="1", staging=HOSTILE)
    bars = (Bar(label=HOSTILE, production=1, staging=2),)
    profile = Profile(nulls=1, distinct=2, low=HOSTILE, high=HOSTILE, mean="1.5")
    return TableDiff(
        name=HOSTILE,
        kind="table",
        status="changed",
        production=side(10, "before"),
        staging=side(11, "after"),
        key=(HOSTILE,),
        key_source=HOSTILE,
        method="keyed",
        added=1,
        removed=0,
        changed=2,
        unchanged=8,
        schema_changes=(SchemaChange(column=HOSTILE, kind="retyped", production=HOSTILE, staging=HOSTILE),),
        changed_columns=(ColumnCount(column=HOSTILE, rows=2),),
        samples=(
            SampleRow(kind="changed", key=(HOSTILE,), cells=(changed,)),
            SampleRow(kind="added", key=(HOSTILE,), cells=(CellChange(column=HOSTILE, staging=HOSTILE),)),
        ),
        concentration=Concentration(kind="changed", column=HOSTILE, value=HOSTILE, rows=2, of=2, usual=0.1),
        profile=(ColumnProfile(column=HOSTILE, production=profile.model_copy(update={"low": "1"}), staging=profile),),
        distributions=(Distribution(column=HOSTILE, kind="values", bars=bars),),
        context=TableContext(
            owner=HOSTILE,
            tags=(HOSTILE,),
            downstream=(HOSTILE,),
            exposures=(Exposure(name=HOSTILE, kind=HOSTILE, owner=HOSTILE, url=f"https://example.com/{HOSTILE}"),),
        ),
        notes=(HOSTILE, "- not a list", "1. not a list", "# not a heading"),
    )
