"""The generator: same arguments, same bytes; a day never depends on how many follow it."""

import csv
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, by its path inside."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of one CSV file, as text."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_generate_twice_gives_the_same_bytes(shop: ModuleType, tmp_path: Path) -> None:
    """Two runs with the same arguments write the same files, byte for byte."""
    shop.generate(tmp_path / "one", 3)
    shop.generate(tmp_path / "two", 3)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_generate_as_a_script_gives_the_same_bytes(shop: ModuleType, project: Path, tmp_path: Path) -> None:
    """The command line writes what the function writes."""
    shop.generate(tmp_path / "function", 2, bug=True, seed=11)
    arguments = ["--out", str(tmp_path / "script"), "--days", "2", "--bug", "--seed", "11"]
    subprocess.run([sys.executable, "-B", project / "generate.py", *arguments], check=True)
    assert contents(tmp_path / "script") == contents(tmp_path / "function")


def test_generate_with_another_seed_is_another_shop(shop: ModuleType, tmp_path: Path) -> None:
    """The seed reaches every table."""
    shop.generate(tmp_path / "one", 1, seed=1)
    shop.generate(tmp_path / "two", 1, seed=2)
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] == two[name]] == []


def test_generate_one_day_more_leaves_the_earlier_days_alone(shop: ModuleType, tmp_path: Path) -> None:
    """Days 1 to 4 are the same files whether 4 or 9 days are asked for."""
    shop.generate(tmp_path / "short", 4)
    shop.generate(tmp_path / "long", 9)
    short, long = contents(tmp_path / "short"), contents(tmp_path / "long")
    assert short.items() <= long.items()
    assert len(long) == len(short) // 4 * 9


def test_generate_fewer_days_removes_the_later_files(shop: ModuleType, tmp_path: Path) -> None:
    """A folder holds exactly the days last asked for, and nobody else's file is touched."""
    shop.generate(tmp_path / "raw", 3)
    (tmp_path / "raw" / "orders" / "notes.txt").write_text("mine")
    shop.generate(tmp_path / "raw", 1)
    shop.generate(tmp_path / "fresh", 1)
    assert contents(tmp_path / "raw") == {**contents(tmp_path / "fresh"), "orders/notes.txt": b"mine"}


def test_bug_changes_only_order_lines_of_the_last_day(shop: ModuleType, tmp_path: Path) -> None:
    """With the bug one file differs: the order lines of the last day."""
    shop.generate(tmp_path / "good", 3)
    shop.generate(tmp_path / "bad", 3, bug=True)
    good, bad = contents(tmp_path / "good"), contents(tmp_path / "bad")
    assert [name for name in good if good[name] != bad[name]] == ["order_items/day_0003.csv"]


def test_bug_writes_euros_where_cents_are_expected(shop: ModuleType, tmp_path: Path) -> None:
    """Every price of the last day is exactly a hundredth, and nothing else in the file moves."""
    shop.generate(tmp_path / "good", 2)
    shop.generate(tmp_path / "bad", 2, bug=True)
    good, bad = (rows(tmp_path / side / "order_items" / "day_0002.csv") for side in ("good", "bad"))
    in_cents = [{**row, "unit_price_cents": row["unit_price_cents"].replace(".", "").lstrip("0")} for row in bad]
    assert in_cents == good
    assert all("." in row["unit_price_cents"] for row in bad)


def test_day_one_is_a_history_and_each_later_day_one_date(shop: ModuleType, tmp_path: Path) -> None:
    """Day 1 brings sixty dates of orders at once, day 2 brings one date more."""
    shop.generate(tmp_path, 2)
    dates = [{row["ordered_at"][:10] for row in rows(tmp_path / "orders" / f"day_000{day}.csv")} for day in (1, 2)]
    assert [len(some) for some in dates] == [shop.HISTORY_DATES, 1]
    assert max(dates[0]) < min(dates[1])


def test_later_day_reports_on_orders_of_earlier_days(shop: ModuleType, tmp_path: Path) -> None:
    """Day 2 has events and corrected lines of orders that day 1 delivered, and purges one of them."""
    shop.generate(tmp_path, 2)
    known = {row["order_id"] for row in rows(tmp_path / "orders" / "day_0001.csv")}
    late = [row for row in rows(tmp_path / "order_events" / "day_0002.csv") if row["order_id"] in known]
    corrected = {row["order_id"] for row in rows(tmp_path / "order_items" / "day_0002.csv")} & known
    assert {"delivered", "shipped", "returned"} <= {row["status"] for row in late}
    assert [row["status"] for row in late].count("purged") == 1
    assert len(corrected) == shop.DAILY_CORRECTIONS


@pytest.mark.parametrize("days", [0, -1])
def test_generate_without_a_day_is_refused(shop: ModuleType, tmp_path: Path, days: int) -> None:
    """Fewer than one day is an error that names the value, and nothing is written."""
    with pytest.raises(ValueError, match=rf"Nothing was written\. days is {days}; ask for 1 or more\."):
        shop.generate(tmp_path / "raw", days)
    assert not (tmp_path / "raw").exists()


def test_generator_folder_hides_no_standard_module(project: Path) -> None:
    """A script's folder is searched first, so nothing in it may carry a standard library name."""
    assert {path.stem for path in project.iterdir()} & set(sys.stdlib_module_names) == set()
