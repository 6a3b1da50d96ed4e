"""The SQL Server stand-in's T-SQL, types and comparison of text, without a driver."""

import datetime as dt
import string
import uuid
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.testing import sqlserver
from crossdock.testing.sqlserver import grammar, moments
from crossdock.testing.sqlserver.collation import folded
from crossdock.testing.sqlserver.errors import SqlError, StandInLimitError
from crossdock.testing.sqlserver.kinds import MAX, Kind
from crossdock.testing.sqlserver.reading import Reader
from crossdock.testing.sqlserver.storing import converted, kind_of
from crossdock.testing.sqlserver.tables import sage_200_evolution
from crossdock.testing.sqlserver.writing import encoder, type_info

SCHEMA = """
CREATE TABLE dbo.Item (
    Id int IDENTITY(1,1) NOT NULL PRIMARY KEY, Code nvarchar(20) NOT NULL, Price decimal(19,6) NULL, Qty float NULL,
    Pad char(4) NULL, At datetime NULL, Flag bit NOT NULL DEFAULT 1, Version rowversion)
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A stand-in that no test writes to."""
    with sqlserver.start(tmp_path_factory.mktemp("shared"), SCHEMA) as running:
        running.execute("INSERT INTO Item (Code, Price, Qty, Pad, At) VALUES ('a', 1.5, 2.5, 'x', '20240102')")
        running.execute("INSERT INTO Item (Code, Price, Qty, Pad, At) VALUES ('B', 10, 0.25, NULL, NULL)")
        yield running


@pytest.fixture
def server(tmp_path):
    """A stand-in for one test."""
    with sqlserver.start(tmp_path, SCHEMA) as running:
        yield running


def refusal(server, statement):
    """The error that a statement is refused with."""
    with pytest.raises(SqlError) as caught:
        server.execute(statement)
    return caught.value


VALUES = {
    "'a' + 'b'": "ab",
    "1 + 2 * 3": 7,
    "7 / 2": 3,
    "-7 / 2": -3,
    "7 % 3": 1,
    "'5' + 1": 6,
    "CAST(1.005 AS decimal(9,2))": "1.01",
    "CAST('2024-02-29' AS date)": "2024-02-29 00:00:00.0000000",
    "CONVERT(varchar(10), CAST('20240229' AS date), 103)": "29/02/2024",
    "CONVERT(varchar(30), CAST('20240229 10:11:12.13' AS datetime), 126)": "2024-02-29T10:11:12.130",
    "CAST('3' AS int) + LEN('ab  ')": 5,
    "DATALENGTH(N'ab ')": 6,
    "ISNULL(NULL, 'x')": "x",
    "COALESCE(NULL, NULL, 3)": 3,
    "NULLIF(1, 1)": None,
    "IIF(1 > 2, 'a', 'b')": "b",
    "CASE WHEN 'A' = 'a ' THEN 1 ELSE 0 END": 1,
    "CASE N'é' WHEN N'e' THEN 1 ELSE 0 END": 0,
    "SUBSTRING('abcdef', 2, 3)": "bcd",
    "LEFT('abc', 2) + RIGHT('abc', 1)": "abc",
    "CHARINDEX('C', 'abc')": 3,
    "REPLACE('aBc', 'b', 'x')": "axc",
    "STUFF('abcd', 2, 2, 'x')": "axd",
    "UPPER(LTRIM(RTRIM(' a ')))": "A",
    "CONCAT('a', NULL, 1)": "a1",
    "ROUND(2.345, 2)": "2.350",
    "FLOOR(-1.5)": -2,
    "ABS(-3)": 3,
    "DATEDIFF(day, '20240131', '20240201')": 1,
    "DATEADD(month, 1, CAST('20240131' AS date))": "2024-02-29 00:00:00.0000000",
    "DATEPART(weekday, CAST('20240107' AS date))": 1,
    "YEAR(CAST('20240107' AS datetime))": 2024,
    "CASE WHEN 'x[1]' LIKE 'x[[]_]' THEN 1 ELSE 0 END": 1,
    "CASE WHEN 'b1' LIKE '[a-c][^a]' THEN 1 ELSE 0 END": 1,
    "CAST(0x01FF AS int)": 511,
    "CAST(CAST(258 AS bigint) AS binary(8))": b"\0\0\0\0\0\0\1\2",
    "TRY_CAST('x' AS int)": None,
    "5 & 3 | 8": 9,
    "HAS_PERMS_BY_NAME('dbo.Item', 'OBJECT', 'UPDATE')": 1,
    "(SELECT MAX(Code) FROM Item)": "B",
}


