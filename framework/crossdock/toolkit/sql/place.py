"""Where a read stands, and how that is written as a cursor that keeps the types of its values."""

import base64
import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from crossdock.contract import ConfigError

Phase = Literal["full", "unstamped", "changed", "children", "done"]
"""All rows by key; rows whose change column is NULL by key; rows by change and key; rows whose child rows of one list
changed, by the child's parent column; nothing left."""


class Span(Struct, frozen=True):
    """Change stamps of one child table."""

    begin: Any = None
    """Stamp to begin at. None: the very first."""
    until: Any = None
    """Highest stamp there was when this read began. None: no row had one."""
    high: Any = None
    """Stamp from which the next incremental read goes on. None: from the first."""


class Place(Struct, frozen=True):
    """How far a read has come."""

    phase: Phase
    """What is being read."""
    key: Any = None
    """Key of the last row given, or the last parent that a child row named. None: the phase begins."""
    changed: Any = None
    """Change stamp of the last row given; while `key` is None, the stamp to begin at. None: the very first."""
    until: Any = None
    """Highest stamp there was when this read began: it reads no further. None: no row had one."""
    high: Any = None
    """Stamp from which the next incremental read goes on. None: from the first."""
    list: str | None = None
    """In the phase `children`, the list whose child rows are looked at."""
    lists: dict[str, Span] = {}
    """Stamps of the child tables, by list. A list that is missing is read from its first stamp."""

    def text(self) -> str:
        """Writes the cursor."""
        values = {name: _plain(getattr(self, name)) for name in self.__struct_fields__ if name != "lists"}
        lists = {hub: [_plain(one.begin), _plain(one.until), _plain(one.high)] for hub, one in self.lists.items()}
        values["lists"] = lists or None
        return json.dumps({name: value for name, value in values.items() if value is not None})

    @classmethod
    def read(cls, cursor: str) -> "Place":
        """Reads a cursor written by `text`.

        Raises:
            ConfigError: it was written by something else.
        """
        try:
            given = json.loads(cursor)
            lists = {hub: Span(*map(_typed, stamps)) for hub, stamps in given.pop("lists", {}).items()}
            values = {name: _typed(value) for name, value in given.items()}
            return msgspec.structs.replace(msgspec.convert(values, cls), lists=lists)
        except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError, msgspec.MsgspecError) as error:
            message = f"the place to go on from cannot be read: {cursor[:80]!r}; read in full once (sync --full)"
            raise ConfigError(message) from error


def _decoded(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


KINDS: tuple[tuple[type, str, Callable[[Any], str], Callable[[str], Any]], ...] = (
    (datetime, "datetime", datetime.isoformat, datetime.fromisoformat),
    (date, "date", date.isoformat, date.fromisoformat),
    (Decimal, "decimal", str, Decimal),
    (UUID, "uuid", str, UUID),
    (bytes, "bytes", lambda value: base64.b64encode(value).decode(), _decoded),
)
"""Types that JSON has not; a datetime is a date too, so it stands first."""
READERS = {name: read for _, name, _, read in KINDS}


def _plain(value: Any) -> Any:  # whatever a key column holds
    if value is None or isinstance(value, str | int | float):
        return value
    for kind, name, write, _ in KINDS:
        if isinstance(value, kind):
            return {name: write(value)}
    if isinstance(value, bytearray | memoryview):
        return _plain(bytes(value))
    message = f"a {type(value).__name__} cannot mark a place: choose another key or change column"
    raise ConfigError(message)


def _typed(value: Any) -> Any:  # whatever a key column holds
    if not isinstance(value, dict):
        return value
    ((name, text),) = value.items()
    return READERS[name](text)
