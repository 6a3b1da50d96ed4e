"""Each kind of authentication against a server that refuses everything else; tokens are shared and renewed in time."""

import base64
import hashlib
import hmac
import time
from urllib.parse import quote, unquote

import pytest

from crossdock import AuthError, ConfigError, NotSentError, Read, TransientError
from crossdock.contract import LocalMemory
from crossdock.testing.http_standin import Given, HttpStandIn
from crossdock.toolkit.http import (
    Basic,
    Bearer,
    ClientCredentials,
    OAuth1,
    PageNumbers,
    QueryKey,
    RefreshToken,
    Resource,
    SessionCookie,
    Together,
)

from .conftest import PRODUCTS, Shop, codes_of, opened, source_of

PAGES = Resource(path="pages", rows="items", paging=PageNumbers(size="size"), page_size=10)
NO = Given(401, {"error": "who are you?"})
KEYS = {"consumer_key": "ck", "consumer_secret": "c s&c", "access_token": "at", "token_secret": "ts"}


def all_codes(source, server, memory=None, **settings):
    """Reads all products."""
    with opened(source, server.url, memory, **settings) as session:
        return codes_of(source.read_products(session=session, read=Read(fields=PRODUCTS)))


def guarded(shop, is_allowed):
    """Makes a shop refuse what is not allowed."""
    shop.may = lambda asked: None if is_allowed(asked) else NO


@pytest.mark.parametrize(
    ("auth", "settings", "is_allowed"),
    [
        (
            Basic(),
            {"username": "me", "password": "pässword"},
            lambda asked: (
                asked.headers.get("authorization") == "Basic " + base64.b64encode("me:pässword".encode()).decode()
            ),
        ),
        (Bearer(), {"token": "t0k"}, lambda asked: asked.headers.get("authorization") == "Bearer t0k"),
        (
            Bearer(header="X-Api-Key", scheme=""),
            {"token": "t0k"},
            lambda asked: asked.headers.get("x-api-key") == "t0k",
        ),
    ],
    ids=["basic", "bearer", "header"],
)
def test_fixed_credentials_go_along(server, shop, auth, settings, is_allowed):
    """User and password, a token or a key go with every call of a read."""
    for number in range(25):
        shop.put(number)
    guarded(shop, is_allowed)
    assert len(all_codes(source_of(PAGES, auth=auth), server, **settings)) == 25
    with pytest.raises(AuthError, match="who are you"):
        all_codes(source_of(PAGES, auth=auth), server, **dict.fromkeys(settings, "wrong"))


def test_a_key_in_the_query_goes_along(server, shop):
    """A key in the query goes with every call, and its refusal does not show it."""
    shop.rows = lambda asked, known, rows=shop.rows: rows(asked, known | {"apikey"})
    shop.put(1)
    guarded(shop, lambda asked: asked.query.get("apikey") == "k3y")
    source = source_of(PAGES, auth=QueryKey())
    assert all_codes(source, server, api_key="k3y") == ["C001"]
    with pytest.raises(AuthError) as raised:
        all_codes(source, server, api_key="wr0ng")
    assert "wr0ng" not in str(raised.value)


def test_several_credentials_go_along(server, shop, memory):
    """User and password, a key in the query and a company from the settings go with every call, all at once."""
    shop.rows = lambda asked, known, rows=shop.rows: rows(asked, known | {"apikey", "companyid"})
    shop.put(1)
    guarded(
        shop,
        lambda asked: (
            asked.headers.get("authorization", "").startswith("Basic ")
            and (asked.query.get("apikey"), asked.query.get("companyid")) == ("k3y", "7")
        ),
    )
    resource = Resource(path="pages", rows="items", paging=PageNumbers(size="size"), params={"companyid": "{company}"})
    source = source_of(resource, auth=Together(Basic(), QueryKey()))
    assert {one.name for one in source.manifest.settings if one.secret} == {"password", "api_key"}
    known = {"username": "me", "password": "s3cret", "company": 7}
    assert all_codes(source, server, memory, api_key="k3y", **known) == ["C001"]
    with pytest.raises(AuthError) as raised:
        all_codes(source, server, memory, api_key="wr0ng", **known)
    assert "wr0ng" not in str(raised.value)


