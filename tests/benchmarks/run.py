"""Measures what a sync costs against the least that any program must pay, in one run, side by side.

    python tests/benchmarks/run.py [--rows 1000000] [--json]

The measure is CPU seconds of all processes, start-up included, as multiples of the floor: a program without any
framework that reads the same rows with `sqlite3` and writes them with `json.dumps`. The floor is measured before,
between and after the syncs and its median is used, so that a machine that slows down meanwhile misleads little.
Figures, and what is behind them: `docs/explanation/performance.md`.
"""

import argparse
import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

SMALL = 10_000
"""Rows of the sync whose memory is compared with the large one's."""
HELPS = 5
BYTES_A_ROW = 2_000
"""Disk that one row takes at most: the database, the catalogue with its log, the channel's and the floor's file."""
PERIOD_S = 0.05
"""Seconds between two looks at the memory."""
COLUMNS = (
    "id INTEGER PRIMARY KEY, code TEXT, parent TEXT, title TEXT, body TEXT, range TEXT, maker TEXT, colour TEXT, "
    "ean TEXT, on_hand INTEGER, price REAL, price_trade REAL, grams INTEGER"
)
CONFIGURATION = """
[connections.erp]
plugin = "custom-database"
url = "sqlite:///{database}"
[connections.erp.products]
table = "items"
key = "id"
[connections.erp.products.fields]
source_product_code = "parent"
source_variant_code = "code"
title = "title"
body_html = "body"
collection = "range"
vendor = "maker"
"options.1" = {{ constant = "Colour" }}
"variants.option1" = "colour"
"variants.sku" = "code"
"variants.barcode" = "ean"
"variants.qty" = "on_hand"
"variants.price" = "price"
"variants.price_tiers.trade" = "price_trade"
"variants.grams" = "grams"
[connections.out]
plugin = "flat-file"
path = "out.jsonl"
[syncs.main]
source = "erp"
channels = ["out"]
"""
FLOOR = """
import json, sqlite3, sys
cursor = sqlite3.connect(sys.argv[1]).execute("SELECT * FROM items")
names = [column[0] for column in cursor.description]
with open(sys.argv[2], "w", encoding="utf-8") as file:
    while rows := cursor.fetchmany(1000):
        file.writelines(json.dumps(dict(zip(names, row))) + "\\n" for row in rows)
"""
KINDS = ("Shirt", "Jacket", "Kettle", "Torch", "Hammer", "Rope", "Notebook", "Lamp", "Boot", "Mug")
COLOURS = ("Red", "Blue", "Green", "Black", "White")
MAKERS = ("Acme", "Karoo", "Lindqvist", "Baobab", "Sendai", "Volta", "Ngwenya")


@dataclass(frozen=True)
class Measured:
    """One command that ran."""

    cpu_s: float
    wall_s: float
    peak_mb: float
    output: str


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    what: str
    reached: float
    target: float | None
    unit: str
    detail: str = ""

    @property
    def is_met(self) -> bool | None:
        """Whether the target is reached. None: there is none."""
        return None if self.target is None else self.reached <= self.target


class BrokenBenchmarkError(Exception):
    """What ran did not do what it should: its cost means nothing."""


def items(count: int) -> Iterator[tuple[Any, ...]]:
    """Gives rows of a believable item table: simple products, and three in ten that are variants of 3 to 5."""
    number = 0
    while number < count:
        size = 3 + number % 3 if number % 13 == 0 else 1
        parent = f"P{number + 1:07}"
        for place in range(min(size, count - number)):
            yield _item(number + place + 1, parent, size, place)
        number += size


