"""What a channel is given and what it answers."""

from typing import Literal

from msgspec import Struct

from crossdock.records import Customer, Product, Variant

Change = Literal["text", "quantity", "price", "images", "active"]


class Due(Struct, frozen=True, omit_defaults=True, array_like=True, gc=False):
    """One item that the channel must be told about."""

    variant: Variant
    """The item as it is now; for one that is gone, as it was last."""
    changed: tuple[Change, ...] = ()
    """What is new since the channel was last told; a channel may send just that. Empty: send all of it."""
    gone: bool = False
    """The item is no longer at the source: take it off sale."""
    moved_from: str | None = None
    """The product it belonged to when the channel was last told. None: the same."""
    channel_variant_code: str | None = None
    """The code that the channel answered earlier. None: none yet."""


class Delivery(Struct, frozen=True, omit_defaults=True, array_like=True, gc=False):
    """One product with the items that are due now."""

    product: Product
    """The product's text, that of its leading item."""
    due: tuple[Due, ...]
    """Items to tell the channel about, by code; each needs one result."""
    others: tuple[Variant, ...] = ()
    """The product's other live items as the channel has them, for channels that send whole products."""
    channel_product_code: str | None = None
    """The code that the channel answered earlier. None: none yet."""


class CustomerDelivery(Struct, frozen=True, omit_defaults=True, array_like=True, gc=False):
    """One customer to tell the channel about; it needs one result."""

    customer: Customer
    """The customer as it is now; for one that is gone, as it was last."""
    gone: bool = False
    """No longer at the source: close the account."""
    channel_customer_code: str | None = None
    """The code that the channel answered earlier. None: none yet."""


class Result(Struct, frozen=True, omit_defaults=True, array_like=True, gc=False):
    """What became of one item."""

    code: str
    """The item's source code."""
    state: Literal["done", "refused", "retry", "pending"] = "done"
    """`refused`: a definite no. `retry`: not confirmed, try again. `pending`: ask later with the handle."""
    reason: str | None = None
    """Why it is not done. None: it is."""
    channel_product_code: str | None = None
    """The channel's code of the product. None: it gives none."""
    channel_code: str | None = None
    """The channel's code of the item. None: it gives none."""
    handle: str | None = None
    """What to ask with later. None: the answer is final."""
    retry_after_s: float | None = None
    """Seconds to wait before the next try. None: the framework decides."""
