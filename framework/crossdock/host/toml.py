"""Writing parts of `crossdock.toml`: text that is added to a file, never a file that is written anew.

TOML is written here, not by a library, because what is added is of few kinds, and the library that would keep a
file's comments would still have to be told where each goes.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crossdock.fieldmap import Field, FieldMap, Many, Table

BARE = re.compile(r"[A-Za-z0-9_-]+")
UNFIT_FOR_LITERAL = re.compile(r"'''|[\x00-\x08\x0b-\x1f\x7f]")
"""What a literal text in TOML cannot hold (TOML 1.0, "String")."""
WIDTH = 120


def connection_section(
    name: str, plugin: str, settings: Mapping[str, Any], maps: Sequence[FieldMap] = (), comments: Sequence[str] = ()
) -> str:
    """Gives `[connections.NAME]` with its field maps.

    Args:
        name: the connection.
        plugin: entry point's name.
        settings: as the file shall hold them, secrets as `{"env": NAME}` and the like.
        maps: effective maps; their notes become comments.
        comments: lines above it, without their `#`.
    """
    lines = [_comment(one) for one in comments]
    lines += [f"[connections.{key(name)}]", f"plugin = {value(plugin)}"]
    lines += [f"{key(one)} = {value(given)}" for one, given in settings.items()]
    for one in maps:
        lines += ["", *_map_lines(f"connections.{key(name)}.{one.stream}", one)]
    return "\n".join(lines) + "\n"


def sync_section(name: str, source: str, channels: Sequence[str], streams: Sequence[str], every: str) -> str:
    """Gives `[syncs.NAME]`."""
    lines = [
        f"[syncs.{key(name)}]",
        f"source = {value(source)}",
        f"channels = {value(list(channels))}",
        f"streams = {value(list(streams))}",
        f"every = {value(every)}",
    ]
    return "\n".join(lines) + "\n"


def key(name: str) -> str:
    """Gives a key, in quotes where it needs them."""
    return name if BARE.fullmatch(name) else _basic(name)


def value(given: Any) -> str:
    """Gives a value: text, number, flag, list or table on one line.

    Raises:
        ValueError: TOML has no such value.
    """
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, int | float):
        return repr(given)
    if isinstance(given, str):
        return _basic(given)
    if isinstance(given, Mapping):
        return "{ " + ", ".join(f"{key(name)} = {value(one)}" for name, one in given.items()) + " }"
    if isinstance(given, list | tuple):
        return "[" + ", ".join(map(value, given)) + "]"
    message = f"TOML has no {type(given).__name__}"
    raise ValueError(message)


def _comment(text: str) -> str:
    """Gives a comment of one line: a name in it, which may be a database's, cannot begin another."""
    return "# " + " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _basic(given: str) -> str:
    """Gives a text in double quotes: JSON's escapes are TOML's too, but for DEL, which JSON leaves as it is."""
    return json.dumps(given, ensure_ascii=False).replace("\x7f", "\\u007f")


def _map_lines(where: str, fieldmap: FieldMap) -> Iterator[str]:
    assert isinstance(fieldmap.source, Table)  # noqa: S101  # only SQL sources propose maps
    yield f"[{where}]"
    yield from _table_lines(fieldmap.source)
    yield f"[{where}.fields]"
    for field in fieldmap.fields:
        line = f"{key(field.hub)} = {value(_field(field))}"
        note = f"  {_comment(field.note)}" if field.note else ""
        yield line + note if len(line + note) <= WIDTH else line
    for many in fieldmap.lists:
        yield f"[{where}.lists.{key(many.hub)}]"
        yield from _list_lines(many)


def _table_lines(table: Table) -> Iterator[str]:
    if table.query is not None:
        yield f"query = {_long(table.query)}"
    elif table.name is not None:
        yield f"table = {value(table.name)}"
    yield from (f"{name} = {value(one)}" for name in ("key", "changed") if (one := getattr(table, name)) is not None)


def _list_lines(many: Many) -> Iterator[str]:
    yield from _table_lines(many.table)
    yield f"parent = {value(many.parent)}"
    if many.parent_key is not None:
        yield f"parent_key = {value(many.parent_key)}"
    yield f"name = {value(many.name if isinstance(many.name, str) else _field(many.name))}"
    if [one.hub for one in many.fields] == ["value"]:
        yield f"value = {value(_field(many.fields[0]))}"
    else:
        yield f"fields = {value({one.hub: _field(one) for one in many.fields})}"


def _field(field: Field) -> Any:
    """Gives a field as a file holds it: a column, or a table where there is more to say."""
    said: dict[str, Any] = {}
    if field.column is not None:
        said["column"] = field.column
    if field.constant is not None:
        said["constant"] = field.constant
    if field.values is not None:
        said["values"] = field.values
    if field.convert:
        said["convert"] = field.convert
    said |= {name: True for name in ("optional",) if getattr(field, name)}
    if not field.trim:
        said["trim"] = False
    return field.column if set(said) == {"column"} and isinstance(field.column, str) else said


def _long(text: str) -> str:
    """Gives a text of several lines as it stands, where TOML can hold it so."""
    body = text.strip("\n")
    if "\n" not in body or UNFIT_FOR_LITERAL.search(body):
        return _basic(body)
    return f"'''\n{body}\n'''"
