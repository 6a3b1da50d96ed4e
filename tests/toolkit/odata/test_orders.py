"""A connector for an OData service stays small, and writes each order once."""

import ast
from decimal import Decimal

import msgspec
import pluggy
import pytest

from crossdock import OrderDocument, Read, RefusedError, TransientError
from crossdock.contract import hooks
from crossdock.records.order import DocumentLine
from crossdock.testing.http_standin import Given, HttpStandIn

from .conftest import PRODUCTS, codes_of, opened, service

READING = '''
"""An ERP behind a service layer."""

from crossdock.toolkit.http import SessionCookie
from crossdock.toolkit.odata import EntitySet, ODataSource

LOGIN = SessionCookie(
    fields={"CompanyDB": "company", "UserName": "username", "Password": "password"},
    cookies=("B1SESSION", "ROUTEID"),
)
plugin = ODataSource(
    "erp",
    "ERP",
    (PRODUCTS,),
    auth=LOGIN,
    sets={"products": EntitySet(changed_type="Edm.String", only="Valid eq 'tYES'")},
    version=3,
)
'''
WRITING = '''
"""An ERP behind a service layer that takes orders."""

from crossdock import Receipt, hookimpl
from crossdock.toolkit.http import SessionCookie
from crossdock.toolkit.odata import ODataSource


class ServiceLayer(ODataSource):
    """Orders, as the service layer wants them."""

    @hookimpl
    def write_order(self, session, document, deadline_s):
        """Writes one order."""
        lines = [{"ItemCode": one.native_code, "Quantity": one.qty, "UnitPrice": one.price} for one in document.lines]
        order = {"CardCode": document.customer_code, "NumAtCard": document.reference, "DocumentLines": lines}
        return self.receipt(session.create("Orders", order, deadline_s))

    @hookimpl
    def find_order(self, session, reference):
        """Looks for an order."""
        return [self.receipt(one) for one in session.find("Orders", "NumAtCard", reference)]

    def receipt(self, order):
        """Reads what the service says of an order."""
        return Receipt(str(order["DocEntry"]), order["NumAtCard"], customer_code=order["CardCode"])


plugin = ServiceLayer(
    "erp",
    "ERP",
    (PRODUCTS,),
    auth=SessionCookie(fields={"CompanyDB": "company", "UserName": "username", "Password": "password"}),
    version=3,
    order_key="searchable",
    reference_length=100,
)
'''
ORDER = OrderDocument(
    reference="O'R1",
    kind="sales_order",
    channel_order_code="1",
    customer_code="CASH",
    lines=(DocumentLine(sku="A", native_code="A", qty=Decimal(2), price=Decimal("9.99"), title="A"),),
    total=Decimal(20),
)
USER = {"company": "SBODEMO", "username": "manager", "password": "s3cret"}


def code_lines(text):
    """Lines of code: no blanks, imports, comments and docstrings."""
    spare = set()
    for node in ast.walk(ast.parse(text)):
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_docstring or isinstance(node, ast.Import | ast.ImportFrom):
            spare.update(range(node.lineno, node.end_lineno + 1))
    return [line for number, line in enumerate(text.splitlines(), 1) if line.strip() and number not in spare]


def plugin_of(text):
    """The plugin that a module's text makes; the contract takes it."""
    names = {"PRODUCTS": PRODUCTS}
    exec(compile(text, "<plugin>", "exec"), names)  # noqa: S102  # the text above
    manager = pluggy.PluginManager("crossdock")
    manager.add_hookspecs(hooks)
    manager.register(names["plugin"])
    manager.check_pending()
    return names["plugin"]


class Guarded:
    """A service behind a login whose session may end."""

    def __init__(self, answers):
        self.answers, self.sessions, self.logins = answers, set(), 0
        for one in answers.sets["Items"]:
            one["Valid"] = "tYES"

    def __call__(self, asked):
        if asked.path == "/Login":
            self.logins += 1
            self.sessions.add(f"B1SESSION=s{self.logins}; ROUTEID=.n1")
            return Given(200, {"SessionTimeout": 30}, cookies={"B1SESSION": f"s{self.logins}", "ROUTEID": ".n1"})
        if asked.headers.get("cookie") not in self.sessions:
            return self.answers.error(401, "Invalid session or session already timeout.", 301)
        return self.answers(asked)


@pytest.mark.parametrize(("text", "most"), [(READING, 18), (WRITING, 30)], ids=["reading", "with orders"])
def test_a_connector_is_small(text, most):
    """A source takes at most 18 lines, one that takes orders too at most 30."""
    assert len(code_lines(text)) <= most


def test_the_small_source_reads():
    """The 18 lines are a whole plugin: login, pages, what changed and single items, over a session that ends."""
    plugin, layer = plugin_of(READING), Guarded(service(25, version=3))
    with HttpStandIn(layer) as server, opened(plugin, server.url, **USER) as session:
        pages = plugin.read_products(session=session, read=Read(fields=PRODUCTS))
        full = [next(pages)]
        layer.sessions.clear()
        full += list(pages)
        again = codes_of(plugin.read_products(session=session, read=Read(fields=PRODUCTS, since=full[-1].cursor)))
        one = codes_of(plugin.read_products(session=session, read=Read(fields=PRODUCTS, codes=("C'007",))))
    assert (len(codes_of(full)), len(again), one, layer.logins) == (25, 25, ["C'007"], 2)


def test_the_small_target_writes_and_finds():
    """The 30 lines write an order and find it by its reference, whatever signs that has."""
    plugin, layer = plugin_of(WRITING), Guarded(service(1, version=3))
    with HttpStandIn(layer) as server, opened(plugin, server.url, **USER) as session:
        receipt = plugin.write_order(session=session, document=ORDER, deadline_s=5)
        assert plugin.find_order(session=session, reference="O'R1") == [receipt]
        assert plugin.find_order(session=session, reference="R2") == []


def test_a_refused_order_is_a_refusal():
    """The service's no comes with its reason and code, and nothing is written."""
    plugin, layer = plugin_of(WRITING), Guarded(service(1, version=3))
    layer.answers.refuse = lambda _set, _order: "No matching records found (ODBC -2028)"
    with (
        HttpStandIn(layer) as server,
        opened(plugin, server.url, **USER) as session,
        pytest.raises(RefusedError, match=r"No matching records found .* \(code -5002\)"),
    ):
        plugin.write_order(session=session, document=ORDER, deadline_s=5)


def test_a_lost_answer_is_found_again():
    """Where the answer was lost after the order was written, it was written once and its reference finds it."""
    plugin, layer = plugin_of(WRITING), Guarded(service(1, version=3))
    with HttpStandIn(layer) as server, opened(plugin, server.url, **USER) as session:
        server.fail("lose_answer", method="POST", path="/Orders")
        with pytest.raises(TransientError):
            plugin.write_order(session=session, document=ORDER, deadline_s=5)
        (found,) = plugin.find_order(session=session, reference="O'R1")
    assert found.document_code == "1"
    assert len(layer.answers.sets["Orders"]) == 1


def test_the_manifest_says_what_it_takes():
    """What is declared stands in the manifest: settings with the password marked, the key, the host."""
    manifest = plugin_of(WRITING).manifest
    assert [one.name for one in manifest.settings if one.secret] == ["password"]
    assert (manifest.order_key, manifest.reference_length, manifest.hosts) == ("searchable", 100, ("url",))
    assert msgspec.json.decode(msgspec.json.encode(manifest))["name"] == "erp"
