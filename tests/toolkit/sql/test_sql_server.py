"""What is particular about SQL Server: stamps finer than the driver's, WITH and ORDER BY that must stand outside."""

import pytest
from sqlalchemy import text

from crossdock import AuthError, Config, ConfigError, Field, FieldMap, Table, TransientError
from crossdock.contract import LocalMemory
from crossdock.testing import private, sqlserver
from crossdock.testing.sqlserver import certificate
from crossdock.toolkit.sql import SqlSource

pytestmark = [pytest.mark.engines("sqlserver-freetds", "sqlserver-microsoft")]
FIELDS = [Field("source_variant_code", "Code"), Field("title", "Code")]


def over(**source):
    """A map over a table or query."""
    return FieldMap("products", Table(**source), FIELDS)


def codes(company, fields, since=None, page_size=2):
    """All codes of a read, in its order, and the cursor that it ends with."""
    pages = list(company.pages(fields, since=since, page_size=page_size))
    return [row[0] for page in pages for row in page.rows], pages[-1].cursor


@pytest.mark.parametrize(
    ("kind", "stamp"),
    [
        ("DATETIME", "2026-01-02T03:04:05.{:03}"),
        ("DATETIME2(7)", "2026-01-02T03:04:05.000{:03}1"),
        ("DATE", "2026-01-{:02}"),
        ("DATETIMEOFFSET(7)", "2026-01-02T03:04:05.000{:03}1+02:00"),
    ],
)
def test_stamps_that_python_rounds_are_kept_whole(company, kind, stamp):
    """Whatever digits a stamp has, incremental reads end, miss nothing, and start where the last one ended."""
    company.run(f"CREATE TABLE Stamped (Id INT PRIMARY KEY, Code NVARCHAR(40), Changed {kind})")
    put = "INSERT INTO Stamped VALUES (:id, :code, :changed)"
    company.run(put, *({"id": n, "code": f"C{n}", "changed": stamp.format(n)} for n in range(1, 10)))
    fields = over(name="Stamped", key="Id", changed="Changed")
    everything, cursor = codes(company, fields)
    assert everything == [f"C{number}" for number in range(1, 10)]
    company.run(put, {"id": 20, "code": "C20", "changed": stamp.format(11)})
    again, cursor = codes(company, fields, cursor)
    assert "C20" in again
    assert len(again) == len(set(again))
    company.run("UPDATE Stamped SET Code = 'C21', Changed = :changed WHERE Id = 20", {"changed": stamp.format(12)})
    assert "C21" in codes(company, fields, cursor)[0]


def test_a_row_version_is_a_change_column(company):
    """A `rowversion` is compared as the bytes that it is."""
    company.run("CREATE TABLE Versioned (Id INT PRIMARY KEY, Code NVARCHAR(40), Version ROWVERSION)")
    rows = [{"id": number, "code": f"C{number}"} for number in range(1, 6)]
    company.run("INSERT INTO Versioned (Id, Code) VALUES (:id, :code)", *rows)
    fields = over(name="Versioned", key="Id", changed="Version")
    _, cursor = codes(company, fields)
    company.run("UPDATE Versioned SET Code = 'new' WHERE Id = 2")
    assert codes(company, fields, cursor)[0] == ["C5", "new"]


def test_a_query_with_a_with_is_paged(company):
    """WITH may only begin a statement there: it is put in front, and the pages are cut all the same."""
    company.add(*((number, f"C{number}") for number in range(1, 8)))
    query = """WITH few AS (SELECT Id, Code FROM Item WHERE Id > 1), fewer (Id, Code) AS (SELECT Id, Code FROM few)
        SELECT Id, Code FROM fewer WHERE Code <> 'it''s (' -- the rest"""
    fields = over(query=query, key="Id")
    assert codes(company, fields)[0] == [f"C{number}" for number in range(2, 8)]
    with company.session() as session:
        found = {one.code: one.level for one in company.source.check(session=session, maps=[fields])}
    assert found["columns"] == found["row_count"] == "ok"


