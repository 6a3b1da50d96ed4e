"""What is kept between test runs: made once, whole or not at all."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from crossdock.testing import cache
from crossdock.testing.private import Unavailable


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A cache folder of this test's own, not there yet."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_a_thing_is_made_once_for_all_who_ask(folder):
    """Eight who ask at once get the same folder, filled by one of them; a later one finds it there."""
    made = []

    def make(place):
        made.append(place)
        (place / "program").write_text("x")

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: cache.kept("erp-1", make), range(8)))
    assert set(found) == {folder / "erp-1"}
    assert cache.kept("erp-1", make) == folder / "erp-1"
    assert made == [folder / "erp-1"]


def test_what_an_interrupted_run_left_is_made_anew():
    """A thing whose making failed halfway is not taken for whole: the next who asks gets it made from nothing."""

    def fail(place):
        (place / "half").touch()
        reason = "no network"
        raise Unavailable(reason)

    with pytest.raises(Unavailable, match="no network"):
        cache.kept("erp-1", fail)
    found = cache.kept("erp-1", lambda place: (place / "whole").touch())
    assert {one.name for one in found.iterdir()} >= {"whole"}
    assert not (found / "half").exists()


def test_versions_live_side_by_side():
    """Another version is another folder, and the old one stays."""
    old = cache.kept("erp-1", lambda place: (place / "old").touch())
    new = cache.kept("erp-2", lambda place: (place / "new").touch())
    assert (old / "old").exists()
    assert not (new / "old").exists()


def test_a_folder_that_cannot_be_used_is_said(folder):
    """Where nothing can be kept the reason names the folder and the variable that names another."""
    folder.write_text("a file is in the way")
    with pytest.raises(Unavailable, match=cache.VARIABLE):
        cache.kept("erp-1", lambda _: None)
