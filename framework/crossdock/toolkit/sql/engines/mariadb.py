"""MariaDB and MySQL, through PyMySQL and through MariaDB Connector/ODBC."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError

from crossdock.contract import Finding
from crossdock.toolkit.sql.engines import troubles
from crossdock.toolkit.sql.engines.dialect import Dialect
from crossdock.toolkit.sql.engines.troubles import Signs

GRANT = re.compile(r"GRANT (?P<rights>.+?) ON (?P<what>.+?) TO ", re.IGNORECASE)
READING = frozenset(
    {"SELECT", "USAGE", "SHOW VIEW", "SHOW DATABASES", "PROCESS", "REPLICATION CLIENT", "BINLOG MONITOR"}
)
"""Rights that let nobody write; any other could."""
COLUMNS = re.compile(r"\s*\([^)]*\)")


class MariaDB(Dialect):
    """The session's transactions are read-only, the server keeps the time-out of statements."""

    title = "MariaDB"
    grammar = "mysql"
    folds_case = True
    keeps_time = True
    install = 'pip install "crossdock[mariadb]"'
    signs: ClassVar[Signs] = Signs(
        numbers={
            **dict.fromkeys((1045, 1698, 1251, 1275, 2059), troubles.LOGIN_REFUSED),
            **dict.fromkeys((1820, 1862), troubles.LOGIN_EXPIRED),
            **dict.fromkeys((3118, 4151), troubles.LOGIN_LOCKED),
            **dict.fromkeys((1129, 1130), troubles.HOST_REFUSED),
            **dict.fromkeys((1044, 1142, 1143, 1227, 1370), troubles.NOT_PERMITTED),
            1049: troubles.DATABASE_UNKNOWN,
            **dict.fromkeys((1051, 1146), troubles.NO_TABLE),
            1054: troubles.NO_COLUMN,
            **dict.fromkeys((1052, 1064, 1111, 1267, 1270, 1271, 1305, 1318), troubles.WRONG_QUERY),
            1356: troubles.NOT_PERMITTED,
            **dict.fromkeys((1264, 1292, 1365, 1366, 1406, 1690), troubles.WRONG_DATA),
            **dict.fromkeys((1792, 1290), troubles.READ_ONLY),
            1205: troubles.LOCKED,
            **dict.fromkeys((1213, 3058), troubles.DEADLOCK),
            1317: troubles.CANCELLED,
            **dict.fromkeys((1969, 3024), troubles.TIME_OUT),
            **dict.fromkeys((1040, 1203, 1226), troubles.BUSY),
            **dict.fromkeys((1021, 1114, 3), troubles.DISK_FULL),
            1412: troubles.CHANGED_MEANWHILE,
            **dict.fromkeys(
                (1053, 1079, 1080, 1152, 1153, 1158, 1159, 1160, 1161, 1927, 2006, 2013, 2055), troubles.CONNECTION_LOST
            ),
            2005: troubles.HOST_UNKNOWN,
        },
        words=(
            ("certificate", troubles.CERTIFICATE),
            ("unknown mysql server host", troubles.HOST_UNKNOWN),
            ("name or service not known", troubles.HOST_UNKNOWN),
            ("getaddrinfo failed", troubles.HOST_UNKNOWN),
            ("ssl connection error", troubles.ENCRYPTION),
            ("no space left", troubles.DISK_FULL),
            ("can't connect", troubles.UNREACHABLE),
            ("server has gone away", troubles.CONNECTION_LOST),
            ("lost connection", troubles.CONNECTION_LOST),
        ),
    )
    """Numbers of MariaDB's error reference; those of MySQL 8 where it has others for the same."""
    cures: ClassVar[Mapping[str, str]] = {
        "certificate_untrusted": (
            "name the authority's certificate (ssl_ca=FILE in the address, SSLCA=FILE in `odbc`), or, only on a "
            "network you trust, do not check it (ssl_verify_cert=false, SSLVERIFY=0)"
        ),
        "not_permitted": (
            "grant the login SELECT on it, and for a view see that its definer still may read what it reads; "
            "reading needs no more"
        ),
        "login_can_write": "a reader needs no more than SELECT: GRANT SELECT ON company.* TO reader@'host'",
        "host_refused": "create the login for this machine too: a login is USER@HOST",
        "unreachable": (
            "check server name and port (3306), that `bind-address` lets this machine in, and that no firewall "
            f"is between; {troubles.AGAIN}"
        ),
    }

    def connect_with(self, url: URL, connect_timeout_s: float) -> tuple[URL, dict[str, Any]]:
        """Uses PyMySQL unless the operator names another driver, and four-byte UTF-8 throughout."""
        if "+" not in url.drivername:
            url = url.set(drivername=f"{url.get_backend_name()}+pymysql")
        if url.get_driver_name() != "pymysql":
            return url, {}
        wait = max(1, round(connect_timeout_s))
        return url, {"connect_args": {"connect_timeout": wait, "charset": "utf8mb4", "program_name": "crossdock"}}

    def odbc_options(self, given: Mapping[str, str], connect_timeout_s: float) -> dict[str, str]:
        """Asks for four-byte UTF-8 throughout."""
        return {"charset": "utf8mb4"}

    def make_read_only(self, connection: Connection, statement_timeout_s: float) -> None:
        """Makes every transaction of the session read-only and bounds a statement's time."""
        connection.execute(text("SET SESSION TRANSACTION READ ONLY"))
        self.limit_time(connection, statement_timeout_s)
        connection.commit()

    def limit_time(self, connection: Connection, seconds: float) -> None:
        """MariaDB counts seconds in `max_statement_time`, MySQL milliseconds in `max_execution_time`; 0 is no limit."""
        try:
            connection.execute(text(f"SET SESSION max_statement_time = {float(seconds)}"))
        except DBAPIError:
            connection.execute(text(f"SET SESSION max_execution_time = {math.ceil(seconds * 1000)}"))

    def is_read_only(self, connection: Connection) -> bool:
        """Asks the session; the variable's name depends on the version."""
        asked = "SHOW SESSION VARIABLES WHERE Variable_name IN ('tx_read_only', 'transaction_read_only')"
        return any(str(value).upper() in ("ON", "1") for _, value in connection.execute(text(asked)).fetchall())

    def can_write(self, connection: Connection) -> str:
        """Reads the login's own grants, those of its active roles among them."""
        found = []
        for (line,) in connection.execute(text("SHOW GRANTS")).fetchall():
            grant = GRANT.match(str(line))
            if grant is None:
                continue
            rights = {one.strip().upper() for one in COLUMNS.sub("", grant["rights"]).split(",")}
            if rights - READING:
                found.append(f"{', '.join(sorted(rights - READING))} on {grant['what'].replace('`', '')}")
        return "; ".join(found[:3])

    def facts(self, connection: Connection) -> Iterator[Finding]:
        """Reads never wait for writers with InnoDB; zone and collation are the session's and the database's."""
        asked = "SELECT @@session.time_zone, @@system_time_zone, @@collation_database, @@character_set_client"
        zone, system, collation, charset = connection.execute(text(asked)).one()
        variables = "SHOW SESSION VARIABLES WHERE Variable_name IN ('tx_isolation', 'transaction_isolation')"
        isolation = next((str(value) for _, value in connection.execute(text(variables)).fetchall()), "unknown")
        yield Finding("isolation", "ok", f"{isolation}: with InnoDB reads do not wait for writers")
        yield Finding("time_zone", "ok", f"the session's zone is {system if zone == 'SYSTEM' else zone}")
        level = "ok" if charset == "utf8mb4" else "warning"
        yield Finding("collation", level, f"text compares as {collation}; it travels as {charset}")

    def call(self, procedure: str, arguments: int) -> str:
        """CALL gives the procedure's first result."""
        binds = ", ".join(f":p{number}" for number in range(arguments))
        return f"CALL {procedure}({binds})"
