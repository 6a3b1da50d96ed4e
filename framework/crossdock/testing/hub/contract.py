"""What the hub's documented contract allows in a request body, and the refusal for anything else.

Types, unknown fields, minimum fields and lengths are declared; the checks that compare one part
of an entry with another are written out below. The first thing wrong refuses the whole body.
"""

from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, field

MAX_ENTRIES = 500
MAX_OPTIONS = 3
MAX_SEARCH_SIZE = 1000

Text = str | None | UnsetType
Code = Annotated[str, Meta(pattern=r"\S")]
Whole = Annotated[int, Meta(ge=0)]
# A number, or its decimal text: the vendor's own sample shows a tier price as "10.00".
Amount = float | Annotated[str, Meta(pattern=r"^\s*$|^\s*-?\d+(\.\d+)?\s*$")] | None
Flag = Literal["true", "false"]


class RequestRefusedError(Exception):
    """The hub's no: a status, a reason, and the path of what is wrong."""

    def __init__(self, status: int, reason: str, path: str = "$") -> None:
        """Takes the HTTP status, a sentence for the client's log, and where; `$` is the body."""
        super().__init__(f"{reason} at {path}")
        self.status = status
        self.reason = reason
        self.path = path


class _Strict(Struct, forbid_unknown_fields=True, gc=False):
    """An object whose every field is known; it holds no cycle, so the collector may pass it by."""


class MetaField(_Strict):
    """A free key and value of a product."""

    key: Code
    value: str | None


class Option(_Strict):
    """The name of option 1, 2 or 3."""

    name: Code
    position: Annotated[int, Meta(ge=1, le=MAX_OPTIONS)]


class PriceTier(_Strict):
    """The price in one named price list."""

    tier: Code
    price: Amount


class Availability(_Strict):
    """The quantity in one named warehouse; unlike the variant's own it may be negative."""

    description: Code
    qty: int | None


class PostedVariant(_Strict):
    """The one variant of an entry: an absent field is left as stored, null clears it."""

    source_variant_code: Code
    sku: Code
    barcode: Text = UNSET
    qty: Whole | UnsetType | None = UNSET
    qty_availability: list[Availability] | UnsetType = UNSET
    price: Amount | UnsetType = UNSET
    price_tiers: list[PriceTier] | UnsetType = UNSET
    inventory_management: Flag | UnsetType | None = UNSET
    grams: int | UnsetType | None = UNSET
    option1: Text = UNSET
    option2: Text = UNSET
    option3: Text = UNSET


class PostedProduct(_Strict):
    """The text of the product that the variant belongs to."""

    title: Code
    variants: PostedVariant
    body_html: Text = UNSET
    collection: Text = UNSET
    product_type: Text = UNSET
    tags: Text = UNSET
    vendor: Text = UNSET
    options: Annotated[list[Option], Meta(max_length=MAX_OPTIONS)] | UnsetType = UNSET
    meta: list[MetaField] | UnsetType = UNSET


class PostedSource(_Strict):
    """Where the entry comes from and under which product it belongs."""

    source_id: int
    product_active: Flag
    source_product_code: Code
    sync_token: str
    fetch_token: str


class Entry(_Strict):
    """One variant with its product's text: the unit of `POST /products/queue`."""

    source: PostedSource
    product: PostedProduct

    @property
    def is_active(self) -> bool:
        """Whether the entry says that its variant is for sale."""
        return self.source.product_active == "true"


class QueueBody(_Strict):
    """The body of `POST /products/queue`."""

    system_products: Annotated[list[Entry], Meta(max_length=MAX_ENTRIES)]


class Credentials(_Strict):
    """A user's name and password."""

    username: str
    password: str


class LoginBody(_Strict):
    """The body of `POST /users/authenticate`."""

    system_user_auth: Credentials


class _After(_Strict):
    gt: Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?$")]


class _Range(_Strict):
    modified: _After


class _Filter(_Strict):
    range: _Range


