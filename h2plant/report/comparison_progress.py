"""Progress of a comparison of the engines: a bar with the time left on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

_QUIET_S = 30.0
"""Least time between two plain lines."""


class ComparisonProgress:
    """Shows how far a comparison is; use as a context manager.

    Parameters
    ----------
    console
        Where to.
    step_s
        Length of a step, s.
    """

    def __init__(self, console: Console, step_s: float) -> None:
        self._console = console
        self._step_s = step_s
        self._total = self._first = self._done = 0
        self._began = self._last_line_s = time.perf_counter()
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=console,
            transient=True,
            disable=not console.is_terminal,
            speed_estimate_period=600.0,
        )
        self._task = self._progress.add_task("comparing with the baseline", total=None, speed="")

    def __enter__(self) -> ComparisonProgress:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()

    def say(self, text: str) -> None:
        """Print a line."""
        self._console.print(text)

    def start(self, total: int, done: int) -> None:
        """Take the steps to compare in all, and those of them that were compared before."""
        self._total, self._first, self._done = total, done, 0
        self._began = self._last_line_s = time.perf_counter()
        self._progress.update(self._task, total=total, completed=done)
        if done:
            self.say(f"going on with a comparison that was interrupted: {100 * done // total} % of it is done")

    def advance(self, n_steps: int) -> None:
        """Take the steps done since the last call."""
        self._done += n_steps
        now = time.perf_counter()
        pace = self._done / max(1e-9, now - self._began)
        speed = f"{pace * self._step_s / 60.0:,.0f} min/s"
        completed = self._first + self._done
        self._progress.update(self._task, completed=completed, speed=speed)
        if not self._console.is_terminal and now - self._last_line_s >= _QUIET_S:
            self._last_line_s = now
            left_s = (self._total - completed) / max(1e-9, pace)
            share = 100.0 * completed / max(1, self._total)
            self.say(f"compared {share:.1f} %, {speed}, {left_s / 60.0:.0f} min left")