@pytest.mark.parametrize("expression", VALUES)
def test_expressions(shared, expression):
    """An expression has the value that the reference says."""
    assert shared.execute(f"SELECT {expression}") == [(VALUES[expression],)]


QUERIES = {
    "SELECT Code FROM Item WHERE Code = 'A'": [("a",)],
    "SELECT Code FROM Item WHERE Code IN ('b ', 'c')": [("B",)],
    "SELECT Code FROM Item WHERE Price > 2": [("B",)],
    "SELECT Code FROM Item WHERE Price BETWEEN '1' AND 2": [("a",)],
    "SELECT Code FROM Item WHERE ISNULL(Pad, '') = ''": [("B",)],
    "SELECT Pad + '|' FROM Item WHERE Id = 1": [("x   |",)],
    "SELECT Code FROM Item ORDER BY Price DESC": [("B",), ("a",)],
    "SELECT Code AS c FROM Item ORDER BY c": [("a",), ("B",)],
    "SELECT TOP 1 i.* FROM (SELECT Id AS k, Price * 2 AS d FROM Item) AS i WHERE i.d > 5 ORDER BY k": [(2, 20)],
    "WITH n AS (SELECT 1 AS k UNION ALL SELECT k + 1 FROM n WHERE k < 3) SELECT k FROM n ORDER BY k": [
        (1,),
        (2,),
        (3,),
    ],
    "SELECT a.Id FROM Item a LEFT JOIN Item b ON b.Id = a.Id + 1 WHERE b.Id IS NULL": [(2,)],
    "SELECT Id FROM Item a WHERE EXISTS (SELECT 1 FROM Item b WHERE b.Price > a.Price)": [(1,)],
    "SELECT Flag, COUNT(*) AS n FROM Item GROUP BY Flag HAVING COUNT(*) > 1": [(1, 2)],
    "SELECT Code FROM Item UNION SELECT 'B' UNION SELECT NULL ORDER BY 1": [(None,), ("a",), ("B",)],
    "SELECT v.k, v.t FROM (VALUES (1, 'x'), (2, 'y')) AS v(k, t) WHERE v.k = 2": [(2, "y")],
    "SELECT Id, ROW_NUMBER() OVER (ORDER BY Price DESC) AS r FROM Item ORDER BY Id": [(1, 2), (2, 1)],
    "SELECT Id FROM Item ORDER BY Id OFFSET 1 ROWS FETCH NEXT 5 ROWS ONLY": [(2,)],
    "SELECT name FROM sys.columns WHERE object_id = OBJECT_ID('dbo.Item') AND is_identity = 1": [("Id",)],
    "SELECT DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE COLUMN_NAME = 'Version'": [("timestamp",)],
    "SELECT rows FROM sys.partitions WHERE object_id = OBJECT_ID('Item')": [(2,)],
    "SELECT permission_name FROM fn_my_permissions(NULL, 'DATABASE') WHERE permission_name = 'ALTER'": [("ALTER",)],
    "SELECT Code COLLATE Latin1_General_BIN2 FROM Item WHERE Code COLLATE Latin1_General_CS_AS = 'A'": [],
}


@pytest.mark.parametrize("query", QUERIES)
def test_queries(shared, query):
    """A query gives the rows that SQL Server would give, in its order."""
    rows = shared.execute(query)
    assert rows == QUERIES[query]


UNKNOWN = {
    "SELECT PIVOTAL(1)": "PIVOTAL",
    "SELECT SERVERPROPERTY('Frob')": "Frob",
    "SELECT * FROM Item FOR JSON PATH": "FOR",
    "SELECT TOP 10 PERCENT Id FROM Item": "PERCENT",
    "SELECT Id INTO Copy FROM Item": "SELECT INTO",
    "MERGE INTO Item USING Item AS s ON Item.Id = s.Id WHEN MATCHED THEN DELETE;": "MERGE",
    "EXEC sp_cursoropen": "cursor",
    "BACKUP DATABASE Company TO DISK = 'x'": "BACKUP",
    "IF 1 = 1 SELECT 1": "IF",
    "CREATE TABLE #t (a int)": "temporary",
    "CREATE TABLE t (a int CHECK (a > 1))": "CHECK",
    "SELECT * FROM Item CROSS APPLY (SELECT TOP 1 Id FROM Item) AS x": "join",
    "SELECT HAS_PERMS_BY_NAME('x', 'SCHEMA', 'SELECT')": "SCHEMA",
    "SELECT CONVERT(varchar(30), GETDATE(), 130)": "130",
}


