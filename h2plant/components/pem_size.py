"""Sizes of a PEM stack that cannot hold together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import SimpleNamespace

import numpy as np

from h2plant.components.pem_held import HELD_STATES
from h2plant.components.pem_mode import RESTART_LEVEL
from h2plant.core.declare import Contradiction
from h2plant.physics.activation import REFERENCE_K

_LEAST_WITHOUT_OHMIC_V = 1.3  # reversible voltage and activation at any current of use
_SMALL = 1.0e-9


def _least_voltage(values: Mapping[str, float], density_a_per_m2: float) -> float:
    """Return a voltage, V, that no cell falls below at a current density: the membrane's share by Springer 1991.

    By it most plants are in order without the curve, which loads the property tables at each reading of a plant.
    """
    conductivity = (0.5139 * values["membrane_water_ratio"] - 0.326) * math.exp(
        1268.0 * (1.0 / 303.0 - 1.0 / values["temperature_setpoint_k"])
    )
    more_k = values["electrode_resistance_ohm_m2_activation_k"]
    warmth = 1.0 / REFERENCE_K - 1.0 / values["temperature_setpoint_k"]
    electrodes = values["electrode_resistance_ohm_m2"] * math.exp(more_k * warmth)
    ohmic = electrodes + values["membrane_thickness_m"] / conductivity
    return _LEAST_WITHOUT_OHMIC_V + ohmic * density_a_per_m2


def pem_contradictions(values: Mapping[str, float]) -> Iterator[Contradiction]:
    """Yield where cells cannot carry the rated power, and where the water held is too little to start on."""
    area = values["n_cells"] * values["cell_area_m2"]
    rated_w, most = values["rated_power_w"], values["max_current_density_a_per_m2"]
    if rated_w > most * area * _least_voltage(values, most):
        from h2plant.components.pem_curve import PemCurve  # loads the property tables, for a plant at fault alone

        held = {one.name: one.default or 0.0 for one in HELD_STATES}
        voltage = float(PemCurve().voltage(SimpleNamespace(**held, **values), np.array([most]), [{}])[0])
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
