"""Makes `docs/reference/` from the code: `python tests/docs/generate.py`.

Whatever a page says about a hook, an error, a command, a key or a hub field is taken from where it is
declared, so it is written once. `test_reference.py` holds the committed pages against what this makes.
"""

import ast
import inspect
import re
import sys
import textwrap
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import click
import msgspec

from crossdock.cli.commands import TOP, crossdock
from crossdock.contract import errors, hooks
from crossdock.fieldmap import convert, hub
from crossdock.fieldmap.declare import Field
from crossdock.fieldmap.override import SECTION_KEYS
from crossdock.host import config
from crossdock.host.config import SyncConfig
from crossdock.sync.sweep import Brake
from crossdock.sync.view import View

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
COMMAND = "python tests/docs/generate.py"
MADE = f"<!-- Made by `{COMMAND}` from the code. Change the code, not this page. -->"

GROUPS = {
    "describe": ("Every plugin", "What it is and how a session is opened. A child calls these first."),
    "read_products": ("A source", "Read hooks give native rows; the framework maps them by the field map."),
    "write_products": ("A channel", "Write hooks must be repeatable: after a crash the same deliveries come again."),
    "read_orders": (
        "Orders and shipments",
        "Part of the contract from the start; the lanes that call these come in a later version.",
    ),
}
"""The first hook of each part of the page, in call order."""


def generated() -> dict[str, str]:
    """Gives every page by file name."""
    return {
        "hooks.md": hooks_page(),
        "errors.md": errors_page(),
        "commands.md": commands_page(),
        "configuration.md": configuration_page(),
        "field-map.md": field_map_page(),
    }


def main() -> None:
    """Writes the pages."""
    for name, text in generated().items():
        (REFERENCE / name).write_text(text, "utf-8", newline="\n")
        sys.stdout.write(f"docs/reference/{name}\n")


# Hooks


def hook_signatures() -> dict[str, str]:
    """Gives the signature of each hook as it stands in the code, without line breaks."""
    found = {}
    for node in ast.parse(inspect.getsource(hooks)).body:
        if isinstance(node, ast.FunctionDef) and any("hookspec" in ast.unparse(one) for one in node.decorator_list):
            found[node.name] = f"{node.name}({ast.unparse(node.args)}) -> {ast.unparse(node.returns)}"
    return found


def hooks_page() -> str:
    """Every hook in call order, its signature as heading, then what its docstring promises."""
    parts = [
        MADE,
        "# Hooks",
        "Every hook in the order in which a run calls it. Implement those that you can serve and mark each with "
        "`hookimpl`; all are called with keywords, in a child process, and at most once where they answer at all. "
        "The types are those of `crossdock` (the door). For a first plugin see the [tutorial](../tutorial.md).",
    ]
    for name, signature in hook_signatures().items():
        if name in GROUPS:
            title, text = GROUPS[name]
            parts += [f"## {title}", text]
        parts += [f"### `{signature}`", *docstring_parts(inspect.getdoc(getattr(hooks, name)))]
    return "\n\n".join(parts) + "\n"


def docstring_parts(text: str) -> list[str]:
    """Turns a Google-style docstring into paragraphs and lists."""
    found: list[str] = []
    for block in text.split("\n\n"):
        head, _, body = block.partition("\n")
        if head in ("Args:", "Raises:"):
            title = "Arguments:" if head == "Args:" else "Raises:"
            found += [title, "\n".join(f"- {entry(one)}" for one in entries(body))]
        elif head == "Returns:":
            found.append("Returns: " + one_line(body))
        elif head.startswith("Example:"):
            found.append(re.sub(r"docs/([\w-]+)\.md", r"[\1](../\1.md)", one_line(block)))
        else:
            found.append(one_line(block))
    return found


def entries(body: str) -> list[str]:
    """Cuts an indented section into its entries, one line each."""
    lines = textwrap.dedent(body).splitlines()
    found: list[str] = []
    for line in lines:
        if line.startswith(" ") and found:
            found[-1] += " " + line.strip()
        else:
            found.append(line.strip())
    return found


def entry(text: str) -> str:
    """Sets the name at the beginning of an entry as code."""
    name, colon, rest = text.partition(": ")
    return f"`{name}`: {rest}" if colon else text


def one_line(text: str) -> str:
    """Joins the lines of a paragraph."""
    return " ".join(text.split())


# Errors


