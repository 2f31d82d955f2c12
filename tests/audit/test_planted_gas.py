"""Faults planted in what treats gas: the audit names the law, most of them where the ledger sees nothing."""

import pytest

from h2plant.components.registry import Kinds
from h2plant.testing.watched_rig import WatchedRig
from tests.audit.planting import broken_in_case, planted

PUT = "put_stream(bus, c.outlet, h2, o2, n2, vapour, "
FAULTS = {
    "compressor_stage: work 10 % low": (
        "compressor_stage--30-to-200-bar",
        {"isentropic-work", "isentropic-work-plain"},
        [("components.compressor_stage", "moles * ideal_j_per_mol *", "0.9 * moles * ideal_j_per_mol *")],
    ),
    "compressor_stage: work 1 % low": (
        "compressor_stage--wet-first-of-six",
        {"isentropic-work"},
        [("components.compressor_stage", "moles * ideal_j_per_mol *", "0.99 * moles * ideal_j_per_mol *")],
    ),
    "compressor_stage: better than its efficiency by 1 %": (
        "compressor_stage--30-to-200-bar",
        {"isentropic-work"},
        [("components.compressor_stage", "part_load_efficiency(c.eff", "1.01 * part_load_efficiency(c.eff")],
    ),
    "compressor_stage: drive without losses": (
        "compressor_stage--30-to-200-bar",
        {"compressor-losses"},
        [("components.compressor_stage", " / (c.mechanical_efficiency_frac * c.motor_efficiency_frac)", "")],
    ),
    "compressor_stage: electricity 1 % low, its heat as well": (
        "compressor_stage--30-to-200-bar",
        {"compressor-losses"},
        [("components.compressor_stage", "electric_w = through_w / (", "electric_w = through_w / (1.01 * ")],
    ),
    "compressor_stage: gas goes round for nothing": (
        "compressor_stage--recycle",
        {"compressor-losses"},
        [("components.compressor_stage", "through_w = gas_w * turns", "through_w = gas_w")],
    ),
    "compressor_stage: stages share the rise, not the ratio": (
        "compressor_stage--wet-first-of-six",
        {"stage-pressure"},
        [
            ("components.compressor_stage", "per_stage = 1.0 / c.n_stages_left", "per_stage = 0.99 / c.n_stages_left"),
        ],
    ),
    "compressor_stage: every step a start": (
        "compressor_stage--30-to-200-bar",
        {"compressor-record"},
        [("components.compressor_stage", "if c.is_running == 0.0:", "if c.is_running >= 0.0:")],
    ),
    "compressor_stage: hours 1 % low": (
        "compressor_stage--30-to-200-bar",
        {"compressor-record"},
        [("components.compressor_stage", "c.running_h += running * dt", "c.running_h += 0.99 * running * dt")],
    ),
    "gas_cooler: colder than its coolant": (
        "gas_cooler--hot-day",
        {"no-colder-than-coolant", "cooler-effectiveness"},
        [
            (
                "components.gas_cooler",
                "max(c.target_temperature_k, coolant_k + (1.0 - reached_frac) * (inlet_k - coolant_k))",
                "c.target_temperature_k",
            )
        ],
    ),
    "gas_cooler: effectiveness 1 % high": (
        "gas_cooler--hot-day",
        {"cooler-effectiveness"},
        [("components.gas_cooler", "(1.0 - reached_frac)", "(1.0 - 1.01 * reached_frac)")],
    ),
    "gas_cooler: outlet 10 K too warm at the right enthalpy": (
        "gas_cooler--moist-hydrogen-to-300-k",
        {"stream-temperature", "stream-temperature-exact"},
        [
            (
                "components.gas_cooler",
                "water - vapour, outlet_w, outlet_k,",
                "water - vapour, outlet_w, outlet_k + 10.0,",
            )
        ],
    ),
    "gas_cooler: condensate stays vapour": (
        "gas_cooler--moist-hydrogen-to-300-k",
        {"vapour-liquid"},
        [("components.gas_cooler", PUT + "water - vapour,", "put_stream(bus, c.outlet, h2, o2, n2, water, 0.0,")],
    ),
    "gas_cooler: pressure drop with the flow, not its square": (
        "gas_cooler--hot-day",
        {"pressure-loss"},
        [("components.gas_cooler", "c.drop_pa_s2_per_kg2 * flow * flow", "c.drop_pa_s2_per_kg2 * flow")],
    ),
    "gas_cooler: fans 1 % low": (
        "gas_cooler--moist-hydrogen-to-300-k",
        {"cooler-effectiveness"},
        [("components.gas_cooler", "power_w = c.fan_power_ratio", "power_w = 0.99 * c.fan_power_ratio")],
    ),
    "gas_cooler: heat that it lacks 1 % low": (
        "gas_cooler--hot-day",
        {"cooler-shortfall"},
        [("components.gas_cooler", "c.short_j += max", "c.short_j += 0.99 * max")],
    ),
    "chiller: a tenth of the power": (
        "chiller--dry-hydrogen",
        {"chiller-second-law"},
        [("components.chiller", "max(duty_w, 0.0) / cop", "0.1 * max(duty_w, 0.0) / cop")],
    ),
    "chiller: COP 1 % high": (
        "chiller--dry-hydrogen",
        {"chiller-second-law"},
        [("components.chiller", "cop = chiller_cop(", "cop = 1.01 * chiller_cop(")],
    ),
    "chiller: cycles for nothing": (
        "chiller--dry-hydrogen",
        {"chiller-second-law"},
        [("components.chiller", "lowest_w, c.cycling_loss_frac)", "lowest_w, 0.5 * c.cycling_loss_frac)")],
    ),
    "chiller: 1 % beyond its capacity": (
        "chiller--dry-hydrogen",
        {"chiller-reach"},
        [("components.chiller", "duty_w = capacity_w\n", "duty_w = 1.01 * capacity_w\n")],
    ),
    "liquid_separator: 1 % more liquid slips through": (
        "liquid_separator--drag-water",
        {"separated-liquid", "drum-state"},
        [("components.liquid_separator", "drained = liquid * c.eff", "drained = 0.99 * liquid * c.eff")],
    ),
    "liquid_separator: 1 % more hydrogen dissolves": (
        "liquid_separator--drag-water",
        {"dissolved-gas"},
        [
            ("physics.solubility", "0.007320565) * u + 0.127481))", "0.007320565) * u + 0.128756))"),
            ("components.liquid_separator", "", ""),
        ],
    ),
    "deoxidiser: burns less than its catalyst can": (
        "deoxidiser--adiabatic-rise",
        {"catalyst"},
        [("components.deoxidiser", "-exponential_less_one(-units)", "-0.99 * exponential_less_one(-units)")],
    ),
    "deoxidiser: water formed counted 1 % low": (
        "deoxidiser--adiabatic-rise",
        {"recombination"},
        [("components.deoxidiser", "c.reacted_h2o_mol -= formed", "c.reacted_h2o_mol -= 0.99 * formed")],
    ),
    "deoxidiser: 1 % of the heat vanishes": (
        "deoxidiser--adiabatic-rise",
        {"bed-heat"},
        [
            (
                "components.deoxidiser",
                "outlet_w = inlet_w + heater_w - loss_w - c.bed",
                "outlet_w = inlet_w + heater_w - loss_w - 0.99 * c.bed",
            )
        ],
    ),
    "deoxidiser: gas 1 K warmer than the bed": (
        "deoxidiser--adiabatic-rise",
        {"stream-temperature-exact"},
        [("components.deoxidiser", "outlet_k = mean_k\n", "outlet_k = mean_k + 1.0\n")],
    ),
    "dryer: 1 % of the water slips through": (
        "dryer--moist-hydrogen-from-chiller",
        {"dryer-moisture"},
        [("components.dryer", "arriving = max(water_in -", "arriving = max(0.99 * water_in -")],
    ),
    "dryer: heat of adsorption 1 % low, in step and content": (
        "dryer--moist-hydrogen-from-chiller",
        {"regeneration-heat"},
        [("components.dryer", "FORMATION_J_PER_KG - c.heat", "FORMATION_J_PER_KG - 0.99 * c.heat")],
    ),
    "psa: 1 % more recovered": (
        "psa--recovery",
        {"psa-recovery"},
        [("components.psa", "product_h2 = c.recovery_frac", "product_h2 = 1.01 * c.recovery_frac")],
    ),
    "psa: cycles 1 % low": (
        "psa--recovery",
        {"psa-state"},
        [("components.psa", "c.n_cycles += dt", "c.n_cycles += 0.99 * dt")],
    ),
    "mixer: outlet 1 K too cold": (
        "mixer--hydrogen-and-steam-injection",
        {"stream-temperature-exact"},
        [
            (
                "components.mixer",
                "liquid, enthalpy_w, temperature_k, pressure_pa)\n    return",
                "liquid, enthalpy_w, temperature_k - 1.0, pressure_pa)\n    return",
            )
        ],
    ),
    "mixer: the highest pressure": (
        "mixer--cold-and-hot-water",
        {"mixer-pressure"},
        [
            ("components.mixer", "pressure_pa = 1.0e12", "pressure_pa = 0.0"),
            ("components.mixer", "min(pressure_pa, feed.pressure_pa)", "max(pressure_pa, feed.pressure_pa)"),
        ],
    ),
    "splitter: equal shares whatever the weights": (
        "splitter--by-weight",
        {"splitter-shares"},
        [("components.splitter", "        if total > 0.0:", "        if total > 1.0e30:")],
    ),
    "splitter: water goes elsewhere": (
        "splitter--by-weight",
        {"splitter-shares"},
        [("components.splitter", "share * vapour", "(1.0 - share) * vapour")],
    ),
    "pressure_valve: temperature kept": (
        "pressure_valve--joule-thomson",
        {"stream-temperature-exact"},
        [
            (
                "components.pressure_valve",
                PUT + "liquid, enthalpy_w, temperature_k,",
                PUT + "liquid, enthalpy_w, inlet_k,",
            )
        ],
    ),
    "pressure_valve: 1 K too warm": (
        "pressure_valve--oxygen",
        {"stream-temperature-exact"},
        [
            (
                "components.pressure_valve",
                "enthalpy_w, temperature_k, pressure_pa)",
                "enthalpy_w, temperature_k + 1.0, pressure_pa)",
            )
        ],
    ),
    "pressure_valve: raises the pressure": (
        "pressure_valve--joule-thomson",
        {"valve-pressure"},
        [
            (
                "components.pressure_valve",
                "pressure_pa = min(inlet_pa, c.outlet_pressure_pa)",
                "pressure_pa = c.outlet_pressure_pa",
            ),
        ],
    ),
    "purity_monitor: oxygen counted 1 % low": (
        "purity_monitor--grade-d",
        {"passed-moles"},
        [("components.purity_monitor", "c.oxygen_mol += n_o2", "c.oxygen_mol += 0.99 * n_o2")],
    ),
    "purity_monitor: fractions by mass": (
        "purity_monitor--grade-d",
        {"purity-limits"},
        [("components.purity_monitor", "oxygen_frac = n_o2 * per_total", "oxygen_frac = o2 / (h2 + o2 + n2 + vapour)")],
    ),
    "purity_monitor: time off specification 1 % low": (
        "purity_monitor--grade-d",
        {"purity-limits"},
        [("components.purity_monitor", "c.off_spec_h += dt", "c.off_spec_h += 0.99 * dt")],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_found(fault):
    case, laws, edits = FAULTS[fault]
    assert laws <= broken_in_case(case, planted(*edits)).keys()


# In modes that no case has --------------------------------------------------------------------------------------------
MOIST = {"h2": 0.03, "vapour": 1.0e-4, "temperature_k": 300.0, "pressure_pa": 30.0e5}


def drive(kind, parameters, inlet, steps, dt=60.0, **signals):
    """Return the laws that a component breaks behind one gas."""
    rig = WatchedRig(kind, parameters, is_plain=True)
    rig.set_stream("inlet", **inlet)
    for name, value in signals.items():
        rig.set_signal(name, value)
    rig.step(steps, dt)
    return rig


def regenerating(kind):
    """Return a dryer that has changed over, heated, and cooled a bed."""
    parameters = {"initial_load_ratio": 0.11, "sorbent_kg": 5.0, "bed_j_per_k": 3.0e4, "purge_kg_per_s": 2.0e-3}
    return drive(kind, parameters, MOIST, 150, 60.0, ambient_temperature=288.15)


def warm_bed(kind):
    """Return a deoxidiser whose bed warms up and loses heat."""
    inlet = {"h2": 0.03, "o2": 4.0e-4, "temperature_k": 313.15, "pressure_pa": 4.0e6}
    return drive(kind, {"loss_w_per_k": 50.0}, inlet, 20, 300.0, ambient_temperature=270.0)


def part_load(kind):
    """Return a compressor at 60 % of its volume."""
    inlet = {"h2": 0.05, "temperature_k": 300.0, "pressure_pa": 20.0e5}
    return drive(
        kind, {"outlet_pressure_pa": 40.0e5, "rated_volume_m3_per_s": 0.05, "part_load_loss_frac": 0.3}, inlet, 2
    )


def small_chiller(kind):
    """Return a chiller that is too small."""
    return drive(kind, {"capacity_w": 5.0e3}, MOIST, 2, coolant_temperature=290.0)


IN_MODES = {
    "dryer: purge 1 % low": (
        regenerating,
        {"dryer-purge"},
        [("components.dryer", "min(c.purge_kg_per_s / flow", "min(0.99 * c.purge_kg_per_s / flow")],
    ),
    "dryer: purge loses 1 % on its way": (
        regenerating,
        {"purge-hold-up", "dryer-balance"},
        [("components.dryer", "h2, o2, n2 = c.purged_h2_kg / dt", "h2, o2, n2 = 0.99 * c.purged_h2_kg / dt")],
    ),
    "dryer: heater 1 % low, purge colder": (
        regenerating,
        {"purge-heater"},
        [("components.dryer", "min(gas_w_per_k * max(", "min(0.99 * gas_w_per_k * max(")],
    ),
    "dryer: a front that is sharper by half": (
        regenerating,
        {"regeneration-front"},
        [("components.dryer", "        c.front_zone_frac,\n", "        0.5 * c.front_zone_frac,\n")],
    ),
    "dryer: purge gives all of its heat though its front is through": (
        regenerating,
        {"regeneration-front"},
        [
            ("physics.purification", "exchange = gas_w_per_k / zone\n", "exchange = 3.0 * gas_w_per_k / zone\n"),
            ("components.dryer", "", ""),
        ],
    ),
    "dryer: desorption for nothing": (
        regenerating,
        {"regeneration-heat"},
        [("components.dryer", "- desorbed_kg * c.adsorbed", "- 0.99 * desorbed_kg * c.adsorbed")],
    ),
    "dryer: a bed ready before it is cool": (
        regenerating,
        {"bed-change"},
        [("components.dryer", "c.mode = HEATING\n", "c.mode = READY\n")],
    ),
    "dryer: heat loss of the vessels half": (
        regenerating,
        {"regeneration-heat"},
        [("components.dryer", "loss_w = c.loss_w_per_k * (dried_k", "loss_w = 0.5 * c.loss_w_per_k * (dried_k")],
    ),
    "deoxidiser: half of the heat loss, in bed and port": (
        warm_bed,
        {"bed-temperature"},
        [
            ("components.deoxidiser", "bed_k + c.loss_w_per_k * amb", "bed_k + 0.5 * c.loss_w_per_k * amb"),
            (
                "components.deoxidiser",
                "source * per_bed, (capacity + c.loss_w_per_k)",
                "source * per_bed, (capacity + 0.5 * c.loss_w_per_k)",
            ),
            ("components.deoxidiser", "loss_w = c.loss_w_per_k *", "loss_w = 0.5 * c.loss_w_per_k *"),
        ],
    ),
    "compressor_stage: part load costs nothing": (
        part_load,
        {"isentropic-work"},
        [("components.compressor_stage", "c.part_load_loss_frac, min", "0.0, min")],
    ),
    "chiller: heat that it lacks 1 % low": (
        small_chiller,
        {"chiller-shortfall"},
        [("components.chiller", "c.short_j += (duty_w", "c.short_j += 0.99 * (duty_w")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", IN_MODES)
def test_found_in_modes(fault):
    run, laws, edits = IN_MODES[fault]
    kind = planted(*edits)
    assert laws <= run(kind).broken_laws().keys()


@pytest.mark.parametrize("run", [regenerating, warm_bed, part_load, small_chiller])
def test_no_false_alarm_in_modes(run):
    kind = {"regenerating": "dryer", "warm_bed": "deoxidiser", "part_load": "compressor_stage"}
    rig = run(Kinds()[kind.get(run.__name__, "chiller")])
    assert rig.broken_laws() == {}
    if run is regenerating:
        assert {one[4]["mode"] for one in rig.kept} == {0.0, 1.0, 2.0}