def test_a_query_with_an_order_is_streamed(company):
    """ORDER BY may not stand within another SELECT: the query is read as it is, and the check says what that costs."""
    company.add((1, "B"), (2, "A"), (3, "C"))
    fields = over(query="SELECT Id, Code FROM Item ORDER BY Code", key="Id")
    pages = list(company.pages(fields, page_size=2))
    assert [row[1] for page in pages for row in page.rows] == ["A", "B", "C"]
    assert {page.cursor for page in pages} == {None}
    with company.session() as session:
        found = {one.code: one for one in company.source.check(session=session, maps=[fields])}
    assert found["streamed"].level == "warning"


def test_what_is_wrong_with_a_query_is_said(company):
    """A query that cannot run at all is no query to be streamed."""
    with pytest.raises(ConfigError, match="not_there"):
        codes(company, over(query="SELECT not_there FROM Item", key="Id"))


FAULTS = {
    "deadlock": ({"kind": "deadlock"}, "deadlock"),
    "disk full": ({"kind": "error", "number": 1105}, "disk_full"),
    "cut in mid-result": ({"kind": "close_after_rows", "rows": 2}, "connection_lost"),
    "no answer": ({"kind": "hang"}, "time_out"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_server_in_trouble(company, name):
    """A deadlock's victim, a full disk, a cut connection, no answer: all pass with time, each under its name."""
    fault, trouble = FAULTS[name]
    company.add(*((number, f"C{number}") for number in range(1, 5)))
    with company.session(statement_timeout_s=1) as session:
        company.server.fault(**fault)
        with pytest.raises(TransientError) as caught:
            session.fetch(text("SELECT Id FROM Item"))
        company.server.clear_faults()
    assert caught.value.trouble == trouble


def test_a_time_with_zone_is_a_change_column(company):
    """Stamps in zones of their own are compared as the moments that they are: no change is missed, none comes twice."""
    company.run("CREATE TABLE Zoned (Id INT PRIMARY KEY, Code NVARCHAR(40), Changed DATETIMEOFFSET(7))")
    put = "INSERT INTO Zoned VALUES (:id, :code, :changed)"
    company.run(put, {"id": 1, "code": "old", "changed": "2026-01-02T08:00:00.1234567+02:00"})
    fields = over(name="Zoned", key="Id", changed="Changed")
    _, cursor = codes(company, fields)
    company.run(put, {"id": 2, "code": "new", "changed": "2026-01-02T07:30:00.1234567+00:00"})
    company.run(put, {"id": 3, "code": "newer", "changed": "2026-01-02T09:50:00.1234567+02:00"})
    found, cursor = codes(company, fields, cursor, page_size=1)
    assert found == ["old", "new", "newer"]
    assert codes(company, fields, cursor)[0] == ["newer"]


def test_a_query_whose_own_table_is_named_q(company):
    """Whatever an operator calls the tables of his WITH, the name that stands for the query is another."""
    company.add((1, "A"), (2, "B"))
    fields = over(query="WITH q AS (SELECT Id, Code FROM Item) SELECT Id, Code FROM q", key="Id")
    assert codes(company, fields)[0] == ["A", "B"]


@pytest.mark.parametrize("lenient", [False, True])
def test_broken_text_changes_no_other(company, lenient):
    """Once one text could not be decoded, all texts that can be are read as before."""
    company.run("CREATE TABLE Wide (Id INT PRIMARY KEY, Code NVARCHAR(40), Narrow VARCHAR(40))")
    company.run("INSERT INTO Wide VALUES (1, :code, :narrow)", {"code": "TSH-Ø-\U0001f600", "narrow": "Größe"})
    with company.session() as session:
        if lenient:
            assert session.db_driver.relents(session.driver, UnicodeDecodeError("utf-16", b"", 0, 1, "half a pair"))
        assert session.fetch(text("SELECT Code, Narrow FROM Wide")) == [("TSH-Ø-\U0001f600", "Größe")]


SPECIAL = ["a;b", "a}b", "{ab", "a!@*()=,?[]b", " blank ", "pä;ß", "a=b", "a}}b", "}", "%7B+&", "{a}", "a;b}", "a;}b"]


@pytest.mark.parametrize("password", SPECIAL)
def test_passwords_with_letters_that_mean_something_to_odbc(company, password):
    """Each driver is given a password as it reads one, whatever is in it."""
    company.server.logins["sa"].password = password
    with company.at(password=password).session() as session:
        assert session.fetch(text("SELECT 1")) == [(1,)]


def test_a_password_that_freetds_cannot_be_given(company):
    """Microsoft's driver takes it; for FreeTDS the message says what to do, and does not show it."""
    password = "a;b};c"
    company.server.logins["sa"].password = password
    reading = company.at(password=password).session()
    if "freetds" not in company.driver.lower():
        with reading as session:
            assert session.fetch(text("SELECT 1")) == [(1,)]
        return
    with pytest.raises(ConfigError, match="FreeTDS cannot be given a password") as caught, reading:
        pass
    assert password not in str(caught.value)


def refused(company, kind, statement="SELECT Id FROM Item", **settings):
    """What opening, and then a statement, raises: its code and text."""
    with pytest.raises(kind) as caught, company.session(connect_timeout_s=3, **settings) as session:
        session.fetch(text(statement))
    return caught.value.trouble, str(caught.value)


def test_what_goes_wrong_has_a_name_and_a_cure(company):
    """Server, login, database and rights, each told from the others by the server's own number on both drivers."""
    assert refused(company.at(port=private.free_port()), TransientError)[0] == "unreachable"
    code, said = refused(company, AuthError, password="wr0ng-s3cret")
    assert code == "login_refused"
    assert "wr0ng-s3cret" not in said
    assert refused(company.at(database="not_there"), ConfigError)[0] == "database_unknown"
    assert refused(company, ConfigError, "SELECT Id FROM not_there")[0] == "table_unknown"
    assert refused(company, ConfigError, "SELECT not_there FROM Item")[0] == "column_unknown"


def test_a_login_without_rights(company):
    """A table that the login may not read, and a write by one that only reads: permission, not a wrong query."""
    company.add((1, "A"))
    reader = company.at(username="reader", password=company.server.logins["reader"].password)
    assert refused(reader, AuthError, "DELETE FROM Item")[0] == "not_permitted"
    with reader.session() as session:
        found = {one.code: one for one in company.source.check(session=session, maps=[over(name="Item", key="Id")])}
    assert found["login_can_write"].level == "ok"
    assert found["write_tried"].level == "ok"
    with company.session() as session:
        found = {one.code: one for one in company.source.check(session=session, maps=[over(name="Item", key="Id")])}
    assert found["login_can_write"].level == "warning"
    assert "db_datareader" in found["login_can_write"].text


def test_a_table_that_is_denied(company):
    """A table that the login is shut out of is a missing right, with the grant that cures it."""
    company.server.logins["reader"].denied.add("item")
    reader = company.at(username="reader", password=company.server.logins["reader"].password)
    code, said = refused(reader, AuthError)
    assert code == "not_permitted"
    assert "grant the login SELECT" in said


@pytest.mark.engines("sqlserver-microsoft")
def test_a_certificate_that_nobody_signed(tmp_path, odbc_driver, engine):
    """Microsoft's driver 18 encrypts and checks by default: what it then says is known, and what to do about it."""
    assert engine == "sqlserver-microsoft"
    try:
        context = certificate.self_signed(tmp_path)
    except certificate.CertificateUnavailable as reason:
        pytest.skip(str(reason))
    with sqlserver.start(tmp_path, database="Company", tls=context) as server:
        place = f"{odbc_driver('microsoft')};SERVER=127.0.0.1,{server.port};DATABASE=Company;UID=reader"
        secret = {"password": server.logins["reader"].password}
        source, memory = SqlSource("any", "Any"), LocalMemory()
        config = Config({"odbc": f"{place};Encrypt=yes"} | secret, frozenset(secret))
        with pytest.raises(ConfigError) as caught, source.open_session(config=config, memory=memory):
            pass
    assert caught.value.trouble == "certificate_untrusted"
    assert "TrustServerCertificate=yes" in str(caught.value)
