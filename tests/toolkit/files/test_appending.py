"""A file that is appended to ends with a whole line, whatever happened."""

import os

import pytest

from crossdock import ConfigError, TransientError
from crossdock.toolkit.files import AppendedFile, appending


def test_lines_add_up(tmp_path):
    """Batches stand one after the other, over several sessions."""
    path = tmp_path / "out.jsonl"
    for number in range(2):
        with AppendedFile(path) as file:
            file.append(b"%d a\n" % number)
            file.append(b"%d b\n" % number)
    assert path.read_bytes() == b"0 a\n0 b\n1 a\n1 b\n"


@pytest.mark.parametrize("tail", [b"", b"half", b"h" * 200_000])
def test_torn_tail_is_cut(tmp_path, tail):
    """Half a line left by a crash is cut off before anything follows it."""
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"whole\n" + tail)
    with AppendedFile(path) as file:
        file.append(b"next\n")
    assert path.read_bytes() == b"whole\nnext\n"


def test_nothing_but_a_torn_line(tmp_path):
    """A file with no line end at all is emptied."""
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"half")
    with AppendedFile(path) as file:
        file.append(b"next\n")
    assert path.read_bytes() == b"next\n"


def test_two_byte_line_end(tmp_path):
    """Where lines end in two bytes, a line feed within a field is no line end."""
    path = tmp_path / "out.csv"
    path.write_bytes(b'code\r\nA\r\n"two\nlines')
    with AppendedFile(path, line_end=b"\r\n") as file:
        assert file.first_line() == b"code\r\n"
        file.append(b"B\r\n")
    assert path.read_bytes() == b"code\r\nA\r\nB\r\n"


def test_failed_write_leaves_no_half_line(tmp_path, monkeypatch):
    """When the disk fills up in the middle of a batch, the file is as it was, and a later batch follows cleanly."""
    path = tmp_path / "out.jsonl"

    def fills_up(file, lines):
        file.write(lines[:3])
        raise OSError(28, os.strerror(28))

    with AppendedFile(path) as file:
        file.append(b"whole\n")
        with monkeypatch.context() as patch:
            patch.setattr(appending, "_write", fills_up)
            with pytest.raises(TransientError, match="nothing of this batch"):
                file.append(b"second\n")
        assert path.read_bytes() == b"whole\n"
        file.append(b"third\n")
    assert path.read_bytes() == b"whole\nthird\n"


def test_half_line_that_cannot_be_cut_at_once(tmp_path, monkeypatch):
    """Where even cutting fails, the next batch cuts first, or is not written."""
    path = tmp_path / "out.jsonl"

    def fails(*_):
        raise OSError(5, "Input/output error")

    def half(file, lines):
        file.write(lines[:3])
        fails()

    with AppendedFile(path) as file:
        file.append(b"whole\n")
        with monkeypatch.context() as patch:
            patch.setattr(appending, "_write", half)
            patch.setattr(appending.os, "fsync", fails)
            with pytest.raises(TransientError):
                file.append(b"second\n")
            with pytest.raises(TransientError):
                file.append(b"second\n")
        file.append(b"third\n")
    assert path.read_bytes() == b"whole\nthird\n"


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on the size of files")
def test_full_disk(tmp_path):
    """A write that the system cuts short in the middle of a batch leaves the file as it was."""
    resource = pytest.importorskip("resource")
    path = tmp_path / "out.jsonl"
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    with AppendedFile(path) as file:
        file.append(b"whole\n")
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, usual[1]))
        try:
            with pytest.raises(TransientError, match="File too large"):
                file.append(b"second\n" * 10)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        assert path.read_bytes() == b"whole\n"
        file.append(b"third\n")
    assert path.read_bytes() == b"whole\nthird\n"


def test_second_writer_is_told_to_wait(tmp_path):
    """Two runs never write to one file at once; a reader needs no lock."""
    path = tmp_path / "out.jsonl"
    with AppendedFile(path) as first:
        first.append(b"first\n")
        with AppendedFile(path) as second, pytest.raises(TransientError, match="another run"):
            second.append(b"second\n")
        assert path.read_bytes() == b"first\n"
    with AppendedFile(path) as second:
        second.append(b"second\n")


def test_missing_folder(tmp_path):
    """A folder that is not there is a wrong setting."""
    with AppendedFile(tmp_path / "no" / "out.jsonl") as file, pytest.raises(ConfigError, match="no folder"):
        file.append(b"line\n")


def test_unused_file_is_not_made(tmp_path):
    """A session that writes nothing leaves nothing behind."""
    with AppendedFile(tmp_path / "out.jsonl"):
        pass
    assert list(tmp_path.iterdir()) == []
