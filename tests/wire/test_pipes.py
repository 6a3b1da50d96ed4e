"""Frames over real pipes: order, back-pressure, and whatever is not a frame."""

import os
import struct
import threading

import pytest

from crossdock.wire import BrokenFrameError, Pipe, PipeClosedError, pipes
from crossdock.wire.frames import Log, child_frames, encoder


@pytest.fixture
def ends():
    """Both ends of one pipe: a reading `Pipe`, and the raw writing end."""
    read, write = os.pipe()
    reader, writer = os.fdopen(read, "rb"), os.fdopen(write, "wb")
    nowhere = open(os.devnull, "wb")  # noqa: SIM115, PTH123  # closed below
    yield Pipe(reader, nowhere, child_frames), writer
    writer.close()
    reader.close()
    nowhere.close()


def framed(body):
    """A body behind its length."""
    return struct.pack(">I", len(body)) + body


def test_frames_arrive_whole_and_in_order(ends):
    """However the bytes are cut, the frames are the ones that were written."""
    pipe, writer = ends
    pipe.start()
    sent = [Log("warning", "x" * size) for size in (0, 1, 70_000, 3)]
    for byte_count in (1, 5000):
        data = b"".join(framed(encoder.encode(one)) for one in sent)
        for start in range(0, len(data), 5000 if byte_count > 1 else 40_000):
            writer.write(data[start : start + (5000 if byte_count > 1 else 40_000)])
            writer.flush()
        assert [pipe.receive(5) for _ in sent] == sent


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (struct.pack(">I", 2**31), BrokenFrameError, "more than"),
        (framed(b"garbage"), BrokenFrameError, "not a frame"),
        (framed(encoder.encode(["Unknown"])), BrokenFrameError, "not a frame"),
        (framed(encoder.encode(["Log", 1, 2])), BrokenFrameError, "not a frame"),
        (framed(b"x" * 10)[:8], PipeClosedError, "gone"),
        (b"\0\0", PipeClosedError, "gone"),
        (b"", PipeClosedError, "gone"),
    ],
    ids=["too long", "garbage", "unknown", "wrong fields", "cut body", "cut length", "nothing"],
)
def test_what_is_not_a_frame_is_an_error(ends, data, error, says):
    """Whatever breaks the stream is said, again and again, and nothing hangs."""
    pipe, writer = ends
    pipe.start()
    writer.write(data)
    writer.close()
    for _ in range(2):
        with pytest.raises(error, match=says):
            pipe.receive(5)


def test_a_frame_that_is_too_long_is_not_sent(monkeypatch):
    """The sender refuses its own frame beyond the limit and says what to do."""
    monkeypatch.setattr(pipes, "MAX_FRAME", 1000)
    read, write = os.pipe()
    with os.fdopen(read, "rb") as reader, os.fdopen(write, "wb") as writer:
        with pytest.raises(BrokenFrameError, match="smaller pages"):
            Pipe(reader, writer, child_frames).send(Log("warning", "x" * 2000))
        Pipe(reader, writer, child_frames).send(Log("warning", "short"))
        assert reader.read(4) == struct.pack(">I", len(encoder.encode(Log("warning", "short"))))


def test_a_slow_reader_keeps_the_writer_waiting():
    """A writer is never more than the queue and the pipe's own buffer ahead of its reader."""
    read, write = os.pipe()
    with os.fdopen(read, "rb") as reader, os.fdopen(write, "wb") as writer:
        receiving, sending = Pipe(reader, writer, child_frames), Pipe(reader, writer, child_frames)
        receiving.start()
        frame, total, sent = Log("warning", "x" * 200_000), 40, []

        def write_all():
            for number in range(total):
                sending.send(frame)
                sent.append(number)

        thread = threading.Thread(target=write_all)
        thread.start()
        for received in range(total):
            assert receiving.receive(10) == frame
            assert len(sent) <= received + 1 + pipes.QUEUE_FRAMES + 4
        thread.join()


def test_no_answer_in_time(ends):
    """Waiting for a frame ends after the time given."""
    pipe, _ = ends
    pipe.start()
    with pytest.raises(TimeoutError):
        pipe.receive(0.01)


def test_the_first_look_comes_before_the_queue(ends):
    """The reading thread sees each frame at once, and may keep it from the queue."""
    pipe, writer = ends
    ended = threading.Event()
    pipe.start(lambda frame: isinstance(frame, Log), lambda _: ended.set())
    writer.write(framed(encoder.encode(Log("warning", "kept"))) + framed(encoder.encode(["Done", True])))
    writer.close()
    assert type(pipe.receive(5)).__name__ == "Done"
    assert ended.wait(5)


@pytest.mark.parametrize("body", [encoder.encode(Log("warning", "seen")), b"garbage"], ids=["first look", "decoding"])
def test_whatever_ends_the_reading_is_told(ends, body):
    """A failure in the reading thread, of the first look too, is told to who ends and to who waits."""
    pipe, writer = ends
    told = []

    def look(_):
        message = "the look failed"
        raise KeyError(message)

    pipe.start(look, told.append)
    writer.write(framed(body))
    writer.flush()
    with pytest.raises((KeyError, BrokenFrameError)):
        pipe.receive(5)
    assert len(told) == 1
