"""Writes the exports of an invented harbour shop: one folder per table, one CSV file per day."""

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

DAY_ONE = date(2026, 3, 3)
HISTORY_DATES = 60  # day 1 delivers this many dates of trade at once; every later day delivers one
BASE_CUSTOMERS, DAILY_CUSTOMERS, DAILY_MOVES = 1_200, 8, 5
BASE_PRODUCTS, DAILY_PRICE_CHANGES, DAYS_PER_NEW_PRODUCT = 48, 2, 5
DAILY_CORRECTIONS = 6
REGIONS = ("HAV", "INS", "NOR", "OST", "SUD", "WES")
CATEGORIES = ("charts", "enamel", "lamps", "oilskins", "ropes", "tea")
STYLES = ("Plain", "Tarred", "Polished", "Striped", "Heavy", "Folding", "Winter", "Captain's")
SEXES, AGES, YEARS = ("female", "male"), tuple(range(0, 100, 5)), tuple(range(2016, 2026))

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "customers": ("customer_id", "email", "region_code", "joined_on", "exported_on"),
    "products": ("product_id", "product_name", "category_code", "price_cents", "exported_on"),
    "orders": ("order_id", "customer_id", "channel", "ordered_at", "exported_on"),
    "order_items": ("order_id", "line_no", "product_id", "quantity", "unit_price_cents", "exported_on"),
    "order_events": ("event_id", "order_id", "status", "happened_at", "exported_on"),
    "population": ("region_code", "sex", "age", "year", "residents", "arrivals", "departures", "exported_on"),
}

Cell = str | int | date | datetime
Row = tuple[Cell, ...]
Export = tuple[str, int, Row]  # table, day, row


@dataclass(frozen=True, slots=True)
class Line:
    """One product in an order; the price is what one piece cost on that date, in cents."""

    product_id: int
    quantity: int
    price_cents: int


@dataclass(frozen=True, slots=True)
class Order:
    """One order as it was placed; a test order comes from the till's self-test and is purged a day later."""

    order_id: int
    customer_id: int
    channel: str
    placed: datetime
    lines: tuple[Line, ...]


def generate(out: Path, days: int, *, bug: bool = False, seed: int = 7) -> tuple[Path, ...]:
    """Writes the files of days 1 to `days` into `out` and returns their paths, sorted.

    The same arguments give the same bytes, and the files of a day do not depend on `days`: what happens later
    to an order arrives as a row of a later day. Files of days after `days` are removed, so the folder holds
    exactly what was asked for. With `bug` the order lines of the last day are in euros where cents are
    expected. Raises ValueError when `days` is below 1.
    """
    if days < 1:
        raise ValueError(f"Nothing was written. days is {days}; ask for 1 or more.")
    rows: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for table, day, row in (*_shop(seed, days, bug=bug), *_population(seed, days)):
        if day <= days:
            rows[table, day].append(row)
    wanted = [(table, day) for table in sorted(COLUMNS) for day in range(1, days + 1)]
    paths = tuple(_write(out / table / f"day_{day:04d}.csv", COLUMNS[table], rows[table, day]) for table, day in wanted)
    for stale in {path for table in COLUMNS for path in (out / table).glob("day_*.csv")} - set(paths):
        stale.unlink()
    return paths


def _shop(seed: int, days: int, *, bug: bool) -> Iterator[Export]:
    prices: dict[int, int] = {}
    yesterday: tuple[Order, ...] = ()
    for offset in range(1 - HISTORY_DATES, days):
        rng = Random(f"{seed}/shop/{offset}")
        yield from _customers(rng, offset)
        yield from _products(rng, offset, prices)
        orders = _orders(rng, offset, prices)
        in_euros = bug and _day(offset) == days
        for order in orders:
            head = (order.order_id, order.customer_id, order.channel, order.placed, _exported_on(offset))
            yield "orders", _day(offset), head
            yield from _item_rows(order, offset, in_euros=in_euros)
            yield from _events(rng, order, offset)
        if _is_later_day(offset):
            for order in rng.sample(yesterday[:-1], DAILY_CORRECTIONS):
                yield from _item_rows(_corrected(order), offset, in_euros=in_euros)
        yesterday = orders


def _customers(rng: Random, offset: int) -> Iterator[Export]:
    known = _customers_on(offset)
    first = 1 if offset == 1 - HISTORY_DATES else known - DAILY_CUSTOMERS + 1
    for customer_id in range(first, known + 1):
        yield "customers", _day(offset), _customer(rng, customer_id, offset, mail="mail")
    if _is_later_day(offset):
        # A customer who moved is exported again as a whole; staging keeps the newest row.
        for customer_id in rng.sample(range(1, BASE_CUSTOMERS + 1), DAILY_MOVES):
            yield "customers", _day(offset), _customer(rng, customer_id, offset, mail="post")