@pytest.mark.parametrize("statement", UNKNOWN)
def test_what_it_does_not_know_it_names(shared, statement):
    """What a real server has and the stand-in has not is refused with the name of it, never answered by nothing."""
    assert UNKNOWN[statement].lower() in str(refusal(shared, statement)).lower()


STRANGE = [
    "SELECT Id FROM Item LIMIT 1",
    "SELECT 'a' || 'b'",
    "SELECT Id::int FROM Item",
    "SELECT Code FROM Item WHERE Code ILIKE 'a'",
    "SELECT TRUE",
    "SELECT Id, FROM Item",
    "SELECT * FROM (SELECT Id FROM Item)",
    "SELECT * FROM (SELECT 1) AS x",
    "SELECT * FROM (WITH c AS (SELECT 1 AS k) SELECT k FROM c) AS x",
    "SELECT Id FROM Item WHERE Flag",
    "SELECT Id, COUNT(*) FROM Item",
    "SELECT Id FROM Item FETCH FIRST 1 ROWS ONLY",
    "SELECT Id FROM Item OFFSET 1 ROWS",
    "SELECT Id FROM Item a JOIN Item b ON a.Id = b.Id",
    "SELECT Id FROM Item WHERE Missing.Id = 1",
    "SELECT * FROM Company2.dbo.Item",
    "SELECT * FROM OPENROWSET('a', 'b', 'c')",
    "SELECT 1 UNION SELECT 1, 2",
    "SELECT 'open",
    "GET ALL",
]


@pytest.mark.parametrize("statement", STRANGE)
def test_what_is_no_tsql_is_refused(shared, statement):
    """What only other databases take, or nobody, is refused with an error of SQL Server's own."""
    error = refusal(shared, statement)
    assert not isinstance(error, StandInLimitError)
    assert error.number not in {0, 50000}


@pytest.mark.parametrize("between", [";", "\n", " -- remark ;\n", "; "])
def test_batches_are_cut_into_statements(between):
    """Statements are told apart with and without semicolons; words inside of others begin none."""
    parts = [
        "SELECT 1 AS k UNION ALL SELECT 2",
        "INSERT INTO t (a) SELECT b FROM (SELECT 1 AS b) AS x",
        "UPDATE t SET a = CASE WHEN a = ';' THEN 1 ELSE 2 END",
        "SET NOCOUNT ON",
        "SELECT [SELECT] FROM t WITH (NOLOCK)",
        "DELETE FROM t WHERE a IN (SELECT b FROM u)",
        "EXEC dbo.p 1, @x = 2",
        "DECLARE @y int = 1",
    ]
    found = [one.text for one in grammar.statements(between.join(parts))]
    assert [one.split(" --")[0].strip() for one in found] == parts


def _kinds():
    sized = [
        Kind("varchar", 20),
        Kind("nvarchar", 20),
        Kind("varchar", MAX),
        Kind("nvarchar", MAX),
        Kind("varbinary", 20),
    ]
    plain = [
        kind_of(name) for name in ("tinyint", "smallint", "int", "bigint", "bit", "float", "date", "uniqueidentifier")
    ]
    timed = [
        kind_of(name)
        for name in ("datetime", "datetime2(7)", "datetime2(3)", "smalldatetime", "time(7)", "datetimeoffset(2)")
    ]
    exact = [Kind("decimal", precision=38, scale=scale) for scale in (0, 6, 38)]
    return [*sized, *plain, *timed, *exact, kind_of("money"), kind_of("smallmoney")]


