"""Open lists from child tables: what a hand-written join would give, a page at a time, and what changed since."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice, permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from crossdock import ConfigError, Field, FieldMap, Many, Table
from crossdock.contract import Read
from crossdock.fieldmap.compile import Mapper
from crossdock.records import Variant, decode
from crossdock.toolkit.sql.joined import matched
from crossdock.toolkit.sql.lists import KEYS_AT_ONCE

START = datetime.fromisoformat("2026-01-31 23:50:00")
OVERLAP_S = 120
TIERS, STOCK = "variants.price_tiers", "variants.qty_availability"
PRODUCT = (
    Field("source_product_code", "Code"),
    Field("source_variant_code", "Code"),
    Field("title", "Code"),
    Field("variants.sku", "Code"),
)
PRICES = """CREATE TABLE "Price" ("Id" INTEGER PRIMARY KEY, "Item" INTEGER, "List" VARCHAR(20), "Net" NUMERIC(10, 2),
    "Changed" {moment})"""
ADD = 'INSERT INTO "Price" ("Id", "Item", "List", "Net", "Changed") VALUES (:id, :item, :list, :net, :changed)'
again = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def price_list(changed=None, hub=TIERS, name="List", value="Net", **more):
    """The list of prices by name."""
    table = more.pop("table", Table("Price", key="Id", changed=changed))
    return Many(hub, table, more.pop("parent", "Item"), name, (Field("value", value),), **more)


def make_fields(*lists, changed=None, table=None, fields=()):
    """A map of items with lists."""
    source = table or Table("Item", key="Id", changed=changed)
    return FieldMap("products", source, (*PRODUCT, *fields), lists or (price_list(changed),))


@pytest.fixture
def shop(company):
    """Items and their prices, both empty."""
    company.run(PRICES.format(**company.kinds))
    return company


def add_prices(company, *rows):
    """Adds child rows: id, item, list, net, and optionally when they changed."""
    names = ("id", "item", "list", "net", "changed")
    given = [dict.fromkeys(names) | dict(zip(names, row, strict=False)) for row in rows]
    if given:
        company.run(ADD, *given)


def joined(company):
    """What a hand-written join gives: by item, its code and its child rows, sorted."""
    statement = """SELECT i."Id", i."Code", p."Id", p."List", p."Net"
        FROM "Item" AS i LEFT JOIN "Price" AS p ON p."Item" = i."Id" """
    found = {}
    with company.engine.connect() as connection:
        for item, code, child, name, net in connection.execute(text(statement)):
            children = found.setdefault(item, (code, []))[1]
            children += [] if child is None else [(name, net)]
    return {item: (code, sorted(children, key=repr)) for item, (code, children) in found.items()}


def by_item(rows):
    """Rows in the same form: code, key, perhaps the stamp, and last the child rows."""
    return {row[1]: (row[0], sorted(row[-1], key=repr)) for row in rows}


ITEMS = st.sets(st.integers(1, 15), max_size=12)
CHILDREN = st.lists(
    st.tuples(
        st.none() | st.integers(1, 18),
        st.none() | st.sampled_from(["retail", "trade", "Retail", "vip "]),
        st.none() | st.integers(1, 5),
    ),
    max_size=30,
)


@again
@given(items=ITEMS, children=CHILDREN, size=st.integers(1, 6), data=st.data())
def test_a_full_read_is_a_join(shop, items, children, size, data):
    """Whatever items and child rows there are, orphans and NULLs too, every row has just its own child rows."""
    shop.run('DELETE FROM "Item"')
    shop.run('DELETE FROM "Price"')
    shop.add(*((item, f"C{item}") for item in items))
    add_prices(shop, *((number, *child) for number, child in enumerate(children)))
    expected = joined(shop)
    pages = list(shop.pages(make_fields(), page_size=size))
    rows = [row for page in pages for row in page.rows]
    assert by_item(rows) == expected
    assert len(rows) == len(items)
    assert all(page.columns == ("Code", "Id", f"{TIERS}.*") for page in pages)
    wanted = data.draw(st.lists(st.sampled_from(sorted(items)), unique=True)) if items else []
    rows = shop.rows(make_fields(), codes=tuple(f"C{item}" for item in wanted), page_size=size)
    assert by_item(rows) == {item: expected[item] for item in wanted}


class Clerk:
    """Works in the ERP while it is read: items and prices come, change, move and go, stamped up to the overlap late."""

    def __init__(self, company):
        self.company, self.now, self.number = company, START, 0
        self.lost = set()
        company.run('DELETE FROM "Item"')
        company.run('DELETE FROM "Price"')

    def do(self, deed, item, child, wait_s, late_s):
        """Does one thing, and keeps in mind whose child rows went away, which nothing in the tables says."""
        self.now += timedelta(seconds=wait_s)
        self.number += 1
        stamp = self.now - timedelta(seconds=late_s)
        if deed == "item":
            self.company.run('DELETE FROM "Item" WHERE "Id" = :id', {"id": item})
            self.company.add((item, f"V{self.number}", stamp))
            return
        with self.company.engine.connect() as connection:
            found = connection.execute(text(f'SELECT "Item" FROM "Price" WHERE "Id" = {child}')).scalars().all()  # noqa: S608  # ours
        self.lost |= {one for one in found if one != item or deed == "delete"}
        self.company.run('DELETE FROM "Price" WHERE "Id" = :id', {"id": child})
        if deed == "child":
            add_prices(self.company, (child, item, f"L{child % 3}", self.number, stamp))


DEED = st.sampled_from(["item", "child", "child", "child", "delete"])
DEEDS = st.lists(
    st.tuples(DEED, st.integers(1, 8), st.integers(1, 12), st.integers(0, 400), st.integers(0, OVERLAP_S)), max_size=4
)
KEPT = st.sampled_from([1, 2, 3, 999, 999, 999])
RUNS = st.lists(st.tuples(st.integers(1, 4), KEPT, st.lists(DEEDS, max_size=9)), min_size=2, max_size=4)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=DEEDS, runs=RUNS)
def test_no_change_of_a_child_row_is_missed(shop, first, runs):
    """Incremental runs that break off anywhere while child rows change know all in the end, but for what went away.

    That a child row was deleted, or moved to another item, the next full read finds.
    """
    clerk, fields = Clerk(shop), make_fields(changed="Changed")
    known, cursor = {}, None
    for deed in [*(("item", item, 0, 400, 0) for item in range(1, 7)), *first]:
        clerk.do(*deed)
    for size, pages_kept, meanwhile in [*runs, (3, 999, [])]:
        with shop.session(overlap_s=OVERLAP_S) as session:
            pages = shop.source.read_products(session=session, read=Read(fields=fields, since=cursor, page_size=size))
            for number, page in enumerate(islice(pages, pages_kept)):
                known |= by_item(page.rows)
                cursor = page.cursor
                for deed in meanwhile[number] if number < len(meanwhile) else ():
                    clerk.do(*deed)
    for page in shop.pages(fields, since=cursor):
        known |= by_item(page.rows)
    expected = joined(shop)
    assert {item: known[item] for item in expected if item not in clerk.lost} == {
        item: found for item, found in expected.items() if item not in clerk.lost
    }
    assert by_item(shop.rows(fields)) == expected


def last_cursor(company, fields, **how):
    """The cursor that a whole read leaves."""
    return list(company.pages(fields, **how))[-1].cursor


def test_only_items_whose_child_rows_changed_come(shop):
    """A changed price brings its item and no other, with all its child rows, whatever the item's own stamp says."""
    fields = make_fields(changed="Changed")
    shop.add(*((number, f"C{number}", START + timedelta(hours=number)) for number in range(100)))
    add_prices(shop, *((number, number, "retail", 1, START + timedelta(hours=number)) for number in range(100)))
    cursor = last_cursor(shop, fields)
    assert {row[1] for row in shop.rows(fields, since=cursor)} == {99}
    add_prices(shop, (1000, 5, "trade", 2, START + timedelta(hours=200)), (1001, 7777, "x", 2, START))
    found = {row[1]: list(row[-1]) for row in shop.rows(fields, since=cursor)}
    assert set(found) == {5, 99}
    assert [name for name, _ in found[5]] == ["retail", "trade"]
    cursor = last_cursor(shop, fields, since=cursor)
    assert {row[1] for row in shop.rows(fields, since=cursor)} == {5, 99}
    add_prices(shop, (1002, 7, "late", 3, START + timedelta(hours=200, seconds=-OVERLAP_S)))
    add_prices(shop, (1003, 8, "too late", 3, START + timedelta(hours=200, seconds=-OVERLAP_S - 1)))
    assert {row[1] for row in shop.rows(fields, since=cursor)} == {5, 7, 99}


