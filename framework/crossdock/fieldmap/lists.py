"""Open lists from child tables: what `lists` in `crossdock.toml` says, and whether such a list can be filled."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from crossdock.fieldmap.declare import Field, FieldMap, FieldMapError, Json, Many, Table
from crossdock.fieldmap.hub import VALUE, entry_fields, hub_list
from crossdock.fieldmap.sections import TABLE_KEYS, field_of, refuse_unknown, subsection, table_of, text_of

LIST_KEYS = (*TABLE_KEYS, "parent", "parent_key", "name", VALUE, "fields")


def list_of(stream: str, hub: str, declared: Many | None, given: Any) -> Many:
    """Merges what `crossdock.toml` says of one list into the declared one.

    Args:
        stream: `products` or `customers`.
        hub: the list, such as `variants.price_tiers`.
        declared: the plugin's list, None where it has none.
        given: table or query, key, changed, parent, parent_key, name, and value or fields.

    Raises:
        FieldMapError: the hub has no such list, a key is unknown, or something is missing.
    """
    where = f"{stream}.lists: {hub!r}"
    hub_list(stream, hub)
    if not isinstance(given, Mapping):
        message = f"{where} must be a table with table, parent, name and value, or false"
        raise FieldMapError(message)
    refuse_unknown(where, given, LIST_KEYS)
    table = table_of(where, declared.table if declared else Table(), given)
    parent = text_of(where, given, "parent", declared.parent if declared else None)
    name = _name(where, given, declared)
    for key, there in (("table", table.name or table.query), ("parent", parent), ("name", name)):
        if not there:
            message = f"{where} needs {key!r}: table or query, parent, name and value"
            raise FieldMapError(message)
    assert parent is not None and name is not None  # noqa: S101, PT018  # said just now
    parent_key = text_of(where, given, "parent_key", declared.parent_key if declared else None)
    fields = _fields(where, given) or (declared.fields if declared else ())
    return Many(hub, table, parent, name, fields, parent_key)


def _name(where: str, given: Mapping[str, Any], declared: Many | None) -> str | Field | None:
    if "name" not in given:
        return declared.name if declared else None
    return given["name"] if isinstance(given["name"], str) else field_of(where, "name", given["name"])


def _fields(where: str, given: Mapping[str, Any]) -> tuple[Field, ...]:
    value = {VALUE: given[VALUE]} if VALUE in given else {}
    return tuple(field_of(where, name, one) for name, one in {**subsection(where, given, "fields"), **value}.items())


def validate_lists(fieldmap: FieldMap) -> None:
    """Checks the lists of a whole map: each known, each entry with a name and with fields that it can have.

    Raises:
        FieldMapError: the first thing that is wrong, with what to do.
    """
    for one in fieldmap.lists:
        where = f"{fieldmap.stream}.lists: {one.hub!r}"
        place = hub_list(fieldmap.stream, one.hub)
        if isinstance(fieldmap.source, Json):
            message = (
                f"{where}: nested objects have no child tables; reach into them by a path in fields: {one.column!r}"
            )
            raise FieldMapError(message)
        _check_fields(where, one, entry_fields(place.kind))


def _check_fields(where: str, many: Many, known: list[str]) -> None:
    if not many.fields:
        what = "its `value` comes from" if known[0] == VALUE else "the fields of an entry come from, under fields"
        message = f"{where} needs the column that {what}"
        raise FieldMapError(message)
    for one in many.fields:
        if one.hub not in known:
            near = get_close_matches(one.hub, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
            message = f"{where}: an entry has no field {one.hub!r}; {hint}"
            raise FieldMapError(message)
    if len(many.fields) > 1 and any(one.hub == VALUE for one in many.fields):
        message = f"{where}: give either value or fields, not both"
        raise FieldMapError(message)
    for one in (many.naming, *many.fields):
        _check_columns(where, one)


def _check_columns(where: str, one: Field) -> None:
    if one.column is None and (one.constant is None or one.hub == "name"):
        message = f"{where}: {one.hub!r} needs a column" + ("" if one.hub == "name" else " or a constant")
        raise FieldMapError(message)
    if len(one.columns) > 1 and not one.converters:
        message = f"{where}: {one.hub!r} reads several columns and needs a converter"
        raise FieldMapError(message)
    if any(column.endswith("*") for column in one.columns):
        message = f"{where}: {one.hub!r} needs columns by name, not by prefix"
        raise FieldMapError(message)
