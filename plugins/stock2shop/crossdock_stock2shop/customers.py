"""Customers for the hub: a file in the shape of its customer import, always complete.

No public call for customers is documented, so a person imports the file. It holds one row for each
customer; a delivery that comes again replaces the row, so repeats change nothing. Whoever brings it up to
date holds a lock file beside it, from reading it to putting the new one in its place.
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
LOCK_S = 30.0
"""Longest wait for another run that brings the file up to date."""
Rows = dict[str, Mapping[str, str] | None]
"""New row by code; None for one that leaves the file."""


def keep(path: str | None, deliveries: Sequence[CustomerDelivery]) -> list[Result]:
    """Brings the file up to date in one step; customers that are gone or not active leave it.

    Raises:
        TransientError: the file cannot be written now; it is as it was.
        ConfigError: a file is there that is no such import, or there is no such folder.
    """
    codes = [one.customer.source_customer_code for one in deliveries]
    if path is None:
        return [Result(code, "refused", NO_PATH) for code in codes]
    rows = {
        one.customer.source_customer_code: to_import_row(one.customer) if one.customer.active and not one.gone else None
        for one in deliveries
    }
    with _locked(Path(path)):
        try:
            _rewrite(Path(path), rows)
        except OSError as error:
            message = f"{path} cannot be written now: {error.strerror}"
            raise TransientError(message) from error
    return [Result(code) for code in codes]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keeps every other run away from the file.

    Raises:
        TransientError: another run has it for too long, or no lock can be made.
        ConfigError: there is no such folder.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415  # only who writes customers needs it

    if not path.parent.is_dir():
        message = f"{path} cannot be written: there is no folder {path.parent}"
        raise ConfigError(message)
    lock = FileLock(f"{path}.lock", timeout=LOCK_S)
    try:
        lock.acquire()
    except Timeout as error:
        message = f"{path} is being written by another run (it holds {path}.lock)"
        raise TransientError(message) from error
    except OSError as error:
        message = f"{path}.lock cannot be made: {error.strerror}"
        raise TransientError(message) from error
    try:
        yield
    finally:
        lock.release()


def _rewrite(path: Path, rows: Rows) -> None:
    """Writes the whole file anew beside the old one, row by row, and puts it in its place if anything is new."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        with _present(path) as old, fresh.open("w", encoding="utf-8", newline="") as file:
            is_changed = _merge(old, rows, csv.DictWriter(file, CUSTOMER_COLUMNS))
            file.flush()
            os.fsync(file.fileno())
        if is_changed or not path.exists():
            fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _merge(old: Iterable[Mapping[str, str]], rows: Rows, writer: "csv.DictWriter[str]") -> bool:
    """Writes the old rows with the new ones in their place or behind them; says whether anything differs."""
    is_changed = False
    writer.writeheader()
    for row in old:
        now = rows.pop(row[KEY], row)
        is_changed = is_changed or now != row
        if now is not None:
            writer.writerow(now)
    added = [row for row in rows.values() if row is not None]
    writer.writerows(added)
    return is_changed or bool(added)


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
