"""Checks of field maps: they can work, and do with the fake's rows."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time
from fnmatch import fnmatchcase
from typing import Any

import jmespath
from msgspec.structs import replace

from crossdock.contract import Rows
from crossdock.fieldmap import FieldMap, Table
from crossdock.fieldmap.compile import Mapper, check_converters
from crossdock.fieldmap.hub import REQUIRED
from crossdock.fieldmap.override import validate
from crossdock.fieldmap.values import UNMAPPABLE
from crossdock.testing.suite.bench import READ_HOOKS, Bench, Rowwise
from crossdock.testing.suite.checks import NotApplicableError, check_of, expect


def every_map_is_valid(bench: Bench) -> None:
    """Each field map names fields that the hub has, none twice, all that are required, and converters that exist."""
    streams = [one.stream for one in bench.plugin.maps]
    for fields in (*bench.plugin.maps, *bench.maps.values()):
        validate(fields)
        check_converters(fields)
        expect(streams.count(fields.stream) <= 1, f"field_maps: two maps of {fields.stream}; keep one")


def every_map_has_its_hook(bench: Bench) -> None:
    """Each stream that has a field map can be read, and something can."""
    for fields in bench.plugin.maps:
        hook = READ_HOOKS.get(fields.stream, f"read_{fields.stream}")
        expect(hook in bench.plugin.hooks, f"there is a field map of {fields.stream}, but no hook {hook}")
    expect(bench.maps, "no stream can be read")


def every_map_maps_its_rows(bench: Bench) -> None:
    """The rows of the fake become records by the effective map, but for those that it says are bad on purpose."""
    bad = getattr(bench.fake, "BAD_ROWS", {})
    for stream in bench.maps:
        rows = list(_rows(bench, stream, bench.some(stream).pages))
        reasons = [reason for mapper, row in rows if (reason := _unmappable(mapper, row))]
        reasons += ["its code is shared"] * _shared(rows)
        expect(len(reasons) < len(rows), f"{stream}: not one row of the fake can be mapped: {reasons[:1]}")
        expect(
            len(reasons) == bad.get(stream, 0),
            f"{stream}: {len(reasons)} rows of the fake cannot be mapped, {bad.get(stream, 0)} are said to be bad on "
            f"purpose (BAD_ROWS): {Counter(reasons).most_common(3)}",
        )


def the_sample_shows_every_column(bench: Bench) -> None:
    """Each mapped column that is not optional has a value in some row of the fake, so that its name is proved."""
    for stream, fields in bench.maps.items():
        pages = bench.some(stream).pages
        for field in fields.fields:
            for column in () if field.optional else [one for one in field.columns if "*" not in one]:
                expect(
                    any(_has_value(bench, stream, fields, page, column) for page in pages),
                    f"{stream}: {field.hub!r} comes from {column!r}, which no row of the fake has a value in; "
                    "correct the name, fill it in the sample data, or mark the field `optional=True`",
                )


def only_mapped_columns_are_read(bench: Bench) -> None:
    """A read asks the source for the columns of the map it was given, its key and its change column, for no others."""
    tried = False
    for stream, fields in bench.maps.items():
        if not isinstance(fields.source, Table):
            continue
        tried = True
        required = tuple(one for one in fields.fields if one.hub in REQUIRED[stream])
        for asked in (fields, replace(fields, fields=required, lists=())):
            more = _unasked(bench.some(stream, fields=asked).pages, asked)
            expect(
                not more,
                f"{READ_HOOKS[stream]}: asked for {len(asked.fields)} fields, it also read {sorted(more)[:5]}; select "
                "the columns of `read.fields`, not all",
            )
    if not tried:
        message = "rows are nested, and come as the system gives them"
        raise NotApplicableError(message)


def times_have_a_zone(bench: Bench) -> None:
    """Times are aware where the source says their zone, and a column never mixes times with and without one."""
    aware = getattr(bench.fake, "AWARE", {})
    tried = False
    for stream in bench.maps:
        for column, values in _times(bench.some(stream).pages, aware.get(stream, ())).items():
            tried = True
            zoned = {_has_zone(value) for value in values}
            expect(len(zoned) == 1, f"{READ_HOOKS[stream]}: {column!r} mixes times with and without a zone")
            expect(
                zoned == {True} or column not in aware.get(stream, ()),
                f"{READ_HOOKS[stream]}: {column!r} has a zone in the system, and none in the rows",
            )
    if not tried:
        message = "no row holds a time as the driver makes one, and the fake names no column in `AWARE`"
        raise NotApplicableError(message)


def _rows(bench: Bench, stream: str, pages: list[Rows]) -> Iterator[tuple[Mapper, Any]]:
    rowwise = Rowwise(bench.maps[stream])
    for page in pages:
        mapper = rowwise.mapper(page.columns)
        for row in mapper.expand(page.rows):
            yield mapper, row


def _unmappable(mapper: Mapper, row: Any) -> str | None:
    try:
        mapper.map(row)
    except UNMAPPABLE:
        hub, reason = mapper.explain(row)
        return f"{hub or 'row'}: {reason}"
    return None


def _shared(rows: list[tuple[Mapper, Any]]) -> int:
    """Counts rows that can be mapped, but have their code in common with a row of another key."""
    codes: dict[str, list[str]] = {}
    for mapper, row in rows:
        (code,), _, identities = mapper.identify([row])
        if code is not None and identities is not None and _unmappable(mapper, row) is None:
            codes.setdefault(code, []).append(identities[0])
    return sum(len(keys) for keys in codes.values() if len(set(keys)) > 1)


def _has_value(bench: Bench, stream: str, fields: FieldMap, page: Rows, column: str) -> bool:
    one = replace(fields, fields=tuple(_renamed(field, column) for field in fields.fields))
    hub = next(field.hub for field in fields.fields if column in field.columns)
    mapper = Rowwise(one).mapper(page.columns)
    return any(mapper.raw(row, hub) not in (None, "", [], {}) for row in mapper.expand(page.rows))


def _renamed(field: Any, column: str) -> Any:
    """Lets a field of several columns read the one that is looked at alone."""
    return replace(field, column=column) if column in field.columns and len(field.columns) > 1 else field


def _unasked(pages: list[Rows], asked: FieldMap) -> set[str]:
    """Gives the columns of rows that a map does not ask for; a leading `_` or `@` is the format's own."""
    source = asked.source
    assert isinstance(source, Table)  # noqa: S101  # the caller has looked
    mapped = [column for field in asked.fields for column in field.columns]
    mapped += [one for many in asked.lists for one in (many.column, many.parent_key) if one]
    mapped += [one for one in (source.key, source.changed) if one]
    if any(page.columns is None for page in pages):
        mapped += [name for path in mapped for name in _names_in(path)]
    given = {name for page in pages for name in (page.columns or {name for row in page.rows for name in row})}
    own = {name for name in given if name.startswith(("_", "@"))}
    return {one for one in given - own if not any(fnmatchcase(one.lower(), name.lower()) for name in mapped)}


def _names_in(path: str) -> Iterator[str]:
    """Gives every name that a path goes by."""
    try:
        nodes = [jmespath.compile(path).parsed]
    except jmespath.exceptions.JMESPathError:
        return
    while nodes:
        node = nodes.pop()
        if node["type"] == "field":
            yield str(node["value"])
        nodes.extend(node.get("children", ()))


def _times(pages: list[Rows], named: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for page in pages:
        for row in page.rows:
            pairs = zip(page.columns, row, strict=True) if page.columns is not None else dict(row).items()
            for column, value in pairs:
                if isinstance(value, datetime | time) or (column in named and value is not None):
                    found.setdefault(column, []).append(value)
    return found


def _has_zone(value: Any) -> bool:
    if isinstance(value, datetime | time):
        return value.utcoffset() is not None or value.tzinfo is not None
    try:
        return datetime.fromisoformat(str(value)).tzinfo is not None
    except ValueError:
        return False


CHECKS = tuple(
    map(
        check_of,
        (
            every_map_is_valid,
            every_map_has_its_hook,
            every_map_maps_its_rows,
            the_sample_shows_every_column,
            only_mapped_columns_are_read,
            times_have_a_zone,
        ),
    )
)
"""In the order in which they are run."""
