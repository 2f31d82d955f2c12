"""What frost costs: ``python -m benchmarks.frost`` runs the bundled plants over years moved by some kelvin.

Prints the tables of docs/frost.md: electricity that keeps water from freezing and what it costs, beside the hydrogen
made, with trace heating added to either plant.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from h2plant.config.bundled import PLANTS
from h2plant.measure.measured import markdown_rows
from h2plant.results.totals import Totals
from h2plant.session.session import Session

SHIFTS_K = (0.0, -5.0, -10.0, -15.0, 10.0)
_SAMPLE_STEPS = 30
_J_PER_MWH = 3.6e9
_FEE_EUR_PER_MWH = 10.0
PLANT = {
    "dual_path": (
        "{kind: trace_heating, loss_w_per_k: 800, power_max_kw: 30}",
        "auxiliary_transformer.loads",
        range(1, 6),
    ),
    "minimal": ("{kind: trace_heating}", "bus.consumers", ()),
}
"""Trace heating added, what feeds it, numbers of the stacks."""
PORTS = (
    "ultrapure_tank.power",
    "pem_deoxidiser.frost_power",
    "soec_deoxidiser.frost_power",
    "thermal_manager.frost_power",
)


def with_tracing(plant: str, folder: Path) -> Path:
    """Write a bundled plant with trace heating of its pipes and drums, and return the file."""
    heating, feeder, _ = PLANT[plant]
    text = (PLANTS / f"{plant}.yaml").read_text(encoding="utf-8")
    text = text.replace("\nlinks:\n", f"\n  tracing: {heating}\n\nlinks:\n  - {feeder} -> tracing.power\n", 1)
    file = folder / f"{plant}.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def figures(plant: str, shift_k: float, hours: float) -> list[str]:
    """Run a year moved by some kelvin; returns the cells of its row."""
    with tempfile.TemporaryDirectory() as folder:
        session = Session(with_tracing(plant, Path(folder)), start="2023-01-01", hours=hours, step_s=60)
        arrays = session.program.arrays
        for first, count in zip(arrays.series_first.tolist(), arrays.series_count.tolist(), strict=True):
            values = arrays.series_values[first : first + count]
            if 200.0 < values.min() and values.max() < 330.0:
                values += shift_k
                coldest_k = float(values.min())
        stacks = [f"pem_{k}" for k in PLANT[plant][2]] or ["stack"]
        ports = [port for port in PORTS if port in session.program.slot_index]
        slots = [session.program.slot_index[port] for port in [*ports, "tracing.power"]]
        price_slot = session.program.slot_index["grid.price"]
        stacks_j = cost_eur = 0.0
        while session.step_number < session.n_steps:
            session.step(min(_SAMPLE_STEPS, session.n_steps - session.step_number))
            span_s = 60.0 * _SAMPLE_STEPS
            heaters_w = sum(session.value(f"{stack}.heater_w") for stack in stacks)
            power_w = heaters_w + float(sum(arrays.bus[slot] for slot in slots))
            stacks_j += heaters_w * span_s
            price = float(arrays.bus[price_slot]) * _J_PER_MWH
            cost_eur += power_w * span_s / _J_PER_MWH * (price + _FEE_EUR_PER_MWH)
        totals = Totals(session.program, session.ledger(), session.plant)
        hydrogen_kg = totals.sum("made_kg")
        tank_j, beds_j, store_j = 0.0, 0.0, 0.0
        for port in ports:
            component, name = port.split(".")
            energy_j = totals.port(totals.place_of(component), name)
            tank_j += energy_j if component == "ultrapure_tank" else 0.0
            beds_j += energy_j if "deoxidiser" in component else 0.0
            store_j += energy_j if component == "thermal_manager" else 0.0
        tracing_j = totals.port(totals.place_of("tracing"), "power")
        all_j = stacks_j + tank_j + beds_j + store_j + tracing_j
        levelised = session.economics().appraisal.closed_form_eur_per_kg
    return [
        f"{shift_k:+.0f}",
        f"{coldest_k - 273.15:.1f}",
        *(f"{one / _J_PER_MWH:.2f}" for one in (tracing_j, stacks_j, tank_j, beds_j + store_j, all_j)),
        f"{hydrogen_kg / 1000.0:.1f}",
        f"{cost_eur / max(hydrogen_kg, 1.0e-9):.5f}",
        f"{levelised:.3f}" if levelised is not None else "",
    ]


def main() -> None:
    """Run both plants over all years and print a table of each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.frost", description=__doc__)
    parser.add_argument("--hours", type=float, default=8760.0, help="span of each run (default: a year)")
    hours = parser.parse_args().hours
    heads = [
        "K",
        "coldest, °C",
        "tracing, MWh",
        "stacks",
        "tank",
        "beds, buffer",
        "all",
        "H2, t",
        "frost, EUR/kg",
        "cost, EUR/kg",
    ]
    for plant in PLANT:
        print(f"{plant}\n")
        print(markdown_rows(heads, [figures(plant, shift_k, hours) for shift_k in SHIFTS_K]))
        print()


if __name__ == "__main__":
    main()