def errors_page() -> str:
    """The tree, then each class with what it means and what happens next."""
    tree = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.CrossdockError)
    ]
    parents = {kind: f"`{kind.__base__.__name__}`" if kind.__base__ in tree else "" for kind in tree}
    rows = [f"| `{signature_of(kind)}` | {parents[kind]} | {one_line(inspect.getdoc(kind))} |" for kind in tree]
    parts = [
        MADE,
        "# Errors",
        "Named after what the framework does next. All stand in `crossdock.contract`; those that a plugin raises are "
        "in `crossdock` too. A plugin translates native errors at one place (a toolkit or its `client.py`) with "
        "`raise ... from native`; the text says what failed, where, and what to do.",
        "```text\n" + textwrap.dedent(errors.__doc__.partition("\n\n")[2]).strip() + "\n```",
        "| class | a kind of | meaning |\n|---|---|---|\n" + "\n".join(rows),
        "Inside `write_order` and `create_customer` only `RefusedError` and `NotSentError` are definite. Everything "
        "else, time-outs included, means that nobody knows yet.",
    ]
    return "\n\n".join(parts) + "\n"


def signature_of(kind: type) -> str:
    """Gives a class's name with the arguments of its own constructor."""
    own = vars(kind).get("__init__")
    if own is None:
        return kind.__name__
    names = [name for name in inspect.signature(own).parameters if name != "self"]
    return f"{kind.__name__}({', '.join(names)})"


# Commands


def all_commands() -> dict[str, click.Command]:
    """Gives every command by the words that call it, groups included."""
    found: dict[str, click.Command] = {"crossdock": crossdock}
    for name in sorted(TOP):
        module = import_module(f"crossdock.cli.{TOP[name].module}")
        add_command(found, f"crossdock {name}", getattr(module, TOP[name].name))
    return found


def add_command(found: dict[str, click.Command], words: str, command: click.Command) -> None:
    """Adds a command and those below it."""
    found[words] = command
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            add_command(found, f"{words} {name}", command.commands[name])


def commands_page() -> str:
    """What `--help` says, command by command."""
    table = [
        f"| [`{words}`](#{slug(words)}) | {cell(short_help(words, one))} |" for words, one in all_commands().items()
    ]
    parts = [
        MADE,
        "# Commands",
        "Exit codes: 0 done, 1 failed or something waits for a person, 2 misused. Texts for people go to standard "
        "output, what went wrong to standard error; no traceback without `--debug`.",
        "| command | does |\n|---|---|\n" + "\n".join(table),
    ]
    for words, command in all_commands().items():
        parts += [f"## `{words}`", "```text\n" + help_text(words, command) + "\n```"]
    return "\n\n".join(parts) + "\n"


def short_help(words: str, command: click.Command) -> str:
    """Gives a command's line in the table: that of the lazy tree where it has one."""
    name = words.removeprefix("crossdock ")
    return TOP[name].help if name in TOP else command.get_short_help_str(100)


def help_text(words: str, command: click.Command) -> str:
    """Gives a command's help as a terminal of 100 columns shows it."""
    context = None
    for count, word in enumerate(names := words.split(), 1):
        one = command if count == len(names) else crossdock
        settings = crossdock.context_settings if context is None else {}
        context = click.Context(one, context, word, terminal_width=100, max_content_width=100, color=False, **settings)
    return re.sub(r"[ \t]+$", "", command.get_help(context), flags=re.MULTILINE).strip()


def slug(title: str) -> str:
    """Gives the anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def cell(text: str) -> str:
    """Makes text fit a table's cell."""
    return text.replace("|", "\\|")


# Configuration

