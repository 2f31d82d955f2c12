"""What came of a case: read, refused with a sentence, or what may not be."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import resource
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import click
import typer

from h2plant.cli.application import _explain
from h2plant.core.error import UserError
from h2plant.plant.door import LOG
from h2plant.simulation.engine import SimulationFailure

LONGEST_S = 10.0
MOST_MB = 1000.0
GOOD = ("read", "refused")


class Outcome(NamedTuple):
    """What came of a case.

    Attributes
    ----------
    end
        ``read``; ``refused``, with a message and an exit code of its own; ``failed``, with an error that is none of the
        user's, or with nothing said; ``caught``, with one that its reader did not foresee, told at the door of the
        file; ``hung``, longer than ten seconds; ``large``, with more than 1 GB of memory.
    text
        The error, and where it was raised.
    """

    sort: str
    number: int
    end: str
    text: str = ""
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        """Whether the case ended as it should."""
        return self.end in GOOD


class _Door(logging.Handler):
    """Hears which errors are told at the door of a file: faults of its reader, whatever becomes of the sentence."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.caught: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the error and where it was raised."""
        error = record.exc_info[1] if record.exc_info else None
        self.caught.append("without an error" if error is None else _told(error))

    def __enter__(self) -> _Door:
        LOG.setLevel(logging.DEBUG)
        LOG.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        LOG.removeHandler(self)


class _Late(BaseException):
    """Raised by the clock; no handler of the program's takes it for its own."""


@contextlib.contextmanager
def no_longer_than(seconds: float) -> Iterator[None]:
    """End what takes longer, where Python can."""

    def late(_number: int, _frame: Any) -> None:
        raise _Late

    before = signal.signal(signal.SIGPROF, late)  # by the time of computing: others may load the machine
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


def outcome_of(sort: str, number: int, read: Callable[[], object]) -> Outcome:
    """Read a case as a command does, and return what came of it."""
    printed, said, door = io.StringIO(), io.StringIO(), _Door()
    began = time.process_time()
    end, text = "read", ""
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(said), warnings.catch_warnings(), door:
        warnings.simplefilter("error", RuntimeWarning)
        try:
            with no_longer_than(LONGEST_S):
                read()
        except (typer.Exit, typer.Abort, click.exceptions.Exit, click.ClickException, typer.BadParameter):
            end = "refused"
        except _Late:
            end, text = "hung", f"longer than {LONGEST_S:g} s"
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:
            end = "refused"
            is_known = isinstance(error, UserError | SimulationFailure | OSError)
            if not is_known or not isinstance(error, Exception) or _explain(error) is None:
                end, text = "failed", _told(error)
                if os.environ.get("FUZZ_TRACE"):
                    traceback.print_exc(file=sys.__stdout__)
            elif not str(error).strip():
                end, text = "failed", f"{type(error).__name__} without a word"
    seconds = time.process_time() - began
    if end != "failed" and "Traceback (most recent call last)" in printed.getvalue() + said.getvalue():
        end, text = "failed", "a traceback is printed"
    if end in GOOD and door.caught:
        end, text = "caught", door.caught[0]
    if end in GOOD and seconds > LONGEST_S:
        end, text = "hung", f"{seconds:.1f} s of computing"
    if end in GOOD and peak_mb() > MOST_MB:
        end, text = "large", f"{peak_mb():.0f} MB"
    return Outcome(sort, number, end, text, seconds)


def peak_mb() -> float:
    """Return the most memory that this process has had, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000.0


def _told(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/h2plant/" in frame.filename]
    place = "/h2plant/".join(own[-1].filename.split("/h2plant/")[1:]) + f":{own[-1].lineno}" if own else "elsewhere"
    deepest = f", in {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]} ({place}{deepest})"
