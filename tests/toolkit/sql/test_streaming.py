"""A stored procedure as a source: called, never parsed, read as it comes, and nothing it writes stays."""

import time
from datetime import date

import pytest
from sqlalchemy import text

from crossdock import ConfigError, Field, FieldMap, Read, Table, TransientError
from crossdock.contract import CrossdockError

SERVERS = ("postgres", "mariadb", "postgres-odbc", "mariadb-odbc")
servers = pytest.mark.engines(*SERVERS)
SENDING = {
    "mariadb": """CREATE PROCEDURE items() SELECT seq AS "Code", repeat('x', 1000) FROM seq_1_to_60000""",
    "postgresql": """CREATE FUNCTION items() RETURNS TABLE ("Code" INTEGER, b TEXT) LANGUAGE sql AS $$
        SELECT n, repeat('x', 1000) FROM generate_series(1, 60000) AS n $$""",
}
WAITING = {
    "postgresql": "SELECT pg_sleep(60)",
    "mariadb": "SELECT count(*) FROM seq_1_to_1000000000 AS a, seq_1_to_1000 AS b",
}
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


@pytest.mark.engines("postgres")
def test_a_value_that_the_driver_cannot_read_does_not_end_a_stream(company):
    """It cannot begin anew once rows were given, so it is read leniently from the first: all rows come, once."""
    with company.engine.begin() as connection:
        connection.exec_driver_sql(
            """CREATE FUNCTION items(lowest INTEGER) RETURNS TABLE ("Code" VARCHAR, "Since" DATE) LANGUAGE sql AS $$
            SELECT 'C' || n, CASE n WHEN 3 THEN 'infinity'::date ELSE DATE '2026-01-31' END
            FROM generate_series(lowest, 4) AS n $$"""
        )
    day = date(2026, 1, 31)
    assert company.rows(called(1), page_size=2) == [("C1", day), ("C2", day), ("C3", "infinity"), ("C4", day)]


@pytest.mark.engines("mariadb", "postgres")
def test_a_stream_may_last_longer_than_a_statement(company):
    """Who takes the rows may be slow: the time-out is that of each step, and holds again once the stream has ended."""
    rows = 60_000  # of a kilobyte: more than sockets and buffers hold
    with company.engine.begin() as connection:
        connection.exec_driver_sql(SENDING[company.kind])
    with company.session(statement_timeout_s=2) as session:
        read = Read(fields=called(), page_size=rows // 4)
        count = 0
        for page in company.source.read_products(session=session, read=read):
            time.sleep(0 if count else 2.5)
            count += len(page.rows)
        assert count == rows
        with pytest.raises(TransientError) as caught:
            session.fetch(text(WAITING[company.kind]))
        assert caught.value.trouble == "time_out"
