"""Progress of a run: a bar with simulated date and speed on a terminal, plain lines elsewhere."""

from __future__ import annotations

import datetime
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

from h2plant.simulation.program import Program


class RunProgress:
    """Shows how far a run is; use as a context manager and hand ``ready`` and ``update`` to the run."""

    def __init__(self, console: Console, start: datetime.datetime, hours: float, step_s: float) -> None:
        self._console = console
        self._start = start
        self._n_steps = round(hours * 3600.0 / step_s)
        self._step_s = step_s
        self._began = time.perf_counter()
        self._last_line = 0
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
        text = f"{program.name}: {program.n_components} components (a first run compiles for about a minute)"
        self._progress.update(self._task, description=text)
        if not self._console.is_terminal:
            self._console.print(text)
        self._began = time.perf_counter()

    def update(self, done: int) -> None:
        """Show the number of steps done."""
        date = self._start + datetime.timedelta(seconds=done * self._step_s)
        elapsed = max(1e-9, time.perf_counter() - self._began)
        speed = f"{done * self._step_s / 60.0 / elapsed:,.0f} min/s"
        self._progress.update(self._task, completed=done, description=f"{date:%Y-%m-%d}", speed=speed)
        tenth = 10 * done // max(1, self._n_steps)
        if not self._console.is_terminal and tenth > self._last_line:
            self._last_line = tenth
            self._console.print(f"{10 * tenth:3d} %  {date:%Y-%m-%d %H:%M}  {speed}")
