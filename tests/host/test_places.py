"""Files that cannot be read or written: an error of the configuration that names the file, never a defect."""

import errno
from pathlib import Path

import pytest

from crossdock.contract import ConfigError
from crossdock.host import appending
from crossdock.host.appending import AlreadyThereError, appended, written_new
from crossdock.host.config import read_configuration
from crossdock.host.home import open_store

SECTION = '[connections.out]\nplugin = "flat-file"\npath = "o.jsonl"\n'


def test_a_folder_in_the_files_place(tmp_path):
    """A configuration that is a folder is said by its path; a new one is not made over it."""
    path = tmp_path / "crossdock.toml"
    path.mkdir()
    with pytest.raises(ConfigError, match=r"crossdock\.toml"):
        read_configuration(path)
    with pytest.raises(AlreadyThereError):
        written_new(path, "")


def test_a_file_in_the_folders_place(tmp_path):
    """A home that is a file is said, by whoever reads or makes what should be in it."""
    (tmp_path / "home").write_text("", "utf-8")
    path = tmp_path / "home" / "crossdock.toml"
    for step in (lambda: read_configuration(path), lambda: written_new(path, "")):
        with pytest.raises(ConfigError, match=r"crossdock\.toml"):
            step()
    path = tmp_path / "crossdock.toml"
    written_new(path, "")
    with pytest.raises(ConfigError, match="--home"):
        open_store(read_configuration(path), tmp_path / "home")


def test_a_folder_that_may_not_be_written(tmp_path, monkeypatch):
    """Where the system refuses the new file, or its move, nothing has changed and the cure is said."""
    path = tmp_path / "crossdock.toml"
    path.write_text("# mine\n", "utf-8")

    def refused(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    for owner, name in ((appending.tempfile, "mkstemp"), (Path, "replace")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, refused)
            with pytest.raises(ConfigError, match="Permission denied; nothing was written"):
                appended(path, SECTION)
    assert [one.name for one in tmp_path.iterdir()] == ["crossdock.toml"]
    assert path.read_text("utf-8") == "# mine\n"


def test_a_mark_at_the_beginning_is_taken(tmp_path):
    """What editors of Windows put before UTF-8 is read over, and stays where it is when a section is added."""
    path = tmp_path / "crossdock.toml"
    path.write_bytes(b"\xef\xbb\xbf# mine\r\n")
    assert set(appended(path, SECTION).connections) == {"out"}
    assert path.read_bytes().startswith(b"\xef\xbb\xbf# mine\r\n\r\n[connections.out]\r\n")


def test_another_encoding_is_said(tmp_path):
    """UTF-16, as some shells write, is said to be another encoding, not broken TOML."""
    path = tmp_path / "crossdock.toml"
    path.write_bytes("# mine\n".encode("utf-16"))
    with pytest.raises(ConfigError, match="save it as UTF-8"):
        read_configuration(path)
