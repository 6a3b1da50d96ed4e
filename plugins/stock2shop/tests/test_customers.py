"""Customers become a file for the hub's import, whole at every moment."""

import csv
import os
from threading import Thread

import pytest
from crossdock_stock2shop import customers
from filelock import FileLock
from msgspec.structs import replace

from crossdock import Address, ConfigError, Customer, CustomerDelivery, TransientError


def keep(path, *due, **how):
    """States of the results."""
    return [one.state for one in customers.keep(path, [CustomerDelivery(one, **how) for one in due])]


def rows(path):
    """The file's rows."""
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_customers_become_an_import_file(tmp_path):
    """The file holds one row for each customer, the latest; who is gone leaves it; repeats change nothing."""
    path = tmp_path / "customers.csv"
    ann = Customer(
        source_customer_code="ANN",
        email="ann@a.example",
        accepts_marketing=True,
        addresses=(Address(address1="1 Main Road", city="Cape Town"),),
    )
    bob = Customer(source_customer_code="BOB", first_name="Bob")
    for due in ([ann, bob], [replace(ann, first_name="Ann")], [replace(ann, first_name="Ann")]):
        assert set(keep(str(path), *due)) == {"done"}
    first, second = rows(path)
    assert (first["source_customer_code"], first["first_name"]) == ("ANN", "Ann")
    assert (first["accepts_marketing"], first["address1.city"]) == ("true", "Cape Town")
    assert second["source_customer_code"] == "BOB"
    keep(str(path), bob, gone=True)
    assert [row["source_customer_code"] for row in rows(path)] == ["ANN"]


def test_repeats_leave_the_file_as_it_is(tmp_path):
    """A delivery that says nothing new does not replace the file."""
    path, ann = tmp_path / "customers.csv", Customer(source_customer_code="ANN")
    keep(str(path), ann)
    os.utime(path, (1, 1))
    keep(str(path), ann)
    assert path.stat().st_mtime == 1


def test_two_runs_lose_no_row(tmp_path):
    """Runs that write the file at the same time wait for one another: each row of each of them is in it."""
    path, failures = tmp_path / "customers.csv", []

    def run(name):
        try:
            for number in range(20):
                keep(str(path), Customer(source_customer_code=f"{name}{number}"))
        except Exception as error:  # noqa: BLE001  # looked at below
            failures.append(error)

    threads = [Thread(target=run, args=(name,)) for name in "ABC"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(rows(path)) == 60


def test_a_run_that_has_to_wait_too_long_comes_again(tmp_path, monkeypatch):
    """When another run does not let go of the file, the batch is transient and the file stays."""
    path = tmp_path / "customers.csv"
    monkeypatch.setattr(customers, "LOCK_S", 0.1)
    with FileLock(f"{path}.lock"), pytest.raises(TransientError, match="another run"):
        keep(str(path), Customer(source_customer_code="ANN"))
    assert not path.exists()


def test_customers_without_a_file_are_refused():
    """Without a file each customer is refused, and the reason names the setting."""
    (result,) = customers.keep(None, [CustomerDelivery(Customer(source_customer_code="ANN"))])
    assert (result.state, "customers_path" in result.reason) == ("refused", True)


def test_a_folder_that_is_not_there_is_a_setting(tmp_path):
    """A file in no folder is an error of the settings."""
    with pytest.raises(ConfigError, match="no folder"):
        keep(str(tmp_path / "nowhere" / "customers.csv"), Customer(source_customer_code="ANN"))


def test_a_foreign_customer_file_is_left_alone(tmp_path):
    """A file with other columns is not written over, and nothing but the lock is left beside it."""
    path = tmp_path / "customers.csv"
    path.write_text("code\n1\n")
    with pytest.raises(ConfigError, match="not a customer import"):
        keep(str(path), Customer(source_customer_code="ANN"))
    assert {one.name for one in tmp_path.iterdir()} <= {"customers.csv", "customers.csv.lock"}
    assert path.read_text() == "code\n1\n"