def test_one_of_several_may_be_renewed(server, shop, memory):
    """A token beside a key is renewed in mid-read as it is alone."""
    for number in range(30):
        shop.put(number)
    issuer = Issuer(shop)
    auth = Together(Bearer(header="X-Api-Key", scheme=""), ClientCredentials())
    source = source_of(PAGES, auth=auth)
    with opened(source, server.url, memory, token="k3y", **client_settings(server)) as session:
        pages = source.read_products(session=session, read=Read(fields=PRODUCTS))
        seen = codes_of([next(pages)])
        issuer.valid.clear()
        seen += codes_of(pages)
    assert len(seen) == 30
    assert {one.headers["x-api-key"] for one in server.asked("GET")} == {"k3y"}


def test_a_missing_credential_is_a_settings_error(server):
    """An empty setting is said by its name, before anything is sent."""
    with pytest.raises(ConfigError, match="token is missing"):
        all_codes(source_of(PAGES, auth=Bearer()), server, token="")
    assert not server.asked()


def signature_of(method, address, told, secrets, digest):
    """The signature that RFC 5849 (3.4.1, 3.4.2) gives a request; `told` are all its parameters, decoded."""
    escaped = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in told)
    text = "&".join(f"{name}={value}" for name, value in escaped)
    base = "&".join(quote(one, safe="~") for one in (method, address, text))
    key = "&".join(quote(one, safe="~") for one in secrets)
    return base64.b64encode(hmac.new(key.encode(), base.encode(), digest).digest()).decode()


def test_the_yardstick_agrees_with_the_specification():
    """What our signatures are measured by gives the signature of the example in RFC 5849, section 1.2."""
    told = {
        "file": "vacation.jpg",
        "size": "original",
        "oauth_consumer_key": "dpf43f3p2l4k3l03",
        "oauth_token": "nnch734d00sl2jdk",
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": "137131202",
        "oauth_nonce": "chapoH",
    }
    secrets = ("kd94hf93k423kf44", "pfkkdhi9sl3r4s00")
    found = signature_of("GET", "http://photos.example.net/photos", told.items(), secrets, hashlib.sha1)
    assert found == "MdpQcU8iPSUjWoN/UDMsK2sui9I="


@pytest.mark.parametrize(("method", "digest"), [("HMAC-SHA256", hashlib.sha256), ("HMAC-SHA1", hashlib.sha1)])
@pytest.mark.parametrize("has_token", [True, False])
def test_oauth1_signatures_hold(server, shop, method, digest, has_token):
    """Every call, with a query that needs escaping, is signed as RFC 5849 has it; each with a nonce of its own."""
    for number in range(15):
        shop.put(number)
    nonces = set()

    def is_signed(asked):
        parts = asked.headers["authorization"].removeprefix("OAuth ").split(", ")
        told = {name: unquote(value.strip('"')) for name, _, value in (one.partition("=") for one in parts)}
        assert (told.pop("realm"), told["oauth_signature_method"]) == ("ACCT", method)
        assert ("oauth_token" in told) is has_token
        mine = told.pop("oauth_signature")
        nonces.add(told["oauth_nonce"])
        secrets = ("c s&c", "ts" if has_token else "")
        every = [*told.items(), *asked.query.items()]
        return signature_of("GET", server.url + asked.path, every, secrets, digest) == mine

    guarded(shop, is_signed)
    shop.rows = lambda asked, known, rows=shop.rows: rows(asked, known | {"filter[name]"})
    resource = Resource(
        path="pages?filter[name]=a%20b'c(ü)%2B%26=", rows="items", paging=PageNumbers(size="size"), page_size=10
    )
    auth = OAuth1(signature=method, has_token=has_token, realm="account")
    settings = dict(list(KEYS.items())[: 4 if has_token else 2])
    assert len(all_codes(source_of(resource, auth=auth), server, account="ACCT", **settings)) == 15
    assert len(nonces) == 3


