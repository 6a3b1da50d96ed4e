"""A stored procedure as a source: called, never parsed, read as it comes, and nothing it writes stays."""

import pytest
from sqlalchemy import text

from crossdock import ConfigError, Field, FieldMap, Table
from crossdock.contract import CrossdockError

SERVERS = ("postgres", "mariadb", "postgres-odbc", "mariadb-odbc")
servers = pytest.mark.engines(*SERVERS)
WRITING = 'INSERT INTO "Item" ("Id", "Code") VALUES (99, \'written\')'
FUNCTION = """CREATE FUNCTION items(lowest INTEGER) RETURNS TABLE ("Id" INTEGER, "Code" VARCHAR) LANGUAGE plpgsql AS
    $$ BEGIN {before} RETURN QUERY SELECT i."Id", i."Code" FROM "Item" i WHERE i."Id" >= lowest ORDER BY 1; END $$"""
PROCEDURE = """CREATE PROCEDURE items(lowest INTEGER) BEGIN {before}
    SELECT "Id", "Code" FROM "Item" WHERE "Id" >= lowest ORDER BY 1; END"""


def create(company, before=""):
    """Makes the procedure `items`, which may do something first."""
    body = FUNCTION if company.kind == "postgresql" else PROCEDURE
    with company.engine.begin() as connection:
        connection.exec_driver_sql(body.format(before=before and f"{before};"))


def called(*arguments, name="items"):
    """A map over the procedure."""
    fields = [Field("source_variant_code", "Code"), Field("title", "Code")]
    return FieldMap("products", Table(procedure=name, arguments=arguments), fields)


@servers
def test_a_procedure_gives_its_rows_in_pages_without_cursors(company):
    """All its rows come, in pages of the size asked for, none of which can be resumed from."""
    create(company)
    company.add(*((number, f"C{number}") for number in range(1, 8)))
    pages = list(company.pages(called(3), page_size=2))
    assert [len(page.rows) for page in pages] == [2, 2, 1]
    assert [row for page in pages for row in page.rows] == [(number, f"C{number}") for number in range(3, 8)]
    assert {page.cursor for page in pages} == {None}
    assert pages[0].columns == ("Id", "Code")


@servers
def test_single_items_and_a_limit(company):
    """Just some codes, or just so many rows, are what is given."""
    create(company)
    company.add(*((number, f"C{number}") for number in range(1, 8)))
    assert company.rows(called(1), codes=("C2", "C7", "none")) == [(2, "C2"), (7, "C7")]
    assert company.rows(called(1), limit=3, page_size=2) == [(1, "C1"), (2, "C2"), (3, "C3")]


@servers
def test_a_procedure_that_writes_is_stopped(company):
    """Past the parser, the read-only session says no, and the table is as it was."""
    create(company, before=WRITING)
    company.add((1, "A"))
    with pytest.raises(CrossdockError, match=r"(?i)read[- ]only"):
        company.rows(called(1))
    with company.engine.connect() as connection:
        assert connection.execute(text(company.quoted('SELECT "Id" FROM "Item"'))).fetchall() == [(1,)]


@pytest.mark.engines("sqlite", "postgres")
@pytest.mark.parametrize("name", ["items(); DROP TABLE x", "items --", "", "a.b.c.d", "it ems", "x'y"])
def test_a_name_that_is_none_is_refused(company, name):
    """Only a name is called: whatever else stands there never reaches the database."""
    with pytest.raises(ConfigError, match="must be a name"):
        company.rows(called(name=name or "-"))


@pytest.mark.engines("sqlite", "sqlite-odbc")
def test_a_database_without_procedures_says_so(company):
    """SQLite has none: the message says what to name in its place."""
    with pytest.raises(ConfigError, match="name a `table` or a `query`"):
        company.rows(called(1))


@servers
def test_a_missing_column_of_the_code_is_said(company):
    """Single items are looked for in the column that holds the code; without it the message lists those there are."""
    create(company)
    company.add((1, "A"))
    fields = FieldMap("products", Table(procedure="items", arguments=(1,)), [Field("source_variant_code", "Kode")])
    with pytest.raises(ConfigError, match="there are: Id, Code"):
        company.rows(fields, codes=("A",))


@servers
def test_the_check_says_that_it_skips_the_guard(company):
    """Whoever checks the connection reads what keeps a procedure from writing."""
    create(company)
    company.add((1, "A"))
    with company.session() as session:
        found = {one.code: one for one in company.source.check(session=session, maps=[called(1)])}
    assert found["procedure"].level == "warning"
    assert "procedure items" in found["procedure"].text
