"""Pieces of `[connections.NAME.STREAM]` made into pieces of a field map, each error with its place."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import msgspec

from crossdock.fieldmap.declare import Field, FieldMapError, Table

TABLE_KEYS = {
    "table": "name",
    "query": "query",
    "procedure": "procedure",
    "arguments": "arguments",
    "key": "key",
    "changed": "changed",
}
"""Keys of a section that say where rows are, and what `Table` calls them."""
PLACES = ("name", "query", "procedure")
"""Of these one is given; it takes the others' place."""
FIELD_KEYS = ("column", "note", "values", "convert", "constant", "trim", "optional")


def refuse_unknown(where: str, section: Mapping[str, Any], known: Iterable[str]) -> None:
    """Refuses a key that means nothing here; the message names the nearest.

    Raises:
        FieldMapError: with the place and the keys there are.
    """
    known = tuple(known)
    for key in section:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
            message = f"{where}: unknown key {key!r}; {hint}"
            raise FieldMapError(message)


def subsection(where: str, section: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Gives the table under a key, an empty one where there is none."""
    found = section.get(key, {})
    if not isinstance(found, Mapping):
        message = f"{where}: {key} must be a table, not {found!r}"
        raise FieldMapError(message)
    return found


def text_of(where: str, section: Mapping[str, Any], key: str, default: str | None = None) -> str | None:
    """Gives the text under a key."""
    found = section.get(key, default)
    if found is None or isinstance(found, str):
        return found
    message = f"{where}: {key} must be text, not {found!r}"
    raise FieldMapError(message)


def table_of(where: str, base: Table, section: Mapping[str, Any]) -> Table:
    """Gives a table with what a section says of it; a query or procedure takes a table's place, and so on."""
    given: dict[str, Any] = {
        TABLE_KEYS[key]: text_of(where, section, key) for key in TABLE_KEYS if key in section and key != "arguments"
    }
    places = [one for one in PLACES if one in given]
    if len(places) > 1:
        message = f"{where}: say either table or query or procedure, one of them"
        raise FieldMapError(message)
    if places:
        given |= {one: None for one in PLACES if one != places[0]}
    if "arguments" in section:
        given["arguments"] = _arguments(where, section["arguments"])
    found = msgspec.structs.replace(base, **given)
    if found.changed and found.procedure:
        message = f"{where}: a procedure is always read in full; leave `changed` out"
        raise FieldMapError(message)
    return found


def _arguments(where: str, given: Any) -> tuple[Any, ...]:
    if isinstance(given, list) and all(isinstance(one, str | int | float | bool) for one in given):
        return tuple(given)
    message = f"{where}: arguments must be a list of texts, numbers or flags, not {given!r}"
    raise FieldMapError(message)


def field_of(where: str, hub: str, given: Any) -> Field:
    """Gives a field from a column, a list of columns, or a table of `Field`'s arguments."""
    if isinstance(given, str):
        return Field(hub, given)
    if isinstance(given, list):
        given = {"column": given}
    if not isinstance(given, Mapping):
        message = f"{where}: {hub!r} must be a column, a table of settings, or false"
        raise FieldMapError(message)
    for key in given:
        if key not in FIELD_KEYS:
            near = get_close_matches(key, FIELD_KEYS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(FIELD_KEYS)}"
            message = f"{where}: {hub!r} has no setting {key!r}; {hint}"
            raise FieldMapError(message)
    try:
        return msgspec.convert({"hub": hub, **given}, Field)
    except msgspec.ValidationError as error:
        message = f"{where}: {hub!r}: {error}"
        raise FieldMapError(message) from error
