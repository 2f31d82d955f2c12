"""Faults planted in kinds of the power part: the audit names the law."""

import pytest

from h2plant.components.registry import Kinds
from h2plant.testing.watched_rig import WatchedRig
from tests.audit.planting import broken_in_case, planted

ANEW = ("", "")
"""A module that is only made anew, so that it finds a changed one."""

# fault -> case, law, (module, text, what takes its place)...; later modules import the earlier ones
FAULTS = {
    "rectifier: lossless": (
        "rectifier--igbt-converter",
        "rectifier-loss",
        ("components.rectifier", "        loss = converter_loss(load,", "        loss = 0.0 * converter_loss(load,"),
    ),
    "rectifier: loss 1 % low": (
        "rectifier--igbt-converter",
        "rectifier-loss",
        ("physics.electrical", "    return rating_w * (standby", "    return 0.99 * rating_w * (standby"),
        ("components.rectifier", *ANEW),
    ),
    "rectifier: controls draw nothing at rest": (
        "rectifier--igbt-converter",
        "rectifier-loss",
        ("components.rectifier", "c.rating_w * c.blocked_loss_frac", "0.0"),
    ),
    "rectifier: hours 1 % low": (
        "rectifier--igbt-converter",
        "rectifier-hours",
        ("components.rectifier", "dt / 3600.0", "0.99 * dt / 3600.0"),
    ),
    "rectifier: draws its load alone": (
        "rectifier--igbt-converter",
        "converter-balance",
        ("components.rectifier", "bus[c.power] = load + loss", "bus[c.power] = load"),
    ),
    "rectifier: heat sink warms half as much": (
        "rectifier--igbt-converter",
        "rectifier-heat-sink",
        ("components.rectifier", "loss * c.resistance_k_per_w", "0.5 * loss * c.resistance_k_per_w"),
    ),
    "rectifier: heat sink kept out of the balance": (
        "rectifier--igbt-converter",
        "converter-balance",
        ("components.rectifier", "loss - (held_j - c.sink_j) / dt", "loss"),
    ),
    "rectifier: no trip by current": (
        "rectifier--igbt-converter",
        "rectifier-protection",
        ("components.rectifier", "load > c.rating_w * c.current_limit_ratio * _ROUNDING or ", ""),
    ),
    "rectifier: no trip by temperature": (
        "rectifier--igbt-converter",
        "rectifier-protection",
        ("components.rectifier", " or end_k > c.sink_limit_k", ""),
    ),
    "rectifier: what still draws is not told": (
        "rectifier--igbt-converter",
        "carried-by-emergency",
        ("components.rectifier", "carried = load", "carried = 0.0"),
    ),
    "rectifier: trips not counted": (
        "rectifier--igbt-converter",
        "rectifier-protection",
        ("components.protection", "c.n_trips += 1.0", "c.n_trips += 0.0"),
        ("components.rectifier", *ANEW),
    ),
    "rectifier: starts before its delay": (
        "rectifier--igbt-converter",
        "trips-counted",
        ("components.protection", "c.standing_s >= restart_delay_s", "c.standing_s >= 0.5 * restart_delay_s"),
        ("components.rectifier", *ANEW),
    ),
    "transformer: never opens": (
        "transformer--peak-efficiency-index",
        "transformer-protection",
        ("components.transformer", "if beyond_k > 0.0 or", "if beyond_k > 1.0e9 or"),
    ),
    "transformer: open, and still with its iron loss": (
        "transformer--peak-efficiency-index",
        "transformer-loss",
        (
            "components.transformer",
            "        loss = 0.0\n        load_frac = 0.0\n        c.oil",
            "        load_frac = 0.0\n        c.oil",
        ),
    ),
    "transformer: time of standing 10 % low": (
        "transformer--peak-efficiency-index",
        "trips-counted",
        ("components.protection", "c.tripped_s += dt", "c.tripped_s += 0.9 * dt"),
        ("components.transformer", *ANEW),
    ),
    "transformer: loss 1 % low": (
        "transformer--peak-efficiency-index",
        "transformer-loss",
        ("physics.electrical", "    return no_load_loss_w + load_loss", "    return 0.99 * no_load_loss_w + load_loss"),
        ("components.transformer", *ANEW),
    ),
    "transformer: copper loss 1 % low": (
        "transformer--peak-efficiency-index",
        "transformer-peak-efficiency",
        ("components.transformer", "c.load_loss_w = trans", "c.load_loss_w = 0.99 * trans"),
    ),
    "transformer: loss linear in load": (
        "transformer--peak-efficiency-index",
        "transformer-loss",
        ("physics.electrical", "load_loss_w * load * load", "load_loss_w * abs(load)"),
        ("components.transformer", *ANEW),
    ),
    "transformer: gives off 1 % less heat, and keeps it": (
        "transformer--peak-efficiency-index",
        "transformer-oil",
        ("components.transformer", "/ c.rated_oil_rise_k", "/ c.rated_oil_rise_k * 0.99"),
    ),
    "transformer: oil warms twice as fast": (
        "transformer--peak-efficiency-index",
        "transformer-oil",
        ("components.transformer", "rate = 1.0 /", "rate = 2.0 /"),
    ),
    "bus: one supply left out": (
        "power_bus--kirchhoff",
        "bus-balance",
        ("components.power_bus", "for i in range(c.n_supplies):", "for i in range(1, c.n_supplies):"),
    ),
    "bus: load for the dispatch 1 % low": (
        "power_bus--kirchhoff",
        "load-signal",
        ("components.power_bus", "bus[c.load] = load", "bus[c.load] = 0.99 * load"),
    ),
    "bus: beyond the grid's limit": (
        "power_bus--ride-through",
        "bus-limit",
        ("components.power_bus", "        wanted = limit\n", "        wanted = 1.01 * limit\n"),
    ),
    "bus: store gives 1 % more than it loses": (
        "power_bus--ride-through",
        "ride-through",
        ("components.power_bus", "c.stored_j -= given_j", "c.stored_j -= 0.99 * given_j"),
    ),
    "bus: store without loss": (
        "power_bus--ride-through",
        "ride-through",
        ("components.power_bus", "c.stored_j += taken_j * c.ride_through_efficiency_frac", "c.stored_j += taken_j"),
    ),
    "bus: store left idle, the emergency supply gives": (
        "power_bus--ride-through",
        "emergency-last",
        ("components.power_bus", "min(min(lack_w, c.ride_through_power_w) * dt, c.stored_j)", "0.0"),
    ),
    "bus: emergency supply 1 % too cheap": (
        "power_bus--ride-through",
        "emergency-cost",
        ("components.power_bus", "emergency * c.emergency_price", "0.99 * emergency * c.emergency_price"),
    ),
    "bus: emissions of the emergency supply 10 % low": (
        "power_bus--ride-through",
        "emergency-energy",
        ("components.power_bus", "emitted_kg += emergency_w", "emitted_kg += 0.9 * emergency_w"),
    ),
    "bus: restart does not count as blackout": (
        "power_bus--ride-through",
        "blackout-hours",
        (
            "components.power_bus",
            "    elif c.is_blackout > 0.0:\n        c.blackout_s += dt\n",
            "    elif c.is_blackout > 0.0:\n",
        ),
    ),
    "bus: blackouts not counted": (
        "power_bus--ride-through",
        "blackout-hours",
        ("components.power_bus", "c.n_blackouts += 1.0", "c.n_blackouts += 0.0"),
    ),
    "bus: reserve of the refill 10 % low": (
        "power_bus--ride-through",
        "bus-reserve",
        ("components.power_bus", "bus[c.reserve] = reserve", "bus[c.reserve] = 0.9 * reserve"),
    ),
    "grid: import counter 10 % low": (
        "grid_connection--limits-and-prices",
        "grid-balance",
        ("components.grid_connection", "c.imported_j += imported", "c.imported_j += 0.9 * imported"),
    ),
    "grid: export counter 1 % low": (
        "grid_connection--limits-and-prices",
        "grid-counters",
        ("components.grid_connection", "c.exported_j += exported", "c.exported_j += 0.99 * exported"),
    ),
    "grid: cost 1 % low": (
        "grid_connection--limits-and-prices",
        "grid-cost",
        ("components.grid_connection", "bus[c.cost] = (", "bus[c.cost] = 0.99 * ("),
    ),
    "grid: fee 1 % low in cost and price": (
        "grid_connection--limits-and-prices",
        "grid-cost",
        ("components.grid_connection", "fee = c.import_fee_eur_per_j", "fee = 0.99 * c.import_fee_eur_per_j"),
    ),
    "grid: cost by a price that is not shown": (
        "grid_connection--limits-and-prices",
        "import-price",
        ("components.grid_connection", "c.import_price_eur_per_j = import", "c.import_price_eur_per_j = 1.01 * import"),
    ),
    "grid: revenue 1 % high": (
        "grid_connection--limits-and-prices",
        "grid-revenue",
        ("components.grid_connection", "bus[c.revenue] = exported", "bus[c.revenue] = 1.01 * exported"),
    ),
    "grid: premium taken for a discount": (
        "grid_connection--limits-and-prices",
        "grid-revenue",
        ("components.grid_connection", "* c.export_market_ratio + c.", "* c.export_market_ratio - c."),
    ),
    "grid: imbalance 10 % too cheap": (
        "grid_connection--imbalance",
        "grid-cost",
        ("components.grid_connection", "+ c.imbalance_surcharge", "+ 0.9 * c.imbalance_surcharge"),
    ),
    "grid: nothing is imbalance": (
        "grid_connection--imbalance",
        "grid-imbalance",
        ("components.grid_connection", "imbalance = max(imported - max(", "imbalance = 0.0 * max(imported - max("),
    ),
    "grid: imbalance counter 10 % low": (
        "grid_connection--imbalance",
        "grid-counters",
        ("components.grid_connection", "c.imbalance_j += imbalance", "c.imbalance_j += 0.9 * imbalance"),
    ),
    "grid: import above its limit": (
        "grid_connection--limits-and-prices",
        "grid-limits",
        ("components.grid_connection", "carried, 0.0), c.import_limit_w *", "carried, 0.0), 1.01 * c.import_limit_w *"),
    ),
    "grid: feeds in below its floor": (
        "grid_connection--limits-and-prices",
        "grid-flows",
        ("components.grid_connection", ">= c.export_price_floor_eur_per_j:", ">= -1.0:"),
    ),
    "grid: curtails a part of what it could sell": (
        "grid_connection--limits-and-prices",
        "grid-flows",
        ("components.grid_connection", "min(-wanted, c.export_limit_w", "0.99 * min(-wanted, c.export_limit_w"),
    ),
    "grid: curtailed energy counted 10 % low": (
        "grid_connection--limits-and-prices",
        "grid-balance",
        ("components.grid_connection", "c.curtailed_j += curtailed", "c.curtailed_j += 0.9 * curtailed"),
    ),
    "grid: time without supply not counted": (
        "grid_connection--limits-and-prices",
        "grid-counters",
        ("components.grid_connection", "c.unserved_s += dt", "c.unserved_s += 0.0"),
    ),
    "grid: highest import not kept": (
        "grid_connection--limits-and-prices",
        "grid-peaks",
        ("components.grid_connection", "max(c.peak_import_w, imported)", "imported"),
    ),
    "grid: emissions 10 % low": (
        "grid_connection--limits-and-prices",
        "grid-emissions",
        ("components.grid_connection", "c.emitted_kg += imported", "c.emitted_kg += 0.9 * imported"),
    ),
    "wind: 1 % above what the wind gives": (
        "wind_farm--two-price-contract",
        "wind-power",
        ("components.wind_farm", "c.gross_power_w = c", "c.gross_power_w = 1.01 * c"),
    ),
    "wind: cables without loss": (
        "wind_farm--two-price-contract",
        "wind-power",
        ("components.wind_farm", "loss = gross *", "loss = 0.0 * gross *"),
    ),
    "wind: what the seller makes up counts as renewable": (
        "wind_farm--two-price-contract",
        "wind-power",
        ("components.wind_farm", "bus[c.renewable_power] = net", "bus[c.renewable_power] = power"),
    ),
    "wind: renewable part before the losses": (
        "wind_farm--two-price-contract",
        "source-power",
        ("components.wind_farm", "bus[c.renewable_power] = net", "bus[c.renewable_power] = gross"),
    ),
    "wind: energy counted 1 % low": (
        "wind_farm--two-price-contract",
        "wind-balance",
        ("components.wind_farm", "c.generated_j += power", "c.generated_j += 0.99 * power"),
    ),
    "wind: contract 1 % too cheap, price and cost": (
        "wind_farm--two-price-contract",
        "wind-contract",
        ("physics.electrical", "block * block_price", "0.99 * block * block_price"),
        ("components.wind_farm", *ANEW),
    ),
    "wind: paid otherwise than its price": (
        "wind_farm--two-price-contract",
        "source-cost",
        ("components.wind_farm", "bus[c.cost] = cost", "bus[c.cost] = 0.99 * cost"),
    ),
    "origin: used electricity counted 1 % low": (
        "origin_monitor--two-hours",
        "origin-energy",
        ("components.origin_monitor", "used = used_w * dt", "used = 0.99 * used_w * dt"),
    ),
    "origin: renewable electricity counted 1 % high": (
        "origin_monitor--two-hours",
        "origin-energy",
        ("components.origin_monitor", "renewable = c.renewable_w * dt", "renewable = 1.01 * c.renewable_w * dt"),
    ),
    "origin: hours that need no match are not certified": (
        "origin_monitor--two-hours",
        "origin-certified",
        ("components.origin_monitor", "(counted + c.exempt_j) / c.used_j", "counted / c.used_j"),
    ),
    "origin: more is certified than is renewable": (
        "origin_monitor--two-hours",
        "origin-certified",
        ("components.origin_monitor", "c.renewable_j / c.used_j, 1.0)", "1.0)"),
    ),
    "origin: all that was used counts as matched": (
        "origin_monitor--two-hours",
        "origin-periods",
        ("components.origin_monitor", "return min(renewable_j, used_j)", "return used_j"),
    ),
    "origin: surplus of an hour is carried on": (
        "origin_monitor--two-hours",
        "origin-periods",
        ("components.origin_monitor", "        c.hour_renewable_j = 0.0\n", ""),
    ),
    "origin: matched within the month 1 % high": (
        "origin_monitor--two-hours",
        "origin-periods",
        ("components.origin_monitor", "c.matched_monthly_j += matched", "c.matched_monthly_j += 1.01 * matched"),
    ),
    "origin: more matched than used": (
        "origin_monitor--two-hours",
        "origin-matching",
        ("components.origin_monitor", "return min(renewable_j, used_j)", "return max(renewable_j, used_j)"),
    ),
    "origin: every hour is exempt": (
        "origin_monitor--two-hours",
        "origin-exempt",
        ("components.origin_monitor", "c.is_exempt = 1.0 if is_cheap else 0.0", "c.is_exempt = 1.0"),
    ),
    "origin: exempt electricity not counted": (
        "origin_monitor--two-hours",
        "origin-exempt",
        ("components.origin_monitor", "c.exempt_j += used", "c.exempt_j += 0.9 * used"),
    ),
    "origin: month allows 10 % too much": (
        "origin_monitor--two-hours",
        "origin-allowance",
        ("components.origin_monitor", "return slack_j / dt", "return 1.1 * slack_j / dt"),
    ),
    "line: units get 1 % too little": (
        "line_controller--six-modules",
        "line-units",
        ("components.line_controller", "max(wanted / n_running,", "max(0.99 * wanted / n_running,"),
    ),
    "line: one unit gets more than the others": (
        "line_controller--six-modules",
        "line-units",
        ("components.line_controller", "= share if (", "= share * (1.01 if i == 1 else 1.0) if ("),
    ),
    "line: starts not counted": (
        "line_controller--six-modules",
        "line-starts",
        (
            "components.line_controller",
            "            c.n_starts += 1.0\n            n_running += 1",
            "            n_running += 1",
        ),
    ),
    "line: shortest run of units not kept": (
        "line_controller--six-modules",
        "line-starts",
        ("components.line_controller", "can_stop = c.since_start_s >= c.min_up_s", "can_stop = c.since_start_s >= 0.0"),
    ),
    "line: shortest rest of units not kept": (
        "line_controller--six-modules",
        "line-starts",
        ("components.line_controller", "can_start = c.since_stop_s >= c.min_down_s", "can_start = True"),
    ),
    "line: a unit that tripped gets power": (
        "line_controller--six-modules",
        "line-units",
        ("components.line_controller", "or bus[c.unit_ready + i] > 0.5", "or bus[c.unit_ready + i] > -0.5"),
    ),
    "line: offers 1 % more than its units take": (
        "line_controller--offers-its-line",
        "line-offer",
        (
            "components.line_controller",
            "c.maximum_w = c.n_unit_setpoints * unit_w",
            "c.maximum_w = 1.01 * 6.0 * unit_w",
        ),
    ),
    "rule: asks 1 % more than the maximum": (
        "constant_load--wind-and-grid",
        "rule-limits",
        ("dispatch.serve", "    bus[line + SETPOINT] = power\n", "    bus[line + SETPOINT] = 1.01 * power\n"),
        ("dispatch.constant_load", *ANEW),
    ),
    "rule: asks less than the minimum of a line that runs": (
        "price_threshold--band-and-hold",
        "rule-limits",
        ("dispatch.rule", "max(min(target_w, cap_w), minimum_w)", "max(min(target_w, cap_w), 0.9 * minimum_w)"),
        ("dispatch.serve", *ANEW),
        ("dispatch.price_threshold", *ANEW),
    ),
    "rule: faster than the ramp": (
        "soec_only--surplus-is-sold",
        "rule-ramp",
        ("dispatch.rule", "return before_w + ramp_up_w_per_s * dt", "return before_w + 1.01 * ramp_up_w_per_s * dt"),
        ("dispatch.serve", *ANEW),
        ("dispatch.soec_only", *ANEW),
    ),
    "rule: shortest run of a line not kept": (
        "price_threshold--band-and-hold",
        "rule-run",
        ("dispatch.rule", "or held_s < min_up_s or", "or"),
        ("dispatch.serve", *ANEW),
        ("dispatch.price_threshold", *ANEW),
    ),
    "rule: time since the last turn runs twice": (
        "price_threshold--band-and-hold",
        "rule-rest",
        ("dispatch.rule", "else held_s + dt", "else held_s + 2.0 * dt"),
        ("dispatch.serve", *ANEW),
        ("dispatch.price_threshold", *ANEW),
    ),
    "rule: forgets the auxiliaries": (
        "constant_load--wind-and-grid",
        "rule-supply",
        ("dispatch.serve", "power += bus[c.auxiliary_load + i]", "power += 0.0 * bus[c.auxiliary_load + i]"),
        ("dispatch.constant_load", *ANEW),
    ),
    "rule: plans 1 % less than it will buy": (
        "price_threshold--band-and-hold",
        "rule-plan",
        ("dispatch.serve", "c.planned_import_w = max(-left, 0.0)", "c.planned_import_w = max(-0.99 * left, 0.0)"),
        ("dispatch.price_threshold", *ANEW),
    ),
    "rule: follows the wind at 99 %": (
        "follow_wind--cascade-and-storage",
        "rule-request",
        ("dispatch.serve", "target = min(own_w, cap, ceiling)", "target = min(own_w, cap, 0.99 * ceiling)"),
        ("dispatch.follow_wind", *ANEW),
    ),
    "rule: no throttle at a full storage": (
        "follow_wind--cascade-and-storage",
        "rule-storage",
        ("dispatch.rule", "return (full_frac - level_frac) / (full_frac - start_frac)", "return 1.0"),
        ("dispatch.serve", *ANEW),
        ("dispatch.follow_wind", *ANEW),
    ),
    "rule: buys beyond the peak": (
        "economic_spot--import-peak",
        "rule-request",
        ("dispatch.serve", "    reach = own + max(grid - beyond, 0.0)\n", "    reach = own + grid\n"),
        ("dispatch.economic_spot", *ANEW),
    ),
    "rule: limit price without its band": (
        "economic_spot--below-the-limit",
        "rule-price",
        ("dispatch.rule", "if value > threshold + half_band", "if value > threshold"),
        ("dispatch.economic_spot", *ANEW),
    ),
    "rule: zone left without its band": (
        "storage_band--zones",
        "rule-zone",
        ("dispatch.rule", "elif level_frac >= high_frac - band_frac", "elif level_frac >= high_frac"),
        ("dispatch.storage_band", *ANEW),
    ),
    "rule: buys twice what is planned": (
        "planned--plan-and-limits",
        "rule-request",
        (
            "dispatch.planned",
            "battery_w), max(bus[c.purchase_plan], 0.0)",
            "battery_w), 2.0 * max(bus[c.purchase_plan], 0.0)",
        ),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_found(fault):
    case, law, *edits = FAULTS[fault]
    assert law in broken_in_case(case, planted(*edits))


def broken_by(rig: WatchedRig) -> set[str]:
    """Return the laws that a driven rig breaks."""
    return set(rig.broken_laws())


def driven(kind) -> WatchedRig:
    """Return a rig of a rule with a line that the wind lets start, stop, and start again before its rest is over."""
    rig = WatchedRig(kind, {"purchase_limit_w": 0.0}, {"lines": 1}, is_plain=True)
    rig.set_line(maximum=5.0e6, minimum=0.5e6, reach=-1.0, min_down=600.0, start_margin=1.0, held=600.0)
    for wind_w in (0.0, 4.0e6, 0.0, 4.0e6):
        rig.set_signal("available_power", wind_w)
        rig.step(2, 60.0)
    return rig


def test_shortest_rest():
    edits = (
        ("dispatch.rule", "and held_s >= min_down_s", ""),
        ("dispatch.serve", *ANEW),
        ("dispatch.follow_wind", *ANEW),
    )
    assert broken_by(driven(Kinds()["follow_wind"])) == set()
    assert broken_by(driven(planted(*edits))) == {"rule-rest"}


def test_worth_of_hydrogen():
    edits = (
        ("dispatch.rule", "return hydrogen_value_eur_per_kg /", "return 0.99 * hydrogen_value_eur_per_kg /"),
        ("dispatch.hybrid_arbitrage", *ANEW),
    )
    for kind, broken in ((Kinds()["hybrid_arbitrage"], set()), (planted(*edits), {"rule-price"})):
        rig = WatchedRig(kind, {"price_band_eur_per_j": 0.0}, {"lines": 1}, is_plain=True)
        rig.set_line(maximum=5.0e6, specific_energy=1.8e8, is_making=1.0)
        rig.set_signal("price", 0.995 * 9.6 / 1.8e8)
        rig.step(2, 60.0)
        assert broken_by(rig) == broken


STANDBY_FAULTS = {
    "standby 1 % too cheap": ("return cost_eur + standby_w *", "return cost_eur + 0.99 * standby_w *"),
    "never cools down": ("return 1.0 if cost_eur >= cold_start_eur else 0.0", "return 0.0"),
    "cools down at half the cost": ("if cost_eur >= cold_start_eur", "if cost_eur >= 0.5 * cold_start_eur"),
}


@pytest.mark.parametrize("fault", [*STANDBY_FAULTS, ""])
def test_standby(fault):
    kind = Kinds()["follow_wind"]
    if fault:
        again = (("dispatch.serve", *ANEW), ("dispatch.follow_wind", *ANEW))
        kind = planted(("dispatch.rule", *STANDBY_FAULTS[fault]), *again)
    rig = WatchedRig(kind, {"purchase_limit_w": 0.0}, {"lines": 1}, is_plain=True)
    rig.set_line(maximum=5.0e6, minimum=0.5e6, reach=-1.0, standby=1.0e6, cold_start=10.0)
    rig.set_signal("price", 2.5e-8)
    rig.step(10, 60.0)  # a step in standby costs 1.50 EUR
    assert broken_by(rig) == ({"rule-standby"} if fault else set())


def test_draw_beyond_the_plan():
    old = "c.largest_lack_w = max(c.largest_lack_w * c.fade_frac, lack_w)"
    changed = planted(("components.power_bus", old, old.replace("lack_w)", "0.9 * lack_w)")))
    for kind, broken in ((Kinds()["power_bus"], set()), (changed, {"bus-reserve"})):
        rig = WatchedRig(kind, {}, {"supplies": 1, "consumers": 1, "line_load": 0}, is_plain=True)
        for port, value in (("grid_limit", 5.0e6), ("planned_import", 1.0e6), ("consumers", 2.0e6)):
            rig.set_signal(port, value)
        rig.step(2, 60.0)
        assert broken_by(rig) == broken


LINE_FAULTS = {
    "line-limits": ("c.setpoint_w = bus[line + SETPOINT]", "c.setpoint_w = 1.001 * bus[line + SETPOINT]"),
    "line-ramp": ("c.setpoint_w = bus[line + SETPOINT]", "c.setpoint_w = 1.001 * bus[line + SETPOINT]"),
    "line-hold": ("c.held_s = bus[line + HELD]", "c.held_s = bus[line + HELD] + 0.99 * 60.0"),
    "line-units": ("n_low = math.ceil(min(wanted_w", "n_low = math.ceil(min(0.8 * wanted_w"),
}


@pytest.mark.parametrize("law", LINE_FAULTS)
def test_line_with_a_rule(law):
    """A rule has decided that a line of six units is to run at its largest power; nobody decides otherwise."""
    for kind, is_changed in (
        (Kinds()["line_controller"], False),
        (planted(("components.line_controller", *LINE_FAULTS[law])), True),
    ):
        rig = WatchedRig(
            *(kind, {"line_ramp_up_w_per_s": 1.0, "conversion_efficiency_frac": 1.0}),
            n_links={"line": 1, "unit_setpoints": 6, "unit_ready": 0, "unit_hours": 0, "unit_starts": 0},
            is_plain=True,
        )
        rig.put("is_on", 1.0)
        rig.put("setpoint_w", rig.field("maximum_w"))
        rig.step(3, 60.0)
        assert (law in broken_by(rig)) == is_changed
