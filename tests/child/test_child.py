"""A child process: what breaks in a plugin stays in its process, and is named."""

import logging
import os
import signal
import sys
import time

import pytest
from msgspec import Raw

from crossdock.contract import ConfigError, PluginError, TransientError
from crossdock.host import child_port
from crossdock.records import Product, Variant, encode
from crossdock.sync.port import ReadRequest
from crossdock.wire import frames, pipes
from crossdock.wire.frames import Mapped, Offer

ROWS = """
def rows(start):
    return [{"grp": None, "code": f"A{start + n:05}", "title": "T" * 200} for n in range(100)]

@hookimpl
def read_products(session, read):
    for page in range(PAGES):
        EACH
        yield Rows(rows(page * 100), str(page))
"""


def reading(pages, each="pass"):
    """A plugin that reads so many pages and does something before each."""
    return ROWS.replace("PAGES", str(pages)).replace("EACH", each)


def batch(*codes):
    """A batch in the form of its frame."""
    return [
        (
            Raw(encode(Product(source_product_code=one, title="T"))),
            ((Raw(encode(Variant(source_variant_code=one, sku=one))),),),
        )
        for one in codes
    ]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("@hookimpl\ndef read_product(session, read):\n    return ()\n", "read_product"),
        ("@hookimpl\ndef read_products(session, raed):\n    return ()\n", "raed"),
        ("@hookimpl\ndef read_products(session, read=None):\n    return ()\n", "gives 'read' a default"),
        (
            "@hookimpl\ndef describe():\n    return Manifest(name='odd', title='Odd', contract=99)\n",
            "built for contract 99",
        ),
        ("raise RuntimeError('broken at birth')\n", "broken at birth"),
        ("import not_installed_anywhere\n", "not_installed_anywhere"),
        ("@hookimpl\ndef describe():\n    return None\n", "describe"),
    ],
    ids=["misspelt hook", "misspelt argument", "default", "contract", "fails", "dependency", "no manifest"],
)
def test_a_plugin_that_breaks_the_contract_is_refused(plugin, body, says):
    """At load the plugin and what is wrong with it are named."""
    with pytest.raises(PluginError, match=says) as refused:
        plugin(body, opened=False)
    assert "'odd'" in str(refused.value)


def test_a_plugin_that_is_not_installed(plugin):
    """An unknown plugin is named beside those that are there."""
    plugin("", opened=False)
    with pytest.raises(ConfigError, match=r"no plugin named 'old' is installed; installed: .*odd"):
        child_port.ChildPort("old", child_port.Memory)


def test_what_a_plugin_prints_breaks_no_frame(plugin):
    """Output of the plugin, of C code and of its children too, goes to standard error."""
    each = "print('hello'); os.write(1, b'raw'); sys.stdout.flush(); os.system('echo from a shell')"
    port = plugin(reading(3, each))
    pages = list(port.read(ReadRequest(stream="products", direct=True)))
    assert [len(one.rows) for one in pages] == [100, 100, 100]


def test_a_slow_host_holds_the_child_back(plugin, tmp_path):
    """A child reads no further ahead than its window, however long the source is."""
    mark = tmp_path / "pages"
    port = plugin(reading(500, f"open({str(mark)!r}, 'a').write('.')"))
    pages = port.read(ReadRequest(stream="products"))
    first = next(pages)
    assert isinstance(first, Offer)
    assert len(mark.read_text()) <= 4
    pages.close()
    assert len(mark.read_text()) <= 8


def test_a_read_cancelled_in_the_middle_leaves_the_child_usable(plugin):
    """After a read that was cut short the same child serves the next one."""
    port = plugin(reading(50))
    pages = port.read(ReadRequest(stream="products", direct=True))
    next(pages)
    pages.close()
    again = list(port.read(ReadRequest(stream="products", direct=True, limit=100)))
    assert all(isinstance(one, Mapped) for one in again)
    assert len(again) == 50


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_child_that_is_killed(plugin):
    """A child that dies in mid-read is worth another try, and what it last said is in the text."""
    port = plugin(reading(500, "time.sleep(0.01)"))
    pages = port.read(ReadRequest(stream="products", direct=True))
    next(pages)
    os.kill(port._process.pid, signal.SIGKILL)  # noqa: SLF001  # what is killed is this very process
    with pytest.raises(TransientError, match="ended unexpectedly"):
        list(pages)