def test_child_rows_without_a_stamp_bring_their_item_every_time(shop):
    """Nothing says whether a child row without a stamp changed, so its item is in every incremental read."""
    fields = make_fields(changed="Changed")
    shop.add(*((number, f"C{number}", START - timedelta(days=number)) for number in range(1, 9)))
    add_prices(shop, (1, 4, "retail", 1), (2, 6, "retail", 1, START - timedelta(days=9)))
    cursor = last_cursor(shop, fields)
    for _ in range(2):
        assert {row[1] for row in shop.rows(fields, since=cursor, page_size=1)} == {1, 4, 6}
        cursor = last_cursor(shop, fields, since=cursor)


def test_an_incremental_read_goes_on_within_a_list(shop):
    """From the cursor of any page, also of those of child rows, the rest comes; a limit ends where it can go on."""
    fields = make_fields(changed="Changed")
    shop.add(*((number, f"C{number}", START) for number in range(10)))
    cursor = last_cursor(shop, fields)
    shop.run('UPDATE "Item" SET "Changed" = :at', {"at": START - timedelta(days=9)})
    add_prices(shop, *((number, number, "retail", 1, START) for number in range(10)))
    pages = list(shop.pages(fields, since=cursor, page_size=3))
    assert [row[1] for page in pages for row in page.rows] == list(range(10))
    for number, page in enumerate(pages[:-1]):
        rest = [row[1] for row in shop.rows(fields, since=page.cursor, page_size=3)]
        assert rest[: 10 - 3 * (number + 1)] == list(range(3 * (number + 1), 10))
    (page,) = shop.pages(fields, since=cursor, limit=4)
    assert len(page.rows) == 4
    assert [row[1] for row in shop.rows(fields, since=page.cursor, limit=4)] == [4, 5, 6, 7]


