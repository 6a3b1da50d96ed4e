"""A refresh token that is good for one use, spent by several processes of one connection that share a stored memory."""

import subprocess
import sys
import time
from urllib.parse import parse_qsl

from crossdock.store import Store
from crossdock.store.connections import connection_id
from crossdock.testing.http_standin import Given, HttpStandIn

CHILD = """
import sys
from crossdock import Config
from crossdock.store import Store
from crossdock.store.memory import StoredMemory
from crossdock.toolkit.http import RefreshToken, Resource, RestSource

url, store, connection, _ = sys.argv[1:]
source = RestSource("shop", "Shop", resources={}, auth=RefreshToken())
settings = {
    "url": url, "client_id": "id", "client_secret": "s3cret", "refresh_token": "r0", "token_url": f"{url}/token",
}
opened = Store(store)
with source.open_session(Config(settings), StoredMemory(opened, int(connection))) as session:
    for _ in range(int(sys.argv[4])):
        session.get("items")
opened.close()
"""
PROCESSES, CALLS, SERVED = 3, 60, 36
"""Calls of each process, and calls that a token serves: more than can come between a refusal and the repeat."""


class Issuer:
    """Gives tokens that serve some calls, each with the only refresh token that is good from then on."""

    def __init__(self):
        self.refresh, self.issued, self.reused, self.left = "r0", 0, 0, {}

    def __call__(self, asked):
        if asked.path == "/token":
            return self.issue(dict(parse_qsl(asked.body.decode())))
        token = asked.headers["authorization"]
        if self.left.get(token, 0) < 1:
            return Given(401)
        self.left[token] -= 1
        return Given(200, [])

    def issue(self, form):
        if form["refresh_token"] != self.refresh:
            self.reused += 1
            return Given(400, {"error": "invalid_grant"})
        time.sleep(0.05)  # long enough for the others to want one too
        self.issued += 1
        self.refresh = f"r{self.issued}"
        self.left[f"Bearer t{self.issued}"] = SERVED
        return Given(200, {"access_token": f"t{self.issued}", "expires_in": 3600, "refresh_token": self.refresh})


def test_processes_that_want_another_token_spend_no_refresh_token_twice(tmp_path):
    """Three processes, each thrown out again and again: all calls are made, and no refresh token is used twice."""
    address = f"sqlite:///{(tmp_path / 'store.db').as_posix()}"
    store = Store(address)
    with store.write() as transaction:
        number = connection_id(transaction, "shop", "shop")
    store.close()
    issuer = Issuer()
    with HttpStandIn(issuer) as server:
        command = [sys.executable, "-c", CHILD, server.url, address, str(number), str(CALLS)]
        children = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(PROCESSES)]
        said = [child.communicate(timeout=120)[1].decode() for child in children]
    assert [child.returncode for child in children] == [0] * PROCESSES, said
    assert issuer.reused == 0
    assert PROCESSES * CALLS / SERVED <= issuer.issued <= PROCESSES * CALLS / SERVED + PROCESSES
