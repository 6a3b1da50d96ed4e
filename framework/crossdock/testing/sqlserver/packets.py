"""Packets of the wire: messages cut into pieces with a header of eight bytes, in and out, with TLS where asked for.

Source: MS-TDS, 2.2.3 "Packets" and 3.3.5.3 (TLS inside of PRELOGIN packets until the handshake is over).
"""

import select
import socket
import ssl
import struct

BATCH, RPC, ANSWER, ATTENTION, BULK, TRANSACTION, LOGIN, PRELOGIN = 0x01, 0x03, 0x04, 0x06, 0x07, 0x0E, 0x10, 0x12
HEADER = struct.Struct(">BBHHBB")
LAST, RESET = 0x01, 0x08
DEFAULT_SIZE = 4096
_CHUNK = 65536


class GoneError(ConnectionError):
    """The other side has hung up."""


class Channel:
    """One connection's packets; used by one thread."""

    def __init__(self, wire: socket.socket) -> None:
        """Takes the accepted socket."""
        self.wire = wire
        self.size = DEFAULT_SIZE
        self._in = bytearray()
        self._out = bytearray()
        self._number = 0
        self.resets = False
        """Whether the message just read asks for a session as new."""
        self._tls: ssl.SSLObject | None = None
        self._tls_in, self._tls_out = ssl.MemoryBIO(), ssl.MemoryBIO()

    def read_message(self) -> tuple[int, bytes]:
        """Gives the next message: its type and all its bytes.

        Raises:
            GoneError: hung up.
        """
        body = bytearray()
        while True:
            self._fill(HEADER.size)
            kind, status, length, *_ = HEADER.unpack_from(self._in)
            self._fill(length)
            self.resets = bool(status & RESET) if not body else self.resets
            body += self._in[HEADER.size : length]
            del self._in[:length]
            if status & LAST:
                return kind, bytes(body)

    def attention_waits(self) -> bool:
        """Whether the client asks to stop what is under way. It takes nothing off the wire.

        Raises:
            GoneError: hung up.
        """
        while len(self._in) < HEADER.size and self.readable(0.0):
            self._receive()
        return len(self._in) >= HEADER.size and self._in[0] == ATTENTION

    def readable(self, within_s: float) -> bool:
        """Waits until the client sends something, or hangs up, but not longer than told."""
        return bool(select.select([self.wire], [], [], within_s)[0])

    def write(self, data: bytes | bytearray) -> None:
        """Takes a piece of the answer; full packets leave at once."""
        self._out += data
        room = self.size - HEADER.size
        while len(self._out) > room:
            self._send_packet(bytes(self._out[:room]), 0)
            del self._out[:room]

    def end_message(self) -> None:
        """Sends what is left as the answer's last packet."""
        self._send_packet(bytes(self._out), LAST)
        self._out.clear()
        self._number = 0

    def drop_unsent(self) -> None:
        """Forgets what has not left yet."""
        self._out.clear()

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Shakes hands inside of PRELOGIN packets; all that follows is encrypted.

        Raises:
            ssl.SSLError: the client does not trust us, or wants what we do not have.
            GoneError: hung up.
        """
        tls = context.wrap_bio(self._tls_in, self._tls_out, server_side=True)
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                self._send_handshake()
                _, body = self.read_message()
                self._tls_in.write(body)
            else:
                break
        self._send_handshake()
        self._tls = tls

    def _send_handshake(self) -> None:
        if self._tls_out.pending:
            body = self._tls_out.read()
            self.wire.sendall(HEADER.pack(PRELOGIN, LAST, len(body) + HEADER.size, 0, 0, 0) + body)

    def _send_packet(self, body: bytes, status: int) -> None:
        self._number = (self._number + 1) % 256
        packet = HEADER.pack(ANSWER, status, len(body) + HEADER.size, 0, self._number, 0) + body
        if self._tls is not None:
            self._tls.write(packet)
            packet = self._tls_out.read()
        self.wire.sendall(packet)

    def _fill(self, length: int) -> None:
        while len(self._in) < length:
            self._receive()

    def _receive(self) -> None:
        data = self.wire.recv(_CHUNK)
        if not data:
            raise GoneError
        if self._tls is None:
            self._in += data
            return
        self._tls_in.write(data)
        try:
            while piece := self._tls.read(_CHUNK):
                self._in += piece
        except ssl.SSLWantReadError:
            return
        raise GoneError
