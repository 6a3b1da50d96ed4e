"""`python -m crossdock.child PLUGIN`: what the host starts."""

import os
import sys

from crossdock.child.load import Plugin, find_plugin
from crossdock.child.serve import start
from crossdock.wire import Pipe, PipeClosedError, calm_collector
from crossdock.wire.frames import HostFrame, host_frames


def main() -> int:
    """Serves one plugin; whatever it prints goes to standard error and it has no input: no frame can be broken."""
    reader = os.fdopen(os.dup(0), "rb")
    writer = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    pipe: Pipe[HostFrame] = Pipe(reader, writer, host_frames)
    plugin, problem = None, None
    try:
        plugin = Plugin(find_plugin(sys.argv[1]))
    except Exception as error:  # noqa: BLE001  # the host shows whatever hindered the load
        problem = error
    calm_collector()
    try:
        start(plugin, problem, pipe)
    except PipeClosedError:
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
