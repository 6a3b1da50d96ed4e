"""Customers for the hub: a file in the shape of its customer import, always complete.

No public call for customers is documented, so a person imports the file. It holds one row for each
customer; a delivery that comes again replaces the row, so repeats change nothing.
"""

import csv
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from crossdock import ConfigError, CustomerDelivery, Result, TransientError
from crossdock_stock2shop.fields import CUSTOMER_COLUMNS, to_import_row

KEY = "source_customer_code"
NO_PATH = "the hub has no documented call for customers: add customers_path to the connection for an import file"


def keep(path: str | None, deliveries: Sequence[CustomerDelivery]) -> list[Result]:
    """Brings the file up to date in one step; customers that are gone or not active leave it.

    Raises:
        TransientError: the file cannot be written now; it is as it was.
        ConfigError: a file is there that is no such import.
    """
    codes = [one.customer.source_customer_code for one in deliveries]
    if path is None:
        return [Result(code, "refused", NO_PATH) for code in codes]
    rows = {
        one.customer.source_customer_code: to_import_row(one.customer) if one.customer.active and not one.gone else None
        for one in deliveries
    }
    try:
        _rewrite(Path(path), rows)
    except OSError as error:
        message = f"{path} cannot be written now: {error.strerror}"
        raise TransientError(message) from error
    return [Result(code) for code in codes]


def _rewrite(path: Path, rows: dict[str, Mapping[str, str] | None]) -> None:
    """Writes the whole file anew beside the old one, row by row, and puts it in its place."""
    fresh = path.with_name(f"{path.name}.new")
    with _present(path) as old, fresh.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, CUSTOMER_COLUMNS)
        writer.writeheader()
        for row in old:
            now = rows.pop(row[KEY], row)
            if now is not None:
                writer.writerow(now)
        writer.writerows(row for row in rows.values() if row is not None)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


@contextmanager
def _present(path: Path) -> Iterator[Iterable[Mapping[str, str]]]:
    """Gives the rows that are in the file, none where there is no file.

    Raises:
        ConfigError: it is not a file of this kind.
    """
    if not path.exists():
        yield ()
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or CUSTOMER_COLUMNS) != CUSTOMER_COLUMNS:
            message = f"{path} is not a customer import of this plugin: name another file or move it away"
            raise ConfigError(message)
        yield rows