class Issuer:
    """A token endpoint beside a shop: tokens end, and a refresh token is good for one use."""

    def __init__(self, shop, life=3600, *, rotates=False):
        self.shop, self.life, self.rotates = shop, life, rotates
        self.valid, self.refresh, self.issued, self.reused = {}, "r0", 0, 0
        shop.may = self.judge

    def judge(self, asked):
        if asked.path == "/token":
            return self.issue(asked)
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        return None if self.valid.get(token, 0) > time.time() else NO

    def issue(self, asked):
        form = dict(one.split("=") for one in asked.body.decode().split("&"))
        if (form.get("client_id"), form.get("client_secret")) != ("id", "s3cret"):
            return Given(401, {"error": "invalid_client", "error_description": "no such client with s3cret"})
        answer = {}
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] != self.refresh:
                self.reused += 1
                return Given(400, {"error": "invalid_grant"})
            if self.rotates:
                self.refresh = f"r{self.issued + 1}"
                answer["refresh_token"] = self.refresh
        self.issued += 1
        self.valid[f"t{self.issued}"] = time.time() + self.life
        return Given(200, {"access_token": f"t{self.issued}", "expires_in": self.life, **answer})


CLIENT = source_of(PAGES, auth=ClientCredentials(token_url="{address}/token"), settings=())
ROTATING = source_of(PAGES, auth=RefreshToken())


def client_settings(server, **more):
    return {"client_id": "id", "client_secret": "s3cret", "token_url": f"{server.url}/token", **more}


def test_client_credentials_get_one_token_for_all(server, shop, memory):
    """A token is asked for once, and a second session of the connection takes it from the memory."""
    shop.put(1)
    issuer = Issuer(shop)
    for _ in range(2):
        assert all_codes(CLIENT, server, memory, **client_settings(server)) == ["C001"]
    assert issuer.issued == 1


def test_a_token_is_renewed_before_it_ends(server, shop, memory):
    """A token that ends soon is not used any more, so that no call meets its end."""
    shop.put(1)
    issuer = Issuer(shop, life=0)
    issuer.valid = {"t1": time.time() + 60, "t2": time.time() + 60, "t3": time.time() + 60}
    issuer.issue = lambda asked, issue=issuer.issue: (
        issue(asked),
        issuer.valid.update(dict.fromkeys(issuer.valid, 9e9)),
    )[0]
    with opened(CLIENT, server.url, memory, **client_settings(server)) as session:
        for _ in range(3):
            session.get("all")
    assert issuer.issued == 3


def test_a_token_that_ends_in_mid_read_is_renewed(server, shop, memory):
    """When a token is refused between two pages, the page is asked for again with another, and no row is lost."""
    for number in range(30):
        shop.put(number)
    issuer = Issuer(shop)
    with opened(CLIENT, server.url, memory, **client_settings(server)) as session:
        pages = CLIENT.read_products(session=session, read=Read(fields=PRODUCTS))
        seen = codes_of([next(pages)])
        issuer.valid.clear()
        seen += codes_of(pages)
    assert seen == [f"C{number:03}" for number in range(30)]
    assert issuer.issued == 2


def test_a_wrong_client_needs_a_person(server, shop, memory):
    """A refusal of the token endpoint is an error of the credential that shows no secret, and is asked for once."""
    Issuer(shop)
    with pytest.raises(AuthError, match="check client_id and client_secret") as raised:
        all_codes(CLIENT, server, memory, **client_settings(server, client_id="x"))
    assert "s3cret" not in str(raised.value)
    assert len(server.asked("POST", "/token")) == 1


