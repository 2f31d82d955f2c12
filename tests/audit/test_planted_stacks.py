"""Faults planted in the electrolysers: the audit names the law."""

import pytest

from h2plant.components.registry import Kinds
from h2plant.testing.watched_rig import WatchedRig
from tests.audit.planting import broken_in_case, planted

PEM, SOEC = "components.pem_stack", "components.soec_module"
WARM = {"initial_temperature_k": 343.15}
PEM_INPUTS = {"ambient_temperature": 288.15, "coolant_temperature": 308.15, "cooling_conductance": 15.0e3}

SCENES = {
    # kind, parameters, ((inputs, steps, step in s), ...)
    "pem: seconds": ("pem_stack", WARM, (({"setpoint": 1.0e6}, 60, 10), ({"setpoint": 0.0}, 30, 10))),
    "pem: too much asked": ("pem_stack", WARM, (({"setpoint": 1.1e6}, 30, 60),)),
    "pem: too little asked": ("pem_stack", WARM, (({"setpoint": 1.0e5}, 30, 60),)),
    "pem: little cooling": ("pem_stack", WARM, (({"setpoint": 1.0e6, "cooling_conductance": 3.0e3}, 60, 60),)),
    "pem: no water": ("pem_stack", {**WARM, "water_trip_kg": 370.0}, (({"setpoint": 1.0e6}, 20, 60),)),
    "pem: rest under pressure": (
        "pem_stack",
        {**WARM, "cathode_volume_m3": 0.02},
        (({"setpoint": 1.0e6}, 20, 60), ({"setpoint": 0.0, "shut_down": 1.0}, 200, 60)),
    ),
    "pem: old": (
        "pem_stack",
        {**WARM, "degradation_v_per_s": 1.0e-6, "end_of_life_loss_frac": 0.001},
        (({"setpoint": 1.0e6}, 60, 60),),
    ),
    "pem: frost": (
        "pem_stack",
        {"initial_temperature_k": 278.2},
        (({"ambient_temperature": 265.0}, 20, 600), ({"ambient_temperature": 295.0}, 3, 600)),
    ),
    "pem: kept warmer than its set point": (
        "pem_stack",
        {"temperature_setpoint_k": 313.15, "keep_warm_temperature_k": 320.0, "initial_temperature_k": 313.15},
        (({"setpoint": 1.0e6}, 20, 60), ({"setpoint": 0.0}, 20, 60)),
    ),
    "soec: seconds": ("soec_module", {}, (({"setpoint": 2.4e6}, 100, 10),)),
    "soec: too much asked": ("soec_module", {}, (({"setpoint": 3.0e6}, 40, 60),)),
    "soec: little steam": ("soec_module", {}, (({"setpoint": 2.4e6, "steam": 0.8}, 30, 60),)),
    "soec: warm by itself": (
        "soec_module",
        {"asr_ohm_m2": 2.5e-4, "voltage_max_v": 1.8},
        (({"setpoint": 2.4e6}, 60, 60),),
    ),
    "soec: old": (
        "soec_module",
        {"growth_per_h": 1.0e-4, "end_of_life_growth_frac": 0.01, "standby_limit_s": 60.0},
        (({"setpoint": 2.4e6}, 110, 3600),),
    ),
    "soec: cools and warms": (
        "soec_module",
        {"standby_limit_s": 60.0},
        (({"setpoint": 0.0}, 15, 3600), ({"setpoint": 2.4e6}, 15, 3600)),
    ),
}


def driven(scene, kind=None):
    """Drive a kind through a scene and return the laws broken in it."""
    name, parameters, runs = SCENES[scene]
    kind = kind or Kinds()[name]
    rig = WatchedRig(kind, parameters, is_plain=True)
    inputs = {"ambient_temperature": 288.15, **(PEM_INPUTS if name == "pem_stack" else {}), "setpoint": 0.0}
    part = 1.0
    for more, n, step_s in runs:
        inputs |= more
        part = inputs.pop("steam", part)
        for port, value in inputs.items():
            rig.set_signal(port, value)
        for _ in range(n):
            if name == "soec_module":
                rig.set_stream("steam", 430.0, 5.0e5, vapour=part * rig.signal("steam_demand"))
            elif scene != "pem: no water":
                rig.set_stream("water", 298.15, 4.0e5, liquid=rig.signal("water_demand"))
            rig.step(1, step_s)
    return set(rig.broken_laws())


