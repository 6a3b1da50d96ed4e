"""A small source that keeps every promise, and the system it reads: what the faulty ones are made from."""

import json
import socket
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from crossdock import (
    AuthError,
    Config,
    ConfigError,
    Field,
    FieldMap,
    Finding,
    Manifest,
    Rows,
    Setting,
    Table,
    TransientError,
    hookimpl,
)

PASSWORD = "c0rrect-h0rse-battery"
OVERLAP_S = 60.0
PRODUCTS = FieldMap(
    "products",
    Table("item", key="id", changed="changed"),
    (
        Field("source_product_code", "code"),
        Field("source_variant_code", "code"),
        Field("title", "name"),
        Field("variants.sku", "code"),
        Field("variants.qty", "qty"),
    ),
)
CUSTOMERS = FieldMap(
    "customers",
    Table("client", key="id", changed="changed"),
    (Field("source_customer_code", "code"), Field("company", "name")),
)
SYSTEMS = {}
"""Running systems, by port."""


class LimitError(Exception):
    """The system's own way to say: too many calls."""


class System:
    """An ERP in this process; its door is a socket that nobody needs to answer."""

    def __init__(self):
        self.mood, self.trace = set(), []
        self.rows = {stream: [sound(stream, number) for number in range(1, 8)] for stream in ("products", "customers")}
        self.rows["products"].append(sound("products", 8) | {"name": None})

    def query(self, stream, wanted, size):
        """Gives the first rows, by change and key, that are wanted."""
        errors = {
            "time_out": TimeoutError("no answer"),
            "rate_limit": LimitError("120"),
            "not_permitted": PermissionError("may not read"),
            "bad_data": ValueError("<html>"),
        }
        for kind in self.mood & errors.keys():
            raise errors[kind]
        found = sorted((row for row in self.rows[stream] if wanted(row)), key=order)[:size]
        if "out_of_order" in self.mood:
            found.reverse()
        if "repeated" in self.mood:
            found = [row for row in found for _ in range(2)]
        return [dict(row) for row in found]


def sound(stream, number):
    """A row as the system keeps it."""
    stamp = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number)
    row = {"id": number, "code": f"{stream[0]}-{number}", "name": f"Name {number}", "changed": stamp, "internal": "x"}
    return row | ({"qty": number} if stream == "products" else {})


def order(row):
    return row["changed"], row["id"]


class SampleFake:
    """The system's stand-in, with everything that a fake may offer."""

    FAULTS = (
        "time_out",
        "unreachable",
        "rate_limit",
        "refused",
        "not_permitted",
        "bad_data",
        "out_of_order",
        "repeated",
    )
    BAD_ROWS = MappingProxyType({"products": 1})
    AWARE = MappingProxyType({"products": ("changed",), "customers": ("changed",)})

    @contextmanager
    def start(self, folder):
        with socket.create_server(("127.0.0.1", 0)) as door:
            port = door.getsockname()[1]
            SYSTEMS[port] = System()
            (folder / "ca.pem").write_text("certificate")
            path = str(folder / "ca.pem")
            yield {"url": f"erp://127.0.0.1:{port}", "password": PASSWORD, "certificate": path}
            del SYSTEMS[port]

    def touch(self, settings, stream, codes, seconds):
        stamp = datetime.now(UTC) + timedelta(seconds=seconds)
        for row in system_of(settings).rows[stream]:
            if row["code"] in codes:
                row.update(changed=stamp, name=row["name"] and row["name"] + "'")

    def fill(self, settings, stream, count):
        system_of(settings).rows[stream] = [sound(stream, number) for number in range(1, count + 1)]

    def state(self, settings):
        return list(system_of(settings).trace)

    @contextmanager
    def fault(self, settings, kind):
        changed = {
            "refused": {"password": "another-password"},
            "unreachable": {"url": "erp://127.0.0.1:1"},
        }
        system_of(settings).mood.add(kind)
        yield dict(settings) | changed.get(kind, {})
        system_of(settings).mood.discard(kind)


def system_of(settings):
    return SYSTEMS[urlsplit(settings["url"]).port]


class Session:
    """An open connection."""

    def __init__(self, system, config):
        self.system, self.config = system, config


