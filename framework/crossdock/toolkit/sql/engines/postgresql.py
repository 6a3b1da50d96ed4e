"""PostgreSQL, through psycopg and through psqlODBC."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from sqlalchemy import URL, Connection, text

from crossdock.contract import Finding
from crossdock.toolkit.sql.engines import troubles
from crossdock.toolkit.sql.engines.dialect import Dialect
from crossdock.toolkit.sql.engines.troubles import Signs


class PostgreSQL(Dialect):
    """The session's transactions are read-only, the server keeps the time-outs."""

    title = "PostgreSQL"
    grammar = "postgres"
    keeps_time = True
    install = 'pip install "crossdock[postgres]"'
    signs: ClassVar[Signs] = Signs(
        words=(
            ("authentication failed", troubles.LOGIN_REFUSED),
            ("no password supplied", troubles.LOGIN_REFUSED),
            ("is not permitted to log in", troubles.LOGIN_LOCKED),
            ("pg_hba.conf", troubles.HOST_REFUSED),
            ("certificate", troubles.CERTIFICATE),
            ("server does not support ssl", troubles.ENCRYPTION),
            ("permission denied for database", troubles.NOT_PERMITTED),
            ("fatal:  role ", troubles.LOGIN_REFUSED),
            ("fatal:  database ", troubles.DATABASE_UNKNOWN),
            ("invalid connection option", troubles.WRONG_SETTING),
            ("could not translate host name", troubles.HOST_UNKNOWN),
            ("failed to resolve host", troubles.HOST_UNKNOWN),
            ("too many clients", troubles.BUSY),
            ("server closed the connection", troubles.CONNECTION_LOST),
            ("no connection to the server", troubles.CONNECTION_LOST),
            ("terminating connection", troubles.CONNECTION_LOST),
            ("canceling statement due to user request", troubles.CANCELLED),
            ("canceling statement due to statement timeout", troubles.TIME_OUT),
            ("cached plan must not change", troubles.CHANGED_MEANWHILE),
            ("connection timeout", troubles.UNREACHABLE),
            ("connection refused", troubles.UNREACHABLE),
            ("connection failed", troubles.UNREACHABLE),
        ),
        states={
            "42501": troubles.NOT_PERMITTED,
            "42P01": troubles.NO_TABLE,
            "42703": troubles.NO_COLUMN,
            "42": troubles.WRONG_QUERY,
            "28P01": troubles.LOGIN_REFUSED,
            "28000": troubles.LOGIN_REFUSED,
            "25006": troubles.READ_ONLY,
            "0A": troubles.WRONG_QUERY,
            "40P01": troubles.DEADLOCK,
            "53100": troubles.DISK_FULL,
            "53300": troubles.BUSY,
            "55P03": troubles.LOCKED,
            "57014": troubles.TIME_OUT,
            "57P": troubles.CONNECTION_LOST,
            "53": troubles.PASSING,
            "55": troubles.PASSING,
            "58": troubles.PASSING,
            "XX": troubles.PASSING,
        },
        vague=(*Signs().vague, "0A", "57014"),
    )
    """SQLSTATE (manual, appendix A); a connection that fails has none, or 08001, so there by libpq's English text."""
    cures: ClassVar[Mapping[str, str]] = {
        "certificate_untrusted": (
            "name the authority's certificate (sslrootcert=FILE in the address), or, only on a network you trust, "
            "encrypt without checking it (sslmode=require)"
        ),
        "encryption_failed": "let the server encrypt (ssl = on), or, only on a network you trust, use sslmode=disable",
        "login_can_write": (
            "a reader needs no more than USAGE and SELECT: GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"
        ),
        "host_refused": "add a line for this machine, database and login to the server's pg_hba.conf, and reload it",
        "unreachable": (
            "check server name and port (5432), that `listen_addresses` lets this machine in, and that no firewall "
            f"is between; {troubles.AGAIN}"
        ),
    }
    WRITABLE = """
        SELECT format('%I.%I', n.nspname, c.relname)
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          AND has_schema_privilege(n.oid, 'USAGE')
          AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
               OR has_any_column_privilege(c.oid, 'INSERT, UPDATE'))
        ORDER BY 1 LIMIT 3"""
    POWERS = """
        SELECT CASE WHEN (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN 'anything: it is a superuser'
                    WHEN has_database_privilege(current_database(), 'CREATE') THEN 'new schemas'
                    WHEN EXISTS (SELECT FROM pg_namespace WHERE nspname !~ '^pg_' AND
                                 has_schema_privilege(oid, 'CREATE')) THEN 'new tables' END"""

    def connect_with(self, url: URL, connect_timeout_s: float) -> tuple[URL, dict[str, Any]]:
        """Uses psycopg unless the operator names another driver."""
        if "+" not in url.drivername:
            url = url.set(drivername="postgresql+psycopg")
        wait = max(2, round(connect_timeout_s))
        # Prepared statements would be looked for on another session behind a pooler (psycopg, Prepared statements).
        options = {"connect_timeout": wait, "application_name": "crossdock"}
        is_psycopg = url.get_driver_name() == "psycopg"
        return url, {"connect_args": options | ({"prepare_threshold": None} if is_psycopg else {})}

    def odbc_options(self, given: Mapping[str, str], connect_timeout_s: float) -> dict[str, str]:
        """Has booleans given as such, not as the texts 1 and 0 (psqlODBC manual)."""
        return {"boolsaschar": "0"}

    def make_read_only(self, connection: Connection, statement_timeout_s: float) -> None:
        """Makes session and every transaction read-only, the latter for poolers that mix sessions up.

        Idle in transaction is bounded too, so that a hung child holds no vacuum up. ODBC has no type for a time with
        zone and gives it in the session's zone: UTC, whatever the server's is.
        """
        if connection.dialect.driver == "psycopg":
            connection.execution_options(postgresql_readonly=True)
        else:
            connection.execute(text("SET TIME ZONE 'UTC'"))
        limit = max(1, round(statement_timeout_s * 1000))
        connection.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
        connection.execute(text(f"SET statement_timeout = {limit}"))
        connection.execute(text(f"SET idle_in_transaction_session_timeout = {limit + 60_000}"))
        connection.commit()

    def is_read_only(self, connection: Connection) -> bool:
        """Asks the session about its transactions."""
        return connection.execute(text("SHOW transaction_read_only")).scalar() == "on"

    def can_write(self, connection: Connection) -> str:
        """Asks the catalogue what the login has been granted."""
        power = connection.execute(text(self.POWERS)).scalar()
        return power or ", ".join(connection.execute(text(self.WRITABLE)).scalars())

    def facts(self, connection: Connection) -> Iterator[Finding]:
        """Reads never wait for writers here; zone, collation and encoding are the database's."""
        asked = (
            "SELECT current_setting('transaction_isolation'), current_setting('TimeZone'), datcollate,"
            " pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
        )
        isolation, zone, collation, encoding = connection.execute(text(asked)).one()
        yield Finding("isolation", "ok", f"{isolation}: reads do not wait for writers, nor writers for reads")
        yield Finding("time_zone", "ok", f"the session's zone is {zone}")
        level = "ok" if encoding == "UTF8" else "warning"
        yield Finding("collation", level, f"text compares as {collation}, in the encoding {encoding}")

    def call(self, procedure: str, arguments: int) -> str:
        """Selects from the function: PostgreSQL's procedures give no rows, its functions do."""
        binds = ", ".join(f":p{number}" for number in range(arguments))
        return f"SELECT * FROM {procedure}({binds})"  # noqa: S608  # a quoted name; values are bound