class _Bool(_Strict):
    filter: list[_Filter] | _Filter = field(default_factory=list)


class _Query(_Strict):
    bool: _Bool


class _Order(_Strict):
    order: Literal["asc", "desc"] = "asc"


class _Sort(_Strict):
    modified: Literal["asc", "desc"] | _Order


class SearchBody(_Strict):
    """The body of `POST /products/elastic_search`: the documented part of the search language."""

    size: Annotated[int, Meta(ge=0, le=MAX_SEARCH_SIZE)] = 10
    start: Whole = field(name="from", default=0)
    query: _Query | None = None
    sort: list[_Sort] | _Sort = field(default_factory=list)

    @property
    def modified_after(self) -> str:
        """The latest of the lower limits on `modified`; empty when there is none."""
        filters = self.query.bool.filter if self.query else []
        listed = filters if isinstance(filters, list) else [filters]
        return max((each.range.modified.gt for each in listed), default="")

    @property
    def is_descending(self) -> bool:
        """Whether the newest comes first."""
        listed = self.sort if isinstance(self.sort, list) else [self.sort]
        order = listed[0].modified if listed else "asc"
        return (order.order if isinstance(order, _Order) else order) == "desc"


_Body = TypeVar("_Body")
_QUEUE = msgspec.json.Decoder(QueueBody)
_LOGIN = msgspec.json.Decoder(LoginBody)
_SEARCH = msgspec.json.Decoder(SearchBody)


def read_entries(body: bytes, source_ids: frozenset[int]) -> list[Entry]:
    """Return the entries of a queue post, all of them sound.

    Raises:
        RequestRefusedError: something in the body is not as documented; nothing may be stored.
    """
    entries = _decode(_QUEUE, body).system_products
    for number, entry in enumerate(entries):
        _check_entry(entry, f"$.system_products[{number}]", source_ids)
    return entries


def read_login(body: bytes) -> Credentials:
    """Return the credentials of a login.

    Raises:
        RequestRefusedError: the body is not as documented.
    """
    return _decode(_LOGIN, body).system_user_auth


def read_search(body: bytes) -> SearchBody:
    """Return the search asked for.

    Raises:
        RequestRefusedError: the body uses more of the search language than is documented.
    """
    return _decode(_SEARCH, body)


def _decode(decoder: msgspec.json.Decoder[_Body], body: bytes) -> _Body:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `")
        raise RequestRefusedError(400, reason, path.rstrip("`") or "$") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestRefusedError(400, f"not JSON: {error}") from error


def _check_entry(entry: Entry, path: str, source_ids: frozenset[int]) -> None:
    if entry.source.source_id not in source_ids:
        reason = f"unknown source {entry.source.source_id}"
        raise RequestRefusedError(400, reason, f"{path}.source.source_id")
    product, variant = entry.product, entry.product.variants
    if product.options:
        _check_options(product.options, f"{path}.product.options")
    if product.meta:
        _check_unique([each.key for each in product.meta], f"{path}.product.meta")
    if variant.price_tiers:
        tiers = [each.tier for each in variant.price_tiers]
        _check_unique(tiers, f"{path}.product.variants.price_tiers")
    if variant.qty_availability:
        warehouses = [each.description for each in variant.qty_availability]
        _check_unique(warehouses, f"{path}.product.variants.qty_availability")


def _check_options(options: list[Option], path: str) -> None:
    _check_unique([option.name for option in options], path)
    positions = sorted(option.position for option in options)
    if positions != list(range(1, len(options) + 1)):
        reason = f"positions must be 1 to {len(options)}, each once, not {positions}"
        raise RequestRefusedError(400, reason, path)


def _check_unique(names: list[str], path: str) -> None:
    if len(set(names)) == len(names):
        return
    again = next(number for number, name in enumerate(names) if name in names[:number])
    raise RequestRefusedError(400, f"{names[again]!r} is given twice", f"{path}[{again}]")
