"""A connector for an API stays small: what is special about a system is data, the rest is the toolkit's."""

import ast
import textwrap
from decimal import Decimal

import msgspec
import pluggy
import pytest

from crossdock import OrderDocument, Read, RefusedError
from crossdock.contract import hooks
from crossdock.records.order import DocumentLine
from crossdock.testing.http_standin import HttpStandIn

from .conftest import PRODUCTS, Shop, opened

READING = '''
"""A shop behind an API."""

from crossdock.toolkit.http import Bearer, ChangedSince, PageNumbers, Resource, RestSource

plugin = RestSource(
    "shop",
    "Shop",
    (PRODUCTS,),
    auth=Bearer(),
    resources={
        "products": Resource(
            path="pages",
            rows="items",
            paging=PageNumbers(size="size", total="total"),
            since=ChangedSince(param="since", form="epoch"),
            code="code",
        ),
    },
)
'''
WRITING = '''
"""A shop behind an API that takes orders."""

from crossdock import Receipt, hookimpl
from crossdock.toolkit.http import Bearer, PageNumbers, Resource, RestSource


class Shop(RestSource):
    """Orders, as the shop wants them."""

    @hookimpl
    def write_order(self, session, document, deadline_s):
        """Writes one order."""
        lines = [{"sku": one.native_code, "qty": one.qty, "price": one.price} for one in document.lines]
        order = {"reference": document.reference, "customer": document.customer_code, "lines": lines}
        return self.receipt(session.create("order", order, deadline_s))

    @hookimpl
    def find_order(self, session, reference):
        """Looks for an order."""
        return [self.receipt(one) for one in session.rows("order", reference=reference)]

    def receipt(self, order):
        """Reads what the shop says of an order."""
        return Receipt(str(order["number"]), order["reference"], customer_code=order["customer"])


products = Resource(path="pages", rows="items", paging=PageNumbers(size="size", total="total"), code="code")
plugin = Shop("shop", "Shop", (PRODUCTS,), auth=Bearer(), resources={"products": products}, order_key="searchable")
'''


def code_lines(text):
    """Lines of code: no blanks, imports, comments and docstrings."""
    tree = ast.parse(textwrap.dedent(text))
    spare = set()
    for node in ast.walk(tree):
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_docstring or isinstance(node, ast.Import | ast.ImportFrom):
            spare.update(range(node.lineno, node.end_lineno + 1))
    lines = enumerate(text.splitlines(), 1)
    return [line for number, line in lines if line.strip() and number not in spare and not line.strip().startswith("#")]


def plugin_of(text):
    """The plugin that a module's text makes; the contract takes it."""
    names = {"PRODUCTS": PRODUCTS}
    exec(compile(text, "<plugin>", "exec"), names)  # noqa: S102  # the text above
    manager = pluggy.PluginManager("crossdock")
    manager.add_hookspecs(hooks)
    manager.register(names["plugin"])
    manager.check_pending()
    return names["plugin"]


@pytest.mark.parametrize(("text", "most"), [(READING, 18), (WRITING, 30)], ids=["reading", "with orders"])
def test_a_connector_is_small(text, most):
    """A source takes at most 18 lines, one that takes orders too at most 30."""
    assert len(code_lines(text)) <= most


def test_the_small_source_reads():
    """The 18 lines are a whole plugin: it reads, in full, what changed, and single items."""
    plugin = plugin_of(READING)
    with HttpStandIn(Shop(25)) as server, opened(plugin, server.url, token="t", overlap_s=0) as session:
        pages = list(plugin.read_products(session=session, read=Read(fields=PRODUCTS)))
        since = list(plugin.read_products(session=session, read=Read(fields=PRODUCTS, since=pages[-1].cursor)))
        (one,) = plugin.read_products(session=session, read=Read(fields=PRODUCTS, codes=("C007",)))
    assert (sum(len(page.rows) for page in pages), sum(len(page.rows) for page in since), len(one.rows)) == (25, 0, 1)


def test_the_small_target_writes():
    """The 30 lines write an order, find it by its reference, and hand a refusal on."""
    plugin = plugin_of(WRITING)
    line = DocumentLine(sku="A", native_code="A", qty=Decimal(2), price=Decimal("9.99"), title="A")
    order = OrderDocument(
        reference="R1",
        kind="sales_order",
        channel_order_code="1",
        customer_code="CASH",
        lines=(line,),
        total=Decimal(20),
    )
    with HttpStandIn(Shop()) as server, opened(plugin, server.url, token="t") as session:
        receipt = plugin.write_order(session=session, document=order, deadline_s=5)
        assert plugin.find_order(session=session, reference="R1") == [receipt]
        assert plugin.find_order(session=session, reference="R2") == []
        empty = msgspec.structs.replace(order, lines=())
        with pytest.raises(RefusedError, match="an order needs lines"):
            plugin.write_order(session=session, document=empty, deadline_s=5)
