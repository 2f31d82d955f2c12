"""What starts of a solid oxide module cost in heat, time and wear, from its parameters."""

from h2plant.core.constants import STANDARD_AIR_K
from h2plant.core.role import Start


def no_ageing(values):
    """Return 0: a hot start does not wear."""
    return 0.0


def ageing_by_cycle(values):
    """Return the share of the stacks' life that a recorded start from cold uses up."""
    return values["growth_per_cycle_frac"] / values["end_of_life_growth_frac"] * values["cycles_per_start"]


def hot_start(values):
    """Return a start from hot standby: half of the ramp from the lowest to the highest power."""
    ramp_s = (values["power_max_w"] - values["power_min_w"]) / values["ramp_w_per_s"]
    return Start(energy_j=0.0, lost_s=0.5 * ramp_s, ageing_frac=0.0, time_s=ramp_s)


def cold_start(values):
    """Return a start from cold, from the parameters: its heat, what it loses while heating, the time that takes, wear.

    At a constant rate it is on average half as warm as in the end, so E = C dT + K (dT / 2) (dT / rate).
    """
    hot = hot_start(values)
    warming = max(values["temperature_ready_k"] - STANDARD_AIR_K, 0.0)
    heating_s = warming / values["heating_rate_k_per_s"]
    loss_w = values["loss_conductance_w_per_k"] * 0.5 * warming
    return Start(
        energy_j=values["heat_capacity_j_per_k"] * warming + loss_w * heating_s,
        lost_s=heating_s + hot.lost_s,
        ageing_frac=values["growth_per_cycle_frac"] / values["end_of_life_growth_frac"],
        time_s=heating_s + hot.time_s,
    )
