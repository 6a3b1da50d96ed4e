"""The plugin object of a SQL source: settings in, pages out, nothing left for the plugin to write."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from crossdock.contract import (
    Config,
    Finding,
    Manifest,
    Memory,
    Proposal,
    Read,
    Rows,
    Setting,
    TableShape,
    hookimpl,
)
from crossdock.fieldmap import FieldMap

ADDRESS_SETTINGS = (
    Setting(
        "url",
        "Database, as dialect+driver://user@host/database; the password goes into `password`",
        kind="url",
    ),
    Setting(
        "odbc",
        "In place of `url`: an ODBC connection string, DRIVER={...};SERVER=...;UID=..., without a password",
    ),
    Setting("password", "Password of the read-only login", secret=True),
)
READING_SETTINGS = (
    Setting("statement_timeout_s", "Seconds after which one page's query is given up", kind="number", default=60),
    Setting("connect_timeout_s", "Seconds to wait for the database to answer at all", kind="number", default=15),
    Setting(
        "overlap_s",
        "Seconds before the last change seen from which an incremental read starts again, for late commits",
        kind="number",
        default=120,
    ),
)
FEATURES = (
    "Reads products and customers from any table, view or SELECT.",
    "Opens its session read-only where the database can, and lets a single SELECT through.",
    "Fills price lists, warehouses, addresses and other open lists from child tables, a statement a page.",
    "Does not see that a row was deleted, or committed later than `overlap_s`, before the next full read.",
)


class SqlSource:
    """A read-only SQL source of products and customers; one of these, with field maps, is a plugin.

    A system whose settings are not a URL gives `url`, and may subclass to add hooks of its own.
    """

    def __init__(  # a declaration: each is one line at the place of use
        self,
        name: str,
        title: str,
        maps: Sequence[FieldMap] = (),
        *,
        settings: Sequence[Setting] = (),
        features: Sequence[str] = (),
        url: Callable[[Config], str] | None = None,
    ) -> None:
        """Declares the source.

        Args:
            name: the entry point's name.
            title: what people call the system.
            maps: declared field maps; an operator may override them or write all of them.
            settings: settings beyond time-outs, and beyond `url` and `password` where `url` is not given.
            features: what it does and does not do, a sentence each.
            url: makes the database's address from the settings, a password may be in it.
                None: the operator gives `url` and `password`.
        """
        address = ADDRESS_SETTINGS if url is None else ()
        self.maps = tuple(maps)
        self.manifest = Manifest(
            name=name,
            title=title,
            settings=(*address, *settings, *READING_SETTINGS),
            features=(*FEATURES, *features),
            hosts=("url",) if url is None else (),
        )
        self.url = url

    @hookimpl
    def describe(self) -> Manifest:
        """Gives the manifest made at declaration."""
        return self.manifest

    @hookimpl
    def field_maps(self) -> Sequence[FieldMap]:
        """Gives the declared maps."""
        return self.maps

    @hookimpl
    def open_session(self, config: Config, memory: Memory) -> AbstractContextManager[Any]:
        """Opens one read-only connection; SQLAlchemy and the driver load here."""
        from crossdock.toolkit.sql.opening import open_session  # noqa: PLC0415  # drivers load with a session

        return open_session(self.manifest, config, self.url)

    @hookimpl
    def check(self, session: Any, maps: Sequence[FieldMap]) -> Sequence[Finding]:  # a session is the plugin's own
        """Proves the connection: reachable, read-only, no right to write, tables as the maps say, time for a sync."""
        from crossdock.toolkit.sql.checks import find_all  # noqa: PLC0415  # drivers load with a session

        return find_all(session, maps)

    @hookimpl
    def list_tables(self, session: Any, pattern: str | None, limit: int) -> Sequence[TableShape]:
        """Lists tables and views with their columns, in a few questions."""
        from crossdock.toolkit.sql.schema import list_tables  # noqa: PLC0415  # drivers load with a session

        return list_tables(session, pattern, limit)

    @hookimpl
    def propose_maps(self, session: Any, tables: Mapping[str, str]) -> Sequence[Proposal]:
        """Proposes maps of systems whose tables are known, and for others by the names of columns."""
        from crossdock.toolkit.sql.proposing.proposals import propose_maps  # noqa: PLC0415  # as above

        return propose_maps(session, tables)

    @hookimpl
    def read_products(self, session: Any, read: Read) -> Iterable[Rows]:  # a session is the plugin's own
        """Reads product rows page by page."""
        from crossdock.toolkit.sql.reading import pages_of  # noqa: PLC0415  # drivers load with a session

        return pages_of(session, read)

    @hookimpl
    def read_customers(self, session: Any, read: Read) -> Iterable[Rows]:  # a session is the plugin's own
        """Reads customer rows page by page."""
        from crossdock.toolkit.sql.reading import pages_of  # noqa: PLC0415  # drivers load with a session

        return pages_of(session, read)
