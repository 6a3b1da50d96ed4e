"""LedgerSMB's tables for tests: its own scripts loaded whole, filled through its own functions."""

import shutil
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import make_url

from crossdock.testing import databases, ledgersmb
from crossdock.testing.ledgersmb.schema import loading, sources
from crossdock.testing.private import Unavailable

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture(scope="module")
def company(postgres_url):
    """A company that the tests of this file share."""
    with tempfile.TemporaryDirectory(prefix="crossdock-ledgersmb-") as folder:
        try:
            with ledgersmb.start(Path(folder), postgres_url) as found:
                yield found
        except Unavailable as reason:
            pytest.skip(f"no LedgerSMB: {reason}")


def test_schema_modules_and_chart_are_there(company):
    """Its version is the one that is proved, every module was loaded, and there are accounts to post to."""
    assert company.setting("version").startswith("1.6.")
    assert company.setting("module_load_ok") == "yes"
    assert company.execute("SELECT count(*) FROM account") > 20
    assert company.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") > 150


def test_stock_taking_sets_what_is_on_hand(company):
    """A count through LedgerSMB's own inventory adjustment is the stock on hand from then on."""
    part = company.part("TENT", "Tent", lastcost="700")
    company.count({part: 5})
    company.count({part: 3})
    assert company.execute("SELECT onhand FROM parts WHERE id = :id", id=part) == Decimal(3)


def test_a_customer_is_what_ledgersmb_finds(company):
    """An account with contacts and address is found by LedgerSMB's own functions."""
    account = company.customer("ACM001", "Acme Stores", email="a@acme.example")
    company.location(account, "billing", line_one="1 Main Road", city="Springfield", country="US")
    assert company.execute("SELECT name FROM company_get_billing_info(:id)", id=account) == "Acme Stores"
    assert company.execute("SELECT city FROM company_get_billing_info(:id)", id=account) == "Springfield"
    company.contact(account, "email", "b@acme.example", old="a@acme.example")
    assert company.execute("SELECT contact FROM eca__list_contacts(:id)", id=account) == "b@acme.example"


def test_a_module_that_does_not_load_is_named(company, postgres_url, tmp_path):
    """A script that stops halfway stops the loading, and the reason names it."""
    copy = tmp_path / "sql"
    shutil.copytree(sources(), copy)
    broken = copy / "modules" / "Parts.sql"
    broken.write_text("SELECT 1;\n", "utf-8")
    script = tmp_path / "load.sql"
    script.write_text(loading(copy), "utf-8")
    with (
        databases.database(make_url(postgres_url), "broken") as database,
        pytest.raises(Unavailable, match=r"not loaded: Parts\.sql"),
    ):
        databases.call("psql", database, "--no-psqlrc", "--quiet", f"--file={script}", folder=tmp_path)
