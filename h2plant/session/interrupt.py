"""Ctrl-C in the midst of a run: what was done is kept, whole."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

from h2plant.simulation.engine import Engine

_STOPPING = ("SIGINT", "SIGTERM", "SIGHUP")


def _is_ignored(number: signal.Signals) -> bool:
    """Whether a run is to go on without its terminal, as under ``nohup``."""
    return number.name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN


class StopAtOnce(KeyboardInterrupt):
    """Ctrl-C while compiling, or for the second time: nothing is kept."""


class Interrupts:
    """Lets Ctrl-C (or SIGTERM, or SIGHUP) end the run between two slices and keep what was done, whole.

    Once ``is_deferred``, the first one is only noted; before that, and the second time, it acts at once.
    """

    def __init__(self, engine: Engine) -> None:
        self.is_deferred = False
        self._engine = engine
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            numbers = (getattr(signal, name, None) for name in _STOPPING)
            wanted = [number for number in numbers if number is not None and not _is_ignored(number)]
            self._before = {number: signal.signal(number, self._stop) for number in wanted}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def defer(self, work: Callable[[], object]) -> None:
        """Do a piece of work that must not be interrupted; Ctrl-C acts after it."""
        self.is_deferred = True
        work()
        self.is_deferred = False
        if self._engine.is_stop_requested:
            raise StopAtOnce

    def _stop(self, _signal: int, _frame: object) -> None:
        if not self.is_deferred or self._engine.is_stop_requested:
            raise StopAtOnce
        self._engine.is_stop_requested = True
