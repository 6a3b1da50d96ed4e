"""The whole loop on stand-ins, from nothing: an ERP that changes, a hub and a file that are kept up to date."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct, field

from crossdock.contract import ConfigError, PluginError
from crossdock.host.config import Configuration, read_configuration
from crossdock.host.home import CONFIG_NAME, open_store
from crossdock.host.run_sync import SyncReport, run_sync
from crossdock.host.standin import RATE, SOURCE_ID, USERNAME, WORD, StandIn, standing_in
from crossdock.records import Variant, decode
from crossdock.store import Store, catalogue, quarantine
from crossdock.store.catalogue import Item
from crossdock.store.connections import find_connection, streams_of
from crossdock.store.quarantine import Quarantined
from crossdock.sync.read import Options
from crossdock.sync.summary import ReadSummary

PLUGINS = ("demo-erp", "stock2shop", "flat-file")
SOURCE, CHANNEL, STREAM = "erp", "hub", "products"
COUNTS = ("read", "written", "unchanged", "quarantined", "ignored")
LEAST, MOST = 3, 10
"""Items that a working day changes in the demo ERP."""
SEED = 7
CONFIGURATION = """\
# Written by `crossdock demo`: a whole set-up in miniature.
[connections.erp]
plugin = "demo-erp"
path = "erp.db"
items = {items}

[connections.hub]
plugin = "stock2shop"
url = "{url}/v1"                          # a stand-in that stopped with the demo
username = "{username}"
password = {{ file = "secrets/hub" }}
source_id = {source_id}
customers_path = "hub-customers.csv"
rate = {rate}

[connections.out]
plugin = "flat-file"
path = "out.jsonl"
customers_path = "out-customers.jsonl"

[syncs.main]
source = "erp"
channels = ["hub", "out"]
streams = ["products", "customers"]
"""
AT_THE_ERP = """\
import json, sys
from crossdock_demo_erp import erp
print(json.dumps(erp.change_some(sys.argv[1], int(sys.argv[2]))))
"""
"""A user at work in the ERP: a process of its own, since the host loads no plugin."""


class Move(NamedTuple):
    """One value on the hub that a sync changed."""

    code: str
    what: str
    before: Any
    after: Any


class DemoSync(Struct):
    """One of the demo's syncs."""

    report: SyncReport
    sent: int
    """Items of the stream products that the hub acknowledged."""
    on_hub: int
    """Active variants that the hub reported afterwards."""

    @property
    def read(self) -> ReadSummary:
        """Counts of the stream products."""
        return next((one for one in self.report.reads if one.stream == STREAM), ReadSummary(STREAM))

    def counts(self) -> dict[str, int]:
        """Gives the counts of the stream products, in items."""
        return {**{name: getattr(self.read, name) for name in COUNTS}, "sent": self.sent, "on_hub": self.on_hub}


class DemoReport(Struct):
    """What the demo did and found."""

    home: Path
    url: str
    """Where the stand-in hub was."""
    syncs: list[DemoSync] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    """Codes of the items that changed in the ERP before the third sync."""
    moves: list[Move] = field(default_factory=list)
    """What the third sync changed on the hub."""
    quarantined: list[Quarantined] = field(default_factory=list)
    off_sale: int = 0
    """Items that the hub was told not to sell."""
    problems: list[str] = field(default_factory=list)
    """What did not come out as promised; empty: all did."""
    took_s: float = 0.0


def run_demo(home: Path, items: int, on_step: Callable[[str], None] = lambda _: None) -> DemoReport:
    """Runs the demo in a home folder that has no configuration yet.

    Args:
        home: folder that everything is written into.
        items: rows of the demo ERP's item table.
        on_step: told in words what begins.

    Raises:
        ConfigError: a plugin that the demo needs is not installed.
        TransientError: the stand-in hub does not start.
    """
    require_plugins()
    began = time.monotonic()
    on_step("starting the stand-in hub")
    with standing_in() as hub:
        configuration = _set_up(home, items, hub.url)
        store = open_store(configuration, home)
        try:
            report = DemoReport(home, hub.url)
            _Demo(configuration, store, hub, report, on_step).run()
        finally:
            store.close()
    report.took_s = time.monotonic() - began
    return report


def require_plugins() -> None:
    """Makes sure that the plugins which the demo needs are installed.

    Raises:
        ConfigError: one is not; the text says how to get it.
    """
    there = {entry.name for entry in entry_points(group="crossdock")}
    missing = [f"crossdock-{name}" for name in PLUGINS if name not in there]
    if missing:
        message = f"the demo needs plugins that are not installed here: pip install {' '.join(missing)}"
        raise ConfigError(message)


