"""The SQL Server stand-in over its wire, with FreeTDS and with Microsoft's own driver."""

import datetime as dt
import re
import threading
import uuid
from contextlib import closing, suppress
from decimal import Decimal

import psutil
import pytest
import sqlalchemy as sa

from crossdock.testing import odbc, private, sqlserver
from crossdock.testing.sqlserver import certificate
from crossdock.testing.sqlserver.tables import sage_200_evolution, sap_business_one

try:
    pyodbc = odbc.driver_manager()
except private.Unavailable as reason:
    pytest.skip(str(reason), allow_module_level=True)

SCHEMA = """
CREATE TABLE dbo.Kinds (
    Id int IDENTITY(1,1) NOT NULL PRIMARY KEY, Tiny tinyint, Small smallint, Whole int, Big bigint, Flag bit,
    Price decimal(19,6), Huge numeric(38,0), Cash money, Change smallmoney, Qty float, Ratio real,
    Fixed char(5), Code varchar(20), NFixed nchar(3), Name nvarchar(50), Long varchar(max), NLong nvarchar(max),
    Day date, Clock time(3), Stamp datetime, Stamp2 datetime2(7), Rough smalldatetime, Guid uniqueidentifier,
    Bytes varbinary(20), Blob varbinary(max), Version rowversion)
CREATE TABLE dbo.Item (Id int NOT NULL PRIMARY KEY, Code varchar(20) NOT NULL, Qty int NULL, Changed datetime NULL)
CREATE UNIQUE INDEX ItemCode ON dbo.Item (Code)
INSERT INTO Item VALUES (1, 'one', 10, '2024-01-02T03:04:05.003'), (2, 'two', 20, NULL), (3, 'three', NULL, NULL)
GO
CREATE PROCEDURE dbo.ItemsOver @least int = 0 AS SELECT Id, Code FROM dbo.Item WHERE Qty > @least ORDER BY Id
GO
CREATE PROCEDURE dbo.TakeOut @id int AS
BEGIN UPDATE dbo.Item SET Qty = 0 WHERE Id = @id SELECT Code FROM dbo.Item WHERE Id = @id END
GO
CREATE FUNCTION dbo.Stocked (@least int) RETURNS TABLE AS RETURN (SELECT Id, Code FROM dbo.Item WHERE Qty >= @least)
"""


def moment(*parts):
    """A moment without zone, as SQL Server's types are."""
    return dt.datetime(*parts)  # noqa: DTZ001


VALUES = {
    "Tiny": 255,
    "Small": -32768,
    "Whole": -(2**31),
    "Big": 2**63 - 1,
    "Flag": True,
    "Price": Decimal("-1234567890123.123456"),
    "Huge": Decimal(10**38 - 1),
    "Cash": Decimal("922337203685477.5807"),
    "Change": Decimal("-214748.3648"),
    "Qty": 0.1 + 0.2,
    "Ratio": 1.25,
    "Fixed": "ab   ",
    "Code": "Café €",
    "NFixed": "ж  ",
    "Name": "日本 😀 ünï",
    "Long": "x" * 20_000,
    "NLong": "ж" * 10_000,
    "Day": dt.date(1700, 2, 28),  # FreeTDS 1.3.17 binds dates of the year 1 a day too early
    "Clock": dt.time(23, 59, 59),  # pyodbc 5.5 binds whole seconds
    "Stamp": moment(1753, 1, 1, 0, 0, 0, 3000),
    "Stamp2": moment(9999, 12, 31, 23, 59, 59, 999999),
    "Rough": moment(2079, 6, 6, 23, 59),
    "Guid": str(uuid.UUID(int=2**127 + 5)).upper(),
    "Bytes": b"\0\xff",
    "Blob": bytes(range(256)) * 100,
}
NULLS = dict.fromkeys(VALUES)


@pytest.fixture(params=["freetds", "microsoft"])
def driver(request, odbc_driver):
    """Each driver that is here."""
    return odbc_driver(request.param)


@pytest.fixture
def server(tmp_path):
    """A stand-in with a few tables."""
    with sqlserver.start(tmp_path, SCHEMA) as running:
        yield running