def _item(number: int, parent: str, size: int, place: int) -> tuple[Any, ...]:
    kind, maker = KINDS[number // 7 % len(KINDS)], MAKERS[number // 3 % len(MAKERS)]
    price = (number * 7919 % 200_000 + 95) / 100
    title = f"{maker} {kind.lower()} model {number - place}"
    body = f"<p>{title}, made to last. Comes with a guarantee of {number % 5 + 1} years.</p>"
    code, colour = (parent, None) if size == 1 else (f"{parent}-{place + 1}", COLOURS[place])
    ean = f"60{number * 37 % 10**10:011}"
    amounts = (number % 250, price, round(price * 0.8, 2), number % 4000)
    return (number, code, parent, title, body, kind + "s", maker, colour, ean, *amounts)


def make_home(folder: Path, rows: int) -> None:
    """Makes a home folder with a company database and the configuration that syncs it to a file."""
    folder.mkdir()
    database = folder / "erp.db"
    with closing(sqlite3.connect(database)) as erp:
        erp.execute(f"CREATE TABLE items ({COLUMNS})")
        marks = ", ".join("?" * len(COLUMNS.split(",")))
        erp.executemany(f"INSERT INTO items VALUES ({marks})", items(rows))  # noqa: S608  # fixed text
        erp.commit()
    text = CONFIGURATION.format(database=database.as_posix())
    (folder / "crossdock.toml").write_text(text, encoding="utf-8")


def change_some(folder: Path) -> set[str]:
    """Changes price or stock of every hundredth item; gives their codes."""
    with closing(sqlite3.connect(folder / "erp.db")) as erp:
        erp.execute("UPDATE items SET price = price + 1 WHERE id % 200 = 50")
        erp.execute("UPDATE items SET on_hand = on_hand + 3 WHERE id % 200 = 150")
        erp.commit()
        return {row[0] for row in erp.execute("SELECT code FROM items WHERE id % 100 = 50")}


class Bench:
    """Runs commands and keeps what they cost."""

    def __init__(self, folder: Path) -> None:
        """Takes an empty folder to work in."""
        self.folder = folder
        # As installed: modules compiled once (by the first, small sync), and not into the source tree.
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self.environment = {**kept, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
        self.floors: list[Measured] = []
        found = shutil.which("crossdock", path=str(Path(sys.executable).parent))
        if found is None:
            message = f"there is no `crossdock` command beside {sys.executable}; install the project there"
            raise BrokenBenchmarkError(message)
        self.crossdock = found

    def run(self, *command: str) -> Measured:
        """Runs one command to its end.

        Raises:
            BrokenBenchmarkError: it failed.
        """
        before, began = _cpu_of_children(), time.perf_counter()
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, env=self.environment, **pipes) as process, peak_memory(process.pid) as peak:
            output, said = process.communicate()
        wall = time.perf_counter() - began
        if process.returncode != 0:
            message = f"{' '.join(command[:4])} ... ended with {process.returncode}: {said or output}"
            raise BrokenBenchmarkError(message)
        return Measured(_cpu_of_children() - before, wall, max(peak) / 1e6, output)

    def floor(self, home: Path) -> None:
        """Measures the floor once more."""
        target = self.folder / "floor.jsonl"
        self.floors.append(self.run(sys.executable, "-c", FLOOR, str(home / "erp.db"), str(target)))
        target.unlink()

    def sync(self, home: Path, **expected: int) -> Measured:
        """Runs one sync and holds its summary against what it must have done.

        Raises:
            BrokenBenchmarkError: another number of rows was written, or of items sent.
        """
        found = self.run(self.crossdock, "--home", str(home), "sync", "--json")
        summary = json.loads(found.output)
        counts = {**summary["streams"]["products"], "sent": summary["deliveries"][0]["sent"]}
        wrong = {name: counts[name] for name, count in expected.items() if counts[name] != count}
        if wrong:
            message = f"the sync counted {wrong}, expected {expected}"
            raise BrokenBenchmarkError(message)
        return found

    def help(self) -> Measured:
        """Measures `crossdock --help`, the median of several."""
        found = [self.run(self.crossdock, "--help") for _ in range(HELPS)]
        return sorted(found, key=lambda one: one.cpu_s)[len(found) // 2]


@contextmanager
def peak_memory(pid: int) -> Iterator[list[int]]:
    """Notes the memory of a process and its children, a sum of bytes every now and then, from a thread."""
    found, ended = [0], threading.Event()

    def look() -> None:
        while not ended.wait(PERIOD_S):
            try:
                root = psutil.Process(pid)
                found.append(sum(map(memory_of, (root, *root.children(recursive=True)))))
            except psutil.NoSuchProcess:
                continue

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        ended.set()
        thread.join()


def memory_of(process: psutil.Process) -> int:
    """Gives what a process has in memory, what it shares with others counted in shares (PSS) or not at all (USS)."""
    try:
        found = process.memory_full_info()
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return 0
    return int(getattr(found, "pss", found.uss))


def _cpu_of_children() -> float:
    import resource  # noqa: PLC0415  # not on Windows, where only this fails

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(rows: int, folder: Path) -> list[Figure]:
    """Measures everything once.

    Raises:
        BrokenBenchmarkError: something ran that did not do its work, or there is too little disk for it.
    """
    if shutil.disk_usage(folder).free < rows * BYTES_A_ROW:
        message = f"{folder} has less than {rows * BYTES_A_ROW / 1e9:.1f} GB free; set TMPDIR, or say fewer --rows"
        raise BrokenBenchmarkError(message)
    bench, small, large = Bench(folder), folder / "small", folder / "large"
    make_home(small, min(SMALL, rows))
    make_home(large, rows)
    few = [bench.sync(small, written=min(SMALL, rows)), bench.sync(small, written=0)]
    bench.floor(large)
    first = bench.sync(large, read=rows, written=rows, sent=rows)
    bench.floor(large)
    same = bench.sync(large, read=rows, written=0, sent=0)
    bench.floor(large)
    changed = _changed(bench, large, rows)
    bench.floor(large)
    return _figures(rows, bench, few, [first, same, changed])


def _changed(bench: Bench, home: Path, rows: int) -> Measured:
    """Measures the sync of a few changes; exactly the changed items' lines must be appended."""
    out = home / "out.jsonl"
    size, codes = out.stat().st_size, change_some(home)
    found = bench.sync(home, read=rows, written=len(codes), sent=len(codes))
    with out.open("rb") as file:
        file.seek(size)
        lines = [json.loads(line)["variants"]["source_variant_code"] for line in file]
    if len(lines) != len(codes) or set(lines) != codes:
        message = f"{len(codes)} items changed and {len(lines)} lines came, {len(codes ^ set(lines))} of them wrong"
        raise BrokenBenchmarkError(message)
    return found


def _figures(rows: int, bench: Bench, few: Sequence[Measured], many: Sequence[Measured]) -> list[Figure]:
    floor = statistics.median(one.cpu_s for one in bench.floors)
    spread = ", ".join(f"{one.cpu_s:.2f}" for one in bench.floors)
    names = ("first sync", "the same again, nothing changed", "1 % changed, exactly those delivered")
    shares = [
        Figure(name, one.cpu_s / floor, target, "x floor", f"{one.cpu_s:.2f} s CPU, {one.wall_s:.1f} s by the clock")
        for name, one, target in zip(names, many, (2.0, 0.65, 0.75), strict=True)
    ]
    small, large = (max(one.peak_mb for one in found) for found in (few, many))
    helped = bench.help()
    return [
        Figure("the floor", floor, None, "s CPU", f"{spread}; {floor / rows * 1e6:.2f} µs a row"),
        *shares,
        Figure("peak memory, all processes", large, 200, "MB", f"{small:.0f} MB at {min(SMALL, rows):,} rows"),
        Figure(f"peak memory against {min(SMALL, rows):,} rows", large / small, 1.1, "x"),
        Figure("crossdock --help", helped.cpu_s, 0.15, "s CPU"),
    ]


def show(rows: int, figures: Sequence[Figure]) -> None:
    """Prints the table."""
    from rich.console import Console  # noqa: PLC0415  # not for --json
    from rich.table import Table  # noqa: PLC0415  # the same

    table = Table(title=f"{rows:,} rows of 13 columns, {machine()}", title_justify="left")
    for name in ("what", "target", "reached", "", "behind it"):
        table.add_column(name, justify="right" if name in ("target", "reached") else "left")
    for one in figures:
        met = {None: "", True: "[green]yes[/]", False: "[red]no[/]"}[one.is_met]
        target = "" if one.target is None else f"{one.target:g} {one.unit}"
        table.add_row(one.what, target, f"{one.reached:.2f} {one.unit}", met, one.detail)
    Console(width=None if sys.stdout.isatty() else 140).print(table)


def machine() -> str:
    """Says what was measured on, and how memory was counted."""
    counted = "PSS" if sys.platform == "linux" else "USS"
    return f"Python {platform.python_version()}, {os.cpu_count()} processors, memory as {counted}"


def main() -> int:
    """Measures and prints; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description="Measure a sync against reading and writing the same rows plainly.")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the large database (1,000,000)")
    parser.add_argument("--json", action="store_true", help="print JSON in place of a table")
    given = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="crossdock-bench-") as folder:
            figures = measure(given.rows, Path(folder))
    except BrokenBenchmarkError as error:
        sys.exit(f"not measured: {error}")
    if given.json:
        found = [{**asdict(one), "met": one.is_met} for one in figures]
        sys.stdout.write(json.dumps({"rows": given.rows, "machine": machine(), "figures": found}, indent=2) + "\n")
    else:
        show(given.rows, figures)
    return 0 if all(one.is_met is not False for one in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
