"""What a company of LedgerSMB trades with, put in as its program puts it in (version 1.6.33)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, make_url, text

from crossdock.testing.ledgersmb.schema import company_database

CUSTOMER, SALES_ORDER = 2, 1
"""Numbers of `entity_class` and `oe_class`, the same in every company."""
CONTACT_CLASSES = {"phone": 1, "cell": 3, "email": 12}
LOCATION_CLASSES = {"billing": 1, "sales": 2, "shipping": 3}
_ADJUSTED = """
    SELECT inventory_adjust__save_line(:report, id, CAST(:counted AS numeric), onhand,
        CAST(:counted AS numeric) - onhand)
    FROM parts WHERE id = :part
"""
_CREDIT_ACCOUNT = """
    SELECT eca__save(NULL, :class, :entity, NULL, 0, false, 0, 0, 30, :number, NULL, 'en', :pricegroup, 'USD',
        current_date, NULL, 0,
        (SELECT account_id FROM account_link WHERE description = 'AR' ORDER BY account_id LIMIT 1),
        NULL, NULL, NULL, NULL)
"""
_LOCATION = """
    SELECT eca__location_save(:account, NULL, :class, :line_one, :line_two, NULL, :city, :state, :mail_code,
        (SELECT id FROM country WHERE short_name = :country), NULL)
"""
_STANDARD_ACCOUNTS = ("inventory_accno_id", "income_accno_id", "expense_accno_id")


class Company:
    """A company's database, and what its users do.

    Attributes:
        database: SQLAlchemy URL of its tables, with a superuser's login.
    """

    def __init__(self, engine: Engine, database: str) -> None:
        """Takes a filled database; use `start`."""
        self._engine, self.database = engine, database

    def execute(self, statement: str, **values: Any) -> Any:
        """Runs one statement, committed at once, and gives the first value of its first row.

        Args:
            statement: SQL with parameters as `:name`.
            values: the parameters.

        Returns:
            None where there are no rows.
        """
        with self._engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return result.scalar() if result.returns_rows else None

    def insert(self, table: str, **values: Any) -> int:
        """Adds a row, as LedgerSMB's program does where there is no stored function; gives its number."""
        names, places = ", ".join(values), ", ".join(f":{name}" for name in values)
        return int(self.execute(f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING id", **values))  # noqa: S608

    def part(self, number: str, description: str, *, stocked: bool = True, **more: Any) -> int:
        """Adds a part, or a service where it is not stocked, on the accounts that are the company's standard.

        Args:
            number: its partnumber.
            description: its name.
            stocked: whether it has an inventory account; without one it is a service.
            more: other columns, such as `sellprice`, `partsgroup_id` or `weight`.
        """
        accounts = {name: int(self.setting(name)) for name in _STANDARD_ACCOUNTS if stocked or "inventory" not in name}
        return self.insert("parts", partnumber=number, description=description, **accounts, **more)

    def setting(self, key: str) -> Any:
        """Gives one of the company's settings, as text."""
        return self.execute("SELECT value FROM defaults WHERE setting_key = :key", key=key)

    def set(self, key: str, value: str) -> None:
        """Changes one of the company's settings."""
        self.execute("SELECT setting__set(:key, :value)", key=key, value=value)

    def count(self, quantities: Mapping[int, float]) -> None:
        """Takes stock: from then on the company has these quantities on hand, by part."""
        report = self.execute("SELECT id FROM inventory_adjust__save_info(current_date, 'stock-taking')")
        for part, counted in quantities.items():
            self.execute(_ADJUSTED, report=report, part=part, counted=counted)
        self.execute("SELECT inventory_adjust__approve(:report)", report=report)

    def warehouse(self, description: str) -> int:
        """Adds a warehouse."""
        return self.insert("warehouse", description=description)

    def move(self, part: int, warehouse: int, quantity: float) -> None:
        """Notes goods received into a warehouse, or shipped from it where the quantity is negative.

        As the program does for a shipment: warehouse and stock on hand change together.
        """
        values = {"part": part, "warehouse": warehouse, "quantity": quantity}
        self.execute(
            "INSERT INTO warehouse_inventory (warehouse_id, parts_id, qty, shippingdate)"
            " VALUES (:warehouse, :part, :quantity, current_date)",
            **values,
        )
        self.execute("UPDATE parts SET onhand = onhand + :quantity WHERE id = :part", part=part, quantity=quantity)

    def group_price(self, part: int, pricegroup: int, price: str | None, **more: Any) -> None:
        """Adds a price of a part for a price group; more: `validfrom`, `validto`, `qty`, `curr`."""
        columns = {"parts_id": part, "pricegroup_id": pricegroup, "sellprice": price, **more}
        names, places = ", ".join(columns), ", ".join(f":{name}" for name in columns)
        self.execute(f"INSERT INTO partscustomer ({names}) VALUES ({places})", **columns)  # noqa: S608

    def customer(self, number: str, name: str, *, pricegroup: int | None = None, **contacts: str) -> int:
        """Adds a company and its customer account.

        Args:
            number: the account's number, as shown to people.
            name: the legal name.
            pricegroup: the price group that it buys in.
            contacts: `email`, `phone` and `cell`.

        Returns:
            The account, not the company.
        """
        entity = self.execute(
            "SELECT entity_id FROM company__save(NULL, :class, :name, NULL, NULL, NULL,"
            " (SELECT id FROM country WHERE short_name = 'US'), NULL, NULL)",
            **{"class": CUSTOMER, "name": name},
        )
        told = {"class": CUSTOMER, "entity": entity, "number": number, "pricegroup": pricegroup}
        account = int(self.execute(_CREDIT_ACCOUNT, **told))
        for kind, contact in contacts.items():
            self.contact(account, kind, contact)
        return account

    def contact(self, account: int, kind: str, contact: str, old: str | None = None) -> None:
        """Adds an account's `email`, `phone` or `cell`, or puts it in an old one's place."""
        self.execute(
            "SELECT eca__save_contact(:account, :class, NULL, :contact, :old, :class)",
            **{"account": account, "class": CONTACT_CLASSES[kind], "contact": contact, "old": old},
        )

    def location(self, account: int, kind: str, **address: str) -> None:
        """Adds an account's address.

        Args:
            account: the customer account.
            kind: `billing`, `sales` or `shipping`.
            address: `line_one`, `city`, `country` (two letters); `line_two`, `state` and `mail_code` may be left out.
        """
        empty: dict[str, Any] = {"line_two": None, "state": None, "mail_code": None}
        self.execute(_LOCATION, **{**empty, **address, "account": account, "class": LOCATION_CLASSES[kind]})

    def sales_order(self, account: int, quantities: Mapping[int, float]) -> int:
        """Adds an open sales order with lines by part, nothing of it shipped."""
        values = {"entity_credit_account": account, "oe_class_id": SALES_ORDER, "curr": "USD", "ordnumber": "SO-1"}
        order = self.insert("oe", **values)
        for part, quantity in quantities.items():
            self.insert("orderitems", trans_id=order, parts_id=part, qty=quantity, ship=0, sellprice=0)
        return order


@contextmanager
def start(folder: Path, database_url: str) -> Iterator[Company]:
    """Makes a company with a chart of accounts while the context lasts.

    Args:
        folder: for files that are needed meanwhile.
        database_url: SQLAlchemy URL of a private PostgreSQL, with a superuser's login.

    Raises:
        Unavailable: LedgerSMB's schema cannot be had here.
    """
    with company_database(make_url(database_url), folder) as database:
        engine = create_engine(database)
        try:
            yield Company(engine, database.render_as_string(hide_password=False))
        finally:
            engine.dispose()