def _set_up(home: Path, items: int, url: str) -> Configuration:
    (home / "secrets").mkdir(parents=True, exist_ok=True)
    secret = home / "secrets" / "hub"
    secret.touch(mode=0o600)
    secret.write_text(WORD, "utf-8")
    told = {"items": items, "url": url, "username": USERNAME, "source_id": SOURCE_ID, "rate": RATE}
    (home / CONFIG_NAME).write_text(CONFIGURATION.format(**told), "utf-8")
    return read_configuration(home / CONFIG_NAME)


class _Demo:
    """The steps of one demo."""

    def __init__(
        self,
        configuration: Configuration,
        store: Store,
        hub: StandIn,
        report: DemoReport,
        on_step: Callable[[str], None],
    ) -> None:
        self.configuration, self.store, self.hub = configuration, store, hub
        self.report, self.on_step = report, on_step

    def run(self) -> None:
        self._sync("first sync: everything is new")
        self._sync("second sync: nothing has changed")
        before = self.hub.active_variants()
        self.on_step("a working day at the ERP: a few prices and quantities change")
        self.report.changed = _change_some(self.report.home / "erp.db")
        self._sync("third sync: only what changed goes out")
        after = self.hub.active_variants()
        self.report.moves = _moves(before, after)
        items = self._items()
        self.report.off_sale = len(items) - sum(one.active for one in items.values())
        self.report.problems = [*self._sums(), *self._third(), *_differences(items, after)]

    def _sync(self, step: str) -> None:
        self.on_step(step)
        sync = self.configuration.sync("main")
        done = run_sync(self.configuration, self.store, sync, sync.streams, Options(full=True))
        sent = sum(one.sent for one in done.deliveries if (one.channel, one.stream) == (CHANNEL, STREAM))
        self.report.syncs.append(DemoSync(done, sent, len(self.hub.active_variants())))

    def _items(self) -> dict[str, Variant]:
        """Gives what the catalogue holds, by code, and notes what is set aside."""
        with self.store.read() as transaction:
            number = find_connection(transaction, SOURCE)
            stream = streams_of(transaction, number)[STREAM] if number is not None else 0
            self.report.quarantined = quarantine.listed(transaction, stream)
            rows = catalogue.due(transaction, stream, 0, catalogue.stream_seq(transaction, stream))
            items = [Item._make(row) for row in rows]
        return {one.code: decode(one.unit, Variant) for one in items if one.unit is not None and not one.gone}

    def _sums(self) -> list[str]:
        found = [f"lane {error.lane}: {error.problem}" for one in self.report.syncs for error in one.report.errors]
        for number, one in enumerate(self.report.syncs, 1):
            if not one.read.adds_up():
                found.append(f"sync {number}: read is not written + unchanged + quarantined + ignored")
            if one.sent != one.read.written:
                found.append(
                    f"sync {number}: {one.read.written} items were new or changed, the hub acknowledged {one.sent}"
                )
        return found

    def _third(self) -> list[str]:
        changed, moved = self.report.changed, sorted({one.code for one in self.report.moves})
        found = [] if LEAST <= len(changed) <= MOST else [f"{len(changed)} items changed in the ERP"]
        if moved != changed:
            found.append(f"{', '.join(changed)} changed in the ERP, {', '.join(moved) or 'nothing'} on the hub")
        return found


def _change_some(erp: Path) -> list[str]:
    command = [sys.executable, "-X", "utf8", "-c", AT_THE_ERP, str(erp), str(SEED)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8")  # our own code
    if done.returncode:
        message = f"the demo ERP could not be changed: {done.stderr.strip()[-300:]}"
        raise PluginError(message, "demo-erp")
    return sorted(json.loads(done.stdout))


def _moves(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> list[Move]:
    """Finds what is another on the hub than before."""
    found = []
    for code in sorted({*before, *after}):
        old, new = before.get(code, {}), after.get(code, {})
        found += [
            Move(code, name, old.get(name), new.get(name))
            for name in ("price", "qty")
            if old.get(name) != new.get(name)
        ]
    return found


def _differences(items: dict[str, Variant], there: dict[str, dict[str, Any]]) -> list[str]:
    """Compares what is on sale on the hub with the catalogue: code, SKU, price and quantity."""
    wanted = {
        code: (one.sku, one.price, None if one.qty is None else int(one.qty))
        for code, one in items.items()
        if one.active
    }
    found = {code: (one["sku"], _amount(one["price"]), one["qty"]) for code, one in there.items()}
    different = sorted(code for code in {*wanted, *found} if wanted.get(code) != found.get(code))
    return [f"hub and catalogue differ in {len(different)} items: {', '.join(different[:5])}"] if different else []


def _amount(price: float | None) -> Decimal | None:
    return None if price is None else Decimal(str(price))
