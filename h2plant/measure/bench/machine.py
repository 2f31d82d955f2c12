"""What a timing has to know of the machine: cores, and what other programs take of them."""

from __future__ import annotations

import contextlib
import os
import platform
import threading
from pathlib import Path

from h2plant.core.jit import IS_JIT_DISABLED
from h2plant.plant.finding import Finding, PlantError
from h2plant.simulation.warm_up import available_cores


def require_compiler() -> None:
    """Raise a PlantError where kernels are not compiled: no timing means anything then."""
    if IS_JIT_DISABLED:
        what = "H2PLANT_DISABLE_JIT is set, and timings without the compiler say nothing"
        raise PlantError([Finding("no-compiler", "environment", what, "unset H2PLANT_DISABLE_JIT and try again")])


def waited_s() -> float:
    """Return how long this thread has been ready to run while other programs had its core, s (0 if untold).

    Linux only (``/proc/thread-self/schedstat``); elsewhere timings hold what others took.
    """
    with contextlib.suppress(OSError, ValueError, IndexError):
        path = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        return int(path.read_text(encoding="ascii").split()[1]) * 1e-9
    return 0.0


def describe() -> str:
    """Return the machine in a few words: kind, system, usable cores, load."""
    cores = available_cores()
    text = f"{platform.machine()} {platform.system()}, {cores} usable {'core' if cores == 1 else 'cores'}"
    with contextlib.suppress(OSError, AttributeError):
        text += f", load {os.getloadavg()[0]:.1f}"
    return f"{text}, Python {platform.python_version()}"
