"""Microsoft SQL Server, through pyodbc and Microsoft's driver or FreeTDS."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from sqlalchemy import URL, ColumnElement, Connection, func, literal_column, text

from crossdock.contract import Finding
from crossdock.toolkit.sql.engines import troubles
from crossdock.toolkit.sql.engines.dialect import Dialect
from crossdock.toolkit.sql.engines.troubles import Signs

LEVELS = {
    0: "unknown",
    1: "READ UNCOMMITTED",
    2: "READ COMMITTED",
    3: "REPEATABLE READ",
    4: "SERIALIZABLE",
    5: "SNAPSHOT",
}
ISO_TIME = 126
"""Style of CONVERT that writes a time as ISO 8601, read alike under every language (T-SQL reference, CONVERT)."""


def is_freetds(parts: Mapping[str, str]) -> bool:
    """Whether the parts of an ODBC connection string name FreeTDS, by its name or its library's."""
    driver = parts.get("driver", "").lower()
    return "freetds" in driver or "tdsodbc" in driver


class SqlServer(Dialect):
    """There is no read-only session: every page is rolled back, and the login should have SELECT only.

    NOLOCK is never added: it gives rows that were never committed, some twice, others not at all.
    """

    title = "SQL Server"
    grammar = "tsql"
    folds_case = True
    install = "install Microsoft's ODBC Driver 18 and name it in the address: ?driver=ODBC+Driver+18+for+SQL+Server"
    hoists_with = True
    signs: ClassVar[Signs] = Signs(
        numbers={
            **dict.fromkeys((18456, 18452, 18450, 18451, 18458, 18459, 4064), troubles.LOGIN_REFUSED),
            **dict.fromkeys((18470, 18486), troubles.LOGIN_LOCKED),
            **dict.fromkeys((18463, 18464, 18465, 18466, 18467, 18468, 18487, 18488), troubles.LOGIN_EXPIRED),
            **dict.fromkeys((4060, 911, 916), troubles.DATABASE_UNKNOWN),
            **dict.fromkeys((229, 230, 262, 297, 300, 378), troubles.NOT_PERMITTED),
            208: troubles.NO_TABLE,
            207: troubles.NO_COLUMN,
            **dict.fromkeys((102, 105, 156, 170, 195, 201, 209, 319, 2812, 4104, 8144), troubles.WRONG_QUERY),
            1033: troubles.ORDER_IN_QUERY,
            **dict.fromkeys((241, 242, 245, 248, 8114, 8115, 220, 8134), troubles.WRONG_DATA),
            1205: troubles.DEADLOCK,
            1222: troubles.LOCKED,
            **dict.fromkeys((3960, 3961, 601), troubles.CHANGED_MEANWHILE),
            3906: troubles.READ_ONLY,
            **dict.fromkeys((1101, 1105, 9002), troubles.DISK_FULL),
            **dict.fromkeys((10928, 10929, 17809, 40501, 40613), troubles.BUSY),
            **dict.fromkeys((64, 233, 596, 6005, 10053, 10054, 20004, 20006, 20017, 20018), troubles.CONNECTION_LOST),
            **dict.fromkeys((53, 10060, 10061, 20009), troubles.UNREACHABLE),
            20013: troubles.HOST_UNKNOWN,
            20003: troubles.TIME_OUT,
        },
        words=(
            ("certificate", troubles.CERTIFICATE),
            ("login failed", troubles.LOGIN_REFUSED),
            ("cannot open database", troubles.DATABASE_UNKNOWN),
            ("encryption", troubles.ENCRYPTION),
            ("ssl", troubles.ENCRYPTION),
            ("name or service not known", troubles.HOST_UNKNOWN),
            ("no such host", troubles.HOST_UNKNOWN),
            ("communication link failure", troubles.CONNECTION_LOST),
            ("login timeout", troubles.UNREACHABLE),
            ("timeout expired", troubles.TIME_OUT),
            ("operation canceled", troubles.CANCELLED),
            ("unable to connect", troubles.UNREACHABLE),
            ("adaptive server connection failed", troubles.UNREACHABLE),
        ),
    )
    """Numbers of sys.messages; those of 20000 and more are FreeTDS's own (its sybdb.h)."""
    cures: ClassVar[Mapping[str, str]] = {
        "certificate_untrusted": (
            "install the server's certificate authority on this machine, or, only on a network you trust, add "
            "TrustServerCertificate=yes: Microsoft's driver 18 encrypts and checks by default"
        ),
        "encryption_failed": (
            "let the server encrypt, or, only on a network you trust, add Encrypt=no (Microsoft's driver) or "
            "Encryption=off (FreeTDS)"
        ),
        "login_can_write": "a reader needs no more than SELECT: ALTER ROLE db_datareader ADD MEMBER reader",
        "login_refused": "correct user name or password; a SQL login needs SQL Server and Windows authentication mode",
        "unreachable": (
            "check server and port (SERVER=host,1433; a named instance needs the SQL Server Browser), that TCP/IP is "
            f"on in the Configuration Manager, and that no firewall is between; {troubles.AGAIN}"
        ),
    }
    POWERS = """
        SELECT CASE WHEN HAS_PERMS_BY_NAME(NULL, NULL, 'CONTROL SERVER') = 1 THEN 'anything: it controls the server'
                    WHEN HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'CONTROL') = 1 THEN 'anything in the database'
                    WHEN HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'CREATE TABLE') = 1 THEN 'new tables' END"""
    WRITABLE = """
        SELECT TOP 3 SCHEMA_NAME(schema_id) + '.' + name AS name FROM sys.tables
        WHERE HAS_PERMS_BY_NAME(QUOTENAME(SCHEMA_NAME(schema_id)) + '.' + QUOTENAME(name), 'OBJECT', 'INSERT') = 1
           OR HAS_PERMS_BY_NAME(QUOTENAME(SCHEMA_NAME(schema_id)) + '.' + QUOTENAME(name), 'OBJECT', 'UPDATE') = 1
           OR HAS_PERMS_BY_NAME(QUOTENAME(SCHEMA_NAME(schema_id)) + '.' + QUOTENAME(name), 'OBJECT', 'DELETE') = 1
        ORDER BY name"""
    """HAS_PERMS_BY_NAME (T-SQL reference) answers for the login that asks."""

    def connect_with(self, url: URL, connect_timeout_s: float) -> tuple[URL, dict[str, Any]]:
        """Gives the time-out of the login; the driver is pyodbc's."""
        return url, {"connect_args": {"timeout": max(1, round(connect_timeout_s))}, "use_setinputsizes": False}

    def odbc_options(self, given: Mapping[str, str], connect_timeout_s: float) -> dict[str, str]:
        """Names the program to the server, for who looks at its sessions; FreeTDS must speak 7.4 for newer types."""
        options = {"app": "crossdock", "applicationintent": "ReadOnly"}
        if is_freetds(given):
            return {"app": "crossdock", "tds_version": "7.4", "clientcharset": "UTF-8"}
        return options

    def make_read_only(self, connection: Connection, statement_timeout_s: float) -> None:
        """Waits for a lock no longer than a page may take; roll-back and the login's rights keep writes out."""
        limit = max(1, round(statement_timeout_s * 1000))
        connection.execute(text(f"SET LOCK_TIMEOUT {limit}"))
        connection.commit()

    def can_write(self, connection: Connection) -> str:
        """Asks the server what it would let the login do."""
        power = connection.execute(text(self.POWERS)).scalar()
        return power or ", ".join(str(one) for one in connection.execute(text(self.WRITABLE)).scalars())

    def facts(self, connection: Connection) -> Iterator[Finding]:
        """Says whether reads wait for writers: they do unless the database keeps row versions."""
        asked = (
            "SELECT snapshot_isolation_state, is_read_committed_snapshot_on, collation_name"
            " FROM sys.databases WHERE name = DB_NAME()"
        )
        row = connection.execute(text(asked)).first()
        snapshot, versions, collation = row if row is not None else (0, 0, "unknown")
        if versions:
            yield Finding("isolation", "ok", "READ_COMMITTED_SNAPSHOT is on: reads do not wait for writers")
        else:
            more = "; ALLOW_SNAPSHOT_ISOLATION is on" if snapshot else ""
            said = (
                f"READ_COMMITTED_SNAPSHOT is off{more}: a page waits for whoever is writing its rows, and that writer "
                "for the page. Short pages keep both waits short; ALTER DATABASE ... SET READ_COMMITTED_SNAPSHOT ON "
                "ends them (ask the ERP's vendor first)"
            )
            yield Finding("isolation", "warning", said)
        yield Finding("time_zone", "ok", "times have no zone unless their type is datetimeoffset: local to the server")
        yield Finding("collation", "ok", f"text compares as {collation}, trailing blanks apart")

    def exact(self, stamp: ColumnElement[Any]) -> ColumnElement[Any]:
        """Writes a time as ISO text: datetime2 keeps 100 ns and datetime 1/300 s, which Python's time does not."""
        return func.convert(literal_column("varchar(40)"), stamp, literal_column(str(ISO_TIME)))

    def call(self, procedure: str, arguments: int) -> str:
        """EXEC takes its arguments without brackets."""
        return f"EXEC {procedure} " + ", ".join(f":p{number}" for number in range(arguments))
