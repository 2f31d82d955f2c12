"""Ageing of the LiFePO4 cells of Naumann 2018 and 2020 by the papers' equations, and a battery cycled as they were."""

from typing import Any

import numpy as np

from h2plant.components import KIND_BY_NAME
from h2plant.testing import Rig


def at_rest_pct(temperature_k: float, level: float, days: Any) -> Any:
    """Return the capacity lost at rest, %: Naumann et al. 2018, doi 10.1016/j.est.2018.01.019."""
    warm = np.exp(17126.0 / 8.31446 * (1.0 / 298.15 - 1.0 / temperature_k))
    return 100.0 * 1.2571e-5 * warm * (2.8575 * (level - 0.5) ** 3 + 0.60225) * np.sqrt(86400.0 * np.asarray(days))


def cycled_pct(depth: float, rate_per_h: float, full_cycles: Any) -> Any:
    """Return the capacity lost by cycles, %: Naumann et al. 2020, doi 10.1016/j.jpowsour.2019.227666."""
    return (0.0630 * rate_per_h + 0.0971) * (4.0253 * (depth - 0.6) ** 3 + 1.0923) * np.sqrt(np.asarray(full_cycles))


def cycling(depth: float, rate_per_h: float) -> Rig:
    """Return a battery without losses of 1 MWh at the bottom of cycles of a depth about its middle."""
    parameters = {
        **{"power_w": 1.0e6, "energy_j": 3.6e9, "initial_level_frac": 0.5 - 0.5 * depth, "taper_level_frac": 0.95},
        **{"self_discharge_per_s": 0.0, "charge_efficiency_frac": 1.0, "discharge_efficiency_frac": 1.0},
        **{"linear_loss_frac": 0.0, "quadratic_loss_frac": 0.0, "end_of_life_loss_frac": 0.9, "cycle_band_frac": 0.01},
    }
    rig = Rig(KIND_BY_NAME["battery"], parameters)
    rig.set_signal("ambient_temperature", 288.15)
    return rig


def run_cycles(rig: Rig, depth: float, rate_per_h: float, n: int) -> None:
    """Charge and discharge n times between two levels, at a rate by the capacity that is left."""
    for _ in range(n):
        for way in (1.0, -1.0):
            end = 0.5 + 0.5 * way * depth
            while way * (end - rig.field("level_frac" if rig.time_s else "initial_level_frac")) > 1.0e-6:
                left_j = 3.6e9 * (1.0 - rig.field("lost_frac"))
                level = rig.field("level_frac" if rig.time_s else "initial_level_frac")
                hours = min(0.1, abs(end - level) / rate_per_h)
                rig.set_signal("setpoint", way * rate_per_h * left_j / 3600.0)
                rig.step(1, 3600.0 * hours)
