"""What a point of a study over sizes waits for: its plant is read, expanded from blocks, checked and lowered."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from h2plant.config.load import read_plant
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.measure.measured import Measured
from h2plant.session.session import load_run
from h2plant.simulation.lower import lower

BLOCKS = """h2plant: 1
name: blocks
timezone: Europe/Amsterdam
series: {price_eur_per_mwh: {constant: 40}, temp_air_degc: {constant: 10}, wind_power_pu: {constant: 0.5}}
components:
  wind: {block: wind_park, capacity_mw: 20}
  grid: {block: grid, import_mw: 4, export_mw: 30}
  electrolysis: {block: alkaline_train, power_mw: 20, n_stacks: 4}
  compression: {block: compression, pressure_bar: 100}
  storage: {block: tank_park, capacity_t: 8}
  customer: {kind: hydrogen_demand, kg_per_day: 500, price_eur_per_kg: 6, penalty_eur_per_kg: 3}
  trailers: {block: trailer_station, price_eur_per_kg: 6}
  rule: {kind: demand_first}
"""
"""A plant whose number of components follows from ``n_stacks``: two for each."""


def reading() -> Iterator[Measured]:
    """Read, expand and lower plants of blocks, each time with other sizes; processor time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "blocks.yaml"
        path.write_text(BLOCKS, encoding="utf-8")
        loaded = load_run(changed_scenario(load_scenario(path), hours=24.0))
        first = 0.0
        for n_stacks in (25, 52):
            times = []
            for k in range(31):
                began = time.process_time()
                plant, _ = read_plant(path, {"electrolysis.n_stacks": n_stacks, "electrolysis.power_mw": 20 + 0.1 * k})
                assert plant is not None
                lower(plant, loaded.series, 60.0)
                times.append(1e3 * (time.process_time() - began))
            n, ms = len(plant.components), statistics.median(times)
            yield Measured(f"200 components, by a plant of {n}", 200.0 * ms / n, "ms", 60.0)
            if first:
                yield Measured("growth of a component, over that of the smaller", ms / n / first, "ratio", 1.25)
            first = ms / n
