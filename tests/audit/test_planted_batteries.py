"""Faults planted in the battery, its rules and the monitor that follows it: the audit names the law."""

import pytest

from h2plant.testing.watched_rig import WatchedRig
from tests.audit.planting import audited, broken_in_case, planted
from tests.unit.test_battery_rules import battery_plant

ANEW = ("", "")
"""A module that is only made anew, so that it finds a changed one."""
BATTERY, TRIP = "components.battery", "battery--round-trip"

# fault -> case, law, (module, text, what takes its place)...; later modules import the earlier ones
FAULTS = {
    "cells without loss on the way in": (
        *(TRIP, "battery-converter"),
        (BATTERY, "taken = into * c.charge_efficiency_frac", "taken = into"),
    ),
    "cells give 1 % more than they hold less": (
        *(TRIP, "battery-energy"),
        (BATTERY, "taken - given, c.self", "taken - 0.99 * given, c.self"),
    ),
    "converter without loss": (
        *(TRIP, "battery-converter"),
        (
            "physics.battery",
            "return output_w * (1.0 + linear_frac + quadratic",
            "return output_w * (1.0 + 0.0 * quadratic",
        ),
        (BATTERY, *ANEW),
    ),
    "loss of the converter 1 % low on the way in": (
        *(TRIP, "battery-converter"),
        ("physics.battery", "one = 1.0 + linear_frac", "one = 1.0 + 0.99 * linear_frac"),
        (BATTERY, *ANEW),
    ),
    "no self-discharge": (
        *("battery--frost-and-heat", "battery-energy"),
        (BATTERY, "taken - given, c.self_discharge_per_s, dt", "taken - given, 0.0, dt"),
    ),
    "charges in frost": (
        *("battery--frost-and-heat", "battery-limits"),
        (BATTERY, "rising(c.temperature_k, c.frost_k, c.cold_k)", "1.0"),
    ),
    "gives all in frost": (
        *("battery--frost-and-heat", "battery-limits"),
        (BATTERY, "share = rising(c.temperature_k, c.deep_frost_k, c.frost_k)", "share = 1.0"),
    ),
    "charges in heat": (
        *("battery--half-warm", "battery-limits"),
        (
            BATTERY,
            "    share = min(share, 1.0 - rising(c.temperature_k, c.warm_k, c.hot_k))\n    cells_w",
            "    cells_w",
        ),
    ),
    "discharged below its window": (
        *(TRIP, "battery-window"),
        (BATTERY, "kept_j - c.min_level_frac * full", "kept_j - 0.5 * c.min_level_frac * full"),
    ),
    "gives 1 % beyond its rating": (
        *(TRIP, "battery-signs"),
        (BATTERY, "bus[c.discharge] = discharge", "bus[c.discharge] = 1.01 * discharge"),
    ),
    "controls draw nothing": (
        *(TRIP, "battery-auxiliaries"),
        (BATTERY, "c.controls_w = c.power_w * (c.controls_frac + idle)", "c.controls_w = c.power_w * idle"),
    ),
    "heating and cooling draw nothing, controls 1 % low": (
        *(TRIP, "battery-auxiliaries"),
        (
            BATTERY,
            "bus[c.auxiliaries] = c.controls_w + c.heating_w + c.cooling_w / c.cooling_ratio",
            "bus[c.auxiliaries] = 0.99 * c.controls_w",
        ),
    ),
    "loss does not warm the cells": (
        *(TRIP, "battery-heat"),
        (BATTERY, "heat = c.cell_heat_w + c.heating_w", "heat = c.heating_w"),
    ),
    "gives off 1 % too little heat": (
        *(TRIP, "battery-heat"),
        (BATTERY, "        (charge - into)\n", "        0.99 * (charge - into)\n"),
    ),
    "ages 1 % too slowly at rest": (
        *("battery--one-year-at-rest", "battery-calendar"),
        ("physics.battery", "CALENDAR_PER_ROOT_S = 1.2571e-5", "CALENDAR_PER_ROOT_S = 1.2445e-5"),
        (BATTERY, *ANEW),
    ),
    "ages as fast full as half full": (
        *(TRIP, "battery-calendar"),
        ("physics.battery", "(2.8575 * off * off * off + 0.60225)", "0.60225"),
        (BATTERY, *ANEW),
    ),
    "fast cycles age no faster": (
        *("battery--full-cycles", "battery-cycles"),
        ("physics.battery", "(0.0630 * rate_per_h + 0.0971)", "0.0971"),
        (BATTERY, *ANEW),
    ),
    "ages in a straight line": (
        *("battery--full-cycles", "battery-cycles"),
        (
            "physics.battery",
            "return math.sqrt(lost_frac * lost_frac + rate * rate * more)",
            "return lost_frac + rate * rate * more",
        ),
        (BATTERY, *ANEW),
    ),
    "full cycles counted 1 % low": (
        *(TRIP, "battery-cycles"),
        (BATTERY, "c.full_cycles += 0.5 * moved_frac", "c.full_cycles += 0.495 * moved_frac"),
    ),
    "cycles do not count as wear": (
        *("battery--full-cycles", "battery-wear"),
        (BATTERY, "c.lost_frac = c.calendar_loss_frac + c.cycle_loss_frac", "c.lost_frac = c.calendar_loss_frac"),
    ),
    "set point kept to 99 %": (
        *(TRIP, "battery-offer"),
        (BATTERY, "charge = min(max(wanted, 0.0), c", "charge = min(0.99 * max(wanted, 0.0), c"),
    ),
    "smoothing: twice the time constant": (
        *("battery_smoothing--lull", "rule-smoothing"),
        (
            "dispatch.battery_smoothing",
            "-exponential_less_one(-dt / c.smoothing_time_s)",
            "-exponential_less_one(-0.5 * dt / c.smoothing_time_s)",
        ),
    ),
    "smoothing: what is lacking is bought": (
        *("battery_smoothing--lull", "rule-battery"),
        (
            "dispatch.battery_smoothing",
            "end_serving_with(c, bus, own_surplus(c, bus))",
            "end_serving_with(c, bus, max(own_surplus(c, bus), 0.0))",
        ),
    ),
    "smoothing: every step counts as a start avoided": (
        *("battery_smoothing--lull", "rule-starts-avoided"),
        (
            "dispatch.battery_smoothing",
            "    carried = int(c.carried_lines)\n",
            "    carried = int(c.carried_lines)\n    c.n_starts_avoided += 2.0\n",
        ),
    ),
    "arbitrage: charges while power is dear": (
        *("battery_arbitrage--cheap-and-dear", "rule-battery"),
        ("dispatch.battery_arbitrage", "        return surplus - accepts\n", "        return 0.5 * charge\n"),
    ),
    "arbitrage: cheap below twice the price": (
        *("battery_arbitrage--cheap-and-dear", "battery-price"),
        (
            "dispatch.battery_arbitrage",
            "below_band(c.is_cheap, price, c.low_price_eur_per_j, band)",
            "below_band(c.is_cheap, price, 2.0 * c.low_price_eur_per_j, band)",
        ),
    ),
}

