"""The plugin object of a SQL source: settings in, pages out, nothing left for the plugin to write."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from crossdock.contract import Config, Finding, Manifest, Memory, Read, Rows, Setting, hookimpl
from crossdock.fieldmap import FieldMap

ADDRESS_SETTINGS = (
    Setting(
        "url",
        "Database, as dialect+driver://user@host/database; the password goes into `password`",
        kind="url",
        required=True,
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
    "Does not read child tables: join them in a view or `query`.",
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
        from crossdock.toolkit.sql.session import open_session  # noqa: PLC0415  # drivers load with a session

        return open_session(self.manifest, config, self.url)

    @hookimpl
    def check(self, session: Any) -> Sequence[Finding]:  # a session is the plugin's own
        """Proves the connection: reachable, read-only, no right to write, declared tables as declared."""
        from crossdock.toolkit.sql.checks import find_all  # noqa: PLC0415  # drivers load with a session

        return find_all(session, self.maps)

    @hookimpl
    def read_products(self, session: Any, read: Read) -> Iterable[Rows]:  # a session is the plugin's own
        """Reads product rows page by page."""
        from crossdock.toolkit.sql.paging import read_pages  # noqa: PLC0415  # drivers load with a session

        return read_pages(session, read)

    @hookimpl
    def read_customers(self, session: Any, read: Read) -> Iterable[Rows]:  # a session is the plugin's own
        """Reads customer rows page by page."""
        from crossdock.toolkit.sql.paging import read_pages  # noqa: PLC0415  # drivers load with a session

        return read_pages(session, read)
