"""Recognising a system by its tables, and the maps that are known for it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import msgspec
from msgspec import Struct

from crossdock.contract import Proposal, TableShape
from crossdock.fieldmap import FieldMap, Many, Table

KNOWN = 0.95
"""How sure a map is whose system was recognised and whose columns are all there."""


class KnownMap(Struct, frozen=True, kw_only=True):
    """One stream of a known system; several of one stream are versions, the first that fits is proposed."""

    table: str
    """The table that the stream's rows stand for."""
    map: FieldMap
    """Written for tables without a schema, all names quoted."""
    needs: dict[str, tuple[str, ...]]
    """Tables and columns that the map reads."""
    types: dict[str, str] = {}
    """`table.column` to a part of its type's name, where versions differ by it."""
    notes: tuple[str, ...] = ()
    """What a person should know or decide."""


class KnownSystem(Struct, frozen=True, kw_only=True):
    """A system whose tables are known."""

    name: str
    title: str
    """What people call it."""
    markers: dict[str, tuple[str, ...]]
    """Tables and columns by which it is told from others."""
    maps: tuple[KnownMap, ...]


Columns = Mapping[str, Mapping[str, str]]
"""Table to column to type, names in lower case."""


def marking_tables(systems: Iterable[KnownSystem]) -> set[str]:
    """Gives the names, in lower case, of all tables that the systems are told by or read from."""
    return {
        table.lower()
        for system in systems
        for names in (system.markers, *(one.needs for one in system.maps))
        for table in names
    }


def known_maps(systems: Iterable[KnownSystem], tables: Iterable[TableShape]) -> Iterator[Proposal]:
    """Proposes the maps of each system whose tables stand together in one schema."""
    for schema, columns in by_schema(tables).items():
        for system in systems:
            if is_there(system.markers, columns):
                yield from _proposals(system, schema, columns)


def by_schema(tables: Iterable[TableShape]) -> dict[str, dict[str, dict[str, str]]]:
    """Sorts tables by schema, empty for the login's own; names in lower case."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for one in tables:
        schema, _, name = one.name.rpartition(".")
        found.setdefault(schema, {})[name.lower()] = {column.name.lower(): column.type for column in one.columns}
    return found


def is_there(wanted: Mapping[str, Sequence[str]], columns: Columns) -> bool:
    """Says whether all tables and columns are there, whatever the case of their names."""
    return all(
        table.lower() in columns and all(one.lower() in columns[table.lower()] for one in names)
        for table, names in wanted.items()
    )


def _proposals(system: KnownSystem, schema: str, columns: Columns) -> Iterator[Proposal]:
    for _, versions in groupby(system.maps, key=lambda one: one.map.stream):
        for one in versions:
            if is_there(one.needs, columns) and _is_of_type(one.types, columns):
                yield _proposal(system, one, schema)
                break


def _is_of_type(types: Mapping[str, str], columns: Columns) -> bool:
    asked = ((*place.rpartition(".")[::2], part) for place, part in types.items())
    return all(part in columns[table.lower()][column.lower()] for table, column, part in asked)


def _proposal(system: KnownSystem, one: KnownMap, schema: str) -> Proposal:
    return Proposal(
        map=in_schema(one.map, schema, one.needs) if schema else one.map,
        system=system.title,
        table=f"{schema}.{one.table}" if schema else one.table,
        sureness=KNOWN,
        reasons={field.hub: field.note for field in one.map.fields if field.note},
        notes=one.notes,
    )


def in_schema(fieldmap: FieldMap, schema: str, tables: Iterable[str]) -> FieldMap:
    """Gives a map whose queries name their tables with the schema."""
    names = "|".join(re.escape(one) for one in tables)
    place = '"' + schema.replace('"', '""') + '".'

    def placed(table: Table) -> Table:
        query = re.sub(rf'(\b(?:FROM|JOIN)\s+)(?="(?:{names})")', lambda found: found[1] + place, table.query or "")
        name = f"{schema}.{table.name}" if table.name else None
        return msgspec.structs.replace(table, query=query or None, name=name)

    def placed_list(many: Many) -> Many:
        return msgspec.structs.replace(many, table=placed(many.table))

    assert isinstance(fieldmap.source, Table)  # noqa: S101  # known maps are of tables
    return msgspec.structs.replace(
        fieldmap, source=placed(fieldmap.source), lists=tuple(map(placed_list, fieldmap.lists))
    )
