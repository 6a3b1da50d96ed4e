# budget: a table of what databases hold, a line for each kind
# ruff: noqa: FBT003, S608  # a table of values, true and false among them; statements of made-up names
"""What ERPs really hold comes out of every engine and driver as the same canonical value, or differs as stated."""

import os
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from crossdock import Field, FieldMap, Read, Table
from crossdock.fieldmap.compile import Mapper
from crossdock.fieldmap.values import UNMAPPABLE
from crossdock.records import Product, Variant, decimal_text, decode

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "awkward-data.md"


class Refused(NamedTuple):
    """The row is quarantined, with a reason that begins so."""

    reason: str


class Sql(NamedTuple):
    """A value as only the database can write it; `elsewhere` by database."""

    expression: str
    elsewhere: Mapping = MappingProxyType({})


NOT_STORED = "(cannot be stored)"
"""The database, or its driver, refuses to store it: so it is never met."""

TODAY = "(the day of the read)"
PG_NUL = "PostgreSQL's text cannot hold it (manual, Character Types)"
CUT = "sqliteodbc 0.9998 ends a text there"
NO_NAN = "they have no such number"
SQLITE_NUMERIC = "SQLite keeps it as a floating number (manual, Datatypes in SQLite)"
SQLITE_TIME = "SQLite has no times: the text is as it was written"


class Kind(NamedTuple):
    """One kind of awkward value."""

    name: str
    column: str | dict
    value: Any
    hub: str
    outcome: Any
    convert: tuple[str, ...] = ()
    differs: tuple[tuple[str, Any, str], ...] = ()
    """Engines, between blanks; what comes there; why."""


def typed(default, **elsewhere):
    """A column type by database: most call it so, some otherwise."""
    return {"": default, **elsewhere}


TEXT = typed(
    "VARCHAR(200)",
    mariadb="VARCHAR(200) COLLATE utf8mb4_nopad_bin",
    mssql="NVARCHAR(200) COLLATE Latin1_General_BIN2",
)
LONG = typed("TEXT", mariadb="LONGTEXT", mssql="NVARCHAR(MAX)")
MOMENT = typed("TIMESTAMP", mariadb="DATETIME(6)", mssql="DATETIME2(6)")
FLAG = typed("BOOLEAN", mssql="BIT")
BIT = typed("BIT(1)", mssql="BIT")
FLOAT = "DOUBLE PRECISION"
BINARY = typed("VARBINARY(40)", postgresql="BYTEA", sqlite="BLOB")
V, P, F, C = "vendor", "variants.price", "variants.prices_include_tax", "source_variant_code"
GUID = UUID("6F9619FF-8B86-D011-B42D-00C04FC964FF")

