"""The year of the compiled engine against that of the baseline, and against the times of the specification."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from h2plant.config.scenario import Scenario
from h2plant.core.constants import DAY_S
from h2plant.measure.bench.figures import CommandRun, loop_s, n_steps, run_command, timed
from h2plant.measure.measured import Measured
from h2plant.results.summary import totals
from h2plant.session.session import ProgramRun, prepare
from h2plant.simulation.engine import Snapshot, restore, snapshot
from h2plant.simulation.program import Program, copy_program

SPECIFIED_H = (24.0, 4.0, 2.5, 1.0)
"""Times of a year that the specification names, h: where it starts from, and its three goals."""
SPEED_UP_TARGET = 1000.0
ACCURACY_TARGET = 1.0e-3
YEAR_H = 8760.0


@dataclass(frozen=True)
class Comparison:
    """Times of a year, s; shorter scenarios are extrapolated by their hours.

    Attributes
    ----------
    baseline_s, baseline_error_s
        Processor time, from the mean of the days measured, and the standard error of that.
    loop_s
        Processor time of the compiled loop.
    command_wall_s, command_processor_s
        The whole command, ``h2plant run``, in a process of its own, warm.
    peak_mb
        Its peak memory.
    n_days, n_steps_of_days
        Days that the baseline ran, and steps of each.
    is_whole_year
        Whether the compiled year was measured whole.
    error_frac, error_of
        Largest relative difference of a total between the engines over the days measured, and which total.
    """

    baseline_s: float
    baseline_error_s: float
    loop_s: float
    command_wall_s: float
    command_processor_s: float
    peak_mb: float
    n_days: int
    n_steps_of_days: int
    is_whole_year: bool
    error_frac: float
    error_of: str

    @property
    def speed_up(self) -> float:
        """Baseline over compiled loop, both in processor time."""
        return self.baseline_s / self.loop_s

    def rows(self) -> list[list[str]]:
        """Return the table: one row of text per way to run the year."""
        ways = (
            (f"baseline, from {self.n_days} days", self.baseline_s),
            ("compiled loop, processor time", self.loop_s),
            ("whole command, processor time", self.command_processor_s),
            ("whole command, wall clock", self.command_wall_s),
        )
        return [
            [name, duration(s), *(f"{3600.0 * h / s:,.4g} x" for h in SPECIFIED_H), f"{self.baseline_s / s:,.4g} x"]
            for name, s in ways
        ]

    def figures(self) -> list[Measured]:
        """Return the figures that have bars."""
        hours = self.command_wall_s / 3600.0
        return [
            Measured("speed-up, compiled loop against baseline", self.speed_up, "times", SPEED_UP_TARGET, ">="),
            Measured(f"largest difference of a total ({self.error_of})", self.error_frac, "relative", ACCURACY_TARGET),
            *(Measured(f"year, whole command, against {h:g} h", hours, "h", h) for h in SPECIFIED_H),
        ]


HEADING = ["a year of minutes", "takes", *(f"{h:g} h over it" for h in SPECIFIED_H), "baseline over it"]


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    if seconds >= 3600.0:
        return f"{seconds / 3600.0:.3g} h"
    return f"{seconds / 60.0:.3g} min" if seconds >= 120.0 else f"{seconds:.3g} s"


def compare(
    scenario: Scenario, arguments: list[str], n_days: int, on_progress: Callable[[str], None] = lambda _: None
) -> Comparison:
    """Measure the compiled year, and the baseline on days sampled evenly over it.

    Each day of the baseline starts from the state that the compiled engine has at its midnight.

    Parameters
    ----------
    scenario, arguments
        What is run, and the same as arguments of ``h2plant run``.
    n_days
        Days of the baseline.
    on_progress
        Takes a line about what is done now.
    """
    _, program = prepare(scenario)
    n = n_steps(scenario)
    to_year = YEAR_H / scenario.hours
    steps_a_day = max(1, min(round(DAY_S / scenario.step_s), n))
    days_in_all = max(1, n // steps_a_day)
    n_days = min(n_days, days_in_all)
    chosen = sorted({int((k + 0.5) * days_in_all / n_days) for k in range(n_days)})
    on_progress("the compiled year")
    year_s = statistics.median(loop_s(copy_program(program), n) for _ in range(3))
    midnights = _midnights(copy_program(program), chosen, steps_a_day)
    loading = ProgramRun(copy_program(program), "baseline")
    loading.begin()
    loading.engine.run(min(2, n))  # CoolProp loads its fluids
    per_step: list[float] = []
    sums: dict[str, list[float]] = {}
    for k, day in enumerate(chosen):
        on_progress(f"baseline, day {k + 1} of {len(chosen)}")
        for place, name in enumerate(("optimized", "baseline")):
            seconds, found = _day(copy_program(program), name, midnights[day], steps_a_day)
            if name == "baseline":
                per_step.append(seconds / steps_a_day)
            for total, value in found.items():
                sums.setdefault(total, [0.0, 0.0])[place] += value
    errors = {name: abs(fast - slow) / abs(slow) for name, (fast, slow) in sums.items() if slow != 0.0}
    worst = max(errors, key=errors.__getitem__, default="none")
    on_progress("the whole command")
    run_command(None, *arguments)  # whatever is missing compiles here
    commands: list[CommandRun] = [run_command(None, *arguments) for _ in range(3)]
    year_steps = n * to_year
    error = statistics.stdev(per_step) / len(per_step) ** 0.5 if len(per_step) > 1 else float("nan")
    beyond = [(c.wall_s - c.performance["loop_s"], c.processor_s - c.performance["loop_cpu_s"]) for c in commands]
    whole = [(c.performance["loop_s"], c.performance["loop_cpu_s"]) for c in commands]
    wall, processor = (
        statistics.median(b[i] + w[i] * to_year for b, w in zip(beyond, whole, strict=True)) for i in range(2)
    )
    return Comparison(
        statistics.fmean(per_step) * year_steps,
        error * year_steps,
        year_s * to_year,
        wall,
        processor,
        max(c.peak_mb for c in commands),
        len(chosen),
        steps_a_day,
        to_year <= 1.0,
        errors.get(worst, 0.0),
        worst,
    )


def _midnights(program: Program, days: list[int], steps_a_day: int) -> dict[int, Snapshot]:
    """Run the compiled engine; returns its state at the start of the days asked for."""
    run = ProgramRun(program)
    run.begin()
    kept = {}
    for day in range(max(days) + 1):
        if day in days:
            kept[day] = snapshot(program)
        run.engine.run(steps_a_day)
    return kept


def _day(program: Program, engine_name: str, start: Snapshot, n: int) -> tuple[float, dict[str, float]]:
    """Run a day with an engine; returns its processor time, s, and its totals."""
    restore(program, start)
    run = ProgramRun(program, engine_name)
    run.open_balances()
    seconds = timed(lambda: run.engine.run(n))
    return seconds, totals(program, run.ledger())
