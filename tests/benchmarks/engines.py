"""Measures what reading costs on each engine and driver against the driver's own bare fetch, in one run.

    python tests/benchmarks/engines.py [--rows 200000] [--json]

Each figure is measured in a process of its own. *Bare* is one cursor over the whole table, a thousand rows at a time.
*Read* is what a child does: keyset pages, row hashes, every row mapped and encoded. What the framework adds is the
difference, in CPU of the reading process for each row beyond its start-up; it must be much the same whatever the
database. The servers' own work is not in it, the clock's rows a second show that. *Lists* reads a child table of four
price lists a row; *join* reads and maps the same by one join written by hand, its rows put together in Python.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import psutil
from run import COLUMNS, items
from sqlalchemy import create_engine, make_url, text

from crossdock.testing import mariadb, odbc, postgres
from crossdock.testing.private import Unavailable

PAGE = 1000
AT_ONCE = 2000
SMALL = 10_000
LISTS = ("retail", "trade", "export", "staff")
ADDED = 1.2
"""How much more than on SQLite the framework may add to a row."""
FLAT = 1.1
"""How much more memory a large table may take than a small one."""
NAMES = [one.split()[0] for one in COLUMNS.split(", ")]
TYPES = {"TEXT": "VARCHAR(200)", "REAL": "DOUBLE PRECISION"}


@dataclass(frozen=True)
class Cost:
    """What one way of reading one engine took."""

    engine: str
    way: str
    rows: int
    cpu_s: float
    rows_a_second: float
    """By the clock."""
    peak_mb: float

    @property
    def cpu_us(self) -> float:
        """CPU a row, in microseconds, start-up included."""
        return self.cpu_s / self.rows * 1e6

    def beyond(self, few: "Cost") -> float:
        """CPU of each further row, in microseconds: what start-up costs is the same for few rows."""
        return (self.cpu_s - few.cpu_s) / (self.rows - few.rows) * 1e6


def fill(url: str, rows: int) -> None:
    """Makes the item table, and the price table beside it."""
    columns = COLUMNS.replace("range", "category")  # a reserved word of MariaDB
    for name, other in TYPES.items():
        columns = columns.replace(name, other) if not url.startswith("sqlite") else columns
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE items ({columns})"))
        connection.execute(
            text("CREATE TABLE prices (id INTEGER PRIMARY KEY, item INTEGER, name VARCHAR(20), price REAL)")
        )
        _put(connection, "items", items(rows), len(NAMES))
        prices = ((4 * n + i + 1, n + 1, name, 10.0 + i) for n in range(rows) for i, name in enumerate(LISTS))
        _put(connection, "prices", prices, 4)
        connection.execute(text("CREATE INDEX prices_item ON prices (item)"))
    engine.dispose()


def _put(connection: Any, table: str, rows: Iterator[tuple[Any, ...]], width: int) -> None:
    native = connection.connection.driver_connection
    mark = "?" if "sqlite" in type(native).__module__ else "%s"
    statement = f"INSERT INTO {table} VALUES ({', '.join([mark] * width)})"  # noqa: S608  # fixed text
    cursor = native.cursor()
    while some := list(islice(rows, AT_ONCE)):
        cursor.executemany(statement, some)


@contextmanager
def places(rows: int) -> Iterator[dict[str, Mapping[str, str]]]:
    """Starts the servers, fills them, and gives each engine's settings; what is missing is said and left out."""
    found: dict[str, Mapping[str, str]] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crossdock-bench-")))
        folder.chmod(0o755)
        addresses = {"sqlite": f"sqlite:///{(folder / 'erp.db').as_posix()}"}
        for name, server in (("postgresql", postgres), ("mariadb", mariadb)):
            (folder / name).mkdir()
            try:
                addresses[name] = stack.enter_context(server.start(folder / name))
            except Unavailable as reason:
                sys.stderr.write(f"not measured: {name}: {reason}\n")
        for name, url in addresses.items():
            fill(url, rows)
            found[name] = {"url": url}
            try:
                found[f"{name}, ODBC"] = {"odbc": _odbc(odbc.find(name), url), "password": make_url(url).password or ""}
            except Unavailable as reason:
                sys.stderr.write(f"not measured: {name} over ODBC: {reason}\n")
        yield found


def _odbc(driver: str, url: str) -> str:
    at = make_url(url)
    parts = {"SERVER": at.host, "PORT": at.port, "DATABASE": at.database, "UID": at.username}
    return ";".join([driver, *(f"{name}={value}" for name, value in parts.items() if value)])


def read_bare(place: Mapping[str, str], query: str) -> int:
    """Reads a query with the driver alone; gives the number of rows."""
    cursor = _native(place).cursor()
    cursor.execute(query)
    count = 0
    while some := cursor.fetchmany(PAGE):
        count += len(some)
    return count


