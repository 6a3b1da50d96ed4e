"""A company inside a Tryton: founded and filled through Tryton alone, as its users would.

Every sentence about Tryton's models is from trytond 8.2.1 and its modules (`trytond/modules/*`), as observed.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from crossdock.testing.tryton.rpc import Rpc

_UNIT = "Unit"
_YES = True


class Company:
    """A founded company with a chart of accounts; its methods add what it trades with.

    Numbers that Tryton gives to records are plain `int`s here; money is `Decimal`, in the company's currency.

    Attributes:
        rpc: a session in which this company is the current one.
        number: the company's own.
        currency: the currency's.
    """

    def __init__(self, rpc: Rpc, number: int, currency: int, accounts: Mapping[str, int]) -> None:
        """Takes a founded company; use `found_company`."""
        self.rpc, self.number, self.currency = rpc, number, currency
        self._accounts = dict(accounts)
        self._unit = _first(rpc, "product.uom", [["name", "=", _UNIT]])
        self._accounting = self._make(
            "product.category",
            name="Goods (accounts)",
            accounting=True,
            account_revenue=accounts["revenue"],
            account_expense=accounts["expense"],
        )

    def category(self, name: str, parent: int | None = None) -> int:
        """Adds a category of products."""
        return self._make("product.category", name=name, parent=parent)

    def goods(
        self,
        name: str,
        code: str | None,
        price: str | None,
        *,
        variants: Sequence[Mapping[str, Any]] = ({},),
        categories: Sequence[int] = (),
        **more: Any,
    ) -> list[int]:
        """Adds a product template with its variants.

        Args:
            name: what all its variants are called.
            code: first part of the variants' codes; None for none.
            price: list price of one unit, tax excluded; None: it has none.
            variants: fields of each variant; `suffix_code` is the second part of its code. One without any is the
                default.
            categories: categories of products.
            more: other fields of the template, such as `type` or `salable`.

        Returns:
            The variants, in order.
        """
        fields = {"type": "goods", "salable": True, "default_uom": self._unit, "sale_uom": self._unit, **more}
        template = self._make(
            "product.template",
            name=name,
            code=code,
            list_price=None if price is None else Decimal(price),
            cost_price_method="fixed",
            account_category=self._accounting,
            categories=[["add", list(categories)]],
            products=[["create", [dict(one) for one in variants]]],
            **fields,
        )
        [row] = self.rpc("model.product.template.read", [template], ["products"])
        return sorted(row["products"])

    def warehouse(self, name: str, code: str) -> int:
        """Adds a warehouse with a zone each for what comes in, what is kept and what goes out."""
        zones = {kind: self._make("stock.location", name=f"{name} {kind}", type="storage") for kind in _ZONES}
        told = {f"{kind}_location": number for kind, number in zones.items()}
        # Where stock-taking finds what is there too much, and loses what is missing.
        told["lost_found_location"] = _first(self.rpc, "stock.location", [["type", "=", "lost_found"]])
        number = self._make("stock.location", name=name, code=code, type="warehouse", **told)
        self.rpc("model.stock.location.write", list(zones.values()), {"parent": number})
        return number

    def storage(self, warehouse: int) -> int:
        """Gives the zone of a warehouse in which goods are kept."""
        [row] = self.rpc("model.stock.location.read", [warehouse], ["storage_location"])
        return int(row["storage_location"])

    def shelf(self, name: str, warehouse: int) -> int:
        """Adds a place within a warehouse's storage zone."""
        return self._make("stock.location", name=name, type="storage", parent=self.storage(warehouse))

    def count(self, location: int, quantities: Mapping[int, float]) -> None:
        """Takes stock: from then on a location holds these quantities.

        Args:
            location: a storage location, no warehouse.
            quantities: units by product variant; others stay as they are.
        """
        lines = [{"product": product, "quantity": quantity} for product, quantity in quantities.items()]
        inventory = self._make(
            "stock.inventory",
            location=location,
            company=self.number,
            date=today(),
            empty_quantity="keep",
            lines=[["create", lines]],
        )
        self.rpc.confirmed("model.stock.inventory.confirm", [inventory])

    def price_list(self, name: str, lines: Sequence[Mapping[str, Any]], price: str = "list_price") -> int:
        """Adds a price list.

        Args:
            name: its name.
            lines: each with `formula` and, where it is for some only, `product`, `category` or `quantity`; the first
                that fits counts.
            price: what `unit_price` means in a formula: `list_price` or `cost_price`.
        """
        numbered = [{"sequence": place, **line} for place, line in enumerate(lines, 1)]
        return self._make(
            "product.price_list",
            name=name,
            company=self.number,
            unit="product_default",
            price=price,
            lines=[["create", numbered]],
        )

    def party(self, name: str, *, addresses: Sequence[Mapping[str, Any]] = ({},), **more: Any) -> int:
        """Adds a party, whether customer or not.

        Args:
            name: its name.
            addresses: fields of each address.
            more: other fields; `email`, `phone` and `mobile` become contact mechanisms, and `sale_price_list` is the
                list that it buys at.
        """
        kinds = [kind for kind in ("email", "phone", "mobile") if kind in more]
        ways = [{"type": kind, "value": more.pop(kind)} for kind in kinds]
        return self._make(
            "party.party",
            name=name,
            addresses=[["create", [dict(one) for one in addresses]]],
            contact_mechanisms=[["create", ways]] if ways else [],
            **more,
        )

    def sale(
        self,
        party: int,
        lines: Mapping[int, float],
        *,
        warehouse: int,
        reference: str | None = None,
        confirm: bool = True,
    ) -> int:
        """Adds a sale; confirmed, it makes a shipment whose moves wait for stock.

        Args:
            party: the customer.
            lines: units by product variant, at their list prices.
            warehouse: where it is shipped from.
            reference: the customer's own number of the order.
            confirm: False leaves it a draft.
        """
        [row] = self.rpc("model.party.party.read", [party], ["addresses"])
        address = row["addresses"][0]
        sale = self._make(
            "sale.sale",
            party=party,
            company=self.number,
            currency=self.currency,
            invoice_address=address,
            shipment_address=address,
            warehouse=warehouse,
            reference=reference,
            invoice_method="order",
            shipment_method="order",
            lines=[["create", [self._sale_line(product, quantity) for product, quantity in lines.items()]]],
        )
        if confirm:
            for step in ("quote", "confirm"):
                self.rpc.confirmed(f"model.sale.sale.{step}", [sale])
        return sale

    def assign(self, sale: int) -> None:
        """Reserves stock for a sale's shipments: what is assigned is promised, though still on its shelf."""
        [row] = self.rpc("model.sale.sale.read", [sale], ["shipments"])
        for step in ("wait", "assign_try"):
            self.rpc.confirmed(f"model.stock.shipment.out.{step}", row["shipments"])

    def free(self, product: int, warehouse: int) -> float:
        """Asks Tryton how many units of a variant a warehouse keeps that are promised to nobody."""
        context = {"locations": [self.storage(warehouse)], "with_childs": True, "stock_assign": True}
        [row] = self.rpc("model.product.product.read", [product], ["quantity"], **context)
        return float(row["quantity"])

    def price(self, product: int, price_list: int | None = None) -> Decimal | None:
        """Asks Tryton what one unit of a variant costs a customer, tax excluded; None: there is no price."""
        context = {} if price_list is None else {"price_list": price_list, "quantity": 1}
        [row] = self.rpc("model.product.product.read", [product], ["sale_price_uom"], **context)
        price: Decimal | None = row["sale_price_uom"]
        return price

    def write(self, model: str, number: int, **fields: Any) -> None:
        """Changes a record; warnings that a user would confirm are confirmed."""
        self.rpc.confirmed(f"model.{model}.write", [number], fields)

    def _sale_line(self, product: int, quantity: float) -> dict[str, Any]:
        [row] = self.rpc("model.product.product.read", [product], ["list_price_used"])
        price = row["list_price_used"] or Decimal(0)
        return {"product": product, "quantity": quantity, "unit": self._unit, "unit_price": price}

    def _make(self, model: str, **fields: Any) -> int:
        return make(self.rpc, model, **fields)


