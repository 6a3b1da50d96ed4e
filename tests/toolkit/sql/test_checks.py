"""`check` proves what a login can do, and leaves nothing behind."""

import pytest

from crossdock import Field, FieldMap, Table
from crossdock.contract import LocalMemory
from crossdock.toolkit.sql import SqlSource
from crossdock.toolkit.sql.engines.sqlite import SQLite

with_logins = pytest.mark.engines("postgres", "mariadb", "postgres-odbc", "mariadb-odbc")


def found(session, source):
    """Findings by code; several of one code in a list."""
    findings = {}
    for one in source.check(session=session, maps=source.maps):
        findings.setdefault(one.code, []).append(one)
    return findings


def test_a_login_that_could_write_is_a_warning(company):
    """The test's own login may write: said as a warning, with what it could write."""
    with company.session() as session:
        findings = found(session, company.source)
    assert [one.level for one in findings["reachable"]] == ["ok"]
    level = "warning" if company.kind == "mssql" else "ok"  # SQL Server has no read-only session
    assert [one.level for one in findings["read_only_session"]] == [level]
    assert [one.level for one in findings["login_can_write"]] == ["warning"]
    assert "SELECT only" in findings["login_can_write"][0].text


@with_logins
def test_a_login_that_cannot_write_is_fine(company, reader):
    """A login with SELECT only is ok; one UPDATE right on one column is enough for the warning."""
    company.run(f'GRANT SELECT ON "Item" TO {reader["login"]}')
    source = company.source
    with source.open_session(config=reader, memory=LocalMemory()) as session:
        assert found(session, source)["login_can_write"][0].level == "ok"
    company.run(f'GRANT UPDATE ("Name") ON "Item" TO {reader["login"]}')
    with source.open_session(config=reader, memory=LocalMemory()) as session:
        (finding,) = found(session, source)["login_can_write"]
    assert finding.level == "warning"
    assert "Item" in finding.text


def test_declared_tables_are_looked_at(company):
    """Each declared map is a finding: all columns there and how many rows, or what is not as declared."""
    company.add((1, "A"), (2, "B"))
    good = FieldMap("products", Table("Item", key="Id"), [Field("title", "Name")])
    bad = FieldMap("customers", Table("Client", key="Id"), [Field("email", "EMail")])
    source = SqlSource("declared", "Declared", [good, bad])
    with company.session() as session:
        findings = found(session, source)
    assert [one.level for one in findings["columns"]] == ["ok", "warning"]
    assert "no table or view 'Client'" in findings["columns"][1].text
    assert [one.text for one in findings["row_count"]] == ["products: 2 rows in table Item"]


def test_a_check_leaves_nothing_behind(company):
    """Tables and rows are what they were, and on SQLite the file is so to the byte."""
    company.add((1, "A"))
    before = company.contents()
    with company.session() as session:
        found(session, company.source)
    assert company.contents() == before


class Forgetful(SQLite):
    """A database behind something that forgets what a session was told."""

    def is_read_only(self, connection):
        return False


@pytest.mark.engines("sqlite")
def test_a_session_that_forgot_to_be_read_only_is_a_warning(company):
    """It is not said that the database has no such session: it was told, and it forgot."""
    with company.session() as session:
        session.dialect = Forgetful()
        (finding,) = found(session, company.source)["read_only_session"]
    assert finding.level == "warning"
    assert "was told to refuse writes" in finding.text
