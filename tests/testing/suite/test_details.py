"""What else a check catches, beside the one fault that proves it: each line of the checks with several."""

import logging
import socket
import sys
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from crossdock import Field, Finding, Rows, Setting, hookimpl
from crossdock.testing.suite import ERP_CHECKS, run_check

from .faulty import manifest_with, maps_of
from .sample import CUSTOMERS, PASSWORD, PRODUCTS, Sample, SampleFake, Session, system_of

CHECKS = {check.name: check for check in ERP_CHECKS}
KNOWN = Sample.manifest.settings


def caught(name, plugin, complaint, fake=None):
    """Runs one check and expects its complaint."""
    verdict = run_check(CHECKS[name], plugin, fake or SampleFake())
    assert verdict.state == "broken", verdict
    assert complaint in verdict.reason


def setting_with(*told, **more):
    """A plugin with one setting more."""
    return manifest_with(settings=(*KNOWN, Setting(*told, **more)))()


def with_method(name, method):
    """A plugin of which one method differs."""
    return type("Sample", (Sample,), {name: method})()


def checking(*findings):
    """A plugin whose `check` finds this."""
    return with_method("check", hookimpl(lambda self, session: list(findings)))


def test_a_plugin_that_counts_its_calls():
    """A plugin that describes itself otherwise when it is asked again is caught, and one that does after a session."""

    def describe(self):
        self.asked = getattr(self, "asked", 0) + 1
        return replace(self.manifest, title=f"Sample {self.asked}")

    @contextmanager
    def open_session(self, config, memory):
        with Sample.open_session(self, config, memory) as session:
            yield session
        self.manifest = replace(self.manifest, title="Changed")

    caught("it_says_the_same_each_time", with_method("describe", hookimpl(describe)), "when asked again")
    caught("it_says_the_same_each_time", with_method("open_session", hookimpl(open_session)), "after a session")


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"title": " "}, "the title is empty"),
        ({"features": ()}, "`features` is empty"),
        ({"features": ("Reads",)}, "is no sentence"),
        ({"reference_length": 0}, "reference_length is 0"),
        ({"sessions": 0}, "sessions is 0"),
        ({"rate_per_s": -1.0}, "rate_per_s is -1"),
        ({"hosts": ("server",)}, "'server', which is no setting"),
        ({"contract": 99}, "contract 99"),
    ],
)
def test_manifest(changed, complaint):
    """Whatever in a manifest cannot be is named."""
    caught("the_manifest_is_sensible", manifest_with(**changed)(), complaint)


@pytest.mark.parametrize(
    ("plugin", "complaint"),
    [
        (setting_with("url", "again"), "declared twice"),
        (setting_with("My-Url", "address"), "lower-case word"),
        (setting_with("depth", "how deep", kind="float"), "there is no kind 'float'"),
        (setting_with("mode", "how", choices=("a",)), "belong to the kind `choice`"),
        (setting_with("depth", "how deep", kind="integer", default="3"), "not of the kind 'integer'"),
        (setting_with("depth", "how deep", kind="integer", default=True), "not of the kind 'integer'"),
        (setting_with("depth", "how deep", kind="integer", default=3, required=True), "is required and has a default"),
        (setting_with("mode", "how", kind="choice", choices=("a",), default="b"), "is no choice"),
    ],
)
def test_settings(plugin, complaint):
    """Whatever in a setting cannot be is named, with the setting."""
    caught("settings_are_explained", plugin, complaint)


def test_a_secret_has_no_default():
    """A password that everybody has is refused."""
    caught("secrets_are_marked", setting_with("pin", "the pin", secret=True, default="0000"), "must not have a default")


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [({"certificate": 7}, "'certificate' as int"), ({"timeout_s": "5"}, "'timeout_s' as str")],
)
def test_settings_of_the_fake(changed, complaint):
    """A fake whose settings an operator could not write is named."""

    class Fake(SampleFake):
        @contextmanager
        def start(self, folder):
            with super().start(folder) as settings:
                yield settings | changed

    caught("the_fake_gives_known_settings", Sample(), complaint, Fake())


def test_a_required_setting_is_given():
    """A fake that leaves a required setting out is named."""
    plugin = setting_with("company", "the company", required=True)
    caught("the_fake_gives_known_settings", plugin, "does not give 'company'")


