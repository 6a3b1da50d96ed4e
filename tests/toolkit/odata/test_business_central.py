"""A source in the manner of Business Central: OAuth 2, a company in the path, no comparison with null, whole links.

What it does is taken from Microsoft's documentation of the API v2.0: client credentials at the tenant's token endpoint,
`lastModifiedDateTime`, server-driven paging with absolute links, errors as `{"error": {"code", "message"}}`.
"""

import time
from urllib.parse import parse_qsl

import pytest

from crossdock import ConfigError, Field, FieldMap, Read, Setting, Table
from crossdock.testing.http_standin import Given, HttpStandIn
from crossdock.testing.odata_standin import ODataService
from crossdock.toolkit.http import ClientCredentials
from crossdock.toolkit.odata import EntitySet, ODataSource

from .conftest import opened

COMPANY = "2f1e6ff5-0a29-4b3c-8f5e-3a2f3b1c0d11"
ITEMS = f"v2.0/contoso/production/api/v2.0/companies({COMPANY})/items"
PRODUCTS = FieldMap(
    "products",
    Table("items", key="number", changed="lastModifiedDateTime"),
    (
        Field("source_product_code", "number"),
        Field("source_variant_code", "number"),
        Field("title", "displayName"),
        Field("product_active", "blocked", values={"False": True, "True": False}),
        Field("variants.sku", "number"),
        Field("variants.qty", "inventory"),
        Field("variants.price", "unitPrice"),
    ),
)
plugin = ODataSource(
    "business-central",
    "Business Central",
    (PRODUCTS,),
    url="https://api.businesscentral.dynamics.com/v2.0/{tenant}/{environment}/api/v2.0",
    auth=ClientCredentials(
        token_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
        scope="https://api.businesscentral.dynamics.com/.default",
    ),
    settings=(
        Setting("tenant", "Directory (tenant) id or domain", required=True),
        Setting("environment", "Environment", default="production"),
        Setting("company", "Id of the company", required=True),
    ),
    sets={"products": EntitySet(name="companies({company})/items", has_unstamped=False)},
    rate_per_s=20,
    sessions=5,
)


class Central:
    """The service behind its login."""

    def __init__(self, count):
        items = [self.item(number) for number in range(count)]
        self.items = ODataService({ITEMS: items}, keys={ITEMS: "number"}, page_size=10)
        self.token, self.url = "", ""

    def item(self, number):
        stamp = f"2026-01-{1 + number % 28:02}T10:00:00.123Z"
        name = {"number": f"{1000 + number}", "displayName": f"Chair {number}", "blocked": number % 2 == 0}
        return {**name, "inventory": number, "unitPrice": 10.5, "lastModifiedDateTime": stamp, "gtin": ""}

    def __call__(self, asked):
        if asked.path == "/contoso/oauth2/v2.0/token":
            form = dict(parse_qsl(asked.body.decode()))
            assert form["scope"] == "https://api.businesscentral.dynamics.com/.default"
            self.token = f"t{time.time_ns()}"
            return Given(200, {"token_type": "Bearer", "expires_in": 3599, "access_token": self.token})
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return Given(401, {"error": {"code": "Authentication_InvalidCredentials", "message": "log in"}})
        if "null" in asked.query.get("$filter", ""):
            return Given(400, {"error": {"code": "BadRequest", "message": "cannot compare with null"}})
        given = self.items(asked)
        link = given.body.get("@odata.nextLink") if given.status == 200 else None
        return Given(200, {**given.body, "@odata.nextLink": f"{self.url}/{link}"}) if link else given


@pytest.fixture
def central():
    """The service with 45 items, as a server, and the settings of a connection to it."""
    answers = Central(45)
    with HttpStandIn(answers) as server:
        answers.url = server.url
        settings = {"tenant": "contoso", "environment": "production", "company": COMPANY, "client_id": "id"}
        settings |= {"client_secret": "s3cret", "token_url": server.url + "/{tenant}/oauth2/v2.0/token"}
        yield answers, server, settings


def read(server, settings, since=None, **told):
    """The pages of a read in a session of its own."""
    url = server.url + "/v2.0/{tenant}/{environment}/api/v2.0"
    with opened(plugin, url, **settings) as session:
        return list(plugin.read_products(session=session, read=Read(fields=PRODUCTS, since=since, **told)))


def test_items_are_read_whole_and_then_what_changed(central):
    """All items come over the links; the next read asks by the stamp, to the second, and never about null."""
    answers, server, settings = central
    full = read(server, settings)
    assert sum(len(page.rows) for page in full) == 45
    answers.items.sets[ITEMS][3]["lastModifiedDateTime"] = "2026-02-01T00:00:01.5Z"
    (*_, changed) = read(server, settings | {"overlap_s": 60}, full[-1].cursor)
    assert "1003" in [row["number"] for row in changed.rows]
    asked = server.asked("GET")[-1].query
    assert asked["$filter"] == "lastModifiedDateTime ge 2026-01-28T09:59:00Z"
    assert asked["$orderby"] == "number"
    assert asked["$select"] == "blocked,displayName,inventory,lastModifiedDateTime,number,unitPrice"


def test_a_token_that_ends_in_mid_read_loses_nothing(central):
    """When the token is no longer taken between two pages, one login follows and every item comes once."""
    answers, server, settings = central
    with opened(plugin, server.url + "/v2.0/{tenant}/{environment}/api/v2.0", **settings) as session:
        pages = plugin.read_products(session=session, read=Read(fields=PRODUCTS))
        seen = [row["number"] for row in next(pages).rows]
        answers.token = "gone"
        seen += [row["number"] for page in pages for row in page.rows]
    assert seen == [f"{1000 + number}" for number in range(45)]
    assert len(server.asked("POST")) == 2


def test_errors_come_in_its_words(central):
    """A query that it refuses is an error with its text and code."""
    answers, server, settings = central
    answers.items.sets[ITEMS][0].pop("unitPrice")
    for one in answers.items.sets[ITEMS]:
        one.pop("unitPrice", None)
    with pytest.raises(ConfigError, match="no property unitPrice"):
        read(server, settings)


def test_a_path_may_name_the_company(central):
    """A creating call and the look-up after it go to the company of the connection."""
    answers, server, settings = central
    orders = ITEMS.replace("items", "salesOrders")
    answers.items.sets[orders], answers.items.keys[orders] = [], "number"
    with opened(plugin, server.url + "/v2.0/{tenant}/{environment}/api/v2.0", **settings) as session:
        made = session.create("companies({company})/salesOrders", {"externalDocumentNumber": "R1"}, 5)
        found = session.find("companies({company})/salesOrders", "externalDocumentNumber", "R1")
    assert [made["number"]] == [one["number"] for one in found]


def test_the_manifest_names_every_host_and_secret():
    """The operator sees both addresses, each with the usual one set, and the secret is marked."""
    manifest = plugin.describe()
    assert manifest.hosts == ("url", "token_url")
    given = {one.name: one for one in manifest.settings}
    assert given["client_secret"].secret
    assert [name for name, one in given.items() if one.required] == ["tenant", "company", "client_id", "client_secret"]
