"""Progress of what takes long: a bar on a terminal, now and then a plain line elsewhere."""

from __future__ import annotations

import datetime
import time
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

from h2plant.simulation.program import Program
from h2plant.simulation.warm_up import missing_kernels

_QUIET_S = 5.0
"""Least time between two plain lines of a run: short runs say nothing."""


class ProgressBar:
    """A bar that goes when its work is done; use as a context manager.

    Parameters
    ----------
    console
        Where to.
    text
        What is done.
    total
        Its amount; None while it is not known.
    is_estimated
        Whether the bar works out the time left by itself, from the speed of ``estimate_over_s``.
    """

    def __init__(
        self,
        console: Console,
        text: str,
        total: int | None = None,
        is_estimated: bool = True,
        estimate_over_s: float = 30.0,
    ) -> None:
        self._console = console
        self._began = self._last_line_s = time.perf_counter()
        parts = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
        left = (TimeRemainingColumn(elapsed_when_finished=True),) if is_estimated else ()
        self._progress = Progress(
            *parts,
            TextColumn("{task.fields[beside]}"),
            *left,
            console=console,
            transient=True,
            disable=not console.is_terminal,
            speed_estimate_period=estimate_over_s,
        )
        self._task = self._progress.add_task(text, total=total, beside="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, **changes: Any) -> None:
        """Change the bar: ``description``, ``total``, ``completed``, ``beside``."""
        self._progress.update(self._task, **changes)

    def say(self, text: str) -> None:
        """Print a line."""
        self._console.print(text)

    def print_without_terminal(self, text: str, quiet_s: float = 0.0) -> None:
        """Print a line that a terminal shows in the bar, where there is none, and the last line is long enough ago."""
        now = time.perf_counter()
        if not self._console.is_terminal and now - self._last_line_s >= quiet_s:
            self._last_line_s = now
            self.say(text)


class RunProgress(ProgressBar):
    """Shows how far a run is; hand ``ready`` and ``update`` to the run.

    Parameters
    ----------
    console
        Where to.
    start, hours, step_s
        First instant, length and step of the run.
    is_compiled
        The engine runs compiled kernels: where some are missing in the cache folder, say that they are compiled first.
    """

    def __init__(
        self, console: Console, start: datetime.datetime, hours: float, step_s: float, is_compiled: bool = True
    ) -> None:
        self._is_compiled = is_compiled
        self._start = start
        self._n_steps = round(hours * 3600.0 / step_s)
        self._step_s = step_s
        super().__init__(console, "loading", self._n_steps)

    def ready(self, program: Program) -> None:
        """Tell that the plant is lowered; the first run of a version compiles now."""
        text = f"{program.name}: {program.n_components} components"
        n_missing = len(missing_kernels(program)) if self._is_compiled else 0
        if n_missing:
            text += f"; {compiling(n_missing)}"
            self.print_without_terminal(text)
        self.show(description=text)

    def update(self, done: int) -> None:
        """Show the number of steps done."""
        if done == 0:
            self._began = self._last_line_s = time.perf_counter()
            return
        date = self._start + datetime.timedelta(seconds=done * self._step_s)
        speed = _speed(done, self._step_s, self._began)
        self.show(completed=done, description=f"{date:%Y-%m-%d}", beside=speed)
        share = 100 * done // max(1, self._n_steps)
        self.print_without_terminal(f"{share:3d} %  {date:%Y-%m-%d %H:%M}  {speed}", _QUIET_S)


class ComparisonProgress(ProgressBar):
    """Shows how far a comparison of the engines is.

    Parameters
    ----------
    console
        Where to.
    step_s
        Length of a step, s.
    """

    def __init__(self, console: Console, step_s: float) -> None:
        super().__init__(console, "comparing with the baseline", estimate_over_s=600.0)
        self._step_s = step_s
        self._total = self._first = self._done = 0

    def start(self, total: int, done: int) -> None:
        """Take the steps to compare in all, and those of them that were compared before."""
        self._total, self._first, self._done = total, done, 0
        self._began = self._last_line_s = time.perf_counter()
        self.show(total=total, completed=done)
        if done:
            self.say(f"going on with a comparison that was interrupted: {100 * done // total} % of it is done")

    def advance(self, n_steps: int) -> None:
        """Take the steps done since the last call."""
        self._done += n_steps
        completed = self._first + self._done
        speed = _speed(self._done, self._step_s, self._began)
        self.show(completed=completed, beside=speed)
        left_s = (self._total - completed) / max(1, self._done) * (time.perf_counter() - self._began)
        share = 100.0 * completed / max(1, self._total)
        self.print_without_terminal(f"compared {share:.1f} %, {speed}, {left_s / 60.0:.0f} min left", 30.0)


def compiling(n_kernels: int) -> str:
    """Return what is said while kernels are compiled."""
    return f"compiling {n_kernels} kernel{'' if n_kernels == 1 else 's'}, up to minutes, once per version"


def _speed(n_steps: int, step_s: float, began_s: float) -> str:
    return f"{n_steps * step_s / 60.0 / max(1e-9, time.perf_counter() - began_s):,.0f} min/s"
