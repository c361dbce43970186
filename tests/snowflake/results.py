"""Rows as they travel: the connector's row types, Arrow for queries and JSON for everything else.

The forms are those that snowflake-connector-python 4.8 decodes (nanoarrow iterator and converter.py).
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from tests.snowflake.identifiers import decode

_LONGEST = 16_777_216
_ENCODED = (b"\xee\x80", b"\xee\x81")
"""How encoded characters of names begin in UTF-8: only then is it worth looking at every text."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a result. `type` is the connector's word: fixed, text, real, timestamp_ntz, variant, ..."""

    name: str
    type: str
    precision: int | None = None
    scale: int | None = None

    def row_type(self) -> dict[str, Any]:
        """As it travels."""
        length = _LONGEST if self.type in {"text", "variant", "object", "array"} else None
        return {
            "name": self.name, "database": "", "schema": "", "table": "", "nullable": True, "type": self.type,
            "byteLength": length, "length": length, "scale": self.scale, "precision": self.precision,
            "collation": None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """What a statement gives back. Exactly one of `table` (a query) and `rows` is there."""

    fields: tuple[Field, ...]
    rows: tuple[tuple[Any, ...], ...] | None = None
    table: pa.Table | None = None
    statement_type: int = 0

    @property
    def count(self) -> int:
        """How many rows."""
        return self.table.num_rows if self.table is not None else len(self.rows or ())

    def first(self, count: int) -> "Result":
        """So many rows of it, or all for 0. docs: sql-reference/parameters (ROWS_PER_RESULTSET)"""
        if not count:
            return self
        if self.table is not None:
            return replace(self, table=self.table.slice(0, count))
        return replace(self, rows=(self.rows or ())[:count])

    def as_arrow(self) -> pa.Table:
        """The rows as a table, for RESULT_SCAN."""
        if self.table is not None:
            return self.table
        columns = list(zip(*self.rows, strict=True)) if self.rows else [()] * len(self.fields)
        return pa.table(
            {field.name: _arrow_column(field, column) for field, column in zip(self.fields, columns, strict=True)}
        )

    def body(self) -> dict[str, Any]:
        """The part of the response that carries rows."""
        common = {"rowtype": [field.row_type() for field in self.fields], "total": self.count}
        if self.table is not None:
            return {**common, "queryResultFormat": "arrow", "rowsetBase64": _stream(self.table, self.fields)}
        rows = [[_json_cell(value) for value in row] for row in self.rows or ()]
        return {**common, "queryResultFormat": "json", "rowset": rows}


def message(text: str) -> Result:
    """One row with one text, the answer to most commands."""
    return Result((Field("status", "text"),), rows=((text,),))


DONE = "Statement executed successfully."


def table_of(fields: Sequence[str | Field], rows: Sequence[Sequence[Any]]) -> Result:
    """Rows of a command; a name alone is a text column, and created_on a time."""
    made = tuple(_field(field) if isinstance(field, str) else field for field in fields)
    return Result(made, rows=tuple(tuple(row) for row in rows))


def _field(name: str) -> Field:
    return Field(name, "timestamp_ltz", 0, 9) if name == "created_on" else Field(name, "text")


def field_of(name: str, duck_type: str) -> Field:
    """The row type of a DuckDB column."""
    name = decode(name)
    if duck_type.startswith("DECIMAL("):
        precision, scale = duck_type[8:-1].split(",")
        return Field(name, "fixed", int(precision), int(scale))
    if duck_type.endswith(("INT", "INTEGER")):
        return Field(name, "fixed", 38, 0)
    if duck_type.endswith("]") or duck_type.startswith(("STRUCT", "MAP")):
        return Field(name, "variant")
    kind = {
        "DOUBLE": "real", "FLOAT": "real", "BOOLEAN": "boolean", "DATE": "date", "BLOB": "binary", "JSON": "variant",
        "TIMESTAMP": "timestamp_ntz", "TIMESTAMP_NS": "timestamp_ntz", "TIMESTAMP_S": "timestamp_ntz",
        "TIMESTAMP_MS": "timestamp_ntz", "TIMESTAMP WITH TIME ZONE": "timestamp_tz", "TIME": "time",
    }.get(duck_type, "text")  # fmt: skip
    return Field(name, kind, 0 if kind.startswith("time") else None, 9 if kind.startswith("time") else None)


def _stream(table: pa.Table, fields: Sequence[Field]) -> str:
    arrays = [_column(column, field) for column, field in zip(table.columns, fields, strict=True)]
    schema = pa.schema(
        [
            pa.field(field.name, array.type, metadata=_metadata(field))
            for field, array in zip(fields, arrays, strict=True)
        ]
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
    return b64encode(sink.getvalue()).decode()


def _metadata(field: Field) -> dict[str, str]:
    return {
        "logicalType": field.type.upper(),
        "precision": str(field.precision or 38),
        "scale": str(field.scale or 0),
        "charLength": str(_LONGEST if field.type == "text" else 0),
    }


def _column(column: pa.ChunkedArray, field: Field) -> pa.Array:
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    match field.type:
        case "timestamp_ntz" | "timestamp_tz" | "timestamp_ltz":
            return _timestamps(array, zoned=field.type == "timestamp_tz")
        case "time":
            return pc.multiply(array.cast(pa.time64("us")).cast(pa.int64()), 1000)
        case "variant":
            return pa.array([_variant(value) for value in array.to_pylist()], pa.string())
        case "text":
            return _text(array)
        case "fixed" if pa.types.is_unsigned_integer(array.type):
            return array.cast(pa.decimal128(38, 0))
        case "real":
            return array.cast(pa.float64())
        case _:
            return array


def _text(array: pa.Array) -> pa.Array:
    texts = array.cast(pa.string()) if not pa.types.is_string(array.type) else array
    buffer = texts.buffers()[2]
    if buffer is not None and any(prefix in buffer.to_pybytes() for prefix in _ENCODED):
        return pa.array([None if text is None else decode(text) for text in texts.to_pylist()], pa.string())
    return texts


def _timestamps(array: pa.Array, *, zoned: bool) -> pa.Array:
    """Seconds, nanoseconds and (for TIMESTAMP_TZ) minutes east of UTC plus 1440; NULL stays NULL.

    fakesnow.arrow drops the NULLs, which makes them 1970. DuckDB keeps no offset: it is the one of the session's zone.
    """
    unit = array.type.unit
    scale = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    zone = ZoneInfo(array.type.tz) if zoned and array.type.tz else None
    rows: list[dict[str, int] | None] = []
    for value in array.cast(pa.int64()).to_pylist():
        if value is None:
            rows.append(None)
            continue
        epoch, rest = divmod(value, scale)
        row = {"epoch": epoch, "fraction": rest * (10**9 // scale)}
        rows.append(row | {"timezone": _offset(epoch, zone) + 1440} if zoned else row)
    fields = [("epoch", pa.int64()), ("fraction", pa.int32()), *([("timezone", pa.int32())] if zoned else [])]
    return pa.array(rows, pa.struct(fields))


def _offset(epoch: int, zone: ZoneInfo | None) -> int:
    if zone is None:
        return 0
    offset = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=epoch)).astimezone(zone).utcoffset()
    return int(offset.total_seconds() // 60) if offset else 0


def _variant(value: Any) -> str | None:
    """Snowflake prints VARIANT values with an indent of 2. docs: sql-reference/parameters (JSON_INDENT)"""
    if value is None:
        return None
    decoded = json.loads(decode(value)) if isinstance(value, str) else value
    return json.dumps(decoded, indent=2, ensure_ascii=False, default=str)


def _json_cell(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case datetime():
            return f"{value.timestamp():.6f}000"
        case _:
            return str(value)


def _arrow_column(field: Field, values: Sequence[Any]) -> pa.Array:
    match field.type:
        case "timestamp_ltz":
            return pa.array(values, pa.timestamp("us", "UTC"))
        case "fixed":
            return pa.array(values, pa.int64())
        case _:
            return pa.array([None if value is None else _json_cell(value) for value in values], pa.string())
