"""What of the catalogue a channel gets: selection, price list, warehouses."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from crossdock.records import Customer, Product, Record, Variant

SELECTING = ("collection", "vendor", "product_type", "tags", "title", "source_product_code")
"""Fields of a product that `only` may name, beside `meta.KEY`."""


class View(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One channel's view, from `[syncs.NAME.views.CHANNEL]`; empty: everything as it is."""

    only: dict[str, tuple[str, ...]] = {}
    """Products whose field (`collection`, `vendor`, `product_type`, `tags`, `meta.KEY`) has one of the values."""
    price_tier: str | None = None
    """Price list whose price becomes the price. None: the default price."""
    warehouses: tuple[str, ...] | None = None
    """Warehouses whose stock is summed into the quantity, and the only ones told. None: all."""

    def unknown_field(self) -> str | None:
        """Gives the first field of `only` that products do not have, None where all are known."""
        return next((name for name in self.only if name not in SELECTING and not name.startswith("meta.")), None)

    def hash(self) -> str:
        """Gives what stands for the view: another one re-evaluates the channel."""
        return msgspec.json.encode(self, order="sorted").decode()

    def is_plain(self) -> bool:
        """Whether the channel gets everything as it is."""
        return not self.only and self.price_tier is None and self.warehouses is None

    def has(self, product: Product) -> bool:
        """Says whether the channel gets a product."""
        return all(_has(product, name, values) for name, values in self.only.items())

    def seen_through(self, variant: Variant) -> Variant:
        """Gives a variant as the channel sees it."""
        changes: dict[str, Any] = {}
        if self.price_tier is not None:
            changes |= {"price": variant.price_tiers.get(self.price_tier), "price_tiers": {}}
        if self.warehouses is not None:
            stock = {
                name: variant.qty_availability[name] for name in self.warehouses if name in variant.qty_availability
            }
            changes |= {"qty_availability": stock, "qty": sum(stock.values()) if stock else None}
        return msgspec.structs.replace(variant, **changes) if changes else variant


def _has(product: Product, name: str, values: Sequence[str]) -> bool:
    if name.startswith("meta."):
        return product.meta.get(name[5:]) in values
    found = getattr(product, name, None)
    return bool(set(found) & set(values)) if isinstance(found, tuple) else found in values


PLAIN = View()
RECORDS: dict[str, type[Record]] = {"products": Variant, "customers": Customer}