KINDS = (
    Kind("plain text", TEXT, "Shirt", V, "Shirt"),
    Kind("Latin letters with accents", TEXT, "Müller é ñ ß", V, "Müller é ñ ß"),
    Kind("letters of mixed length in UTF-8", TEXT, "Ø0", V, "Ø0"),
    Kind("Greek and Cyrillic", TEXT, "Ελλάδα Россия", V, "Ελλάδα Россия"),
    Kind("Chinese and Japanese", TEXT, "価格 商品", V, "価格 商品"),
    Kind("Hebrew and Arabic, right to left", TEXT, "עברית العربية", V, "עברית العربية"),
    Kind("an accent as a sign of its own", TEXT, "e\u0301", V, "e\u0301"),
    Kind("emoji", TEXT, "😀", V, "😀"),
    Kind("emoji joined to one sign", TEXT, "👩‍👩‍👧", V, "👩‍👩‍👧"),
    Kind("a sign beyond U+FFFFF", TEXT, "\U00100000x", V, "\U00100000x"),
    Kind("byte order mark in text", TEXT, "\ufeffA", V, "\ufeffA"),
    Kind("U+FFFF, which is no sign", TEXT, "A\uffff", V, "A\uffff"),
    Kind(
        "NUL in text",
        TEXT,
        "A\x00B",
        V,
        "A\x00B",
        differs=(
            ("postgres postgres-odbc", NOT_STORED, PG_NUL),
            ("sqlite-odbc", "A", CUT),
        ),
    ),
    Kind("NUL at the end", TEXT, "A\x00", V, "A", differs=(("postgres postgres-odbc", NOT_STORED, PG_NUL),)),
    Kind("blanks at the end", TEXT, "A   ", V, "A"),
    Kind("blanks in front", TEXT, "  A", V, "  A"),
    Kind("no-break space at the end", TEXT, "A\u00a0", V, "A"),
    Kind("only blanks", TEXT, "   ", V, ""),
    Kind("empty text", TEXT, "", V, ""),
    Kind("NULL in a text column", TEXT, None, V, ""),
    Kind("CHAR, padded", "CHAR(10)", "AB", V, "AB"),
    Kind("line ends and tabs", TEXT, "a\r\nb\tc", V, "a\r\nb\tc"),
    Kind("control characters", TEXT, "a\x01\x1f\x7fb", V, "a\x01\x1f\x7fb"),
    Kind("control characters, taken out", TEXT, "a\x01\x1f\x7fb", V, "ab", ("no_control",)),
    Kind("quotes and wildcards", TEXT, "'\"%_;--", V, "'\"%_;--"),
    Kind("backslashes", TEXT, "C:\\temp\\", V, "C:\\temp\\"),
    Kind("HTML", TEXT, "<b>&amp;</b>", V, "<b>&amp;</b>"),
    Kind("100,000 signs", LONG, "é" * 100_000, V, "é" * 100_000),
    Kind("half of a surrogate pair", TEXT, "\ud800", V, NOT_STORED),
    Kind(
        "bytes of Latin-1 in a text column",
        LONG,
        Sql("CAST(x'4DFC' AS TEXT)", {"postgresql": "convert_from('\\x4DFC', 'UTF8')", "mariadb": "x'4DFC'"}),
        V,
        NOT_STORED,
        differs=(
            (
                "sqlite sqlite-odbc",
                Refused("cannot be mapped"),
                "SQLite does not look at the bytes of a text (its manual, Quirks)",
            ),
        ),
    ),
    Kind("code of 4 kB", LONG, "x" * 4096, C, Refused("is not usable as a code")),
    Kind("code with emoji", TEXT, "A😀", C, "A😀"),
    Kind("codes that differ in case alone", TEXT, ["abc", "ABC"], C, ["abc", "ABC"]),
    Kind("codes that differ in a trailing blank alone", TEXT, ["abc", "abc "], C, ["abc", "abc"]),
    Kind("blank code", TEXT, "  ", C, Refused("is empty")),
    Kind("NULL as a code", TEXT, None, C, Refused("is empty")),
    Kind("line end in a code", TEXT, "A\nB", C, Refused("is not usable as a code")),
    Kind(
        "NUL in a code",
        TEXT,
        "A\x00B",
        C,
        Refused("is not usable as a code"),
        differs=(
            ("postgres postgres-odbc", NOT_STORED, PG_NUL),
            ("sqlite-odbc", "A", CUT),
        ),
    ),
    Kind("code with leading zeros", TEXT, "00042", C, "00042"),
    Kind("whole number as a code", "INTEGER", 42, C, "42"),
    Kind("NUMERIC(9, 2) as a code", "NUMERIC(9, 2)", Decimal("42.00"), C, "42"),
    Kind("floating number as a code", FLOAT, 42.0, C, "42"),
    Kind("largest 64-bit number as a code", "BIGINT", 2**63 - 1, C, str(2**63 - 1)),
    Kind("GUID as a code", typed("UUID", sqlite="VARCHAR(36)", mssql="UNIQUEIDENTIFIER"), GUID, C, str(GUID)),
    Kind("zero", "INTEGER", 0, P, "0"),
    Kind("negative number", "INTEGER", -5, P, "-5"),
    Kind("smallest 64-bit number", "BIGINT", -(2**63), P, str(-(2**63))),
    Kind(
        "64 bits without sign",
        typed("NUMERIC(20, 0)", mariadb="BIGINT UNSIGNED"),
        Sql("18446744073709551615"),
        P,
        "18446744073709551615",
        differs=(
            ("sqlite", "18446744073709552000", SQLITE_NUMERIC),
            ("sqlite-odbc", "18446744073709600000", SQLITE_NUMERIC),
        ),
    ),
    Kind("NUMERIC(10, 2)", "NUMERIC(10, 2)", Decimal("10.50"), P, "10.5"),
    Kind("money with six decimals", "NUMERIC(18, 6)", Decimal("12.345678"), P, "12.345678"),
    Kind(
        "NUMERIC of 38 digits",
        "NUMERIC(38, 10)",
        Decimal("1234567890123456789012345678.0123456789"),
        P,
        "1234567890123456789012345678.0123456789",
        differs=(
            ("sqlite", "1234567890123456900000000000", SQLITE_NUMERIC),
            ("sqlite-odbc", "1234567890123460000000000000", SQLITE_NUMERIC),
        ),
    ),
    Kind("NUMERIC without decimals", "NUMERIC(12, 0)", Decimal(100), P, "100"),
    Kind(
        "MONEY",
        typed("DECIMAL(19, 4)", postgresql="MONEY", mssql="MONEY"),
        Decimal("1234.50"),
        P,
        "1234.5",
        differs=(
            (
                "postgres",
                Refused("not a number"),
                "psycopg gives the text that the server writes for its locale: cast it to NUMERIC in `query`",
            ),
        ),
    ),
    Kind("0.1 as a floating number", FLOAT, 0.1, P, "0.1"),
    Kind(
        "0.1 in single precision",
        typed("REAL", mariadb="FLOAT"),
        0.1,
        P,
        "0.1",
        differs=(
            (
                "mariadb-odbc sqlserver-freetds sqlserver-microsoft",
                "0.10000000149011612",
                "the driver widens it: cast it to DECIMAL in `query`",
            ),
        ),
    ),
    Kind("very small floating number", FLOAT, 1e-7, P, "0.0000001"),
    Kind("very large floating number", FLOAT, 1e300, P, Refused("not a finite number of reasonable size")),
    Kind(
        "17 significant digits",
        FLOAT,
        0.1 + 0.2,
        P,
        "0.30000000000000004",
        differs=(("sqlite-odbc", "0.3", "sqliteodbc 0.9998 writes 15 digits"),),
    ),
    Kind("negative zero", FLOAT, -0.0, P, "0"),
    Kind(
        "NaN in a floating column",
        FLOAT,
        float("nan"),
        P,
        Refused("not a finite number"),
        differs=(
            ("sqlite sqlite-odbc", None, "SQLite keeps NULL in its place"),
            ("mariadb mariadb-odbc sqlserver-freetds sqlserver-microsoft", NOT_STORED, NO_NAN),
        ),
    ),
    Kind(
        "infinity in a floating column",
        FLOAT,
        float("inf"),
        P,
        Refused("not a finite number"),
        differs=(("mariadb mariadb-odbc sqlserver-freetds sqlserver-microsoft", NOT_STORED, NO_NAN),),
    ),
    Kind(
        "NaN in a NUMERIC column",
        "NUMERIC(10, 2)",
        Decimal("NaN"),
        P,
        Refused("not a finite number"),
        differs=(("mariadb mariadb-odbc sqlserver-freetds sqlserver-microsoft", NOT_STORED, NO_NAN),),
    ),
    Kind("NULL in a number column", "INTEGER", None, P, None),
    Kind("number as text", TEXT, " 12.50 ", P, "12.5"),
    Kind("empty text for a number", TEXT, "", P, None),
    Kind("blanks for a number", TEXT, "  ", P, None),
    Kind("thousands and comma as text", TEXT, "1.234,50", P, "1234.5", ("decimal_comma",)),
    Kind("a word for a number", TEXT, "on request", P, Refused("not a number")),
    Kind("true", FLAG, True, F, True),
    Kind("false", FLAG, False, F, False),
    Kind("NULL for true or false", FLAG, None, F, None),
    Kind("true as BIT(1)", BIT, Sql("1", {"postgresql": "B'1'"}), F, True),
    Kind("false as BIT(1)", BIT, Sql("0", {"postgresql": "B'0'"}), F, False),
    Kind("true as the smallest integer", typed("SMALLINT", mariadb="TINYINT", mssql="TINYINT"), 1, F, True),
    Kind("true as -1", "INTEGER", -1, F, True),
    Kind("true as NUMERIC", "NUMERIC(3, 2)", Decimal("1.00"), F, True),
    Kind("true as Y", "CHAR(1)", "Y", F, True),
    Kind("false as N in a wider CHAR", "CHAR(4)", "N", F, False),
    Kind("neither yes nor no", "CHAR(1)", "X", F, Refused("neither yes nor no")),
    Kind("date", "DATE", date(2026, 1, 31), V, "2026-01-31"),
    Kind("date of year 1", "DATE", date(1, 1, 1), V, "0001-01-01"),
    Kind("date of year 9999", "DATE", date(9999, 12, 31), V, "9999-12-31"),
    Kind(
        "time to the second",
        MOMENT,
        datetime.fromisoformat("2026-01-31T23:59:59"),
        V,
        "2026-01-31T23:59:59",
        differs=(("sqlite", "2026-01-31 23:59:59", SQLITE_TIME),),
    ),
    Kind(
        "time to the microsecond",
        MOMENT,
        datetime.fromisoformat("2026-01-31T01:02:03.000004"),
        V,
        "2026-01-31T01:02:03.000004",
        differs=(("sqlite", "2026-01-31 01:02:03.000004", SQLITE_TIME),),
    ),
    Kind(
        "time of year 1",
        MOMENT,
        datetime.fromisoformat("0001-01-01T00:00:00"),
        V,
        "0001-01-01T00:00:00",
        differs=(("sqlite", "0001-01-01 00:00:00", SQLITE_TIME),),
    ),
    Kind(
        "last time of year 9999",
        MOMENT,
        datetime.fromisoformat("9999-12-31T23:59:59.999999"),
        V,
        "9999-12-31T23:59:59.999999",
        differs=(("sqlite", "9999-12-31 23:59:59.999999", SQLITE_TIME),),
    ),
    Kind(
        "time with zone",
        typed("TIMESTAMP WITH TIME ZONE", mariadb=None, sqlite="TEXT", mssql="DATETIMEOFFSET(0)"),
        datetime(2026, 1, 31, 12, 0, tzinfo=UTC),
        V,
        "2026-01-31T12:00:00+00:00",
        differs=(
            ("sqlite sqlite-odbc", "2026-01-31 12:00:00+00:00", SQLITE_TIME),
            ("postgres-odbc", "2026-01-31T12:00:00", "ODBC has no such type: it comes in UTC, without its zone"),
        ),
    ),
    Kind("time of day", "TIME", time(12, 34, 56), V, "12:34:56"),
    Kind(
        "0000-00-00, which MariaDB takes for a date",
        typed(None, mariadb="DATE"),
        Sql("'0000-00-00'"),
        V,
        "0000-00-00",
        differs=(("mariadb-odbc", "", "its ODBC driver 3.1.15 gives NULL"),),
    ),
    Kind(
        "infinity as a date",
        typed(None, postgresql="DATE"),
        Sql("'infinity'"),
        V,
        "infinity",
        differs=(("postgres-odbc", TODAY, "psqlODBC 13.02 gives the day of the read: cast it to TEXT in `query`"),),
    ),
    Kind(
        "date before our era",
        typed(None, postgresql="DATE"),
        Sql("'0044-03-15 BC'"),
        V,
        "0044-03-15 BC",
        differs=(("postgres-odbc", "0044-03-15", "psqlODBC 13.02 leaves the era out"),),
    ),
    Kind("text as bytes", BINARY, b"Acme", V, "Acme"),
    Kind("bytes that are no text", BINARY, b"\xff\xfe\x00", V, Refused("'utf-8' codec")),
    Kind("no bytes", BINARY, b"", V, ""),
    Kind(
        "JSON",
        typed("JSON", sqlite="TEXT", mssql="NVARCHAR(MAX)"),
        '{"a": 1}',
        V,
        '{"a": 1}',
        differs=(
            (
                "postgres",
                Refused("a list or object is not text"),
                "psycopg takes it apart: map one of its values in `query`, or cast it to TEXT",
            ),
        ),
    ),
    Kind(
        "array",
        typed(None, postgresql="INTEGER[]"),
        Sql("'{1,2}'"),
        V,
        Refused("a list or object is not text"),
        differs=(("postgres-odbc", "{1,2}", "psqlODBC gives the server's text"),),
    ),
)