@pytest.mark.parametrize(
    ("maps", "complaint"),
    [
        ((PRODUCTS, PRODUCTS, CUSTOMERS), "two maps of products"),
        ((replace(PRODUCTS, fields=PRODUCTS.fields[:-2]), CUSTOMERS), "variants.sku"),
        ((replace(PRODUCTS, fields=(*PRODUCTS.fields, Field("colour", "name"))), CUSTOMERS), "colour"),
        ((replace(PRODUCTS, fields=(*PRODUCTS.fields, Field("vendor", "name", convert="nme"))), CUSTOMERS), "nme"),
    ],
)
def test_field_maps(maps, complaint):
    """A map with a stream twice, a required field missing, one that the hub has not, or an unknown converter."""
    caught("every_map_is_valid", maps_of(*maps)(), complaint)


@pytest.mark.parametrize(
    ("changed", "first", "complaint"),
    [
        ({"name": None}, 8, "not one row of the fake can be mapped"),
        ({"code": "P-1"}, 2, "its code is shared"),
    ],
)
def test_rows_that_cannot_be_mapped(changed, first, complaint):
    """Rows without a required value, or with one code between them, count as bad unless they are said to be."""

    class Fake(SampleFake):
        @contextmanager
        def start(self, folder):
            with super().start(folder) as settings:
                for row in system_of(settings).rows["products"][:first]:
                    row.update(changed)
                yield settings

    caught("every_map_maps_its_rows", Sample(), complaint, Fake())


def test_times_with_and_without_a_zone():
    """A column in which only some times have a zone is named."""

    def values(self, row, names):
        stamp = row["changed"] if row["id"] % 2 else row["changed"].replace(tzinfo=None)
        return tuple(stamp if name == "changed" else row[name] for name in names)

    caught("times_have_a_zone", with_method("values", values), "mixes times")


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        (lambda page: Rows([row[:-1] for row in page.rows], page.cursor, page.columns), "a row of"),
        (lambda page: Rows(["abcde"], page.cursor, page.columns), "a row of 5 values"),
    ],
)
def test_shapes_of_rows(page, complaint):
    """Rows that do not fit their columns, or are text, are named."""
    caught("rows_fit_their_columns", with_method("finished", lambda self, one: page(one)), complaint)


@pytest.mark.parametrize(("cursor", "complaint"), [(7, "is int"), ("", "is str"), ("\ud800", "as UTF-8")])
def test_cursors(cursor, complaint):
    """A cursor that is no text, empty, or cannot be written is named."""
    plugin = with_method("finished", lambda self, page: replace(page, cursor=cursor))
    caught("cursors_are_short_text", plugin, complaint)


def test_codes_that_do_not_come():
    """Asked for single items, a plugin that finds none is caught."""
    caught("codes_are_read_alone", with_method("by_code", lambda self, session, stream, read: []), "did not come")


def test_a_code_that_harms():
    """A code that is taken for a statement is caught by what it did."""

    def by_code(self, session, stream, read):
        if "DROP" in read.codes[0:1].__repr__():
            session.system.rows[stream].pop()
        return []

    caught("strange_codes_find_nothing", with_method("by_code", by_code), "changed the table")


@pytest.mark.parametrize(
    ("findings", "complaint"),
    [
        ((), "gave no finding"),
        (("fine",), "gave str, not a Finding"),
        ((Finding("Reachable?", "ok", "Yes."),), "is no code"),
        ((Finding("reachable", "ok", " "),), "has no text"),
        ((Finding("reachable", "error", "No."),), "finds an error in the fake: reachable: No."),
    ],
)
def test_findings(findings, complaint):
    """Findings that say nothing, cannot be understood, or find fault with a sound fake are named."""
    caught("check_finds_the_fake_sound", checking(*findings), complaint)


@pytest.mark.parametrize(
    ("traces", "complaint"),
    [
        (lambda session: session.folder.joinpath("trace.txt").write_text("x"), "check changed ['trace.txt']"),
        (lambda session: session.system.rows["products"].pop(), "check changed rows"),
    ],
)
def test_what_check_leaves(traces, complaint):
    """A file that `check` writes and a row that it takes are found, without help of the fake."""

    class Traces(Sample):
        def connect(self, config):
            self.folder = Path(config["certificate"]).parent
            return super().connect(config)

        @hookimpl
        def check(self, session):
            traces(SimpleNamespace(folder=self.folder, system=session.system))
            return [Finding("reachable", "ok", "Yes.")]

    fake = type("Fake", (SampleFake,), {"state": None})()
    caught("check_leaves_nothing_behind", Traces(), complaint, fake)


