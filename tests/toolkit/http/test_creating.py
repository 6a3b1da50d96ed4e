"""A creating call is made once, and its outcome is said no more surely than it is known."""

from decimal import Decimal

import pytest

from crossdock import AuthError, NotSentError, RefusedError, TransientError
from crossdock.testing.http_standin import Given
from crossdock.toolkit.http import Bearer, Resource, RestSource

from .conftest import opened, source_of

SOURCE = source_of(Resource(path="all", rows="items"))
ORDER = {"reference": "R1", "lines": [{"sku": "A", "price": Decimal("10.10")}]}


def create(server, deadline_s=5, body=ORDER):
    with opened(SOURCE, server.url) as session:
        return session.create("order", body, deadline_s)


def test_a_document_is_created_and_found(server, shop):
    """A yes gives the system's answer, numbers exact; the document is found by its reference."""
    assert create(server)["number"] == 1
    with opened(SOURCE, server.url) as session:
        (found,) = session.rows("order", reference="R1")
        assert session.rows("order", reference="R2") == []
    assert found["lines"][0]["price"] == Decimal("10.1")


@pytest.mark.parametrize("status", [400, 404, 413, 422])
def test_a_definite_no_is_a_refusal(server, shop, status):
    """Status 4xx is a refusal with the system's reason; nothing was written."""
    shop.may = lambda _: Given(status, {"error": {"code": 17, "message": {"lang": "en", "value": "credit limit"}}})
    with pytest.raises(RefusedError, match=r"credit limit \(code 17\)"):
        create(server)
    assert not shop.orders


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "lose_answer"},
        {"kind": "not_json"},
        {"kind": "cut"},
        {"kind": "slow", "seconds": 1},
        {"kind": "drip", "seconds": 0.2},
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 503, "retry_after": "0"},
        {"kind": "status", "status": 429, "retry_after": "0"},
        {"kind": "status", "status": 408},
        {"kind": "status", "status": 409},
        {"kind": "close"},
    ],
    ids=lambda fault: fault["kind"] + str(fault.get("status", "")),
)
def test_whatever_is_not_known_is_unknown(server, shop, fault):
    """Every outcome that does not prove anything is unknown, and the call is made once, whatever the answer advises."""
    server.fail(**fault, method="POST", times=9)
    with pytest.raises(TransientError):
        create(server, deadline_s=0.5)
    assert len(server.asked("POST")) == 1


def test_a_lost_answer_is_found_again(server, shop):
    """Where the answer was lost after the document was written, its reference finds it."""
    server.fail("lose_answer", method="POST")
    with pytest.raises(TransientError):
        create(server)
    with opened(SOURCE, server.url) as session:
        assert [one["number"] for one in session.rows("order", reference="R1")] == [1]


def test_without_a_connection_nothing_was_sent(shop, server):
    """Where nobody listens, it is proved that nothing left."""
    with opened(SOURCE, "http://127.0.0.1:9") as session, pytest.raises(NotSentError):
        session.create("order", ORDER, 5)


@pytest.mark.parametrize("status", [401, 403])
def test_a_credential_without_the_right_needs_a_person(server, shop, status):
    """A login that may not write is no refusal of the order."""
    shop.may = lambda _: Given(status, {"message": "read-only key"})
    source = RestSource("shop", "Shop", resources={}, auth=Bearer())
    with opened(source, server.url, token="t") as session, pytest.raises(AuthError, match="read-only key"):
        session.create("order", ORDER, 5)
    assert len(server.asked()) == 1


def test_a_creating_call_follows_no_redirect(server, shop):
    """A redirect does not make a creating call a second time somewhere else."""
    server.fail("redirect", location="/order", method="POST")
    with pytest.raises(Exception, match="moved to"):
        create(server)
    assert len(server.asked()) == 1


def test_what_is_not_there_is_none(server, shop):
    """A single thing that is not there is None, not an error."""
    with opened(SOURCE, server.url) as session:
        assert session.single("item/C001") is None
        shop.put(1)
        assert session.single("item/C001").json()["id"] == 1