@pytest.fixture
def connect(server, driver):
    """Opens connections, and closes them at the end."""
    opened = []

    def open_one(user="reader", **more):
        opened.append(pyodbc.connect(server.odbc(driver, user, **more), timeout=10))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def rows_of(cursor):
    """All rows as tuples; a `Row` equals none."""
    return list(map(tuple, cursor.fetchall()))


def failure(act, *arguments):
    """SQLSTATE and text of what an act raises."""
    with pytest.raises(pyodbc.Error) as caught:
        act(*arguments)
    return caught.value.args[0], str(caught.value.args[-1])


@pytest.mark.parametrize("values", [VALUES, NULLS], ids=["values", "nulls"])
def test_every_type_comes_back(connect, values, monkeypatch):
    """What is bound and stored in a column of any type is what is read from it, to the last digit."""
    monkeypatch.setattr(pyodbc, "native_uuid", False)  # the toolkit sets it for the whole process
    connection = connect("writer")
    names = ", ".join(values)
    marks = ", ".join(f"CAST(? AS {_declared(name)})" if value is None else "?" for name, value in values.items())
    connection.execute(f"INSERT INTO Kinds ({names}) VALUES ({marks})", *values.values())  # noqa: S608  # fixed names
    row = connection.execute(f"SELECT {names} FROM Kinds").fetchone()  # noqa: S608
    assert dict(zip(values, row, strict=True)) == values


def _declared(name):
    before, _, after = SCHEMA.partition(f" {name} ")
    assert before
    return re.match(r"\w+(\([^)]*\))?", after)[0]


def test_columns_say_what_they_are(connect):
    """A result describes its columns as declared: type, digits, scale, whether NULL may be there."""
    cursor = connect().execute("SELECT Id, Price, Name, Stamp2, Fixed FROM Kinds")
    shapes = [(name, kind, size, scale, null) for name, kind, _, size, _, scale, null in cursor.description]
    assert shapes == [
        ("Id", int, 10, 0, False),
        ("Price", Decimal, 19, 6, True),
        ("Name", str, 50, 0, True),
        ("Stamp2", dt.datetime, 27, 7, True),
        ("Fixed", str, 5, 0, True),
    ]


def test_parameters_take_part(connect):
    """Bound values find what literals find, for every kind of comparison a page asks."""
    cursor = connect().cursor()
    page = "SELECT Id FROM Item WHERE Code > ? OR (Code = ? AND Id > ?) ORDER BY Code, Id"
    rows = cursor.execute(page, "ONE", "ONE ", 0)
    assert [one.Id for one in rows] == [1, 3, 2]
    again = cursor.execute("SELECT Id FROM Item WHERE Id IN (?, ?) ORDER BY Id DESC", 1, 3)
    assert [one.Id for one in again] == [3, 1]
    assert rows_of(cursor.execute("SELECT TOP (?) Id FROM Item ORDER BY Id", 2)) == [(1,), (2,)]
    paged = cursor.execute("SELECT Id FROM Item ORDER BY Id OFFSET ? ROWS FETCH NEXT ? ROWS ONLY", 1, 1)
    assert rows_of(paged) == [(2,)]


def test_a_datetime_is_not_its_own_text(connect):
    """A `datetime` is greater than the `datetime2` that it was read as: three-hundredths are not milliseconds."""
    cursor = connect().cursor()
    (stamp,) = cursor.execute("SELECT Changed FROM Item WHERE Id = 1").fetchone()
    assert stamp == moment(2024, 1, 2, 3, 4, 5, 3000)
    assert cursor.execute("SELECT COUNT(*) FROM Item WHERE Changed = ?", stamp).fetchval() == 0
    assert cursor.execute("SELECT COUNT(*) FROM Item WHERE Changed > ?", stamp).fetchval() == 1
    assert cursor.execute("SELECT COUNT(*) FROM Item WHERE Changed = CAST(? AS datetime)", stamp).fetchval() == 1