def _native(place: Mapping[str, str]) -> Any:
    if "odbc" in place:
        import pyodbc  # noqa: PLC0415  # loads the driver manager

        secret = f";PWD={place['password']}" if place["password"] else ""
        return pyodbc.connect(place["odbc"] + secret)
    engine = create_engine(place["url"])
    native = engine.raw_connection().driver_connection
    if native is not None and type(native).__module__.startswith("pymysql"):
        from pymysql.cursors import SSCursor  # noqa: PLC0415  # its other cursor takes the whole result at once

        native.cursorclass = SSCursor
    return native


COLUMNS_OF = {
    "body_html": "body",
    "collection": "category",
    "vendor": "maker",
    "variants.barcode": "ean",
    "variants.qty": "on_hand",
    "variants.price": "price",
    "variants.price_tiers.trade": "price_trade",
    "variants.grams": "grams",
    "meta.colour": "colour",
}
"""What is read beside the codes and the title."""
JOINED = (
    "SELECT i.id, i.parent, i.code, i.title, p.name, p.price"
    " FROM items i LEFT JOIN prices p ON p.item = i.id ORDER BY i.id, p.name"
)
"""Items and their price lists, as one would join them by hand."""


def read_framework(place: Mapping[str, str], prices: str = "", limit: int | None = None) -> int:
    """Reads as a child does: pages, hashes, every row mapped and encoded; gives the number of rows.

    Args:
        place: the connection's settings.
        prices: empty: all columns and no price lists; `lists`: them from the child table; `join`: them by one join,
            its rows put together by hand.
        limit: rows at most.
    """
    from crossdock import Field, FieldMap, Many, Table  # noqa: PLC0415  # not in the bare process

    columns = {"source_product_code": "parent", "source_variant_code": "code", "title": "title", "variants.sku": "code"}
    columns |= {} if prices else COLUMNS_OF
    many = Many("variants.price_tiers", Table("prices", key="id"), "item", "name", (Field("value", "price"),))
    fields = [Field(hub, column) for hub, column in columns.items()]
    fieldmap = FieldMap("products", Table("items", key="id"), fields, [many] if prices else [])
    with ExitStack() as stack:
        pages = _joined(place, many.column) if prices == "join" else _pages(stack, place, fieldmap, limit)
        return _mapped(fieldmap, pages)


def _pages(stack: ExitStack, place: Mapping[str, str], fieldmap: Any, limit: int | None) -> Any:
    from crossdock import Config, Read  # noqa: PLC0415  # not in the bare process
    from crossdock.contract import LocalMemory  # noqa: PLC0415  # the same
    from crossdock.toolkit.sql import SqlSource  # noqa: PLC0415  # the same

    source, settings = SqlSource("bench", "Benchmark"), dict(place)
    if secret := make_url(settings["url"]).password if "url" in settings else None:
        settings = {"url": settings["url"].replace(f":{secret}@", "@"), "password": secret}
    config = Config(settings, frozenset({"password"}))
    session = stack.enter_context(source.open_session(config=config, memory=LocalMemory()))
    return source.read_products(session=session, read=Read(fields=fieldmap, page_size=PAGE, limit=limit))


def _joined(place: Mapping[str, str], column: str) -> Iterator[Any]:
    """Puts the rows of a join together, an item at a time, and gives pages of them."""
    from crossdock.contract import Rows  # noqa: PLC0415  # not in the bare process

    cursor = _native(place).cursor()
    cursor.execute(JOINED)
    columns, page, last = ("id", "parent", "code", "title", column), [], None
    while some := cursor.fetchmany(PAGE):
        for number, parent, code, title, name, price in some:
            if number == last:
                page[-1][4].append((name, price))
                continue
            if len(page) == PAGE:
                yield Rows(page, None, columns)
                page = []
            last = number
            page.append((number, parent, code, title, [(name, price)]))
    yield Rows(page, None, columns)


def _mapped(fieldmap: Any, pages: Any) -> int:
    from crossdock.child.offer import Reading  # noqa: PLC0415  # not in the bare process
    from crossdock.child.transform import Transforms  # noqa: PLC0415  # the same

    counts: list[int] = []
    reading = Reading(fieldmap, 1, Transforms(()), lambda frame: counts.append(len(getattr(frame, "rows", ()))))
    reading.run(pages, lambda: None, lambda: False, direct=True)
    return sum(counts)


WAYS: dict[str, Callable[[Mapping[str, str]], int]] = {
    "bare": lambda place: read_bare(place, "SELECT * FROM items ORDER BY id"),
    "read": read_framework,
    "join": lambda place: read_framework(place, "join"),
    "lists": lambda place: read_framework(place, "lists"),
    "a few": lambda place: read_framework(place, limit=SMALL),
    "a few with lists": lambda place: read_framework(place, "lists", SMALL),
}