def prepared(company, value):
    """A value as the writer's driver takes it."""
    if isinstance(value, datetime) and company.kind in ("sqlite", "mssql"):  # FreeTDS 1.3.17 binds year 1 a day early
        return value.isoformat(" ")
    if isinstance(value, date) and company.kind == "mssql":
        return value.isoformat()
    if company.kind == "sqlite" and isinstance(value, Decimal | date | time):
        return str(value)
    return str(value) if isinstance(value, UUID) and company.kind != "postgresql" else value


def column_of(company, kind):
    """The type of column on this database, None where it has none such."""
    return kind.column if isinstance(kind.column, str) else kind.column.get(company.kind, kind.column[""])


def stored(company, table, kind):
    """Writes the values, one row each; False where the database or its driver refuses."""
    column = column_of(company, kind)
    company.run(f'CREATE TABLE "{table}" ("id" INTEGER PRIMARY KEY, "v" {column})')
    try:
        for number, value in enumerate(kind.value if isinstance(kind.value, list) else [kind.value]):
            if isinstance(value, Sql):
                written = value.elsewhere.get(company.kind, value.expression)
                company.run(f'INSERT INTO "{table}" VALUES ({number}, {written})')
            else:
                company.run(f'INSERT INTO "{table}" VALUES ({number}, :v)', {"v": prepared(company, value)})
    except (SQLAlchemyError, ValueError, OverflowError):
        return False
    return True


