"""Arguments that several commands take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

import typer
from typer.core import TyperCommand

from h2plant.core.markup import visible

AllowCode = Annotated[
    bool, typer.Option("--allow-code", help="run the Python code that the plants of these results name: read it before")
]
"""For commands that read plants which the user did not name himself."""


class GreedyCommand(TyperCommand):
    """A command with options that take all words up to the next option, file names apart."""

    greedy: ClassVar[tuple[str, ...]] = ()
    _FILES = (".csv", ".gz", ".tsv", ".txt", ".parquet", ".pq", ".yaml", ".yml")

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        words: list[str] = []
        option, n_taken = "", 0
        for word in args:
            if word.startswith("--"):
                option, n_taken = (word if word in self.greedy else ""), 0
                words.append(word)
                continue
            if option and n_taken > 0 and "=" not in word and word.lower().endswith(self._FILES):
                option = ""
            if option and n_taken > 0:
                words.append(option)
            n_taken += 1
            words.append(word)
        return super().parse_args(ctx, words)


def overrides_of(items: Sequence[str]) -> dict[str, str]:
    """Return ``--set component.parameter=value`` as a mapping."""
    from h2plant.core.units import same_parameters

    result = {}
    for item in items:
        name, sign, value = item.partition("=")
        if not sign or "." not in name or not value.strip():
            text = f"{item!r}: write component.parameter=value, such as wind.capacity_mw=40"
            raise typer.BadParameter(text, param_hint="--set")
        if name.strip() in result:
            raise typer.BadParameter(f"'{name.strip()}' is given twice: keep one of them", param_hint="--set")
        result[name.strip()] = value.strip()
    for first, second in same_parameters(result):
        text = f"'{first}' and '{second}' are one parameter in two units: keep one of them"
        raise typer.BadParameter(text, param_hint="--set")
    return result


def pairs_of(items: Sequence[str], option: str, example: str) -> dict[str, str]:
    """Return ``NAME=VALUE`` as a mapping."""
    result: dict[str, str] = {}
    for item in items:
        name, sign, value = item.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise typer.BadParameter(f"{item!r}: write NAME=VALUE, such as {example}", param_hint=option)
        result[name.strip()] = value.strip()
    return result


EXIT_NOT_VALID = 3
"""Exit code of a run that came to its end with an answer that is not valid or not whole."""


def exit_if_not_valid(summary: Mapping[str, Any], is_quiet: bool = False) -> None:
    """End the command with ``EXIT_NOT_VALID`` where the answer of a run does not hold.

    Parameters
    ----------
    summary
        Of the run.
    is_quiet
        Whether nothing was printed of it: then standard error gets the reasons.
    """
    from h2plant.results.warning import warnings_of

    found = warnings_of(summary)
    for what, why in found if is_quiet else ():
        typer.echo(visible(f"{what}: {why}"), err=True)
    if found:
        raise typer.Exit(EXIT_NOT_VALID)
