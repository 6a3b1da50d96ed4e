"""The connection's memory as the child sees it: every call is a question to the host."""

from crossdock.contract import PluginError
from crossdock.wire import Pipe
from crossdock.wire.frames import HostFrame, Remember, Remembered


class HostMemory:
    """Implements `contract.Memory` over the frames."""

    def __init__(self, pipe: Pipe[HostFrame]) -> None:
        """Takes the pipe to the host."""
        self._pipe = pipe

    def get(self, key: str) -> str | None:
        """Gives the value, None where there is none."""
        return self._ask(Remember("get", key)).value

    def set(self, key: str, value: str, *, secret: bool) -> None:
        """Keeps a value; durable when this returns."""
        self._ask(Remember("set", key, value, None, secret))

    def compare_and_set(self, key: str, expected: str | None, value: str, *, secret: bool) -> bool:
        """Keeps the value only where the present one is `expected`."""
        return self._ask(Remember("swap", key, value, expected, secret)).done

    def _ask(self, question: Remember) -> Remembered:
        self._pipe.send(question)
        frame = self._pipe.receive_kind(Remembered)
        if not isinstance(frame, Remembered):
            message = "the host did not answer a question to its memory"
            raise PluginError(message)
        return frame
