"""Faults planted in stores, banks, transfers, trucks and sinks: the audit names the law."""

import pytest

from h2plant.components.registry import Kinds
from h2plant.testing.watched_rig import WatchedRig
from tests.audit.planting import audited, broken_in_case, planted

TANK, EXCHANGE, VESSEL = "components.gas_tank", "components.tank_exchange", "physics.vessel"
WALL = "components.tank_wall"
TRUCK, SINK = "components.truck_loading", "components.product_sink"
FILL, DRAW, MOVE = "components.cascade_fill", "components.cascade_draw", "components.transfer_controller"
AGAIN = (TANK, "", "")

FILLED, AT_REST = "gas_tank--striednig-5mpa-per-min", "gas_tank--array-at-rest"
FILLED_FAST = "gas_tank--striednig-30mpa-per-min"
DAY, PIPE = "truck_loading--working-day", "product_sink--pipeline"
FILL_CASE, DRAW_CASE, MOVE_CASE = (
    "cascade_fill--three-banks",
    "cascade_draw--three-banks",
    "transfer_controller--bands",
)
STEP_CASE = "cascade_draw--trailers-step-up"

IN_CASES = {
    "tank: pressure 1 % low": (
        FILLED,
        "tank-pressure",
        [(TANK, "    c.pressure_pa = p\n", "    c.pressure_pa = 0.99 * p\n")],
    ),
    "tank: volume 1 % small": (
        AT_REST,
        "tank-pressure",
        [(TANK, "c.volume_m3 = c.vessel_volume_m3", "c.volume_m3 = 0.99 * c.vessel_volume_m3")],
    ),
    "tank: gas 0.3 K too warm": (
        FILLED,
        "tank-temperature",
        [(TANK, "    c.temperature_k = T\n", "    c.temperature_k = T + 0.3\n")],
    ),
    "tank: level 1 % low": (
        AT_REST,
        "tank-signals",
        [(TANK, "bus[c.level] = (c.pressure_pa", "bus[c.level] = 0.99 * (c.pressure_pa")],
    ),
    "tank: a tenth too much to give": (
        AT_REST,
        "tank-signals",
        [(TANK, "bus[c.surplus] = usable", "bus[c.surplus] = 1.1 * usable")],
    ),
    "tank: gives 1 % more than asked": (
        AT_REST,
        "store-gives",
        [(TANK, "part = max(bus[c.demands + i], 0.0) * share", "part = 1.01 * max(bus[c.demands + i], 0.0) * share")],
    ),
    "tank: wall 1 % light": (
        FILLED,
        "tank-wall",
        [(VESSEL, "return 0.25 * math.pi * (outer", "return 0.2475 * math.pi * (outer"), (WALL, "", ""), AGAIN],
    ),
    "tank: half the loss to the air": (
        FILLED,
        "tank-heat-loss",
        [(EXCHANGE, "        c.outer_w_per_k,\n", "        0.5 * c.outer_w_per_k,\n"), (TANK, "", "")],
    ),
    "tank: outer surface 1 % small": (
        FILLED,
        "tank-heat-loss",
        [(WALL, "outer_area = n *", "outer_area = 0.99 * n *"), AGAIN],
    ),
    "tank: a tenth more heat to the wall": (
        FILLED,
        "tank-wall-heat",
        [
            (
                EXCHANGE,
                "        c.inner_area_m2 * film * c.film_share,",
                "        1.1 * c.inner_area_m2 * film * c.film_share,",
            ),
            (TANK, "", ""),
        ],
    ),
    "tank: film of the gas at rest 8 % high": (
        FILLED,
        "tank-film",
        [(VESSEL, "k = 0.13 * conductivity", "k = 0.14 * conductivity"), AGAIN],
    ),
    "tank: film of the jet 10 % high": (
        FILLED_FAST,
        "tank-film",
        [(VESSEL, "return 0.56 * math.pow", "return 0.62 * math.pow"), AGAIN],
    ),
    "fill: 1 % is not shared out": (
        FILL_CASE,
        "fill-balance",
        [(FILL, "part = max(1.0 - given, 0.0)", "part = 0.99 * max(1.0 - given, 0.0)")],
    ),
    "fill: a full bank takes 5 %": (
        FILL_CASE,
        "fill-order",
        [
            (
                FILL,
                "return min(max((full - level) / band, 0.0), 1.0)",
                "return min(max((full - level) / band, 0.05), 1.0)",
            )
        ],
    ),
    "fill: mean level of all but one": (
        FILL_CASE,
        "fill-order",
        [(FILL, "bus[c.level] = mean", "bus[c.level] = mean * n / (n + 1)")],
    ),
    "draw: from the fullest": (
        DRAW_CASE,
        "draw-order",
        [(DRAW, "lead = (stands - _stands", "lead = -(stands - _stands")],
    ),
    "draw: stands by level where it should by pressure": (
        STEP_CASE,
        "draw-steps",
        [(DRAW, "bus[c.pressures + i] / full_pressure(c, bus)", "bus[c.levels + i]")],
    ),
    "draw: steps up too late": (
        STEP_CASE,
        "draw-steps",
        [(DRAW, "next_pa - c.pressure_margin_pa", "next_pa")],
    ),
    "draw: steps by pressure instead of density": (
        STEP_CASE,
        "draw-steps",
        [(DRAW, "return gas_density(props, FLUID_H2, pressure_pa, c.trailer_temperature_k)", "return pressure_pa")],
    ),
    "draw: asks 1 % too much": (
        DRAW_CASE,
        "draw-balance",
        [(DRAW, "scale = drawn / total", "scale = 1.01 * drawn / total")],
    ),
    "draw: what falls short 1 % low": (
        DRAW_CASE,
        "draw-balance",
        [(DRAW, "c.unserved_kg += (asked - drawn)", "c.unserved_kg += 0.99 * (asked - drawn)")],
    ),
    "draw: half of the time short": (
        DRAW_CASE,
        "control-short",
        [(DRAW, "c.unserved_s += dt", "c.unserved_s += 0.5 * dt")],
    ),
    "transfer: 1 % more flow": (
        MOVE_CASE,
        "transfer-flow",
        [(MOVE, "flow = c.max_flow_kg_per_s", "flow = 1.01 * c.max_flow_kg_per_s")],
    ),
    "transfer: band ends early": (
        MOVE_CASE,
        "transfer-flow",
        [(MOVE, "c.source_empty_frac, c.source_full_frac)", "c.source_empty_frac, 0.98 * c.source_full_frac)")],
    ),
    "transfer: sheds nothing": (
        MOVE_CASE,
        "transfer-flow",
        [(MOVE, " and bus[c.shed] <= SHED_ABOVE", "")],
    ),
    "transfer: starts again where it stopped": (
        MOVE_CASE,
        "transfer-stop",
        [(MOVE, "elif destination <= c.destination_restart_frac", "elif destination < c.destination_stop_frac")],
    ),
    "transfer: stops are not counted": (
        MOVE_CASE,
        "transfer-stop",
        [(MOVE, "c.n_stops += 1.0", "c.n_stops += 0.0")],
    ),
    "truck: 10 % more delivered": (
        DAY,
        "truck-counters",
        [(TRUCK, "c.delivered_kg += h2 * dt", "c.delivered_kg += 1.1 * h2 * dt")],
    ),
    "truck: 10 % more trailers": (
        DAY,
        "truck-counters",
        [(TRUCK, "c.delivered_kg / c.trailer_kg", "1.1 * c.delivered_kg / c.trailer_kg")],
    ),
    "truck: 1 % less paid": (DAY, "truck-price", [(TRUCK, "earned = h2 * price", "earned = 0.99 * h2 * price")]),
    "truck: 1 % of what is earned not counted": (
        DAY,
        "truck-revenue",
        [(TRUCK, "c.earned_eur += earned", "c.earned_eur += 0.99 * earned")],
    ),
    "truck: loads at night": (
        DAY,
        "truck-hours",
        [(TRUCK, "(1.0 - by_day) * c.night_flow_kg_per_s", "(1.0 - by_day) * c.day_flow_kg_per_s")],
    ),
    "truck: Sunday as any day": (
        DAY,
        "truck-hours",
        [(TRUCK, "of_week = c.sunday_frac if next_h >= _SUNDAY", "of_week = c.sunday_frac if next_h > 168.0")],
    ),
    "truck: bays 1 % fast": (
        DAY,
        "truck-hours",
        [(TRUCK, "demand = min(busy * bay_flow", "demand = min(1.01 * busy * bay_flow")],
    ),
    "truck: loads while the bus sheds": (
        DAY,
        "truck-hours",
        [(TRUCK, "sheds what can\n        demand = 0.0", "sheds what can\n        pass")],
    ),
    "truck: 1 % more trailers come": (
        DAY,
        "truck-room",
        [(TRUCK, "per_loading_second = c.n_trailers", "per_loading_second = 1.01 * c.n_trailers")],
    ),
    "truck: 1 % of what is missed not counted": (
        DAY,
        "truck-room",
        [(TRUCK, "c.missed_kg += missed", "c.missed_kg += 0.99 * missed")],
    ),
    "truck: 1 % of what falls short not counted": (
        DAY,
        "offtake-short",
        [(TRUCK, "c.short_kg += (c.due_kg_per_s - h2)", "c.short_kg += 0.99 * (c.due_kg_per_s - h2)")],
    ),
    "truck: half of the time short": (DAY, "truck-rate", [(TRUCK, "c.short_s += dt", "c.short_s += 0.5 * dt")]),
    "truck: flow 1 % high": (DAY, "offtake-flow", [(TRUCK, "c.flow_kg_per_s = flow", "c.flow_kg_per_s = 1.01 * flow")]),
    "sink: oxygen 1 % cheap": (
        PIPE,
        "delivery-revenue",
        [(SINK, "o2 * c.o2_price_eur_per_kg", "0.99 * o2 * c.o2_price_eur_per_kg")],
    ),
    "sink: disposal free for steam alone": (
        PIPE,
        "delivery-revenue",
        [(SINK, "(vapour + liquid) * c.water_price", "vapour * c.water_price")],
    ),
    "sink: 1 % of what is earned not counted": (
        PIPE,
        "delivery-revenue",
        [(SINK, "c.earned_eur += earned", "c.earned_eur += 0.99 * earned")],
    ),
    "sink: 10 % of what is delivered not counted": (
        PIPE,
        "delivery-counters",
        [(SINK, "c.delivered_h2_kg += h2", "c.delivered_h2_kg += 0.9 * h2")],
    ),
}


