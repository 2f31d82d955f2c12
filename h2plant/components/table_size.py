"""What a supplier's table cannot be: loads out of order, energies below the heat of reaction, two columns for one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from h2plant.components.pem_mode import RESTART_LEVEL
from h2plant.core.declare import Contradiction

N_POINTS = 12
"""Points that a table may have."""
KWH_PER_KG = 3.6e6
"""J/kg."""
HEAT_OF_REACTION_J_PER_KG = 141.8e6
"""Heat that splitting liquid water at 25 C takes in, per kilogram of hydrogen (its higher heating value, CODATA)."""

_MAY_LACK = 1.0e-6


def table_contradictions(values: Mapping[str, float]) -> Iterator[Contradiction]:
    """Yield what is wrong with the table, and with limits and water beside it."""
    loads = [values[f"table_load_{i + 1}_frac"] for i in range(N_POINTS)]
    n = next((i for i in range(1, N_POINTS) if loads[i] == loads[i - 1] == loads[-1]), N_POINTS)
    for i in range(1, n):
        if not loads[i] > loads[i - 1]:
            what = f"point {i + 1} of the table is at load {loads[i]:g}, the one before at {loads[i - 1]:g}"
            yield Contradiction(f"table_load_{i + 1}_frac", what, "write the points by rising load, each load once")
            return
    if loads[n - 1] < 1.0 - _MAY_LACK:
        what = f"the table ends at load {loads[n - 1]:g}, and the power rises to load 1"
        yield Contradiction(f"table_load_{n}_frac", what, "end it at 1, or rate the power at the table's end")
    if loads[0] > values["min_load_frac"] + _MAY_LACK:
        what = f"the smallest load is {values['min_load_frac']:g}, and the table begins at {loads[0]:g}"
        yield Contradiction("min_load_frac", what, "raise it, or add a point to the table")
    yield from _energies(values, loads, n)
    for name, mode in (("standby_power_w", "standby"), ("off_power_w", "rest")):
        if values[name] > values["rated_power_w"]:
            what = f"{mode} takes {values[name]:g} W, and the rated power is {values['rated_power_w']:g} W"
            yield Contradiction(name, what, "lower it")
    needed_kg = RESTART_LEVEL * values["water_trip_kg"]
    if values["water_setpoint_kg"] < needed_kg:
        what = f"it never starts: its water is kept at {values['water_setpoint_kg']:g} kg, and it starts from "
        what += f"{needed_kg:g} kg on, {RESTART_LEVEL:g} times 'water_trip_kg'"
        yield Contradiction("water_setpoint_kg", what, "raise it, or lower 'water_trip_kg'")
    if values["water_capacity_kg"] < values["water_setpoint_kg"]:
        what = f"it holds {values['water_capacity_kg']:g} kg of water at most, and is to be kept at "
        what += f"{values['water_setpoint_kg']:g} kg"
        yield Contradiction("water_capacity_kg", what, "raise it, or lower 'water_setpoint_kg'")


def _energies(values: Mapping[str, float], loads: list[float], n: int) -> Iterator[Contradiction]:
    """Yield what is wrong with the energy per hydrogen at the points, at the port."""
    flows = [values[f"table_hydrogen_{i + 1}_kg_per_s"] for i in range(n)]
    if any(flows) and not all(flows):
        i = flows.index(0.0)
        what = f"point {i + 1} of the table, load {loads[i]:g}, has no hydrogen, and others have"
        yield Contradiction(f"table_hydrogen_{i + 1}_kg_per_s", what, "give it at all points, or none and the energy")
        return
    for i in range(n):
        energy = values[f"table_energy_{i + 1}_j_per_kg"] * values["conversion_frac"]
        name, by = f"table_energy_{i + 1}_j_per_kg", ""
        if flows[i] > 0.0:
            energy = loads[i] * values["rated_power_w"] / flows[i]
            name, by = f"table_hydrogen_{i + 1}_kg_per_s", f" ({flows[i] * 3600.0:.4g} kg/h)"
        if energy < HEAT_OF_REACTION_J_PER_KG:
            what = (
                f"point {i + 1} of the table, load {loads[i]:g}{by}, takes {energy / KWH_PER_KG:.4g} kWh/kg, less than "
                f"the heat of reaction, {HEAT_OF_REACTION_J_PER_KG / KWH_PER_KG:.4g} kWh/kg"
            )
            yield Contradiction(name, what, "give energy per kilogram at the port, kWh/Nm3 times 11.126")
            return
