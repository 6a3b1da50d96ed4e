"""Whose account a document is raised on: mapped, created, the default, or nobody's."""

from typing import NoReturn

from msgspec import Struct, structs

from crossdock.orders.options import OrderOptions
from crossdock.orders.problems import stop
from crossdock.records import Address, Customer, Order
from crossdock.store import Transaction
from crossdock.store.orders_items import native_customer


class Choice(Struct, frozen=True):
    """What was chosen."""

    code: str | None
    """The ERP's account. None: it is to be created."""
    customer: Customer | None = None
    """Whom to create."""


def choose(transaction: Transaction, order: Order, options: OrderOptions, customers: int | None) -> Choice:
    """Chooses the account: mapped, else created where that is on, else the default.

    Args:
        transaction: to look into the catalogue.
        order: the order.
        options: of the document.
        customers: the catalogue's stream of the ERP's customers. None: it is not read.

    Raises:
        PreparationError: there is none.
    """
    found = _mapped(transaction, order, options, customers)
    if found is not None:
        return Choice(found)
    if options.create_customer and _is_somebody(order):
        return Choice(None, debtor(order))
    if options.default_customer_code is not None:
        return Choice(options.default_customer_code)
    return _nobody(order, options)


def _nobody(order: Order, options: OrderOptions) -> NoReturn:
    who = order.customer.email or order.customer.channel_customer_code or "a guest"
    if options.create_customer:
        stop(
            f"the order says too little of its customer ({who}) to create an account",
            "set default_customer_code, or map the customer in [orders.NAME.accounts]",
        )
    stop(
        f"customer {who} has no account in the ERP, none may be created, and there is no default",
        "map the customer in [orders.NAME.accounts], or set create_customer = true or default_customer_code",
    )


def _mapped(transaction: Transaction, order: Order, options: OrderOptions, customers: int | None) -> str | None:
    customer = order.customer
    email = (customer.email or "").strip().casefold()
    by_option = {key.strip().casefold(): code for key, code in options.accounts.items()}
    for known in (customer.channel_customer_code, email):
        if known and known.casefold() in by_option:
            return by_option[known.casefold()]
    code = customer.source_customer_code
    if not code or customers is None:
        return code or None
    return native_customer(transaction, customers, code) or code


def _is_somebody(order: Order) -> bool:
    customer = order.customer
    return bool(customer.email or customer.channel_customer_code) and bool(
        customer.company or customer.last_name or customer.first_name or customer.email
    )


def debtor(order: Order) -> Customer:
    """Gives the customer as an account to be created; its code is empty, the ERP gives one."""
    customer = order.customer
    addresses = [("billing", order.billing_address), ("shipping", order.shipping_address)]
    return Customer(
        source_customer_code="",
        email=customer.email,
        first_name=customer.first_name,
        last_name=customer.last_name,
        company=customer.company,
        phone=customer.phone,
        accepts_marketing=customer.accepts_marketing,
        addresses=tuple(_typed(one, kind) for kind, one in addresses if one is not None),
    )


def _typed(address: Address, kind: str) -> Address:
    return structs.replace(address, type=kind)
