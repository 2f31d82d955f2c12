"""Runs that end as by a kill: what is on the disk stays as it is."""

from pathlib import Path

import pytest

from h2plant.results.folder import LogWriter
from h2plant.results.leftover import CHECKPOINT, partials_of
from h2plant.session import years
from h2plant.session.checkpoint import Checkpoints


class Killed(BaseException):
    """Stands for what ends the process: nothing that the run would do at its end is done."""


def kill_after(monkeypatch: pytest.MonkeyPatch, n: int) -> None:
    """End runs after their n-th checkpoint as a kill would: all that is on the disk stays as it is."""
    keep, kept = Checkpoints.keep, []

    def last(self: Checkpoints) -> None:
        keep(self)
        kept.append(self)
        if len(kept) == n:
            raise Killed

    monkeypatch.setattr(Checkpoints, "keep", last)
    monkeypatch.setattr(LogWriter, "abandon", lambda self: self._log.abandon())
    monkeypatch.setattr(years.LifeFolder, "abandon", lambda self: self._held.close())


def checkpoint_of(run: Path) -> Path:
    """Return the folder of the checkpoints of a run that was killed."""
    (partial,) = partials_of(run)
    return partial / CHECKPOINT
