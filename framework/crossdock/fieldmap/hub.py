"""The hub's fields by stream: which there are, of what kind, and where each belongs in a record."""

from difflib import get_close_matches

from msgspec import Struct

from crossdock.fieldmap.declare import FieldMapError


class HubField(Struct, frozen=True):
    """A hub field's place and kind."""

    part: str
    """Record that holds it: `product`, `variant` or `customer`."""
    name: str
    """Field of that record."""
    kind: str
    """`code`, `group`, `text`, `label`, `number`, `flag`, `tags`, `paths`, `names`, `images`, `address`."""
    key: str | None = None
    """Entry of an open list or number of an ordered one. None: a plain field."""


def _fields(part: str, prefix: str, kinds: dict[str, str]) -> dict[str, HubField]:
    return {prefix + name: HubField(part, name, kind) for kind, names in kinds.items() for name in names.split()}


PLAIN: dict[str, dict[str, HubField]] = {
    "products": {
        **_fields(
            "product",
            "",
            {
                "group": "source_product_code",
                "text": "title body_html collection product_type vendor",
                "tags": "tags",
                "paths": "categories",
            },
        ),
        "product_active": HubField("variant", "active", "flag"),
        "source_variant_code": HubField("variant", "source_variant_code", "code"),
        **_fields(
            "variant",
            "variants.",
            {
                "code": "sku",
                "text": "barcode currency",
                "label": "option1 option2 option3",
                "number": "qty price grams",
                "flag": "inventory_management prices_include_tax",
            },
        ),
    },
    "customers": {
        **_fields(
            "customer",
            "",
            {
                "code": "source_customer_code",
                "text": "email first_name last_name company phone price_tier qty_availability",
                "flag": "accepts_marketing",
            },
        ),
        "customer_active": HubField("customer", "active", "flag"),
    },
}
OPEN: dict[str, dict[str, HubField]] = {
    "products": {
        "variants.qty_availability": HubField("variant", "qty_availability", "number"),
        "variants.price_tiers": HubField("variant", "price_tiers", "number"),
        "variants.meta": HubField("variant", "meta", "text"),
        "meta": HubField("product", "meta", "text"),
        "options": HubField("product", "options", "names"),
        "images": HubField("product", "images", "images"),
    },
    "customers": {
        "meta": HubField("customer", "meta", "text"),
        "addresses": HubField("customer", "addresses", "address"),
    },
}
REQUIRED: dict[str, tuple[str, ...]] = {
    "products": ("source_product_code", "source_variant_code", "title", "variants.sku"),
    "customers": ("source_customer_code",),
}
CODE_FIELD = {"products": "source_variant_code", "customers": "source_customer_code"}
ADDRESS_FIELDS = [
    "address_code",
    "type",
    "first_name",
    "last_name",
    "company",
    "address1",
    "address2",
    "city",
    "province",
    "province_code",
    "zip",
    "country",
    "country_code",
    "phone",
]

IMAGE_FIELDS = ["code", "url", "source_key", "content_hash"]
VALUE = "value"
"""The one field of an entry that is no more than a name and a value."""


def hub_field(stream: str, hub: str) -> HubField:
    """Finds a hub field's place; after an open list's name all that remains is the entry's key.

    Raises:
        FieldMapError: the hub has no such field; the message suggests the nearest.
    """
    plain = PLAIN[stream].get(hub)
    if plain is not None:
        return plain
    for name, place in OPEN[stream].items():
        if hub.startswith(name + ".") and len(hub) > len(name) + 1:
            key = hub[len(name) + 1 :]
            _check_key(stream, hub, place, key)
            return HubField(place.part, place.name, place.kind, key)
    raise FieldMapError(_unknown(stream, hub))


def hub_list(stream: str, hub: str) -> HubField:
    """Finds an open list's place; its key stands for any entry.

    Raises:
        FieldMapError: the hub has no such list; the message suggests the nearest.
    """
    place = OPEN[stream].get(hub.removesuffix(".*"))
    if place is None:
        near = get_close_matches(hub, OPEN[stream], n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"the hub's lists are {', '.join(OPEN[stream])}"
        message = f"{stream}: {hub!r} is no open list; {hint}"
        raise FieldMapError(message)
    return HubField(place.part, place.name, place.kind, VALUE)


def entry_fields(kind: str) -> list[str]:
    """Gives the fields that an entry of a list of some kind may have."""
    return {"address": ADDRESS_FIELDS, "images": [VALUE, *IMAGE_FIELDS]}.get(kind, [VALUE])


def _check_key(stream: str, hub: str, place: HubField, key: str) -> None:
    number, _, rest = key.partition(".")
    if (
        place.kind in ("names", "images")
        and key != "*"
        and not (key.isdecimal() and 1 <= int(key) <= (3 if place.kind == "names" else 99))
    ):
        message = f"{stream}: {hub!r} needs a number after {place.name!r}, such as {place.name}.1"
        raise FieldMapError(message)
    if place.kind == "address" and not (number.isdecimal() and rest in ADDRESS_FIELDS):
        message = f"{stream}: {hub!r} is not like addresses.1.city; known: {', '.join(ADDRESS_FIELDS)}"
        raise FieldMapError(message)


def _unknown(stream: str, hub: str) -> str:
    known = [*PLAIN[stream], *(name + ".…" for name in OPEN[stream])]
    near = get_close_matches(hub, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"
    return f"{stream}: the hub has no field {hub!r}{hint}"