def test_roll_back_and_commit(connect):
    """A transaction rolled back leaves nothing, one committed is seen by others."""
    mine, other = connect("writer"), connect("writer", database="company")
    mine.execute("INSERT INTO Item VALUES (9, 'nine', 9, NULL)")
    mine.rollback()
    assert other.execute("SELECT COUNT(*) FROM Item").fetchval() == 3
    mine.execute("DELETE FROM Item WHERE Id = 1")
    mine.commit()
    assert other.execute("SELECT COUNT(*) FROM Item").fetchval() == 2


def test_a_statement_that_fails_leaves_the_transaction(connect):
    """A duplicate undoes its own statement only; what was written before it can be committed."""
    connection = connect("writer")
    connection.execute("UPDATE Item SET Qty = 11 WHERE Id = 1")
    state, text = failure(connection.execute, "INSERT INTO Item VALUES (8, 'new', 1, NULL), (9, 'ONE ', 1, NULL)")
    assert (state, "2601" in text) == ("23000", True)
    connection.commit()
    assert rows_of(connection.execute("SELECT Id, Qty FROM Item ORDER BY Id")) == [(1, 11), (2, 20), (3, None)]


def test_procedures(connect):
    """Procedures give rows with and without arguments; what one writes can be rolled back; a reader may not call."""
    connection = connect("writer")
    assert rows_of(connection.execute("{CALL dbo.ItemsOver(?)}", 15)) == [(2, "two")]
    assert rows_of(connection.execute("EXEC ItemsOver")) == [(1, "one"), (2, "two")]
    assert rows_of(connection.execute("EXEC dbo.ItemsOver @least = 15")) == [(2, "two")]
    cursor = connection.execute("SET NOCOUNT ON; EXEC TakeOut 2")
    while cursor.description is None:
        assert cursor.nextset()
    assert rows_of(cursor) == [("two",)]
    connection.rollback()
    assert connection.execute("SELECT Qty FROM Item WHERE Id = 2").fetchval() == 20
    assert rows_of(connection.execute("SELECT Code FROM dbo.Stocked(15) AS s")) == [("two",)]
    assert "(229)" in failure(connect().execute, "EXEC ItemsOver")[1]


REFUSED = {
    "SELECT * FROM Missing": ("42S02", 208),
    "SELECT Missing FROM Item": ("42S22", 207),
    "SELEC Id FROM Item": ("42000", 102),
    "SELECT Id FROM Item WHERE Id = 'abc'": ("22018", 245),
    "SELECT CAST('abc' AS decimal(9,2))": ("42000", 8114),
    "SELECT Id / 0 FROM Item": ("22012", 8134),
    "SELECT Id FROM Item WHERE Changed > 'soon'": ("22007", 241),
    "SELECT CAST(99999 AS smallint)": ("22003", 8115),
    "INSERT INTO Item VALUES (4, 'four', 1, NULL)": ("42000", 229),
    "UPDATE Item SET Qty = 1": ("42000", 229),
    "DELETE FROM Item": ("42000", 229),
    "CREATE TABLE dbo.Mine (a int)": ("42000", 262),
    "EXEC Missing": ("42000", 2812),
    "SELECT FROB(1)": ("42000", 195),
    "SELECT * FROM (SELECT Id FROM Item ORDER BY Id) AS q": ("42000", 1033),
}


@pytest.mark.parametrize("statement", REFUSED)
def test_refusals_by_number_and_state(connect, statement):
    """What is wrong is refused with SQL Server's number, the driver's SQLSTATE for it, and the session goes on."""
    state, number = REFUSED[statement]
    connection = connect()
    said, text = failure(lambda: connection.execute(statement).fetchall())
    assert f"({number})" in text
    assert said in {state, "42000", "HY019"} if state.startswith("22") else said == state  # FreeTDS knows fewer states
    assert connection.execute("SELECT 1").fetchval() == 1


def test_logins(server, driver):
    """A wrong password is 18456, an unknown database 4060, and a password changed meanwhile shuts the next one out."""
    assert "18456" in failure(pyodbc.connect, server.odbc(driver, PWD="wrong"))[1]
    assert "4060" in failure(pyodbc.connect, server.odbc(driver, database="Nowhere"))[1]
    before = server.odbc(driver)
    server.change_password("reader", "An0ther")
    assert "18456" in failure(pyodbc.connect, before)[1]
    with closing(pyodbc.connect(server.odbc(driver))) as connection:
        assert tuple(connection.execute("SELECT SUSER_SNAME(), DB_NAME()").fetchone()) == ("reader", "Company")


