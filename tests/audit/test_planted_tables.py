"""Faults planted in the electrolyser from a supplier's table: the audit names the law."""

import pytest

from h2plant.components.registry import Kinds
from h2plant.testing.watched_rig import WatchedRig
from tests.audit.planting import broken_in_case, planted

TABLE, MODE = "components.table_stack", "components.pem_mode"
MAINZ, SOSTANJ = "table_stack--energiepark-mainz", "table_stack--sostanj"

SCENES = {
    # parameters, ((inputs, steps, step in s), ...)
    "seconds": ({}, (({"setpoint": 6.0e6}, 400, 1), ({"setpoint": 0.0}, 30, 1), ({"setpoint": 2.0e6}, 30, 1))),
    "quarters": ({}, (({"setpoint": 6.0e6}, 8, 900), ({"setpoint": 0.0}, 30, 900), ({"setpoint": 3.0e6}, 4, 3600))),
    "too much asked": ({}, (({"setpoint": 7.0e6}, 30, 60),)),
    "little cooling": ({}, (({"setpoint": 6.0e6, "cooling_conductance": 3.0e4}, 30, 60),)),
    "no water": ({"water_trip_kg": 2200.0}, (({"setpoint": 6.0e6, "fed": 0.0}, 60, 60), ({"fed": 1.0}, 70, 60))),
    "old": (
        {"growth_per_h": 1.0e-4, "growth_per_start_frac": 1.0e-3, "end_of_life_growth_frac": 0.01},
        (({"setpoint": 6.0e6}, 120, 3600), ({"setpoint": 0.0}, 2, 3600), ({"setpoint": 6.0e6}, 60, 3600)),
    ),
    "between points": ({}, (({"setpoint": 1.9e6}, 20, 60),)),
    "goes below": ({}, (({"setpoint": 3.0e6}, 10, 60), ({"setpoint": 3.0e5}, 5, 60))),
    "goes off": ({"off_power_w": 5.0e3}, (({"setpoint": 6.0e6}, 10, 60), ({"setpoint": 0.0, "shut_down": 1.0}, 9, 60))),
    "dry gas, table behind a rectifier": (
        {"hydrogen_saturation_frac": 0.0, "oxygen_saturation_frac": 0.5, "conversion_frac": 0.94},
        (({"setpoint": 5.0e6}, 20, 60),),
    ),
}


def driven(scene, kind=None):
    """Drive the kind through a scene; return the laws broken in it."""
    parameters, runs = SCENES[scene]
    rig = WatchedRig(kind or Kinds()["table_stack"], parameters, is_plain=True)
    inputs = {"coolant_temperature": 298.15, "cooling_conductance": 3.0e5, "setpoint": 0.0, "fed": 1.0}
    fed = 1.0
    for more, n, step_s in runs:
        inputs |= more
        fed = inputs.pop("fed", fed)
        for port, value in inputs.items():
            rig.set_signal(port, value)
        for _ in range(n):
            rig.set_stream("water", 288.15, 3.0e5, liquid=fed * rig.signal("water_demand"))
            rig.step(1, step_s)
    rig.assert_balanced()
    return set(rig.broken_laws())


@pytest.mark.parametrize("scene", SCENES)
def test_sound_kind_breaks_no_law(scene):
    assert not driven(scene)


