"""Rows beside their records: a few rows of a connection, mapped, field by field."""

from typing import Any, NamedTuple

from crossdock.contract import ConfigError, CrossdockError
from crossdock.fieldmap import Field, FieldMap, FieldMapError
from crossdock.fieldmap.hub import HubField, hub_field, hub_list
from crossdock.fieldmap.paths import Access
from crossdock.host.child_port import ChildPort
from crossdock.host.config import Configuration
from crossdock.host.sessions import READ_HOOKS, opened
from crossdock.store import Store

IGNORED = "ignored"
"""What the child says in place of a reason where the field map leaves a row alone."""

TRUE_UNLESS_SAID = ("active", "inventory_management")
"""Fields of a record that are true where nothing is written."""


class Pair(NamedTuple):
    """One hub field of one row."""

    hub: str
    columns: str
    """Columns or paths that it reads; empty: a constant."""
    native: Any
    """What the row holds there."""
    canonical: Any
    """What a channel would be told. None: nothing."""


class Shown(NamedTuple):
    """One row as read, and its record or the reason why there is none."""

    row: dict[str, Any]
    record: dict[str, Any] | None
    problem: str | None
    """`HUB FIELD: reason`. None: it is mapped, or left alone by a rule."""
    pairs: list[Pair]

    @property
    def is_ignored(self) -> bool:
        """Whether a rule of the field map leaves the row alone."""
        return self.record is None and self.problem is None

    @property
    def bad_field(self) -> str | None:
        """The hub field that cannot be mapped."""
        return self.problem.partition(": ")[0] if self.problem else None


def show_rows(
    configuration: Configuration, store: Store | None, connection: str, stream: str, limit: int
) -> list[Shown]:
    """Reads the first rows of a stream and maps them; nothing is kept.

    Raises:
        ConfigError: the connection is not there, or cannot be read this way.
        CrossdockError: it cannot be opened or read.
    """
    with opened(configuration, connection, store) as port:
        if READ_HOOKS[stream] not in port.hooks:
            message = f"connection {connection!r}: plugin {port.plugin!r} does not read {stream}"
            raise ConfigError(message)
        if stream not in {one.stream for one in port.maps}:
            section = f"[connections.{connection}.{stream}.fields]"
            message = f"connection {connection!r} has no field map for {stream}; write {section}"
            raise ConfigError(message)
        return rows_of(port, stream, limit)


def rows_of(port: ChildPort, stream: str, limit: int) -> list[Shown]:
    """Gives the first rows of an open connection."""
    fieldmap = port.field_map(stream)
    found = []
    for row, record, reason in port.preview(stream, limit):
        problem = None if reason == IGNORED else reason
        found.append(Shown(row, record, problem, _pairs(fieldmap, row, record)))
    return found


def _pairs(fieldmap: FieldMap, row: dict[str, Any], record: dict[str, Any] | None) -> list[Pair]:
    """Sets each mapped field's native value beside what became of it; what maps to nothing from nothing is left out."""
    found = []
    for field in fieldmap.fields:
        place = hub_field(fieldmap.stream, field.hub)
        for one in _named(field, row):
            native = [_native(row, column) for column in one.columns]
            value = None if record is None else _canonical(record, hub_field(fieldmap.stream, one.hub), place)
            shown = native[0] if len(native) == 1 else native or one.constant
            if value is not None or shown not in (None, "", []):
                found.append(Pair(one.hub, ", ".join(one.columns), shown, value))
    for many in fieldmap.lists:
        if row.get(many.column):
            value = None if record is None else _whole_list(record, hub_list(fieldmap.stream, many.hub))
            found.append(Pair(many.column, many.table.name or "(query)", row[many.column], value))
    return found


def _whole_list(record: dict[str, Any], place: HubField) -> Any:
    part = record.get("variants", {}) if place.part == "variant" else record
    return part.get(place.name)


def _named(field: Field, row: dict[str, Any]) -> list[Field]:
    """Gives an open list that names columns by prefix as one field a column."""
    if not (field.hub.endswith(".*") and field.columns and field.columns[0].endswith("*")):
        return [field]
    prefix = field.columns[0][:-1]
    names = [name for name in row if name.startswith(prefix) and name != prefix]
    return [Field(field.hub[:-1] + name.removeprefix(prefix), name) for name in names]


def _native(row: dict[str, Any], column: str) -> Any:
    if column in row:
        return row[column]
    try:
        return Access(None).value(row, column)
    except (FieldMapError, CrossdockError):
        return None


def _canonical(record: dict[str, Any], place: HubField, declared: HubField) -> Any:
    """Finds a field's value in a record; a number names a place in an ordered list."""
    part = record.get("variants", {}) if place.part == "variant" else record
    value = part.get(place.name, True if place.name in TRUE_UNLESS_SAID else None)
    if place.key is None or declared.key == "*" == place.key:
        return value
    if place.kind in ("names", "images"):
        entry = _at(value, int(place.key))
        return (entry.get("url") or entry.get("code")) if isinstance(entry, dict) else entry
    if place.kind == "address":
        number, _, name = place.key.partition(".")
        return (_at(value, int(number)) or {}).get(name)
    return (value or {}).get(place.key)


def _at(values: Any, number: int) -> Any:
    return values[number - 1] if values and len(values) >= number else None
