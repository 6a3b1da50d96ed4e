"""The stand-in's HTTP: reads requests, lets faults strike, writes answers. Loopback only."""

import os
import socket
import sys
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Condition, Event
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

import msgspec

from crossdock.testing.hub.access import Access, Rates
from crossdock.testing.hub.backstage import Backstage
from crossdock.testing.hub.contract import RequestRefusedError
from crossdock.testing.hub.endpoints import Answer, Endpoints, Request, endpoint_name
from crossdock.testing.hub.faults import Fault, Faults
from crossdock.testing.hub.state import HubState

HOST = "127.0.0.1"
_CONTRACT, _BACKSTAGE = "/v1", "/_standin"
_CHUNK = 65536
_FAREWELL_S = 5.0
_NOT_JSON = b'<br />\n<b>Notice</b>: Undefined index\n{"system_products'


@dataclass
class Desk:
    """The parts of the hub that a request meets."""

    state: HubState
    access: Access
    rates: Rates
    faults: Faults
    endpoints: Endpoints
    backstage: Backstage
    max_body: int
    stopping: Event = field(default_factory=Event)


class Listener(ThreadingHTTPServer):
    """A listening socket that knows its connections, so that stopping ends them too.

    Args:
        port: where to listen on loopback; 0 for any free port.
        desk: what answers.
    """

    allow_reuse_address = os.name != "nt"  # there it would let two servers share a port
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, desk: Desk) -> None:
        """Listens at once; `serve_forever` answers."""
        self.desk = desk
        self._connections: set[Any] = set()
        self._closed = Condition()
        super().__init__((HOST, port), _Handler)

    def server_bind(self) -> None:
        """Bind without asking a name server for this machine's name."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.socket.getsockname()[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember a connection and serve it in a thread of its own."""
        with self._closed:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection and forget it."""
        super().shutdown_request(request)
        with self._closed:
            self._connections.discard(request)
            self._closed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away; anything else is a bug of ours, and shows."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def close_all(self) -> None:
        """Stop listening and end every connection; call after `shutdown`."""
        self.server_close()
        self.desk.stopping.set()
        with self._closed:
            for connection in self._connections:
                _hang_up(connection)
            self._closed.wait_for(lambda: not self._connections, _FAREWELL_S)


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def do_GET(self) -> None:
        """Answer any request: the endpoints know their methods."""
        url = urlsplit(self.path)
        try:
            if url.path.startswith(f"{_CONTRACT}/"):
                self._serve_contract(url)
            else:
                self._serve_backstage(url)
        except RequestRefusedError as refusal:
            self._refuse(refusal, url.path.removeprefix(_CONTRACT))

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Write no log."""

    def _serve_backstage(self, url: SplitResult) -> None:
        request = self._request(url, _BACKSTAGE)
        if not url.path.startswith(f"{_BACKSTAGE}/"):
            raise RequestRefusedError(404, f"nothing at {url.path}", "")
        self._send(self.server.desk.backstage.answer(request))

    def _serve_contract(self, url: SplitResult) -> None:
        desk, endpoint = self.server.desk, url.path.removeprefix(_CONTRACT)
        desk.state.count_request(endpoint_name(endpoint))
        before = desk.faults.take(endpoint, after=False)
        if before is not None and before.kind in {"close", "down"}:
            self.close_connection = True
            return
        request = self._request(url, _CONTRACT)
        if before is not None and before.kind == "status":
            self._send_page(before)
            return
        self._suffer(before)
        answer = desk.endpoints.answer(request)
        after = desk.faults.take(endpoint, after=True)
        if after is not None and after.kind == "lose_answer":
            self.close_connection = True
        elif after is not None:
            self._write(200, _NOT_JSON, "application/json", self._limit(endpoint))
        else:
            desk.state.count_answer(answer.status, answer.entries)
            self._send(answer, self._limit(endpoint))

    def _suffer(self, fault: Fault | None) -> None:
        if fault is not None and fault.kind == "slow":
            if self.server.desk.stopping.wait(fault.seconds):
                raise ConnectionAbortedError
        elif fault is not None:
            self.server.desk.access.drop_tokens()

    def _request(self, url: SplitResult, prefix: str) -> Request:
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        return Request(self.command, url.path.removeprefix(prefix), query, self._read_body())

    def _read_body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            self.close_connection = True
            raise RequestRefusedError(411, "the length of the body must be told", "Content-Length")
        if int(length) > self.server.desk.max_body:
            self._discard(int(length))
            reason = f"a body has at most {self.server.desk.max_body} bytes, not {length}"
            raise RequestRefusedError(413, reason)
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionAbortedError
        return body

    def _discard(self, length: int) -> None:
        while length > 0:
            chunk = self.rfile.read(min(length, _CHUNK))
            length = length - len(chunk) if chunk else 0

    def _limit(self, endpoint: str) -> dict[str, str]:
        return {"x-S2S-RateLimit": str(self.server.desk.rates.limit(endpoint))}

    def _refuse(self, refusal: RequestRefusedError, endpoint: str) -> None:
        payload = {"error": refusal.reason, "path": refusal.path}
        if self.path.startswith(f"{_CONTRACT}/"):
            self.server.desk.state.count_answer(refusal.status, 0)
        self._send(Answer(refusal.status, payload), self._limit(endpoint))

    def _send_page(self, fault: Fault) -> None:
        headers = self._limit(urlsplit(self.path).path.removeprefix(_CONTRACT))
        if fault.retry_after is not None:
            headers["Retry-After"] = str(fault.retry_after)
        page = f"<html><body><h1>{fault.status}</h1></body></html>".encode()
        self.server.desk.state.count_answer(fault.status, 0)
        self._write(fault.status, page, "text/html", headers)

    def _send(self, answer: Answer, headers: dict[str, str] | None = None) -> None:
        body = msgspec.json.encode(answer.payload)
        self._write(answer.status, body, "application/json", headers or {})

    def _write(self, status: int, body: bytes, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