def _of_kind(kind):
    whole = {
        "tinyint": (0, 255),
        "smallint": (-(2**15), 2**15 - 1),
        "int": (-(2**31), 2**31 - 1),
        "bigint": (-(2**63), 2**63 - 1),
    }
    if kind.name in whole:
        return st.integers(*whole[kind.name])
    if kind.family == "text":
        letters = st.characters(codec="utf-8") if kind.wide else st.sampled_from(string.printable + "é€ß")
        return st.text(letters, max_size=10)
    if kind.family == "decimal":
        top = {"money": 2**63 - 1, "smallmoney": 2**31 - 1}.get(kind.name, 10**38 - 1)
        return st.integers(-top, top).map(lambda number: _pointed(number, kind.scale))
    if kind.family in {"moment", "date", "time", "zoned"}:
        first = dt.datetime(1901 if kind.name == "smalldatetime" else 1800, 1, 2)  # noqa: DTZ001
        last = dt.datetime(2079, 1, 1)  # noqa: DTZ001
        return st.datetimes(first, last).map(lambda at: converted(at.isoformat(), Kind("varchar", 30), kind))
    return {
        "bit": st.integers(0, 1),
        "float": st.floats(allow_nan=False, allow_infinity=False),
        "guid": st.uuids().map(lambda one: str(one).upper()),
        "binary": st.binary(max_size=20),
    }[kind.family]


def _pointed(number, scale):
    digits = f"{abs(number):0{scale + 1}}"
    return ("-" if number < 0 else "") + (f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits)


@given(st.sampled_from(_kinds()).flatmap(lambda kind: st.tuples(st.just(kind), st.none() | _of_kind(kind))))
def test_the_wire_carries_values_unchanged(case):
    """What is written as a value of any type is read back the same, bit for bit."""
    kind, value = case
    sent = b"\0\0" + type_info(kind) + encoder(kind)(value)
    got = Reader(sent).parameter()
    assert (got.kind.name, got.value) == (kind.name.replace("numeric", "decimal"), value)


@given(st.text(st.sampled_from("abAB éÉ -1"), max_size=6), st.text(st.sampled_from("abAB éÉ -1"), max_size=6))
def test_text_compares_without_case_and_trailing_blanks(one, other):
    """Two codes are one exactly when they are equal without case and trailing blanks; accents count."""
    assert (folded(one) == folded(other)) is (one.rstrip(" ").casefold() == other.rstrip(" ").casefold())


def test_emoji_have_no_weight(server):
    """Codes that differ in an emoji only are one code, as under the default collation."""
    server.execute("INSERT INTO Item (Code) VALUES (N'x😀')")
    assert server.execute("SELECT COUNT(*) FROM Item WHERE Code = N'x🎉'") == [(1,)]


@given(st.integers(0, moments.TICKS_PER_DAY - 1))
def test_datetime_counts_three_hundredths(ticks):
    """Rounding to `datetime` moves a moment by at most a six-hundredth of a second, and doing it again by nothing."""
    kind = kind_of("datetime")
    day = dt.date(2024, 2, 28).toordinal()
    kept = moments.fitted(day, ticks, kind)
    other_day, other_ticks = moments.taken_apart(kept)
    assert abs((other_day - day) * moments.TICKS_PER_DAY + other_ticks - ticks) <= 16_667
    assert moments.fitted(other_day, other_ticks, kind) == kept


def test_guids_sort_by_their_end(server):
    """The last six bytes of a GUID decide first."""
    server.execute("CREATE TABLE Keys (k uniqueidentifier NOT NULL PRIMARY KEY)")
    last, first = str(uuid.UUID(int=2)).upper(), str(uuid.UUID(int=1 << 120)).upper()
    server.load("Keys", ["k"], [(last,), (first,)])
    assert server.execute("SELECT k FROM Keys ORDER BY k") == [(first,), (last,)]


def test_writing_fits_values_to_columns(server):
    """Numbers round, `char` is padded, defaults and row versions come by themselves, what does not fit is refused."""
    server.execute("INSERT INTO Item (Code, Price, Pad) VALUES ('a', 1.0000005, 'ab')")
    ((price, pad, flag, version),) = server.execute("SELECT Price, Pad, Flag, Version FROM Item")
    assert (price, pad, flag) == ("1.000001", "ab  ", 1)
    server.execute("UPDATE Item SET Price = Price + 1 WHERE Code = 'A'")
    assert server.execute("SELECT Price, Version FROM Item")[0] > ("2.000001", version)
    assert refusal(server, "INSERT INTO Item (Code, Pad) VALUES ('b', 'abcde')").number == 2628
    assert refusal(server, "INSERT INTO Item (Code) VALUES (NULL)").number == 515
    assert refusal(server, "INSERT INTO Item (Code, Price) VALUES ('b', 1e20)").number == 8115
    assert refusal(server, "INSERT INTO Item (Id, Code) VALUES (1, 'b')").number == 2627
    assert server.execute("SELECT COUNT(*) FROM Item") == [(1,)]