def test_the_token_endpoint_may_be_down(server, shop, memory):
    """No answer from the token endpoint is worth another try; nothing of the login is shown."""
    Issuer(shop)
    server.fail("status", path="/token", times=100)
    with pytest.raises(TransientError) as raised:
        all_codes(CLIENT, server, memory, **client_settings(server))
    assert "s3cret" not in str(raised.value)


def test_without_a_token_nothing_was_sent(server, shop, memory):
    """Where no token can be had, a creating call is proved not to have been sent."""
    Issuer(shop)
    server.fail("status", path="/token", times=100)
    with opened(CLIENT, server.url, memory, **client_settings(server)) as session, pytest.raises(NotSentError):
        session.create("order", {"lines": [1]}, 5)
    assert not server.asked("POST", "/order")


def test_a_rotated_refresh_token_is_kept(server, shop, memory):
    """Each new refresh token replaces the last, across sessions; the one in the settings is used once."""
    shop.put(1)
    issuer = Issuer(shop, rotates=True)
    for _ in range(4):
        assert all_codes(ROTATING, server, memory, **client_settings(server, refresh_token="r0")) == ["C001"]
        issuer.valid.clear()
    assert (issuer.issued, issuer.reused) == (4, 0)


def test_a_rotated_refresh_token_is_durable_before_it_is_used(server, shop):
    """Whoever dies right after a refresh has left the new refresh token in the memory."""
    shop.put(1)
    issuer = Issuer(shop, rotates=True)

    class Dying(LocalMemory):
        dies = True

        def compare_and_set(self, key, expected, value, *, secret):
            done = super().compare_and_set(key, expected, value, secret=secret)
            if self.dies and "access" in value:
                raise KeyboardInterrupt
            return done

    memory = Dying()
    settings = client_settings(server, refresh_token="r0")
    with pytest.raises(KeyboardInterrupt):
        all_codes(ROTATING, server, memory, **settings)
    memory.dies = False
    issuer.valid.clear()
    assert all_codes(ROTATING, server, memory, **settings) == ["C001"]
    assert issuer.reused == 0


def test_a_new_grant_replaces_what_is_remembered(server, shop, memory):
    """After access was granted anew, the setting is used, not the refresh token of the old grant."""
    shop.put(1)
    issuer = Issuer(shop, rotates=True)
    all_codes(ROTATING, server, memory, **client_settings(server, refresh_token="r0"))
    issuer.refresh = "granted-anew"
    issuer.valid.clear()
    with pytest.raises(AuthError, match="grant access anew"):
        all_codes(ROTATING, server, memory, **client_settings(server, refresh_token="r0"))
    assert all_codes(ROTATING, server, memory, **client_settings(server, refresh_token="granted-anew")) == ["C001"]


SERVICE_LAYER = SessionCookie(
    fields={"CompanyDB": "company", "UserName": "username", "Password": "password"}, cookies=("B1SESSION", "ROUTEID")
)
SAP = source_of(PAGES, auth=SERVICE_LAYER)
USER = {"company": "SBODEMO", "username": "manager", "password": "s3cret"}


class ServiceLayer:
    """A login whose session is two cookies, both wanted back, and which ends."""

    def __init__(self, shop):
        self.sessions, self.logins, shop.may = set(), 0, self.judge

    def judge(self, asked):
        if asked.path == "/Login":
            self.logins += 1
            if asked.json() != {"CompanyDB": "SBODEMO", "UserName": "manager", "Password": "s3cret"}:
                return Given(401, {"error": {"code": -304, "message": {"value": "Fail to log in with s3cret"}}})
            self.sessions.add(f"B1SESSION=s{self.logins}; ROUTEID=.node1")
            return Given(
                200, {"SessionId": "s"}, cookies={"B1SESSION": f"s{self.logins}", "ROUTEID": ".node1", "x": "y"}
            )
        if asked.headers.get("cookie") in self.sessions:
            return None
        return Given(401, {"error": {"code": 301, "message": {"value": "Invalid session or session already timeout."}}})


