"""Sizes of a PEM stack that cannot hold together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import SimpleNamespace

import numpy as np

from h2plant.components.pem_mode import RESTART_LEVEL
from h2plant.core.declare import Contradiction

_LEAST_VOLTAGE_V = 1.4  # no cell carries its largest current below it
_SMALL = 1.0e-9


def pem_contradictions(values: Mapping[str, float]) -> Iterator[Contradiction]:
    """Yield where cells cannot carry the rated power, and where the water held is too little to start on."""
    area = values["n_cells"] * values["cell_area_m2"]
    rated_w, most = values["rated_power_w"], values["max_current_density_a_per_m2"]
    if rated_w > most * area * _LEAST_VOLTAGE_V:
        from h2plant.components.pem_curve import PemCurve  # loads the property tables, for a plant at fault alone

        voltage = float(PemCurve().voltage(SimpleNamespace(**values), np.array([most]), [{}])[0])
        carried_w = most * voltage * area
        if rated_w > carried_w * (1.0 + _SMALL):
            needed = math.ceil(values["n_cells"] * rated_w / carried_w)
            what = (
                f"{values['n_cells']:g} cells of {values['cell_area_m2']:g} m2 carry {carried_w / 1e6:.4g} MW at most "
                f"({most:g} A/m2 at {voltage:.3f} V), and 'rated_power_mw' is {rated_w / 1e6:.4g}"
            )
            remedy = f"leave 'n_cells' out to let it follow from the power, give at least {needed}, or lower the power"
            yield Contradiction("n_cells", what, remedy)
    needed_kg = RESTART_LEVEL * values["water_trip_kg"]
    if values["water_setpoint_kg"] < needed_kg:
        what = f"the stack never starts: its loop is kept at {values['water_setpoint_kg']:g} kg, and it starts from "
        what += f"{needed_kg:g} kg on, {RESTART_LEVEL:g} times 'water_trip_kg'"
        yield Contradiction("water_setpoint_kg", what, "raise it, or lower 'water_trip_kg'")
    if values["water_capacity_kg"] < values["water_setpoint_kg"]:
        what = f"the loop holds {values['water_capacity_kg']:g} kg at most, and is to be kept at "
        what += f"{values['water_setpoint_kg']:g} kg"
        yield Contradiction("water_capacity_kg", what, "raise it, or lower 'water_setpoint_kg'")
