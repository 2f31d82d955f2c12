"""Faults planted in the alkaline stack: the audit names the law."""

import pytest

from h2plant.components.registry import Kinds
from h2plant.testing.watched_rig import WatchedRig
from tests.audit.planting import broken_in_case, planted

STACK, CELL, GAS = "components.alkaline_stack", "components.alkaline_cell", "components.alkaline_gas"
CHEMISTRY, MODE = "physics.alkaline_electrochemistry", "components.pem_mode"
AGAIN = (STACK, "", "")
DESIGN, LEAST, STOP = (f"alkaline_stack--{name}" for name in ("design-point", "least-load", "long-stop"))
WARM = {"initial_temperature_k": 353.15, "start_time_s": 60.0}
ASKED, REST = {"setpoint": 1.0e6}, {"setpoint": 0.0}

SCENES = {
    # parameters, ((inputs, steps, step in s), ...)
    "seconds": (WARM, ((ASKED, 100, 10), (REST, 40, 10))),
    "a cycle in minutes": ({}, ((ASKED, 60, 60), (REST, 40, 60), ({"setpoint": 5.0e5}, 30, 60), (REST, 300, 60))),
    "a cycle in quarters": ({}, ((ASKED, 20, 900), (REST, 3, 900), ({"setpoint": 5.0e5}, 10, 900), (REST, 30, 900))),
    "a cycle in hours": ({}, ((ASKED, 10, 3600), (REST, 3, 3600), ({"setpoint": 5.0e5}, 10, 3600), (REST, 10, 3600))),
    "too much asked": (WARM, (({"setpoint": 1.1e6}, 30, 60),)),
    "too little asked": (WARM, (({"setpoint": 1.0e5}, 30, 60),)),
    "little cooling": (WARM, (({"setpoint": 1.0e6, "cooling_conductance": 1.0e3}, 120, 60),)),
    "no water": ({**WARM, "lye_trip_frac": 0.9}, ((ASKED, 60, 60),)),
    "too rich": ({**WARM, "pressure_setpoint_pa": 30.0e5}, ((ASKED, 20, 60), ({"setpoint": 2.2e5}, 150, 60))),
    "too rich, in quarters": ({**WARM, "pressure_setpoint_pa": 30.0e5}, (({"setpoint": 2.2e5}, 30, 900),)),
    "shut down": (WARM, ((ASKED, 20, 60), ({"setpoint": 0.0, "shut_down": 1.0}, 60, 60), (ASKED, 10, 60))),
    "held by its voltage": (
        {"cell": 3.0, "rated_current_density_a_per_m2": 5000.0, "initial_temperature_k": 278.2, "start_time_s": 60.0},
        ((ASKED, 60, 60),),
    ),
    "old": (
        {**WARM, "degradation_v_per_s": 1.0e-6, "end_of_life_loss_frac": 0.001},
        ((ASKED, 60, 60),),
    ),
    "frost": (
        {"initial_temperature_k": 278.2},
        (({"setpoint": 0.0, "ambient_temperature": 265.0}, 20, 600), ({"ambient_temperature": 295.0}, 3, 600)),
    ),
    "kept warm": ({**WARM, "keep_warm_temperature_k": 352.0}, ((ASKED, 20, 60), (REST, 60, 60))),
}


def driven(scene, kind=None):
    """Drive the kind through a scene and return the laws broken in it."""
    parameters, runs = SCENES[scene]
    rig = WatchedRig(kind or Kinds()["alkaline_stack"], parameters, is_plain=True)
    inputs = {"ambient_temperature": 288.15, "coolant_temperature": 308.15, "cooling_conductance": 15.0e3}
    for more, n, step_s in runs:
        inputs |= more
        for port, value in inputs.items():
            rig.set_signal(port, value)
        for _ in range(n):
            if scene != "no water":
                rig.set_stream("water", 298.15, 4.0e5, liquid=rig.signal("water_demand"))
            rig.step(1, step_s)
    rig.assert_balanced(1e-9)
    return set(rig.broken_laws())


