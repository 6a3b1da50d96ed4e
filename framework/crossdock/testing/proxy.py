"""A wire that can be cut: a loopback proxy in front of a server, told when to reset its connections."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE = 4096
ABORT = struct.pack("ii", 1, 0)
"""SO_LINGER that makes closing a reset (socket(7)); Windows takes shorts, for which the same zeros do."""


class Proxy:
    """Passes bytes both ways until it is told to cut."""

    def __init__(self, host: str, port: int) -> None:
        """Takes the server's place; `target` may change while it runs."""
        self.target = (host, port)
        self.cut_after: int | None = None
        """Bytes from the server after which a connection is reset, once. None: it is not."""
        self.cuts = 0
        """Connections that were reset."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()

    @contextmanager
    def running(self) -> Iterator["Proxy"]:
        """Serves while the context lasts."""
        threading.Thread(target=self._accept, daemon=True).start()
        try:
            yield self
        finally:
            self._listener.close()
            self.cut()

    def cut(self) -> None:
        """Resets every connection that is open."""
        for pair in list(self._pairs):
            self._reset(pair)

    def _accept(self) -> None:
        while True:
            try:
                inner, _ = self._listener.accept()
            except OSError:
                return
            try:
                pair = (inner, socket.create_connection(self.target, timeout=5))
            except OSError:
                inner.close()
                continue
            pair[1].settimeout(None)
            self._pairs.add(pair)
            threading.Thread(target=self._pass, args=(pair, 0), daemon=True).start()
            threading.Thread(target=self._pass, args=(pair, 1), daemon=True).start()

    def _pass(self, pair: tuple[socket.socket, socket.socket], side: int) -> None:
        """Passes what one side sends to the other."""
        source, sink, passed = pair[side], pair[1 - side], 0
        with suppress(OSError):
            while piece := source.recv(PIECE):
                passed += len(piece)
                if side == 1 and self.cut_after is not None and passed > self.cut_after:
                    self.cut_after = None
                    self._reset(pair)
                    return
                sink.sendall(piece)
        for one in pair:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._forget(pair)

    def _reset(self, pair: tuple[socket.socket, socket.socket]) -> None:
        self.cuts += 1
        for one in pair:
            with suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
                one.shutdown(socket.SHUT_RD)
        self._forget(pair)

    def _forget(self, pair: tuple[socket.socket, socket.socket]) -> None:
        self._pairs.discard(pair)
        for one in pair:
            one.close()
