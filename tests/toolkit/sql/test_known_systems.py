"""Known systems: recognised by their tables, mapped as they stand, their traps and all."""

import json
import tomllib
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from crossdock import Read, Table
from crossdock.child.offer import Reading
from crossdock.child.transform import Transforms
from crossdock.fieldmap.override import override, validate
from crossdock.host.toml import connection_section
from crossdock.toolkit.sql.guard import guard_select
from crossdock.toolkit.sql.proposing.known import in_schema
from crossdock.toolkit.sql.proposing.systems import SYSTEMS

SAMPLES = json.loads(Path(__file__).with_name("known_systems.json").read_text("utf-8"))
ALL_MAPS = [
    pytest.param(system, one, id=f"{system.name}-{one.map.stream}-{number}")
    for system in SYSTEMS
    for number, one in enumerate(system.maps)
]
"""Every map of every system, versions included."""
GRAMMARS = {
    "sage_200_evolution": ["tsql"],
    "sap_business_one": ["tsql", ""],
    "tryton": ["postgres", "sqlite"],
    "odoo": ["postgres"],
    "ledgersmb": ["postgres"],
}
"""Of the databases that each system stands on; HANA has none of its own."""
DATES = {"validfrom", "validto", "enddate"}
"""Columns of dates, though no row has one."""
TYPES = {bool: "BOOLEAN", int: "INTEGER", float: "NUMERIC(12, 2)", str: "VARCHAR(200)", date: "DATE"}
JSON = {"sqlite": "JSON", "postgresql": "JSONB"}


def tables_of(system):
    """Tables and columns that a system is told by or that its maps read; of several versions the first."""
    found = {table: dict.fromkeys(columns) for table, columns in system.markers.items()}
    for stream in ("products", "customers"):
        first = next(one for one in system.maps if one.map.stream == stream)
        for table, columns in first.needs.items():
            found.setdefault(table, {}).update(dict.fromkeys(columns))
    return {table: list(columns) or ["id"] for table, columns in found.items()}


def type_of(kind, column, rows):
    """A column's type, after its values."""
    value = date.min if column in DATES else next((row[column] for row in rows if row.get(column) is not None), "")
    return JSON[kind] if isinstance(value, dict) else TYPES[type(value)]


def fill(company, system, schema=""):
    """Makes a system's tables and fills them with the sample."""
    samples = SAMPLES[system.name]["tables"]
    prefix = f'"{schema}".' if schema else ""
    if schema:
        company.run(f'CREATE SCHEMA "{schema}"')
    for table, columns in tables_of(system).items():
        rows = samples.get(table, [])
        assert not {name for row in rows for name in row} - set(columns), table
        shown = ", ".join(f'"{one}" {type_of(company.kind, one, rows)}' for one in columns)
        company.run(f'CREATE TABLE {prefix}"{table}" ({shown})')
        names = [f"v{number}" for number in range(len(columns))]
        for row in rows:
            values = [json.dumps(one) if isinstance(one := row.get(name), dict) else one for name in columns]
            places = ", ".join(f":{one}" for one in names)
            with company.engine.begin() as connection:
                statement = text(f'INSERT INTO {prefix}"{table}" VALUES ({places})')  # noqa: S608  # ours
                connection.execute(statement, dict(zip(names, values, strict=True)))


def records(company, proposal):
    """Reads and maps a stream as a run would; by code, each with its variant's fields beside it."""
    hook = {"products": company.source.read_products, "customers": company.source.read_customers}
    with company.session() as session:
        pages = hook[proposal.map.stream](session=session, read=Read(fields=proposal.map, page_size=2))
        found = list(Reading(proposal.map, 0, Transforms(()), print).shown(pages))
    assert [reason for _, _, reason in found if reason] == []
    flat = [record | record.pop("variants", {}) for _, record, _ in found]
    return {one.get("source_variant_code") or one["source_customer_code"]: one for one in flat}


@pytest.fixture(params=[pytest.param(one, id=one.name) for one in SYSTEMS])
def system(request):
    """Each known system."""
    return request.param


def proposals(company, **named):
    """What is proposed, by stream."""
    with company.session() as session:
        found = company.source.propose_maps(session=session, tables=named)
    return {one.map.stream: one for one in reversed(found)}