def test_a_certificate_of_nobody_is_not_trusted(tmp_path, odbc_driver):
    """Over TLS the Microsoft driver refuses a certificate that nobody signed, unless told to trust it."""
    driver = odbc_driver("microsoft")
    try:
        context = certificate.self_signed(tmp_path)
    except certificate.CertificateUnavailable as reason:
        pytest.skip(str(reason))
    with sqlserver.start(tmp_path, SCHEMA, tls=context) as server:
        state, text = failure(pyodbc.connect, server.odbc(driver, Encrypt="yes"))
        assert (state, "certificate" in text.lower()) == ("08001", True)
        trusting = server.odbc(driver, Encrypt="yes", TrustServerCertificate="yes")
        with closing(pyodbc.connect(trusting)) as connection:
            assert len(connection.execute("SELECT Id, Code FROM Item").fetchall()) == 3
            encrypted = "SELECT encrypt_option FROM sys.dm_exec_connections WHERE session_id = @@SPID"
            assert connection.execute(encrypted).fetchval() == "TRUE"


def test_encryption_that_is_not_there(server, odbc_driver):
    """A server without a certificate refuses who insists on encryption."""
    assert failure(pyodbc.connect, server.odbc(odbc_driver("microsoft"), Encrypt="yes"))[0] == "08001"


def test_a_table_may_be_denied(server, connect):
    """A login that may read the database can be shut out of one table."""
    server.logins["reader"].denied.add("item")
    connection = connect()
    assert "(229)" in failure(connection.execute, "SELECT Id FROM Item")[1]
    assert connection.execute("SELECT COUNT(*) FROM Kinds").fetchval() == 0
    assert connection.execute("SELECT HAS_PERMS_BY_NAME('dbo.Item', 'OBJECT', 'SELECT')").fetchval() == 0


ENDLESS = "SELECT COUNT(*) FROM Item " + " CROSS JOIN Item ".join("abcdefghijkl")  # noqa: S608  # no value is in it


@pytest.mark.parametrize("statement", [ENDLESS, "WAITFOR DELAY '01:00:00'"], ids=["computing", "waiting"])
def test_cancel_interrupts(server, connect, statement):
    """A cancel from another thread ends a statement that computes, or waits, and the session goes on."""
    server.load("Item", ["Id", "Code"], [(number, f"c{number}") for number in range(100, 200)])
    connection = connect()
    cursor = connection.cursor()
    timer = threading.Timer(0.2, cursor.cancel)
    timer.start()
    state, _ = failure(lambda: cursor.execute(statement).fetchall())
    timer.join()
    assert state == "HY008"
    assert connection.execute("SELECT 1").fetchval() == 1


def test_time_out_interrupts(server, connect):
    """The driver's own time-out ends a statement that waits for another's lock, and the session goes on."""
    connection = connect()
    connection.timeout = 1
    with server.holding("Item"):
        assert failure(connection.execute, "SELECT Id FROM Item")[0] == "HYT00"
    assert connection.execute("SELECT COUNT(*) FROM Item").fetchval() == 3


def test_locks(server, connect):
    """Readers wait for writers: 1222 after LOCK_TIMEOUT; NOLOCK, READ UNCOMMITTED and other tables do not wait."""
    connection = connect()
    connection.execute("SET LOCK_TIMEOUT 50")
    with server.holding("Item"):
        assert "(1222)" in failure(connection.execute, "SELECT Id FROM Item")[1]
        assert connection.execute("SELECT COUNT(*) FROM Item WITH (NOLOCK)").fetchval() == 3
        assert connection.execute("SELECT COUNT(*) FROM Kinds").fetchval() == 0
        connection.execute("SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED")
        assert connection.execute("SELECT COUNT(*) FROM Item").fetchval() == 3
    level = "SELECT transaction_isolation_level FROM sys.dm_exec_sessions WHERE session_id = @@SPID"
    assert connection.execute(level).fetchval() == 1