KEYS: dict[str, tuple[str, dict[str, str]]] = {
    "The top": (
        "",
        {
            "connections": "table of connections by name",
            "syncs": "table of syncs by name",
            "orders": "table of order flows by channel; `crossdock orders` shows and settles what they owe",
            "store": "where state is kept, see below",
        },
    ),
    "`[store]`": (
        "Without it: the SQLite file `crossdock.db` in the home folder.",
        {
            "url": "`sqlite:///FILE` or `postgresql+psycopg://USER@HOST/DATABASE`",
            "password": '`{ env = "NAME" }`, `{ keyring = "NAME" }` or `{ file = "PATH" }`; put into `url`',
        },
    ),
    "`[connections.NAME]`": (
        "All other keys are settings of the plugin; its own page lists them, and an unknown one is refused.",
        {
            "plugin": "name of an installed plugin; required",
            "was": "name that the connection had before it was renamed here; it keeps all that was read and sent",
            "transforms": 'rules run on records after the map, as `["package:function"]`',
            "products": "override of the plugin's field map for products, see below",
            "customers": "the same for customers",
        },
    ),
    "`[connections.NAME.STREAM]`": (
        "Merged by hub field into what the plugin declares; without a declaration it is the whole map. STREAM is "
        "`products` or `customers`.",
        {
            "table": "table or view, with its schema if it needs one",
            "query": "one SELECT in place of `table`",
            "procedure": "a stored procedure in place of `table`, by name: called, never parsed, always read in full",
            "arguments": "what the procedure is called with, a list by position",
            "key": "column that is unique, never NULL and ordered: pages are cut by it, rows told apart by it",
            "changed": "column (or path) that grows with every change of a row; without it every read is full",
            "each": "path of the list that holds the rows (JSON); the enclosing object is then `parent`",
            "fields": "table of hub fields, see below",
            "lists": "open lists [from child tables](../how-to/child-tables.md), one table for each",
        },
    ),
    "A hub field in `[connections.NAME.STREAM.fields]`": (
        'A string is a column (`title = "Description"`), a list is several, `false` removes a declared field, and a '
        "table may say more:",
        {
            "column": "column or path; several for a converter that takes several; `price_*` for an open list",
            "note": "a remark for whoever reads the map",
            "values": 'native value to canonical one; `"ignore"` leaves the row alone',
            "convert": "name of a [converter](field-map.md#converters), or several in order",
            "constant": "the same value for every row, in place of a column",
            "trim": "`false` keeps trailing blanks and NULs, which are cut otherwise",
            "optional": "`true`: where the rows have no such column, the field is not mapped; otherwise an error",
        },
    ),
    "`[syncs.NAME]`": (
        'Times are written `"30s"`, `"3m"`, `"24h"` or `"7d"`.',
        {
            "source": "connection that is read; required",
            "channels": "connections that are delivered to; required",
            "streams": "`products`, `customers` or both",
            "every": "how often the host will run it; today a scheduler of yours calls `crossdock sync`",
            "full_every": "an incremental source is read in full after so long: only a full read notices what is gone",
            "page_size": "rows of one page, 1 to 50,000",
            "views": "what of the catalogue each channel gets, see below",
            "brake": "when a mass change is held, see below",
        },
    ),
    "`[syncs.NAME.views.CHANNEL]`": (
        "Without it a channel gets everything as it is. A change re-evaluates the whole channel.",
        {
            "only": "products whose field (`collection`, `vendor`, `product_type`, `tags`, `meta.KEY`) has one of the "
            "values",
            "price_tier": "price list whose price becomes the price",
            "warehouses": "warehouses whose stock is summed into the quantity, and the only ones told",
        },
    ),
    "`[syncs.NAME.brake]`": (
        "A change is held that affects more than `share` of the items and at least `items` of them. See "
        "[when a brake holds](../how-to/when-a-brake-holds.md).",
        {
            "share": "part of the items, 0 to 1",
            "items": "number of items",
        },
    ),
}
"""What a person should know of each key; that none is missing or too many is checked against the code."""

KNOWN = {
    "The top": config.TOP_KEYS,
    "`[store]`": config.STORE_KEYS,
    "`[connections.NAME]`": config.CONNECTION_KEYS,
    "`[connections.NAME.STREAM]`": SECTION_KEYS,
    "A hub field in `[connections.NAME.STREAM.fields]`": tuple(one for one in Field.__struct_fields__ if one != "hub"),
    "`[syncs.NAME]`": config.SYNC_KEYS,
    "`[syncs.NAME.views.CHANNEL]`": View.__struct_fields__,
    "`[syncs.NAME.brake]`": Brake._fields,
}
SECRETS = """## Secrets

A setting that a plugin marks as secret takes one of these. Plain text works too, for trying out;
`crossdock connections check` warns of it.

| written as | taken from |
|---|---|
| `{ env = "NAME" }` | the environment variable of the user that runs crossdock |
| `{ keyring = "NAME" }` | the system's keyring, service `crossdock`: `keyring set crossdock NAME` |
| `{ file = "PATH" }` | a file, its path taken from the folder of `crossdock.toml` |
"""


def configuration_page() -> str:
    """Every key of `crossdock.toml`.

    Raises:
        ValueError: a key is not described, or one is that the code does not know.
    """
    parts = [
        MADE,
        "# Configuration",
        "One file, `crossdock.toml`, in the home folder or named by `--config`. The home folder is `--home DIR`, else "
        "`CROSSDOCK_HOME`, else the system's place for such data. Relative paths begin at the file's folder. An "
        "unknown key is an error with a suggestion.",
    ]
    for title, (text, keys) in KEYS.items():
        if set(keys) != set(KNOWN[title]):
            differing = set(keys) ^ set(KNOWN[title])
            message = f"{title}: the keys described in {Path(__file__).name} are not those of the code: {differing}"
            raise ValueError(message)
        rows = "\n".join(
            f"| `{key}` | {cell(meaning)} | {cell(default(title, key))} |" for key, meaning in keys.items()
        )
        parts += [f"## {title}", *([text] if text else []), "| key | meaning | default |\n|---|---|---|\n" + rows]
    return "\n\n".join([*parts, SECRETS])