# fault -> law, kind's module, text, what takes its place; found in a plant with wind, grid, a line and a battery
IN_A_PLANT = {
    "rule: told, and not planned": (
        *(
            "rule-plan",
            "dispatch.serve",
            "    left = own_surplus(c, bus) - power\n",
            "    left = own_surplus(c, bus)\n",
        ),
        "dispatch.battery_smoothing",
    ),
    "default: surplus is charged though the grid would take it": (
        *("rule-battery", "dispatch.serve", "max(surplus - accepted_power(c, bus), 0.0)", "max(surplus, 0.0)"),
        "dispatch.follow_wind",
    ),
}


@pytest.mark.parametrize(("case", "law", "edits"), [(f[0], f[1], f[2:]) for f in FAULTS.values()], ids=FAULTS)
def test_fault_is_named(case, law, edits):
    assert law in broken_in_case(case, planted(*edits))


@pytest.mark.parametrize(("law", "module", "old", "new", "kind"), IN_A_PLANT.values(), ids=IN_A_PLANT)
def test_fault_in_a_plant_is_named(law, module, old, new, kind, tmp_path):
    changed = planted((module, old, new), (kind, *ANEW))
    found = audited(battery_plant(tmp_path, changed.name), changed, hours=12.0, start="2023-03-04")
    assert law in found.broken


def test_monitor_that_counts_all_that_a_battery_gives_as_renewable_is_named():
    kind = planted(("components.origin_monitor", "given = discharge * share", "given = discharge"))
    rig = WatchedRig(kind, {}, is_plain=True)
    for hour, (charge, discharge, content) in enumerate(((1.0e6, 0.0, 3.6e9), (0.0, 0.5e6, 1.8e9))):
        for port, value in (
            *(("renewable", 2.0e6), ("electrolysis", 1.5e6), ("price", 2.8e-8), ("hour_of_week", float(hour))),
            *(("battery_charge", charge), ("battery_discharge", discharge), ("battery_content", content)),
            ("month_of_year", 1.0),
        ):
            rig.set_signal(port, value)
        rig.step(1, 3600.0)
    assert "origin-storage" in rig.broken_laws()
