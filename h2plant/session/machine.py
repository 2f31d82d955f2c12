"""What tells one machine from another, without naming it or its user; the memory that a process took."""

from __future__ import annotations

import contextlib
import functools
import os
import platform
import sys
from pathlib import Path
from typing import NamedTuple


class Machine(NamedTuple):
    """A machine as far as it decides how fast a run is: model of the processor, number of cores, system."""

    cpu: str
    n_cores: int
    system: str


@functools.cache
def this_machine() -> Machine:
    """Return the machine that this process runs on; no host name, no user name, no path."""
    return Machine(_cpu(), os.cpu_count() or 1, f"{platform.system()} {platform.machine()}")


def _cpu() -> str:
    if sys.platform.startswith("linux"):
        try:
            text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        except OSError:
            text = ""
        entries = dict(line.split(":", 1) for line in reversed(text.splitlines()) if ":" in line)
        entries = {key.strip(): value.strip() for key, value in entries.items()}
        arm = " ".join(entries[key] for key in ("CPU implementer", "CPU part") if key in entries)
        return entries.get("model name") or entries.get("Model") or arm or platform.machine()
    if sys.platform == "darwin":
        import subprocess

        command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=2.0, check=False)
        except (OSError, subprocess.SubprocessError):
            return platform.machine()
        return done.stdout.strip() or platform.machine()
    return os.environ.get("PROCESSOR_IDENTIFIER") or platform.processor() or platform.machine()


def peak_memory_mb() -> float:
    """Return the peak resident memory of this process, MB (NaN where the system does not tell)."""
    with contextlib.suppress(
        OSError, StopIteration, ValueError
    ):  # Linux; getrusage counts the starting process as well
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) * 1.024e-3
    try:
        import resource
    except ImportError:
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1e-6 if sys.platform == "darwin" else 1.024e-3)