def default(title: str, key: str) -> str:
    """Gives the value that holds where a key is not given."""
    if title == "`[syncs.NAME.brake]`":
        return f"`{getattr(Brake(), key)}`"
    if title != "`[syncs.NAME]`":
        return ""
    values = {one.name: one.default for one in msgspec.structs.fields(SyncConfig)}
    value = values.get(key + "_s", values.get(key))
    if key in ("every", "full_every"):
        return "`" + duration(value) + "`"
    return {"streams": '`["products"]`', "page_size": f"`{value}`"}.get(key, "")


def duration(seconds: float) -> str:
    """Writes seconds as the configuration does."""
    unit = next(name for name in ("h", "m", "s") if seconds % config.UNITS[name] == 0)
    return f'"{int(seconds) // config.UNITS[unit]}{unit}"'


# Field map

KINDS = {
    "code": "code: text without blanks around it, not empty, at most 200 characters",
    "text": "text",
    "label": "text, empty counts as none",
    "number": "decimal number",
    "flag": "yes or no: `true`, `1`, `yes`, `active`; `false`, `0`, `no`, `delete`",
    "tags": "labels between commas, or a list",
    "paths": "one path with `/` between its steps, or a list of paths",
    "names": "names in order, numbered from 1",
    "images": "address, code or object with `url`, numbered from 1",
    "address": "addresses, numbered from 1",
}
FOLDERS = {"product": ("product", "Product"), "variant": ("product", "Variant"), "customer": ("customer", "Customer")}


def field_notes(part: str) -> dict[str, str]:
    """Gives the docstring under each field of a record."""
    module, name = FOLDERS[part]
    source = ast.parse((ROOT / "framework" / "crossdock" / "records" / f"{module}.py").read_text("utf-8"))
    body = next(node.body for node in source.body if isinstance(node, ast.ClassDef) and node.name == name)
    return {
        field.target.id: one_line(note.value.value)
        for field, note in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(note, ast.Expr)
    }


def hub_rows(stream: str) -> list[str]:
    """Gives the table's rows of one stream."""
    rows = []
    for name, place in {**hub.PLAIN[stream], **{f"{name}.…": one for name, one in hub.OPEN[stream].items()}}.items():
        required = "yes" if name in hub.REQUIRED[stream] else ""
        rows.append(f"| `{name}` | {place.kind} | {required} | {cell(field_notes(place.part)[place.name])} |")
    return rows


def converter_rows() -> list[str]:
    """Gives the table's rows of the converters."""
    known = {**convert.CONVERTERS, **{f"{name}:…": one for name, one in convert.WITH_ARGUMENT.items()}}
    return [
        f"| `{name}` | {'several' if takes_several(one) else 'one'} | {cell(one_line(inspect.getdoc(one)))} |"
        for name, one in sorted(known.items())
    ]


def takes_several(one: object) -> bool:
    """Says whether a converter reads more than one column."""
    return any(found.kind is found.VAR_POSITIONAL for found in inspect.signature(one).parameters.values())


def field_map_page() -> str:
    """Hub fields, their kinds, and the converters."""
    head = "| hub field | kind | required | meaning |\n|---|---|---|---|\n"
    parts = [
        MADE,
        "# Field map",
        "A field map says which column, path or constant fills which hub field. The same names serve Python (`Field`) "
        "and `crossdock.toml`; how an override is written is in [configuration](configuration.md). After the name "
        "of an open list (`…`) all that remains is the entry's key, dots included: `variants.qty_availability.CPT`, "
        "`meta.bin`, `images.1`, "
        '`addresses.1.city`. `*` stands for every column with a prefix: `"variants.price_tiers.*" = "price_*"`.',
        "## Products",
        head + "\n".join(hub_rows("products")),
        "## Customers",
        head + "\n".join(hub_rows("customers")),
        "An address has: " + ", ".join(f"`{one}`" for one in hub.ADDRESS_FIELDS) + ".",
        "## Kinds",
        "| kind | takes |\n|---|---|\n" + "\n".join(f"| {kind} | {cell(text)} |" for kind, text in KINDS.items()),
        "## Converters",
        "Used by name, left to right. A plugin may add its own beside its maps. A value that a converter cannot take "
        "puts the row into quarantine.",
        "| converter | columns | does |\n|---|---|---|\n" + "\n".join(converter_rows()),
    ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
