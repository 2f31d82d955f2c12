"""What starts of a PEM stack cost in heat, time and wear, from its parameters."""

from h2plant.components.pem_energy import C_WATER
from h2plant.core.constants import STANDARD_AIR_K
from h2plant.core.role import Start


def ageing_by_start(values):
    """Return the share of the stack's life that each start uses up."""
    return values["degradation_per_start_v"] / values["end_of_life_v"]


def cold_start(values):
    """Return a start from cold, from the parameters.

    The heat is that of stack and water; the stack makes it from its own losses, at a higher voltage while it is cold,
    so taken as bought it is an upper bound. The time is that of checks and purging, and half of the ramp from the
    smallest load to the rated one.
    """
    ramp_s = (1.0 - values["min_load_frac"]) * values["rated_power_w"] / values["ramp_w_per_s"]
    capacity_j_per_k = values["heat_capacity_j_per_k"] + values["water_setpoint_kg"] * C_WATER
    return Start(
        energy_j=capacity_j_per_k * max(values["temperature_setpoint_k"] - STANDARD_AIR_K, 0.0),
        lost_s=values["start_time_s"] + 0.5 * ramp_s,
        ageing_frac=ageing_by_start(values),
        time_s=values["start_time_s"] + ramp_s,
    )