def test_many_digits_are_kept(server):
    """Numbers of 38 digits are kept, found and ordered to the last one."""
    server.execute("CREATE TABLE Digits (k decimal(38,0) NOT NULL PRIMARY KEY)")
    low, high = "99999999999999999999999999999999999998", "99999999999999999999999999999999999999"
    server.execute(f"INSERT INTO Digits VALUES ({high}), ({low}), (-{high})")  # noqa: S608  # made up here
    assert server.execute("SELECT k FROM Digits ORDER BY k") == [(f"-{high}",), (low,), (high,)]
    assert server.execute(f"SELECT k FROM Digits WHERE k > {low}") == [(high,)]  # noqa: S608


def test_variables(server):
    """What is declared can be set, used, and is gone with its batch."""
    batch = "DECLARE @a int = 2, @b varchar(5) SET @a = @a + 1 SELECT @a, @b"
    assert server.execute(batch) == [(3, None)]
    assert refusal(server, "SELECT @a").number == 137


def test_a_table_may_be_altered(server):
    """A column is added, changed, renamed and taken away, with the rows kept; a roll-back undoes it."""
    server.execute("INSERT INTO Item (Code, Price) VALUES ('a', 1.5)")
    server.execute("ALTER TABLE Item ADD Colour varchar(10) NOT NULL DEFAULT 'red'")
    server.execute("ALTER TABLE Item ALTER COLUMN Price float")
    server.execute("EXEC sp_rename 'dbo.Item.Price', 'Cost', 'COLUMN'")
    server.execute("ALTER TABLE Item DROP COLUMN Pad")
    assert server.execute("SELECT Id, Code, Cost, Colour FROM Item") == [(1, "a", 1.5, "red")]
    assert refusal(server, "SELECT Price FROM Item").number == 207
    refusal(server, "DROP TABLE Item SELECT 1 / 0")
    assert server.execute("SELECT Code FROM Item") == [("a",)]
    names = "SELECT name FROM sys.columns WHERE object_id = OBJECT_ID('Item') ORDER BY column_id"
    assert [name for (name,) in server.execute(names)][1:3] == ["Code", "Cost"]


def test_views_and_functions(server):
    """A view and a table function are read like tables, with the types of what they give."""
    server.execute("INSERT INTO Item (Code, Price) VALUES ('a', 1.5), ('b', 2.5)")
    server.execute("CREATE VIEW dbo.Dear AS SELECT Code, Price * 2 AS Twice FROM dbo.Item WHERE Price > 2")
    server.execute(
        "CREATE FUNCTION dbo.Above (@p decimal(9,2)) RETURNS TABLE AS RETURN (SELECT Code FROM Item WHERE Price > @p)"
    )
    assert server.execute("SELECT Code FROM Dear WHERE Twice > 4.5") == [("b",)]
    assert server.execute("SELECT o.Code FROM dbo.Above(2.0) AS o") == [("b",)]
    assert server.execute("SELECT name FROM sys.views") == [("Dear",)]


def test_an_old_database_lacks_stamps(tmp_path):
    """The older Sage 200 Evolution tables are the same without the columns of changes."""
    with sqlserver.start(tmp_path, sage_200_evolution.SCHEMA_OLD) as server:
        names = "SELECT name FROM sys.columns WHERE name LIKE '%[_]dModifiedDate' OR name LIKE '%[_]Checksum'"
        assert server.execute(names) == []
        assert server.execute("SELECT COUNT(*) FROM sys.tables") == [(8,)]


def test_loading_converts(server):
    """Rows loaded past the wire are converted and checked as rows inserted are."""
    server.load("Item", ["Code", "Price", "At", "Flag"], [("a", Decimal("1.25"), "2024-01-02 03:04:05.678", True)])
    assert server.execute("SELECT Price, At, Flag FROM Item") == [("1.250000", "2024-01-02 03:04:05.6766667", 1)]
    with pytest.raises(SqlError, match="truncated"):
        server.load("Item", ["Code"], [("x" * 21,)])
    assert server.execute("SELECT COUNT(*) FROM Item") == [(1,)]