def test_a_circle_of_waiting_has_a_victim(connect):
    """Of two that wait for each other one is told 1205, and the other goes on."""
    one, other = connect("writer"), connect("writer")
    other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    other.execute("SELECT COUNT(*) FROM Kinds").fetchall()
    one.execute("UPDATE Item SET Qty = 1 WHERE Id = 1")
    said = []

    def write():
        try:
            one.execute("UPDATE Kinds SET Tiny = 1")
        except pyodbc.Error as error:
            said.append(str(error))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        other.execute("SELECT COUNT(*) FROM Item").fetchall()
    except pyodbc.Error as error:
        said.append(str(error))
    with suppress(pyodbc.Error):  # the server has rolled its victim back already: FreeTDS is told 3903
        other.rollback()
    thread.join(20)
    assert len(said) == 1
    assert "1205" in said[0]


def test_snapshots_do_not_wait(tmp_path, driver):
    """Where the database allows it, readers see what was committed while a writer holds the table; else 3952."""
    states = "SELECT snapshot_isolation_state, is_read_committed_snapshot_on FROM sys.databases WHERE name = DB_NAME()"
    with (
        sqlserver.start(tmp_path, SCHEMA, read_committed_snapshot=True, allow_snapshot=True) as server,
        closing(pyodbc.connect(server.odbc(driver))) as connection,
        server.holding("Item"),
    ):
        assert connection.execute("SELECT COUNT(*) FROM Item").fetchval() == 3
        assert tuple(connection.execute(states).fetchone()) == (1, True)
        connection.rollback()
        connection.execute("SET TRANSACTION ISOLATION LEVEL SNAPSHOT")
        assert connection.execute("SELECT COUNT(*) FROM Item").fetchval() == 3


def test_snapshot_must_be_allowed(connect):
    """A default database refuses SNAPSHOT with 3952."""
    connection = connect()
    connection.execute("SET TRANSACTION ISOLATION LEVEL SNAPSHOT")
    assert "(3952)" in failure(connection.execute, "SELECT COUNT(*) FROM Item")[1]


@pytest.mark.parametrize(
    ("fault", "number"), [({"kind": "deadlock"}, "1205"), ({"kind": "error", "number": 701}, "701")]
)
def test_faults_that_answer(server, connect, fault, number):
    """A fault strikes once, with its number, and the next statement is answered."""
    connection = connect()
    server.fault(**fault)
    assert f"({number})" in failure(connection.execute, "SELECT Id FROM Item")[1]
    assert connection.execute("SELECT COUNT(*) FROM Item").fetchval() == 3


def test_disk_full(server, connect):
    """A full disk refuses writes with 1105 and lets reads pass."""
    connection = connect("writer")
    server.fault("disk_full", times=None)
    assert connection.execute("SELECT COUNT(*) FROM Item").fetchval() == 3
    assert "(1105)" in failure(connection.execute, "UPDATE Item SET Qty = 1")[1]
    server.clear_faults()
    connection.execute("UPDATE Item SET Qty = 1")
    connection.rollback()


def test_cut_in_the_middle(server, connect):
    """A connection cut after some rows fails the fetch; a new one reads all."""
    server.load("Item", ["Id", "Code"], [(number, f"c{number}") for number in range(100, 5000)])
    server.fault("close_after_rows", rows=1000)
    connection = connect()
    assert failure(lambda: connection.execute("SELECT * FROM Item").fetchall())[0] in {"08S01", "01000"}
    assert len(connect().execute("SELECT * FROM Item").fetchall()) == 4903


def test_answer_lost_after_commit(server, connect):
    """A commit whose answer is lost fails for the client and is done all the same."""
    connection = connect("writer")
    connection.execute("UPDATE Item SET Qty = 77 WHERE Id = 1")
    server.fault("lose_answer", matching="COMMIT")
    failure(connection.commit)
    assert server.execute("SELECT Qty FROM Item WHERE Id = 1") == [(77,)]


def test_hang_until_it_gives_up(server, connect):
    """A statement that is never answered can be given up, and a server that stops lets it go."""
    connection = connect()
    connection.timeout = 1
    server.fault("hang", matching="Item")
    assert failure(connection.execute, "SELECT Id FROM Item")[0] == "HYT00"
    assert connection.execute("SELECT 1").fetchval() == 1


