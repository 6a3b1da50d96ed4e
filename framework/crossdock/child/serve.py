"""The child's loop: one frame in, the hook called, the answer out."""

import logging
import os
import threading
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from itertools import islice
from typing import Any, NoReturn

import msgspec
import xxhash

from crossdock.child.load import Plugin
from crossdock.child.memory import HostMemory
from crossdock.child.offer import Reading, stored_rows
from crossdock.child.transform import Transforms
from crossdock.contract import Config, CrossdockError, PluginError, Proposal, Read, Result, TransientError
from crossdock.fieldmap import FieldMap, FieldMapError
from crossdock.toolkit.redact import redact
from crossdock.wire import BrokenFrameError, Pipe, PipeClosedError, frames
from crossdock.wire.frames import HostFrame

READ_HOOKS = {"products": "read_products", "customers": "read_customers", "stock": "read_stock"}
ANSWERS: dict[str, Callable[[Any], frames.Frame]] = {
    "check": lambda found: frames.Findings(tuple(found)),
    "check_delivery": lambda found: frames.Results(0, len(found), list(found)),
    "list_tables": lambda found: frames.Tables(tuple(found)),
    "propose_maps": lambda found: frames.Proposals(tuple(travelling(one) for one in found)),
}
"""Hooks whose answers travel as frames of their own."""
LAST_WORDS_S = 5.0
"""Seconds in which a child that must end can say why."""


