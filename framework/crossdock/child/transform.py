"""A client's own rules, named in the configuration and run after the map: `Record -> Record | None`."""

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from typing import Any

import msgspec

from crossdock.contract import ConfigError
from crossdock.fieldmap.compile import Mapped
from crossdock.records import Customer, Product, Record, Variant, decode, encode

Rule = Callable[[Any], Record | None]


class Transforms:
    """The rules of one connection, in order; each is called with the product text, then with the variant."""

    def __init__(self, names: tuple[str, ...]) -> None:
        """Imports the rules.

        Raises:
            ConfigError: a rule cannot be found.
        """
        self._rules = [(name, _rule(name)) for name in names]

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._rules)

    def versions(self) -> list[tuple[str, str]]:
        """Gives name and version of each rule; part of every row hash."""
        return [(name, _version(name)) for name, _ in self._rules]

    def wrap(self, mapped: Callable[[Any], Mapped | None], stream: str) -> Callable[[Any], Mapped | None]:
        """Gives a mapping function that applies the rules after the map."""

        def transformed(row: Any) -> Mapped | None:
            found = mapped(row)
            return None if found is None else self._apply(found, stream)

        return transformed

    def explain(self, mapped: Callable[[Any], Mapped | None], stream: str, row: Any) -> tuple[str | None, str]:
        """Says which rule fails for a row, and why."""
        found = mapped(row)
        for name, rule in self._rules:
            try:
                if found is not None:
                    found = _applied(rule, found, stream)
            except Exception as error:  # noqa: BLE001  # a client's own code: whatever it raises is the reason
                return None, f"transform {name}: {type(error).__name__}: {error}"
        return None, "a transform failed"

    def _apply(self, found: Mapped, stream: str) -> Mapped | None:
        for name, rule in self._rules:
            try:
                result = _applied(rule, found, stream)
            except Exception as error:  # a client's own code: whatever it raises is the reason
                message = f"transform {name}: {error}"
                raise ValueError(message) from error
            if result is None:
                return None
            found = result
        return found


def _applied(rule: Rule, found: Mapped, stream: str) -> Mapped | None:
    code, group, native_code, native_group, sku, text, unit = found
    if stream == "customers":
        customer = _checked(rule(decode(unit, Customer)), Customer)
        return None if customer is None else (code, group, native_code, native_group, sku, text, encode(customer))
    product = _checked(rule(decode(text, Product)), Product)
    variant = _checked(rule(decode(unit, Variant)), Variant)
    if product is None or variant is None:
        return None
    return (code, product.source_product_code, native_code, native_group, variant.sku, encode(product), encode(variant))


def _checked(record: Record | None, kind: type[Any]) -> Any:
    return None if record is None else msgspec.convert(msgspec.to_builtins(record), kind, strict=False)


def _rule(name: str) -> Rule:
    module, _, function = name.partition(":")
    try:
        found: Rule = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        message = f'transform {name!r} cannot be found ({error}); write it as "module:function" and install its package'
        raise ConfigError(message) from error
    return found


def _version(name: str) -> str:
    top = name.partition(":")[0].partition(".")[0]
    try:
        return version(packages_distributions()[top][0])
    except (KeyError, PackageNotFoundError):
        return "0"
