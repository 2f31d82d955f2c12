"""A run in a process of its own: reads an order from standard input, tells how far it is in lines of JSON.

``python -m h2plant.dashboard.worker``; the dashboard starts it. An interrupt (Ctrl-C, SIGTERM) ends the run and keeps
what was done; so does the end of the dashboard.
"""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import sys
import time
from typing import IO, Any

_LEAST_S = 0.1
"""Least time between two messages on progress."""


class Teller:
    """Writes messages, one line of JSON each, to the dashboard."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._reported_s = 0.0

    def tell(self, **message: Any) -> None:
        """Write a message; where nobody listens any more, the run ends like one that was interrupted."""
        try:
            print(json.dumps(message), file=self._out, flush=True)
        except (BrokenPipeError, ValueError):
            raise KeyboardInterrupt from None

    def progress(self, done: int) -> None:
        """Tell the number of steps done, not too often."""
        now = time.monotonic()
        if done == 0 or now - self._reported_s >= _LEAST_S:
            self._reported_s = now
            self.tell(state="running", done=done)


def run(order: dict[str, Any], teller: Teller) -> int:
    """Make the run of an order and tell how it ended; returns the exit code, as the command line has it."""
    from h2plant.config.scenario import changed_scenario, load_scenario
    from h2plant.core.error import UserError, reason_of
    from h2plant.session.execution import execute
    from h2plant.simulation.engine import SimulationFailure
    from h2plant.simulation.program import Program
    from h2plant.simulation.warm_up import missing_kernels

    def ready(program: Program) -> None:
        teller.tell(state="compiling", n_kernels=len(missing_kernels(program)), n_components=program.n_components)

    try:
        scenario = changed_scenario(
            dataclasses.replace(load_scenario(order["source"]), may_run_code=order["may_run_code"]),
            hours=order["hours"],
            start=order["start"],
            step_s=order["step_s"],
            log_every_s=order["log_every_s"],
        )
        scenario = dataclasses.replace(scenario, overrides=order["overrides"])
        execute(scenario, "optimized", order["out"], teller.progress, ready, is_held=True)  # by the dashboard
    except KeyboardInterrupt as stop:
        teller.tell(state="stopped", kept=getattr(stop, "folder", None) is not None)
        return 130
    except SimulationFailure as failure:
        teller.tell(state="failed", message=str(failure), kept=getattr(failure, "folder", None) is not None)
        return 1
    except UserError as error:
        teller.tell(state="failed", message=str(error), kept=False)
        return 2
    except Exception as error:  # a fault of the program in the midst of a run
        teller.tell(state="failed", message=reason_of(error), kept=getattr(error, "folder", None) is not None)
        return 1
    teller.tell(state="done")
    return 0


def main() -> int:
    """Take the order, keep what the run prints away from the messages, and run."""
    from h2plant.core.hang import end_if_code_hangs

    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the dashboard itself ignores it
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    end_if_code_hangs()
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        teller = Teller(out)
        try:
            return run(json.loads(sys.stdin.readline()), teller)
        except KeyboardInterrupt:
            return 130


if __name__ == "__main__":
    sys.exit(main())
