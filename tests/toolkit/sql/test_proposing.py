"""Unknown databases: which table, which column is which, and how sure that is; measured on layouts of many systems."""

import re
from pathlib import Path

import pytest

from crossdock.contract import ColumnShape, ConfigError, TableShape
from crossdock.fieldmap.override import validate
from crossdock.toolkit.sql.proposing.assembling import proposal_of
from crossdock.toolkit.sql.proposing.guessing import guess
from crossdock.toolkit.sql.proposing.names import shared_beginning, words_of
from crossdock.toolkit.sql.proposing.proposals import LOOKED_AT

OPTIONS = {"variants.meta.size": "variants.option1", "variants.meta.colour": "variants.option2"}
"""Sizes and colours are proposed as attributes; a person may make options of them."""
FLOORS = (0.97, 0.95, 0.85)
"""Part of the hub fields, in each part of the layouts, that come from the column that a person would choose."""
DECOYS = [
    "orders: id integer*, customer_id integer, order_no varchar(20), order_date date, total decimal(10,2)",
    "order_lines: id integer*, order_id integer, item_code varchar(20), description varchar(80), qty integer, "
    "price decimal(10,2)",
    "stock_movements: id integer*, item_no varchar(20), description varchar(80), quantity integer, moved_at datetime",
    "suppliers: supplier_code varchar(20)*, name varchar(80), email varchar(80), phone varchar(20), city varchar(40)",
    "item_groups: code varchar(20)*, name varchar(80)",
    "employees: id integer*, first_name varchar(40), last_name varchar(40), email varchar(80), phone varchar(20)",
    "settings: name varchar(40)*, value varchar(200)",
    "article_translations: article_no varchar(20), language char(2), name varchar(80), description text",
    "customer_history: customer_no varchar(20), name varchar(80), email varchar(80), changed_at datetime",
    "price_history: product_code varchar(20), price decimal(10,2), valid_from date",
]


def shape(line):
    """A table as it stands in the layouts."""
    name, _, columns = line.partition(": ")
    pairs = [one.rpartition(" ")[::2] for one in re.split(r", (?![^(]*\))", columns)]
    key = tuple(column for column, kind in pairs if kind.endswith("*"))
    return TableShape(name, tuple(ColumnShape(column, kind.rstrip("*")) for column, kind in pairs), key)


def layouts():
    """Every layout: part, system, stream, table, and the column that a person would choose for each hub field."""
    found = []
    for part, text in enumerate(re.split(r"^-{9,}$", LAYOUTS.read_text("utf-8"), flags=re.MULTILINE)):
        system = ""
        for line in (one for one in text.splitlines() if one.strip() and not one.startswith("#")):
            if line.startswith("["):
                system = line.strip("[]")
            elif line.startswith("  "):
                hub, _, column = line.strip().partition(" = ")
                found[-1][4][hub] = column
            else:
                stream, _, rest = line.partition(" ")
                found.append((part, system, stream, shape(rest), {}))
    return found


LAYOUTS = Path(__file__).with_name("layouts.txt")
ALL = layouts()
each_layout = pytest.mark.parametrize("layout", ALL, ids=[f"{system} {stream}" for _, system, stream, _, _ in ALL])


def chosen(stream, table):
    """Which column was chosen for each hub field."""
    found = guess(stream, table)
    proposal = proposal_of(found) if found else None
    fields = proposal.map.fields if proposal else ()
    return {OPTIONS.get(one.hub, one.hub): one.columns[0] for one in fields if one.columns}


def hits(stream, table, expected):
    """How many hub fields come from the column that a person would choose; a country by code or name counts as one."""
    got = chosen(stream, table)
    code, name = "addresses.1.country_code", "addresses.1.country"
    got |= {name: got.get(name) or got.get(code), code: got.get(code) or got.get(name)}
    return sum(got.get(hub) == column for hub, column in expected.items())


def test_there_are_enough_layouts():
    """The figures below stand on at least forty layouts, of products and of customers."""
    assert len(ALL) >= 40
    assert {stream for _, _, stream, _, _ in ALL} == {"products", "customers"}
    for _, system, _, table, expected in ALL:
        assert set(expected.values()) <= {one.name for one in table.columns}, system


@pytest.mark.parametrize("part", range(3))
def test_most_columns_are_what_a_person_would_choose(part):
    """Of the hub fields that a person would map, at least so many come from the column that a person would choose."""
    mine = [(stream, table, expected) for where, _, stream, table, expected in ALL if where == part]
    found = sum(hits(*one) for one in mine)
    wanted = sum(len(expected) for _, _, expected in mine)
    assert found / wanted >= FLOORS[part], f"{found} of {wanted}"


@each_layout
def test_what_is_proposed_can_be_used(layout):
    """Whatever is proposed is a whole map that a configuration would take, of columns that are there."""
    _, _, stream, table, _ = layout
    found = guess(stream, table)
    if found is None:
        return
    proposal = proposal_of(found)
    validate(proposal.map)
    names = {one.name for one in table.columns}
    assert {column for one in proposal.map.fields for column in one.columns} <= names
    assert proposal.map.source.key in names
    assert 0 <= proposal.sureness < 0.95
    assert set(proposal.reasons) >= {"source_variant_code" if stream == "products" else "source_customer_code"}