FAULTS = {
    "energy 1 % low": (
        MAINZ,
        "supplier-table",
        [(TABLE, "c.energy_j_per_kg = table_energy(", "c.energy_j_per_kg = 0.99 * table_energy(")],
    ),
    "a point skipped": (
        "between points",
        "supplier-table",
        [(TABLE, "c.table_load_4_frac, c.table_load_5_frac,", "c.table_load_5_frac, c.table_load_5_frac,")],
    ),
    "the step before the point in place of the line": (
        "seconds",
        "supplier-table",
        [
            (
                TABLE,
                "    return at_low + (min(load, high) - low) / (high - low) * (at_high - at_low)",
                "    return at_low",
            )
        ],
    ),
    "table in kg/h read at full load": (
        SOSTANJ,
        "supplier-table",
        [(TABLE, "return load * c.rated_power_w / hydrogen_kg_per_s", "return c.rated_power_w / hydrogen_kg_per_s")],
    ),
    "rectifier's share forgotten": (
        "dry gas, table behind a rectifier",
        "supplier-table",
        [(TABLE, "return energy_j_per_kg * c.conversion_frac", "return energy_j_per_kg")],
    ),
    "wear without effect": ("old", "supplier-table", [(TABLE, " * (1.0 + c.energy_growth_frac)", "")]),
    "oxygen 1 % low": (
        MAINZ,
        "water-split",
        [(TABLE, "    o2 = made * _O2_PER_H2\n", "    o2 = 0.99 * made * _O2_PER_H2\n")],
    ),
    "oxygen 1 % low, by the step": (
        MAINZ,
        "table-products",
        [(TABLE, "    o2 = made * _O2_PER_H2\n", "    o2 = 0.99 * made * _O2_PER_H2\n")],
    ),
    "dry hydrogen": (
        MAINZ,
        "table-products",
        [(TABLE, "    moist = made * c.hydrogen_vapour_ratio", "    moist = 0.5 * made * c.hydrogen_vapour_ratio")],
    ),
    "half the vapour of the oxygen": (
        "dry gas, table behind a rectifier",
        "table-products",
        [
            (
                TABLE,
                "vapour_pa = saturation_frac * saturation_pa",
                "vapour_pa = saturation_frac * saturation_frac * saturation_pa",
            )
        ],
    ),
    "heat lost 5 %": (
        MAINZ,
        "table-heat",
        [
            (
                TABLE,
                "put_scalars(c, bus, power, rest - cooling, demand)",
                "put_scalars(c, bus, power, 0.5 * (rest - cooling), demand)",
            )
        ],
    ),
    "more to the cooling than its share": (
        MAINZ,
        "table-heat",
        [(TABLE, "rest_w * (1.0 - c.surroundings_frac)", "rest_w")],
    ),
    "more cooling than the cooler can": (
        "little cooling",
        "table-heat",
        [(TABLE, "            cooling = most\n", "            cooling = 1.1 * most\n")],
    ),
    "above its rating": (
        "too much asked",
        "rated-power",
        [
            (
                TABLE,
                "ramped_power(c, min(wanted_w, c.rated_power_w), on * dt)",
                "ramped_power(c, min(wanted_w, 1.05 * c.rated_power_w), on * dt)",
            )
        ],
    ),
    "more than asked": (
        "seconds",
        "table-limits",
        [
            (
                TABLE,
                "ramped_power(c, min(wanted_w, c.rated_power_w), on * dt)",
                "ramped_power(c, min(1.02 * wanted_w, c.rated_power_w), on * dt)",
            )
        ],
    ),
    "ramp 10 % too fast": (
        "seconds",
        "table-limits",
        [
            (
                MODE,
                "    c.power_end_w = first_w + c.ramp_w_per_s * on_s\n",
                "    c.power_end_w = first_w + 1.1 * c.ramp_w_per_s * on_s\n",
            ),
            (TABLE, "", ""),
        ],
    ),
    "runs below its smallest load": (
        "goes below",
        "table-limits",
        [
            (
                MODE,
                "wanted_w >= c.min_load_frac * c.rated_power_w * (1.0 - _SMALL)",
                "wanted_w >= 0.5 * c.min_load_frac * c.rated_power_w",
            ),
            (TABLE, "", ""),
        ],
    ),
    "standby without power": (
        MAINZ,
        "table-limits",
        [(TABLE, "idle_w = (c.standby_power_w if", "idle_w = (0.0 * c.standby_power_w if")],
    ),
    "off, and it draws as in standby": (
        "goes off",
        "table-limits",
        [(TABLE, "else c.off_power_w)", "else c.standby_power_w)")],
    ),
    "start in half the time": (
        MAINZ,
        "table-times",
        [
            (MODE, "c.timer_s = c.start_time_s if c.mode == OFF", "c.timer_s = 0.5 * c.start_time_s if c.mode == OFF"),
            (TABLE, "", ""),
        ],
    ),
    "trip locks too short": (
        "no water",
        "table-times",
        [(MODE, "    c.timer_s = c.restart_delay_s\n", "    c.timer_s = 0.9 * c.restart_delay_s\n"), (TABLE, "", "")],
    ),
    "runs dry": (
        "no water",
        "table-times",
        [
            (
                TABLE,
                "    if on > 0.0 and start_kg + (water_in - used) * dt < c.water_trip_kg:",
                "    if on > 0.0 and start_kg + (water_in - used) * dt < 0.5 * c.water_trip_kg:",
            )
        ],
    ),
    "hours 1 % low": (
        "quarters",
        "table-times",
        [(TABLE, "    c.running_h += on * dt / 3600.0\n", "    c.running_h += 1.01 * on * dt / 3600.0\n")],
    ),
    "starts not counted": (MAINZ, "table-times", [(MODE, "    c.n_starts += 1.0\n", ""), (TABLE, "", "")]),
    "wear 1 % low": (
        MAINZ,
        "table-wear",
        [(TABLE, "c.energy_growth_frac += c.growth_per_h", "c.energy_growth_frac += 0.99 * c.growth_per_h")],
    ),
    "starts do not wear": (
        "old",
        "table-wear",
        [(TABLE, "        c.energy_growth_frac += c.growth_per_start_frac\n", "        pass\n")],
    ),
    "replaced too early": (
        "old",
        "table-wear",
        [(TABLE, "c.energy_growth_frac >= c.end", "c.energy_growth_frac >= 0.9 * c.end")],
    ),
    "replaced too late": (
        "old",
        "wear-bounds",
        [(TABLE, "c.energy_growth_frac >= c.end", "c.energy_growth_frac >= 1.1 * c.end")],
    ),
    "asks for too little water": (
        MAINZ,
        "table-water",
        [(TABLE, "        demand = max(used +", "        demand = max(0.99 * used +")],
    ),
    "gas leaves twice as fast": (
        "seconds",
        "hold-up",
        [
            (
                "components.hold_up",
                "share = 1.0 / dt if is_all else 1.0 / residence_time_s",
                "share = 1.0 / dt if is_all else 2.0 / residence_time_s",
            ),
            (TABLE, "", ""),
        ],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_fault_is_found(fault):
    where, law, edits = FAULTS[fault]
    kind = planted(*edits)
    broken = driven(where, kind) if where in SCENES else set(broken_in_case(where, kind))
    assert law in broken
