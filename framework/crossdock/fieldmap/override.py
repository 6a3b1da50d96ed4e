"""The operator's word over a declared map: `[connections.NAME.STREAM]` merged by hub field."""

from collections.abc import Mapping
from typing import Any

from crossdock.fieldmap.declare import Field, FieldMap, FieldMapError, Json, Table
from crossdock.fieldmap.hub import CODE_FIELD, REQUIRED, hub_field, hub_list
from crossdock.fieldmap.lists import list_of, validate_lists
from crossdock.fieldmap.sections import TABLE_KEYS, field_of, refuse_unknown, subsection, table_of, text_of

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
    refuse_unknown(stream, section, SECTION_KEYS)
    if declared:
        _refuse_twice(declared)
    fields = {one.hub: one for one in declared.fields} if declared else {}
    for hub, given in subsection(stream, section, "fields").items():
        hub_field(stream, hub)
        if given is False:
            fields.pop(hub, None)
        else:
            fields[hub] = field_of(f"{stream}.fields", hub, given)
    lists = {one.hub: one for one in declared.lists} if declared else {}
    for hub, given in subsection(stream, section, "lists").items():
        if given is False:
            hub_list(stream, hub)
            lists.pop(hub, None)
        else:
            lists[hub] = list_of(stream, hub, lists.get(hub), given)
    merged = FieldMap(
        stream,
        _source(stream, declared, section),
        tuple(fields.values()),
        tuple(lists.values()),
        declared.converters if declared else {},
    )
    validate(merged)
    return merged


def _source(stream: str, declared: FieldMap | None, section: Mapping[str, Any]) -> Table | Json:
    base = declared.source if declared else None
    if "each" in section or isinstance(base, Json):
        old = base if isinstance(base, Json) else Json()
        return Json(*(text_of(stream, section, one, getattr(old, one)) for one in ("each", "key", "changed")))
    return table_of(stream, base if isinstance(base, Table) else Table(), section)


def _refuse_twice(declared: FieldMap) -> None:
    for hubs in ([one.hub for one in declared.fields], [one.hub for one in declared.lists]):
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
    validate_lists(fieldmap)


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
