"""The suite lets a good plugin pass, and every one of its checks catches the plugin that breaks its promise."""

import decimal
import importlib
import sys
from itertools import repeat
from threading import Event

import pytest

from crossdock import Rows
from crossdock.testing.suite import ERP_CHECKS, erp_suite, run_check, run_checks, running
from crossdock.testing.suite.checks import Check

from .faulty import FAULTY, LeavesThread
from .sample import CUSTOMERS, Sample, SampleFake

GOOD_MODULE = '''
"""A plugin in a module of its own, its hooks functions."""
import sys
from crossdock import Manifest, hookimpl

@hookimpl
def describe():
    return Manifest(name="acme-one-file", title="Acme", features=("Does nothing.",))
'''
FAULTY_MODULES = {
    "nothing_happens_at_import": [
        ("import sqlalchemy", "loads ['sqlalchemy']"),
        ("import sqlite3; sqlite3.connect(':memory:').close()", "did ['sqlite3.connect"),
        ("open(__file__ + '.log', 'w').close()", "did ['open"),
        ("import socket; socket.socket().close()", "did ['socket"),
        ("import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()", "starts threads"),
        ("print('hello')", "prints 'hello"),
        ("raise RuntimeError('no licence')", "no licence"),
    ],
    "it_imports_no_other_plugin": [
        ("import crossdock_flat_file", "imports crossdock_flat_file"),
        ("from crossdock.host import config", "imports crossdock.host"),
    ],
}
MODULES = [(name, line, complaint) for name, lines in FAULTY_MODULES.items() for line, complaint in lines]
CHECKS = {check.name: check for check in ERP_CHECKS}
IN_HAND = [check for check in ERP_CHECKS if check.name not in FAULTY_MODULES]


@pytest.fixture(autouse=True)
def process():
    """What faulty plugins do to the process is taken back."""
    precision = decimal.getcontext().prec
    LeavesThread.enough.clear()
    yield
    decimal.getcontext().prec = precision
    LeavesThread.enough.set()


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Writes a plugin of one file and gives it imported, a line beside it or not."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(line=""):
        path = tmp_path / "acme_one_file.py"
        path.write_text(GOOD_MODULE, encoding="utf-8")
        monkeypatch.delitem(sys.modules, "acme_one_file", raising=False)
        found = importlib.import_module("acme_one_file")
        path.write_text(GOOD_MODULE + line + "\n", encoding="utf-8")
        return found

    return write


@pytest.mark.parametrize("check", IN_HAND, ids=lambda check: check.name)
def test_a_good_plugin_keeps_every_promise(check):
    """A plugin that keeps every promise passes every check, and none has nothing to look at."""
    verdict = run_check(check, Sample(), SampleFake())
    assert (verdict.state, verdict.reason) == ("kept", "")


@pytest.mark.parametrize("check", IN_HAND, ids=lambda check: check.name)
def test_every_check_catches_its_plugin(check):
    """For each check there is a plugin that breaks just this promise, and the check says what is wrong."""
    faulty = FAULTY[check.name]
    verdict = run_check(check, faulty.plugin, faulty.fake)
    assert verdict.state == "broken"
    assert faulty.complaint in verdict.reason


def test_no_faulty_plugin_is_without_its_check():
    """Whoever takes a check away has to take its proof away too."""
    assert {*FAULTY, *FAULTY_MODULES} == set(CHECKS)
    assert len(CHECKS) == len(ERP_CHECKS)


@pytest.mark.parametrize("name", FAULTY_MODULES)
def test_a_quiet_module_passes(name, module):
    """A module that does nothing at import keeps the promises about imports."""
    verdict = run_check(CHECKS[name], module(), SampleFake())
    assert (verdict.state, verdict.reason) == ("kept", "")


@pytest.mark.parametrize(("name", "line", "complaint"), MODULES, ids=[line for _, line, _ in MODULES])
def test_a_busy_module_is_caught(name, line, complaint, module):
    """A module that works, prints, fails, or reaches across at import is caught, with what it did."""
    verdict = run_check(CHECKS[name], module(line), SampleFake())
    assert verdict.state == "broken"
    assert complaint in verdict.reason


def test_every_check_has_a_sentence():
    """Each check's name reads as a promise, and a sentence says it to a person."""
    for check in ERP_CHECKS:
        assert check.name.islower()
        assert check.sentence.endswith("."), check.name