@pytest.mark.parametrize("fault", IN_CASES)
def test_found_in_case(fault):
    case, law, edits = IN_CASES[fault]
    assert law in broken_in_case(case, planted(*edits))


# A tank that runs empty, and one that is overfilled ------------------------------------------------------------------
ARRAY = {
    "n_vessels": 2.0,
    "vessel_volume_m3": 2.0,
    "diameter_m": 0.6,
    "initial_temperature_k": 290.0,
    "min_pressure_pa": 100e5,
    "max_pressure_pa": 200e5,
    "relief_pressure_pa": 210e5,
    "relief_flow_kg_per_s": 0.05,
}


def run_dry(kind, is_plain=True, dt=60.0):
    rig = WatchedRig(kind, {**ARRAY, "initial_pressure_pa": 105e5}, {"outlets": 2, "demands": 2}, is_plain)
    rig.set_signal("ambient_temperature", 285.0)
    for k, asked in enumerate((0.02, 0.005)):
        rig.set_signal("demands", asked, k)
    rig.step(12, dt)
    return rig


def empty_slowly(kind, is_plain=True):
    return run_dry(kind, is_plain, 10.0)


def overfill(kind, is_plain=True, dt=10.0):
    rig = WatchedRig(kind, {**ARRAY, "initial_pressure_pa": 205e5}, {"outlets": 1, "demands": 1}, is_plain)
    rig.set_signal("ambient_temperature", 300.0)
    # long steps: the gas of some 300 s in one
    rig.set_stream("inlets", 310.0, 250e5, h2=min(0.03, 9.0 / dt), o2=2e-6, vapour=1e-6)
    rig.step(40, dt)
    rig.set_stream("inlets", 310.0, 250e5)
    rig.step(10, dt)
    return rig