def test_the_right_table_is_found_among_others():
    """Among tables of orders, movements, suppliers, history and the like, the table itself is the likeliest."""
    decoys = [shape(one) for one in DECOYS]
    wrong = []
    for _, system, stream, table, _ in ALL:
        own, *others = (one.score if one else 0 for one in (guess(stream, one) for one in [table, *decoys]))
        if own <= max(others):
            wrong.append(f"{system} {stream}: {own:.2f}, not above {max(others):.2f}")
    assert len(wrong) <= 0.15 * len(ALL), wrong


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ArtikelNr", ("artikel", "nr")),
        ("ITEM_CODE", ("item", "code")),
        ("artikelnummer", ("artikel", "nummer")),
        ("cBarcode", ("barcode",)),
        ("Straße", ("strasse",)),
        ("E-Mail", ("email",)),
        ("qtyOnHand2", ("qty", "onhand", "2")),
        ("Préfixe", ("prefixe",)),
        ("", ()),
        ("数量", ()),
    ],
)
def test_names_are_cut_into_words(name, words):
    """Names of every spelling give the same words; what is not known stays whole, and nothing fails."""
    assert words_of(name) == words


def test_what_all_columns_begin_with_says_nothing():
    """A beginning that most columns share is not read; one that some share is."""
    assert shared_beginning(["AR_Ref", "AR_Design", "AR_Prix", "FA_Code"]) == "AR_"
    assert shared_beginning(["item_code", "name", "price"]) == ""


# Against a database


@pytest.fixture
def company(empty_company):
    """A table whose likeliest code is not unique and whose price is text with a comma."""
    empty_company.run(
        "CREATE TABLE artikel (id INTEGER PRIMARY KEY, artikelnr VARCHAR(10), sku VARCHAR(10), bezeichnung VARCHAR(40),"
        " preis VARCHAR(10), bestand INTEGER, gesperrt INTEGER)"
    )
    empty_company.run("CREATE TABLE customers (id INTEGER PRIMARY KEY, account_no VARCHAR(10), name VARCHAR(40))")
    empty_company.run(
        "INSERT INTO artikel VALUES (1, 'A', 'X', 'Hammer', '1.234,50', 3, 0), (2, 'B', 'X', 'Nagel', '0,99', -1, 1)"
    )
    empty_company.run("INSERT INTO customers VALUES (1, 'C1', 'Acme')")
    return empty_company


def propose(company, **named):
    """What is proposed, the likeliest of each stream."""
    with company.session() as session:
        found = company.source.propose_maps(session=session, tables=named)
    return {one.map.stream: one for one in reversed(found)}


def test_the_rows_decide_where_names_do_not(company):
    """A code that comes twice gives way to one that is unique, and a comma in prices brings its converter."""
    fields = {one.hub: one for one in propose(company)["products"].map.fields}
    assert fields["source_variant_code"].columns == ("artikelnr",)
    assert fields["variants.price"].converters == ("decimal_comma",)
    assert fields["product_active"].values["0"] is True
    assert fields["product_active"].values["*"] is False


def test_both_streams_are_proposed(company):
    """Products and customers are each found in their own table."""
    assert {stream: one.table for stream, one in propose(company).items()} == {
        "products": "artikel",
        "customers": "customers",
    }


def test_a_person_may_name_the_table(company):
    """A named table is taken for its stream, however unlikely; one that is not there is named with the nearest."""
    assert propose(company, products="customers")["products"].table == "customers"
    with pytest.raises(ConfigError, match="artikel"):
        propose(company, products="artikle")


@pytest.mark.engines("sqlite", "postgres")
def test_nothing_that_fits_proposes_nothing(empty_company):
    """A database without such tables, or without any, gives no proposal and no error."""
    empty_company.run("CREATE TABLE log (at TIMESTAMP, line VARCHAR(80))")
    assert propose(empty_company) == {}
    empty_company.run("DROP TABLE log")
    assert propose(empty_company) == {}


@pytest.mark.engines("sqlite")
def test_a_table_is_one_streams(empty_company):
    """A table of products is not offered as one of customers, though both have a code and a name."""
    empty_company.run("CREATE TABLE items (id INTEGER PRIMARY KEY, code TEXT, name TEXT, price REAL)")
    assert set(propose(empty_company)) == {"products"}


@pytest.mark.engines("sqlite")
def test_a_needle_in_a_large_schema_is_found(company):
    """With more tables than are looked at, those whose names say most are; a named one is looked at in any case."""
    with company.engine.begin() as connection:
        for number in range(LOOKED_AT + 50):
            connection.exec_driver_sql(f"CREATE TABLE a{number:04} (id INTEGER PRIMARY KEY, b TEXT, c TEXT)")
        connection.exec_driver_sql("CREATE TABLE zz_ding (id INTEGER PRIMARY KEY, code TEXT, name TEXT)")
    assert propose(company)["products"].table == "artikel"
    assert propose(company, products="zz_ding")["products"].table == "zz_ding"
