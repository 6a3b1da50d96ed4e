"""The plugin object of an OData service: the field map's table names the entity set, key and change stamp.

    PRODUCTS = FieldMap("products", Table("Items", key="ItemCode", changed="UpdateDate"), [...])
    plugin = ODataSource("acme-erp", "Acme ERP", (PRODUCTS,), auth=Basic())

Nested values are mapped by path: `ItemPrices[?PriceList==`1`].Price | [0]` for one, and for an open list
`ItemWarehouseInfoCollection[].{description: WarehouseCode, qty: InStock}`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Unpack

from crossdock.contract import Config, Read, Rows, Setting
from crossdock.fieldmap import FieldMap
from crossdock.toolkit.http.auth.kind import Auth
from crossdock.toolkit.http.client import HttpClient
from crossdock.toolkit.http.source import Declared, RestSource
from crossdock.toolkit.odata.entity_set import EntitySet
from crossdock.toolkit.odata.reading import read_entities
from crossdock.toolkit.odata.session import ODataSession

FEATURES = ("Asks for the mapped properties only, in the order of the key.",)
_VERSIONS: Mapping[int, Mapping[str, str]] = {
    2: {"DataServiceVersion": "2.0", "MaxDataServiceVersion": "2.0"},
    3: {"MaxDataServiceVersion": "3.0"},
    4: {"OData-MaxVersion": "4.0"},
}


class ODataSource(RestSource):
    """A source of products and customers behind an OData service; one of these, with field maps, is a plugin."""

    def __init__(  # noqa: PLR0913  # a declaration: each is one line at the place of use
        self,
        name: str,
        title: str,
        maps: Sequence[FieldMap] = (),
        *,
        sets: Mapping[str, EntitySet] | None = None,
        version: Literal[2, 3, 4] = 4,
        auth: Auth | None = None,
        url: str | None = None,
        settings: Sequence[Setting] = (),
        features: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        **declared: Unpack[Declared],
    ) -> None:
        """Declares the source; what is not said here is as in `RestSource`.

        Args:
            name: the entry point's name.
            title: what people call the system.
            maps: declared field maps; the table of each names its entity set.
            sets: what is special about the set of a stream. None: nothing is.
            version: of the protocol: 2 and 3 write types into literals.
            auth: how calls are authenticated.
            url: address of the service's root.
            settings: settings beyond address, credential and patience.
            features: what it does and does not do.
            headers: sent with every call.
            declared: fields of the manifest.
        """
        super().__init__(
            name,
            title,
            maps,
            resources={},
            auth=auth,
            url=url,
            settings=settings,
            features=(*FEATURES, *features),
            headers={**_VERSIONS[version], **(headers or {})},
            **declared,
        )
        self.sets, self.version = dict(sets or {}), version

    def session(self, http: HttpClient, config: Config) -> ODataSession:
        """Makes the session."""
        return ODataSession(http, config, self.version)

    def serves(self, stream: str) -> bool:
        """Says yes: every map has a table."""
        del stream
        return True

    def pages(self, session: Any, stream: str, read: Read) -> Iterable[Rows]:  # a session is the plugin's own
        """Reads the entities of one stream."""
        return read_entities(session, self.sets.get(stream, EntitySet()), read)
