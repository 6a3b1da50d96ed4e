"""What goes over the wire: queries, forms, certificates, downloads; and what the texts of errors say."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from crossdock import ConfigError, NotSentError, RefusedError, TransientError
from crossdock.testing.http_standin import Given, HttpStandIn
from crossdock.toolkit.http import HttpClient, HttpSettings, Resource, RestSource
from crossdock.toolkit.http.answers import shown

from .conftest import opened

PEM = Path(__file__).with_name("standin.pem")


def echo(asked):
    """Answers with what was asked."""
    return Given(
        200, {"query": dict(asked.query), "type": asked.headers.get("content-type"), "body": asked.body.decode()}
    )


def test_queries_are_escaped_for_every_server():
    """Blanks are not written as a plus, and what has a meaning in an address stands for itself."""
    seen = []

    def answer(request):
        seen.append(str(request.url))
        return httpx.Response(200, json={})

    with HttpClient(HttpSettings(base_url="https://erp.example"), transport=httpx.MockTransport(answer)) as http:
        http.get("/items?a=1", params={"$filter": "Name eq 'A&B + C'", "flag": True})
    assert seen == ["https://erp.example/items?a=1&$filter=Name%20eq%20%27A%26B%20%2B%20C%27&flag=true"]


def test_forms_are_sent_as_forms():
    """A form goes as such, and only where it is declared repeatable is it sent twice."""
    with HttpStandIn(echo) as server, HttpClient(HttpSettings(base_url=server.url)) as http:
        server.fail("lose_answer")
        with pytest.raises(TransientError):
            http.request("POST", "/form", form={"a": "1 & 2"})
        found = http.request("POST", "/form", form={"a": "1 & 2"}).json()
    assert found["type"] == "application/x-www-form-urlencoded"
    assert found["body"] == "a=1+%26+2"
    assert len(server.asked()) == 2


def test_headers_may_name_settings():
    """A header with a setting in it is filled in for each connection, and a setting that is not there is said."""
    source = RestSource("x", "X", resources={}, headers={"X-Company": "{company}"})
    with HttpStandIn(lambda asked: Given(200, asked.headers.get("x-company"))) as server:
        with opened(source, server.url, company="ACME") as session:
            assert session.get("x") == "ACME"
        with pytest.raises(ConfigError, match="company"), opened(source, server.url):
            pass


def test_an_address_may_name_settings():
    """An address that is the same for all but a part is filled in, escaped; the operator may give another."""
    source = RestSource("x", "X", resources={}, url="http://127.0.0.1:9/{tenant}/api")
    assert {one.name: one.default for one in source.manifest.settings}["url"] == "http://127.0.0.1:9/{tenant}/api"
    with (
        HttpStandIn(lambda asked: Given(200, asked.path)) as server,
        opened(source, server.url + "/{tenant}/v2", tenant="a/b") as session,
    ):
        assert session.get("x") == "/a%2Fb/v2/x"


def test_a_server_with_its_own_certificate_is_trusted_once_it_is_named():
    """Unknown, a certificate is a settings error that says what to give; given, the server is read."""
    with HttpStandIn(lambda _: Given(200, {"ok": True}), certificate=PEM) as server:
        assert server.url.startswith("https://")
        with HttpClient(HttpSettings(base_url=server.url)) as http:
            with pytest.raises(ConfigError, match=r"certificate is not trusted.*give its certificate"):
                http.get("/x")
            with pytest.raises(NotSentError):
                http.post("/x", {})
        with HttpClient(HttpSettings(base_url=server.url, certificate=str(PEM))) as http:
            assert http.get("/x") == {"ok": True}
        settings = HttpSettings(base_url=server.url, certificate=__file__)
        with HttpClient(settings) as http, pytest.raises(ConfigError, match="must be a PEM file"):
            http.get("/x")


def test_downloads_come_in_pieces():
    """A body is handed on piece by piece; an error's body is not; that nothing changed is no error."""
    answers = iter([Given(200, b"x" * 300_000), Given(304), Given(404, b"nothing here")])
    pieces = []
    with HttpStandIn(lambda _: next(answers)) as server, HttpClient(HttpSettings(base_url=server.url)) as http:
        assert http.download("/file", pieces.append).body == b""
        assert http.download("/file", pieces.append, headers={"If-None-Match": "x"}).status == 304
        with pytest.raises(RefusedError, match="nothing here"):
            http.download("/file", pieces.append)
    assert sum(map(len, pieces)) == 300_000
    assert len(pieces) > 1


def test_a_download_is_not_begun_again():
    """What was written is written: a download that breaks off is not repeated below its caller."""
    with HttpStandIn(lambda _: Given(200, b"x" * 300_000)) as server:
        server.fail("cut")
        with HttpClient(HttpSettings(base_url=server.url)) as http, pytest.raises(TransientError):
            http.download("/file", lambda _: None)
    assert len(server.asked()) == 1


def test_cookies_are_not_kept():
    """A cookie that some answer sets does not come back by itself: sessions are the credential's."""
    with (
        HttpStandIn(lambda asked: Given(200, dict(asked.headers), cookies={"id": "7"})) as server,
        HttpClient(HttpSettings(base_url=server.url)) as http,
    ):
        assert http.request("GET", "/x").cookies == {"id": "7"}
        assert "cookie" not in http.get("/x")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            b'{"error": {"code": "BadRequest_NotFound", "message": "No item 7."}}',
            "No item 7. (code BadRequest_NotFound)",
        ),
        (b'{"error": {"code": -5002, "message": {"lang": "en-us", "value": "No G/L"}}}', "No G/L (code -5002)"),
        (
            b'{"error": {"code": "400", "message": "Bad", "details": [{"code": "1", "message": "qty"}]}}',
            "Bad; qty (code 1) (code 400)",
        ),
        (b'{"message": "%fieldName is required", "parameters": {"fieldName": "sku"}}', "%fieldName is required"),
        (b'{"errors": [{"message": "a"}, {"message": "b"}]}', "a; b"),
        (b'{"errors": {"sku": ["is missing"]}}', "{'sku': ['is missing']}"),
        (b"<html><style>x</style><h1>502</h1> Bad gateway</html>", "502 Bad gateway"),
        (b"", "no text"),
    ],
)
def test_reasons_are_found_where_systems_put_them(body, text):
    """The words that tell a person why are taken out of the shapes that error answers have."""
    assert shown(body) == text


def test_a_source_loads_no_http_library():
    """Declaring a source of any kind, with any authentication, loads neither httpx nor oauthlib nor stamina."""
    code = (
        "import sys; from crossdock.toolkit.http import *; from crossdock.toolkit.odata import ODataSource; "
        "RestSource('a', 'A', resources={'products': Resource(path='x')}, auth=OAuth1()); ODataSource('b', 'B'); "
        "assert not {'httpx', 'stamina', 'oauthlib', 'jmespath'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_credential_is_in_no_repr():
    """Neither settings nor calls nor answers show a credential when they are printed."""
    from crossdock.toolkit.http import Reply  # noqa: PLC0415  # what is looked at
    from crossdock.toolkit.http.calls import Call  # noqa: PLC0415

    shown_all = repr(
        (
            HttpSettings(base_url="https://erp.example", headers={"Authorization": "s3cret"}),
            Call("POST", "https://erp.example/x", form={"password": "s3cret"}, headers={"Cookie": "s3cret"}),
            Reply(200, {}, b"", cookies={"B1SESSION": "s3cret"}),
            Resource(path="x"),
        )
    )
    assert "s3cret" not in shown_all
