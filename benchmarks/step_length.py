"""What the length of a step and the engine change: ``python -m benchmarks.step_length [PLANT ...]``.

Prints a table of docs/gallery.md: hydrogen, electricity and money of some days in steps of a minute beside those in
steps of a second, and the starts in both; the same of a day by the compiled loop beside the baseline, the kernels as
plain Python on the equations of state. Exit code 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

from docs.gallery_pictures import PLANTS
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.measure.measured import markdown_rows
from h2plant.results.totals import MONEY, Totals
from h2plant.session.session import ProgramRun, prepare

STEPS_S = (60, 1)
START, HOURS, ENGINE_HOURS = "2023-09-04", 168.0, 24.0
TARGET_FRAC, STARTS_TARGET_FRAC = 1.0e-3, 0.05
_COLUMNS = ("hydrogen", "electricity", "money")


class Sums(NamedTuple):
    """What a run came to: hydrogen made, kg; electricity used, J; paid and earned, EUR; starts of all stacks."""

    hydrogen_kg: float
    electricity_j: float
    paid_eur: float
    earned_eur: float
    starts: float

    def off_by(self, reference: Sums) -> list[float]:
        """Return the relative differences of hydrogen, electricity and money: of what is left, by the larger part."""
        net, turnover = reference.paid_eur - reference.earned_eur, max(reference.paid_eur, reference.earned_eur)
        return [
            (self.hydrogen_kg - reference.hydrogen_kg) / (reference.hydrogen_kg or 1.0),
            (self.electricity_j - reference.electricity_j) / (reference.electricity_j or 1.0),
            (self.paid_eur - self.earned_eur - net) / (turnover or 1.0),
        ]


def sums(plant: str, hours: float, step_s: int = 60, engine: str = "optimized") -> Sums:
    """Run a bundled plant and return what it came to."""
    scenario = changed_scenario(load_scenario(plant), hours=hours, start=START, step_s=step_s)
    run = ProgramRun(prepare(scenario)[1], engine)
    run.begin()
    run.engine.run(round(hours * 3600.0 / step_s))
    ledger = run.ledger()
    found = Totals(run.program, ledger)
    paid, earned = float(ledger.boundary_out[MONEY]), float(ledger.boundary_in[MONEY])
    return Sums(found.sum("made_kg"), found.sum("used_j"), paid, earned, found.sum("starts"))


def row(plant: str, hours: float, engine_hours: float) -> tuple[list[str], bool]:
    """Return the row of a plant, and whether its targets are met."""
    coarse, fine = (sums(plant, hours, step_s) for step_s in STEPS_S)
    compiled, baseline = (sums(plant, engine_hours, engine=engine) for engine in ("optimized", "baseline"))
    steps, engines = coarse.off_by(fine), compiled.off_by(baseline)
    starts = abs(coarse.starts - fine.starts) / max(fine.starts, 1.0)
    is_met = max(map(abs, [*steps, *engines])) <= TARGET_FRAC and starts <= STARTS_TARGET_FRAC
    cells = [*(f"{value:+.1e}" for value in steps), f"{coarse.starts:.0f} / {fine.starts:.0f}"]
    return [plant, *cells, f"{max(map(abs, engines)):.0e}"], is_met


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the plants asked for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.step_length", description=__doc__)
    parser.add_argument("plants", nargs="*", default=list(PLANTS), help="bundled plants; default: the gallery's")
    parser.add_argument("--hours", type=float, default=HOURS, help="span in both steps")
    parser.add_argument("--engine-hours", type=float, default=ENGINE_HOURS, help="span by both engines")
    given = parser.parse_args(arguments)
    rows, is_all_met = [], True
    for plant in given.plants:
        began = time.perf_counter()
        cells, is_met = row(plant, given.hours, given.engine_hours)
        rows.append(cells)
        is_all_met &= is_met
        print(f"{plant}: {time.perf_counter() - began:.0f} s{'' if is_met else ', target missed'}", file=sys.stderr)
    print(markdown_rows(["plant", *_COLUMNS, "starts, 60 s / 1 s", "engines, worst of the three"], rows))
    return 0 if is_all_met else 1


if __name__ == "__main__":
    sys.exit(main())
