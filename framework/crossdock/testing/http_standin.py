"""A stand-in for any HTTP API: a real server on loopback that answers by a function and fails on demand.

    def answer(asked: Asked) -> Given:
        return Given(200, {"items": []}) if asked.path == "/items" else Given(404)

    with HttpStandIn(answer) as erp:
        erp.fail("lose_answer", path="/orders")
        ...  # point a connection at erp.url
        assert len(erp.asked("POST", "/orders")) == 1

The function is called by one request at a time, so what it keeps needs no lock. It should be strict: whatever the real
system would refuse, it refuses.
"""

import os
import socket
import ssl
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from threading import Condition, Event, Lock, Thread
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, urlsplit

import msgspec

HOST = "127.0.0.1"
_PIECE = 65536
_FAREWELL_S = 5.0
Kind = Literal["status", "lose_answer", "close", "not_json", "cut", "slow", "drip", "huge", "redirect"]
"""Ways to fail.

- `status`: answers so, without looking at the request, with `Retry-After` where one is given.
- `close`: closes the connection before anything is answered or done.
- `slow`: waits some seconds, then goes on as usual.
- `redirect`: leads to another address, without looking at the request.
- `lose_answer`: does what was asked, then closes the connection in place of answering.
- `not_json`: does what was asked, then answers with a page of HTML and status 200.
- `cut`: does what was asked, then sends half of the answer.
- `drip`: does what was asked, then sends the answer byte by byte with a wait after each.
- `huge`: does what was asked, then sends blanks before the answer, some megabytes of them.
"""
_BEFORE = frozenset(("status", "close", "slow", "redirect"))


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    """In capitals."""
    path: str
    """Without the query, decoded no further."""
    query: Mapping[str, str]
    """Decoded; a name that comes twice keeps the last value."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    """As it came."""

    def json(self) -> Any:  # whatever the client says
        """Gives the decoded body, None where it is empty."""
        return msgspec.json.decode(self.body) if self.body else None


@dataclass(frozen=True)
class Given:
    """One answer."""

    status: int = 200
    """HTTP status."""
    body: Any = None
    """Sent as JSON; bytes as they are; None: nothing."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Beside length and type; `Date` is the present where it is not among them."""
    cookies: Mapping[str, str] = field(default_factory=dict)
    """Cookies to set."""


