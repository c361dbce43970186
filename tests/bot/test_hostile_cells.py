"""Ten thousand hostile cells in the thread, its answers and its file: none is refused, nobody is mentioned."""

import csv
import random
import unicodedata
from io import StringIO
from typing import Any

import pytest

from bot.blocks.limits import MESSAGE_CHARS, text_chars
from bot.blocks.thread import table_message, thread_messages
from bot.ports import Message
from bot.thread.answers import answer
from bot.thread.csv_file import samples_csv
from bot.thread.words import Columns, Rows
from flows.contract import (
    Bar,
    CellChange,
    ColumnCount,
    ColumnProfile,
    Concentration,
    Distribution,
    Exposure,
    Freshness,
    Profile,
    Report,
    SampleRow,
    SchemaChange,
    Scope,
    TableContext,
)
from tests.bot.slack_rules import accept
from tests.bot.test_limits import HOSTILE, _assert_inert
from tests.builders import report, sample, table_diff

CELLS = 10_000
_PIECES = (
    "<!channel>",
    "<@U0MINA0001>",
    "<!subteam^S0OWNERS01>",
    "<http://example.com|click>",
    "http://example.com",
    "&lt;!here&gt;",
    "`", "```", "*b*", "_i_", "~s~", ":tada:", "&", "<", ">", "|", "→",
    "=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2",
    "\u202e", "\u2066", "\u200b", "\ufeff", "\x00", "\x1b[31m", "\r\n", "\t",
    "مرحبا", "שלום", "中文", "🦦", "e\u0301" * 5, "A" * 300, '"', "''", '"""', "\\", "{}", "[", "NULL", " ", "",
)  # fmt: skip


def surroundings(text: str) -> dict[str, Any]:
    """What a report tells around the rows of a table, with this text in every place."""
    profile = Profile(nulls=1, distinct=10, low=text, high=text, mean=text)
    other = Profile(nulls=2, distinct=20, low=text + "x", high=None, mean=None)
    bar = Bar(label=text, production=1, staging=2, upper=text)
    return {
        "profile": tuple(ColumnProfile(column=f"{text}{n}", production=profile, staging=other) for n in range(30)),
        "distributions": (Distribution(column=text, kind="values", bars=(bar,) * 20),),
        "changed_columns": tuple(ColumnCount(column=f"{text}{n}", rows=n) for n in range(30)),
        "schema_changes": (SchemaChange(column=text, kind="retyped", production=text, staging=text),) * 20,
        "concentration": Concentration(kind="changed", column=text, value=text, rows=1, of=2, usual=0.5),
        "fresh": Freshness(column=text, until=text, rows=3),
        "scope": Scope(condition=text, sampled=0.5, production_rows=1, staging_rows=2),
        "context": TableContext(
            owner=text,
            tests_passed=1,
            downstream=(text,) * 30,
            exposures=(Exposure(name=text, kind=text, owner=text, url=text),) * 30,
        ),
        "notes": (text,) * 10,
    }


def cell(chance: random.Random) -> str:
    """A few hostile pieces, one after the other."""
    return "".join(chance.choice(_PIECES) for _ in range(chance.randint(0, 6)))


def hostile_report(chance: random.Random) -> Report:
    """Ten tables whose names, columns, keys and cells are all hostile."""
    tables = []
    for number in range(10):
        columns = [f"{cell(chance)}{place}" for place in range(5)]
        samples = tuple(
            SampleRow(
                kind=chance.choice(("added", "removed", "changed")),
                key=(cell(chance),),
                cells=tuple(CellChange(column=name, production=cell(chance), staging=cell(chance)) for name in columns),
            )
            for _ in range(20)
        )
        tables.append(
            table_diff(f"{cell(chance)}{number}", key=(cell(chance),), samples=samples, **surroundings(cell(chance)))
        )
    return report(tables=tuple(tables))


@pytest.mark.parametrize("text", HOSTILE[:-2])
@pytest.mark.parametrize("count", [0, 40])
def test_hostile_surroundings_fit(text: str, count: int) -> None:
    """The worst of everything around the rows, or without any, leaves the message inside Slack's limits."""
    rows = (sample(key=(text,), column=text, production=text, staging=text),) * count
    message = table_message(table_diff(text or "t", samples=rows, key=(text,), **surroundings(text)))
    accept(message)
    assert text_chars(message.blocks) <= MESSAGE_CHARS
    _assert_inert(list(message.blocks), message.text)


def test_hostile_cells_are_accepted_and_inert() -> None:
    """In every message of the thread and in the answers about every table."""
    chance, seen = random.Random(4), 0
    while seen < CELLS:
        about = hostile_report(chance)
        seen += sum(2 * len(row.cells) for diff in about.tables for row in diff.samples)
        answers = [answer(question((diff.name,)), about) for diff in about.tables for question in (Rows, Columns)]
        for message in (*thread_messages(about), *answers):
            assert isinstance(message, Message)
            accept(message)
            _assert_inert(list(message.blocks), message.text)


def test_hostile_cells_are_harmless_in_a_spreadsheet() -> None:
    """No cell of the file begins like a formula, whatever stands unseen before it."""
    chance = random.Random(5)
    file = samples_csv(hostile_report(chance).tables)
    rows = list(csv.reader(StringIO(file.content.decode("utf-8-sig"))))
    assert file.rows == 200
    for text in (text for row in rows[1:] for text in row):
        seen = "".join(
            char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char)[0] not in "CZ"
        )
        assert not seen.startswith(("=", "+", "-", "@"))
        assert text == "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cf"))