def test_a_session_serves_all(server, shop, memory):
    """One login serves every session of a connection, with both cookies and no other."""
    for number in range(25):
        shop.put(number)
    layer = ServiceLayer(shop)
    for _ in range(2):
        assert len(all_codes(SAP, server, memory, **USER)) == 25
    assert layer.logins == 1


def test_a_session_that_ends_in_mid_read_is_begun_again_once(server, shop, memory):
    """When the session ends between two pages, one login follows and the read goes on."""
    for number in range(25):
        shop.put(number)
    layer = ServiceLayer(shop)
    with opened(SAP, server.url, memory, **USER) as session:
        pages = SAP.read_products(session=session, read=Read(fields=PRODUCTS))
        seen = codes_of([next(pages)])
        layer.sessions.clear()
        seen += codes_of(pages)
    assert len(seen) == 25
    assert layer.logins == 2


def test_a_refused_login_is_made_once(server, shop, memory):
    """A wrong password locks users out, so the login is not tried again, and the error shows no password."""
    layer = ServiceLayer(shop)
    with pytest.raises(AuthError, match="the login of SBODEMO manager is refused") as raised:
        all_codes(SAP, server, memory, **USER | {"password": "wr0ng"})
    assert layer.logins == 1
    assert "s3cret" not in str(raised.value).replace("Fail to log in with s3cret", "")
    assert "wr0ng" not in str(raised.value)


def test_a_session_always_refused_ends(server, shop, memory):
    """Where a fresh session is refused too, the second refusal is the answer: nobody logs in for ever."""
    layer = ServiceLayer(shop)
    layer.sessions = frozenset()
    shop.may = lambda asked: (
        Given(200, {}, cookies={"B1SESSION": str(time.time_ns())}) if asked.path == "/Login" else NO
    )
    with pytest.raises(AuthError):
        all_codes(SAP, server, memory, **USER)
    assert len(server.asked("POST", "/Login")) == 2


def test_a_creating_call_meets_no_ended_session(server, shop, memory):
    """A session left by an earlier run is not trusted with a creating call: another is begun first."""
    layer = ServiceLayer(shop)
    with opened(SAP, server.url, memory, **USER) as session:
        session.get("all")
    layer.sessions.clear()
    with opened(SAP, server.url, memory, **USER) as session:
        assert session.create("order", {"lines": [1], "reference": "R1"}, 5)["number"] == 1
        assert session.create("order", {"lines": [1], "reference": "R2"}, 5)["number"] == 2
    assert layer.logins == 2


def test_a_creating_call_that_meets_an_ended_session_is_unknown(server, shop, memory):
    """Refused for its session, a creating call is not repeated below the ledger; the next call has a session again."""
    layer = ServiceLayer(shop)
    with opened(SAP, server.url, memory, **USER) as session:
        session.get("all")
        layer.sessions.clear()
        with pytest.raises(TransientError, match="Invalid session"):
            session.create("order", {"lines": [1], "reference": "R1"}, 5)
        assert session.rows("order", reference="R1") == []
        assert session.create("order", {"lines": [1], "reference": "R1"}, 5)["number"] == 1
    assert len(server.asked("POST", "/order")) == 2
    assert len(shop.orders) == 1


def test_secrets_are_known_as_such():
    """Every setting that holds a credential is marked secret."""
    kinds = (Basic(), Bearer(), QueryKey(), ClientCredentials(), RefreshToken(), OAuth1(), SERVICE_LAYER)
    secret = {one.name for kind in kinds for one in kind.settings if one.secret}
    assert secret == {
        "password",
        "token",
        "api_key",
        "client_secret",
        "refresh_token",
        "consumer_secret",
        "access_token",
        "token_secret",
    }


def test_a_shop_needs_no_credential(memory):
    """A system that asks for none is read without."""
    with HttpStandIn(Shop(3)) as server:
        assert len(all_codes(source_of(PAGES), server, memory)) == 3
    assert "authorization" not in server.asked()[0].headers
