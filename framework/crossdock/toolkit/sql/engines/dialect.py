"""What is asked of every kind of database, and what is done where nothing particular is known of one."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from sqlalchemy import URL, ColumnElement, Connection

from crossdock.contract import ConfigError, Finding
from crossdock.toolkit.sql.engines.troubles import STANDARD, Fault, Signs, Trouble


class Dialect:
    """A database that nothing particular is known about: every page is rolled back, time-outs are the driver's."""

    title = "this database"
    grammar = ""
    """Name of its grammar in sqlglot. Empty: no particular one."""
    folds_case = False
    """Whether quoted names match whatever their case."""
    install = ""
    """How to get the driver that its URLs name, where it is missing."""
    keeps_time = False
    """Whether the server ends a statement at its time-out, whatever the driver does."""
    hoists_with = False
    """Whether a query's WITH must stand before the SELECT around it, not inside."""
    signs: ClassVar[Signs] = Signs()
    """By what its troubles are known, before the standard's."""
    cures: ClassVar[Mapping[str, str]] = {}
    """Cures in this database's own words, by the trouble's code; for others the general one is given."""

    def connect_with(self, url: URL, connect_timeout_s: float) -> tuple[URL, dict[str, Any]]:
        """Gives the address to connect to and arguments of `create_engine`.

        Raises:
            ConfigError: the address cannot be right.
        """
        return url, {}

    def odbc_options(self, given: Mapping[str, str], connect_timeout_s: float) -> dict[str, str]:
        """Gives options for the ODBC connection string beyond those given, keys in lower case."""
        return {}

    def make_read_only(self, connection: Connection, statement_timeout_s: float) -> None:
        """Prepares the session just opened; nothing for a database that has no way to."""

    def limit_time(self, connection: Connection, seconds: float) -> None:
        """Sets how long the server lets a statement last, where that counts until its last row is taken; 0: no limit.

        A stream is as slow as whoever takes its rows, so it lifts the limit; its steps are bounded by a timer.
        """

    def is_read_only(self, connection: Connection) -> bool | None:
        """Asks the session whether it refuses writes. None: it cannot be asked."""
        return None

    def can_write(self, connection: Connection) -> str | None:
        """Says what the login could write, empty for nothing, by looking and never by trying. None: unknown."""
        return None

    def facts(self, connection: Connection) -> Iterator[Finding]:
        """Says how reads are isolated, which zone times are in, how text is compared, what is out of the ordinary."""
        yield from ()

    def exact(self, stamp: ColumnElement[Any]) -> ColumnElement[Any]:
        """Gives a column of times in a form that comes back, and compares, without loss."""
        return stamp

    def call(self, procedure: str, arguments: int) -> str:
        """Gives the statement that calls a stored procedure, with `?`-numbered binds `:p0`, `:p1`, ...

        Args:
            procedure: its quoted name.
            arguments: how many are bound.

        Raises:
            ConfigError: this database has no procedures that give rows.
        """
        binds = ", ".join(f":p{number}" for number in range(arguments))
        return f"{{CALL {procedure}({binds})}}"

    def meaning(self, fault: Fault) -> Trouble | None:
        """Finds what a fault means, None where neither the database nor the standard says."""
        return self.signs.read(fault) or STANDARD.read(fault)

    def cure(self, trouble: Trouble) -> str:
        """Says what a person does next."""
        return self.cures.get(trouble.code, trouble.cure)

    def _no_procedures(self) -> ConfigError:
        return ConfigError(f"{self.title} has no stored procedures that give rows: name a `table` or a `query`")
