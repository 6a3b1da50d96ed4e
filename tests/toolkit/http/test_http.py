"""The HTTP toolkit keeps to its host and its rate, repeats only what may be repeated, and hides secrets."""

import logging
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
import stamina

from crossdock import AuthError, ConfigError, NotSentError, RefusedError, TransientError
from crossdock.toolkit.http import HttpClient, HttpSettings, RateLimiter, seconds_to_wait

BASE = "https://erp.example/api"
SECRET = "s3cret/with+signs"


@pytest.fixture(autouse=True)
def no_waiting():
    """Retries come at once."""
    with stamina.set_testing(True, attempts=5):
        yield


def client(answer, secrets=(), **settings):
    """A client whose calls are answered by a function."""
    transport = httpx.MockTransport(answer)
    return HttpClient(HttpSettings(base_url=BASE, **settings), secrets=secrets, transport=transport)


def answers(*given):
    """Answers one after the other, the last for ever, and the list of requests made."""
    left, seen = list(given), []

    def answer(request):
        seen.append(request)
        one = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(one, Exception):
            raise one
        return one if isinstance(one, httpx.Response) else httpx.Response(one, json={"ok": True})

    return answer, seen


def test_importing_it_loads_no_driver():
    """The toolkit can be imported, and a client made, without loading httpx or stamina."""
    code = (
        "import sys; from crossdock.toolkit.http import HttpClient, HttpSettings; "
        "HttpClient(HttpSettings(base_url='https://erp.example')); "
        "assert not {'httpx', 'stamina'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_paths_are_added_to_the_base():
    """A path follows the base address, whatever slashes they have, and the query is sent."""
    answer, seen = answers(200)
    with client(answer) as http:
        assert http.get("/items", params={"page": 2}) == {"ok": True}
        http.get("items/7")
    assert [str(one.url) for one in seen] == [f"{BASE}/items?page=2", f"{BASE}/items/7"]


@pytest.mark.parametrize("failure", [429, 503, 408, httpx.ReadTimeout("slow"), httpx.ConnectError("refused")])
def test_reads_are_tried_again(failure):
    """A read is repeated after a time-out, a lost connection, 429 and 5xx."""
    answer, seen = answers(failure, failure, 200)
    with client(answer) as http:
        assert http.get("/items") == {"ok": True}
    assert len(seen) == 3


def test_tries_come_to_an_end():
    """When all tries fail, the error is transient and says what failed."""
    answer, seen = answers(503)
    with (
        client(answer) as http,
        pytest.raises(TransientError, match=r"^GET https://erp.*/items: status 503"),
    ):
        http.get("/items")
    assert len(seen) == 5


def test_an_error_page_with_status_200_is_tried_again():
    """A page of HTML in place of JSON is a failure of the other system, not data."""
    answer, seen = answers(httpx.Response(200, text="<br /><b>Notice</b>: Undefined index"), 200)
    with client(answer) as http:
        assert http.get("/items") == {"ok": True}
    assert len(seen) == 2


@pytest.mark.parametrize("failure", [503, 429, httpx.ReadTimeout("slow"), httpx.ReadError("reset")])
def test_a_creating_call_is_made_once(failure):
    """A post that is not declared idempotent is never repeated; its outcome is unknown."""
    answer, seen = answers(failure)
    with client(answer) as http, pytest.raises(TransientError):
        http.post("/orders", {"a": 1})
    assert len(seen) == 1


def test_proof_that_nothing_was_sent():
    """Only where no connection could be made is a creating call known not to have happened."""
    answer, _ = answers(httpx.ConnectError("refused"))
    with client(answer) as http, pytest.raises(NotSentError):
        http.post("/orders", {"a": 1})


def test_an_idempotent_post_is_tried_again():
    """A post declared idempotent is repeated like a read."""
    answer, seen = answers(httpx.ReadTimeout("slow"), 200)
    with client(answer) as http:
        assert http.post("/items", {"a": 1}, is_idempotent=True) == {"ok": True}
    assert [one.content for one in seen] == [b'{"a":1}'] * 2


@pytest.mark.parametrize(
    ("status", "error"), [(401, AuthError), (403, AuthError), (400, RefusedError), (404, RefusedError)]
)
def test_a_definite_no_is_not_repeated(status, error):
    """Refusals and credential errors are raised at once, with the server's reason."""
    answer, seen = answers(httpx.Response(status, json={"error": "no such thing", "path": "$.a"}))
    with client(answer) as http, pytest.raises(error, match=r"no such thing \(at \$\.a\)"):
        http.get("/items")
    assert len(seen) == 1


def test_accepted_statuses_are_given_back():
    """A status that the caller wants to see is no error."""
    answer, _ = answers(401)
    with client(answer) as http:
        assert http.request("GET", "/items", accept=(401,)).status == 401


@pytest.mark.parametrize(
    "error", [httpx.Response(400, text=f"bad token={SECRET}"), httpx.ConnectError(f"to ?token={SECRET}")]
)
def test_secrets_never_show(error, caplog):
    """Neither an error nor httpx's own log holds a secret or a query."""
    caplog.set_level(logging.DEBUG)
    answer, _ = answers(error)
    with client(answer, secrets=[SECRET], attempts=1) as http, pytest.raises((RefusedError, TransientError)) as raised:
        http.get("/items", params={"token": SECRET})
    said = str(raised.value) + caplog.text
    assert "s3cret" not in said
    assert "token=s" not in said


def test_the_settings_show_no_header():
    """A credential in the headers is not in the repr of the settings."""
    assert SECRET not in repr(HttpSettings(base_url=BASE, headers={"Authorization": SECRET}))


@pytest.mark.parametrize("target", ["https://evil.example/x", "http://erp.example/x"])
def test_redirects_to_elsewhere_are_refused(target):
    """A redirect to another host, or from https to http, is not followed."""
    answer, seen = answers(httpx.Response(302, headers={"location": target}))
    with client(answer) as http, pytest.raises(ConfigError, match="refused"):
        http.get("/items", params={"token": SECRET})
    assert len(seen) == 1


def test_redirects_at_home_are_followed():
    """A read follows a redirect within its host; a post does not, and says what to set."""
    answer, seen = answers(httpx.Response(301, headers={"location": "/new"}), 200)
    with client(answer) as http:
        assert http.get("/items") == {"ok": True}
    assert str(seen[1].url) == "https://erp.example/new"
    answer, _ = answers(httpx.Response(308, headers={"location": "/new"}))
    with client(answer) as http, pytest.raises(ConfigError, match="set the connection's url"):
        http.post("/items", {})


def test_links_to_other_hosts_are_refused():
    """A link in an answer is followed only to a host that the connection names."""
    answer, seen = answers(200)
    with client(answer, more_hosts=("files.example",)) as http:
        with pytest.raises(ConfigError, match=r"refused to contact evil\.example"):
            http.get("https://evil.example/x")
        http.get_bytes("https://files.example/x")
    assert len(seen) == 1


@pytest.mark.parametrize("link", ["http://erp.example/x", "ftp://erp.example/x"])
def test_links_out_of_https_are_refused(link):
    """A link in an answer never takes the credentials from https to something less, on the same host either."""
    answer, seen = answers(200)
    with client(answer) as http, pytest.raises(ConfigError, match="refused to go from https"):
        http.get(link, params={"token": SECRET})
    assert not seen


@pytest.mark.parametrize("url", ["erp.example/api", "ftp://erp.example", "https://user:pw@erp.example"])
def test_unusable_addresses_are_settings_errors(url):
    """An address without scheme, of another kind or with a password in it is refused at once."""
    with pytest.raises(ConfigError) as raised:
        HttpClient(HttpSettings(base_url=url))
    assert "pw" not in str(raised.value)


def test_retry_after_travels_with_the_error():
    """A wait too long to sit out is handed on."""
    answer, seen = answers(httpx.Response(429, headers={"retry-after": "600"}))
    with client(answer) as http, pytest.raises(TransientError) as raised:
        http.get("/items")
    assert raised.value.retry_after == 600
    assert len(seen) == 1


def test_retry_after_is_seconds_or_a_date():
    """Both forms of the header are read; nonsense and the past are no wait."""
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert 28 <= seconds_to_wait(then) <= 30
    assert seconds_to_wait(format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)) == 0
    assert (seconds_to_wait("7"), seconds_to_wait("-7"), seconds_to_wait("soon"), seconds_to_wait(None)) == (
        7,
        0,
        None,
        None,
    )


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def test_the_rate_is_kept():
    """Calls are spread so that no second holds more than the rate, and a burst is paid back."""
    clock = Clock()
    limiter = RateLimiter(3, clock=clock, sleep=clock.sleep)
    times = []
    for _ in range(10):
        limiter.acquire()
        times.append(clock.now)
    assert all(later - earlier > 1 for earlier, later in zip(times, times[3:], strict=False))
    assert times[-1] == pytest.approx(3.06)


def test_a_header_changes_the_rate():
    """The rate that an answer tells holds from then on; nonsense is passed over."""
    answer, _ = answers(
        httpx.Response(200, json={}, headers={"x-limit": "50"}), httpx.Response(200, json={}, headers={"x-limit": "-"})
    )
    with client(answer, rate_per_s=1000, rate_header="X-Limit") as http:
        http.get("/items")
        http.get("/items")
        assert http.limiter.rate_per_s == 50
