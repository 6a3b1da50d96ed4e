"""Customers and addresses, in the hub's field names (`stock2shop/share`, src/DTO)."""

from crossdock.records.product import Record


class Address(Record, frozen=True):
    """A postal address; every part is text as the source wrote it, None: not given."""

    address_code: str | None = None
    """The source's code of this address. None: it has one only."""
    type: str | None = None
    """`billing` or `shipping`. None: both."""
    default: bool = False
    """Whether it is the first choice among its type."""
    first_name: str | None = None
    """Given name of the addressee. None: not given."""
    last_name: str | None = None
    """Family name of the addressee. None: not given."""
    company: str | None = None
    """Company of the addressee. None: not given."""
    address1: str | None = None
    """First line: street and number. None: not given."""
    address2: str | None = None
    """Second line. None: not given."""
    city: str | None = None
    """Town. None: not given."""
    province: str | None = None
    """Province or state by name. None: not given."""
    province_code: str | None = None
    """Province or state by ISO 3166-2 code. None: not given."""
    zip: str | None = None
    """Postal code, text. None: not given."""
    country: str | None = None
    """Country by name. None: not given."""
    country_code: str | None = None
    """ISO 3166-1 alpha-2 code. None: not given."""
    phone: str | None = None
    """Telephone number as written. None: not given."""


class Customer(Record, frozen=True):
    """A debtor account that may buy in a trade store."""

    source_customer_code: str
    """The account's permanent code at the source; orders are raised on it."""
    active: bool = True
    """False: may no longer buy (the hub's `customer_active`)."""
    email: str | None = None
    """Login and address for mail. None: not mapped or none."""
    first_name: str | None = None
    """Given name of the contact. None: not mapped."""
    last_name: str | None = None
    """Family name of the contact. None: not mapped."""
    company: str | None = None
    """Name of the account. None: not mapped."""
    phone: str | None = None
    """Telephone number as written. None: not mapped."""
    accepts_marketing: bool | None = None
    """Consent to marketing mail. None: not known, treat as no."""
    price_tier: str | None = None
    """Name of the price list this customer buys at. None: the channel's default."""
    qty_availability: str | None = None
    """Name of the warehouse this customer is served from. None: the channel's default."""
    addresses: tuple[Address, ...] = ()
    """Addresses in the source's order."""
    meta: dict[str, str] = {}
    """Free attributes by key."""