def _customer(rng: Random, customer_id: int, offset: int, *, mail: str) -> Row:
    if customer_id <= BASE_CUSTOMERS:
        joined = _date(-HISTORY_DATES - customer_id * 37 % 700)
    else:
        joined = _date(1 - HISTORY_DATES + (customer_id - BASE_CUSTOMERS - 1) // DAILY_CUSTOMERS)
    email = f"c{customer_id:05d}@{mail}.example.com"
    return customer_id, email, rng.choice(REGIONS), joined, _exported_on(offset)


def _customers_on(offset: int) -> int:
    return BASE_CUSTOMERS + DAILY_CUSTOMERS * (offset + HISTORY_DATES)


def _products(rng: Random, offset: int, prices: dict[int, int]) -> Iterator[Export]:
    """Yields new and re-priced products and keeps `prices` at what is asked on this date."""
    touched: list[int] = []
    if not prices:
        touched = list(range(1, BASE_PRODUCTS + 1))
    elif _is_later_day(offset):
        touched = rng.sample(sorted(prices), DAILY_PRICE_CHANGES)
        if offset % DAYS_PER_NEW_PRODUCT == 1:
            touched.append(len(prices) + 1)
    for product_id in touched:
        old = prices.get(product_id)
        prices[product_id] = rng.randint(350, 9_900) if old is None else old * rng.randint(105, 115) // 100
        category = CATEGORIES[(product_id - 1) % len(CATEGORIES)]
        style = STYLES[(product_id - 1) // len(CATEGORIES) % len(STYLES)]
        name = f"{style} {category} no. {product_id}"
        yield "products", _day(offset), (product_id, name, category, prices[product_id], _exported_on(offset))


def _orders(rng: Random, offset: int, prices: Mapping[int, int]) -> tuple[Order, ...]:
    count = rng.randint(140, 165)
    customers, products = _customers_on(offset), sorted(prices)
    # Ids carry the date, so that the number of orders on one date moves no id of another.
    first_id = (offset + HISTORY_DATES) * 1_000
    opening = datetime.combine(_date(offset), time(8))
    return tuple(
        Order(
            order_id=first_id + number,
            customer_id=1 + int(customers * rng.random() ** 1.7),  # low ids are regulars
            channel="test" if number == count - 1 else rng.choice(("web", "web", "app", "counter")),
            placed=opening + timedelta(minutes=rng.randrange(12 * 60)),
            lines=tuple(
                Line(product_id, rng.randint(1, 3), prices[product_id])
                for product_id in rng.sample(products, rng.choice((1, 1, 2, 2, 3)))
            ),
        )
        for number in range(count)
    )


def _item_rows(order: Order, offset: int, *, in_euros: bool) -> Iterator[Export]:
    for line_no, line in enumerate(order.lines, start=1):
        price = f"{line.price_cents / 100:.2f}" if in_euros else line.price_cents
        what = (line.product_id, line.quantity, price)
        yield "order_items", _day(offset), (order.order_id, line_no, *what, _exported_on(offset))


def _corrected(order: Order) -> Order:
    first, *rest = order.lines
    more = Line(first.product_id, first.quantity + 1, first.price_cents)
    return Order(order.order_id, order.customer_id, order.channel, order.placed, lines=(more, *rest))


def _events(rng: Random, order: Order, offset: int) -> Iterator[Export]:
    for number, (status, wait_days) in enumerate(_life(rng, order.channel)):
        heard = offset + wait_days
        happened = order.placed + timedelta(days=wait_days, minutes=5 * number)
        event = (order.order_id * 10 + number, order.order_id, status, happened, _exported_on(heard))
        yield "order_events", _day(heard), event


def _life(rng: Random, channel: str) -> Sequence[tuple[str, int]]:
    """The statuses of one order with the days after it was placed, oldest first."""
    if channel == "test":
        return ("placed", 0), ("purged", 1)
    if rng.random() < 0.05:
        return ("placed", 0), ("cancelled", rng.randint(0, 1))
    shipped = rng.randint(1, 3)
    delivered = shipped + rng.randint(1, 4)
    life = (("placed", 0), ("paid", 0), ("shipped", shipped), ("delivered", delivered))
    return (*life, ("returned", delivered + rng.randint(5, 12))) if rng.random() < 0.04 else life


def _population(seed: int, days: int) -> Iterator[Export]:
    """What the statistics office sends: everything on day 1, then daily two years of one region revised."""
    published = [(1, region, year) for region in REGIONS for year in YEARS]
    revised = [(day, REGIONS[day % len(REGIONS)], year) for day in range(2, days + 1) for year in YEARS[-2:]]
    for day, region, year in (*published, *revised):
        rng, late = Random(f"{seed}/population/{region}/{year}"), Random(f"{seed}/late moves/{day}/{year}")
        for sex in SEXES:
            for age in AGES:
                residents = rng.randint(900, 1_100) * (110 - age) // 100
                arrivals, departures = rng.randint(5, 40), rng.randint(5, 40)
                if day > 1:
                    arrivals, departures = arrivals + late.randint(0, 2), departures + late.randint(0, 2)
                row = (region, sex, age, year, residents, arrivals, departures, _exported_on(day - 1))
                yield "population", day, row


def _date(offset: int) -> date:
    return DAY_ONE + timedelta(days=offset)


def _day(offset: int) -> int:
    return max(1, offset + 1)


def _is_later_day(offset: int) -> bool:
    return offset > 0


def _exported_on(offset: int) -> date:
    return _date(max(0, offset))


def _write(path: Path, columns: tuple[str, ...], rows: Sequence[Row]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def main() -> None:
    """The command line: `python dbt/generate.py --out DIR --days N [--bug] [--seed S]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    parser.add_argument("--days", type=int, required=True, help="how many days of exports, 1 or more")
    parser.add_argument("--bug", action="store_true", help="order lines of the last day in euros, not in cents")
    parser.add_argument("--seed", type=int, default=7, help="another seed is another shop (default: 7)")
    asked = parser.parse_args()
    try:
        generate(asked.out, asked.days, bug=asked.bug, seed=asked.seed)
    except ValueError as refusal:
        parser.error(str(refusal))


if __name__ == "__main__":
    main()