class Sample:
    """The plugin; the parts that faulty ones replace are methods of their own."""

    manifest = Manifest(
        name="sample",
        title="Sample ERP",
        settings=(
            Setting("url", "address of the ERP", kind="url", required=True),
            Setting("password", "password of the reader", secret=True, required=True),
            Setting("certificate", "file with the certificate", kind="path"),
            Setting("timeout_s", "seconds to wait", kind="number", default=5),
        ),
        features=("Reads products.", "Does not take orders."),
        hosts=("url",),
    )
    maps = (PRODUCTS, CUSTOMERS)

    @hookimpl
    def describe(self):
        return self.manifest

    @hookimpl
    def field_maps(self):
        return self.maps

    @hookimpl
    @contextmanager
    def open_session(self, config: Config, memory):
        yield Session(self.connect(config), config)

    def connect(self, config):
        """Knocks at the door and shows the password."""
        self.look_at_certificate(config)
        place = urlsplit(config["url"])
        try:
            socket.create_connection((place.hostname, place.port), config["timeout_s"]).close()
        except OSError as error:
            message = f"{config['url']} cannot be reached"
            raise TransientError(message) from error
        if config["password"] != PASSWORD:
            raise self.refusal(config)
        return SYSTEMS[place.port]

    def look_at_certificate(self, config):
        try:
            Path(config["certificate"]).read_text(encoding="utf-8")
        except OSError as error:
            message = f"certificate: {error.strerror}"
            raise ConfigError(message) from error

    def refusal(self, config):
        return AuthError("the ERP refuses the password")

    @hookimpl
    def check(self, session):
        session.system.query("products", lambda row: True, 1)
        return [Finding("reachable", "ok", "The ERP answers.")]

    @hookimpl
    def read_products(self, session, read):
        yield from self.read(session, "products", read)

    @hookimpl
    def read_customers(self, session, read):
        yield from self.read(session, "customers", read)

    def read(self, session, stream, read):
        names = self.names(session.system, stream, read.fields)
        rows = self.by_code(session, stream, read) if read.codes is not None else None
        pages = read.paged(rows, names) if rows is not None else self.pages(session, stream, read, names)
        for page in pages:
            yield self.finished(page)

    def names(self, system, stream, fields):
        """Columns of the map, key and change column."""
        names = [*(column for one in fields.fields for column in one.columns), fields.source.key, fields.source.changed]
        for name in names:
            if name not in sound(stream, 1):
                message = f"{stream}: there is no column {name!r}"
                raise ConfigError(message)
        return tuple(dict.fromkeys(names))

    def by_code(self, session, stream, read):
        found = self.ask(session, stream, lambda row: row["code"] in read.codes, None)
        names = self.names(session.system, stream, read.fields)
        return [tuple(row[name] for name in names) for row in found]

    def pages(self, session, stream, read, names):
        """Rows by change and key, a page at a time; ends a little before now, to begin there the next time."""
        begin, place, high = self.place(read.since)
        if place is None:
            high = self.high(session, stream)
        left = read.limit
        while left is None or left > 0:
            size = read.page_size if left is None else min(left, read.page_size)
            found = self.ask(session, stream, self.wanted(begin, place), size + 1)
            rows = found[:size]
            is_last = len(found) <= size
            place = order(rows[-1]) if rows else place
            left = None if left is None else left - len(rows)
            cursor = self.end(high, begin) if is_last else self.middle(begin, place, high)
            yield Rows([self.values(row, names) for row in rows], cursor, names)
            if is_last:
                return

    def wanted(self, begin, place):
        return lambda row: (begin is None or row["changed"] >= begin) and (place is None or order(row) > place)

    def values(self, row, names):
        return tuple(row[name] for name in names)

    def finished(self, page):
        return page

    def ask(self, session, stream, wanted, size):
        """Asks the system, tells errors in our words, and puts rows in order, each once."""
        try:
            found = session.system.query(stream, wanted, size)
        except (TimeoutError, LimitError, PermissionError, ValueError) as error:
            raise self.told(error) from error
        return self.sorted(found)

    def sorted(self, found):
        return sorted({row["id"]: row for row in found}.values(), key=order)

    def told(self, error):
        if isinstance(error, PermissionError):
            return AuthError("the login may not read")
        wait = float(str(error)) if isinstance(error, LimitError) else None
        return TransientError(f"the ERP failed: {error}", wait)

    def high(self, session, stream):
        stamps = [row["changed"] for row in session.system.rows[stream]]
        return min(max(stamps), datetime.now(UTC)) if stamps else None

    def end(self, high, begin):
        return json.dumps({"begin": high and (high - timedelta(seconds=OVERLAP_S)).isoformat()})

    def middle(self, begin, place, high):
        stamp, key = place
        dates = {"begin": begin and begin.isoformat(), "high": high and high.isoformat()}
        return json.dumps(dates | {"stamp": stamp.isoformat(), "key": key})

    def place(self, since):
        """Begin, last row given, and the highest stamp of when the read began."""
        if since is None:
            return None, None, None
        try:
            told = json.loads(since)
            dates = {name: told[name] and datetime.fromisoformat(told[name]) for name in told if name != "key"}
            return dates["begin"], (dates["stamp"], told["key"]) if "key" in told else None, dates.get("high")
        except (ValueError, AttributeError, TypeError, KeyError) as error:
            message = "the place to go on from cannot be read"
            raise ConfigError(message) from error
