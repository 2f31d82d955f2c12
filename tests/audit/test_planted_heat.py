"""Faults planted in kinds of heat and water: the audit names the law."""

import pytest

from h2plant.components.registry import Kinds
from h2plant.core.declare import Kind
from h2plant.testing.watched_rig import WatchedRig
from tests.audit.planting import Edit, broken_in_case, planted

FAULTS: dict[str, tuple[str, str, list[Edit]]] = {
    "steam generator: steam 1 % of its heat poorer": (
        "steam_generator--dry_steam_4bar",
        "steam-heat",
        [
            (
                "components.steam_generator",
                "        c.steam_enthalpy_j_per_kg = saturated_vapour_enthalpy(props, temperature_k)\n",
                "        c.steam_enthalpy_j_per_kg = saturated_vapour_enthalpy(props, temperature_k) - 26.3e3\n",
            )
        ],
    ),
    "steam generator: steam 10 % of its heat poorer": (
        "steam_generator--dry_steam_4bar",
        "steam-heat",
        [
            (
                "components.steam_generator",
                "        c.steam_enthalpy_j_per_kg = saturated_vapour_enthalpy(props, temperature_k)\n",
                "        c.steam_enthalpy_j_per_kg = saturated_vapour_enthalpy(props, temperature_k) - 263e3\n",
            )
        ],
    ),
    "steam generator: heater draws 1 % less, heat out of nothing": (
        "steam_generator--dry_steam_4bar",
        "drum-loss",
        [
            (
                "components.steam_generator",
                "    power = heater / c.heater_efficiency_frac\n",
                "    power = 0.99 * heater / c.heater_efficiency_frac\n",
            )
        ],
    ),
    "steam generator: pressure 1 % above boiling": (
        "steam_generator--dry_steam_4bar",
        "drum-saturation",
        [
            (
                "components.steam_generator",
                "    c.pressure_pa = saturation_pressure(props, temperature_k)\n",
                "    c.pressure_pa = 1.01 * saturation_pressure(props, temperature_k)\n",
            )
        ],
    ),
    "steam generator: counter of heat given 1 % high": (
        "steam_generator--dry_steam_4bar",
        "steam-heat",
        [("components.steam_generator", "c.given_j += steam * lift * dt", "c.given_j += 1.01 * steam * lift * dt")],
    ),
    "dry cooler: takes 1 % more than its surface": (
        "dry_cooler--full-fans",
        "bank-conductance",
        [
            (
                "components.dry_cooler",
                "    bus[c.conductance] = c.full_conductance_w_per_k\n",
                "    bus[c.conductance] = 1.01 * c.full_conductance_w_per_k\n",
            )
        ],
    ),
    "dry cooler: fans draw 1 % less": (
        "dry_cooler--full-fans",
        "fan-power",
        [
            (
                "components.dry_cooler",
                "    c.full_power_w = c.air_flow_m3_per_s * ",
                "    c.full_power_w = 0.99 * c.air_flow_m3_per_s * ",
            )
        ],
    ),
    "dry cooler: heat beyond its reach is not counted": (
        "dry_cooler--full-fans",
        "bank-above-air",
        [("components.dry_cooler", "c.short_j += (heat_w - most_w) * dt", "c.short_j += 0.0 * dt")],
    ),
    "cooling loop: half the glycol": (
        "cooling_loop--bypass-and-full-cooling",
        "loop-balance",
        [
            (
                "components.cooling_loop",
                "    c.capacity_j_per_k = c.glycol_kg * c.heat_capacity_j_per_kg_k\n",
                "    c.capacity_j_per_k = 0.5 * c.glycol_kg * c.heat_capacity_j_per_kg_k\n",
            )
        ],
    ),
    "cooling loop: coolers take from a loop 12 K warmer than it is": (
        "cooling_loop--bypass-and-full-cooling",
        "loop-rejection",
        [("components.cooling_loop", "        ambient_k - spread_k,\n", "        ambient_k - spread_k - 12.0,\n")],
    ),
    "cooling loop: pumps draw 1 % less": (
        "cooling_loop--bypass-and-full-cooling",
        "loop-pumps",
        [
            (
                "components.cooling_loop",
                "    shaft_w = c.rated_shaft_w * speed",
                "    shaft_w = 0.99 * c.rated_shaft_w * speed",
            )
        ],
    ),
    "buffer: half the heat loss": (
        "thermal_manager--charging-and-preheating",
        "buffer-balance",
        [
            (
                "components.thermal_manager",
                "    loss_w_per_k = c.loss_conductance_w_per_k\n",
                "    loss_w_per_k = 0.5 * c.loss_conductance_w_per_k\n",
            )
        ],
    ),
    "buffer: 1 % more water than it has": (
        "thermal_manager--charging-and-preheating",
        "buffer-balance",
        [
            (
                "components.thermal_manager",
                "    c.capacity_j_per_k = c.water_kg * HEAT",
                "    c.capacity_j_per_k = 1.01 * c.water_kg * HEAT",
            )
        ],
    ),
    "buffer: feed 1 % more than its exchanger gives": (
        "thermal_manager--charging-and-preheating",
        "buffer-feed",
        [
            (
                "components.thermal_manager",
                "        feed_w_per_k = effectiveness",
                "        feed_w_per_k = 1.01 * effectiveness",
            )
        ],
    ),
    "heat exchanger: UA 1 % high": (
        "heat_exchanger--counter-flow",
        "exchanger-conductance",
        [
            (
                "components.heat_exchanger",
                "                (1.0 - c.fouling_frac)\n",
                "                1.01 * (1.0 - c.fouling_frac)\n",
            )
        ],
    ),
    "heat exchanger: gives more than its smaller side": (
        "heat_exchanger--counter-flow",
        "exchanger-conductance",
        [
            (
                "components.heat_exchanger",
                "c.conductance_w_per_k = c.effectiveness_frac * least",
                "c.conductance_w_per_k = 2.1 * c.effectiveness_frac * least",
            )
        ],
    ),
    "recuperator: UA 1 % high": (
        "recuperator--balanced_gas",
        "exchanger-duty",
        [("components.recuperator", "    return 2.0 * c.conductance", "    return 2.02 * c.conductance")],
    ),
    "recuperator: temperatures cross": (
        "recuperator--balanced_gas",
        "no-crossing",
        [
            (
                "components.recuperator",
                "    conductance = _conductance(c, hot_flow, cold_flow)\n",
                "    conductance = _conductance(c, hot_flow, cold_flow)\n    span *= 1.5\n    T_hot += 50.0\n",
            ),
            (
                "components.recuperator",
                "    duty = _local_exchange(c, bus, props, conductance, hot_flow, cold_flow, 0.0)\n",
                "    duty = _local_exchange(c, bus, props, conductance, hot_flow, cold_flow, 110.0e3)\n",
            ),
        ],
    ),
    "trace heating: draws half of what it gives": (
        "trace_heating--frosty-night",
        "trace-heat",
        [("components.trace_heating", "    bus[c.power] = power_w\n", "    bus[c.power] = 0.5 * power_w\n")],
    ),
    "trace heating: says that it holds more than it does": (
        "trace_heating--frosty-night",
        "trace-loss",
        [
            (
                "components.trace_heating",
                "held_k += power_w / c.loss_w_per_k",
                "held_k += 1.01 * power_w / c.loss_w_per_k",
            )
        ],
    ),
    "deoxidiser: frost heater without power": (
        "deoxidiser--frost",
        "bed-heat",
        [("components.deoxidiser", "    bus[c.frost_power] = heater_w\n", "    bus[c.frost_power] = 0.0\n")],
    ),
    "electric heater: gives 1 % more than it draws": (
        "electric_heater--hydrogen",
        "heater-balance",
        [
            (
                "components.electric_heater",
                "    power = heat / c.efficiency_frac\n",
                "    power = heat / (c.efficiency_frac * 1.01)\n",
            )
        ],
    ),
    "electric heater: heats without power": (
        "electric_heater--hydrogen",
        "heater-balance",
        [
            (
                "components.electric_heater",
                "    power = heat / c.efficiency_frac\n    c.heat_w = heat\n",
                "    power = 0.0\n    c.heat_w = heat\n",
            )
        ],
    ),
    "electric heater: beyond its power": (
        "electric_heater--hydrogen",
        "heater-target",
        [
            (
                "components.electric_heater",
                "        most = c.power_max_w * c.efficiency_frac\n",
                "        most = 1.01 * c.power_max_w * c.efficiency_frac\n",
            )
        ],
    ),
    "electric heater: half of what lacks is counted": (
        "electric_heater--hydrogen",
        "heater-target",
        [
            (
                "components.electric_heater",
                "c.short_j += (wanted - most) * dt",
                "c.short_j += 0.5 * (wanted - most) * dt",
            )
        ],
    ),
    "air blower: draws 2 % less": (
        "air_blower--sweep-air",
        "blower-work",
        [("components.air_blower", "    shaft_w = flow * ", "    shaft_w = 0.98 * flow * ")],
    ),
    "air blower: half a percent too little oxygen": (
        "air_blower--sweep-air",
        "air",
        [("components.air_blower", "    o2 = flow * _OXY", "    o2 = 0.995 * flow * _OXY")],
    ),
    "air blower: 1 % less than asked for": (
        "air_blower--sweep-air",
        "air-flow",
        [("components.air_blower", "    wanted *= c.demand_ratio\n", "    wanted *= 0.99 * c.demand_ratio\n")],
    ),
    "circulation pump: draws 1 % less": (
        "circulation_pump--start-from-rest",
        "pump-work",
        [
            ("physics.pump", "(best_efficiency_frac * (2.0 - ratio))", "(1.01 * best_efficiency_frac * (2.0 - ratio))"),
            ("components.circulation_pump", "", ""),
        ],
    ),
    "circulation pump: flow 1 % above its speed": (
        "circulation_pump--start-from-rest",
        "pump-flow",
        [
            (
                "components.circulation_pump",
                "        friction = c.resistance_pa_s2_per_m6 / ",
                "        friction = 0.98 * c.resistance_pa_s2_per_m6 / ",
            )
        ],
    ),
    "circulation pump: motor without loss": (
        "circulation_pump--start-from-rest",
        "motor-loss",
        [
            (
                "components.circulation_pump",
                "        c.power_w = shaft_w / c.motor_efficiency_frac\n",
                "        c.power_w = shaft_w\n",
            )
        ],
    ),
    "pump: draws 1 % less": (
        "pump--rated-point",
        "feed-pump-work",
        [
            ("physics.pump", "(best_efficiency_frac * (2.0 - ratio))", "(1.01 * best_efficiency_frac * (2.0 - ratio))"),
            ("components.pump", "", ""),
        ],
    ),
    "pump: water half as much warmer": (
        "pump--rated-point",
        "pump-warming",
        [
            (
                "components.pump",
                "liquid, enthalpy_w, T, out_pa)\n",
                "liquid, enthalpy_w, 0.5 * (T + inlet_k), out_pa)\n",
            )
        ],
    ),
    "pump: what its speed cannot give is not counted": (
        "pump--rated-point",
        "pump-order",
        [("components.pump", "c.short_kg += bus[EVENT_AMOUNT] * dt", "c.short_kg += 0.0 * dt")],
    ),
    "purifier: recovers 1 % less": (
        "water_purifier--reference-plant",
        "purifier-work",
        [
            (
                "components.water_purifier",
                "    permeate = c.recovery_frac * water\n",
                "    permeate = 0.99 * c.recovery_frac * water\n",
            )
        ],
    ),
    "purifier: draws 1 % less": (
        "water_purifier--reference-plant",
        "purifier-work",
        [
            (
                "components.water_purifier",
                "REFERENCE_DENSITY_KG_PER_M3 = 998.2",
                "REFERENCE_DENSITY_KG_PER_M3 = 1008.2",
            )
        ],
    ),
    "water source: bill 1 % low": (
        "water_source--standard-state",
        "water-bill",
        [("components.water_source", "BILLED_DENSITY_KG_PER_M3 = 1000.0", "BILLED_DENSITY_KG_PER_M3 = 1010.0")],
    ),
    "water source: counts 1 % less than it gives": (
        "water_source--standard-state",
        "water-bill",
        [("components.water_source", "    c.drawn_kg += flow * dt\n", "    c.drawn_kg += 0.99 * flow * dt\n")],
    ),
    "water source: 1 K colder than the heat it carries": (
        "water_source--standard-state",
        "mains-temperature",
        [
            (
                "components.water_source",
                "water_enthalpy(props, pressure_pa, temperature_k)",
                "water_enthalpy(props, pressure_pa, temperature_k + 1.0)",
            )
        ],
    ),
    "tank: half the heat loss": (
        "water_tank--cooling-and-refill",
        "tank-heat",
        [("components.water_tank", "    loss_w = c.loss", "    loss_w = 0.5 * c.loss")],
    ),
    "tank: 0.3 K too warm at the right enthalpy": (
        "water_tank--cooling-and-refill",
        "tank-heat",
        [
            (
                "components.water_tank",
                "    c.temperature_k = T\n    c.water_kg",
                "    c.temperature_k = T + 0.3\n    c.water_kg",
            )
        ],
    ),
    "tank: level 1 % high": (
        "water_tank--cooling-and-refill",
        "tank-level",
        [
            (
                "components.water_tank",
                "    bus[c.level] = c.water_kg / c.capacity_kg\n",
                "    bus[c.level] = 1.01 * c.water_kg / c.capacity_kg\n",
            )
        ],
    ),
    "tank: gives 1 % less than asked and does not count it": (
        "water_tank--cooling-and-refill",
        "tank-delivery",
        [("components.water_tank", "    share = 1.0\n", "    share = 0.99\n")],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_found(fault):
    case, law, edits = FAULTS[fault]
    assert law in broken_in_case(case, planted(*edits))


def drum(kind: Kind, **parameters: float) -> WatchedRig:
    rig = WatchedRig(kind, parameters, is_plain=True)
    rig.set_signal("ambient_temperature", 290.0)
    return rig


def blown_off(kind: Kind) -> WatchedRig:
    """Return a drum that is given more heat than it can keep, then more water, with superheated steam drawn."""
    rig = drum(kind, superheat_k=40.0, temperature_start_k=420.0)
    rig.set_signal("demands", 0.05)
    rig.set_stream("water", 320.0, 9.0e5, liquid=0.6)
    rig.set_signal("heat", 2.0e6)
    rig.step(40, 60.0)
    rig.set_stream("water", 320.0, 9.0e5, liquid=4.0)
    rig.set_signal("heat", 3.0e5)
    rig.step(20, 60.0)
    return rig


def starved(kind: Kind) -> WatchedRig:
    """Return a drum that warms up and of which then more is asked than it has."""
    rig = drum(kind, temperature_start_k=300.0)
    rig.set_stream("water", 300.0, 9.0e5, liquid=0.0)
    rig.step(60, 60.0)
    rig.set_signal("demands", 3.0)
    rig.step(60, 60.0)
    return rig


def cold_tank(kind: Kind) -> WatchedRig:
    """Return a small tank in frost, then filled beyond its brim, with gas in the water, then drawn empty."""
    rig = WatchedRig(
        kind,
        {
            "capacity_kg": 1.0e3,
            "loss_conductance_w_per_k": 100.0,
            "initial_temperature_k": 280.0,
            "heater_power_w": 1.0e3,
        },
        {"demands": 2, "outlets": 2},
        is_plain=True,
    )
    rig.set_signal("ambient_temperature", 263.15)
    rig.step(8, 3600.0)
    rig.set_stream("inlets", 300.0, 2.0e5, liquid=1.0, o2=1.0e-4)
    rig.step(20, 60.0)
    rig.set_stream("inlets", 300.0, 2.0e5, liquid=0.1)
    rig.set_signal("demands", 2.0, 0)
    rig.set_signal("demands", 1.0, 1)
    rig.step(20, 60.0)
    return rig


def part_load(kind: Kind) -> WatchedRig:
    """Return a bank of coolers that is given more and more heat, with its liquid at rated and at half flow."""
    rig = WatchedRig(kind, {}, is_plain=True)
    rig.set_signal("ambient_temperature", 283.15)
    rig.set_signal("loop_temperature", 298.15)
    for flow in (100.0, 50.0):
        rig.set_signal("loop_flow", flow)
        for share in (0.0, 0.1, 0.3, 0.36, 0.5, 0.64, 0.7, 0.9, 1.1):
            rig.set_signal("heat", share * 2.0e6)
            rig.step(1, 60.0)
    return rig


DRIVEN = {
    "dry cooler: at low speed more heat than warms the air to the liquid": (
        part_load,
        "fan-power",
        [("components.dry_cooler", "slow_use_frac = slow / full", "slow_use_frac = 1.19 * slow / full")],
    ),
    "dry cooler: fans draw by the square of their speed": (
        part_load,
        "fan-power",
        [("components.dry_cooler", "use ** (3.0 / c.speed_exponent)", "use ** (2.0 / c.speed_exponent)")],
    ),
    "steam generator: relief a tenth above its limit": (
        blown_off,
        "drum-control",
        [
            (
                "components.steam_generator",
                "    c.relief_temperature_k = saturation_temperature(props, c.pressure_relief_pa)\n",
                "    c.relief_temperature_k = saturation_temperature(props, 1.1 * c.pressure_relief_pa)\n",
            )
        ],
    ),
    "steam generator: superheat without heat": (
        blown_off,
        "steam-enthalpy",
        [
            (
                "components.steam_generator",
                "vapour_enthalpy(props, own_pa, temperature_k + c.superheat_k)",
                "vapour_enthalpy(props, own_pa, temperature_k + 0.8 * c.superheat_k)",
            )
        ],
    ),
    "steam generator: 1 % more heat in the water than there is": (
        blown_off,
        "drum-balance",
        [
            (
                "components.steam_generator",
                "    return water_kg * water_enthalpy_j_per_kg + metal\n",
                "    return water_kg * (1.01 * water_enthalpy_j_per_kg) + metal\n",
            )
        ],
    ),
    "steam generator: warms twice as fast as its wall bears": (
        starved,
        "drum-control",
        [
            (
                "components.steam_generator",
                "    rise_k = c.heating_rate_k_per_s * dt\n",
                "    rise_k = 2.0 * c.heating_rate_k_per_s * dt\n",
            )
        ],
    ),
    "steam generator: steam not given is not counted": (
        starved,
        "steam-served",
        [("components.steam_generator", "c.short_j += bus[EVENT_AMOUNT] * lift * dt", "c.short_j += 0.0 * dt")],
    ),
    "steam generator: half the heat loss": (
        starved,
        "drum-loss",
        [
            (
                "components.steam_generator",
                "    k = c.loss_conductance_w_per_k\n",
                "    k = 0.5 * c.loss_conductance_w_per_k\n",
            )
        ],
    ),
    "tank: frost heater twice its power": (
        cold_tank,
        "tank-heat",
        [
            (
                "components.water_tank",
                "min(short_j / dt, c.heater_power_w)",
                "min(short_j / dt, 2.0 * c.heater_power_w)",
            )
        ],
    ),
    "tank: spills before it is full": (
        cold_tank,
        "tank-level",
        [
            ("components.water_tank", "spilled_kg = water_kg - c.", "spilled_kg = water_kg - 0.98 * c."),
            ("components.water_tank", "  water_kg = c.capacity_kg\n", "  water_kg = 0.98 * c.capacity_kg\n"),
        ],
    ),
    "tank: one outlet before the other": (
        cold_tank,
        "tank-delivery",
        [
            (
                "components.water_tank",
                "        out += flow\n",
                "        out += flow\n        share *= 0.5\n",
            )
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", DRIVEN)
def test_found_where_it_is_driven(fault):
    drive, law, edits = DRIVEN[fault]
    assert law in drive(planted(*edits)).broken_laws()


@pytest.mark.parametrize(
    ("drive", "kind"),
    [
        (blown_off, "steam_generator"),
        (starved, "steam_generator"),
        (cold_tank, "water_tank"),
        (part_load, "dry_cooler"),
    ],
)
def test_laws_hold_where_it_is_driven(drive, kind):
    rig = drive(Kinds()[kind])
    rig.assert_balanced()
    assert rig.broken_laws() == {}
