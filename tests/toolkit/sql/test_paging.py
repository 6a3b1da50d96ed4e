"""A full read gives every row once, whatever the page size, and goes on from any page."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock import ConfigError, Field, FieldMap, Json, Table

again = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NUMBERS = st.sets(st.integers(-(2**31), 2**31 - 1), max_size=23)
TEXTS = st.sets(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=8), max_size=23)
SIZES = st.integers(1, 9)


@again
@given(keys=NUMBERS, size=SIZES)
def test_every_row_once_by_number(company, make_map, keys, size):
    """Whole numbers as keys: each row comes once, in pages of the size asked for, in order."""
    company.run('DELETE FROM "Item"')
    company.add(*((key, f"C{key}") for key in keys))
    pages = list(company.pages(make_map(key="Id"), page_size=size))
    assert [row for page in pages for row in page.rows] == [(f"C{key}", key) for key in sorted(keys)]
    assert all(len(page.rows) <= size for page in pages)


@again
@given(keys=TEXTS, size=SIZES)
def test_every_row_once_by_text(company, make_map, keys, size):
    """Texts as keys, whatever signs they hold: each row comes once."""
    if company.kind == "mssql":  # it takes for equal what differs in trailing blanks
        keys = set({key.rstrip(" "): key for key in keys}.values())
    company.run('DELETE FROM "Item"')
    company.add(*enumerate(sorted(keys)))
    rows = company.rows(make_map("Id", key="Code"), page_size=size)
    assert sorted(row[0] for row in rows) == sorted(keys)


@again
@given(keys=NUMBERS, size=SIZES, data=st.data())
def test_a_full_read_resumes_anywhere(company, make_map, keys, size, data):
    """From the cursor of any page, even of rows that are gone since, the rest comes and nothing else."""
    company.run('DELETE FROM "Item"')
    company.add(*((key, f"C{key}", datetime.fromisoformat("2026-01-01")) for key in keys))
    fields = make_map(key="Id")
    pages = list(company.pages(fields, page_size=size))
    kept = data.draw(st.integers(1, len(pages)))
    rows = [row for page in pages[:kept] for row in page.rows]
    if pages[kept - 1].rows and kept < len(pages):
        company.run('DELETE FROM "Item" WHERE "Id" = :id', {"id": pages[kept - 1].rows[-1][1]})
        rows += company.rows(fields, page_size=size, since=pages[kept - 1].cursor)
        assert [row[1] for row in rows] == sorted(keys)


def test_columns_come_once_in_the_promised_order(company, make_map):
    """Mapped columns first, then the key, then the change column; what is mapped too stays where it is mapped."""
    company.add((1, "A"))
    columns = {
        ("Name",): ("Code", "Name", "Id", "Changed"),
        ("Changed", "Name"): ("Code", "Changed", "Name", "Id"),
        ("Id", "Code", "Id"): ("Code", "Id", "Changed"),
        ("price_*",): ("Code", "price_retail", "price_trade", "Id", "Changed"),
    }
    for mapped, promised in columns.items():
        (page,) = company.pages(make_map(*mapped, changed="Changed"))
        assert page.columns == promised
        assert len(page.rows[0]) == len(promised)


def test_rows_are_what_the_driver_gives(company, make_map):
    """Values reach the map unconverted: a plain tuple of the driver's own types."""
    company.run("INSERT INTO \"Item\" VALUES (1, 'A', NULL, 12.5, 10, NULL)")
    ((row,),) = (page.rows for page in company.pages(make_map("Name", "price_retail")))
    assert type(row) is tuple
    assert row == ("A", None, Decimal("12.5"), 1)


def test_a_query_is_paged_like_a_table(company, make_map):
    """A query with a remark at its end, a semicolon and a colon in its text is read in pages as a table is."""
    company.add(*((number, f"C{number}") for number in range(10)))
    query = 'SELECT "Id" AS n, "Code", \':x 100%\' AS t FROM "Item" WHERE "Id" <> 5; -- all but one'
    rows = company.rows(make_map("t", query=company.quoted(query), key="n"), page_size=3)
    assert rows == [(f"C{number}", ":x 100%", number) for number in range(10) if number != 5]


def test_a_table_in_a_schema(company, make_map):
    """`schema.table` is a table in that schema."""
    company.add((1, "A"))
    schema = {"sqlite": "main", "postgresql": "public", "mssql": "dbo"}.get(company.kind, company.address.database)
    assert company.rows(make_map(name=f"{schema}.Item")) == [("A", 1)]


def test_names_in_any_script(company, make_map):
    """Tables and columns whose names need quotes, or are in another script, are read by these names."""
    company.run(
        'CREATE TABLE "Größe 商品" ("Id" INTEGER PRIMARY KEY, "Code" VARCHAR(9), "Preis €" INTEGER, "order" INTEGER)'
    )
    company.run("INSERT INTO \"Größe 商品\" VALUES (1, 'A', 5, 7)")
    (page,) = company.pages(make_map("Preis €", "order", name="Größe 商品"))
    assert (page.columns, page.rows) == (("Code", "Preis €", "order", "Id"), [("A", 5, 7, 1)])


