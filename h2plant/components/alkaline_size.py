"""Sizes of an alkaline stack that cannot hold together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from h2plant.components.alkaline_cell import GIVEN
from h2plant.core.constants import TEMPERATURE_OFFSET_K
from h2plant.core.declare import Contradiction
from h2plant.physics.alkaline_electrochemistry import LEAST_DEGC

_SMALL = 1.0e-9


def alkaline_contradictions(values: Mapping[str, float]) -> Iterator[Contradiction]:
    """Yield where cells cannot carry the rated power, where pump and heater take more, and where no cell is so."""
    yield from _of_curve(values)
    rated_w, most = values["rated_power_w"], values["max_current_density_a_per_m2"]
    pump_frac = values["lye_flow_m3_per_s_w"] * values["pump_pressure_pa"] / values["pump_efficiency_frac"]
    if pump_frac + values["heater_frac"] > 1.0:
        what = f"lye pump and heater take {pump_frac:.3g} and {values['heater_frac']:.3g} of the rated power"
        yield Contradiction("heater_frac", what, "lower it, or 'lye_flow_m3_per_s_w' or 'pump_pressure_pa'")
    n_cells, area = values["n_cells"], values["cell_area_m2"]
    if n_cells <= 0.0:
        rated = values["rated_current_density_a_per_m2"]
        if rated > most:
            what = f"cells are sized for {rated:g} A/m2, and carry {most:g} A/m2 at most"
            yield Contradiction(
                "rated_current_density_a_per_m2", what, "lower it, or raise 'max_current_density_a_per_m2'"
            )
        return
    highest_v = values["max_cell_voltage_v"]
    carried_w = n_cells * area * most * highest_v
    if rated_w * (1.0 - pump_frac) > carried_w * (1.0 + _SMALL):
        what = f"{n_cells:g} cells of {area:g} m2 carry {carried_w / 1e6:.4g} MW at most "
        what += f"({most:g} A/m2 at {highest_v:g} V), and 'rated_power_mw' is {rated_w / 1e6:.4g}"
        needed = math.ceil(n_cells * rated_w / carried_w)
        remedy = f"leave 'n_cells' out to let it follow from the power, give at least {needed}, or lower the power"
        yield Contradiction("n_cells", what, remedy)


def _of_curve(values: Mapping[str, float]) -> Iterator[Contradiction]:
    """Yield where cells of given coefficients lose voltage with the current, or split less water than none."""
    if values["cell"] != GIVEN:
        return
    warmest = values["max_temperature_k"] - TEMPERATURE_OFFSET_K
    for theta in (LEAST_DEGC, warmest):
        half = values["faraday_half_a2_per_m4"] + values["faraday_half_slope_a2_per_m4_k"] * theta
        if half < 0.0:
            what = f"f1 of the share of the current that splits water is {half:.3g} A2/m4 at {theta:.0f} degC"
            remedy = "bring it nearer to 0, or raise 'faraday_half_a2_per_m4'"
            yield Contradiction("faraday_half_slope_a2_per_m4_k", what, remedy)
        limit = values["faraday_limit_frac"] + values["faraday_limit_slope_per_k"] * theta
        if limit <= 0.0:
            what = f"f2, the share of the current that splits water at most, is {limit:.3g} at {theta:.0f} degC"
            remedy = "bring it nearer to 0, or raise 'faraday_limit_frac'"
            yield Contradiction("faraday_limit_slope_per_k", what, remedy)
    of_pressure = values["ohmic_pressure_ohm_m2_per_pa"] * values["pressure_setpoint_pa"]
    for theta in (LEAST_DEGC, warmest):
        resistance = values["ohmic_ohm_m2"] + values["ohmic_slope_ohm_m2_per_k"] * theta + of_pressure
        if resistance <= 0.0:
            what = f"the cells' resistance is {resistance:.3g} ohm m2 at {theta:.0f} degC"
            yield Contradiction("ohmic_slope_ohm_m2_per_k", what, "bring it nearer to 0, or raise 'ohmic_ohm_m2'")
        second, third = values["activation_second_m2_k_per_a"], values["activation_third_m2_k2_per_a"]
        factor = values["activation_first_m2_per_a"] + (second + third / theta) / theta
        if factor < 0.0:
            what = f"the activation's factor of the current density is {factor:.3g} m2/A at {theta:.0f} degC"
            yield Contradiction("activation_first_m2_per_a", what, "raise it, or its second or third term")
