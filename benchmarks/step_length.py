"""What the length of a step and the engine change: ``python -m benchmarks.step_length [PLANT ...]``.

Prints a table of docs/gallery.md, for every bundled plant and the README's: hydrogen, electricity and money of some
days in steps of a minute beside those in steps of a second, and the starts in both; the same of a day by the compiled
loop beside the baseline, the kernels as plain Python on the equations of state. Exit code 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from h2plant.config.bundled import bundled_plants
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.jit import PACKAGE_ROOT
from h2plant.measure.measured import markdown_rows
from h2plant.results.totals import MONEY, Totals
from h2plant.session.session import ProgramRun, prepare

STEPS_S = (60, 1)
START, HOURS, ENGINE_HOURS = "2023-09-04", 168.0, 24.0
TARGET_FRAC, STARTS_TARGET_FRAC = 1.0e-3, 0.05
README_PLANT = "coast"
"""The plant of blocks that the README writes."""
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


def readme_plant(folder: Path) -> Path:
    """Write the README's plant of blocks into a folder."""
    text = (PACKAGE_ROOT.parent / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"^# {README_PLANT}\.yaml\n.*?(?=^```)", text, re.M | re.S)
    if found is None:
        raise SystemExit(f"README.md has no plant '# {README_PLANT}.yaml'")
    path = folder / f"{README_PLANT}.yaml"
    path.write_text(found.group(), encoding="utf-8")
    return path


def sums(plant: str | Path, hours: float, step_s: int = 60, engine: str = "optimized", start: str = START) -> Sums:
    """Run a plant and return what it came to."""
    scenario = changed_scenario(load_scenario(plant), hours=hours, start=start, step_s=step_s)
    run = ProgramRun(prepare(scenario)[1], engine)
    run.begin()
    run.engine.run(round(hours * 3600.0 / step_s))
    ledger = run.ledger()
    found = Totals(run.program, ledger)
    paid, earned = float(ledger.boundary_out[MONEY]), float(ledger.boundary_in[MONEY])
    return Sums(found.sum("made_kg"), found.sum("used_j"), paid, earned, found.sum("starts"))


def row(plant: str | Path, hours: float, engine_hours: float, start: str = START) -> tuple[list[str], bool]:
    """Return the row of a plant, and whether its targets are met; one start more or less always is."""
    coarse, fine = (sums(plant, hours, step_s, start=start) for step_s in STEPS_S)
    compiled, baseline = (sums(plant, engine_hours, engine=engine, start=start) for engine in ("optimized", "baseline"))
    steps, engines = coarse.off_by(fine), compiled.off_by(baseline)
    are_starts_met = abs(coarse.starts - fine.starts) <= max(STARTS_TARGET_FRAC * fine.starts, 1.0)
    is_met = max(map(abs, [*steps, *engines])) <= TARGET_FRAC and are_starts_met
    cells = [*(f"{value:+.1e}" for value in steps), f"{coarse.starts:.0f} / {fine.starts:.0f}"]
    return [Path(plant).stem, *cells, f"{max(map(abs, engines)):.0e}"], is_met


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the plants asked for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.step_length", description=__doc__)
    parser.add_argument("plants", nargs="*", help="bundled names or files; default: all bundled, and the README's")
    parser.add_argument("--start", default=START, help="first day")
    parser.add_argument("--hours", type=float, default=HOURS, help="span in both steps")
    parser.add_argument("--engine-hours", type=float, default=ENGINE_HOURS, help="span by both engines")
    given = parser.parse_args(arguments)
    rows, is_all_met = [], True
    with tempfile.TemporaryDirectory() as folder:
        for plant in given.plants or [*bundled_plants(), readme_plant(Path(folder))]:
            began = time.perf_counter()
            cells, is_met = row(plant, given.hours, given.engine_hours, given.start)
            rows.append(cells)
            is_all_met &= is_met
            taken_s = time.perf_counter() - began
            print(f"{cells[0]}: {taken_s:.0f} s{'' if is_met else ', target missed'}", file=sys.stderr)
    print(markdown_rows(["plant", *_COLUMNS, "starts, 60 s / 1 s", "engines, worst of the three"], rows))
    return 0 if is_all_met else 1


if __name__ == "__main__":
    sys.exit(main())