def test_a_child_that_ends_by_itself(plugin):
    """An exit from inside a hook is told with its code and last words."""
    port = plugin("@hookimpl\ndef check(session):\n    print('last words'); sys.stdout.flush(); os._exit(7)\n")
    with pytest.raises(TransientError, match=r"exit 7.*last words"):
        port.check()


def test_a_child_that_hangs_is_ended(plugin, monkeypatch):
    """A hook that never answers is the plugin's fault, after a time, and its process is gone."""
    waits = []
    port = plugin("@hookimpl\ndef check(session):\n    time.sleep(1000)\n")
    monkeypatch.setattr(child_port, "TICK_S", 0.05)
    port._on_wait = lambda: waits.append(1)  # noqa: SLF001  # set at the start otherwise
    port._send(child_port.frames.Call("check", {}))  # noqa: SLF001  # as `check` does, with less patience
    with pytest.raises(PluginError, match="said nothing"):
        port._expect(child_port.frames.Findings, 0.3)  # noqa: SLF001  # the same
    assert waits
    assert port._process.poll() is not None  # noqa: SLF001  # the same


def test_a_hook_that_fails_is_blamed(plugin):
    """An error of no class of ours names the plugin, the hook, and the error."""
    port = plugin("@hookimpl\ndef read_products(session, read):\n    raise KeyError('price')\n    yield\n")
    with pytest.raises(PluginError, match=r"'odd'.*read_products.*KeyError: 'price'"):
        list(port.read(ReadRequest(stream="products", direct=True)))


@pytest.mark.parametrize("answer", ["None", "[]", "[Result('A'), Result('B')]"])
def test_results_must_fit_the_batch(plugin, answer):
    """A channel that answers for fewer or more items than it was given broke the contract."""
    port = plugin(f"@hookimpl\ndef write_products(session, deliveries):\n    return {answer}\n")
    port.deliver("products", 1, batch("A"))
    with pytest.raises(PluginError, match="results for 1 items"):
        port.results()


def test_an_error_that_the_plugin_raises_on_purpose_keeps_its_kind(plugin):
    """A transient error arrives as one, with the time to wait."""
    port = plugin("@hookimpl\ndef write_products(session, deliveries):\n    raise TransientError('busy', 7.0)\n")
    port.deliver("products", 1, batch("A"))
    with pytest.raises(TransientError, match="busy") as raised:
        port.results()
    assert raised.value.retry_after == 7.0


def test_memory_is_asked_in_the_middle_of_a_delivery(plugin):
    """Questions to the memory and batches on their way do not mix."""
    body = """
    @hookimpl
    def write_products(session, deliveries):
        count = int(session.get("count") or 0) + 1
        assert session.compare_and_set("count", None if count == 1 else str(count - 1), str(count), secret=False)
        return [Result("A", channel_code=f"{count}")]
    """
    port = plugin(body)
    for number in (1, 2):
        port.deliver("products", number, batch("A"))
    found = [port.results() for _ in range(2)]
    assert [(number, results[0].channel_code) for number, _, results in found] == [(1, "1"), (2, "2")]


def test_what_is_too_long_for_a_frame_has_a_cure(plugin, monkeypatch):
    """A batch beyond the longest frame is an error with a cure, and the child is still of use."""
    port = plugin("@hookimpl\ndef write_products(session, deliveries):\n    return [Result('A')]\n")
    monkeypatch.setattr(pipes, "MAX_FRAME", 100)
    with pytest.raises(ConfigError, match="lower batch_size"):
        port.deliver("products", 1, batch(*"ABCDEFGH"))
    port.deliver("products", 2, batch("A"))
    assert port.results() == (2, 1, None)


def test_a_page_too_long_for_a_frame_has_a_cure(plugin):
    """A page beyond the longest frame is no fault of the plugin: the text says to ask for smaller ones."""
    port = plugin(
        "import crossdock.wire.pipes\ncrossdock.wire.pipes.MAX_FRAME = 9000\n"
        + ROWS.replace("PAGES", "1").replace("EACH", "pass")
    )
    with pytest.raises(ConfigError, match="ask for smaller pages"):
        list(port.read(ReadRequest(stream="products", direct=True)))


