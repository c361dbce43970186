"""Any value of the contract or of the bot with a hostile text in every place that data can reach.

Built from the types themselves: a field that is added tomorrow is hostile tomorrow.
"""

import dataclasses
import enum
import random
import types
import typing
import uuid
from collections import abc
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from bot.commands.deployments import Deployment
from flows.contract import (
    Cell,
    CellChange,
    Decider,
    Policy,
    Receipt,
    Reminders,
    Report,
    SampleRow,
    TableDiff,
    data_digest,
)
from tests.hostile.texts import Texts

OURS = {
    "run": "11111111-2222-3333-4444-555555555555",
    "run_id": "11111111-2222-3333-4444-555555555555",
    "state_id": "22222222-2222-3333-4444-555555555555",
    "gate": "0123456789abcdef0123456789abcdef",
    "pause_key": "0123456789abcdef0123456789abcdef",
    "digest": "0" * 64,
    "nonce": "0" * 32,
    "takes_back": "",
    "channel": "C0RELEASES",
    "ts": "1.0",
    "url": "http://127.0.0.1:4200/runs/flow-run/1",
    "ui_url": "http://127.0.0.1:4200",
    "card_url": "https://workspace.example.com/archives/C0RELEASES/p1",
    "permalink": "https://workspace.example.com/archives/C0RELEASES/p1",
    "response_url": "https://workspace.example.com/response",
}
"""What no person and no data can choose: Prefect and Slack make it, or we do."""

WORDS = {"reason", "text", "message", "words", "comment", "detail", "consequence", "remedy", "description"}
NEVER_EMPTY = {"rollback_votes"}
"""Lists that are looked at only when somebody is in them."""

_MOMENT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class Values:
    """Makes values of any type. `most` is the longest list; a few lists are longer than any limit of Slack's."""

    def __init__(self, texts: Texts, seed: int, *, most: int = 3) -> None:
        self._texts = texts
        self._chance = random.Random(seed)
        self._most = most

    def report(self, **fields: Any) -> Report:
        """A report whose digest is that of its tables."""
        made: Report = self.of(Report, **fields)
        return made.model_copy(update={"digest": data_digest(made.tables)})

    def of(self, kind: Any, name: str = "", **fields: Any) -> Any:
        """A value of this type; `name` is that of the field or parameter it is for. Raises TypeError."""
        if kind == Cell:
            return None if self._chance.random() < 0.1 else self._texts.next("cell")
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return self._model(kind, fields)
        if dataclasses.is_dataclass(kind) and isinstance(kind, type):
            return self._dataclass(kind, fields)
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            return self._chance.choice(list(kind))
        return self._parametrised(kind, name) if get_origin(kind) is not None else self._plain(kind, name)

    def _plain(self, kind: Any, name: str) -> Any:
        makers: dict[Any, Any] = {
            str: lambda: self._text(name),
            int: lambda: self._chance.choice((0, 1, 2, 7, 1_000, 10**12)),
            float: lambda: self._chance.choice((0.0, 0.0004, 0.25, 1.0)),
            bool: lambda: self._chance.random() < 0.5,
            bytes: lambda: self._texts.next("cell").encode("utf-8", "replace"),
            datetime: lambda: _MOMENT + timedelta(minutes=self._chance.randint(0, 10_000)),
            timedelta: lambda: timedelta(minutes=self._chance.randint(0, 10_000)),
            time: lambda: time(9, 30),
            Decimal: lambda: Decimal(self._chance.choice(("-1", "100", "0.01", "2.5"))),
            type(None): lambda: None,
            Any: lambda: self._texts.next("cell"),
            object: lambda: self._texts.next("cell"),
        }
        if kind not in makers:
            raise TypeError(f"teach tests.hostile.values to make {kind!r} for {name!r}")
        return makers[kind]()

    def _text(self, name: str) -> str:
        if name == "id":
            return str(uuid.UUID(int=self._chance.getrandbits(128)))
        return OURS[name] if name in OURS else self._texts.next("words" if name in WORDS else "name")

    def _parametrised(self, kind: Any, name: str) -> Any:
        origin, parts = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self.of(parts[0], name)
        if origin is Literal:
            return self._chance.choice(parts)
        if origin in (Union, types.UnionType):
            some = [part for part in parts if part is not type(None)]
            is_none = len(some) < len(parts) and self._chance.random() < 0.2
            return None if is_none else self.of(self._chance.choice(some), name)
        if origin is tuple and parts[-1] is not Ellipsis:
            return tuple(self.of(part, name) for part in parts)
        if origin in (dict, abc.Mapping):
            return {self.of(parts[0], name): self.of(parts[1], name) for _ in range(self._count())}
        if origin in (tuple, list, frozenset, abc.Sequence, abc.Collection, abc.Iterable, abc.Iterator):
            made = [self.of(parts[0], name) for _ in range(max(name in NEVER_EMPTY, self._count()))]
            return frozenset(made) if origin is frozenset else made if origin is list else tuple(made)
        raise TypeError(f"teach tests.hostile.values to make {kind!r} for {name!r}")

    def _count(self) -> int:
        return 40 if self._chance.random() < 0.01 else self._chance.randint(0, self._most)

    def _model(self, kind: type[BaseModel], fields: dict[str, Any]) -> BaseModel:
        """Past the validators, as the bot trusts nobody's check; then through JSON's own rules, as everything comes."""
        if kind is Reminders:
            return Reminders()
        hints = typing.get_type_hints(kind, include_extras=True)
        made = {name: fields.get(name) or self.of(hints[name], name) for name in kind.model_fields}
        if kind is Decider and self._chance.random() < 0.7:
            made["user_id"] = "U0MINA0001"
        if kind is Receipt:
            made["reason"] = f"Not published. {made['reason']}"  # the flow always says why
        if kind is TableDiff:
            made["samples"] = tuple(self._samples(made["key"]))
        if kind is Policy:
            made["quorum"] = self._chance.choice((1, 2, 50))
        return kind.model_construct(**made)

    def _samples(self, key: tuple[str, ...]) -> Iterator[SampleRow]:
        """Rows as the audit makes them: rows of one kind have the same columns, a changed one at least one cell."""
        columns = [self._texts.next("name") for _ in range(self._chance.randint(1, 8))]
        for _ in range(40 if self._chance.random() < 0.05 else self._chance.randint(0, 6)):
            yield SampleRow.model_construct(
                kind=self._chance.choice(("added", "removed", "changed")),
                key=tuple(self.of(Cell) for _ in key),
                cells=tuple(
                    CellChange.model_construct(column=column, production=self.of(Cell), staging=self.of(Cell))
                    for column in columns
                ),
                times=self._chance.choice((1, 1, 3)),
            )

    def _dataclass(self, kind: Any, fields: dict[str, Any]) -> Any:
        hints = typing.get_type_hints(kind, include_extras=True)
        parts = (field.name for field in dataclasses.fields(kind) if field.init)
        made = {name: fields[name] if name in fields else self.of(hints[name], name) for name in parts}
        if kind is Deployment:  # in Prefect they are the keys of an object
            made["parameters"] = tuple({one.name: one for one in made["parameters"]}.values())
        return kind(**made)
