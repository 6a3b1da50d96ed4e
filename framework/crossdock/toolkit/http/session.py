"""An open session with an HTTP API: reads page by page, creates once."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from crossdock.contract import AuthError, Config, ConfigError, RefusedError, TransientError
from crossdock.toolkit.http.answers import Reply, shown
from crossdock.toolkit.http.calls import Params
from crossdock.toolkit.http.client import HttpClient
from crossdock.toolkit.http.filling import filled_address, filled_header
from crossdock.toolkit.http.paging import Answer, PageGuard, Paging, SinglePage, Step, value_at
from crossdock.toolkit.http.paging.counted import sent

_UNKNOWN = frozenset((408, 409, 423, 425, 429))
"""Statuses under 500 that do not say that a document does not exist: 409 may be the very document that was written by a
call whose answer was lost."""
_NO_LOGIN = 401


class RestSession:
    """What `open_session` yields: the client of one connection, its settings, and how rows are asked for."""

    def __init__(self, http: HttpClient, config: Config) -> None:
        """Takes the client and the connection's settings."""
        self.http, self.config = http, config
        self.cancelled = False

    def cancel(self) -> None:
        """Ends a read before its next call."""
        self.cancelled = True

    def get(self, path: str, **params: str | int | float | bool) -> Any:  # whatever the other system says
        """Reads one JSON answer, numbers exact; tried again as reads are."""
        return self.http.request("GET", self.place(path), params=params).json(exact=True)

    def place(self, path: str) -> str:
        """Gives a path with the connection's settings put in, as in `companies({company})/items`."""
        return filled_address(path, self.config)

    def filled(self, params: Params) -> dict[str, str | int | float | bool]:
        """Gives a query with the connection's settings put into its texts, as in `{company}`."""
        return {
            name: filled_header(value, self.config) if isinstance(value, str) else value
            for name, value in params.items()
        }

    def answers(self, request: "PagedRequest", step: Step) -> Iterator[tuple[Answer, Step | None]]:
        """Gives page after page, each with the step that follows it; None: it was the last.

        Raises:
            TransientError: worth trying again from that step.
            ConfigError: the pages do not end, come again, or lead to another host.
        """
        guard = PageGuard(request.path)
        following: Step | None = step
        while following is not None:
            self._check_cancelled()
            guard.check_step(following)
            answer = self.ask(request, following)
            guard.check_answer(answer)
            following = request.paging.after(following, answer)
            yield answer, None if following is None else self._kept(following)

    def ask(self, request: "PagedRequest", step: Step) -> Answer:
        """Makes the call of one step.

        Raises:
            ConfigError: the system refuses the question: address, query or the plugin's declaration is wrong.
        """
        path = self.place(request.path) if step.link is None else step.link
        params = {**request.params, **sent(step)} if step.link is None else {}
        try:
            reply = self.http.request("GET", path, params=params, headers=request.headers)
        except RefusedError as error:
            message = f"{error}; check the connection's url"
            raise ConfigError(message) from error
        body = reply.json(exact=True)
        return Answer(reply, body, request.rows_of(reply, body), request.size)

    def rows(self, path: str, *, at: str | None = None, paging: Paging | None = None, **params: str | int) -> list[Any]:
        """Gives all rows that a query finds, as `find_order` needs them.

        Args:
            path: added to the connection's address.
            at: path of the list in an answer. None: the answer is the list.
            paging: how the answers are paged. None: one answer holds all.
            params: the query.
        """
        request = PagedRequest(path, params=params, at=at, paging=paging or SinglePage(), size=100)
        pages = self.answers(request, request.paging.first(request.size))
        return [row for answer, _ in pages for row in answer.rows]

    def create(
        self, path: str, body: object, deadline_s: float, *, headers: Mapping[str, str] | None = None
    ) -> Any:  # whatever the other system says
        """Posts a document, once, and gives the answer; what `write_order` and `create_customer` are made of.

        Args:
            path: added to the connection's address; `{name}` in it stands for a setting.
            body: sent as JSON; a Decimal becomes a JSON number.
            deadline_s: seconds after which the answer is no longer waited for.
            headers: for this call.

        Raises:
            NotSentError: proved that nothing left this machine: no connection, or no credential to be had.
            RefusedError: the system's definite no (status 4xx), with its reason; nothing was written.
            AuthError: the credential lacks the right; a person must act.
            TransientError: unknown whether it was done: no answer, a broken one, 5xx, a conflict (409), a rate limit.
        """
        accept = (*_UNKNOWN, _NO_LOGIN)
        path = self.place(path)
        reply = self.http.request("POST", path, body=body, headers=headers, accept=accept, deadline_s=deadline_s)
        if reply.status in accept:
            raise self._unfinished(path, reply)
        return reply.json(exact=True)

    def _unfinished(self, path: str, reply: Reply) -> AuthError | TransientError:
        text = self.http.clean(f"POST {path}: status {reply.status}: {shown(reply.body)}")
        if reply.status == _NO_LOGIN and not self.http.credential.is_renewable:
            return AuthError(f"{text}; check the connection's credentials and rights")
        return TransientError(text)

    def single(self, path: str) -> Reply | None:
        """Reads what is at one path, None where there is nothing (404 or 410)."""
        reply = self.http.request("GET", self.place(path), accept=(404, 410))
        return None if reply.status in (404, 410) else reply

    def _check_cancelled(self) -> None:
        if self.cancelled:
            message = "the read was cancelled"
            raise TransientError(message)

    def _kept(self, step: Step) -> Step:
        """Takes a credential off a link before it is kept: cursors are stored, and shown."""
        names = self.http.credential.query_names
        if step.link is None or not names:
            return step
        parts = urlsplit(step.link)
        query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in names]
        return Step(step.params, parts._replace(query=urlencode(query, quote_via=quote, safe="$")).geturl(), step.count)


class PagedRequest:
    """A query that is answered in pages."""

    def __init__(
        self,
        path: str,
        *,
        paging: Paging,
        size: int,
        params: Params | None = None,
        at: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Takes where and how to ask; `at` is the path of the rows in an answer, None where it is the list itself."""
        self.path, self.paging, self.size = path, paging, size
        self.params, self.at, self.headers = dict(params or {}), at, headers

    def rows_of(self, reply: Reply, body: Any) -> list[Any]:  # whatever the other system says
        """Gives the rows of an answer.

        Raises:
            TransientError: there is no list of objects where the rows should be.
        """
        del reply
        found = body if self.at is None else value_at(body, self.at)
        if found is None and self.at is not None and isinstance(body, dict):
            found = []
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            where = "in the answer" if self.at is None else f"at {self.at!r}"
            message = f"{self.path}: there is no list of objects {where}"
            raise TransientError(message)
        return found


def server_time(reply: Reply) -> datetime:
    """Gives the other system's clock: the `Date` of its answer (RFC 9110, 6.6.1), ours where it has none."""
    try:
        found = parsedate_to_datetime(reply.headers.get("date") or "")
    except ValueError:
        return datetime.now(UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
