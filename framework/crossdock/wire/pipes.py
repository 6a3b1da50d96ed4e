"""Length-prefixed frames over a pair of pipes, the same on both sides and on every system.

One thread reads into a bounded queue: a slow reader fills the queue, then the pipe, and the writer waits.
Nothing here polls and nothing needs a signal.
"""

import queue
import struct
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, Generic, TypeVar

import msgspec

from crossdock.wire.frames import MAX_FRAME, Frame, encoder

F = TypeVar("F")
HEADER = struct.Struct(">I")
QUEUE_FRAMES = 4


class PipeClosedError(EOFError):
    """The other side is gone."""


class BrokenFrameError(ValueError):
    """The other side sent what is not a frame."""


class Pipe(Generic[F]):
    """Both directions of one child's pipes."""

    def __init__(self, reader: IO[bytes], writer: IO[bytes], decoder: "msgspec.msgpack.Decoder[F]") -> None:
        """Takes the two open pipes and the decoder of the frames that arrive."""
        self._reader, self._writer, self._decode = reader, writer, decoder.decode
        self._frames: queue.Queue[F | Exception] = queue.Queue(QUEUE_FRAMES)
        self._sending = threading.Lock()
        self._closed = threading.Event()
        self._buffer = bytearray()
        self._held: deque[F] = deque()
        self._thread: threading.Thread | None = None

    def start(
        self, on_frame: "Callable[[F], bool] | None" = None, on_end: Callable[[Exception], None] | None = None
    ) -> None:
        """Starts reading; the reading thread closes the reading side at its end.

        Args:
            on_frame: sees each frame first, in the reading thread; True keeps it from the queue.
            on_end: called in the reading thread with what ended it: the other side is gone, what came is not a frame,
                or `on_frame` failed. `receive` raises the same.
        """
        self._thread = threading.Thread(target=self._read, args=(on_frame, on_end), daemon=True, name="frames")
        self._thread.start()

    def send(self, frame: Frame | list[Any]) -> None:
        """Writes one frame; waits while the pipe is full.

        Raises:
            PipeClosedError: the other side is gone.
            BrokenFrameError: the frame is longer than `MAX_FRAME`.
        """
        with self._sending:
            self._buffer[:] = b"\0\0\0\0"
            encoder.encode_into(frame, self._buffer, HEADER.size)
            size = len(self._buffer) - HEADER.size
            if size > MAX_FRAME:
                message = f"a frame of {size} bytes is longer than {MAX_FRAME}; ask for smaller pages"
                raise BrokenFrameError(message)
            HEADER.pack_into(self._buffer, 0, size)
            try:
                self._writer.write(self._buffer)
                self._writer.flush()
            except (OSError, ValueError) as error:
                message = "the other side of the pipe is gone"
                raise PipeClosedError(message) from error

    def receive(self, timeout_s: float | None = None) -> F:
        """Gives the next frame.

        Raises:
            TimeoutError: none came in time.
            PipeClosedError: the other side is gone.
            BrokenFrameError: what came is not a frame.
        """
        return self._held.popleft() if self._held else self._take(timeout_s)

    def receive_kind(self, kind: type[Any]) -> F:
        """Gives the next frame of a kind; those before it wait for `receive`.

        Raises:
            PipeClosedError: the other side is gone.
        """
        while not isinstance(found := self._take(None), kind):
            self._held.append(found)
        return found

    def _take(self, timeout_s: float | None) -> F:
        try:
            found = self._frames.get(timeout=timeout_s)
        except queue.Empty as error:
            message = f"no answer for {timeout_s} s"
            raise TimeoutError(message) from error
        if isinstance(found, Exception):
            self._frames.put(found)
            raise found
        return found

    def close(self) -> None:
        """Stops the reading thread at its next frame and closes the writing side."""
        self._closed.set()
        with suppress(OSError):
            self._writer.close()

    def join(self, timeout_s: float) -> None:
        """Waits for the reading thread's end; one that is stuck in a read is left alone."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _read(self, on_frame: "Callable[[F], bool] | None", on_end: Callable[[Exception], None] | None) -> None:
        try:
            while not self._closed.is_set():
                frame = self._next()
                if on_frame is None or not on_frame(frame):
                    self._keep(frame)
        except Exception as error:  # noqa: BLE001  # whoever waits for a frame must hear of it, whatever it is
            if on_end is not None:
                on_end(error)
            self._keep(error)
        finally:
            with suppress(OSError):
                self._reader.close()

    def _keep(self, item: F | Exception) -> None:
        while not self._closed.is_set():
            try:
                self._frames.put(item, timeout=0.5)
            except queue.Full:
                continue
            return

    def _next(self) -> F:
        size = HEADER.unpack(self._exactly(HEADER.size))[0]
        if size > MAX_FRAME:
            message = f"a frame claims {size} bytes, more than {MAX_FRAME}"
            raise BrokenFrameError(message)
        try:
            return self._decode(self._exactly(size))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            message = f"not a frame: {error}"
            raise BrokenFrameError(message) from error

    def _exactly(self, size: int) -> bytes:
        try:
            found = self._reader.read(size)
        except (OSError, ValueError) as error:
            message = "the pipe is closed"
            raise PipeClosedError(message) from error
        if len(found) < size:
            message = "the other side of the pipe is gone"
            raise PipeClosedError(message)
        return found
