"""Findings: what is wrong with an input, where it stands, and how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from h2plant.core.error import UserError
from h2plant.core.markup import visible


class Place(int):
    """A line of a plant's file at which a block stands, with the place inside the block's file that is meant.

    Whatever takes a line takes it; findings print both places: ``iberia.yaml:11 -> alkaline_train.yaml:31``.
    """

    inside: str

    def __new__(cls, line: int, inside: str) -> Place:
        """Make the place of a line; ``inside``: file and line within the block, or several joined by arrows."""
        place = super().__new__(cls, line)
        before = getattr(line, "inside", "")
        place.inside = f"{before} -> {inside}" if before else inside
        return place

    def __reduce__(self) -> tuple[Any, ...]:
        return _place, (int(self), self.inside)


def _place(line: int, inside: str) -> Place:
    return Place(line, inside)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with an input (or, as a note, worth knowing).

    Parameters
    ----------
    id
        The kind of finding, such as ``unknown-parameter``; tests and users search for it.
    where
        The place in the model, such as ``components.stack_1.rated_power_mw``; may be empty.
    what
        What is wrong.
    remedy
        How to mend it.
    file
        The file it stands in; None for input that came from no file.
    line
        Line (in Parquet files: row), from 1; 0 where there is none.
    severity
        ``error`` stops a run, ``note`` does not.
    """

    id: str
    where: str
    what: str
    remedy: str
    file: Path | None = None
    line: int = 0
    severity: Literal["error", "note"] = "error"

    def __str__(self) -> str:
        inside = getattr(self.line, "inside", "")
        beyond = f" -> {inside}" if inside else ""
        place = "" if self.file is None else f"{self.file}:{self.line}{beyond}: " if self.line else f"{self.file}: "
        subject = f"{self.where}: " if self.where else ""
        return visible(f"{place}[{self.id}] {subject}{self.what}\n  {self.remedy}")

    @property
    def in_a_line(self) -> str:
        """Place and remedy in one line, as notes are printed and kept."""
        return "; ".join(part.strip() for part in str(self).split("\n"))


class PlantError(UserError):
    """An input that cannot be run, with everything that was found wrong with it.

    Parameters
    ----------
    findings
        All findings, in the order in which they are printed.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings: tuple[Finding, ...] = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings sorted by file and line, each once."""
    return sorted(dict.fromkeys(findings), key=lambda f: (str(f.file or ""), f.line))


def raise_errors(findings: Iterable[Finding]) -> None:
    """Raise a ``PlantError`` with all findings if any of them is an error.

    Raises
    ------
    PlantError
        If there is an error among them.
    """
    ordered = in_order(findings)
    errors = [finding for finding in ordered if finding.severity == "error"]
    if errors:
        raise PlantError(errors)


def nearest(name: str, names: Iterable[str]) -> str:
    """Return a remedy that suggests the names nearest to a wrong one.

    Parameters
    ----------
    name
        What was written.
    names
        What there is.
    """
    known = sorted(set(names))
    if not known:
        return "there are none to choose from"
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if close:
        return f"did you mean {listing(close, 'or')}?"
    if len(known) > 24:
        return f"choose one of the {len(known)} names, such as {listing(known[:6], 'or')}"
    return f"choose from {listing(known, 'or')}"


def and_then(remedy: str, sentence: str) -> str:
    """Return a remedy, such as the nearest names, and another that is a sentence of its own."""
    return f"{remedy}{'' if remedy.endswith('?') else '.'} {sentence}"


def listing(names: Sequence[str], word: str = "and") -> str:
    """Return ``'a', 'b' and 'c'``."""
    quoted = [f"'{name}'" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {word} {quoted[-1]}" if quoted else "nothing"