class Server:
    """Serves one plugin to one host."""

    def __init__(self, plugin: Plugin, pipe: Pipe[HostFrame]) -> None:
        """Takes the loaded plugin and the pipe, whose reading has not begun."""
        self.plugin, self.pipe = plugin, pipe
        self.cancelled = threading.Event()
        self._secrets: tuple[str, ...] = ()
        self._session: Any = None
        self._opened: AbstractContextManager[Any] | None = None
        self._maps: dict[str, FieldMap] = {}
        self._salts: dict[str, int] = {}
        self._transforms = Transforms(())
        self._hook = ""

    def run(self) -> None:
        """Serves until the host says Bye or is gone."""
        self.pipe.start(self._first_look, self._ended)
        _send_logs(self)
        self.send(self._hello())
        while not isinstance(frame := self.pipe.receive(), frames.Bye):
            try:
                self._serve(frame)
            except PipeClosedError:
                raise
            except Exception as error:  # noqa: BLE001  # whatever a plugin raises becomes a frame
                self.send(self.failure(error))
        self._close()

    def send(self, frame: Any) -> None:
        """Writes one frame to the host."""
        self.pipe.send(frame)

    def redacted(self, text: str) -> str:
        """Takes the connection's secrets out of a text."""
        return redact(text, self._secrets)

    def failure(self, error: Exception) -> frames.Failure:
        """Makes the frame for an error: of ours by its class, any other is the plugin's fault."""
        detail = self.redacted("".join(traceback.format_exception(error)))
        if isinstance(error, BrokenFrameError):
            return frames.Failure("ConfigError", f"plugin {self.plugin.name!r}: {error}", hook=self._hook)
        if isinstance(error, FieldMapError):
            return frames.Failure("ConfigError", self.redacted(str(error)), hook=self._hook)
        if isinstance(error, CrossdockError):
            wait = error.retry_after if isinstance(error, TransientError) else None
            said = self.redacted(str(error))
            return frames.Failure(type(error).__name__, said, wait, self._hook, detail, error.trouble)
        blamed = self.plugin.blame(self._hook, f"{type(error).__name__}: {error}")
        return frames.Failure("PluginError", self.redacted(str(blamed)), None, self._hook, detail)

    def _hello(self) -> frames.Hello:
        one = self.plugin
        return frames.Hello(frames.PROTOCOL, one.version, one.manifest, one.hooks, tuple(m.data() for m in one.maps))

    def _first_look(self, frame: HostFrame) -> bool:
        """Sees each frame as it comes, in its order: a Cancel that came too late does not touch the next read."""
        if isinstance(frame, frames.ReadPages):
            self.cancelled.clear()
        elif isinstance(frame, frames.Cancel):
            self.cancelled.set()
            stop = getattr(self._session, "cancel", None)
            if stop is not None:
                stop()
        return False

    def _ended(self, error: Exception) -> NoReturn:
        """Ends the process, in the reading thread; where the host is still there, it is told why."""
        if not isinstance(error, PipeClosedError):
            threading.Timer(LAST_WORDS_S, os._exit, (3,)).start()
            with suppress(PipeClosedError):
                self.send(self._last_words(error))
        os._exit(3)

    def _last_words(self, error: Exception) -> frames.Failure:
        if isinstance(error, BrokenFrameError):
            text = f"plugin {self.plugin.name!r} cannot read what the host sent: {error}; install matching versions"
            return frames.Failure("PluginError", self.redacted(text))
        return self.failure(error)

    def _serve(self, frame: HostFrame) -> None:
        if isinstance(frame, frames.Open):
            self._open(frame)
        elif isinstance(frame, frames.ReadPages):
            self._read(frame)
        elif isinstance(frame, frames.Deliver):
            self._deliver(
                "write_products", frame.number, frame.deliveries, sum(len(one.due) for one in frame.deliveries)
            )
        elif isinstance(frame, frames.DeliverCustomers):
            self._deliver("write_customers", frame.number, frame.deliveries, len(frame.deliveries))
        elif isinstance(frame, frames.PreviewRows):
            self._preview(frame)
        elif isinstance(frame, frames.Call):
            self._call(frame)

    def _open(self, frame: frames.Open) -> None:
        self._hook = "open_session"
        self._secrets = tuple(str(frame.settings[name]) for name in frame.secrets if frame.settings.get(name))
        self._transforms = Transforms(frame.transforms)
        own = {one.stream: one.converters for one in self.plugin.maps}
        for one in frame.maps:
            self._maps[one.stream] = msgspec.structs.replace(one, converters=own.get(one.stream, {}))
            self._salts[one.stream] = self._salt(one)
        config = Config(frame.settings, frozenset(frame.secrets))
        self._opened = self.plugin.call("open_session", config=config, memory=HostMemory(self.pipe))
        self._session = self._opened.__enter__()
        self.send(frames.Opened(self._salts))

    def _salt(self, fieldmap: FieldMap) -> int:
        what = (fieldmap.data(), self.plugin.name, self.plugin.version, self._transforms.versions())
        return xxhash.xxh3_64_intdigest(msgspec.msgpack.encode(what)) >> 1

    def _read(self, frame: frames.ReadPages) -> None:
        read = Read(
            fields=self._map(frame.stream),
            since=frame.since,
            page_size=frame.page_size,
            codes=frame.codes,
            limit=frame.limit,
        )
        pages = self._pages(frame.stream, read) if frame.rows is None else stored_rows(frame.rows, read.fields)
        reading = Reading(read.fields, self._salts[frame.stream], self._transforms, self.send)
        reading.is_expanded = frame.rows is not None
        reading.run(pages, self._wanted, self.cancelled.is_set, direct=frame.direct)

    def _preview(self, frame: frames.PreviewRows) -> None:
        read = Read(fields=self._map(frame.stream), page_size=max(1, min(frame.limit, 1000)), limit=frame.limit)
        reading = Reading(read.fields, self._salts[frame.stream], self._transforms, self.send)
        pairs = list(islice(reading.shown(self._pages(frame.stream, read)), frame.limit))
        self.send(frames.Preview(pairs))

    def _map(self, stream: str) -> FieldMap:
        self._hook = READ_HOOKS[stream]
        if stream not in self._maps:
            raise self.plugin.blame(self._hook, f"there is no field map for {stream}")
        return self._maps[stream]

    def _pages(self, stream: str, read: Read) -> Any:
        pages = self.plugin.call(READ_HOOKS[stream], session=self._session, read=read)
        if pages is None:
            raise self.plugin.blame(self._hook, "gave None in place of pages")
        return pages

    def _wanted(self) -> frames.Want | None:
        frame = self.pipe.receive()
        return frame if isinstance(frame, frames.Want) else None

    def _deliver(self, hook: str, number: int, deliveries: Any, count: int) -> None:
        self._hook = hook
        results: list[Result] = list(self.plugin.call(hook, session=self._session, deliveries=deliveries) or ())
        if len(results) != count:
            raise self.plugin.blame(hook, f"gave {len(results)} results for {count} items")
        plain = all(
            one.state == "done" and one.channel_code is None and one.channel_product_code is None for one in results
        )
        self.send(frames.Results(number, count, None if plain else results))

    def _call(self, frame: frames.Call) -> None:
        self._hook = frame.hook
        if frame.hook == "check" and "check" not in self.plugin.hooks:
            self.send(frames.Findings(()))
            return
        more = {"maps": tuple(self._maps.values())} if frame.hook == "check" else {}
        value = self.plugin.call(frame.hook, session=self._session, **frame.arguments, **more)
        answer = ANSWERS.get(frame.hook, frames.Answer)
        self.send(answer(value))

    def _close(self) -> None:
        if self._opened is not None:
            self._opened.__exit__(None, None, None)


def travelling(one: Proposal) -> Proposal:
    """Gives a proposal as it travels."""
    return msgspec.structs.replace(one, map=one.map.data())


def _send_logs(server: Server) -> None:
    """Sends warnings of any library in the child to the host's log, without secrets."""

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            try:
                server.send(frames.Log(record.levelname.lower(), server.redacted(record.getMessage())))
            except Exception:  # noqa: BLE001  # a line that cannot be told must not stop who logs it
                self.handleError(record)

    handler = Handler(logging.WARNING)
    logging.getLogger().addHandler(handler)


def start(plugin: Plugin | None, error: Exception | None, pipe: Pipe[HostFrame]) -> None:
    """Serves a plugin, or says why there is none."""
    if plugin is None:
        kind = error if isinstance(error, CrossdockError) else PluginError(str(error))
        pipe.send(frames.Failure(type(kind).__name__, str(kind)))
        return
    Server(plugin, pipe).run()
