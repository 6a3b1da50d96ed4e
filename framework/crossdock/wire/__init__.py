"""Floor 3: frames and pipes between the host and a child."""

from crossdock.wire.collector import calm_collector
from crossdock.wire.pipes import BrokenFrameError, Pipe, PipeClosedError

__all__ = ["BrokenFrameError", "Pipe", "PipeClosedError", "calm_collector"]