def test_codes_read_just_those_rows(company, make_map):
    """`codes` reads the rows of these codes and no others, several for one code too, beyond one statement's worth."""
    company.add(*((number, f"C{number // 2}") for number in range(1400)))
    wanted = tuple(f"C{number}" for number in range(600))
    pages = list(company.pages(make_map(), codes=(*wanted, "not there"), page_size=100))
    assert {row[1] for page in pages for row in page.rows} == set(range(1200))
    assert all(page.cursor is None and len(page.rows) <= 100 for page in pages)
    assert company.rows(make_map(), codes=()) == []
    assert len(company.rows(make_map(), codes=wanted, limit=7)) == 7


def test_codes_keep_their_type(company):
    """Codes that are numbers in the database are looked up as numbers."""
    company.add((1, "A"), (2, "B"))
    fields = FieldMap("customers", Table("Item", key="Id"), [Field("source_customer_code", "Id")])
    assert company.rows(fields, codes=(2,)) == [(2,)]


def test_limit_ends_a_read_where_it_can_go_on(company, make_map):
    """`limit` gives so many rows at most, and the cursor behind them goes on with the next one."""
    company.add(*((number, f"C{number}") for number in range(10)))
    pages = list(company.pages(make_map(), limit=5, page_size=3))
    assert [len(page.rows) for page in pages] == [3, 2]
    assert [row[1] for row in company.rows(make_map(), since=pages[-1].cursor)] == [5, 6, 7, 8, 9]


def test_without_a_key_the_code_is_the_key(company, make_map):
    """A map without `key` is paged by its code."""
    company.add((1, "B"), (2, "A"))
    assert company.rows(make_map(key=None), page_size=1) == [("A",), ("B",)]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_a_key_that_is_not_unique_is_refused(company, make_map, size):
    """Two rows with one key end the read with a ConfigError that names it, wherever a page ends."""
    company.add((1, "A"), (2, "B"), (3, "B"), (4, "C"))
    with pytest.raises(ConfigError, match=r"two rows with 'Code' = 'B'.*unique"):
        company.rows(make_map(key="Code"), page_size=size)


def test_keys_that_the_database_takes_for_equal_are_refused(company, make_map):
    """A key unique only by its letters' case, in a column that ignores case, is refused and not skipped over."""
    if company.kind == "postgresql":
        rule = "provider = icu, locale = 'und-u-ks-level2', deterministic = false"
        company.run(f"CREATE COLLATION nocase ({rule})")
    collation = "" if company.kind in ("mariadb", "mssql") else "COLLATE nocase"  # those two ignore it as they come
    company.run(f'CREATE TABLE folded ("Code" VARCHAR(9) {collation})')
    company.run("INSERT INTO folded VALUES ('a'), ('b'), ('B'), ('c')")
    with pytest.raises(ConfigError, match="two rows with 'Code'"):
        company.rows(make_map(name="folded", key=None), page_size=2)


@pytest.mark.engines("mariadb", "mariadb-odbc")
@pytest.mark.parametrize(("one", "other"), [("e", "é"), ("o", "Ö"), ("ab", "aB")])
def test_keys_that_differ_in_accents_only_are_refused(company, make_map, one, other):
    """Where a collation takes two keys for equal, the second would be lost at a page's end: it is said instead."""
    company.run('CREATE TABLE "Loose" ("Code" VARCHAR(40) COLLATE utf8mb4_general_ci)')
    company.run('INSERT INTO "Loose" VALUES (:code)', *({"code": one} for one in ("a", one, other, "z")))
    with pytest.raises(ConfigError, match="two rows"):
        company.rows(make_map(name="Loose", key="Code"), page_size=2)


def test_neighbours_that_differ_in_case_only_are_fine(company, make_map):
    """Keys that differ in case, in a column that minds it, are both read."""
    company.add((1, "b"), (2, "B"), (3, "c"), (4, "C"))
    assert sorted(row[0] for row in company.rows(make_map(key="Code"), page_size=1)) == ["B", "C", "b", "c"]


def test_rows_without_a_key_are_not_skipped(company, make_map):
    """A NULL key is on no page, so it ends the read before it begins."""
    company.add((1, "A"), (2, None))
    with pytest.raises(ConfigError, match="rows without 'Code'"):
        company.rows(make_map(key="Code"))


def test_a_missing_column_says_which_is_near(company, make_map):
    """An unknown column is a ConfigError with the column, the table and the nearest names."""
    with pytest.raises(ConfigError, match=r"table Item has no column 'Nmae'; did you mean 'Name'\?"):
        company.rows(make_map("Nmae"))
    with pytest.raises(ConfigError, match=r"table Item has no column 'Idd'; did you mean 'Id'"):
        company.rows(make_map(key="Idd"))
    with pytest.raises(ConfigError, match="table Item has no column 'zzz'; there are: Id, Code"):
        company.rows(make_map(changed="zzz"))
    with pytest.raises(ConfigError, match=r"no column of table Item begins like 'cost_\*'"):
        company.rows(make_map("cost_*"))
    with pytest.raises(ConfigError, match="the query has no column 'Id'"):
        company.rows(make_map(query=company.quoted('SELECT "Code" FROM "Item"')))


