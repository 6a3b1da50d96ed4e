"""Plugins made on the fly: a module and a distribution's metadata in a folder on the child's path."""

import textwrap

import pytest

from crossdock.contract import LocalMemory
from crossdock.fieldmap import Field, FieldMap, Json
from crossdock.host.child_port import ChildPort, Opening

HEAD = """
import os, sys, time
from contextlib import contextmanager
from crossdock import Manifest, Result, Rows, Finding, TransientError, hookimpl

@hookimpl
def describe():
    return Manifest(name="odd", title="Odd", batch_size=100)

@hookimpl
@contextmanager
def open_session(config, memory):
    yield memory
"""
MAP = FieldMap(
    "products",
    Json(),
    (
        Field("source_product_code", "grp"),
        Field("source_variant_code", "code"),
        Field("title", "title"),
        Field("variants.sku", "code"),
    ),
)


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """Writes a plugin's module and makes it findable by the children of this test; gives a maker of ports."""
    ports = []

    def install(body, head=HEAD):
        (tmp_path / "odd_plugin.py").write_text(head + textwrap.dedent(body))
        info = tmp_path / "odd-1.0.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[crossdock]\nodd = odd_plugin\n")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def start(body, *, head=HEAD, opened=True):
        install(body, head)
        port = ChildPort("odd", LocalMemory())
        ports.append(port)
        if opened:
            port.open(Opening(connection="odd", settings={}, secrets=(), maps=(MAP,)))
        return port

    yield start
    for port in ports:
        port.kill()
