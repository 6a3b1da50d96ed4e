"""CSV and JSON-lines files, as a source and as a channel; XML files and files behind an address, as a source."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from crossdock import (
    Config,
    CustomerDelivery,
    Delivery,
    FieldMap,
    Finding,
    Manifest,
    Memory,
    Read,
    Result,
    Rows,
    Setting,
    hookimpl,
)
from crossdock_flat_file import columns, lines
from crossdock_flat_file.checking import findings
from crossdock_flat_file.client import FlatFile
from crossdock_flat_file.fields import MAPS

FORMAT_NAMES = ("csv", "jsonl", "xml")
MANIFEST = Manifest(
    name="flat-file",
    title="Flat file",
    settings=(
        Setting("path", "file with products: read as a source, appended to as a channel", kind="path"),
        Setting(
            "format", "csv, jsonl or xml; the file's suffix says it otherwise", kind="choice", choices=FORMAT_NAMES
        ),
        Setting("customers_path", "file with customers", kind="path"),
        Setting("url", "address of the file with products; a copy is kept at path, where that is set", kind="url"),
        Setting("customers_url", "address of the file with customers, in the same way", kind="url"),
        Setting("username", "user at the address"),
        Setting("password", "the user's password", secret=True),
        Setting("token", "bearer token for the address, in place of user and password", secret=True),
        Setting("certificate", "PEM file with the certificate of a server that made its own", kind="path"),
        Setting("max_megabytes", "largest file that is fetched", kind="number", default=1024),
        Setting("element", "XML element that is a product row; otherwise each child of the outermost is one"),
        Setting("customers_element", "XML element that is a customer row"),
        Setting("encoding", "encoding of the files read; written is UTF-8 always", default="utf-8"),
        Setting("delimiter", "one character between the fields of CSV", default=","),
    ),
    features=(
        "Reads products and customers from CSV, JSON lines or XML, always in full.",
        "Sets a line that cannot be read aside; XML that is not well-formed ends the read, and nothing counts as gone.",
        "Fetches a file from an address when it has changed, follows no redirect to another host, keeps to a size.",
        "Reads no XML with a document type, and so no entities.",
        "Writes one line for each delivered item, hub names, on the disk before it is confirmed.",
        "A batch that comes again is written again: the last line of a code counts.",
        "An item that is gone is written once more with product_active false and gone true.",
        "Pictures are written as their address or code, never as bytes.",
        "Does not read child tables: price tiers and the like are columns of the row, or lists within a JSON line.",
    ),
    batch_size=2000,
    hosts=("url", "customers_url"),
)
NO_CUSTOMERS = "no file for customers: add customers_path to the connection"


class FlatFilePlugin:
    """The hooks; the work is in `client`, `lines` and `columns`."""

    @hookimpl
    def describe(self) -> Manifest:
        """Says what the plugin is."""
        return MANIFEST

    @hookimpl
    def field_maps(self) -> Sequence[FieldMap]:
        """Gives the columns of products and customers."""
        return MAPS

    @hookimpl
    @contextmanager
    def open_session(self, config: Config, memory: Memory) -> Iterator[FlatFile]:
        """Gives the files, each opened at its first use, and closes them."""
        session = FlatFile(config, memory)
        try:
            yield session
        finally:
            session.close()

    @hookimpl
    def check(self, session: FlatFile) -> Sequence[Finding]:
        """Says what is in the files and whether they can be written."""
        return findings(session)

    @hookimpl
    def read_products(self, session: FlatFile, read: Read) -> Iterable[Rows]:
        """Reads the rows of `path`."""
        return session.read("products", read)

    @hookimpl
    def read_customers(self, session: FlatFile, read: Read) -> Iterable[Rows]:
        """Reads the rows of `customers_path`."""
        return session.read("customers", read)

    @hookimpl
    def write_products(self, session: FlatFile, deliveries: Sequence[Delivery]) -> Sequence[Result]:
        """Appends one line for each item that is due."""
        if session.format("products") == "jsonl":
            session.append("products", lines.product_lines(deliveries))
        else:
            session.append_rows("products", columns.product_rows(deliveries), columns.PRODUCT_COLUMNS)
        return [Result(due.variant.source_variant_code) for one in deliveries for due in one.due]

    @hookimpl
    def write_customers(self, session: FlatFile, deliveries: Sequence[CustomerDelivery]) -> Sequence[Result]:
        """Appends one line for each customer; refuses them where no file is set for them."""
        codes = [one.customer.source_customer_code for one in deliveries]
        if not session.has("customers"):
            return [Result(code, "refused", NO_CUSTOMERS) for code in codes]
        if session.format("customers") == "jsonl":
            session.append("customers", lines.customer_lines(deliveries))
        else:
            session.append_rows("customers", columns.customer_rows(deliveries), columns.CUSTOMER_COLUMNS)
        return [Result(code) for code in codes]


plugin = FlatFilePlugin()
