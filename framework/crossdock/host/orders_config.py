"""`[orders.NAME]` of `crossdock.toml`: which channel's orders become which documents, and how."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import Any

import msgspec
from msgspec import Struct

from crossdock.contract import ConfigError
from crossdock.host.config import Configuration, _number, _refuse_unknown, _seconds, _table, _texts
from crossdock.orders.custom_fields import unknown_name
from crossdock.orders.options import KINDS, OPTION_NAMES, Flow, OrderOptions, Route
from crossdock.store import Store, Transaction
from crossdock.store.connections import connection_id, find_connection, streams_of

FLOW_KEYS = (
    "from",
    "to",
    "documents",
    "items_from",
    "states",
    "cancel_states",
    "from_date",
    "every",
    "sweep_every",
    "sweep_span",
    "page_size",
)
DOCUMENT_KEYS = ("to", "kind", "lines")


class DocumentConfig(Struct, frozen=True, kw_only=True):
    """One `[[orders.NAME.documents]]`."""

    to: str
    kind: str = "sales_order"
    locations: tuple[str, ...] | None = None
    options: OrderOptions = OrderOptions()


class OrdersConfig(Struct, frozen=True, kw_only=True):
    """One `[orders.NAME]`."""

    name: str
    channel: str
    """Connection that the orders come from (`from`)."""
    documents: tuple[DocumentConfig, ...]
    items_from: str | None = None
    """Connection whose catalogue says what the targets call items and accounts. None: they know them by SKU."""
    states: tuple[str, ...] = ()
    cancel_states: tuple[str, ...] = ()
    from_date: datetime | None = None
    every_s: float = 60.0
    sweep_every_s: float = 86400.0
    sweep_span_s: float = 172800.0
    page_size: int = 250

    def targets(self) -> list[str]:
        """Gives the connections that documents go to, each once."""
        return list(dict.fromkeys(one.to for one in self.documents))


def orders_of(configuration: Configuration) -> dict[str, OrdersConfig]:
    """Reads and checks every `[orders.NAME]`.

    Raises:
        ConfigError: a key or value that is wrong, or two flows of one channel; the text says where.
    """
    found: dict[str, OrdersConfig] = {}
    for name, given in configuration.orders.items():
        one = _flow(f"[orders.{name}]", name, given, configuration)
        rival = next((other for other in found.values() if other.channel == one.channel), None)
        if rival is not None:
            message = f"[orders.{name}]: orders from {one.channel!r} are taken by [orders.{rival.name}] already"
            raise ConfigError(message)
        found[name] = one
    return found


def _flow(where: str, name: str, given: Any, configuration: Configuration) -> OrdersConfig:
    table = _table(where, given)
    _refuse_unknown(where, table, (*FLOW_KEYS, *OPTION_NAMES))
    options = _options(where, {key: value for key, value in table.items() if key in OPTION_NAMES})
    return OrdersConfig(
        name=name,
        channel=_connection(where, "from", table.get("from"), configuration),
        documents=_documents(where, table, options, configuration),
        items_from=_items_from(where, table.get("items_from"), configuration),
        states=_states(where, "states", table),
        cancel_states=_states(where, "cancel_states", table),
        from_date=_moment(where, table.get("from_date")),
        every_s=_seconds(where, "every", table.get("every", "1m")),
        sweep_every_s=_seconds(where, "sweep_every", table.get("sweep_every", "24h")),
        sweep_span_s=_seconds(where, "sweep_span", table.get("sweep_span", "2d")),
        page_size=_number(where, "page_size", table.get("page_size", 250), 1, 10_000),
    )


def _connection(where: str, key: str, value: Any, configuration: Configuration) -> str:
    if isinstance(value, str) and value in configuration.connections:
        return value
    known = configuration.connections
    near = get_close_matches(str(value), known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known) or 'none'}"
    message = f"{where}: {key} must name a connection, not {value!r}; {hint}"
    raise ConfigError(message)


def _items_from(where: str, value: Any, configuration: Configuration) -> str | None:
    """Gives the connection whose catalogue is asked; where only one source is read, that one."""
    if value is not None:
        return _connection(where, "items_from", value, configuration)
    sources = {one.source for one in configuration.syncs.values()}
    if len(sources) > 1:
        message = (
            f'{where}: say items_from = "..." which of the sources {", ".join(sorted(sources))} the targets belong to'
        )
        raise ConfigError(message)
    return next(iter(sources), None)


def _documents(
    where: str, table: Mapping[str, Any], options: OrderOptions, configuration: Configuration
) -> tuple[DocumentConfig, ...]:
    given = table.get("documents", [])
    if not isinstance(given, list) or not (given or "to" in table):
        message = f'{where}: needs to = "..." or at least one [[orders.NAME.documents]]'
        raise ConfigError(message)
    found = []
    for number, one in enumerate(given or [{}], 1):
        place = f"[[{where[1:-1]}.documents]] number {number}" if given else where
        found.append(_document(place, {"to": table.get("to"), **_table(place, one)}, options, configuration))
    keys = [(one.to, one.kind) for one in found]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        message = f"{where}: an order cannot owe {twice[0]!r} two documents of kind {twice[1]!r}; join their lines"
        raise ConfigError(message)
    return tuple(found)


def _document(
    where: str, given: Mapping[str, Any], options: OrderOptions, configuration: Configuration
) -> DocumentConfig:
    _refuse_unknown(where, given, (*DOCUMENT_KEYS, *OPTION_NAMES))
    kind = given.get("kind", "sales_order")
    if kind not in KINDS:
        message = f"{where}: kind must be one of {', '.join(KINDS)}, not {kind!r}"
        raise ConfigError(message)
    lines = _table(f"{where}: lines", given.get("lines", {}))
    _refuse_unknown(f"{where}: lines", lines, ("location",))
    locations = _texts(lines["location"]) if "location" in lines else None
    if "location" in lines and not locations:
        message = f'{where}: lines must be like {{ location = ["CPT"] }}'
        raise ConfigError(message)
    own = {key: value for key, value in given.items() if key in OPTION_NAMES}
    return DocumentConfig(
        to=_connection(where, "to", given.get("to"), configuration),
        kind=kind,
        locations=locations,
        options=_options(where, own, options),
    )


def _options(where: str, given: Mapping[str, Any], under: OrderOptions | None = None) -> OrderOptions:
    """Reads options, those that are not given from the ones under them."""
    values = {**(msgspec.structs.asdict(under) if under is not None else {}), **given}
    if isinstance(values.get("tolerance"), float | int):
        values["tolerance"] = str(values["tolerance"])
    try:
        found = msgspec.convert(values, OrderOptions)
    except msgspec.ValidationError as error:
        message = f"{where}: {error}"
        raise ConfigError(message) from error
    _check(where, found)
    return found


def _check(where: str, options: OrderOptions) -> None:
    for name, text in options.fields.items():
        unknown = unknown_name(text)
        if unknown is not None:
            message = f"{where}: fields.{name}: orders have no {{{unknown}}}"
            raise ConfigError(message)
    needs = {
        "discount_code": options.discount == "item" and options.discount_code is None,
        "unknown_item_code": options.unknown_sku == "item" and options.unknown_item_code is None,
    }
    missing = next((key for key, lacks in needs.items() if lacks), None)
    if missing is not None:
        because = 'discount = "item"' if missing == "discount_code" else 'unknown_sku = "item"'
        message = f"{where}: {because} needs {missing}"
        raise ConfigError(message)
    if not 0 <= options.decimals <= options.price_decimals <= 8:  # noqa: PLR2004  # more than any ERP keeps
        message = f"{where}: decimals must be from 0 to price_decimals, and price_decimals at most 8"
        raise ConfigError(message)


def _states(where: str, key: str, table: Mapping[str, Any]) -> tuple[str, ...]:
    found = _texts(table.get(key, []))
    if found is None:
        message = f'{where}: {key} must be a list such as ["processing"]'
        raise ConfigError(message)
    return found


def _moment(where: str, value: Any) -> datetime | None:
    """Gives a date of TOML as a moment; one without a time zone is taken for UTC."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    message = f"{where}: from_date must be a date such as 2026-01-31, not {value!r}"
    raise ConfigError(message)


