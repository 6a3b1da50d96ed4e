"""Open lists from child tables, in the mapper: from the child rows of one row to the entries of its list.

A row of a table with lists has one more value for each list, named by `Many.column`: its child rows, sorted, each with
the values of `Many.columns`. So they are part of the row hash. What becomes of them:

- A name that an entry of the field map has too is that entry's, also where its column is NULL.
- A child row without a name is nothing where it has no value either, else it cannot be mapped.
- A child row without a value is no entry.
- The same name twice with the same value is one entry. With different values nobody can know which is meant, so the
  item cannot be mapped. Two addresses of one name are two if their types differ; pictures have an order, not a name.
"""

from collections.abc import Iterable, Mapping
from math import isnan, nan
from typing import Any

from crossdock.fieldmap.declare import Converter, FieldMap, FieldMapError, Many
from crossdock.fieldmap.hub import ADDRESS_FIELDS, VALUE, HubField, hub_list
from crossdock.fieldmap.paths import Access
from crossdock.fieldmap.steps import Steps
from crossdock.fieldmap.values import UNMAPPABLE, to_image
from crossdock.records import ImageRef

NAME = HubField("entry", "name", "text")
TEXT = HubField("entry", "text", "text", VALUE)
ONCE = "if found.setdefault({key}, v) != v: raise ValueError('is there twice, with different values')"
ENDS = {
    "number": ("if v is None: continue", ONCE.replace("{key}", "n")),
    "text": ("if v is None: continue", ONCE.replace("{key}", "n")),
    "names": ("if not v: continue", ONCE.replace("{key}", "n")),
    "images": ("if v is not None: found[len(found)] = (n, v)",),
    "address": (
        "if not v: continue",
        "v = {'address_code': n, **v}",
        ONCE.replace("{key}", "(n, v.get('type') or '')"),
    ),
}
"""By the list's kind: what is done with an entry's name `n` and value `v`."""
RETURNS = {
    "number": "{one: found[one] for one in sorted(found)}",
    "text": "{one: found[one] for one in sorted(found)}",
    "names": "[found[one] for one in sorted(found, key=position)]",
    "images": "[one for _, one in sorted(found.values(), key=lambda pair: position(pair[0]))]",
    "address": "[found[one] for one in sorted(found, key=lambda key: (position(key[0]), key[1]))]",
}


class EntryError(ValueError):
    """One entry of a list cannot be mapped."""

    def __init__(self, entry: Any, reason: str) -> None:
        """Takes the entry's name as far as it is known, and why."""
        super().__init__(reason)
        self.entry = "?" if entry is None or entry == "" else str(entry)[:80]


def position(name: str) -> tuple[bool, float, str]:
    """Gives what entries with an order stand in: numbers by value, then other texts, then what has none."""
    try:
        number = float(name)
    except ValueError:
        number = nan
    return (True, float(not name), name) if isnan(number) else (False, number, name)


def more_images(named: list[ImageRef], listed: Iterable[ImageRef]) -> list[ImageRef]:
    """Adds a list's pictures behind the named ones, each code once."""
    found: dict[str, ImageRef] = {}
    for one in (*named, *listed):
        found.setdefault(one.code, one)
    return list(found.values())


NAMES: dict[str, Any] = {
    "EntryError": EntryError,
    "UNMAPPABLE": UNMAPPABLE,
    "position": position,
    "more_images": more_images,
    "to_image": to_image,
}
"""What the generated functions may call beyond the mapper's own names."""
JOINED = {
    "number": "{target} = merged({target}, {entries})",
    "text": "{target} = merged({target}, {entries})",
    "names": "{target}.extend({entries})",
    "images": "{target} = more_images({target}, {entries})",
    "address": "{target} = (*{target}, *{entries})",
}
"""By the list's kind: how its entries are added to the named ones."""


def list_function(
    stream: str, many: Many, name: str, taken: frozenset[str], names: dict[str, Any], converters: dict[str, Converter]
) -> list[str]:
    """Writes the function that makes a list's entries of the child rows of one row.

    Args:
        stream: `products` or `customers`.
        many: the list as declared.
        name: what the function shall be called; its own names begin so.
        taken: names of entries that have fields of their own.
        names: what the lines use is added to them.
        converters: the plugin's own.

    Raises:
        FieldMapError: a converter that there is not, or a constant that does not fit.
    """
    place, steps = hub_list(stream, many.hub), Steps(Access(many.columns), names, converters, "continue")
    names[f"{name}_taken"] = taken
    lines = [*steps.native(many.naming, "text", f"{name}_n"), f"n = {name}_n"]
    lines += ["if type(n) is not str: n = '' if n is None else to_text(n)"]
    if taken:
        lines += [f"if n in {name}_taken: continue"]
    if place.kind not in ("names", "images"):
        lines += _without_name(len(many.naming.columns))
    lines += [*_value(many, place, steps, name), *ENDS[place.kind]]
    return [
        f"def {name}(rows):",
        "    found = {}",
        "    for r in rows or ():",
        "        n = None",
        "        try:",
        *(f"            {line}" for line in lines),
        "        except UNMAPPABLE as error: raise EntryError(n, str(error) or type(error).__name__) from error",
        f"    return {RETURNS[place.kind]}",
    ]


def _without_name(count: int) -> list[str]:
    return [
        "if not n:",
        f"    if all(one is None for one in r[{count}:]): continue",
        "    raise ValueError('has no name')",
    ]


def _value(many: Many, place: HubField, steps: Steps, name: str) -> list[str]:
    """Lines that leave an entry's value in `v`."""
    if many.fields[0].hub == VALUE:
        return [*steps.lines(many.fields[0], place, f"{name}_v"), f"v = {name}_v"]
    lines, parts = [], {}
    order = {field: number for number, field in enumerate(ADDRESS_FIELDS)}
    for number, field in enumerate(sorted(many.fields, key=lambda one: order.get(one.hub, 0))):
        variable = f"{name}_{number}"
        lines += steps.lines(field, TEXT, variable)
        parts[field.hub] = variable
    pairs = ", ".join(f"({field!r}, {variable})" for field, variable in parts.items())
    lines.append(f"v = {{field: text for field, text in ({pairs},) if text}}")
    return [*lines, "v = to_image(v)"] if place.kind == "images" else lines


def with_names(fieldmap: FieldMap, columns: tuple[str, ...], row: Any) -> dict[str, Any]:
    """Gives a row as people read it and as it is stored: by column, child rows too."""
    shown = dict(zip(columns, row, strict=False))
    for one in fieldmap.lists:
        if one.column in shown:
            shown[one.column] = [dict(zip(one.columns, child, strict=False)) for child in shown[one.column]]
    return shown


def without_names(fieldmap: FieldMap, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Gives a stored row as the source had given it, child rows in the order of the map's columns now.

    Raises:
        FieldMapError: the map asks for a column of the child that was not stored.
    """
    row = dict(stored)
    for one in fieldmap.lists:
        missing = [name for child in row.get(one.column, ()) for name in one.columns if name not in child]
        if missing:
            message = f"{one.hub}: the stored row has no {missing[0]!r} of the child table; read the item again"
            raise FieldMapError(message)
        if one.column in row:
            row[one.column] = [tuple(child[name] for name in one.columns) for child in row[one.column]]
    return row