_ZONES = ("input", "storage", "output")


def found_company(rpc: Rpc, name: str, currency: str) -> Company:
    """Founds a company: currency, own party, chart of accounts; the session's user works in it from then on.

    Args:
        rpc: an administrator's session.
        name: of company and party.
        currency: ISO 4217 code.
    """
    rates = [{"date": date(2000, 1, 1), "rate": Decimal(1)}]
    money = make(
        rpc,
        "currency.currency",
        name=currency,
        code=currency,
        symbol=currency,
        digits=2,
        rounding=Decimal("0.01"),
        rates=[["create", rates]],
    )
    number = make(rpc, "company.company", party=make(rpc, "party.party", name=name), currency=money)
    users = rpc("model.res.user.search", [["login", "=", "admin"]], 0, None, None)
    rpc("model.res.user.write", users, {"companies": [["add", [number]]], "company": number})
    rpc.context = dict(rpc("model.res.user.get_preferences", _YES))
    return Company(rpc, number, money, _chart(rpc, number))


def make(rpc: Rpc, model: str, **fields: Any) -> int:
    """Creates one record; fields that are None are left to Tryton's defaults."""
    given = {name: value for name, value in fields.items() if value is not None}
    [number] = rpc(f"model.{model}.create", [given])
    return int(number)


def today() -> date:
    """Gives the day by the clock of a server in UTC, which is what a private Tryton runs on."""
    return datetime.now(UTC).date()


def _chart(rpc: Rpc, company: int) -> dict[str, int]:
    """Makes the chart that ships with the module `account`; gives an account for each use."""
    wizard, *_ = rpc("wizard.account.create_chart.create")
    template = _first(rpc, "account.account.template", [["parent", "=", None]])
    told = {"account": {"company": company, "account_template": template}}
    rpc("wizard.account.create_chart.execute", wizard, told, "create_account")
    found = {kind: _account(rpc, kind) for kind in ("receivable", "payable", "revenue", "expense")}
    properties = {"company": company} | {f"account_{kind}": found[kind] for kind in ("receivable", "payable")}
    rpc("wizard.account.create_chart.execute", wizard, {"properties": properties}, "create_properties")
    rpc("wizard.account.create_chart.delete", wizard)
    return found


def _account(rpc: Rpc, kind: str) -> int:
    domain: list[Any] = [["closed", "!=", True], [f"type.{kind}", "=", True]]
    if kind in ("receivable", "payable"):
        domain.append(["party_required", "=", True])
    return _first(rpc, "account.account", domain)


def _first(rpc: Rpc, model: str, domain: Sequence[Any]) -> int:
    found = rpc(f"model.{model}.search", domain, 0, 1, None)
    return int(found[0])