FAULTS = {
    "water split 1 % high": (
        DESIGN,
        "faraday",
        [(STACK, "share * c.area_m2 * WATER_SPLIT_MOL_PER_C", "1.01 * share * c.area_m2 * WATER_SPLIT_MOL_PER_C")],
    ),
    "no current passes the cells by": (
        DESIGN,
        "faraday",
        [(CHEMISTRY, "return min(limit_frac * square / (half_a2_per_m4 + square), 1.0)", "return 1.0"), AGAIN],
    ),
    "lye carries half as much over": (
        DESIGN,
        "crossover",
        [(CELL, "return 0.5 * c.lye_mixed_frac", "return 0.25 * c.lye_mixed_frac"), AGAIN],
    ),
    "permeation 10 % low": (
        DESIGN,
        "crossover",
        [
            (
                CELL,
                "        c.h2_permeability_mol_per_m_s_pa * per_m",
                "        0.9 * c.h2_permeability_mol_per_m_s_pa * per_m",
            ),
            AGAIN,
        ],
    ),
    "crossed hydrogen is not in the oxygen": (
        DESIGN,
        "crossover",
        [
            (
                GAS,
                "in_h2, in_o2 = split - h2_over, o2_over",
                "h2_over = 0.1 * h2_over\n    in_h2, in_o2 = split - h2_over, o2_over",
            ),
            AGAIN,
        ],
    ),
    "rests without permeation": (
        STOP,
        "crossover",
        [(STACK, "        rest = rest_crossing(c, T, c.area_m2, dt)\n", "        rest = (0.0, 0.0)\n")],
    ),
    "resistance 4 % low, voltage 1 %": (
        DESIGN,
        "alkaline-voltage",
        [(CELL, "        ohmic_ratio * (r1", "        0.96 * ohmic_ratio * (r1"), AGAIN],
    ),
    "no pressure in the reversible voltage": (
        DESIGN,
        "alkaline-voltage",
        [(CHEMISTRY, "return _NERNST_PER_K * temperature_k", "return 0.0 * temperature_k"), (CELL, "", ""), AGAIN],
    ),
    "below the reversible voltage": (
        DESIGN,
        "reversible-voltage",
        [(STACK, "    zero_current_v += c.degradation_v", "    zero_current_v += c.degradation_v - 1.1")],
    ),
    "power and heat 1 % high": (
        DESIGN,
        "alkaline-power",
        [
            (STACK, "gain = power_on * on +", "gain = 1.01 * power_on * on +"),
            (
                STACK,
                "put_scalars(c, bus, power_on * on + pumped",
                "put_scalars(c, bus, 1.01 * power_on * on + pumped",
            ),
        ],
    ),
    "the pump does not draw while it starts": (
        DESIGN,
        "alkaline-power",
        [(STACK, "pumped = c.rated_pump_w * (1.0 - on) if", "pumped = 0.0 * (1.0 - on) if")],
    ),
    "heat 1 % high": (
        DESIGN,
        "alkaline-heat",
        [
            (
                STACK,
                "        gain -= hydrogen_w + oxygen_w",
                "        hydrogen_w -= cathode[0] * 0.42e6\n        gain -= hydrogen_w + oxygen_w",
            )
        ],
    ),
    "a lighter stack": (
        DESIGN,
        "alkaline-heat",
        [
            (
                STACK,
                "c.heat_capacity_j_per_k = c.heat_capacity_j_per_k_w",
                "c.heat_capacity_j_per_k = 0.9 * c.heat_capacity_j_per_k_w",
            )
        ],
    ),
    "half the loss": (
        DESIGN,
        "passive-loss",
        [(STACK, "k_loss, set_k = c.loss_w_per_k,", "k_loss, set_k = 0.5 * c.loss_w_per_k,")],
    ),
    "cooler 10 % larger than it is": (
        "little cooling",
        "lye-cooling",
        [(STACK, "cooler = bus[c.cooling_conductance]", "cooler = 1.1 * bus[c.cooling_conductance]")],
    ),
    "vapour over water instead of lye": (
        DESIGN,
        "lye-level",
        [
            (
                STACK,
                "    pressure = stack_pressure(c, T, p_vapour)",
                "    p_vapour = saturation_pressure(props, T)\n    pressure = stack_pressure(c, T, p_vapour)",
            )
        ],
    ),
    "asks for 1 % too little water": (
        "a cycle in minutes",
        "lye-level",
        [(STACK, "demand = max(used +", "demand = max(0.99 * used +")],
    ),
    "separators half as large": (
        DESIGN,
        "separators",
        [(STACK, "c.separator_m3 = c.separator_m3_per_w", "c.separator_m3 = 0.5 * c.separator_m3_per_w")],
    ),
    "oxygen leaves purer than it is": (
        "seconds",
        "separators",
        [
            (GAS, "    h2_a, anode_h2 = _left(anode_h2,", "    end_h2 *= 1.001\n    h2_a, anode_h2 = _left(anode_h2,"),
            AGAIN,
        ],
    ),
    "hydrogen in oxygen shown 10 % low": (
        DESIGN,
        "separators",
        [
            (
                STACK,
                "c.h2_in_o2_frac = hydrogen_share(c.anode_h2_kg",
                "c.h2_in_o2_frac = 0.9 * hydrogen_share(c.anode_h2_kg",
            )
        ],
    ),
    "let off though it stands by": (
        "a cycle in minutes",
        "separators",
        [(STACK, "1.0 if c.mode == OFF or c.mode == TRIPPED", "1.0 if c.mode <= STANDBY or c.mode == TRIPPED")],
    ),
    "no trip on hydrogen in oxygen": (
        LEAST,
        "alkaline-trips",
        [
            (STACK, "        if then > highest:", "        if then > 10.0 * highest:"),
            (
                STACK,
                "c.h2_in_o2_frac > c.h2_in_o2_trip_frac:\n        status",
                "c.h2_in_o2_frac > 1.0:\n        status",
            ),
        ],
    ),
    "runs dry": (
        "no water",
        "alkaline-trips",
        [(STACK, "if water_kg < c.water_trip_kg and", "if water_kg < 0.5 * c.water_trip_kg and")],
    ),
    "runs too warm": (
        "little cooling",
        "alkaline-trips",
        [(STACK, "if T_end <= c.max_temperature_k or", "if T_end <= 1.05 * c.max_temperature_k or")],
    ),
    "above its rating": (
        "too much asked",
        "rated-power",
        [
            (
                STACK,
                "ramped_power(c, min(wanted_w, c.rated_power_w)",
                "ramped_power(c, min(wanted_w, 1.05 * c.rated_power_w)",
            )
        ],
    ),
    "below its smallest load": (
        "too little asked",
        "alkaline-set-point",
        [(MODE, "wanted_w >= c.min_load_frac", "wanted_w >= 0.5 * c.min_load_frac"), AGAIN],
    ),
    "takes 1 % less than asked": (
        DESIGN,
        "alkaline-set-point",
        [(STACK, "    power_w = ramped_power(", "    power_w = 0.99 * ramped_power(")],
    ),
    "ramp twice as fast": (
        DESIGN,
        "alkaline-set-point",
        [(STACK, "c.ramp_w_per_s = c.ramp_per_s", "c.ramp_w_per_s = 2.0 * c.ramp_per_s")],
    ),
    "no limit of the voltage": (
        "held by its voltage",
        "alkaline-voltage",
        [(STACK, "    if voltage > c.max_cell_voltage_v:", "    if voltage > 2.0 * c.max_cell_voltage_v:")],
    ),
    "1 % too many cells": (
        DESIGN,
        "alkaline-power",
        [(STACK, "    c.area_m2 = c.cells", "    c.area_m2 = 1.01 * c.cells")],
    ),
    "no wear": (
        DESIGN,
        "alkaline-wear",
        [(STACK, "    c.degradation_v += c.degradation_v_per_s", "    c.degradation_v += 0.0 * c.degradation_v_per_s")],
    ),
    "wear 1 % low": (
        DESIGN,
        "alkaline-wear",
        [
            (
                STACK,
                "    c.degradation_v += c.degradation_v_per_s",
                "    c.degradation_v += 0.99 * c.degradation_v_per_s",
            )
        ],
    ),
    "stops do not wear": (
        STOP,
        "alkaline-wear",
        [(STACK, "        c.degradation_v += c.degradation_per_stop_v * c.depolarised_frac\n", "")],
    ),
    "reverse current runs twice as long": (
        STOP,
        "alkaline-wear",
        [(STACK, "1.0, c.reverse_current_time_s, off_s)", "1.0, 2.0 * c.reverse_current_time_s, off_s)")],
    ),
    "life 1 % long": (
        DESIGN,
        "alkaline-wear",
        [(STACK, "    c.end_of_life_v = voltage", "    c.end_of_life_v = 1.01 * voltage")],
    ),
    "never replaced": (
        "old",
        "wear-bounds",
        [(STACK, "c.degradation_v >= c.end_of_life_v", "c.degradation_v >= 1.05 * c.end_of_life_v")],
    ),
    "hours 1 % low": (
        DESIGN,
        "alkaline-counters",
        [(STACK, "c.running_h += on * dt", "c.running_h += 0.99 * on * dt")],
    ),
    "starts not counted": (
        DESIGN,
        "alkaline-counters",
        [(MODE, "    c.n_starts += 1.0\n", ""), AGAIN],
    ),
    "gas leaves twice as fast": (
        "seconds",
        "hold-up",
        [("components.hold_up", "else 1.0 / residence_time_s", "else 2.0 / residence_time_s"), AGAIN],
    ),
    "water split but not counted": (
        DESIGN,
        "water-split",
        [(STACK, "    c.reacted_h2o_mol += split * on * dt", "    c.reacted_h2o_mol += 0.999 * split * on * dt")],
    ),
    "heater shown without power": ("frost", "alkaline-power", [(STACK, "    c.heater_w = 0.0\n", "")]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_found(fault):
    place, law, edits = FAULTS[fault]
    kind = planted(*edits)
    assert law in (driven(place, kind) if place in SCENES else broken_in_case(place, kind))


@pytest.mark.parametrize("scene", SCENES)
def test_no_false_alarm(scene):
    assert driven(scene) == set()