def numbers_of(store: Store, configuration: Configuration, flows: Iterable[OrdersConfig]) -> dict[str, int]:
    """Gives the permanent numbers of all connections of flows, made where one is used for the first time.

    Where all are known nothing is written: a look leaves no trace.
    """
    names = list(dict.fromkeys(name for one in flows for name in (one.channel, *one.targets())))
    with store.read() as transaction:
        found = {name: find_connection(transaction, name) for name in names}
    known = {name: number for name, number in found.items() if number is not None}
    if len(known) == len(names):
        return known
    with store.write() as transaction:
        given = (configuration.connection(name) for name in names)
        return {each.name: connection_id(transaction, each.name, each.plugin, each.was) for each in given}


def flow_of(one: OrdersConfig, numbers: Mapping[str, int]) -> Flow:
    """Gives a flow by permanent numbers."""
    return Flow(
        name=one.name,
        channel=numbers[one.channel],
        channel_name=one.channel,
        routes=tuple(
            Route(to=each.to, target=numbers[each.to], kind=each.kind, locations=each.locations, options=each.options)
            for each in one.documents
        ),
        states=one.states,
        cancel_states=one.cancel_states,
        from_date=one.from_date,
        sweep_every_s=one.sweep_every_s,
        sweep_span_s=one.sweep_span_s,
        page_size=one.page_size,
    )


def catalogue_of(transaction: Transaction, one: OrdersConfig) -> tuple[int | None, int | None]:
    """Gives the catalogue's streams of products and customers; None for one that was never read."""
    source = find_connection(transaction, one.items_from) if one.items_from is not None else None
    streams = streams_of(transaction, source) if source is not None else {}
    return streams.get("products"), streams.get("customers")
