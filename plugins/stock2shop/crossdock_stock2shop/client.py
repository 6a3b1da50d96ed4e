"""The hub's API: the calls that its developer pages document, each with the shared token.

Source: the vendor's pages on authentication and on pushing product data. The names inside the answers of
`/sources`, `/products/queue` and `/queue/summary` are not documented; they are read as loosely as is safe.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crossdock import AuthError, Config, ConfigError, Memory, RefusedError, TransientError
from crossdock.toolkit.http import HttpClient, HttpSettings
from crossdock_stock2shop.fields import Entry
from crossdock_stock2shop.tokens import SharedToken

RATE_HEADER = "x-S2S-RateLimit"
_RENEWALS = 3
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 2.0


class Hub:
    """A session at the hub for one source."""

    def __init__(self, config: Config, memory: Memory) -> None:
        """Takes the connection's settings and its memory; contacts nobody."""
        self.source_id = int(config["source_id"])
        self.customers_path: str | None = config.get("customers_path")
        self._drain_s = float(config.get("drain_timeout_s") or 120)
        self._username, self._password = str(config["username"]), str(config["password"])
        url = str(config["url"]).rstrip("/")
        timeout_s = float(config.get("timeout_s") or 30)
        self._http = HttpClient(
            HttpSettings(
                base_url=url,
                timeout_s=timeout_s,
                rate_per_s=float(config.get("rate") or 3),
                rate_header=RATE_HEADER,
            ),
            secrets=[self._password],
        )
        door = HttpSettings(base_url=url, timeout_s=timeout_s, rate_per_s=1, rate_header=RATE_HEADER, patience_s=60)
        self._door = HttpClient(door, secrets=[self._password])
        self._token = SharedToken(memory, f"{url} {self._username}", self._log_in, 3 * timeout_s)

    def close(self) -> None:
        """Closes the connections; the token stays good for the next run."""
        self._http.close()
        self._door.close()

    def sources(self) -> Mapping[str, str]:
        """Gives the client's sources: description by id."""
        found = _objects(self._call("GET", "/sources"))
        return {str(one["id"]): str(one.get("description", "")) for one in found if "id" in one}

    def check_source(self) -> None:
        """Makes sure that the source exists.

        Raises:
            ConfigError: it does not; the message lists those that do.
        """
        known = self.sources()
        if str(self.source_id) not in known:
            shown = ", ".join(f"{number} ({text})" if text else number for number, text in known.items()) or "none"
            message = f"the hub has no source {self.source_id} for this user: set source_id to one of {shown}"
            raise ConfigError(message)

    def queue_products(self, entries: Sequence[Entry]) -> int:
        """Posts entries and gives how many of them the hub took; it is the same to post them twice.

        Raises:
            RefusedError: the hub did not take the request; nothing of it is queued.
        """
        answer = self._call("POST", "/products/queue", {"system_products": list(entries)})
        queued = next((one for name, one in _numbers(answer) if "queued" in name or name == "count"), None)
        return len(entries) if queued is None else min(queued, len(entries))

    def waiting(self) -> int:
        """Gives how many things the hub has yet to process."""
        found = [one for one in _numbers(self._call("GET", "/queue/summary")) if not one[0].endswith("id")]
        counts = [number for name, number in found if "count" in name]
        return sum(counts or (number for _, number in found))

    def drained(self, before: int) -> bool:
        """Waits until the hub has processed what was queued, and says whether that may be taken as confirmed.

        The hub counts what waits for all of the client, and tells nothing of single entries. So the rule is:
        what it queued is confirmed once no more things wait than did before it was posted. On a hub so busy
        that this does not come about within the time set, it is confirmed too if the count fell meanwhile at
        all, since the hub works and processes all that it has queued. It is not where the count never fell.

        Args:
            before: how many things waited before anything was posted.
        """
        give_up_at = time.monotonic() + self._drain_s
        pause, last, is_working = _FIRST_PAUSE_S, 0, False
        while (now := self.waiting()) > before:
            is_working = is_working or now < last
            last = now
            if time.monotonic() + pause > give_up_at:
                return is_working
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE_S)
        return True

    def _call(self, method: str, path: str, body: object = None) -> Any:  # the hub's JSON
        """Makes a call that may be repeated, with a new token where the present one has ended."""
        token = self._token.get()
        for _ in range(_RENEWALS):
            self._http.hide(token)
            params = {"token": token, "format": "json"}
            reply = self._http.request(method, path, params=params, body=body, accept=(401,), is_idempotent=True)
            if reply.status != 401:  # noqa: PLR2004  # HTTP's own number
                return reply.json()
            token = self._token.renew(token)
        message = f"the hub keeps ending the tokens of {self._username}: another program logs in as the same user"
        raise TransientError(message)

    def _log_in(self) -> str:
        credentials = {"username": self._username, "password": self._password}
        try:
            answer = self._door.post("/users/authenticate", {"system_user_auth": credentials}, is_idempotent=True)
        except AuthError as error:
            message = f"the hub refuses the login of {self._username}: check username and password"
            raise AuthError(message) from error
        except RefusedError as error:
            message = f"the login failed: {error}; check url, such as https://app.stock2shop.com/v1"
            raise ConfigError(message) from error
        user = answer.get("system_user") if isinstance(answer, dict) else None
        token = user.get("token") if isinstance(user, dict) else None
        if not token:
            message = "the hub's answer to the login holds no token"
            raise TransientError(message)
        self._http.hide(str(token))
        return str(token)


def _objects(answer: Any) -> list[Mapping[str, Any]]:
    """Gives the objects of the first list in an answer."""
    if isinstance(answer, dict):
        answer = next((one for one in answer.values() if isinstance(one, list)), [])
    return [one for one in answer if isinstance(one, dict)] if isinstance(answer, list) else []


def _numbers(answer: Any) -> Iterator[tuple[str, int]]:
    """Gives every whole number in an answer with its name."""
    if isinstance(answer, dict):
        for name, one in answer.items():
            if isinstance(one, int) and not isinstance(one, bool):
                yield str(name), one
            else:
                yield from _numbers(one)
    elif isinstance(answer, list):
        for one in answer:
            yield from _numbers(one)