def test_a_missing_table_says_which_is_near(company, make_map):
    """An unknown table is a ConfigError with the nearest names; a view is as good as a table."""
    company.run('CREATE VIEW "ItemView" AS SELECT * FROM "Item"')
    assert company.rows(make_map(name="ItemView")) == []
    with pytest.raises(ConfigError, match="no table or view 'Items'; did you mean 'Item'"):
        company.rows(make_map(name="Items"))
    with pytest.raises(ConfigError, match="neither `table` nor `query`"):
        company.rows(make_map(name=None))


def test_two_columns_of_one_name_are_refused(company, make_map):
    """A query that gives two columns one name is a ConfigError that says so, though SQLite renames the second."""
    query = 'SELECT i."Id", i."Code", o."Code" FROM "Item" AS i JOIN "Item" AS o ON o."Id" = i."Id"'
    own = {"mariadb": "Duplicate column name", "mssql": "specified multiple times"}  # refused before it has columns
    said = own.get(company.kind, "2 columns 'Code': give each a name of its own")
    with pytest.raises(ConfigError, match=said):
        company.rows(make_map(query=company.quoted(query)))


def test_what_a_sql_source_cannot_do_is_said(company, make_map):
    """Nested maps and maps without any key are ConfigErrors, not empty reads."""
    nested = FieldMap("products", Json(each="items[]"), [Field("title", "name")])
    with pytest.raises(ConfigError, match="needs `table` or `query`"):
        company.rows(nested)
    with pytest.raises(ConfigError, match="has no `key`"):
        company.rows(FieldMap("products", Table("Item"), [Field("title", "Name")]))
    with pytest.raises(ConfigError, match="single items cannot be read"):
        company.rows(FieldMap("products", Table("Item", key="Id"), [Field("title", "Name")]), codes=("A",))


def test_a_foreign_cursor_is_refused(company, make_map):
    """A cursor that the toolkit has not written is a ConfigError that says what to do."""
    for cursor in ("17", "{}", '{"phase": "full", "key": {"money": "1"}}', "no json"):
        with pytest.raises(ConfigError, match="sync --full"):
            company.rows(make_map(), since=cursor)


KEYS = {
    "INTEGER": [1, 2, 3, 4],
    "BIGINT": [-(2**62), 0, 5, 2**62],
    "VARCHAR(9)": ["", " a", "A", "é"],
    "DOUBLE PRECISION": [-1.5, 0.1, 0.2, 1e300],
    "NUMERIC(20, 10)": [Decimal("-1.5"), Decimal("0.1"), Decimal("0.10000001"), Decimal(7)],
    "DATE": [date(2020, 1, 1), date(2020, 1, 2), date(2021, 1, 1), date(2026, 12, 31)],
    "TIMESTAMP": [datetime.fromisoformat(f"2020-01-01T00:00:00.{number:06d}") for number in (0, 1, 2, 999_999)],
    "TIMESTAMP WITH TIME ZONE": [datetime.fromisoformat(f"2020-01-01T00:00:00.00000{n}+02:00") for n in range(4)],
    "BYTEA": [b"\x00", b"\x00\x01", b"a", b"\xff"],
    "UUID": [f"00000000-0000-0000-0000-00000000000{n}" for n in range(4)],
}


ELSEWHERE = {
    # SQLite keeps the other types as one of those that are left.
    "sqlite": dict.fromkeys(("NUMERIC(20, 10)", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "BYTEA", "UUID")),
    "mariadb": {"TIMESTAMP": "DATETIME(6)", "TIMESTAMP WITH TIME ZONE": None, "BYTEA": "VARBINARY(9)"},
    "mssql": {
        "TIMESTAMP": "DATETIME2(6)",
        "TIMESTAMP WITH TIME ZONE": "DATETIMEOFFSET(6)",
        "BYTEA": "VARBINARY(9)",
        "UUID": "UNIQUEIDENTIFIER",
    },
}
"""What a type is called where it is not called so. None: there is none."""


def test_cursors_keep_the_type_of_a_key(company, make_map):
    """Keys of any type that sorts go through a cursor and back, so every page can be resumed."""
    for number, kind in enumerate(KEYS):
        here = ELSEWHERE.get(company.kind, {}).get(kind, kind)
        if here is None:
            continue
        company.run(f'CREATE TABLE keyed_{number} (k {here}, "Code" VARCHAR(9))')
        rows = ({"k": key} for key in KEYS[kind])
        company.run(f"INSERT INTO keyed_{number} (k, \"Code\") VALUES (:k, 'x')", *rows)  # noqa: S608  # ours
        cursor, found = None, []
        for _ in KEYS[kind]:
            (page,) = company.pages(make_map(name=f"keyed_{number}", key="k"), since=cursor, limit=1)
            cursor, found = page.cursor, [*found, str(page.rows[0][1])]
        assert len(set(found)) == len(KEYS[kind]), kind
