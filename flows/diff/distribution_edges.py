"""Edges of a histogram that people read easily: steps of 1, 2 and 5, whole days and months."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation, localcontext
from itertools import count

from flows.contract.profile import Cell

RANGES = 12
"""At most so many ranges; steps that are nice give fewer, but never under four where the values allow more."""

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d(?:\.\d+)?))?(?: ?(?:Z|[+-]\d\d.*))?")

_START = datetime(1, 1, 1)  # noqa: DTZ001 (instants are compared with each other only)
_SECOND = 1_000_000
_MINUTE, _HOUR, _DAY = 60 * _SECOND, 3600 * _SECOND, 86_400 * _SECOND
_SPANS = (
    *(digit * 10**power for power in range(6) for digit in (1, 2, 5)),
    *(n * _SECOND for n in (1, 2, 5, 10, 15, 30)),
    *(n * _MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * _HOUR for n in (1, 2, 3, 6, 12)),
    *(n * _DAY for n in (1, 2, 7, 14)),
)
"""Steps in microseconds."""


def number(text: Cell) -> Decimal | None:
    """A finite number; None for what is none, NULL included."""
    try:
        found = Decimal(text or "")
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def instant(text: Cell) -> Decimal | None:
    """A date or time stamp of the years 1 to 9999 in microseconds since 0001-01-01, whatever its zone; else None."""
    match = _INSTANT.fullmatch(text or "")
    if match is None or match[1].startswith("0000"):
        return None
    return Decimal(_microseconds(datetime.fromisoformat(f"{match[1]} {match[2] or '00:00'}")))


def number_edges(low: Decimal, high: Decimal, *, is_whole: bool) -> tuple[str, ...]:
    """Edges of up to RANGES ranges around low and high; () if they are equal. Whole numbers get whole edges."""
    if low >= high:
        return ()
    with localcontext() as context:
        context.prec = 60  # a number of 39 digits over a step: the quotient must be exact
        for step in _number_steps(high - low, is_whole=is_whole):
            first = (low / step).to_integral_value(ROUND_FLOOR)
            last = (high / step).to_integral_value(ROUND_FLOOR if is_whole else ROUND_CEILING) + is_whole
            if last - first <= RANGES:
                return tuple(_plain((first + n) * step) for n in range(int(last - first) + 1))
    raise AssertionError("steps grow without end")


def instant_edges(low: Decimal, high: Decimal, *, is_date: bool) -> tuple[str, ...]:
    """Edges of up to RANGES ranges around two instants; () if they are equal. Dates get whole days."""
    if low >= high:
        return ()
    first, last = int(low), int(high)
    for span in _SPANS:
        start = first - first % _unit(span)
        ranges = (last - start) // span + 1
        if ranges <= RANGES and not (is_date and span < _DAY):
            return _instants([start + n * span for n in range(ranges + 1)])
    first, last = _months(first), _months(last)
    span = next(months for months in _month_steps() if last // months - first // months < RANGES)
    return tuple(_month(n * span) for n in range(first // span, last // span + 2))


def _unit(span: int) -> int:
    """What the first edge is a multiple of: whole weeks start on Monday, because 0001-01-01 was one."""
    return next((unit for unit in (7 * _DAY, _DAY) if span % unit == 0), span)


def _number_steps(span: Decimal, *, is_whole: bool) -> Iterator[Decimal]:
    smallest = (span / RANGES).adjusted()
    for power in count(max(smallest, 0) if is_whole else smallest):
        for digit in (1, 2, 5):
            yield Decimal(digit).scaleb(power)


def _month_steps() -> Iterator[int]:
    yield from (1, 2, 3, 6)
    for power in count():
        yield from (12 * digit * 10**power for digit in (1, 2, 5))


def _plain(value: Decimal) -> str:
    shown = value.normalize()
    # Decimals have up to 39 digits; only floating point numbers go beyond.
    return f"{shown:f}" if -20 <= shown.adjusted() <= 39 else f"{shown:e}"


def _microseconds(moment: datetime) -> int:
    return (moment - _START) // timedelta(microseconds=1)


def _moment(microseconds: int) -> datetime:
    return _START + timedelta(microseconds=microseconds)


def _instants(microseconds: list[int]) -> tuple[str, ...]:
    latest = _microseconds(datetime.max)  # noqa: DTZ901
    moments = [_moment(min(n, latest)) for n in microseconds]
    is_daily = all(n % _DAY == 0 for n in microseconds)
    return tuple(moment.date().isoformat() if is_daily else moment.isoformat(sep=" ") for moment in moments)


def _months(microseconds: int) -> int:
    moment = _moment(microseconds)
    return moment.year * 12 + moment.month - 1


def _month(months: int) -> str:
    # The outer edges may lie outside the calendar; nothing is there.
    year, month = divmod(months, 12)
    if year < 1:
        return "0001-01-01"
    return f"{year:04d}-{month + 1:02d}-01" if year <= 9999 else "9999-12-31"
