"""What steps of a minute change against steps of a second, for each plant: ``python -m benchmarks.step_length``.

Each bundled plant, and that of the README, runs for some days at both steps. Printed is by how much hydrogen, energy,
money and starts differ, beside what they may.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from h2plant.config.bundled import bundled_plants
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.jit import PACKAGE_ROOT
from h2plant.measure.measured import markdown_rows
from h2plant.session.session import load_run
from h2plant.studies.compare.outcome import outcome_of

README_PLANT = "coast"
"""The plant of blocks that the README writes."""
MOST_FRAC = 0.001
"""By how much hydrogen, energy and money may differ."""
MOST_STARTS_FRAC = 0.05
"""By how much the starts of a technology may; one start may always."""


class Run(NamedTuple):
    """What a run came to."""

    hydrogen_kg: float
    sold_kg: float
    used_mwh: float
    bought_mwh: float
    earned_eur: float
    turnover_eur: float
    starts: Mapping[str, float]
    taken_s: float


class Difference(NamedTuple):
    """By how much the run of the longer step differs, as shares; starts by technology, as numbers."""

    hydrogen: float
    sold: float
    used: float
    bought: float
    money: float
    starts: Mapping[str, tuple[float, float]]

    def shares(self) -> tuple[float, ...]:
        """Return those that must not be above ``MOST_FRAC``."""
        return self.hydrogen, self.sold, self.used, self.bought, self.money

    @property
    def is_met(self) -> bool:
        """Whether all is within what it may be."""
        starts = all(abs(a - b) <= max(1.0, MOST_STARTS_FRAC * b) for a, b in self.starts.values())
        return starts and all(abs(share) <= MOST_FRAC for share in self.shares())


def readme_plant(folder: Path) -> Path:
    """Write the README's plant of blocks into a folder."""
    text = (PACKAGE_ROOT.parent / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"^# {README_PLANT}\.yaml\n.*?(?=^```)", text, re.M | re.S)
    if found is None:
        raise SystemExit(f"README.md has no plant '# {README_PLANT}.yaml'")
    path = folder / f"{README_PLANT}.yaml"
    path.write_text(found.group(), encoding="utf-8")
    return path


def run_at(plant: str | Path, step_s: int, hours: float, start: str) -> Run:
    """Run a plant; nothing is written."""
    scenario = changed_scenario(load_scenario(plant), hours=hours, start=start, step_s=step_s)
    began = time.process_time()
    figures = outcome_of(load_run(scenario)).figures
    return as_run(figures, time.process_time() - began)


def as_run(figures: Mapping[str, Any], taken_s: float) -> Run:
    """Return what is compared of the key figures of a run."""

    def of(name: str) -> float:
        return float(figures.get(name) or 0.0)

    earned, paid = of("hydrogen_revenue_eur"), of("electricity_net_cost_eur")
    starts = {key.removeprefix("starts_"): float(n) for key, n in figures.items() if key.startswith("starts_")}
    return Run(
        of("hydrogen_made_kg"),
        of("hydrogen_sold_kg"),
        of("electricity_used_mwh"),
        of("import_mwh") - of("export_mwh"),
        earned - paid,
        abs(earned) + abs(paid),
        starts,
        taken_s,
    )


def difference(run: Run, exact: Run) -> Difference:
    """Return by how much a run differs from that with the shorter step.

    What is bought, less what is sold, by the energy used; money by all that is earned and paid.
    """

    def share(value: float, wanted: float, of: float) -> float:
        return (value - wanted) / of if of else 0.0

    return Difference(
        share(run.hydrogen_kg, exact.hydrogen_kg, exact.hydrogen_kg),
        share(run.sold_kg, exact.sold_kg, exact.sold_kg),
        share(run.used_mwh, exact.used_mwh, exact.used_mwh),
        share(run.bought_mwh, exact.bought_mwh, exact.used_mwh),
        share(run.earned_eur, exact.earned_eur, exact.turnover_eur),
        {key: (run.starts.get(key, 0.0), n) for key, n in exact.starts.items()},
    )


def row(name: str, found: Difference) -> list[str]:
    """Return the line of the table of a plant."""
    starts = ", ".join(f"{key} {a:,.0f} for {b:,.0f}" for key, (a, b) in found.starts.items())
    return [name, *(f"{100.0 * share:+.3f} %" for share in found.shares()), starts, "met" if found.is_met else "MISSED"]


HEAD = ["plant", "hydrogen made", "sold", "energy used", "bought less sold", "money", "starts", ""]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the plants and print the table; returns 1 where a difference is larger than it may be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.step_length", description=__doc__)
    parser.add_argument("plants", nargs="*", help="bundled names or files (default: all bundled, and the README's)")
    parser.add_argument("--days", type=float, default=10.0, help="length of each run")
    parser.add_argument("--starts", nargs="+", default=["2023-01-10", "2023-06-10"], help="first days of the runs")
    parser.add_argument("--step-s", type=int, default=60, help="the longer step")
    parser.add_argument("--exact-step-s", type=int, default=1, help="the step that it is held against")
    chosen = parser.parse_args(arguments)
    is_met, rows = True, []
    with tempfile.TemporaryDirectory() as folder:
        plants: list[str | Path] = [*chosen.plants] or [*bundled_plants(), readme_plant(Path(folder))]
        for plant in plants:
            for start in chosen.starts:
                exact, run = (
                    run_at(plant, step, 24.0 * chosen.days, start) for step in (chosen.exact_step_s, chosen.step_s)
                )
                found = difference(run, exact)
                is_met = is_met and found.is_met
                rows.append(row(f"{Path(plant).stem}, {start}", found))
                print(f"{rows[-1][0]}: {exact.taken_s:.0f} s", file=sys.stderr)
    shares = f"{100 * MOST_FRAC:g} %, starts {100 * MOST_STARTS_FRAC:g} % or one"
    print(f"{chosen.days:g} days, {chosen.step_s} s less {chosen.exact_step_s} s; at most {shares}\n")
    print(markdown_rows(HEAD, rows))
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
