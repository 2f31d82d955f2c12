"""Faults planted in what outages and fouling do to components: the audit names the law."""

import pytest

from tests.audit.planting import broken_in_case, planted

# fault -> case, law, (module, text, what takes its place)
FAULTS = {
    "imports from a grid that is out": (
        "grid_connection--limits-and-prices",
        "grid-flows",
        ("components.grid_connection", ", c.import_limit_w * (1.0 - bus[c.outage]))", ", 1.0e12)"),
    ),
    "exports to a grid that is out": (
        "grid_connection--limits-and-prices",
        "grid-flows",
        ("components.grid_connection", "min(-wanted, c.export_limit_w * (1.0 - bus[c.outage]))", "-wanted"),
    ),
    "turbines of a farm that turn though they are out": (
        "wind_farm--two-price-contract",
        "wind-power",
        ("components.wind_farm", "* c.gross_power_w * (1.0 - bus[c.outage])", "* c.gross_power_w"),
    ),
    "turbines that turn though they are out": (
        "wind_turbine--storm-wake-ramp",
        "turbine-output",
        ("components.wind_turbine", "* c.availability_frac * (1.0 - bus[c.outage])", "* c.availability_frac"),
    ),
    "modules that are out give 1 %": (
        "pv_array--inverter-curve",
        "array-power",
        ("components.pv_array", "power_w *= left_frac", "power_w *= left_frac + 0.01 * bus[c.outage]"),
    ),
    "a battery takes what is out of service": (
        "battery--round-trip",
        "battery-limits",
        ("components.battery", "charge_limit(c, dt) * left_frac\n    c.dis", "charge_limit(c, dt)\n    c.dis"),
    ),
    "a fouled cooler cools as a clean one": (
        "gas_cooler--hot-day",
        "cooler-effectiveness",
        ("components.gas_cooler", "* (1.0 - bus[c.fouling])", "* 1.0"),
    ),
    "a fouled bank cools as a clean one": (
        "dry_cooler--full-fans",
        "bank-conductance",
        ("components.dry_cooler", "* (1.0 - bus[c.fouling])", "* 1.0"),
    ),
    "a fouled exchanger takes 1 % more": (
        "heat_exchanger--counter-flow",
        "exchanger-conductance",
        ("components.heat_exchanger", "* (1.0 - fouled_frac)", "* (1.0 - 0.98 * fouled_frac)"),
    ),
    "an open rectifier carries a load": (
        "rectifier--out-of-service",
        "carried-by-emergency",
        ("components.rectifier", "        carried = load\n", "        carried = 0.99 * load\n"),
    ),
    "an open transformer carries a load": (
        "transformer--out-of-service",
        "carried-by-emergency",
        ("components.transformer", "        carried = max(load, 0.0)\n", "        carried = 0.99 * max(load, 0.0)\n"),
    ),
    "a sensor without its bias": (
        "sensor--bias-and-gain",
        "sensor-reading",
        ("components.sensor", " + bus[c.bias]", ""),
    ),
}


@pytest.mark.parametrize(("case", "law", "edit"), FAULTS.values(), ids=FAULTS)
def test_fault_is_named(case, law, edit):
    assert law in broken_in_case(case, planted(edit))