def test_an_author_gets_one_test_for_each_check():
    """The class for pytest has a test of each check, with its sentence; an exempt one is skipped with its reason."""
    suite = erp_suite(Sample(), SampleFake(), exempt={"memory_is_flat": "a file is read whole"})
    tests = {name for name in vars(suite) if name.startswith("test_")}
    assert tests == {f"test_{name}" for name in CHECKS}
    assert suite.test_limit_is_kept.__doc__ == CHECKS["limit_is_kept"].sentence
    suite().test_limit_is_kept()
    with pytest.raises(Exception, match="a file is read whole"):
        suite().test_memory_is_flat()


@pytest.mark.parametrize("exempt", [{"memory_is_falt": "no memory"}, {"memory_is_flat": " "}])
def test_exempt_must_name_a_check_and_say_why(exempt):
    """A misspelt check, or one without a reason, is refused before any test runs."""
    with pytest.raises(ValueError, match="exempt"):
        erp_suite(Sample(), SampleFake(), exempt=exempt)


def test_a_fake_that_offers_little_is_told_what_more_it_may():
    """Without anything but `start`, checks that need more say which name is missing; none fails for it."""

    class Bare:
        start = SampleFake().start
        BAD_ROWS = SampleFake.BAD_ROWS

    verdicts = {one.check.name: one for one in run_checks(Sample(), Bare())}
    assert {one.state for one in verdicts.values()} == {"kept", "not applicable"}
    assert all(one.reason for one in verdicts.values() if one.state == "not applicable")
    missing = {"a_late_commit_is_seen": "`touch`", "memory_is_flat": "`fill`", "time_out_is_told": "`FAULTS`"}
    assert all(name in verdicts[check].reason for check, name in missing.items())


def test_what_a_plugin_raises_is_its_verdict():
    """An error that a plugin lets through is a broken promise with the error's text, never the end of the suite."""

    def explode(bench):
        return bench.settings["no such"]

    verdict = run_check(Check("any", "Any.", explode), Sample(), SampleFake())
    assert (verdict.state, verdict.reason) == ("broken", "KeyError: 'no such'")


BAD_READS = {
    "rows in place of pages": (lambda: [("P-1", "Name")], "read_products gave tuple: yield Rows"),
    "nothing": (lambda: iter(()), "read_products gave no row"),
    "no end": (lambda: repeat(Rows([], None, ("id", "code", "name", "qty", "changed"))), "a read must end"),
}


@pytest.mark.parametrize(("pages", "complaint"), BAD_READS.values(), ids=BAD_READS)
def test_what_is_no_read_is_named(pages, complaint):
    """A hook that gives something other than pages, or never ends, is named with the cure, whatever is checked."""

    class Bad(Sample):
        def read(self, session, stream, read):
            return pages()

    verdict = run_check(CHECKS["a_second_read_gives_the_same_rows"], Bad(), SampleFake())
    assert verdict.state == "broken"
    assert complaint in verdict.reason


def test_a_plugin_that_hangs_is_given_up(monkeypatch):
    """A check of a plugin that waits for ever ends all the same, as a broken promise."""
    monkeypatch.setattr(running, "LONGEST_S", 0.2)
    enough = Event()

    class Hangs(Sample):
        def connect(self, config):
            enough.wait(30)
            return super().connect(config)

    try:
        verdict = run_check(CHECKS["limit_is_kept"], Hangs(), SampleFake())
    finally:
        enough.set()
    assert verdict.state == "broken"
    assert "did not end" in verdict.reason


def test_hooks_without_any_map_are_named():
    """A plugin that can read but has no map by which is told so; its checks do not pass by looking at nothing."""
    verdicts = [run_check(CHECKS[name], type("Sample", (Sample,), {"maps": ()})(), SampleFake()) for name in CHECKS]
    told = [one.check.name for one in verdicts if "have a field map to read by" in one.reason]
    assert {"limit_is_kept", "every_map_has_its_hook", "memory_is_flat"} <= set(told)


def test_one_stream_is_enough():
    """A plugin may have a map for one of the streams that its hooks could read."""
    one = type("Sample", (Sample,), {"maps": (CUSTOMERS,)})()
    fake = type("Fake", (SampleFake,), {"BAD_ROWS": {}})()
    assert not [verdict for verdict in run_checks(one, fake) if verdict.state == "broken"]


def test_a_plugin_that_reads_nothing_has_little_to_prove():
    """For a channel, what is about rows is not applicable, and says so."""
    channel = type("Sample", (Sample,), {"maps": (), "read_products": None, "read_customers": None})()
    verdict = run_check(CHECKS["limit_is_kept"], channel, SampleFake())
    assert (verdict.state, verdict.reason) == ("not applicable", "neither products nor customers are read")
