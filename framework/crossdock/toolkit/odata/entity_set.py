"""How the rows of one stream are read from an OData service, declared as data."""

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urljoin

from crossdock.contract import ConfigError
from crossdock.toolkit.http.paging import Answer, Offsets, Paging, Step
from crossdock.toolkit.odata.literals import both, literal
from crossdock.toolkit.odata.shapes import next_link

Way = Literal["link", "skip", "key"]
"""How what there is is cut into pages: by the service's own link (`@odata.nextLink`, `$skiptoken`), by `$top` and
`$skip`, or by the key of the last row."""


@dataclass(frozen=True, kw_only=True)
class EntitySet:
    """One stream's entities; name, key and change stamp stand in the field map's table."""

    name: str | None = None
    """Path of the set, such as `companies({company})/items`; `{company}` stands for a setting. None: the name of the
    field map's table."""
    key: str | None = None
    """Property that is unique and ordered. None: the key of the field map's table; where rows are inside the entities,
    there is none unless it is named here, and pages come in the service's own order."""
    only: str | None = None
    """Condition that always holds, such as `CardType eq 'cCustomer'`. None: all entities."""
    expand: tuple[str, ...] = ()
    """Navigation properties to bring along; they are mapped by path, as lists or objects of the row."""
    by: Way = "link"
    """How the set is paged. `key` where the service gives no links and rows may come and go meanwhile."""
    page_size: int = 1000
    """Rows a page at most; a service may give fewer."""
    key_type: str | None = None
    """Type of the key, such as `Edm.Guid`. None: a number or text, as it looks."""
    changed_type: str | None = None
    """Type of the change stamp. None: `Edm.DateTimeOffset` with a zone, `Edm.DateTime` without, `Edm.Date` for a date.
    `Edm.String` where the service wants it quoted, as SAP Business One does."""
    has_unstamped: bool = True
    """Whether an entity may have no change stamp, as one in SAP Business One has that was never updated: those come
    with every incremental read. False where the service cannot compare a stamp with null, as Business Central."""


@dataclass(frozen=True)
class NextLink:
    """The service says where the next page is; how many rows it has, the header `Prefer` asks for."""

    root: str
    """Address of the service's root, with a slash at its end: what a link without a host starts from."""

    def first(self, size: int) -> Step:
        """Asks as it is."""
        del size
        return Step()

    def after(self, step: Step, answer: Answer) -> Step | None:
        """Follows the link."""
        del step
        link = next_link(answer.body)
        return None if link is None else Step(link=urljoin(self.root, link))


@dataclass(frozen=True)
class KeyFilter:
    """Rows in the order of their key, each page from behind the last one's key."""

    key: str
    """Property that is unique and ordered."""
    kind: str | None
    """Its type."""
    version: int
    """Of the protocol."""
    condition: str | None
    """What holds beside it."""

    def first(self, size: int) -> Step:
        """Asks for the first rows."""
        return Step({"$top": size})

    def after(self, step: Step, answer: Answer) -> Step | None:
        """Goes on behind the last row, until a page is empty."""
        if not answer.rows:
            return None
        last: Any = answer.rows[-1].get(self.key)
        if last is None:
            message = f"a row has no {self.key!r}: choose a `key` that every row has"
            raise ConfigError(message)
        beyond = f"{self.key} gt {literal(last, self.kind, self.version)}"
        return Step({"$top": step.params["$top"], "$filter": both(self.condition, beyond) or beyond})


def paging_of(entities: EntitySet, root: str, key: str | None, version: int, condition: str | None) -> Paging:
    """Gives the paging of one read of a service at a root address.

    Raises:
        ConfigError: paging by key, and no key.
    """
    if entities.by == "link":
        return NextLink(root)
    if entities.by == "skip":
        return Offsets(offset="$skip", size="$top")
    if key is None:
        message = "paging by key needs the field map's table to name its key"
        raise ConfigError(message)
    return KeyFilter(key, entities.key_type, version, condition)