def test_restart(server, connect):
    """A server that stops ends its connections; started again it is on the same port with what was committed."""
    connection = connect("writer")
    connection.execute("UPDATE Item SET Qty = 5 WHERE Id = 1")
    connection.commit()
    server.stop()
    failure(connection.execute, "SELECT 1")
    server.listen()
    assert connect().execute("SELECT Qty FROM Item WHERE Id = 1").fetchval() == 5


def test_many_rows_in_little_memory(server, connect):
    """A hundred thousand rows stream through: neither side, both in this process, keeps more than a few at a time."""
    server.execute("CREATE TABLE dbo.Big (Id int NOT NULL PRIMARY KEY, Name nvarchar(200), Price decimal(19,6))")
    server.load("Big", ["Id", "Name", "Price"], ((number, f"{number:0150}", number) for number in range(100_000)))
    cursor = connect().execute("SELECT Id, Name, Price FROM Big ORDER BY Id")
    count = len(cursor.fetchmany(5000))
    before = psutil.Process().memory_info().rss
    while rows := cursor.fetchmany(1000):
        count += len(rows)
    assert count == 100_000
    assert psutil.Process().memory_info().rss - before < 12_000_000


def test_the_catalogue_as_drivers_ask(connect):
    """SQLTables, SQLColumns, SQLPrimaryKeys and SQLStatistics say what there is."""
    cursor = connect().cursor()
    assert [one.table_name for one in cursor.tables(tableType="TABLE")] == ["Item", "Kinds"]
    columns = [(one.column_name, one.type_name, one.nullable) for one in cursor.columns("Item")]
    assert columns == [("Id", "int", 0), ("Code", "varchar", 0), ("Qty", "int", 1), ("Changed", "datetime", 1)]
    assert [one.column_name for one in cursor.primaryKeys("Item")] == ["Id"]
    assert {one.index_name for one in cursor.statistics("Item")} == {None, "PK_Item", "ItemCode"}


def test_sqlalchemy(server, driver):
    """SQLAlchemy's dialect connects, reflects, selects by pages and writes."""
    engine = sa.create_engine(server.url(driver, "writer"))
    try:
        inspector = sa.inspect(engine)
        assert inspector.get_table_names() == ["Item", "Kinds"]
        assert inspector.get_pk_constraint("Item")["constrained_columns"] == ["Id"]
        assert [one["name"] for one in inspector.get_indexes("Item")] == ["ItemCode"]
        items = sa.Table("Item", sa.MetaData(), autoload_with=engine)
        assert str(items.c.Code.type).startswith("VARCHAR(20)")
        with engine.connect() as connection:
            paged = sa.select(items.c.Id).where(items.c.Id > 0).order_by(items.c.Code)
            assert connection.execute(paged.limit(2)).scalars().all() == [1, 3]
            assert connection.execute(paged.limit(2).offset(1)).scalars().all() == [3, 2]
            connection.execute(items.insert().values(Id=7, Code="seven"))
            connection.rollback()
            assert connection.execute(sa.select(sa.func.count()).select_from(items)).scalar() == 3
    finally:
        engine.dispose()


@pytest.mark.parametrize("erp", [sage_200_evolution, sap_business_one])
def test_tables_of_erps(tmp_path, driver, erp):
    """The sample tables of each ERP hold their rows, the odd ones included, as the wire gives them."""
    with (
        sqlserver.start(tmp_path, erp.SCHEMA, rows=erp.rows()) as server,
        closing(pyodbc.connect(server.odbc(driver))) as connection,
    ):
        for table, rows in erp.rows().items():
            columns = [name for name in rows[0] if name in {"Code", "Account", "ItemCode", "CardCode"}]
            for column in columns:
                read = connection.execute(f"SELECT {column} FROM dbo.{table}").fetchall()  # noqa: S608  # fixed names
                assert sorted(one[0] for one in read) == sorted(row[column] for row in rows)
            assert len(connection.execute(f"SELECT * FROM {table}").fetchall()) == len(rows)  # noqa: S608
