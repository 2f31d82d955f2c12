"""Progress of a run: a bar with simulated date and speed on a terminal, now and then a plain line elsewhere."""

from __future__ import annotations

import datetime
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

from h2plant.simulation.program import Program
from h2plant.simulation.warm_up import missing_kernels

_QUIET_S = 5.0
"""Least time between two plain lines: short runs say nothing."""


class RunProgress:
    """Shows how far a run is; use as a context manager and hand ``ready`` and ``update`` to the run.

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
        self._console = console
        self._is_compiled = is_compiled
        self._start = start
        self._n_steps = round(hours * 3600.0 / step_s)
        self._step_s = step_s
        self._began = time.perf_counter()
        self._last_line_s = self._began
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("loading", total=self._n_steps, speed="")

    def __enter__(self) -> RunProgress:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()

    def ready(self, program: Program) -> None:
        """Tell that the plant is lowered; the first run of a version compiles now."""
        text = f"{program.name}: {program.n_components} components"
        n_missing = len(missing_kernels(program)) if self._is_compiled else 0
        if n_missing:
            text += f"; compiling {n_missing} kernels, up to minutes, once per version"
        self._progress.update(self._task, description=text)
        if n_missing and not self._console.is_terminal:
            self._console.print(text)

    def update(self, done: int) -> None:
        """Show the number of steps done."""
        now = time.perf_counter()
        if done == 0:
            self._began = self._last_line_s = now
            return
        date = self._start + datetime.timedelta(seconds=done * self._step_s)
        speed = f"{done * self._step_s / 60.0 / max(1e-9, now - self._began):,.0f} min/s"
        self._progress.update(self._task, completed=done, description=f"{date:%Y-%m-%d}", speed=speed)
        if not self._console.is_terminal and now - self._last_line_s >= _QUIET_S:
            self._last_line_s = now
            self._console.print(f"{100 * done // max(1, self._n_steps):3d} %  {date:%Y-%m-%d %H:%M}  {speed}")