def measured(engine: str, place: Mapping[str, str], way: str, rows: int) -> Cost:
    """Measures one way in a process of its own."""
    ran = subprocess.run(
        [sys.executable, __file__, "--one", way], input=json.dumps(place), capture_output=True, text=True, check=False
    )
    if ran.returncode:
        sys.exit(f"not measured: {engine}, {way}: {ran.stderr[-2000:]}")
    found = json.loads(ran.stdout)
    if found["rows"] != (SMALL if way.startswith("a few") else rows):
        sys.exit(f"not measured: {engine}, {way}: {found['rows']} rows came, expected {rows}")
    return Cost(engine, way, found["rows"], found["cpu_s"], found["rows"] / found["wall_s"], found["peak_mb"])


def one(way: str) -> None:
    """Measures one way in this process, from its imports on."""
    place = json.load(sys.stdin)
    began, clock = _cpu(), time.perf_counter()
    rows = WAYS[way](place)
    found = {"rows": rows, "cpu_s": _cpu() - began, "wall_s": time.perf_counter() - clock}
    peak = psutil.Process().memory_info()
    sys.stdout.write(json.dumps(found | {"peak_mb": _peak(peak) / 1e6}))


def _peak(info: Any) -> float:
    if sys.platform == "win32":
        return float(info.peak_wset)
    import resource  # noqa: PLC0415  # not on Windows

    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def _cpu() -> float:
    used = os.times()
    return used.user + used.system


def measure(rows: int) -> list[Cost]:
    """Measures every engine in every way."""
    with places(rows) as found:
        return [measured(name, place, way, rows) for name, place in found.items() for way in WAYS]


def judged(costs: Sequence[Cost]) -> list[dict[str, Any]]:
    """Gives for each engine what the framework adds to a row, and what lists cost against a join by hand."""
    by = {(one.engine, one.way): one for one in costs}
    base = by["sqlite", "read"].beyond(by["sqlite", "a few"]) - by["sqlite", "bare"].cpu_us
    lines = []
    for engine in dict.fromkeys(one.engine for one in costs):
        bare, read, join, lists, few, few_lists = (by[engine, way] for way in WAYS)
        added = read.beyond(few) - bare.cpu_us
        lines.append(
            {
                "engine": engine,
                "bare_us": bare.cpu_us,
                "read_us": read.beyond(few),
                "added_us": added,
                "against_sqlite": added / base,
                "memory_against_few": read.peak_mb / few.peak_mb,
                "met": added / base <= ADDED and read.peak_mb / few.peak_mb <= FLAT,
                "rows_a_second": read.rows_a_second,
                "bare_rows_a_second": bare.rows_a_second,
                "peak_mb": read.peak_mb,
                "lists_against_join": lists.beyond(few_lists) / join.cpu_us,
                "join_us": join.cpu_us,
                "lists_us": lists.beyond(few_lists),
                "join_rows_a_second": join.rows_a_second,
                "lists_rows_a_second": lists.rows_a_second,
            }
        )
    return lines


def show(rows: int, lines: Sequence[Mapping[str, Any]]) -> None:
    """Prints the table."""
    from rich.console import Console  # noqa: PLC0415  # not for --json
    from rich.table import Table  # noqa: PLC0415  # the same

    heads = (
        "engine",
        "bare µs",
        "read µs",
        "added",
        "x SQLite's",
        "rows/s",
        "bare rows/s",
        "MB",
        "x few rows'",
        "join µs",
        "lists µs",
        "join/s",
        "lists/s",
    )
    table = Table(title=f"{rows:,} rows of 13 columns, CPU a row of the reading process", title_justify="left")
    for name in heads:
        table.add_column(name, justify="left" if name == "engine" else "right")
    for line in lines:
        numbers = [line[name] for name in ("bare_us", "read_us", "added_us", "against_sqlite")]
        rates = [f"{line[name]:,.0f}" for name in ("rows_a_second", "bare_rows_a_second", "peak_mb")]
        rates.append(f"{line['memory_against_few']:.2f}")
        table.add_row(
            line["engine"],
            *(f"{one:.2f}" for one in numbers),
            *rates,
            f"{line['join_us']:.1f}",
            f"{line['lists_us']:.1f}",
            f"{line['join_rows_a_second']:,.0f}",
            f"{line['lists_rows_a_second']:,.0f}",
        )
    Console(width=None if sys.stdout.isatty() else 140).print(table)


def main() -> int:
    """Measures and prints; 1 where an engine costs too much."""
    parser = argparse.ArgumentParser(description="Measure reading on each engine and driver against its bare fetch.")
    parser.add_argument("--rows", type=int, default=200_000, help="rows of the table (200,000)")
    parser.add_argument("--json", action="store_true", help="print JSON in place of a table")
    parser.add_argument("--one", choices=sorted(WAYS), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        one(given.one)
        return 0
    costs = measure(given.rows)
    lines = judged(costs)
    if given.json:
        sys.stdout.write(json.dumps({"rows": given.rows, "engines": lines, "costs": list(map(asdict, costs))}) + "\n")
    else:
        show(given.rows, lines)
    return 0 if all(line["met"] for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