@pytest.mark.engines("sqlite", "postgres")
def test_a_known_system_is_recognised_read_and_mapped(empty_company, system):
    """With a system's tables and nothing else said, every row of the sample becomes the record that it should."""
    fill(empty_company, system)
    found = proposals(empty_company)
    assert {one.system for one in found.values()} == {system.title}
    got = records(empty_company, found["products"]) | records(empty_company, found["customers"])
    expected = SAMPLES[system.name]["records"]
    assert set(got) == {code for code, one in expected.items() if one is not None}
    for code, wanted in expected.items():
        for field, value in (wanted or {}).items():
            there = got[code].get("source_product_code" if field == "group" else field)
            assert comparable(there) == comparable(value), (code, field)


def comparable(value):
    """Numbers and texts of numbers as one."""
    if isinstance(value, dict):
        return {name: comparable(one) for name, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [comparable(one) for one in value]
    try:
        return float(value) if not isinstance(value, bool) else value
    except (TypeError, ValueError):
        return value


@pytest.mark.engines("postgres")
def test_tables_in_another_schema_are_read_there(empty_company, system):
    """A system in a schema of its own is recognised, and its queries name that schema."""
    schema = f"ERP {system.name}"
    fill(empty_company, system, schema)
    try:
        found = proposals(empty_company)
        assert found["products"].table.startswith(f"{schema}.")
        assert records(empty_company, found["products"])
        assert records(empty_company, found["customers"])
    finally:
        empty_company.run(f'DROP SCHEMA "{schema}" CASCADE')


@pytest.mark.parametrize(("system", "known"), ALL_MAPS)
def test_every_known_map_is_complete_and_survives_the_file(system, known):
    """A map passes the checks of a configuration, and written into `crossdock.toml` and read again it is the same."""
    validate(known.map)
    text_ = connection_section("erp", "custom-database", {}, [known.map], known.notes)
    section = tomllib.loads(text_)["connections"]["erp"][known.map.stream]
    again = override(known.map.stream, None, section)
    assert without_notes(again) == without_notes(known.map)


def without_notes(fieldmap):
    """A map without what is there for people, and queries without the line breaks around them."""
    fields = [(one.hub, one.columns, one.values, one.converters, one.constant) for one in fieldmap.fields]
    lists = [(one.hub, stripped(one.table), one.parent, one.name, one.fields) for one in fieldmap.lists]
    return stripped(fieldmap.source), fields, lists


def stripped(table):
    """A table with its query as it counts."""
    return Table(table.name, table.key, table.changed, table.query and table.query.strip())


@pytest.mark.parametrize(("system", "known"), ALL_MAPS)
def test_every_query_passes_the_guard(system, known):
    """Each query, in the grammar of each database that the system stands on, is one SELECT that only reads."""
    for grammar in GRAMMARS[system.name]:
        for table in (known.map.source, *(one.table for one in known.map.lists)):
            assert guard_select(table.query, grammar)


@pytest.mark.parametrize(("system", "known"), ALL_MAPS)
def test_a_schema_reaches_every_table(system, known):
    """Put into a schema, no table of a query is left without it."""
    placed = in_schema(known.map, "Co", known.needs)
    for before, after in [
        (known.map.source, placed.source),
        *zip((one.table for one in known.map.lists), (one.table for one in placed.lists), strict=True),
    ]:
        assert after.query.count('"Co".') == sum(
            before.query.count(f'{word} "{table}"') for word in ("FROM", "JOIN") for table in known.needs
        )


@pytest.mark.engines("sqlite")
def test_a_system_that_lacks_a_column_is_guessed(empty_company, system):
    """Where a column that a known map needs is missing, the map is not proposed: a read with it would fail."""
    fill(empty_company, system)
    table = next(one for one in system.maps if one.map.stream == "products").table
    needed = next(one for one in system.maps if one.map.stream == "products").needs[table][-1]
    empty_company.run(f'ALTER TABLE "{table}" RENAME COLUMN "{needed}" TO "renamed"')
    found = proposals(empty_company)
    assert "products" not in found or found["products"].system is None
    assert found["customers"].system == system.title
