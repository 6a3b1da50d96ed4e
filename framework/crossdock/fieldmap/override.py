"""The operator's word over a declared map: `[connections.NAME.STREAM]` merged by hub field."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import msgspec

from crossdock.fieldmap.declare import Field, FieldMap, FieldMapError, Json, Many, Table
from crossdock.fieldmap.hub import CODE_FIELD, REQUIRED, hub_field

TABLE_KEYS = {"table": "name", "query": "query", "key": "key", "changed": "changed"}
JSON_KEYS = ("each",)
SECTION_KEYS = (*TABLE_KEYS, *JSON_KEYS, "fields", "lists")


def override(stream: str, declared: FieldMap | None, section: Mapping[str, Any]) -> FieldMap:
    """Merges what `crossdock.toml` says into a declared map and checks the whole.

    Args:
        stream: `products` or `customers`.
        declared: the plugin's map, None where it has none.
        section: `[connections.NAME.STREAM]` as read: table or query, key, changed, fields, lists.

    Raises:
        FieldMapError: an unknown key or hub field, one named twice, a required one missing.
    """
    _refuse_unknown(stream, section)
    if declared:
        _refuse_twice(declared)
    fields = {one.hub: one for one in declared.fields} if declared else {}
    for hub, given in _table(stream, section, "fields").items():
        hub_field(stream, hub)
        if given is False:
            fields.pop(hub, None)
        else:
            fields[hub] = _field(stream, hub, given)
    lists = {one.hub: one for one in declared.lists} if declared else {}
    for hub, given in _table(stream, section, "lists").items():
        lists[hub] = _many(stream, hub, given)
    merged = FieldMap(
        stream,
        _source(stream, declared, section),
        tuple(fields.values()),
        tuple(lists.values()),
        declared.converters if declared else {},
    )
    validate(merged)
    return merged


def _refuse_unknown(stream: str, section: Mapping[str, Any]) -> None:
    for key in section:
        if key not in SECTION_KEYS:
            near = get_close_matches(key, SECTION_KEYS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(SECTION_KEYS)}"
            message = f"{stream}: unknown key {key!r}; {hint}"
            raise FieldMapError(message)


def _table(where: str, section: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = section.get(key, {})
    if not isinstance(found, Mapping):
        message = f"{where}: {key} must be a table, not {found!r}"
        raise FieldMapError(message)
    return found


def _text(where: str, section: Mapping[str, Any], key: str, default: str | None = None) -> str | None:
    found = section.get(key, default)
    if found is None or isinstance(found, str):
        return found
    message = f"{where}: {key} must be text, not {found!r}"
    raise FieldMapError(message)


def _source(stream: str, declared: FieldMap | None, section: Mapping[str, Any]) -> Table | Json:
    base = declared.source if declared else None
    given = {TABLE_KEYS[key]: _text(stream, section, key) for key in TABLE_KEYS if key in section}
    if "each" in section or isinstance(base, Json):
        old = base if isinstance(base, Json) else Json()
        return Json(_text(stream, section, "each", old.each), _text(stream, section, "key", old.key))
    old_table = base if isinstance(base, Table) else Table()
    if "name" in given and "query" in given:
        message = "say either table or query, not both"
        raise FieldMapError(message)
    if "query" in given:
        given["name"] = None
    elif "name" in given:
        given["query"] = None
    return msgspec.structs.replace(old_table, **given)


def _field(stream: str, hub: str, given: Any) -> Field:
    if isinstance(given, str):
        return Field(hub, given)
    if isinstance(given, list):
        given = {"column": given}
    if not isinstance(given, Mapping):
        message = f"{stream}.fields: {hub!r} must be a column, a table of settings, or false"
        raise FieldMapError(message)
    known = ("column", "note", "values", "convert", "constant", "trim", "optional")
    for key in given:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            message = f"{stream}.fields: {hub!r} has no setting {key!r}; " + (
                f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
            )
            raise FieldMapError(message)
    try:
        return msgspec.convert({"hub": hub, **given}, Field)
    except msgspec.ValidationError as error:
        message = f"{stream}.fields: {hub!r}: {error}"
        raise FieldMapError(message) from error


def _many(stream: str, hub: str, given: Any) -> Many:
    where = f"{stream}.lists: {hub!r}"
    if not isinstance(given, Mapping):
        message = f"{where} must be a table with table, parent, name and value"
        raise FieldMapError(message)
    try:
        for key in ("table", "key", "changed", "parent", "name"):
            _text(where, given, key)
        table = Table(given["table"], given.get("key"), given.get("changed"))
        fields = tuple(
            _field(stream, name, column)
            for name, column in {
                **_table(where, given, "fields"),
                **({"value": given["value"]} if "value" in given else {}),
            }.items()
        )
        return Many(hub, table, given["parent"], given["name"], fields)
    except KeyError as error:
        message = f"{where} needs {error.args[0]!r}: table, parent, name and value"
        raise FieldMapError(message) from error


def _refuse_twice(declared: FieldMap) -> None:
    hubs = [one.hub for one in declared.fields]
    for hub in hubs:
        if hubs.count(hub) > 1:
            message = f"{declared.stream}: {hub!r} is mapped twice; keep one"
            raise FieldMapError(message)


def validate(fieldmap: FieldMap) -> None:
    """Checks a whole map: every hub field known, none twice, required ones there, codes from one column.

    Raises:
        FieldMapError: the first thing that is wrong, with what to do.
    """
    stream, seen = fieldmap.stream, set()
    for one in fieldmap.fields:
        hub_field(stream, one.hub)
        if one.hub in seen:
            message = f"{stream}: {one.hub!r} is mapped twice; keep one"
            raise FieldMapError(message)
        seen.add(one.hub)
        _check_value(stream, one)
    missing = [hub for hub in REQUIRED[stream] if hub not in seen]
    if missing:
        message = f"{stream}: not mapped but required: {', '.join(missing)}; add them under fields"
        raise FieldMapError(message)


def _check_value(stream: str, one: Field) -> None:
    if one.column is None and one.constant is None:
        message = f"{stream}: {one.hub!r} needs a column or a constant"
        raise FieldMapError(message)
    if len(one.columns) > 1 and not one.converters:
        message = f'{stream}: {one.hub!r} reads several columns and needs a converter, such as convert = "comma"'
        raise FieldMapError(message)
    if one.hub == CODE_FIELD[stream] and len(one.columns) != 1:
        message = f"{stream}: {one.hub!r} must come from exactly one column, so that single rows can be read again"
        raise FieldMapError(message)
