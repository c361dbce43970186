"""The tables of the sample reports."""

import hashlib

from docs.samples.looks import concentration, context, distributions, fresh, profile
from flows.contract import CellChange, Column, ColumnCount, SampleRow, SchemaChange, Side, TableDiff

_COLUMNS = (
    Column(name="order_id", type="BIGINT"),
    Column(name="amount", type="DECIMAL(18,2)"),
    Column(name="status", type="VARCHAR"),
)


def side(rows: int, seed: str) -> Side:
    """One side of a table; `seed` makes its fingerprint."""
    return Side(columns=_COLUMNS, rows=rows, fingerprint=hashlib.sha256(f"{seed} {rows}".encode()).hexdigest()[:16])


def equal_table(name: str) -> TableDiff:
    """The same on both sides."""
    both = side(100, name)
    return TableDiff(
        name=name,
        kind="table",
        status="equal",
        production=both,
        staging=both,
        method="fingerprint",
        added=0,
        removed=0,
        changed=0,
        unchanged=100,
    )


def plain_table(name: str, *, is_keyed: bool = True, is_masked: bool = False) -> TableDiff:
    """Ten rows added, two removed, five changed of a thousand; without a key only added and removed."""
    changed = tuple(_changed(number, is_masked=is_masked) for number in (17, 24))
    keyed = TableDiff(
        name=name,
        kind="table",
        status="changed",
        production=side(1_000, f"{name} before"),
        staging=side(1_008, f"{name} after"),
        key=("order_id",),
        key_source="dbt tests unique and not_null",
        method="keyed",
        added=10,
        removed=2,
        changed=5,
        unchanged=993,
        changed_columns=(ColumnCount(column="amount", rows=5), ColumnCount(column="status", rows=1)),
        samples=(*changed, _whole("added", 1001), _whole("removed", 3)),
    )
    return keyed if is_keyed else _without_key(keyed)


def rich_table(name: str, *, scale: int = 1) -> TableDiff:
    """Everything that a report can tell of a table."""
    return plain_table(name).model_copy(
        update={
            "staging": side(20_080, f"{name} {scale} after"),
            "production": side(20_000, f"{name} {scale} before"),
            "added": 120,
            "removed": 40,
            "changed": 5_000 + scale,
            "unchanged": 14_960 - scale,
            "changed_columns": (
                ColumnCount(column="amount", rows=5_000 + scale),
                ColumnCount(column="status", rows=1_210),
                ColumnCount(column="customer_id", rows=3),
            ),
            "schema_changes": (
                SchemaChange(column="legacy_id", kind="removed", production="INTEGER"),
                SchemaChange(column="note", kind="added", staging="VARCHAR"),
                SchemaChange(column="amount", kind="retyped", production="DECIMAL(10,2)", staging="DECIMAL(18,2)"),
            ),
            "concentration": concentration(),
            "fresh": fresh(),
            "profile": profile(scale),
            "distributions": distributions(),
            "context": context(),
            "notes": ("The columns are in another order in staging.",),
        }
    )


def failed_table(name: str) -> TableDiff:
    """What the warehouse could not do."""
    return TableDiff(name=name, kind="view", status="failed", error="Nothing was read. A statement took too long.")


def vanished_table(name: str) -> TableDiff:
    """Production has it, staging does not."""
    return TableDiff(
        name=name,
        kind="table",
        status="removed",
        production=side(250, name),
        added=0,
        removed=250,
        changed=0,
        unchanged=0,
        samples=(_whole("removed", 1).model_copy(update={"key": ()}),),
    )


def _without_key(keyed: TableDiff) -> TableDiff:
    whole = (_whole("added", 1001, times=3), _whole("removed", 3, times=3))
    return keyed.model_copy(
        update={
            "key": (),
            "key_source": "",
            "method": "multiset",
            "added": 15,
            "removed": 7,
            "changed": None,
            "changed_columns": (),
            "samples": tuple(row.model_copy(update={"key": ()}) for row in whole),
            "notes": ("Without a key, a changed row counts as one removed and one added.",),
        }
    )


def _changed(number: int, *, is_masked: bool) -> SampleRow:
    before, after = ("***", "***") if is_masked else (f"{number}.00", f"{number * 100}.00")
    cells = (
        CellChange(column="amount", production=before, staging=after),
        CellChange(column="status", production="open", staging=None),
    )
    return SampleRow(kind="changed", key=(str(number),), cells=cells[: 1 + number % 2])


def _whole(kind: str, number: int, *, times: int = 1) -> SampleRow:
    which = "staging" if kind == "added" else "production"
    values = {"amount": f"{number % 97}.50", "status": "open", "note": ""}
    cells = [{"column": name, which: value} for name, value in values.items()]
    return SampleRow.model_validate({"kind": kind, "key": (str(number),), "cells": cells, "times": times})
