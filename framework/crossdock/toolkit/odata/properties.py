"""Which properties of an entity a field map reads: what `$select` asks for, and no more."""

from collections.abc import Iterable
from typing import Any

from crossdock.fieldmap import FieldMap, FieldMapError, Json
from crossdock.fieldmap.paths import PLAIN_KEY

_FIRST = frozenset(("subexpression", "index_expression", "projection", "filter_projection", "flatten", "pipe"))
"""Nodes of a path whose rest is looked up in what the first part gave."""
_PARENT = "parent."


def key_of(fieldmap: FieldMap) -> str | None:
    """Gives the property that is an entity's key, None where the map names none or one of the rows inside."""
    source = fieldmap.source
    if source.key is None or (isinstance(source, Json) and source.each):
        return None
    return root_of(source.key)


def properties_of(fieldmap: FieldMap, key: str | None = None) -> tuple[str, ...] | None:
    """Gives the properties that a map reads, sorted, key and change stamp included.

    Args:
        fieldmap: the map.
        key: the entity's key. None: the map names it.

    Returns:
        None where some path wants the whole entity, or an open list any property of a certain beginning.

    Raises:
        FieldMapError: something in the map is not a path.
    """
    source = fieldmap.source
    paths = [column for one in fieldmap.fields for column in one.columns]
    if isinstance(source, Json) and source.each:
        # What is inside the rows comes with the list; of the entity around it `parent` speaks.
        paths = [source.each, *(one.removeprefix(_PARENT) for one in paths if one.startswith(_PARENT))]
    found: set[str] = set()
    for path in paths:
        inner = None if path.endswith("*") else _roots(path)
        if inner is None:
            return None
        found |= inner
    found |= {one for one in (key or key_of(fieldmap), source.changed) if one}
    return tuple(sorted(one for one in found if "@" not in one))


def root_of(path: str) -> str | None:
    """Gives the property that a path is, None where it leads into one."""
    return path if PLAIN_KEY.fullmatch(path) else None


def _roots(path: str) -> set[str] | None:
    if PLAIN_KEY.fullmatch(path):
        return {path}
    import jmespath  # noqa: PLC0415  # loads with a session

    try:
        return _of(jmespath.compile(path).parsed)
    except jmespath.exceptions.JMESPathError as error:
        message = f"not a path: {path!r}: {error}"
        raise FieldMapError(message) from error


def _of(node: Any) -> set[str] | None:  # a node of the parsed path
    """Gives the names that a node looks up in the entity itself; None: all of it."""
    kind, children = node["type"], node["children"]
    if kind == "field":
        return {node["value"]}
    if kind in ("literal", "expref", "index", "slice"):
        return set()
    if kind in ("current", "identity", "value_projection"):
        return None if kind != "value_projection" else _of(children[0])
    return _together(children[:1] if kind in _FIRST else children)


def _together(nodes: Iterable[Any]) -> set[str] | None:
    found: set[str] = set()
    for one in nodes:
        inner = _of(one)
        if inner is None:
            return None
        found |= inner
    return found