def test_a_read_that_is_cut_short_is_no_whole_read(plugin):
    """A read that ends early though nobody here asked for it is worth another try, never a whole read."""
    port = plugin(reading(50, "time.sleep(0.02)"))
    pages = port.read(ReadRequest(stream="products", direct=True))
    next(pages)
    port._pipe.send(frames.Cancel())  # noqa: SLF001  # nobody's doing, as far as the read knows
    with pytest.raises(TransientError, match="cut short"):
        list(pages)


def test_a_cancel_that_comes_late_does_not_touch_the_next_read(plugin):
    """What cancels a read that has ended already leaves the next one whole."""
    port = plugin(reading(3))
    list(port.read(ReadRequest(stream="products", direct=True)))
    port._pipe.send(frames.Cancel())  # noqa: SLF001  # a moment too late
    assert len(list(port.read(ReadRequest(stream="products", direct=True)))) == 3


def test_a_child_that_logs_and_never_answers_is_ended(plugin, monkeypatch, caplog):
    """Log lines are no answer: the wait is told by the clock all the same, and has its end."""
    waits = []
    port = plugin(
        "import logging\n@hookimpl\ndef check(session):\n"
        "    while True:\n        logging.warning('still at it'); time.sleep(0.01)\n"
    )
    monkeypatch.setattr(child_port, "TICK_S", 0.05)
    port._on_wait = lambda: waits.append(1)  # noqa: SLF001  # set at the start otherwise
    port._send(frames.Call("check", {}))  # noqa: SLF001  # as `check` does, with less patience
    with pytest.raises(PluginError, match="said nothing"):
        port._expect(frames.Findings, 0.5)  # noqa: SLF001  # the same
    assert 3 <= len(waits) <= 12
    assert ("crossdock.plugin.odd", logging.WARNING, "still at it") in caplog.record_tuples


def test_pages_that_keep_coming_are_waited_for_by_the_clock(plugin, monkeypatch):
    """The lease is renewed during a long read too whose pages come without a pause."""
    waits = []
    port = plugin(reading(30, "time.sleep(0.01)"))
    monkeypatch.setattr(child_port, "TICK_S", 0.05)
    port._on_wait = lambda: waits.append(1)  # noqa: SLF001  # set at the start otherwise
    list(port.read(ReadRequest(stream="products", direct=True)))
    assert len(waits) >= 3


@pytest.mark.skipif(sys.platform == "win32", reason="there is no sleep command")
def test_a_process_left_behind_holds_nobody_up(plugin):
    """A child is ended at once even where a process that it started still holds its standard error."""
    port = plugin(
        "import subprocess\n@hookimpl\ndef check(session):\n    subprocess.Popen(['sleep', '20'])\n    return []\n"
    )
    port.check()
    begun = time.monotonic()
    port.kill()
    assert time.monotonic() - begun < 5


def test_a_plugin_has_no_input(plugin):
    """Code that asks for input gets its end at once, and takes no frame away."""
    port = plugin("@hookimpl\ndef check(session):\n    return [Finding('input', 'ok', repr(os.read(0, 10)))]\n")
    assert [one.text for one in port.check()] == ["b''"]
    assert len(port.check()) == 1


def test_a_frame_that_the_child_cannot_read_is_answered(plugin):
    """The child says why it must end; it does not just vanish."""
    port = plugin("")
    port._pipe.send(["ReadPages", 5])  # noqa: SLF001  # no such frame
    with pytest.raises(PluginError, match="cannot read what the host sent"):
        port._receive()  # noqa: SLF001  # whatever comes


def test_a_cancel_that_fails_is_told(tmp_path, plugin):
    """A session whose own way to stop fails does not leave a child that hears nothing any more."""
    port = plugin(reading(1000, "time.sleep(0.01)"), head=HEAD_THAT_CANNOT_STOP)
    pages = port.read(ReadRequest(stream="products", direct=True))
    next(pages)
    begun = time.monotonic()
    pages.close()
    assert time.monotonic() - begun < 5


HEAD_THAT_CANNOT_STOP = """
import os, sys, time
from contextlib import contextmanager
from crossdock import Manifest, Rows, hookimpl

@hookimpl
def describe():
    return Manifest(name="odd", title="Odd", batch_size=100)

class Session:
    def cancel(self):
        raise OSError("cannot stop")

@hookimpl
@contextmanager
def open_session(config, memory):
    yield Session()
"""
