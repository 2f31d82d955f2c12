"""Runs that were asked for in the dashboard: one at a time in a process of its own, the others wait.

They belong to the server, not to a page: a page that is loaded again, or a second one, sees the same.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from h2plant.core.error import UserError
from h2plant.core.reservation import Reservation, reserve_next
from h2plant.core.user_code import is_code_allowed
from h2plant.simulation.warm_up import child_environment

STATES = ("waiting", "loading", "compiling", "running", "done", "failed", "stopped")
ENDED = ("done", "failed", "stopped")

MOST_ENDED = 20
"""How many runs that have ended are remembered."""

MOST_WAITING = 20
"""How many runs may wait for their turn."""

_TAIL = 30
_PATIENCE_S = 8.0


class RefusedOrder(UserError):
    """An order that is not taken; the text says why and what to do."""


@dataclass(frozen=True)
class Order:
    """A run to be made.

    Parameters
    ----------
    source
        Bundled scenario or plant by name, or a file.
    name
        Name of the run; its folder is ``<name>-<n>``, n above that of every such folder and of every run under way.
    start
        First instant, UTC.
    hours, step_s, log_every_s
        Length, h; step and log interval, s.
    overrides
        ``component.parameter`` to value: all that is changed in the plant, those of the scenario included.
    """

    source: str
    name: str
    start: datetime.datetime
    hours: float
    step_s: int
    log_every_s: int
    overrides: dict[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """A run on its way.

    Parameters
    ----------
    number
        Counts from 1.
    order
        What is run.
    folder
        Where its results shall appear.
    state
        One of ``STATES``.
    done, n_steps
        Steps done, and all of them.
    n_kernels
        Kernels to compile first.
    message
        What went wrong; empty otherwise.
    is_kept
        Whether results (so far) lie in the folder.
    is_stopping
        Whether it was asked to stop.
    began_s, ended_s
        When its steps began and when it ended, s on a steady clock; 0 before.
    """

    number: int
    order: Order
    folder: Path
    n_steps: int
    state: str = "waiting"
    done: int = 0
    n_kernels: int = 0
    message: str = ""
    is_kept: bool = False
    is_stopping: bool = False
    began_s: float = 0.0
    ended_s: float = 0.0

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ENDED

    @property
    def share(self) -> float:
        """Share of its steps that is done, 0 to 1."""
        return min(1.0, self.done / max(1, self.n_steps))


class Jobs:
    """Runs asked for, one running at a time; for several threads.

    Parameters
    ----------
    root
        Folder in which the results appear.
    command
        What is started for a run; by default this package's worker.
    """

    def __init__(self, root: Path, command: Sequence[str] | None = None) -> None:
        self.root = root
        self.version = 0
        """Grows with every change: pages ask for it to see whether there is anything new."""
        self._command = list(command or (sys.executable, "-P", "-m", "h2plant.dashboard.worker"))
        self._jobs: dict[int, Job] = {}
        self._held: dict[int, Reservation] = {}
        """The folders' names of runs that have not ended."""
        self._lock = threading.RLock()
        self._process: subprocess.Popen[str] | None = None
        self._follower: threading.Thread | None = None
        self._running = 0
        self._last = 0
        self._is_closed = False

    def list(self) -> list[Job]:
        """Return all runs that are remembered, the latest first."""
        with self._lock:
            return sorted(self._jobs.values(), key=lambda job: -job.number)

    def job(self, number: int) -> Job | None:
        """Return a run by its number; None if it is forgotten."""
        with self._lock:
            return self._jobs.get(number)

    def submit(self, order: Order) -> Job:
        """Take an order; it starts at once or when those before it have ended.

        Raises
        ------
        RefusedOrder
            The dashboard is ending, or as many runs wait as may.
        """
        with self._lock:
            if self._is_closed:
                raise RefusedOrder("the dashboard is ending; start it again")
            if sum(job.state == "waiting" for job in self._jobs.values()) >= MOST_WAITING:
                raise RefusedOrder(f"{MOST_WAITING} runs wait already; cancel one, or wait until one has ended")
            self._last += 1
            n_steps = round(order.hours * 3600.0 / order.step_s)
            try:
                self._held[self._last] = held = reserve_next(self.root, order.name)
            except OSError as error:
                message = f"{self.root}: cannot be written ({error.strerror or error})"
                job = Job(self._last, order, self.root / order.name, n_steps, state="failed", message=message)
            else:
                job = Job(self._last, order, held.folder, n_steps)
            self._jobs[job.number] = job
            self.version += 1
            self._start_next()
            return self._jobs[job.number]

    def cancel(self, number: int) -> None:
        """Stop a run: what was done so far is kept; asked a second time, it ends at once and keeps nothing."""
        with self._lock:
            job = self._jobs.get(number)
            if job is None or job.has_ended:
                return
            if job.state == "waiting":
                self._change(number, state="stopped", ended_s=time.monotonic())
            elif self._running == number and self._process is not None:
                self._change(number, is_stopping=True)
                with contextlib.suppress(OSError):
                    self._process.send_signal(signal.SIGINT)

    def forget(self, number: int) -> None:
        """Take a run that has ended off the list; its results stay."""
        with self._lock:
            job = self._jobs.get(number)
            if job is not None and job.has_ended:
                del self._jobs[number]
                self.version += 1

    def close(self) -> None:
        """Stop everything; the results so far of the run on its way are kept."""
        with self._lock:
            self._is_closed = True
            process = self._process
            for job in self.list():
                if job.state == "waiting":
                    self._change(job.number, state="stopped")
        if process is not None:
            with contextlib.suppress(OSError):
                process.terminate()
            try:
                process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._follower is not None:
            self._follower.join(_PATIENCE_S)  # it lets go of the name of the folder

    def _let_go(self) -> None:
        """Let go of the names of folders of runs that have ended and whose process is gone (the lock is held)."""
        for number in [
            n for n in self._held if n != self._running and (n not in self._jobs or self._jobs[n].has_ended)
        ]:
            self._held.pop(number).release()

    def _change(self, number: int, **changes: Any) -> None:
        with self._lock:
            if number in self._jobs:
                self._jobs[number] = replace(self._jobs[number], **changes)
                self.version += 1
                if number != self._running:
                    self._let_go()

    def _start_next(self) -> None:
        """Start the first run that waits, if none is on its way (the lock is held)."""
        if self._process is not None or self._is_closed:
            return
        waiting = sorted(number for number, job in self._jobs.items() if job.state == "waiting")
        if not waiting:
            return
        job = self._jobs[waiting[0]]
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=child_environment(),
                text=True,
                encoding="utf-8",
                errors="replace",
                # so that the name is held until the run ends, also if the dashboard is killed before
                pass_fds=() if os.name == "nt" else (self._held[job.number].descriptor,),
                start_new_session=True,  # Ctrl-C at the dashboard reaches it through `close` alone
            )
        except OSError as error:
            message = f"the process of the run cannot be started ({error.strerror or error})"
            self._change(job.number, state="failed", message=message)
            return
        self._running = job.number
        self._change(job.number, state="loading")
        self._follower = threading.Thread(target=self._follow, args=(job, self._process), daemon=True)
        self._follower.start()

    def _follow(self, job: Job, process: subprocess.Popen[str]) -> None:
        """Send the order, take the messages, and note how it ended."""
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        errors = process.stderr
        tail: deque[str] = deque(maxlen=_TAIL)
        reader = threading.Thread(target=lambda: tail.extend(line.rstrip() for line in errors), daemon=True)
        reader.start()
        with contextlib.suppress(OSError):
            process.stdin.write(json.dumps(_message(job)) + "\n")
            process.stdin.close()
        for line in process.stdout:
            with contextlib.suppress(ValueError, TypeError, KeyError):
                self._take(job.number, json.loads(line))
        code = process.wait()
        reader.join(_PATIENCE_S)
        process.stdout.close()
        errors.close()
        with self._lock:
            now = self._jobs.get(job.number)
            if now is not None and not now.has_ended:
                is_stopped = now.is_stopping or self._is_closed
                message = "" if is_stopped else _crash_text(code, list(tail))
                state = "stopped" if is_stopped else "failed"
                self._change(
                    job.number, state=state, message=message, ended_s=time.monotonic(), is_kept=job.folder.exists()
                )
            self._process, self._running = None, 0
            self._let_go()
            for number in sorted(n for n, j in self._jobs.items() if j.has_ended)[:-MOST_ENDED]:
                del self._jobs[number]
            self._start_next()

    def _take(self, number: int, message: dict[str, Any]) -> None:
        """Note a message of the worker."""
        state = message["state"]
        if state == "compiling":
            self._change(number, state=state, n_kernels=int(message["n_kernels"]))
        elif state == "running":
            done = int(message["done"])
            job = self.job(number)
            began_s = time.monotonic() if job is None or not job.began_s else job.began_s
            self._change(number, state=state, done=done, began_s=began_s)
        elif state == "done":
            n_steps = self._jobs[number].n_steps
            self._change(number, state=state, done=n_steps, is_kept=True, ended_s=time.monotonic())
        elif state in ("failed", "stopped"):
            is_kept = bool(message["kept"])
            self._change(
                number, state=state, message=message.get("message", ""), is_kept=is_kept, ended_s=time.monotonic()
            )


def _message(job: Job) -> dict[str, Any]:
    order = job.order
    return {
        "source": order.source,
        "start": order.start.isoformat(),
        "hours": order.hours,
        "step_s": order.step_s,
        "log_every_s": order.log_every_s,
        "overrides": order.overrides,
        "may_run_code": is_code_allowed(),
        "out": str(job.folder),
    }


def _crash_text(code: int, tail: Sequence[str]) -> str:
    """Return what to say of a process that ended without a word."""
    if code == -signal.SIGKILL:
        return (
            "the process of the run was ended by the system, as when memory runs out; log less often or a shorter span"
        )
    last = next((line for line in reversed(tail) if line.strip()), "")
    return f"the run ended unexpectedly (exit code {code})" + (f": {last}" if last else "")


def safe_name(text: str, default: str) -> str:
    """Return a name for a folder: letters, digits, ``_`` and ``-`` of the text, or the default."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", text.strip()).strip("_-")[:60]
    return name or default