def canonical(mapper, row, hub):
    """What a row's value becomes, or why it does not."""
    try:
        mapped = mapper.map(row)
    except UNMAPPABLE:
        return Refused(mapper.explain(row)[1])
    if hub == C:
        return mapped[0]
    name = hub.rpartition(".")[2]
    value = getattr(decode(mapped[5], Product) if hub == V else decode(mapped[6], Variant), name)
    return decimal_text(value) if isinstance(value, Decimal) else value


def met(company, session, table, kind):
    """What comes of a kind on this engine."""
    code = () if kind.hub == C else (Field(C, "id"),)
    fields = FieldMap(
        "products",
        Table(table, key="id"),
        (
            *code,
            Field("source_product_code", constant="G"),
            Field("title", constant="T"),
            Field("variants.sku", constant="S"),
            Field(kind.hub, "v", convert=kind.convert),
        ),
    )
    pages = list(company.source.read_products(session=session, read=Read(fields=fields)))
    found = [canonical(Mapper(fields, page.columns, 7), row, kind.hub) for page in pages for row in page.rows]
    return found if isinstance(kind.value, list) else found[0]


def outcomes(company):
    """What comes of each kind that this database has, with the kind."""
    if company.kind == "postgresql":
        company.run(f"ALTER DATABASE {company.address.database} SET timezone TO 'UTC'")  # not the machine's
    with company.session() as session:
        for number, kind in enumerate(KINDS):
            table = f"kind_{number}"
            if column_of(company, kind) is not None:
                yield kind, met(company, session, table, kind) if stored(company, table, kind) else NOT_STORED


