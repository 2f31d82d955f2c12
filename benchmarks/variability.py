"""What minutes of wind change over a year of the bundled plant: ``python -m benchmarks.variability``.

Prints the table of docs/variability.md: the bundled year with its hourly wind as it is, and with turbulence added.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import h2plant
from h2plant.config.bundled import series_file
from h2plant.config.series_reader import load_series
from h2plant.measure.measured import markdown_rows
from h2plant.plant.series_spec import SeriesSpec
from h2plant.plant.variability import Variability

_TURBULENCE = "variability: {{kind: turbulence, seed: {}, n_turbines: {}}}"
CASES = {
    "hours joined by lines, as bundled": "mode: linear",
    "with turbulence of 3 turbines, seed 1": f"mode: linear, {_TURBULENCE.format(1, 3)}",
    "seed 2": f"mode: linear, {_TURBULENCE.format(2, 3)}",
    "seed 3": f"mode: linear, {_TURBULENCE.format(3, 3)}",
    "with turbulence of 30 turbines, seed 1": f"mode: linear, {_TURBULENCE.format(1, 30)}",
    "hours held": "mode: hold",
    "hours held, with turbulence of 3 turbines, seed 1": f"mode: hold, {_TURBULENCE.format(1, 3)}",
}
_UP = "{0}.min_up_min: 60, {0}.line_min_up_min: 60, {0}.start_margin_ratio: 3"
CHANGED = "with turbulence of 3 turbines, seed 1; runs of an hour at least, started at three times the least power"
CASES[CHANGED] = f"mode: linear, {_TURBULENCE.format(1, 3)}"
CHANGES = {CHANGED: ", ".join(_UP.format(line) for line in ("pem_line", "soec_line"))}
"""Parameters of the plant that a case changes."""

FIGURES = {
    "starts, PEM stacks": ("starts_pem", "{:,.0f}", 1.0),
    "starts, SOEC modules": ("starts_soec", "{:,.0f}", 1.0),
    "hydrogen, t": ("hydrogen_made_kg", "{:,.1f}", 1e-3),
    "electricity used, GWh": ("electricity_used_mwh", "{:,.2f}", 1e-3),
    "imbalance, MWh": ("imbalance_mwh", "{:,.0f}", 1.0),
    "cost, EUR/kg": ("hydrogen_cost_eur_per_kg", "{:.3f}", 1.0),
}


def main() -> None:
    """Run the cases and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.variability", description=__doc__)
    parser.add_argument("--hours", type=int, default=8760, help="length of each run, h")
    hours = parser.parse_args().hours
    print(f"a year of hourly wind: {_reading_s():.2f} s of processor time more to read with turbulence")
    rows = []
    for name, how in CASES.items():
        began = time.perf_counter()
        rows.append([name, *_figures(how, CHANGES.get(name, ""), hours)])
        print(f"{name}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
    print(markdown_rows(["wind", *FIGURES], rows))


def _reading_s() -> float:
    """Return what turbulence adds to the processor time of reading a year of hourly wind, s: the least of five."""
    plain = SeriesSpec("wind_power_pu", file=series_file("nl_2023", Path()), column="wind_power_pu", mode="linear")
    gusty = replace(plain, variability=Variability("turbulence", seed=1, n_turbines=3))
    taken = []
    for spec in (plain, gusty):
        turns = []
        for _ in range(5):
            began = time.process_time()
            load_series({spec.name: spec}, datetime(2023, 1, 1, tzinfo=UTC), 8760 * 3600)
            turns.append(time.process_time() - began)
        taken.append(min(turns))
    return taken[1] - taken[0]


def _figures(how: str, changes: str, hours: int) -> list[str]:
    """Return the figures of a run of the bundled plant, its wind read as an entry says."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = Path(folder) / "gusty.yaml"
        span = f"start: 2023-01-01\nhours: {hours}\nstep_s: 60\nlog_every_h: 1"
        wind = f"wind_power_pu: {{file: nl_2023, {how}}}"
        text = f"h2plant: 1\nname: gusty\nplant: dual_path\n{span}\nseries:\n  {wind}\nset: {{{changes}}}\n"
        scenario.write_text(text, encoding="utf-8")
        found = h2plant.run(scenario, out=Path(folder) / "results").summary["key_figures"]
    return [text.format(found[figure] * factor) for figure, text, factor in FIGURES.values()]


if __name__ == "__main__":
    main()