DESIGN, CROSSING = "pem_stack--design-point", "pem_stack--crossover-80c-30bar"
FULL, COLD, STANDBY = "soec_module--full_load", "soec_module--cold_start", "soec_module--hot_standby"

FAULTS = {
    # PEM
    "pem: water split 1 % high": (
        DESIGN,
        "faraday",
        [(PEM, "cell_area_m2) * WATER_SPLIT_MOL_PER_C", "cell_area_m2) * WATER_SPLIT_MOL_PER_C * 1.01")],
    ),
    "pem: crossover ten times too low": (
        DESIGN,
        "crossover",
        [
            ("components.pem_cell", "area * hydrogen_crossover(", "0.1 * area * hydrogen_crossover("),
            (PEM, "", ""),
        ],
    ),
    "pem: crossover from the channel's pressure": (
        CROSSING,
        "crossover",
        [("components.pem_cell", "saturation_pa + CATHODE_OVERPRESSURE * j", "saturation_pa + 0.0 * j"), (PEM, "", "")],
    ),
    "pem: dragged water takes no oxygen along": (
        DESIGN,
        "crossover",
        [("components.pem_cell", "dragged = c.drag_ratio", "dragged = 0.0 * c.drag_ratio"), (PEM, "", "")],
    ),
    "pem: membrane as permeable when it is cold": (
        "pem: rest under pressure",
        "idle-leak",
        [(PEM, "held_permeability_ratio(c, T)", "1.0")],
    ),
    "pem: crossed hydrogen goes back to the cathode": (
        DESIGN,
        "crossover",
        [
            (
                "components.pem_gas",
                "    made = h2_kept *",
                "    h2_kept, h2_anode = h2_kept + 0.9 * h2_anode, 0.1 * h2_anode\n    made = h2_kept *",
            ),
            (PEM, "", ""),
        ],
    ),
    "pem: resistance 4 % low, voltage 1 %": (
        DESIGN,
        "pem-voltage",
        [
            (
                "components.pem_cell",
                "        membrane_resistance(c.held_conductivity_ratio",
                "        0.96 * membrane_resistance(c.held_conductivity_ratio",
            ),
            (PEM, "", ""),
        ],
    ),
    "pem: below the reversible voltage": (
        DESIGN,
        "reversible-voltage",
        [(PEM, "    zero_current_v += c.degradation_v", "    zero_current_v += c.degradation_v - 1.1")],
    ),
    "pem: power and heat 1 % high": (
        DESIGN,
        "stack-power",
        [
            (PEM, "gain = power_on * on +", "gain = 1.01 * power_on * on +"),
            (
                PEM,
                "put_scalars(c, bus, power_on * on + heater,",
                "put_scalars(c, bus, 1.01 * power_on * on + heater,",
            ),
        ],
    ),
    "pem: heat above the reversible instead of the thermoneutral voltage": (
        DESIGN,
        "stack-heat",
        [
            (
                "components.pem_held",
                "return hydrogen_w + liquid[0]",
                "return hydrogen_w - cathode[0] * 24.0e6 + liquid[0]",
            ),
            (PEM, "", ""),
        ],
    ),
    "pem: heat 1 % high": (
        DESIGN,
        "stack-heat",
        [
            (
                "components.pem_held",
                "return hydrogen_w + liquid[0]",
                "return hydrogen_w - cathode[0] * 0.42e6 + liquid[0]",
            ),
            (PEM, "", ""),
        ],
    ),
    "pem: a lighter stack": (
        DESIGN,
        "stack-heat",
        [
            (
                "components.pem_energy",
                "        c.heat_capacity_j_per_k * rise\n",
                "        0.9 * c.heat_capacity_j_per_k * rise\n",
            ),
            (
                "components.pem_energy",
                "return c.heat_capacity_j_per_k + water_kg",
                "return 0.9 * c.heat_capacity_j_per_k + water_kg",
            ),
            (PEM, "", ""),
        ],
    ),
    "pem: half the loss": (
        DESIGN,
        "passive-loss",
        [(PEM, "k_loss, set_k = c.loss_w_per_k,", "k_loss, set_k = 0.5 * c.loss_w_per_k,")],
    ),
    "pem: no wear": (
        DESIGN,
        "stack-wear",
        [(PEM, "    c.degradation_v += c.degradation_v_per_s", "    c.degradation_v += 0.0 * c.degradation_v_per_s")],
    ),
    "pem: wear 1 % low": (
        DESIGN,
        "stack-wear",
        [(PEM, "    c.degradation_v += c.degradation_v_per_s", "    c.degradation_v += 0.99 * c.degradation_v_per_s")],
    ),
    "pem: starts do not wear": (
        DESIGN,
        "stack-wear",
        [
            ("components.pem_mode", "        c.degradation_v += c.degradation_per_start_v\n", "        pass\n"),
            (PEM, "", ""),
        ],
    ),
    "pem: life 1 % long": (
        DESIGN,
        "stack-wear",
        [(PEM, "    c.end_of_life_v = voltage", "    c.end_of_life_v = 1.01 * voltage")],
    ),
    "pem: hours 1 % low": (
        DESIGN,
        "stack-counters",
        [(PEM, "c.running_h += on * dt", "c.running_h += 0.99 * on * dt")],
    ),
    "pem: starts not counted": (
        DESIGN,
        "stack-counters",
        [("components.pem_mode", "    c.n_starts += 1.0\n", ""), (PEM, "", "")],
    ),
    "pem: no trip on hydrogen in oxygen": (
        CROSSING,
        "stack-trips",
        [(PEM, "    if c.h2_in_o2_frac > limit:", "    if c.h2_in_o2_frac > 10.0:")],
    ),
    "pem: hydrogen in oxygen shown 10 % low": (
        DESIGN,
        "crossover",
        [
            (
                PEM,
                "c.h2_in_o2_frac = h2_anode / max(h2_anode + o2_anode, _SMALL)",
                "c.h2_in_o2_frac = 0.9 * h2_anode / max(h2_anode + o2_anode, _SMALL)",
            )
        ],
    ),
    "pem: drag 10 % low": (
        DESIGN,
        "water-drag",
        [
            ("components.pem_cell", "2.0 * split * c.drag_ratio", "1.8 * split * c.drag_ratio"),
            (PEM, "", ""),
        ],
    ),
    "pem: water comes back without its hydrogen": (
        DESIGN,
        "water-drag",
        [("components.pem_cell", "dissolved = min(per_pa * p_h2, h2)", "dissolved = 0.0 * h2"), (PEM, "", "")],
    ),
    "pem: asks for 1 % too little water": (
        DESIGN,
        "water-drag",
        [(PEM, "demand = max(used +", "demand = max(0.99 * used +")],
    ),
    "pem: ramp twice as fast": (
        DESIGN,
        "set-point",
        [
            ("components.pem_mode", "rise / c.ramp_w_per_s", "rise / (2.0 * c.ramp_w_per_s)"),
            (PEM, "", ""),
        ],
    ),
    "pem: takes 1 % less than asked": (
        DESIGN,
        "set-point",
        [(PEM, "    power_w = ramped_power(", "    power_w = 0.99 * ramped_power(")],
    ),
    "pem: gases 10 K too warm at their enthalpy": (
        DESIGN,
        "saturated-gases",
        [(PEM, "    T = start_k + max(", "    T = start_k + 10.0 + max(")],
    ),
    "pem: cathode above its set pressure": (
        DESIGN,
        "cathode-pressure",
        [
            (
                "components.pem_gas",
                "full_kg = c.cathode_pressure_setpoint_pa",
                "full_kg = 1.1 * c.cathode_pressure_setpoint_pa",
            ),
            (PEM, "", ""),
        ],
    ),
    "pem: gas leaves twice as fast": (
        "pem: seconds",
        "hold-up",
        [("components.hold_up", "else 1.0 / residence_time_s", "else 2.0 / residence_time_s"), (PEM, "", "")],
    ),
    "pem: heat leaves twice as fast": (
        "pem: seconds",
        "hold-up",
        [
            ("components.hold_up", "heat_w = held_j / residence_time_s", "heat_w = 2.0 * held_j / residence_time_s"),
            (PEM, "", ""),
        ],
    ),
    "pem: above its rating": (
        "pem: too much asked",
        "rated-power",
        [
            (
                PEM,
                "ramped_power(c, min(wanted_w, c.rated_power_w)",
                "ramped_power(c, min(wanted_w, 1.05 * c.rated_power_w)",
            )
        ],
    ),
    "pem: below its smallest load": (
        "pem: too little asked",
        "set-point",
        [("components.pem_mode", "wanted_w >= c.min_load_frac", "wanted_w >= 0.5 * c.min_load_frac"), (PEM, "", "")],
    ),
    "pem: cooler 10 % larger than it is": (
        "pem: little cooling",
        "stack-cooling",
        [(PEM, "cooler = bus[c.cooling_conductance]", "cooler = 1.1 * bus[c.cooling_conductance]")],
    ),
    "pem: runs dry": (
        "pem: no water",
        "stack-trips",
        [(PEM, "if water_kg < c.water_trip_kg and", "if water_kg < 0.5 * c.water_trip_kg and")],
    ),
    "pem: leaks ten times too slowly": (
        "pem: rest under pressure",
        "idle-leak",
        [(PEM, "    rate = permeability /", "    rate = 0.1 * permeability /")],
    ),
    "pem: never replaced": (
        "pem: old",
        "wear-bounds",
        [(PEM, "c.degradation_v >= c.end_of_life_v", "c.degradation_v >= 1.05 * c.end_of_life_v")],
    ),
    "pem: heater shown without power": ("pem: frost", "stack-power", [(PEM, "    c.heater_w = 0.0\n", "")]),
    "pem: heats what is cooled": (
        "pem: kept warmer than its set point",
        "stack-heat",
        [(PEM, " or on > 0.0 or cooling > 0.0", " or on > 0.0")],
    ),
    # SOEC
    "soec: water split 1 % high": (
        FULL,
        "steam-split",
        [(SOEC, "    made = c.n_cells * WATER", "    made = 1.01 * c.n_cells * WATER")],
    ),
    "soec: resistance 3 % low, voltage 1 %": (
        FULL,
        "solid-oxide-voltage",
        [(SOEC, "    aged = (1.0 + c.asr_growth_frac)", "    aged = 0.9 * (1.0 + c.asr_growth_frac)")],
    ),
    "soec: heat of splitting steam 1 % low": (
        FULL,
        "thermoneutral-heat",
        [
            (
                "physics.soec_heat_balance",
                "        c.held_h2_j_per_kg + cp[0]",
                "        c.held_h2_j_per_kg - 1.2e6 + cp[0]",
            ),
            (SOEC, "", ""),
        ],
    ),
    "soec: half the loss of the hot box": (
        FULL,
        "hot-box-loss",
        [(SOEC, "    loss = c.loss_conductance_w_per_k *", "    loss = 0.5 * c.loss_conductance_w_per_k *")],
    ),
    "soec: a lighter hot box": (
        COLD,
        "hot-box-balance",
        [(SOEC, "    capacity = c.heat_capacity_j_per_k\n", "    capacity = 0.99 * c.heat_capacity_j_per_k\n")],
    ),
    "soec: parasitic loads 1 % low": (
        FULL,
        "module-power",
        [
            (
                SOEC,
                "(stack + heater + parasitic) / (1.0 - c.parasitic_frac)",
                "(stack + heater + parasitic) / (1.0 - 0.8 * c.parasitic_frac)",
            )
        ],
    ),
    "soec: outlet gas cooled too far": (
        FULL,
        "internal-recuperator",
        [
            (
                "physics.soec_heat_balance",
                "    weighted = inlet * fuel_k\n",
                "    weighted = inlet * (fuel_k - 10.0)\n",
            ),
            (SOEC, "", ""),
        ],
    ),
    "soec: splits too much of the steam": (
        "soec: little steam",
        "steam-split",
        [(SOEC, "highest = c.utilisation_max_frac * n_water", "highest = 1.02 * c.utilisation_max_frac * n_water")],
    ),
    "soec: shows steam split 1 % low": (
        FULL,
        "steam-split",
        [(SOEC, "voltage, made / n_water if", "voltage, 0.99 * made / n_water if")],
    ),
    "soec: the heater cools": (
        "soec: warm by itself",
        "module-power",
        [
            ("physics.soec_heat_balance", "if 0.0 <= heater <= heater_max_w", "if heater <= heater_max_w"),
            (SOEC, "", ""),
        ],
    ),
    "soec: warms faster than its rate": (
        COLD,
        "hot-box-control",
        [
            (
                SOEC,
                "x, decay, c.heating_rate_k_per_s * dt)",
                "x, decay, 1.1 * c.heating_rate_k_per_s * dt)",
            )
        ],
    ),
    "soec: asks for 1 % too little steam": (
        FULL,
        "steam-demand",
        [(SOEC, "return max(next_a, 0.0) * per_a", "return 0.99 * max(next_a, 0.0) * per_a")],
    ),
    "soec: takes 1 % less than asked": (
        FULL,
        "module-set-point",
        [
            (SOEC, "        available = power[0] *", "        available = 0.99 * power[0] *"),
            (SOEC, "power[0], power[1], warming", "power[0], power[1], warming"),
        ],
    ),
    "soec: above its rating": (
        "soec: too much asked",
        "module-power",
        [(SOEC, "        return c.power_max_w, LIMITED", "        return 1.02 * c.power_max_w, LIMITED")],
    ),
    "soec: no wear": (
        FULL,
        "solid-oxide-wear",
        [(SOEC, "c.asr_growth_frac += c.growth_per_h", "c.asr_growth_frac += 0.0 * c.growth_per_h")],
    ),
    "soec: wear 1 % low": (
        FULL,
        "solid-oxide-wear",
        [(SOEC, "c.asr_growth_frac += c.growth_per_h", "c.asr_growth_frac += 0.99 * c.growth_per_h")],
    ),
    "soec: waits hot without wear": (
        STANDBY,
        "solid-oxide-wear",
        [(SOEC, "c.asr_growth_frac += c.idle_growth_per_h", "c.asr_growth_frac += 0.0 * c.idle_growth_per_h")],
    ),
    "soec: hot hours 1 % low": (
        STANDBY,
        "module-counters",
        [(SOEC, "        c.idle_hot_h += dt /", "        c.idle_hot_h += 0.99 * dt /")],
    ),
    "soec: cold starts do not wear": (
        COLD,
        "solid-oxide-wear",
        [("components.soec_mode", "            c.asr_growth_frac += c.growth_per_cycle_frac\n", ""), (SOEC, "", "")],
    ),
    "soec: replaced too early": (
        "soec: old",
        "solid-oxide-life",
        [(SOEC, "c.asr_growth_frac >= c.end", "c.asr_growth_frac >= 0.95 * c.end")],
    ),
    "soec: replaced too late": (
        "soec: old",
        "wear-bounds",
        [(SOEC, "c.asr_growth_frac >= c.end", "c.asr_growth_frac >= 1.02 * c.end")],
    ),
    "soec: hours 1 % low": (
        FULL,
        "module-counters",
        [(SOEC, "        c.running_h += dt /", "        c.running_h += 0.99 * dt /")],
    ),
    "soec: hours counted in standby": (
        STANDBY,
        "hours-with-current",
        [
            (
                SOEC,
                "        c.load_w = 0.0\n    demand",
                "        c.load_w = 0.0\n        c.running_h += dt / 3600.0\n    demand",
            )
        ],
    ),
    "soec: cycles not counted": (
        COLD,
        "module-counters",
        [("components.soec_mode", "            c.n_thermal_cycles += 1.0\n", ""), (SOEC, "", "")],
    ),
    "soec: gas leaves twice as fast": (
        "soec: seconds",
        "hold-up",
        [("components.hold_up", "else 1.0 / residence_time_s", "else 2.0 / residence_time_s"), (SOEC, "", "")],
    ),
    "soec: heat that warms it up counted twice": (
        COLD,
        "module-counters",
        [(SOEC, "(heater + parasitic) * dt if", "2.0 * (heater + parasitic) * dt if")],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_found(fault):
    place, law, edits = FAULTS[fault]
    kind = planted(*edits)
    assert law in (driven(place, kind) if place in SCENES else broken_in_case(place, kind))


@pytest.mark.parametrize("scene", SCENES)
def test_no_false_alarm(scene):
    assert driven(scene) == set()