def broken(rig):
    return set(rig.broken_laws())


@pytest.mark.parametrize("dt", [1.0, 60.0, 900.0, 3600.0])
@pytest.mark.parametrize("drive", [run_dry, overfill])
@pytest.mark.parametrize("is_plain", [True, False])
def test_sound_tanks_pass(drive, dt, is_plain):
    kind = Kinds()["gas_tank"]
    assert broken(drive(kind, is_plain, dt)) == set()


IN_RIGS = {
    "below its lowest pressure": (
        run_dry,
        "tank-gives",
        [(TANK, "mass - c.heel_kg_k / c.temperature_k", "mass - 0.9 * c.heel_kg_k / c.temperature_k")],
    ),
    "1 % of what falls short not counted": (
        run_dry,
        "store-gives",
        [(TANK, "c.unserved_kg += bus[EVENT_AMOUNT]", "c.unserved_kg += 0.99 * bus[EVENT_AMOUNT]")],
    ),
    "time short not counted": (run_dry, "store-gives", [(TANK, "c.unserved_s += dt", "c.unserved_s += 0.0")]),
    "the first outlet gets 1 % more than its share": (
        run_dry,
        "store-gives",
        [(TANK, "    specific = (c.energy_j", "    bus[c.demands] *= 1.01\n    specific = (c.energy_j")],
    ),
    "relief opens 2 % early": (
        overfill,
        "tank-relief",
        [(TANK, "if c.pressure_pa > c.relief_pressure_pa:", "if c.pressure_pa > 0.98 * c.relief_pressure_pa:"),
         (TANK, "over = c.pressure_pa - c.relief_pressure_pa", "over = c.pressure_pa - 0.98 * c.relief_pressure_pa")],
    ),
    "relief blows a tenth too little": (
        overfill,
        "tank-relief",
        [(TANK, "blown = min(over", "blown = 0.9 * min(over")],
    ),
    "relief stays shut": (
        overfill,
        "tank-relief",
        [(TANK, "if c.pressure_pa > c.relief_pressure_pa:", "if c.pressure_pa > 2.0 * c.relief_pressure_pa:")],
    ),
    "10 % of what is blown off not counted": (
        overfill,
        "tank-relieved",
        [(TANK, "c.relieved_kg += relief_flow", "c.relieved_kg += 0.9 * relief_flow")],
    ),
    "heat from the wall to the warmer gas": (
        empty_slowly,
        "tank-wall-heat",
        [
            (
                EXCHANGE,
                "        c.temperature_k,\n        c.wall_temperature_k,\n        inner_offset",
                "        c.wall_temperature_k,\n        c.temperature_k,\n        inner_offset",
            ),
            (TANK, "", ""),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", IN_RIGS)
def test_found_in_rig(fault):
    drive, law, edits = IN_RIGS[fault]
    kind = planted(*edits)
    assert law in broken(drive(kind))


def test_found_in_plant():
    """Ledger and balances close over a tank that fills 1 % less volume than it should: pressure says it."""
    kind = planted((TANK, "c.volume_m3 = c.vessel_volume_m3", "c.volume_m3 = 0.99 * c.vessel_volume_m3"))
    found = audited("minimal", kind, hours=1.0)
    assert not found.faults
    assert found.broken["tank-pressure"] == ("tank",)
