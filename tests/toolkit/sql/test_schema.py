"""What a database shows of itself: tables, views, columns and keys, the same over every engine and driver."""

import pytest
from sqlalchemy import text

from crossdock.contract import LocalMemory
from crossdock.toolkit.sql.schema import is_like, list_tables
from crossdock.toolkit.sql.session import SqlSession

MANY = 120


@pytest.fixture
def company(empty_company):
    """Three tables and a view, one of the tables with a key of two columns."""
    empty_company.run(
        'CREATE TABLE "Item" ("Id" INTEGER PRIMARY KEY, "Code" VARCHAR(40) NOT NULL, price NUMERIC(10, 2))'
    )
    empty_company.run(
        'CREATE TABLE stock ("Item" INTEGER, place VARCHAR(10), qty INTEGER, PRIMARY KEY (place, "Item"))'
    )
    empty_company.run("CREATE TABLE loose (note VARCHAR(20))")
    empty_company.run('CREATE VIEW shown AS SELECT "Code", price FROM "Item"')
    return empty_company


def shapes(company, pattern=None, limit=1000):
    """What the login sees, by name."""
    with company.session() as session:
        return {one.name: one for one in list_tables(session, pattern, limit)}


def test_tables_and_views_have_their_columns(company):
    """Every table and view is there with its columns in order, as a field map must write them."""
    found = shapes(company)
    assert set(found) == {"Item", "stock", "loose", "shown"}
    assert [one.name for one in found["Item"].columns] == ["Id", "Code", "price"]
    assert [one.name for one in found["shown"].columns] == ["Code", "price"]
    assert {name: one.is_view for name, one in found.items()} == {
        "Item": False, "stock": False, "loose": False, "shown": True,
    }  # fmt: skip


def test_types_are_told_with_their_size(company):
    """A column's type is the database's own word, with the length of text."""
    _, code, price = shapes(company, "item")["Item"].columns
    assert code.type.endswith("(40)")
    assert any(word in price.type for word in ("num", "dec"))


def test_keys_are_told_in_their_order(company):
    """A primary key comes with its columns in the key's order; a view and a table without one have none."""
    found = shapes(company)
    assert found["Item"].key == ("Id",)
    own_order = ("Item", "place") if company.driver and company.kind == "sqlite" else ("place", "Item")
    assert found["stock"].key == own_order  # sqliteodbc 0.9998 numbers a key's columns as they stand in the table
    assert found["loose"].key == found["shown"].key == ()


@pytest.mark.engines("postgres", "mariadb", "postgres-odbc", "mariadb-odbc")
def test_keys_are_told_to_a_login_that_may_only_read(company, reader):
    """A login with SELECT and nothing else, as every connection should have, sees what cuts the pages."""
    company.run(f'GRANT SELECT ON "Item" TO {reader["login"]}')
    with company.source.open_session(config=reader, memory=LocalMemory()) as session:
        found = {one.name: one.key for one in list_tables(session, None, 10)}
    assert found["Item"] == ("Id",)


@pytest.mark.parametrize(("pattern", "names"), [("I*", {"Item"}), ("*o*", {"stock", "loose", "shown"}), ("x*", set())])
def test_a_pattern_chooses_whatever_the_case(company, pattern, names):
    """A pattern chooses by name; nothing like it is an empty list, not an error."""
    assert set(shapes(company, pattern)) == names


def test_a_limit_is_kept(company):
    """No more tables come than are asked for, the first by name."""
    assert list(shapes(company, None, 2)) == ["Item", "loose"]


def test_what_is_listed_is_found_by_a_map(company, make_map):
    """A name as listed, put into a field map, is the table that was meant."""
    company.run("INSERT INTO \"Item\" VALUES (1, 'A', 2.5)")
    for name in ("Item", "shown"):
        assert name in shapes(company)
        assert company.rows(make_map("price", name=name, key="Code"))[0][0] == "A"


@pytest.mark.engines("sqlite", "sqlite-odbc", "mariadb", "mariadb-odbc")
def test_a_view_whose_table_is_gone_hides_no_other(company):
    """A view that cannot be read any more leaves every table listed, with its columns."""
    company.run("CREATE VIEW broken AS SELECT note FROM loose")
    company.run("DROP TABLE loose")
    found = shapes(company)
    assert [one.name for one in found["Item"].columns] == ["Id", "Code", "price"]
    assert found["Item"].key == ("Id",)
    with company.session() as session:
        assert company.source.propose_maps(session=session, tables={}) is not None


def test_a_large_schema_takes_few_questions(company, monkeypatch):
    """However many tables there are, the number of statements stays the same."""
    asked = []

    def count():
        asked.clear()
        found = shapes(company)
        return len(found), len(asked)

    original = SqlSession._begins  # noqa: SLF001  # every statement passes here

    def watched(self, connection, cursor, statement, *more):
        asked.append(statement)
        return original(self, connection, cursor, statement, *more)

    monkeypatch.setattr(SqlSession, "_begins", watched)
    few = count()
    with company.engine.begin() as connection:
        for number in range(MANY):
            connection.execute(text(f"CREATE TABLE t{number:03} (id INTEGER PRIMARY KEY, name VARCHAR(10))"))
    many = count()
    assert many[0] == few[0] + MANY
    if company.kind != "sqlite":  # it has no questions about several tables; each is a look into a file that is open
        assert many[1] <= few[1] + 3


@pytest.mark.parametrize(
    ("name", "pattern", "found"),
    [
        ("dbo.StkItem", "stk*", True),
        ("dbo.StkItem", "DBO.*", True),
        ("StkItem", "dbo.*", False),
        ("StkItem", "?tkitem", True),
        ("StkItem", None, True),
        ("StkItem", "[rs]*", True),
    ],
)
def test_patterns_are_those_of_file_names(name, pattern, found):
    """`*`, `?` and `[...]` mean what they do for files; the schema may be left out."""
    assert is_like(name, pattern) is found