def test_without_a_stamp_in_every_list_reads_are_full(shop):
    """One child table without a change column, and every read gives all rows, as the field map says to the host."""
    fields = make_fields(price_list(), changed="Changed")
    shop.add((1, "A", START), (2, "B", START + timedelta(days=9)))
    assert not fields.is_incremental
    assert len(shop.rows(fields, since=last_cursor(shop, fields))) == 2


def counted(session):
    """Counts the statements of a session by the table they begin with."""
    count, fetch = Counter(), session.fetch

    def counting(statement, values=None):
        count["Price" if '"Price"' in str(statement).partition("FROM")[2][:30] else "Item"] += 1
        return fetch(statement, values)

    session.fetch = counting
    return count


@pytest.mark.parametrize("page_size", [10, KEYS_AT_ONCE, 2 * KEYS_AT_ONCE + 1])
def test_one_statement_for_a_list_and_a_page(shop, page_size):
    """Child rows are fetched by the page, never row by row; a page beyond what an engine takes, by the thousand."""
    count_of_items = 2 * KEYS_AT_ONCE + 5
    shop.add(*((number, f"C{number}") for number in range(count_of_items)))
    add_prices(shop, *((number, number % count_of_items, f"L{number % 7}", 1) for number in range(3 * count_of_items)))
    with shop.session() as session:
        count = counted(session)
        pages = list(shop.source.read_products(session=session, read=Read(fields=make_fields(), page_size=page_size)))
    assert all(len(row[-1]) == 3 for page in pages for row in page.rows)
    chunks = sum(-(-len(page.rows) // KEYS_AT_ONCE) for page in pages)
    assert count["Price"] - 1 == chunks  # one more looks at the type of the parent column
    assert count["Item"] == len(pages) + 1


def test_the_order_of_child_rows_is_no_change(shop):
    """Inserted in whatever order, names that the database may take for equal included, a row has one hash."""
    children = [("retail", 1), ("Retail", 2), ("trade", None), (None, None), ("trade", 3)]
    fields, found = make_fields(), set()
    shop.add((1, "A"))
    for order in islice(permutations(children), 0, None, 7):
        shop.run('DELETE FROM "Price"')
        add_prices(shop, *((number, 1, *child) for number, child in enumerate(order)))
        (page,) = shop.pages(fields)
        found |= set(Mapper(fields, page.columns, 7).identify(page.rows)[1])
    assert len(found) == 1


def tiers(company, fields, **how):
    """By code, the price tiers that the mapper makes of the rows."""
    found = {}
    for page in company.pages(fields, **how):
        mapper = Mapper(fields, page.columns, 7)
        for row in page.rows:
            mapped = mapper.map(row)
            assert mapped is not None
            found[mapped[0]] = decode(mapped[6], Variant).price_tiers
    return found


def test_names_from_a_third_table_come_by_query(shop):
    """A query joins what names the entries; two lists stand beside each other, and a row without any is in the read."""
    shop.run('CREATE TABLE "Named" ("No" VARCHAR(9), "Title" VARCHAR(20))')
    shop.run("INSERT INTO \"Named\" VALUES ('1', 'retail'), ('2', 'trade')")
    shop.add((1, "A"), (2, "B"))
    add_prices(shop, (1, 1, "1", 10), (2, 1, "2", "9.5"), (3, 2, "2", 7))
    query = """SELECT p."Item" AS item, n."Title" AS title, p."Net" AS net
        FROM "Price" AS p JOIN "Named" AS n ON n."No" = p."List" WHERE p."Net" > 8 -- all above"""
    by_query = price_list(table=Table(query=shop.quoted(query)), parent="item", name="title", value="net")
    fields = make_fields(by_query, price_list(hub=STOCK))
    assert tiers(shop, fields) == {"A": {"retail": 10, "trade": Decimal("9.5")}, "B": {}}
    (page,) = shop.pages(fields)
    assert page.columns == ("Code", "Id", f"{TIERS}.*", f"{STOCK}.*")
    assert [len(row[3]) for row in page.rows] == [2, 1]


def test_a_parents_column_other_than_its_key(shop):
    """`parent_key` names what the child refers to; several rows with one such value have the same list."""
    shop.run('ALTER TABLE "Item" ADD "Style" VARCHAR(9)')
    columns = '"Style" VARCHAR(9), "List" VARCHAR(9), "Net" INTEGER, "Changed"'
    shop.run(f'CREATE TABLE "StylePrice" ({columns} {shop.kinds["moment"]})')
    shop.add(*((number, f"C{number}", START) for number in range(1, 8)))
    shop.run('UPDATE "Item" SET "Style" = \'S\' WHERE "Id" < 6')
    insert = 'INSERT INTO "StylePrice" VALUES (:style, :list, :net, :at)'
    shop.run(insert, {"style": "S", "list": "retail", "net": 5, "at": START})
    table = Table("StylePrice", changed="Changed")
    fields = make_fields(price_list(table=table, parent="Style", parent_key="Style"), changed="Changed")
    expected = {f"C{number}": {"retail": 5} if number < 6 else {} for number in range(1, 8)}
    assert tiers(shop, fields) == expected
    cursor = last_cursor(shop, fields)
    shop.run('UPDATE "Item" SET "Changed" = :at', {"at": START - timedelta(days=9)})
    shop.run(insert, {"style": "S", "list": "trade", "net": 4, "at": START})
    pages = list(shop.pages(fields, since=cursor, page_size=2))
    assert [len(page.rows) for page in pages] == [2, 2, 1]
    assert [list(row[-1]) for page in pages for row in page.rows] == [[("retail", 5), ("trade", 4)]] * 5
    assert [row[2] for row in shop.rows(fields, since=pages[0].cursor, page_size=2)][:5] == [1, 2, 3, 4, 5]
    assert len(shop.rows(fields, since=cursor, limit=3)) == 3


TYPES = [
    ("INTEGER", "INTEGER", [1, 2, 30], [1, 2, 30]),
    ("INTEGER", "VARCHAR(9)", [1, 2, 30], ["1", "2", "30"]),
    ("VARCHAR(9)", "INTEGER", ["1", "2", "A7"], [1, 2, None]),
    ("NUMERIC(9, 0)", "BIGINT", [1, 2, 30], [1, 2, 30]),
    ("INTEGER", "NUMERIC(9, 2)", [1, 2, 30], [1, 2, 30]),
    ("CHAR(9)", "VARCHAR(9)", ["A", "B", "C  D"], ["A", "B", "C  D"]),
    ("VARCHAR(9)", "CHAR(9)", ["A", "B", "C  D"], ["A", "B", "C  D"]),
    ("CHAR(9)", "CHAR(5)", ["A", "B", "C"], ["A", "B", "C"]),
]


@pytest.mark.parametrize(
    ("kind", "child_kind", "keys", "refers"), TYPES, ids=[f"{one}-{two}" for one, two, *_ in TYPES]
)
def test_parents_are_matched_by_value(shop, kind, child_kind, keys, refers):
    """A child's number or text refers to the parent of that value, whatever type its key has, padded or not."""
    moment = shop.kinds["moment"]
    shop.run(f'CREATE TABLE "P" ("K" {kind}, "Code" VARCHAR(9), "Changed" {moment})')
    shop.run(f'CREATE TABLE "C" ("K" {child_kind}, "List" VARCHAR(9), "Net" INTEGER, "Changed" {moment})')
    for number, (key, refer) in enumerate(zip(keys, refers, strict=True)):
        at = START - timedelta(days=number)
        shop.run('INSERT INTO "P" VALUES (:key, :code, :at)', {"key": key, "code": f"C{number}", "at": at})
        shop.run(
            'INSERT INTO "C" VALUES (:key, :list, :net, :at)', {"key": refer, "list": "a", "net": number, "at": at}
        )
    table = Table("C", changed="Changed")
    fields = make_fields(
        price_list(table=table, parent="K"), changed="Changed", table=Table("P", key="K", changed="Changed")
    )
    expected = {f"C{number}": {} if refer is None else {"a": number} for number, refer in enumerate(refers)}
    assert tiers(shop, fields, page_size=2) == expected
    cursor = last_cursor(shop, fields)
    shop.run('UPDATE "C" SET "Net" = 99, "Changed" = :at WHERE "Net" = 1', {"at": START + timedelta(days=1)})
    assert tiers(shop, fields, since=cursor)["C1"] == {"a": 99}


def join_by_code(company, table):
    """What a hand-written join gives for child rows that refer to an item's code."""
    found = {}
    statement = f'SELECT i."Id", c."List", c."Net" FROM "Item" AS i LEFT JOIN "{table}" AS c ON c."K" = i."Code"'  # noqa: S608  # ours
    with company.engine.connect() as connection:
        for item, name, net in connection.execute(text(statement)):
            children = found.setdefault(item, [])
            children += [] if name is None else [(name, net)]
    return {item: sorted(children) for item, children in found.items()}


COLLATIONS = {
    "sqlite": ("", "COLLATE NOCASE", "COLLATE RTRIM"),
    "postgresql": ("", "COLLATE folded", 'COLLATE "C"'),
    "mariadb": ("", "COLLATE utf8mb4_bin", "COLLATE utf8mb4_nopad_bin", "COLLATE utf8mb4_general_nopad_ci"),
}


def test_texts_are_equal_where_the_database_says_so(shop):
    """Blanks at the end, case and accents count in a reference as in a join, whatever the pages."""
    if shop.kind == "postgresql":
        shop.run("CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level1', deterministic = false)")
    keys = ["cafe", "CAFE", "cafe ", "Cafe", "caf\u00e9", "x", "10", "010"]
    for number, collate in enumerate(COLLATIONS.get(shop.kind, ("",))):
        shop.run(f'CREATE TABLE "C{number}" ("K" VARCHAR(9) {collate}, "List" VARCHAR(9), "Net" INTEGER)')
        if shop.kind == "mariadb":  # two collations in one comparison are resolved, or refused, by rules of its own
            shop.run(f'ALTER TABLE "Item" MODIFY "Code" VARCHAR(40) {collate}')
        insert = f'INSERT INTO "C{number}" VALUES (:key, :list, :net)'  # noqa: S608  # ours
        shop.run(insert, *({"key": key, "list": f"L{place}", "net": place} for place, key in enumerate(keys)))
        child = price_list(table=Table(f"C{number}"), parent="K", parent_key="Code")
        for codes in (["cafe", "tea"], ["cafe", "cafe ", "10"], ["CAFE", "10", "x"]):
            shop.run('DELETE FROM "Item"')
            shop.add(*enumerate(codes))
            expected = join_by_code(shop, f"C{number}")
            for size in (1, 4):
                rows = shop.rows(make_fields(child), page_size=size)
                assert {row[1]: sorted(row[-1]) for row in rows} == expected, (collate, codes, size)


def test_a_reference_that_resembles_no_parent_is_not_dropped(shop):
    """What the database calls equal and nobody else does ends the read with what to do, not with a price missing."""
    with pytest.raises(ConfigError, match=r"table C: 'K' = 'straße'.*join in a query"):
        matched({"straße": [("a", 1)]}, ["street", None], frozenset(), "table C: 'K'")


def test_child_tables_are_checked_before_anything_is_read(shop):
    """A child table or column that is not there is a ConfigError that names list, table and the nearest name."""
    cases = [
        (price_list(table=Table("Prices")), "no table or view 'Prices'; did you mean 'Price'"),
        (price_list(parent="Itm"), f"{TIERS}: table Price has no column 'Itm'; did you mean 'Item'"),
        (price_list(name="Lst"), "has no column 'Lst'; did you mean 'List'"),
        (price_list(value="net_"), "has no column 'net_'; did you mean 'Net'"),
        (price_list(changed="zzz"), "has no column 'zzz'; there are: Id, Item"),
        (price_list(parent_key="Stile"), "table Item has no column 'Stile'"),
        (price_list(table=Table(query="DELETE FROM x")), "only|SELECT"),
    ]
    for one, says in cases:
        with pytest.raises(ConfigError, match=says):
            shop.rows(make_fields(one))


def test_a_column_may_serve_twice(shop):
    """Name, value and parent may be one column, and a field of the parent may be what the list refers to."""
    shop.add((1, "A"))
    add_prices(shop, (1, 1, "retail", 1))
    assert tiers(shop, make_fields(price_list(name="Item", value="Item"))) == {"A": {"1": 1}}
    assert tiers(shop, make_fields(price_list(), fields=(Field("variants.meta.id", "Id"),))) == {"A": {"retail": 1}}


def test_an_empty_child_table_fills_while_it_is_read(shop):
    """A child table that is empty at first, of whatever type, is asked again with the next page."""
    shop.run('CREATE TABLE "C" ("K" VARCHAR(9), "List" VARCHAR(9), "Net" INTEGER)')
    shop.add((1, "A"), (2, "B"))
    fields = make_fields(price_list(table=Table("C"), parent="K"))
    with shop.session() as session:
        pages = shop.source.read_products(session=session, read=Read(fields=fields, page_size=1))
        assert [list(row[-1]) for row in next(pages).rows] == [[]]
        shop.run("INSERT INTO \"C\" VALUES ('2', 'x', 1)")
        assert [list(row[-1]) for page in pages for row in page.rows] == [[("x", 1)]]


@pytest.mark.parametrize("column", ["Item", "Price"])
def test_a_read_that_stands_still_ends(shop, column):
    """A key that the driver rounds, so that the next page is the same again, is an error, not a read for ever."""
    fields = make_fields(changed="Changed")
    shop.add(*((number, f"C{number}", START) for number in range(4)))
    add_prices(shop, *((number, number, "retail", 1, START) for number in range(4)))
    cursor = last_cursor(shop, fields) if column == "Price" else None
    shop.run('UPDATE "Item" SET "Changed" = :at', {"at": START - timedelta(days=9)})
    name = "key" if column == "Item" else "after"
    with shop.session() as session:
        fetch = session.fetch

        def rounding(statement, values=None):
            given = {one: -1 if one == name and value is not None else value for one, value in (values or {}).items()}
            return fetch(statement, given)

        session.fetch = rounding
        read = Read(fields=fields, since=cursor, page_size=2)
        with pytest.raises(ConfigError, match="the same page came twice"):
            list(shop.source.read_products(session=session, read=read))
