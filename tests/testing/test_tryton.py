"""The real Tryton for tests: it answers as its own clients expect, survives a fall, and leaves nothing behind."""

import subprocess
import sys
import tempfile
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, make_url, text

from crossdock.testing import tryton
from crossdock.testing.private import Unavailable
from crossdock.testing.tryton.company import make
from crossdock.testing.tryton.install import LOCK
from crossdock.testing.tryton.prepared import PASSWORD, USER

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def erp(request):
    """A Tryton on SQLite and one on PostgreSQL; the tests of this file share each."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    with tempfile.TemporaryDirectory(prefix="crossdock-tryton-") as folder:
        try:
            with tryton.start(Path(folder), url) as server:
                yield server
        except Unavailable as reason:
            pytest.skip(f"no Tryton: {reason}")


@pytest.fixture(scope="module")
def company(erp):
    """A company founded in it."""
    return tryton.found_company(erp.rpc, "Cape Outdoor", "ZAR")


def answers(url):
    """Whether somebody listens there."""
    try:
        httpx.get(url, trust_env=False)
    except httpx.TransportError:
        return False
    return True


def test_values_travel_as_what_they_are(company):
    """Decimals and dates go in and come out as such, and texts in any script."""
    [product] = company.goods("Zelt für 茶", "TENT", "1299.9050")
    [row] = company.rpc("model.product.product.read", [product], ["name", "list_price_used", "create_date"])
    assert (row["name"], row["list_price_used"]) == ("Zelt für 茶", Decimal("1299.9050"))
    [rate] = company.rpc("model.currency.currency.rate.search_read", [], 0, None, None, ["date", "rate"])
    assert (rate["date"], rate["rate"]) == (date(2000, 1, 1), Decimal(1))


def test_a_refusal_is_an_error_with_its_kind(company):
    """What Tryton refuses as a user's mistake is a `UserError` with its text, not an answer."""
    with pytest.raises(tryton.RpcError, match="Name") as refused:
        company.rpc("model.product.template.create", [{"name": None, "default_uom": 1}])
    assert (refused.value.kind, refused.value.warning) == ("UserError", None)


def test_a_warning_stops_a_call_until_it_is_confirmed(company):
    """Deactivating a product with stock is a warning, which a user may confirm."""
    [product] = company.goods("Lantern", "LANTERN", "250")
    [warehouse] = company.rpc("model.stock.location.search", [["code", "=", "WH"]], 0, None, None)
    company.count(company.storage(warehouse), {product: 4})
    with pytest.raises(tryton.RpcError) as warned:
        company.rpc("model.product.product.write", [product], {"active": False})
    assert warned.value.kind == "UserWarning"
    company.write("product.product", product, active=False)
    [row] = company.rpc("model.product.product.read", [product], ["active"])
    assert not row["active"]


def test_stock_is_free_until_it_is_promised(company):
    """A confirmed sale leaves stock free; once it is assigned, what was sold is not."""
    [product] = company.goods("Stove", "STOVE", "499")
    warehouse = company.warehouse("Durban", "DBN")
    company.count(company.shelf("D-01", warehouse), {product: 9})
    sale = company.sale(company.party("Acme Stores"), {product: 2}, warehouse=warehouse, reference="WEB-1")
    assert company.free(product, warehouse) == 9
    company.assign(sale)
    assert company.free(product, warehouse) == 7
    assert company.rpc("model.sale.sale.search", [["reference", "=", "WEB-1"]], 0, None, None) == [sale]


def test_a_price_list_gives_tryton_s_own_price(company):
    """The price asked for is that of the first line that fits, and the plain price without a list."""
    [product] = company.goods("Rope", "ROPE", "100")
    prices = company.price_list("Trade", [{"product": product, "formula": "unit_price * 0.75"}, {"formula": "1"}])
    assert [company.price(product), company.price(product, prices)] == [Decimal(100), Decimal(75)]


def test_a_fallen_server_comes_back_with_what_it_committed(erp):
    """Stopped at once and started again, it answers at the same address and knows what it had said yes to."""
    party = make(erp.rpc, "party.party", name="Survivor")
    url = erp.url
    erp.stop()
    assert not answers(url)
    with pytest.raises(RuntimeError, match="does not run"):
        _ = erp.rpc
    erp.start()
    assert erp.url == url
    [row] = erp.rpc("model.party.party.read", [party], ["name"])
    assert row["name"] == "Survivor"


def test_it_does_not_outlive_the_process_that_started_it(tmp_path):
    """When a test run is killed, its Tryton ends by itself."""
    script = "import sys, time\nfrom pathlib import Path\nfrom crossdock.testing import tryton\n"
    script += "with tryton.start(Path(sys.argv[1])) as erp:\n    print(erp.url, flush=True)\n    time.sleep(600)\n"
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        url = run.stdout.readline().strip()
        run.kill()
        said = run.stderr.read()
    if "Unavailable" in said:
        pytest.skip(f"no Tryton: {said}")
    for _ in range(200):
        if not answers(url):
            break
        time.sleep(0.05)
    assert not answers(url)


def test_a_wrong_password_opens_no_session(erp):
    """Nobody gets in with another password; the right one opens a second session."""
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        erp.session(USER, "wrong-password")
    with erp.session(USER, PASSWORD) as second:
        assert second.user == erp.rpc.user


@pytest.mark.postgres
def test_nothing_is_left_on_the_server(postgres_url, tmp_path):
    """When the context ends, the server's database is gone and nobody answers."""
    try:
        with tryton.start(tmp_path, postgres_url) as erp:
            database, url = make_url(erp.database).database, erp.url
    except Unavailable as reason:
        pytest.skip(f"no Tryton: {reason}")
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        names = connection.execute(text("SELECT datname FROM pg_database")).scalars().all()
    engine.dispose()
    assert database not in names
    assert not answers(url)


def test_every_package_is_pinned_by_its_content():
    """Each package of the lock has one version and at least one hash, so that another content is not installed."""
    blocks = LOCK.read_text("utf-8").split("\n\n")[-1].replace("\\\n", " ").splitlines()
    packages = [line for line in blocks if line and not line.startswith("#")]
    assert len(packages) > 20
    assert [line for line in packages if "==" not in line or "--hash=sha256:" not in line] == []
