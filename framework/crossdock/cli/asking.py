"""Questions on the terminal, each with the flag that answers it: where nobody can be asked, the flag is named."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click


class Asker:
    """Asks a person, or says which flag is missing; what was answered once is proposed when it is asked again."""

    def __init__(self, *, asks: bool | None) -> None:
        """Takes whether a person may be asked; None: where the input is a terminal."""
        self.asks = sys.stdin.isatty() if asks is None else asks
        self.answers: dict[str, str] = {}
        """What was answered so far, by question; secrets are not among it."""

    def text(
        self, question: str, flag: str, default: str | None = None, *, check: Callable[[str], Any] | None = None
    ) -> str:
        """Gives an answer of at least one character.

        Args:
            question: what is asked.
            flag: what answers it on the command line.
            default: what is taken where nothing is typed.
            check: raises UsageError for an answer that will not do; the question comes again.

        Raises:
            click.UsageError: nobody can be asked, and there is no default.
        """
        if not self.asks:
            if default is not None:
                return default
            raise _missing(question, flag)

        def answered(typed: str) -> str:
            answer = typed.strip()
            if not answer:
                message = "say something, or end with Ctrl-C"
                raise click.UsageError(message)
            if check is not None:
                check(answer)
            return answer

        return self._asked(question, default, value_proc=answered)

    def choice(self, question: str, flag: str, among: Mapping[str, str], default: str | None = None) -> str:
        """Gives one of several, which are shown with what they are.

        Raises:
            click.UsageError: nobody can be asked.
        """
        if not self.asks:
            if default is not None:
                return default
            question += f" ({', '.join(among)})"
            raise _missing(question, flag)
        width = max(map(len, among), default=0)
        for name, what in among.items():
            click.echo(f"  {name:{width}}  {what}".rstrip(), err=True)
        return self._asked(question, default, type=click.Choice(list(among)), show_choices=False)

    def secret(self, question: str) -> str:
        """Gives an answer that is not shown while it is typed; empty: none."""
        answer: str = click.prompt(question, hide_input=True, default="", show_default=False, err=True)
        return answer

    def agrees(self, question: str, *, otherwise: bool) -> bool:
        """Gives yes or no; where nobody can be asked, what is said otherwise."""
        return click.confirm(question, default=True, err=True) if self.asks else otherwise

    def _asked(self, question: str, default: str | None, **how: Any) -> str:
        answer: str = click.prompt(question, default=self.answers.get(question, default), err=True, **how)
        self.answers[question] = answer
        return answer


def _missing(question: str, flag: str) -> click.UsageError:
    return click.UsageError(f"{question}: nobody can be asked here; say {flag}")


def pairs_of(given: Sequence[str], flag: str) -> dict[str, str]:
    """Takes `NAME=VALUE` apart.

    Raises:
        click.UsageError: there is no `=`, or a name comes twice.
    """
    found: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name.strip() or name.strip() in found:
            message = f"{flag} {one!r} is not NAME=VALUE" if not equals else f"{flag}: {name!r} is empty or comes twice"
            raise click.UsageError(message)
        found[name.strip()] = value
    return found