class Telling(Session):
    """A session that shows its settings."""

    def __repr__(self):
        return f"Telling({dict(self.config)})"


def leaking(**parts):
    """A plugin with these parts in place of the good one's."""
    return type("Sample", (Sample,), parts)()


@contextmanager
def telling(self, config, memory):
    """Opens a session that shows its settings."""
    yield Telling(self.connect(config), config)


def leak_by_finding(self, session):
    """Shows the password in a finding."""
    return [Finding("reachable", "ok", f"The ERP takes {session.config['password']}.")]


def leak_by(tell):
    """Shows the password while connecting."""

    def connect(self, config):
        tell(config["password"], config)
        return Sample.connect(self, config)

    return connect


@pytest.mark.parametrize(
    ("plugin", "complaint"),
    [
        (leaking(open_session=hookimpl(telling)), "the session's repr"),
        (leaking(check=hookimpl(leak_by_finding)), "a finding"),
        (leaking(connect=leak_by(lambda password, _: sys.stdout.write(password))), "the output"),
        (leaking(connect=leak_by(lambda password, _: logging.getLogger("x").debug("%r", password))), "a log"),
        (
            leaking(connect=leak_by(lambda password, config: open(config["certificate"], "w").write(password))),  # noqa: SIM115, PTH123
            "the file ca.pem",
        ),
        (leaking(finished=lambda self, page: replace(page, cursor=f"{PASSWORD}:7")), "a page or its cursor"),
    ],
)
@pytest.mark.filterwarnings("ignore:unclosed file")
def test_where_a_secret_is_found(plugin, complaint):
    """The right password is found wherever it is shown: repr, finding, output, log, file, cursor."""
    caught("secrets_are_never_shown", plugin, complaint)


def test_a_secret_is_found_as_it_is_written():
    """A planted secret is found also where somebody wrote it as JSON, as `repr` or as a URL writes it."""
    for write in (repr, ascii, quote):
        plugin = leaking(connect=leak_by(lambda password, _, write=write: logging.getLogger("x").info(write(password))))
        caught("planted_secrets_are_never_shown", plugin, "a log")


def test_an_open_file_is_found():
    """A file of the fake's folder that stays open is found, where the system shows open files."""
    kept = []

    def look_at_certificate(self, config):
        kept.append(open(config["certificate"]))  # noqa: SIM115, PTH123  # the fault

    try:
        if sys.platform == "linux":
            plugin = with_method("look_at_certificate", look_at_certificate)
            caught("it_unloads_cleanly", plugin, "the open file 'ca.pem'")
    finally:
        for file in kept:
            file.close()


@pytest.mark.filterwarnings("ignore:unclosed")
def test_a_socket_never_closed_is_found():
    """A socket that is dropped in place of being closed is found."""

    def connect(self, config):
        self.pair = socket.socketpair()
        self.pair = None
        return Sample.connect(self, config)

    caught("it_unloads_cleanly", with_method("connect", connect), "not closed")


def test_standard_error_counts_as_output():
    """What goes to standard error is output too."""
    plugin = with_method("finished", lambda self, page: sys.stderr.write("page") and page)
    caught("nothing_is_printed", plugin, "it printed")


def test_rows_without_names_are_mappings():
    """Rows that are neither mappings nor have names for their values are named."""
    plugin = with_method("finished", lambda self, page: replace(page, columns=None))
    caught("rows_fit_their_columns", plugin, "must be mappings")


def test_codes_that_all_rows_share():
    """A fake in which no code belongs to one row proves nothing about single items, and is named."""

    class Fake(SampleFake):
        @contextmanager
        def start(self, folder):
            with super().start(folder) as settings:
                for row in system_of(settings).rows["products"]:
                    row["code"] = "P"
                yield settings

    caught("codes_are_read_alone", Sample(), "has a code of its own", Fake())


def test_a_read_that_cannot_go_on_hides_what_changed_meanwhile():
    """Without a cursor at its end, a read during which a row changed proves nothing, and is named."""
    plugin = with_method("end", lambda self, high, begin: None)
    caught("a_change_in_mid_read_is_seen", plugin, "the last page has no cursor")
