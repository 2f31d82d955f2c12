"""Faults planted in sources that make power of sun and wind: the audit names the law."""

import pytest

from tests.audit.planting import broken_in_case, planted

ANEW = ("", "")
"""A module that is only made anew, so that it finds a changed one."""
CLIPPED = "pv_array--faiman-and-clipping"
AGED = "pv_array--twenty-five-years"
CURVE = "wind_turbine--v164-curve"
STORM = "wind_turbine--storm-wake-ramp"

# fault -> case, law, (module, text, what takes its place)...; later modules import the earlier ones
FAULTS = {
    "array: cells 1 % less above the air": (
        CLIPPED,
        "array-cells",
        ("physics.solar_power", "return air_k + irradiance", "return air_k + 0.99 * irradiance"),
        ("components.pv_array", *ANEW),
    ),
    "array: no wind at the modules": (
        CLIPPED,
        "array-cells",
        ("components.pv_array", "max(bus[c.wind_speed], 0.0)", "0.0"),
    ),
    "array: modules 1 % better": (
        CLIPPED,
        "array-power",
        ("physics.solar_power", "return max(capacity_w * irr", "return max(1.01 * capacity_w * irr"),
        ("components.pv_array", *ANEW),
    ),
    "array: cells as cold as the air": (
        CLIPPED,
        "array-power",
        ("components.pv_array", "module_power(c.capacity_w, sun, cell_k,", "module_power(c.capacity_w, sun, 293.15,"),
    ),
    "array: cells colder than the air": (
        CLIPPED,
        "array-bound",
        ("components.pv_array", "module_power(c.capacity_w, sun, cell_k,", "module_power(c.capacity_w, sun, 253.15,"),
    ),
    "array: nothing clipped": (
        CLIPPED,
        "array-bound",
        ("components.pv_array", "min(offered_w, c.inverter_input_w)", "offered_w"),
    ),
    "array: inverters without loss": (
        "pv_array--inverter-curve",
        "array-power",
        ("components.pv_array", "    if power_w == 0.0:\n", "    power_w = input_w\n    if power_w == 0.0:\n"),
    ),
    "array: inverters draw from the grid at night": (
        CLIPPED,
        "array-bound",
        ("components.pv_array", "inverter_efficiency_frac), 0.0)", "inverter_efficiency_frac), -1.0e9)"),
    ),
    "array: what is clipped is not named": (
        CLIPPED,
        "array-power",
        (
            "components.pv_array",
            "c.clipped_w = offered_w * left_frac - input_w if input_w > 0.0 else 0.0",
            "c.clipped_w = 0.0",
        ),
    ),
    "array: age does not count": (
        AGED,
        "array-power",
        ("components.pv_array", "max(1.0 - c.degradation_per_s", "max(1.0 - 0.9 * c.degradation_per_s"),
    ),
    "array: heat of the losses 1 % low": (
        CLIPPED,
        "array-balance",
        ("components.pv_array", "bus[c.heat_loss] = generation", "bus[c.heat_loss] = 0.99 * generation"),
    ),
    "array: meter 1 % low": (
        CLIPPED,
        "array-balance",
        ("components.pv_array", "c.generated_j += power_w", "c.generated_j += 0.99 * power_w"),
    ),
    "array: price 1 % low": (
        CLIPPED,
        "own-price",
        ("components.pv_array", "bus[c.cost] = c.price", "bus[c.cost] = 0.99 * c.price"),
    ),
    "turbine: density left out": (
        CURVE,
        "turbine-output",
        ("components.wind_turbine", "density_speed(hub_m_per_s, density)", "hub_m_per_s"),
    ),
    "turbine: curve half a metre a second early": (
        CURVE,
        "turbine-output",
        ("components.wind_turbine", "place = speed_m_per_s - (", "place = speed_m_per_s + 0.5 - ("),
    ),
    "turbine: twice what its curve says": (
        CURVE,
        "turbine-betz",
        ("components.wind_turbine", "gross_w = mean * in", "gross_w = 2.0 * mean * in"),
    ),
    "turbine: wake 10 % weaker": (
        STORM,
        "turbine-output",
        ("physics.wind_power", "(1.0 - deficit_frac * 3.0", "(1.0 - deficit_frac * 2.7"),
        ("components.wind_turbine", *ANEW),
    ),
    "turbine: cables lose nothing": (
        STORM,
        "turbine-output",
        ("components.wind_turbine", "loss_w = gross_w * c.electrical_loss_frac", "loss_w = 0.0"),
    ),
    "turbine: all in service": (
        STORM,
        "turbine-output",
        ("components.wind_turbine", "c.capacity_w * c.availability_frac", "c.capacity_w"),
    ),
    "turbine: no storm stop": (
        STORM,
        "turbine-storm",
        ("components.wind_turbine", "c.is_stopped = 1.0", "c.is_stopped = 0.0"),
    ),
    "turbine: starts again at the cut-out speed": (
        STORM,
        "turbine-storm",
        ("components.wind_turbine", "min(c.restart_m_per_s, c.cut_out_m_per_s)", "c.cut_out_m_per_s"),
    ),
    "turbine: time of the storm 1 % low": (
        STORM,
        "turbine-storm",
        ("components.wind_turbine", "c.stopped_s += dt", "c.stopped_s += 0.99 * dt"),
    ),
    "turbine: rises at once": (
        STORM,
        "turbine-ramp",
        ("components.wind_turbine", "c.ramp_per_s * dt)", "10.0 * c.ramp_per_s * dt)"),
    ),
    "turbine: the end of the step for its mean": (
        STORM,
        "turbine-ramp",
        ("components.wind_turbine", "    c.output_frac = end\n", "    c.output_frac = end\n    mean = end\n"),
    ),
    "turbine: meter 1 % low": (
        CURVE,
        "turbine-balance",
        ("components.wind_turbine", "c.generated_j += power_w", "c.generated_j += 0.99 * power_w"),
    ),
    "turbine: price left out of the signal": (
        CURVE,
        "own-price",
        ("components.wind_turbine", "bus[c.price] = c.price_eur_per_j", "bus[c.price] = 1.0e-9"),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_found(fault: str) -> None:
    case, law, *edits = FAULTS[fault]
    assert law in broken_in_case(case, planted(*edits))
