"""The plugin object of an HTTP API: settings in, pages out; what is special about a system is declared as data.

    plugin = RestSource("acme-erp", "Acme ERP", (PRODUCTS, CUSTOMERS), auth=Bearer(), resources={
        "products": Resource(path="items", rows="data", paging=PageNumbers(size="per_page")),
        "customers": Resource(path="customers", rows="data", paging=PageNumbers(size="per_page")),
    })

A system that takes orders subclasses it and adds `write_order` and `find_order`, a few lines each with
`RestSession.create` and `RestSession.rows`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, TypedDict, Unpack

from crossdock.contract import Config, CrossdockError, Finding, Manifest, Memory, Read, Rows, Setting, hookimpl
from crossdock.fieldmap import FieldMap
from crossdock.toolkit.http.auth.kind import Auth, NoAuth
from crossdock.toolkit.http.client import HttpClient
from crossdock.toolkit.http.filling import filled_address, filled_header
from crossdock.toolkit.http.limiter import RateLimiter
from crossdock.toolkit.http.reading import read_resource
from crossdock.toolkit.http.resource import Resource
from crossdock.toolkit.http.session import RestSession
from crossdock.toolkit.http.settings import HttpSettings

CALLING_SETTINGS = (
    Setting("timeout_s", "Seconds of silence after which an answer is given up", kind="number", default=30),
    Setting("connect_timeout_s", "Seconds to wait for a connection", kind="number", default=10),
    Setting("certificate", "PEM file with the certificate of a server that made its own", kind="path"),
    Setting(
        "overlap_s",
        "Seconds before the last read from which an incremental read starts again, for rows written late",
        kind="number",
        default=120,
    ),
)
URL_HELP = "Address of the API"
FEATURES = (
    "Contacts only the hosts in its settings; links and redirects that lead elsewhere are refused.",
    "Repeats reads after time-outs, rate limits and errors of the server; repeats no creating call.",
    "Does not see that a row was deleted before the next full read.",
)


class Declared(TypedDict, total=False):
    """What a source may say about itself beyond what it reads: fields of the manifest, by the same names."""

    order_key: Literal["enforced", "searchable", "neither"]
    reference_length: int
    max_commit_delay_s: float
    batch_size: int
    rate_per_s: float
    sessions: int
    whole_products: bool


class RestSource:
    """A source of products and customers behind an HTTP API; one of these, with field maps, is a plugin."""

    def __init__(  # noqa: PLR0913  # a declaration: each is one line at the place of use
        self,
        name: str,
        title: str,
        maps: Sequence[FieldMap] = (),
        *,
        resources: Mapping[str, Resource],
        auth: Auth | None = None,
        url: str | None = None,
        settings: Sequence[Setting] = (),
        features: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        **declared: Unpack[Declared],
    ) -> None:
        """Declares the source.

        Args:
            name: the entry point's name.
            title: what people call the system.
            maps: declared field maps; an operator may override them.
            resources: where the rows of each stream are.
            auth: how calls are authenticated. None: not at all.
            url: the API's address, where it is the same for everybody; `{name}` stands for a setting.
                None: the operator gives it.
            settings: settings beyond address, credential and patience.
            features: what it does and does not do, a sentence each.
            headers: sent with every call; `{name}` in a value stands for a setting.
            declared: fields of the manifest, such as `order_key` and `rate_per_s`.
        """
        self.maps, self.resources = tuple(maps), dict(resources)
        self.auth: Auth = auth or NoAuth()
        self.headers = dict(headers or {})
        address = Setting("url", URL_HELP, kind="url", required=url is None, default=url)
        known = (address, *settings, *self.auth.settings, *CALLING_SETTINGS)
        self.manifest = Manifest(
            name=name,
            title=title,
            settings=tuple({one.name: one for one in known}.values()),
            features=(*FEATURES, *features),
            hosts=("url", *self.auth.hosts),
            **declared,
        )

    @hookimpl
    def describe(self) -> Manifest:
        """Gives the manifest made at declaration."""
        return self.manifest

    @hookimpl
    def field_maps(self) -> Sequence[FieldMap]:
        """Gives the declared maps."""
        return self.maps

    @hookimpl
    @contextmanager
    def open_session(self, config: Config, memory: Memory) -> Iterator[RestSession]:
        """Makes the client; contacts nobody before the first call."""
        settings = Config(self._settled(config), frozenset(one.name for one in self.manifest.settings if one.secret))
        secrets = [str(settings[one.name]) for one in self.manifest.settings if one.secret and settings[one.name]]

        def door(url: str) -> HttpClient:
            return HttpClient(self._calling(url, settings), secrets=secrets)

        credential = self.auth.open(settings, memory, door)
        calling = self._calling(str(settings["url"]), settings, self._headers(settings))
        limiter = RateLimiter(self.manifest.rate_per_s)
        with HttpClient(calling, secrets=secrets, limiter=limiter, credential=credential) as http:
            yield self.session(http, settings)

    def session(self, http: HttpClient, config: Config) -> RestSession:
        """Makes the session; a subclass may give one of its own."""
        return RestSession(http, config)

    def serves(self, stream: str) -> bool:
        """Says whether it is declared where the rows of a stream are."""
        return stream in self.resources

    @hookimpl
    def check(self, session: Any) -> Sequence[Finding]:  # a session is the plugin's own
        """Reads one row of each stream, and says what came."""
        return [self._look(session, one) for one in self.maps if self.serves(one.stream)]

    @hookimpl
    def read_products(self, session: Any, read: Read) -> Iterable[Rows]:  # a session is the plugin's own
        """Reads product rows page by page."""
        return self.pages(session, "products", read)

    @hookimpl
    def read_customers(self, session: Any, read: Read) -> Iterable[Rows]:  # a session is the plugin's own
        """Reads customer rows page by page."""
        return self.pages(session, "customers", read)

    def pages(self, session: Any, stream: str, read: Read) -> Iterable[Rows]:  # a session is the plugin's own
        """Reads the rows of one stream; a hook of one's own for another stream calls this too."""
        return read_resource(session, self.resources[stream], read)

    def _look(self, session: Any, fieldmap: FieldMap) -> Finding:
        stream = fieldmap.stream
        read = Read(fields=fieldmap.data(), limit=1)
        try:
            rows = next((page.rows for page in self.pages(session, stream, read) if page.rows), ())
        except CrossdockError as error:
            return Finding(f"{stream}_read", "error", str(error))
        if not rows:
            return Finding(
                f"{stream}_read", "warning", f"{stream}: the system answers, and has none that this login sees"
            )
        return Finding(f"{stream}_read", "ok", f"{stream} can be read")

    def _settled(self, config: Config) -> dict[str, Any]:
        """Gives the settings with defaults, and the address with what stands for settings put in."""
        found = {one.name: one.default for one in self.manifest.settings} | dict(config)
        found["url"] = filled_address(str(found["url"]), found)
        return found

    def _headers(self, config: Config) -> dict[str, str]:
        return {name: filled_header(value, config) for name, value in self.headers.items()}

    def _calling(self, url: str, config: Config, headers: Mapping[str, str] | None = None) -> HttpSettings:
        return HttpSettings(
            base_url=url,
            headers=headers or {},
            timeout_s=float(config["timeout_s"]),
            connect_timeout_s=float(config["connect_timeout_s"]),
            certificate=config["certificate"],
        )
