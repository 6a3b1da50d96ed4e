"""Debian packages that tests need, installed where this process is root; no service is started by it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from crossdock.testing import private
from crossdock.testing.private import Unavailable

WITHIN_S = 240
LOCK = Path(tempfile.gettempdir()) / "crossdock-apt.lock"
"""Held while apt-get runs: two test runs at once would else refuse each other dpkg's own lock."""
POLICY = Path("/usr/sbin/policy-rc.d")
"""Program that packages ask whether they may start a service (Debian: invoke-rc.d(8)); 101 means no."""
OURS = "#!/bin/sh\n# crossdock's tests install packages: no service is started\nexit 101\n"


def install(*packages: str, settings: Mapping[Path, str] | None = None) -> None:
    """Installs packages that are not there yet; one process at a time, without questions, without services.

    Args:
        packages: names of Debian packages.
        settings: files that hold while the packages are installed, where there are none of that name.

    Raises:
        Unavailable: not root, no apt-get, or apt-get failed.
    """
    missing = [name for name in packages if not is_installed(name)]
    if not missing:
        return
    if not private.is_root() or shutil.which("apt-get") is None:
        reason = f"not installed: {', '.join(missing)} (Debian's names); only root, with apt-get, can install packages"
        raise Unavailable(reason)
    with _alone(), _no_services(POLICY), _files(settings or {}):
        if not all(map(is_installed, missing)):  # another process may have been here meanwhile
            _apt_get("update")
            _apt_get("install", "--yes", "--no-install-recommends", *missing)


def is_installed(package: str) -> bool:
    """Asks dpkg; False where there is no dpkg."""
    if (query := shutil.which("dpkg-query")) is None:
        return False
    asked = [query, "--show", "--showformat=${db:Status-Status}", package]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=private.RUN_WITHIN_S)
    return answer.returncode == 0 and answer.stdout == "installed"


def _apt_get(*words: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wait = ["-o", f"DPkg::Lock::Timeout={WITHIN_S}"]  # somebody else's apt-get; apt(8), since version 1.9.11
    private.run(["apt-get", "--quiet", *wait, *words], {"env": environment}, WITHIN_S)


@contextmanager
def _alone() -> Iterator[None]:
    try:
        with FileLock(LOCK, timeout=2 * WITHIN_S):
            yield
    except Timeout as native:
        reason = f"another process has been installing packages for {2 * WITHIN_S} s; its lock is {LOCK}"
        raise Unavailable(reason) from native


@contextmanager
def _no_services(policy: Path) -> Iterator[None]:
    """Forbids packages to start services, and leaves the machine's own answer as it was found.

    The machine's own answer waits under another name, so that it is not lost when this process is ended by force.
    """
    aside = policy.with_name(f"{policy.name}.before-crossdock")
    if policy.exists() and policy.read_text(encoding="utf-8", errors="replace") != OURS:
        policy.replace(aside)
    policy.write_text(OURS, encoding="utf-8")
    policy.chmod(0o755)
    try:
        yield
    finally:
        if aside.exists():
            aside.replace(policy)
        else:
            policy.unlink()


@contextmanager
def _files(settings: Mapping[Path, str]) -> Iterator[None]:
    with ExitStack() as stack:
        for path, text in settings.items():
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
                stack.callback(path.unlink)
        yield
