"""Every command can be found, explains itself, and is called in the docs by its right name."""

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from crossdock.cli.commands import TOP, crossdock

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference" / "commands.md"
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "plugins").glob("*/**/*.md")])
PLANNED = {"new-plugin", "run", "orders", "plugins", "docs", "quality"}
"""Commands of later versions; a page may name one only in a line that says so."""
SAID_TO_BE_PLANNED = re.compile(r"\b(planned|later|will|next|not yet|yet)\b")
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(crossdock [^`\n]+)`")


def all_commands(command=crossdock, words=("crossdock",)):
    """Every command with the words that call it, found as click finds it."""
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from all_commands(command.get_command(context, name), (*words, name))


def calls():
    """Every call of `crossdock` in the docs: page, line, words."""
    for page in PAGES:
        text = page.read_text("utf-8")
        found = [
            line
            for _, kind, body in FENCE.findall(text)
            if kind in ("console", "sh", "bash", "")
            for line in body.splitlines()
        ]
        found = [line.strip().removeprefix("$ ") for line in found] + INLINE.findall(FENCE.sub("", text))
        for line in found:
            if line.startswith("crossdock ") and not line.startswith("crossdock ["):
                yield page.relative_to(ROOT).as_posix(), line


def line_of(page, call):
    """The line of a page that a call stands in."""
    return next(line for line in (ROOT / page).read_text("utf-8").splitlines() if call in line)


COMMANDS = list(all_commands())
each_command = pytest.mark.parametrize(("words", "command"), COMMANDS, ids=[" ".join(words) for words, _ in COMMANDS])


@each_command
def test_command_has_help(words, command):
    """Each command says in a sentence what it does, and each of its options what it is for."""
    assert (command.help or "").strip().endswith((".", ")")), " ".join(words)
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == []


@each_command
def test_command_is_in_the_reference(words, command):
    """Each command has a section in the reference with the help it really prints."""
    section = REFERENCE.read_text("utf-8").partition(f"## `{' '.join(words)}`\n")[2].partition("\n## ")[0]
    assert section, "run: python tests/docs/generate.py"
    missing = [opt for one in command.params if isinstance(one, click.Option) for opt in one.opts if opt not in section]
    assert missing == []


def test_help_is_printed_without_a_configuration():
    """`crossdock --help` names every command on a machine where nothing is set up."""
    result = CliRunner().invoke(crossdock, ["--help"])
    assert result.exit_code == 0
    assert [name for name in TOP if name not in result.output] == []


def test_calls_are_found():
    """The test below has something to look at, in the README above all."""
    assert len([page for page, _ in calls() if page == "README.md"]) >= 5


@pytest.mark.parametrize(("page", "call"), sorted(set(calls())))
def test_call_in_the_docs_exists(page, call):
    """Every `crossdock …` in the docs names a command and options that exist, or says that it is planned."""
    words = shlex.split(call.partition(" #")[0])[1:]
    words = words[2:] if words[:1] in (["--home"], ["--config"]) else words
    if words and words[0] in PLANNED - set(TOP):
        assert SAID_TO_BE_PLANNED.search(line_of(page, call)), f"{call!r} does not exist and its line does not say so"
        return
    command, rest = find(words)
    known = {opt for one in command.params for opt in (*one.opts, *one.secondary_opts)} | {"--help"}
    assert [one for one in rest if one.startswith("--") and one.partition("=")[0] not in known] == []


def find(words):
    """The command that words call, and what is left for it."""
    command = crossdock
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, f"there is no command {words[0]!r}"
        command, words = found, words[1:]
    return command, words
