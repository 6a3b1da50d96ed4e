"""Choosing field maps for a new database: the likeliest first, another table where a person says no."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from rich.console import Console

from crossdock.cli.asking import Asker
from crossdock.cli.proposals import show_problem, show_proposal, show_tables
from crossdock.contract import ConnectionSetupError, Proposal, TableShape, TransientError
from crossdock.host.adding import SURE, Draft, PluginFacts, best_of, first_rows, look
from crossdock.host.config import STREAMS, Configuration
from crossdock.host.showing import Shown

AUTO, NONE = "auto", "none"
SHOW = frozenset("*?")
"""Characters of a pattern: what is typed with one of them is a wish to see tables, not a table's name."""
Say = Callable[..., None]


def say(show: Callable[..., None], *what: Any) -> None:
    """Shows something on the standard output."""
    show(Console(), *what)


def say_nothing(*_: Any) -> None:
    """Shows nothing: a script wants one JSON."""


class Chooser:
    """The choice for one new connection."""

    def __init__(self, configuration: Configuration, draft: Draft, given: Mapping[str, Any], asker: Asker) -> None:
        """Takes what is there, the draft with its settings, the flags, and whom to ask."""
        self.configuration, self.draft, self.given, self.asker = configuration, draft, given, asker
        self.say: Say = say_nothing if given["as_json"] else say
        self.tables: list[TableShape] = []
        self.proposals: list[Proposal] = []

    def choose(self, plugin: PluginFacts) -> Draft:
        """Gives the draft with the map of each stream that a person, or its sureness, agrees to.

        Raises:
            CrossdockError: it cannot be opened or asked; a table named by a flag is not there.
        """
        named = {one: self.given[one] for one in STREAMS if self.given[one] not in (AUTO, NONE)}
        wanted = [one for one in STREAMS if one in named or (self.given[one] != NONE and one not in plugin.declared)]
        self.tables, found = look(self.configuration, self.draft, self.given["tables"], named if wanted else None)
        self.proposals = [one for one in found if one.map.stream in wanted]
        if self.given["tables"]:
            self.say(show_tables, self.tables)
        chosen = self._chosen(wanted)
        comments = tuple(f"{one.map.stream}: {said}" for one in chosen for said in (_origin(one), *one.notes))
        return msgspec.structs.replace(self.draft, maps=tuple(one.map for one in chosen), comments=comments)

    def _chosen(self, streams: Sequence[str]) -> list[Proposal]:
        chosen = []
        for stream in streams:
            one = self._likeliest(stream)
            while one is None or not self._is_taken(*one):
                other = self._another(stream) if self.asker.asks else None
                if other is None:
                    break
                one = self._read(other)
            else:
                chosen.append(one[0])
        return chosen

    def _likeliest(self, stream: str) -> tuple[Proposal, list[Shown]] | None:
        """Gives the likeliest map that can be read, with the first row; a view that fails hides no other table."""
        proposals = (one for one in self.proposals if one.map.stream == stream)
        return next((found for one in proposals if (found := self._read(one)) is not None), None)

    def _read(self, one: Proposal) -> tuple[Proposal, list[Shown]] | None:
        """Reads the first row by a map; None, and said, where that fails."""
        stream = one.map.stream
        trial = msgspec.structs.replace(self.draft, maps=(one.map,))
        try:
            return one, first_rows(self.configuration, trial, stream, 1)
        except (ConnectionSetupError, TransientError) as error:
            if self.given[stream] != AUTO and not self.asker.asks:
                raise
            self.say(show_problem, one, str(error))
            return None

    def _is_taken(self, one: Proposal, rows: list[Shown]) -> bool:
        """Shows a map and asks; where nobody is asked, it must be sure enough."""
        stream = one.map.stream
        self.say(show_proposal, one, rows, self._others(one))
        otherwise = self.given[stream] != AUTO or one.sureness >= SURE
        return self.asker.agrees(f"Use this map for {stream}", otherwise=otherwise)

    def _another(self, stream: str) -> Proposal | None:
        """Asks for another table, None for no map at all; a pattern shows what there is."""
        question = f"Table for {stream}: a name, a pattern such as *item* to see tables, or none"
        while (answer := self.asker.text(question, f"--{stream}", NONE)) != NONE:
            try:
                if SHOW & set(answer):
                    self.say(show_tables, look(self.configuration, self.draft, answer, None)[0])
                    continue
                found = look(self.configuration, self.draft, None, {stream: answer})[1]
            except ConnectionSetupError as error:
                self.say(show_problem, None, str(error))
                continue
            return best_of(found, stream)
        return None

    def _others(self, best: Proposal) -> list[str]:
        """Gives other tables that are not much less likely."""
        rivals = [one for one in self.proposals if one.map.stream == best.map.stream and one.table != best.table]
        return [one.table for one in rivals if one.sureness > best.sureness / 2]


def _origin(one: Proposal) -> str:
    return f"the map known for {one.system}." if one.system else f"proposed for {one.table}, {one.sureness:.0%} sure."