@dataclass
class Fault:
    """One way to fail, for the next requests that fit."""

    kind: Kind
    """How."""
    method: str = ""
    """Only requests of this method. Empty: of any."""
    path: str = ""
    """Only requests whose path begins so. Empty: all."""
    times: int = 1
    """Requests that it still hits."""
    skip: int = 0
    """Fitting requests that still pass before the first is hit."""
    status: int = 503
    """For `status`."""
    retry_after: str | None = None
    """For `status`. None: no such header."""
    seconds: float = 0.05
    """For `slow` all at once, for `drip` after each byte."""
    location: str = ""
    """For `redirect`."""

    def strikes(self, asked: Asked, *, before: bool) -> bool:
        """Says whether it hits a request at this moment, and counts it off."""
        fits = (self.kind in _BEFORE) is before and asked.method.startswith(self.method)
        if self.times < 1 or not fits or not asked.path.startswith(self.path):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class HttpStandIn:
    """A server on loopback, for a `with` block."""

    def __init__(self, answer: Callable[[Asked], Given], *, port: int = 0, certificate: Path | None = None) -> None:
        """Takes what answers, where to listen, and how.

        Args:
            answer: gives the answer to a request.
            port: 0 for any free one.
            certificate: PEM file with key and certificate, to speak TLS. None: plain HTTP.
        """
        self._answer, self._port, self._certificate = answer, port, certificate
        self._lock = Lock()
        self._asked: list[Asked] = []
        self._faults: list[Fault] = []
        self.stopping = Event()
        self._server: _Server | None = None
        self._thread: Thread | None = None

    def __enter__(self) -> Self:
        """Starts."""
        self.stopping.clear()
        self._server = _Server(self, self._port)
        self._port = self._server.server_port
        if self._certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._certificate)
            self._server.tls = context
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), name="stand-in", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops listening and ends every connection; started again, it takes the same port."""
        if self._server is not None and self._thread is not None:
            self.stopping.set()
            self._server.shutdown()
            self._server.close_all()
            self._thread.join()
            self._server = self._thread = None

    @property
    def url(self) -> str:
        """Address, without a slash at its end."""
        return f"http{'' if self._certificate is None else 's'}://{HOST}:{self._port}"

    def fail(self, kind: Kind, **told: Any) -> None:
        """Sets a fault; what is told are the fields of `Fault`."""
        with self._lock:
            self._faults.append(Fault(kind, **told))

    def asked(self, method: str = "", path: str = "") -> list[Asked]:
        """Gives the requests that came so far, those hit by a fault too, of a method and beginning of a path."""
        with self._lock:
            found = list(self._asked)
        return [one for one in found if one.method.startswith(method) and one.path.startswith(path)]

    def note(self, asked: Asked) -> None:
        """Keeps a request."""
        with self._lock:
            self._asked.append(asked)

    def fault(self, asked: Asked, *, before: bool) -> Fault | None:
        """Gives the fault that hits a request now."""
        with self._lock:
            return next((one for one in self._faults if one.strikes(asked, before=before)), None)

    def answer(self, asked: Asked) -> Given:
        """Answers a request; one at a time."""
        with self._lock:
            return self._answer(asked)


class _Server(ThreadingHTTPServer):
    """A listening socket that knows its connections, so that stopping ends them too."""

    allow_reuse_address = os.name != "nt"  # there it would let two servers share a port
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, standin: HttpStandIn, port: int) -> None:
        self.standin = standin
        self.tls: ssl.SSLContext | None = None
        self._connections: set[Any] = set()
        self._closed = Condition()
        super().__init__((HOST, port), _Handler)

    def server_bind(self) -> None:
        """Binds without asking a name server for this machine's name."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.socket.getsockname()[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remembers a connection and serves it in a thread of its own."""
        with self._closed:
            self._connections.add(request)
        super().process_request(request, client_address)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serves one connection, over TLS where there is a certificate; the handshake is made in its own thread."""
        if self.tls is not None:
            request = self.tls.wrap_socket(request, server_side=True)
        try:
            super().finish_request(request, client_address)
        finally:
            if self.tls is not None:
                request.close()  # wrapping has taken the socket over

    def shutdown_request(self, request: Any) -> None:
        """Closes a connection and forgets it."""
        super().shutdown_request(request)
        with self._closed:
            self._connections.discard(request)
            self._closed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of a client that went away; anything else is a bug of a test, and shows."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def close_all(self) -> None:
        """Stops listening and ends every connection."""
        self.server_close()
        with self._closed:
            for connection in self._connections:
                _hang_up(connection)
            self._closed.wait_for(lambda: not self._connections, _FAREWELL_S)


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        """Answers any request."""
        asked, standin = self._read(), self.server.standin
        standin.note(asked)
        fault = standin.fault(asked, before=True)
        if fault is not None and fault.kind == "close":
            self.close_connection = True
        elif fault is not None and fault.kind == "status":
            wait = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
            self._write(Given(fault.status, b"<html><h1>not now</h1></html>", wait))
        elif fault is not None and fault.kind == "redirect":
            self._write(Given(302, None, {"Location": fault.location}))
        else:
            if fault is not None:
                standin.stopping.wait(fault.seconds)
            self._finish(standin.answer(asked), standin.fault(asked, before=False))

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Writes no log."""

    def _read(self) -> Asked:
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        return Asked(self.command, url.path, query, headers, body)

    def _finish(self, given: Given, fault: Fault | None) -> None:
        if fault is None:
            self._write(given)
        elif fault.kind == "lose_answer":
            self.close_connection = True
        elif fault.kind == "not_json":
            self._write(Given(200, b"<html><b>Notice</b>: undefined index</html>"))
        else:
            self._write_badly(given, fault)

    def _write_badly(self, given: Given, fault: Fault) -> None:
        body = _bytes(given.body)
        self.close_connection = True
        if fault.kind == "huge":
            body = b" " * (8 * 1024 * 1024) + body
        self._head(given, len(body))
        if fault.kind == "cut":
            body = body[: len(body) // 2]
        size = 1 if fault.kind == "drip" else _PIECE
        for start in range(0, len(body), size):
            self.wfile.write(body[start : start + size])
            if fault.kind == "drip" and self.server.standin.stopping.wait(fault.seconds):
                return

    def _write(self, given: Given) -> None:
        body = _bytes(given.body)
        self._head(given, len(body))
        if self.command != "HEAD":
            self.wfile.write(body)

    def _head(self, given: Given, length: int) -> None:
        self.send_response_only(given.status)
        if "Date" not in given.headers:
            self.send_header("Date", self.date_time_string())
        kind = "application/octet-stream" if isinstance(given.body, bytes) else "application/json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        if self.close_connection:
            self.send_header("Connection", "close")
        for name, value in given.headers.items():
            self.send_header(name, value)
        for name, value in given.cookies.items():
            self.send_header("Set-Cookie", f"{name}={value}; HttpOnly")
        self.end_headers()


def _bytes(body: Any) -> bytes:  # whatever a test answers
    if body is None:
        return b""
    return body if isinstance(body, bytes) else msgspec.json.encode(body)


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
