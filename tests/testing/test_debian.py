"""Packages are installed by one process at a time, start no service, and leave the machine's own answers alone."""

import stat
import sys

import pytest
from filelock import FileLock, Timeout

from crossdock.testing import debian, private
from crossdock.testing.private import Unavailable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="apt-get and its modes of files are Debian's")


@pytest.fixture
def apt(tmp_path, monkeypatch):
    """An apt-get that is only told of: what it was asked, and what held while it ran."""
    seen = []
    monkeypatch.setattr(debian, "POLICY", tmp_path / "policy-rc.d")
    monkeypatch.setattr(debian, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(debian, "is_installed", lambda package: package == "there")
    monkeypatch.setattr(private, "is_root", lambda: True)
    monkeypatch.setattr(debian.shutil, "which", lambda name: name)
    monkeypatch.setattr(private, "run", lambda command, how, within_s: seen.append(command))
    return seen


def test_what_is_there_is_not_installed(apt):
    """A machine that has all packages is left alone, whoever runs the tests."""
    debian.install("there")
    assert apt == []


def test_only_root_installs(monkeypatch):
    """Without root's rights the reason names what is missing, and nothing is tried."""
    monkeypatch.setattr(private, "is_root", lambda: False)
    with pytest.raises(Unavailable, match=r"no-such-package.*only root"):
        debian.install("no-such-package")


def test_missing_packages_are_installed(apt):
    """Just what is missing is installed, after the lists were renewed, without a question."""
    debian.install("there", "missing")
    assert [command[-1] for command in apt] == ["update", "missing"]
    assert {"install", "--yes"} <= set(apt[1])
    assert "there" not in apt[1]


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("own", [None, "#!/bin/sh\nexit 0\n"])
def test_no_service_starts_and_the_machine_answers_as_before(apt, monkeypatch, own, fails):
    """While apt-get runs, services are forbidden; then the machine's own answer is back, with its mode, or gone."""
    held, failed = [], Unavailable("apt-get failed")
    if own:
        debian.POLICY.write_text(own, encoding="utf-8")
        debian.POLICY.chmod(0o744)

    def run(command, how, within_s):
        held.append((debian.POLICY.read_text(encoding="utf-8"), debian.POLICY.stat().st_mode & 0o111))
        if fails:
            raise failed

    monkeypatch.setattr(private, "run", run)
    if fails:
        with pytest.raises(Unavailable, match="apt-get failed"):
            debian.install("missing")
    else:
        debian.install("missing")
    assert set(held) == {(debian.OURS, 0o111)}
    assert debian.POLICY.exists() == bool(own)
    if own:
        assert debian.POLICY.read_text(encoding="utf-8") == own
        assert stat.S_IMODE(debian.POLICY.stat().st_mode) == 0o744


def test_what_an_ended_run_left_is_put_right(apt):
    """A run that was ended by force leaves our answer and the machine's own aside; the next run puts it back."""
    debian.POLICY.write_text(debian.OURS, encoding="utf-8")
    debian.POLICY.with_name("policy-rc.d.before-crossdock").write_text("own", encoding="utf-8")
    debian.install("missing")
    assert debian.POLICY.read_text(encoding="utf-8") == "own"


def test_one_process_at_a_time(apt, monkeypatch):
    """While apt-get runs nobody else gets the lock."""

    def run(command, how, within_s):
        with pytest.raises(Timeout):
            FileLock(debian.LOCK, timeout=0).acquire()
        apt.append(command)

    monkeypatch.setattr(private, "run", run)
    debian.install("missing")
    assert len(apt) == 2
    with FileLock(debian.LOCK, timeout=0):
        pass


def test_a_setting_holds_only_while_packages_are_installed(apt, tmp_path, monkeypatch):
    """A setting is there while apt-get runs and gone then; one of the machine's own stays as it is."""
    ours, own = tmp_path / "etc" / "ours.conf", tmp_path / "own.conf"
    own.write_text("own", encoding="utf-8")
    held = []
    monkeypatch.setattr(private, "run", lambda *_: held.append((ours.read_text(), own.read_text())))
    debian.install("missing", settings={ours: "x", own: "x"})
    assert set(held) == {("x", "own")}
    assert not ours.exists()
    assert own.read_text(encoding="utf-8") == "own"
