"""The port to a plugin: one child process for one run, over frames."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from msgspec import Struct

from crossdock.contract import (
    ConfigError,
    CrossdockError,
    Finding,
    Manifest,
    Memory,
    PluginError,
    Proposal,
    Result,
    RowError,
    TableShape,
    TransientError,
)
from crossdock.contract.errors import KINDS
from crossdock.fieldmap import FieldMap
from crossdock.sync.port import ReadRequest
from crossdock.toolkit.redact import redact
from crossdock.wire import BrokenFrameError, Pipe, PipeClosedError, frames
from crossdock.wire.frames import ChildFrame, Mapped, Offer, child_frames

LOGGER = "crossdock.plugin"
"""Logger of what plugins warn of, each under its own name below it."""
HELLO_S = 30.0
"""Seconds in which a child must say who it is."""
ANSWER_S = 900.0
"""Seconds without an answer after which a child at work is taken to hang, whatever it logs meanwhile."""
ENDING_S = 5.0
"""Seconds in which a child that closed its pipes must end."""
TICK_S = 15.0
"""Seconds between calls of `on_wait` while a child is waited for."""
THREAD_S = 1.0
"""Seconds that are left to a thread that reads from an ended child: a process it left behind may hold the pipe."""


class Opening(Struct, frozen=True, kw_only=True):
    """What opens a session."""

    connection: str
    settings: dict[str, Any]
    secrets: tuple[str, ...]
    maps: tuple[FieldMap, ...]
    transforms: tuple[str, ...] = ()


class ChildPort:
    """A child that holds one plugin; implements `sync.port.SourcePort` and `ChannelPort`."""

    def __init__(
        self,
        plugin: str,
        memory: Memory,
        on_wait: Callable[[], None] = lambda: None,
        hidden: frozenset[str] = frozenset(),
    ) -> None:
        """Starts the child and hears its Hello.

        Args:
            plugin: entry point's name.
            memory: the connection's memory.
            on_wait: called every `TICK_S` while the child is waited for, whatever it says, to renew the lease.
            hidden: environment variables that hold secrets; the child does not get them.

        Raises:
            PluginError: it cannot be loaded, breaks the contract, or says nothing.
        """
        self.plugin, self._memory, self._on_wait = plugin, memory, on_wait
        self._process = subprocess.Popen(
            [sys.executable, "-X", "utf8", "-m", "crossdock.child", plugin],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(hidden),
        )
        self._said: deque[str] = deque(maxlen=40)
        self._secrets: tuple[str, ...] = ()
        self._listener = threading.Thread(target=self._listen, daemon=True, name=f"stderr of {plugin}")
        self._listener.start()
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: S101, PT018  # asked for above
        self._pipe: Pipe[ChildFrame] = Pipe(self._process.stdout, self._process.stdin, child_frames)
        self._pipe.start()
        self.on_progress: Callable[[frames.Progress], None] = lambda _: None
        self.on_log: Callable[[frames.Log], None] = self._log
        self._waited_at = time.monotonic()
        self._is_reading = False
        try:
            hello = self._hello()
        except BaseException:
            self.kill()
            raise
        self.manifest: Manifest = hello.manifest
        self.version, self.hooks, self.declared = hello.version, hello.hooks, hello.maps
        self._maps: dict[str, FieldMap] = {}
        self.maps: tuple[FieldMap, ...] = ()
        """Effective maps, once the session is open."""
        self._salts: dict[str, int] = {}

    def open(self, opening: Opening) -> None:
        """Opens the session.

        Raises:
            TransientError, ConnectionSetupError, PluginError: as the plugin raised.
        """
        self.maps = opening.maps
        self._secrets = tuple(str(opening.settings[name]) for name in opening.secrets if opening.settings.get(name))
        self._maps = {one.stream: one for one in opening.maps}
        self._send(frames.Open(opening.connection, opening.settings, opening.secrets, opening.maps, opening.transforms))
        self._salts = self._expect(frames.Opened).salts

    def field_map(self, stream: str) -> FieldMap:
        """Gives the effective map."""
        return self._maps[stream]

    def salt(self, stream: str) -> str:
        """Gives what stands for map, plugin version and transforms."""
        return f"{self._salts[stream]:x}"

    def read(self, request: ReadRequest) -> Iterator[Offer | Mapped]:
        """Gives the pages of a read until the child is done.

        Raises:
            TransientError: the read was cut short, and not by us.
            CrossdockError: the read failed.
        """
        self._send(
            frames.ReadPages(
                request.stream,
                request.since,
                request.page_size,
                request.codes,
                request.limit,
                request.direct,
                request.rows,
            )
        )
        self._is_reading = True
        try:
            while self._is_reading:
                frame = self._receive()
                if isinstance(frame, frames.Done):
                    self._end_of_read(frame)
                elif isinstance(frame, (Offer, Mapped)):
                    yield frame
                else:
                    raise self._unexpected(frame)
        except CrossdockError:
            self._is_reading = False
            raise
        finally:
            if self._is_reading:
                self.cancel()

    def _end_of_read(self, done: frames.Done) -> None:
        self._is_reading = False
        if done.cancelled:
            message = f"plugin {self.plugin!r}: the read was cut short. Nothing is lost; the next run goes on"
            raise TransientError(message)

    def want(self, page: int, rows: list[int]) -> None:
        """Answers an offer."""
        self._send(frames.Want(page, rows))

    def cancel(self) -> None:
        """Ends a read early and passes over what is still on its way."""
        self._is_reading = False
        try:
            self._send(frames.Cancel())
            while not isinstance(self._receive(), frames.Done):
                pass
        except CrossdockError:
            self.kill()

    def deliver(self, stream: str, number: int, deliveries: list[Any]) -> None:
        """Sends a batch on its way; the deliveries are in the form of the frame already."""
        self._send(["Deliver" if stream == "products" else "DeliverCustomers", number, deliveries])

    def results(self) -> tuple[int, int, list[Result] | None]:
        """Waits for the next batch's answer."""
        found = self._expect(frames.Results)
        return found.number, found.count, found.results

    def check_delivery(self, handles: Sequence[str]) -> list[Result]:
        """Asks about earlier deliveries."""
        self._send(frames.Call("check_delivery", {"handles": list(handles)}))
        return self._expect(frames.Results).results or []

    def check(self) -> list[Finding]:
        """Calls the plugin's `check`."""
        self._send(frames.Call("check", {}))
        return list(self._expect(frames.Findings).findings)

    def list_tables(self, pattern: str | None, limit: int) -> list[TableShape]:
        """Calls the plugin's `list_tables`."""
        self._send(frames.Call("list_tables", {"pattern": pattern, "limit": limit}))
        return list(self._expect(frames.Tables).tables)

    def propose_maps(self, tables: Mapping[str, str]) -> list[Proposal]:
        """Calls the plugin's `propose_maps`."""
        self._send(frames.Call("propose_maps", {"tables": dict(tables)}))
        return list(self._expect(frames.Proposals).proposals)

    def preview(self, stream: str, limit: int) -> list[tuple[dict[str, Any], Any, str | None]]:
        """Gives rows beside their records, or beside the reason why there is none."""
        self._send(frames.PreviewRows(stream, limit))
        pairs: list[tuple[dict[str, Any], Any, str | None]] = self._expect(frames.Preview).pairs
        return pairs

    def close(self) -> None:
        """Says Bye and waits a moment; a child that stays is killed."""
        try:
            self._pipe.send(frames.Bye())
            self._process.wait(5)
        except (PipeClosedError, subprocess.TimeoutExpired):
            pass
        self.kill()

    def kill(self) -> None:
        """Ends the child at once; each pipe is closed by the thread that reads it."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._pipe.close()
        self._pipe.join(THREAD_S)
        self._listener.join(THREAD_S)

    def __enter__(self) -> "ChildPort":
        """Gives the port itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the child."""
        self.close()

    def _send(self, frame: Any) -> None:
        try:
            self._pipe.send(frame)
        except PipeClosedError as error:
            raise self._gone() from error
        except BrokenFrameError as error:
            cure = "lower batch_size of the plugin or page_size of the sync, or shorten the longest texts"
            message = f"what plugin {self.plugin!r} should be sent at once is too much ({error}); {cure}"
            raise ConfigError(message) from error

    def _expect(self, kind: type[Any], timeout_s: float = ANSWER_S) -> Any:
        frame = self._receive(timeout_s)
        if not isinstance(frame, kind):
            raise self._unexpected(frame)
        return frame

    def _receive(self, timeout_s: float = ANSWER_S) -> ChildFrame:
        """Gives the next frame that is not a question, a log line or progress.

        Raises:
            CrossdockError: what the child says failed, or its end.
        """
        until = time.monotonic() + timeout_s
        while True:
            self._tick()
            left = until - time.monotonic()
            frame = self._next(max(0.0, min(TICK_S, left)))
            if isinstance(frame, frames.Failure):
                raise failure(frame)
            if frame is not None and not self._handled(frame):
                return frame
            if left <= 0:
                self.kill()
                message = f"plugin {self.plugin!r} said nothing for {timeout_s:.0f} s and was ended"
                raise PluginError(message, self.plugin)

    def _tick(self) -> None:
        """Calls `on_wait` by the clock."""
        now = time.monotonic()
        if now - self._waited_at >= TICK_S:
            self._waited_at = now
            self._on_wait()

    def _next(self, timeout_s: float) -> ChildFrame | None:
        """Gives the next frame, None where none comes in time."""
        try:
            return self._pipe.receive(timeout_s)
        except TimeoutError:
            return None
        except PipeClosedError as error:
            raise self._gone() from error
        except BrokenFrameError as error:
            self.kill()
            message = f"plugin {self.plugin!r} sent what is not a frame: {error}"
            raise PluginError(message, self.plugin) from error

    def _handled(self, frame: ChildFrame) -> bool:
        if isinstance(frame, frames.Remember):
            self._send(self._remember(frame))
        elif isinstance(frame, frames.Progress):
            self.on_progress(frame)
        elif isinstance(frame, frames.Log):
            self.on_log(frame)
        else:
            return False
        return True

    def _log(self, line: frames.Log) -> None:
        level = logging.getLevelNamesMapping().get(line.level.upper(), logging.WARNING)
        logging.getLogger(f"{LOGGER}.{self.plugin}").log(max(level, logging.WARNING), "%s", line.text)

    def _remember(self, question: frames.Remember) -> frames.Remembered:
        if question.operation == "get":
            return frames.Remembered(self._memory.get(question.key))
        value = question.value or ""
        if question.operation == "set":
            self._memory.set(question.key, value, secret=question.secret)
            return frames.Remembered(None)
        done = self._memory.compare_and_set(question.key, question.expected, value, secret=question.secret)
        return frames.Remembered(None, done)

    def _listen(self) -> None:
        assert self._process.stderr is not None  # noqa: S101  # asked for at the start
        with suppress(OSError, ValueError), self._process.stderr as stream:
            for line in stream:
                self._said.append(line.decode(errors="replace").rstrip())

    def _gone(self) -> CrossdockError:
        try:
            code = self._process.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._pipe.close()
        self._listener.join(THREAD_S)
        said = redact(" | ".join(list(self._said)[-3:]), self._secrets)
        message = (
            f"the process of plugin {self.plugin!r} ended unexpectedly (exit {code}){': ' + said if said else ''}. "
            "Nothing is lost; the next run goes on"
        )
        return TransientError(message)

    def _hello(self) -> frames.Hello:
        hello: frames.Hello = self._expect(frames.Hello, HELLO_S)
        if hello.protocol != frames.PROTOCOL:
            here = frames.PROTOCOL
            message = (
                f"plugin {self.plugin!r} speaks frames {hello.protocol}, this host {here}; install matching versions"
            )
            raise PluginError(message, self.plugin)
        return hello

    def _unexpected(self, frame: object) -> PluginError:
        message = f"plugin {self.plugin!r} sent {type(frame).__name__} out of turn"
        return PluginError(message, self.plugin)


def failure(frame: frames.Failure) -> CrossdockError:
    """Makes the error that a child's Failure stands for."""
    if frame.kind == "TransientError":
        error: CrossdockError = TransientError(frame.text, frame.retry_after)
    elif frame.kind == "RowError":
        error = RowError(frame.text)
    else:
        error = KINDS.get(frame.kind, PluginError)(frame.text)
    error.trouble = frame.trouble
    if frame.detail:
        error.add_note(frame.detail)
    return error


def _environment(hidden: frozenset[str]) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in hidden} | {"PYTHONIOENCODING": "utf-8"}
