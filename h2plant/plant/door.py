"""The door through which a file from outside comes in: what its reader did not foresee is told, with the file.

Readers find what is wrong with a file themselves, with line and remedy. A conversion that raises all the same is a
fault of the reader; whoever brings the file can go on only if told which it is. Nothing but reading stands behind a
door: no step of a run, no result. Each such error is logged, traceback and all, as DEBUG of ``h2plant.plant.door``; for
``benchmarks/fuzz`` it is a failure like any other.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ParamSpec, TypeVar

from h2plant.core.error import reason_of
from h2plant.plant.finding import Finding, PlantError

_P = ParamSpec("_P")
_T = TypeVar("_T")

LOG = logging.getLogger(__name__)
_PACKAGE = Path(__file__).parent.parent
_OF_CONVERSIONS = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError)


class UnforeseenError(PlantError):
    """A file from outside holds what its reader did not foresee; the cause is the error that was raised."""


@contextlib.contextmanager
def door(file: Path | str) -> Iterator[None]:
    """Tell an error of a conversion as one of the file that is read.

    Raises
    ------
    UnforeseenError
        A conversion raised; what the reader found itself goes on as it is.
    """
    try:
        yield
    except _OF_CONVERSIONS as error:
        LOG.debug("%s", file, exc_info=True)
        what = f"holds what the program did not foresee ({reason_of(error)}; {_place(error)})"
        remedy = "undo what was changed in it last, or leave parts out until it is read, and report it with the file"
        raise UnforeseenError([Finding("unforeseen", "", what, remedy, Path(file))]) from error


def of_a_file(read: Callable[_P, _T]) -> Callable[_P, _T]:
    """Put a function behind the door of the file that its first argument names."""

    @functools.wraps(read)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        with door(str(args[0] if args else next(iter(kwargs.values()), ""))):
            return read(*args, **kwargs)

    return guarded


def finding_in_a_file(
    read: Callable[_P, tuple[_T | None, list[Finding]]],
) -> Callable[_P, tuple[_T | None, list[Finding]]]:
    """Put a function that returns findings behind the door of the file that its first argument names."""
    behind = of_a_file(read)

    @functools.wraps(read)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> tuple[_T | None, list[Finding]]:
        try:
            return behind(*args, **kwargs)
        except UnforeseenError as error:
            return None, list(error.findings)

    return guarded


def _place(error: BaseException) -> str:
    """Return module and line in which an error was raised, of this program."""
    frames = traceback.extract_tb(error.__traceback__)
    frame = [one for one in frames if Path(one.filename).is_relative_to(_PACKAGE)][-1]
    return f"{Path(frame.filename).relative_to(_PACKAGE).as_posix()}:{frame.lineno}"