def stated(kind, engine):
    """What the table says of a kind on an engine."""
    return next((outcome for names, outcome, _ in kind.differs if engine in names.split()), kind.outcome)


def is_so(found, said):
    """Whether an outcome is the one stated; of a refusal, the beginning of its reason counts."""
    if isinstance(found, Refused) and isinstance(said, Refused):
        return found.reason.startswith(said.reason)
    if said == TODAY:
        return re.fullmatch(r"2\d{3}-\d\d-\d\d", found) is not None
    return type(found) is type(said) and found == said


def test_each_kind_becomes_what_is_stated(company, engine):
    """Every kind becomes the same canonical value on every engine and driver, or differs as the table states."""
    found = [(kind.name, outcome, stated(kind, engine)) for kind, outcome in outcomes(company)]
    assert [one for one in found if not is_so(*one[1:])] == []
    assert len(found) >= 60


TITLES = {
    "sqlite": "SQLite",
    "postgres": "PostgreSQL",
    "mariadb": "MariaDB",
    "sqlite-odbc": "SQLite by ODBC",
    "postgres-odbc": "PostgreSQL by ODBC",
    "mariadb-odbc": "MariaDB by ODBC",
    "sqlserver-freetds": "SQL Server by FreeTDS",
    "sqlserver-microsoft": "SQL Server by Microsoft's driver",
}


def shown(outcome):
    """An outcome as the page writes it."""
    if isinstance(outcome, list):
        return ", ".join(map(shown, outcome))
    if isinstance(outcome, Refused):
        return f"set aside: {outcome.reason}"
    if outcome is None or outcome == "":
        return "nothing" if outcome is None else "empty"
    if not isinstance(outcome, str) or outcome.startswith("("):
        return str(outcome).strip("()").lower()
    text = repr(outcome) if len(outcome) < 50 else f"{outcome[:9]!r} and so on"
    return f"`{text[1:-1] if text[0] == text[-1] else text}`".replace("|", "\\|")


def rendered():
    """The page's table."""
    lines = ["| in the database | comes out as | differs |", "|---|---|---|"]
    for kind in KINDS:
        parts = []
        for names, outcome, reason in kind.differs:
            where = ", ".join(TITLES[name] for name in names.split())
            parts.append(f"{where}: {shown(outcome)} ({reason})")
        lines.append(f"| {kind.name} | {shown(kind.outcome)} | {'; '.join(parts)} |")
    return "\n".join(lines) + "\n"


def test_the_page_says_the_same():
    """The page for users holds this very table; CROSSDOCK_WRITE_PAGES=1 in the environment writes it anew."""
    page = PAGE.read_text(encoding="utf-8")
    if os.environ.get("CROSSDOCK_WRITE_PAGES"):
        head, _, rest = page.partition("| in the database |")
        after = rest.partition("\n\n")[2].lstrip()
        page = f"{head}{rendered()}\n{after}"
        PAGE.write_text(page, encoding="utf-8")
    assert rendered() in page
