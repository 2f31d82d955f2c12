"""Batteries, contracts, fuel cells and units in a plan: small plants whose best operation is calculated by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from h2plant.planning.availability import Availability
from h2plant.planning.battery import BatteryModel
from h2plant.planning.customer import Customer
from h2plant.planning.hull import concave_hull, convex_hull
from h2plant.planning.matching import Balance
from h2plant.planning.optimum import Optimum, Start, Values, Window, optimise
from h2plant.planning.reconversion import ReconversionModel, reconversion_of
from h2plant.planning.reduced import Line, ReducedPlant

LINE = Line("pem", 0.25, 1.0, (0.25, 1.0), (5.0, 20.0), 1.0, 0.0, 10.0, 1000.0, 0.0, 0.0)
"""20 kg/h at 1 MW, 50 kWh/kg at all loads, 10 EUR a start."""
IDLE = replace(LINE, start_cost_eur=1.0e6)
"""One that never starts."""
PLANT = ReducedPlant((LINE,), 0.0, math.inf, 0.0, 0.0, 1.0, 0.9, {}, 0.0, 0.0, 5.0, 5.0, 1.0, 10.0, 1.0, -2.0, 0.0)
"""That line alone; imports at market + 10, exports at market - 2 EUR/MWh."""
LOSSLESS = BatteryModel(1.0, 1.0, 2.0, 0.0, ((1.0, 0.0),), ((1.0, 0.0),), full_mwh=2.0)
"""1 MW and 2 MWh."""
NOTHING = Values(0.0, 0.0)


def _window(prices: list[float], own: float | list[float] = 0.0, demand: float = math.inf, **more: object) -> Window:
    n = len(prices)
    own_mw = np.array(own, dtype=float) if isinstance(own, list) else np.full(n, own)
    return Window(1.0, own_mw, np.array(prices), np.full(n, demand), **more)  # type: ignore[arg-type]


def _plan(plant: ReducedPlant, window: Window, start: Start | None = None, values: Values = NOTHING) -> Optimum:
    return optimise(plant, window, start or Start(0.0, {}), values, gap_frac=0.0)


# Batteries ------------------------------------------------------------------------------------------------------------
def test_a_battery_buys_cheap_and_sells_dear() -> None:
    """Bought at 20 + 10, sold at 100 - 2 EUR/MWh: 68 EUR by MWh, 2 MWh hold."""
    best = _plan(replace(PLANT, battery=LOSSLESS), _window([20.0, 20.0, 20.0, 100.0, 100.0, 100.0]))
    assert best.battery_mwh[2] == pytest.approx(2.0)
    assert best.battery_mw[:3].sum() == pytest.approx(2.0)
    assert best.battery_mw[3:].sum() == pytest.approx(-2.0)
    assert best.value_eur.sum() == pytest.approx(2.0 * 68.0)


def test_losses_and_wear_of_a_battery_count() -> None:
    """Of 2 MWh bought cells keep 1.8, and give 1.62: 1.62 * 98 - 2 * 30 - 1.8 * wear."""
    lossy = replace(LOSSLESS, taken=((0.9, 0.0),), given=((1.0 / 0.9, 0.0),), wear_eur_per_mwh=20.0)
    window = _window([20.0, 20.0, 100.0, 100.0])
    best = _plan(replace(PLANT, battery=lossy), window)
    assert best.value_eur.sum() == pytest.approx(1.62 * 98.0 - 2.0 * 30.0 - 1.8 * 20.0)
    worn = replace(lossy, wear_eur_per_mwh=60.0)  # 1.62 * 98 - 60 = 98.76 EUR less 108 of wear
    assert _plan(replace(PLANT, battery=worn), window).battery_mw == pytest.approx(np.zeros(4), abs=1e-9)


def test_a_battery_at_half_load_loses_less() -> None:
    """Losses grow with the square of load: with time enough, it takes an hour's charge over four."""
    square = replace(
        LOSSLESS, taken=concave_hull([(p, p - 0.1 * p * p) for p in (0.0, 0.25, 0.5, 0.75, 1.0)]), window_mwh=0.9
    )
    best = _plan(replace(PLANT, battery=square), _window([20.0] * 4 + [200.0]))
    # 0.25 MW over four hours give 4 * (0.25 - 0.00625) = 0.975 at 1 MWh; one hour at 1 MW would give 0.9
    assert best.battery_mw[:4].max() <= 0.25 + 1e-6
    assert best.battery_mw[4] == pytest.approx(-0.9)


def test_self_discharge_and_own_draw_count() -> None:
    leaking = replace(LOSSLESS, kept_per_h=0.5, draw_ratio=0.1)
    best = _plan(replace(PLANT, battery=leaking), _window([0.0, 500.0]), Start(0.0, {}))
    # 1 MWh taken draws 1.1; a half of it is left after the hour, and gives 0.9 of that
    assert best.import_mw[0] == pytest.approx(1.1)
    assert best.export_mw[1] == pytest.approx(0.5 * 0.9)


def test_nobody_is_paid_for_turning_power_into_heat() -> None:
    """At -60 EUR/MWh a full battery that took and gave at once would buy power for its losses."""
    lossy = replace(LOSSLESS, taken=((0.8, 0.0),), given=((1.25, 0.0),))
    plant = replace(PLANT, lines=(IDLE,), battery=lossy)
    best = _plan(plant, _window([-60.0] * 3), Start(0.0, {}, battery_mwh=2.0))
    assert best.battery_mw == pytest.approx(np.zeros(3), abs=1e-6)
    assert best.import_mw == pytest.approx(np.zeros(3), abs=1e-6)


def test_a_worn_battery_holds_less() -> None:
    start = Start(0.0, {}, battery_full_frac=0.75)  # 1.5 of 2 MWh
    best = _plan(replace(PLANT, battery=LOSSLESS), _window([20.0, 20.0, 100.0, 100.0]), start)
    assert best.battery_mwh.max() == pytest.approx(1.5)


@pytest.mark.parametrize("own", [[2.0, 0.0], [0.0, 0.0]])
def test_bought_power_stays_bought_in_a_battery(own: list[float]) -> None:
    """Hydrogen is worth 20 EUR/kg of own power, 0 of bought: a MWh of own makes 400 EUR of it, against 298 if sold."""
    best = _plan(
        replace(PLANT, battery=LOSSLESS), _window([20.0, 300.0], own), Start(0.0, {"pem": False}), Values(20.0, 0.0)
    )
    assert best.battery_mwh[0] == pytest.approx(1.0)
    assert best.export_mw[1] == pytest.approx(0.0 if own[0] else 1.0, abs=1e-6)
    assert best.power_mw["pem"] == pytest.approx([1.0, 1.0] if own[0] else [0.0, 0.0], abs=1e-6)
    if own[0]:
        assert best.battery_own_mwh[0] == pytest.approx(1.0)


@pytest.mark.parametrize("is_counted", [True, False])
def test_renewable_energy_passes_through_a_battery_where_it_counts(is_counted: bool) -> None:
    """Matched by the hour: what the battery took in the first hour may be used in the second, if it counts."""
    balance = Balance(np.zeros(2, dtype=bool), np.ones(2, dtype=bool), np.array([1.0, 0.0]), 0.0, is_counted)
    dear = [1.0, 1.0]
    line = replace(LINE, maximum_mw=0.5, powers_mw=(0.25, 0.5), flows_kg_per_h=(5.0, 10.0), start_cost_eur=0.0)
    plant = replace(PLANT, lines=(line,), battery=LOSSLESS, export_limit_mw=0.0)
    best = _plan(plant, _window(dear, [1.0, 0.0], balance=balance), values=Values(4.0, 4.0))
    assert best.power_mw["pem"] == pytest.approx([0.5, 0.5 if is_counted else 0.0], abs=1e-6)


def test_an_island_keeps_power_for_its_auxiliaries() -> None:
    """No grid: 0.2 MW of auxiliaries for three hours of calm are kept in the battery; the line takes what is left."""
    island = replace(PLANT, base_mw=0.2, import_limit_mw=0.0, export_limit_mw=0.0, battery=LOSSLESS)
    best = _plan(island, _window([0.0] * 4, [1.8, 0.0, 0.0, 0.0]), values=Values(4.0, 4.0))
    assert best.power_mw["pem"] == pytest.approx([1.0, 0.0, 0.0, 0.0], abs=1e-6)
    assert best.battery_mwh == pytest.approx([0.6, 0.4, 0.2, 0.0], abs=1e-6)


# Customers under a contract -------------------------------------------------------------------------------------------
def _customer(n: int, kg_per_h: float, penalty: float, **more: object) -> Customer:
    flow = np.full(n, kg_per_h)
    return Customer("buyer", flow, 2.0 * flow, np.zeros(n, dtype=np.int64), penalty, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("penalty", "made"), [(3.0, 0.0), (20.0, 80.0)])
def test_a_penalty_buys_dear_power_only_where_it_is_dearer(penalty: float, made: float) -> None:
    """Power at 310 EUR/MWh; a MWh makes 20 kg worth 4 EUR and saves the penalty: 140 EUR, or 480."""
    window = _window([300.0] * 4, demand=0.0, customers=(_customer(4, 20.0, penalty),))
    best = _plan(PLANT, window, values=Values(4.0, 4.0))
    assert best.hydrogen_kg_per_h.sum() == pytest.approx(made)
    assert best.missing_kg.sum() == pytest.approx(80.0 - made)
    cost = 10.0 + 4.0 * 310.0 - 80.0 * 4.0 if made else 80.0 * penalty
    assert best.value_eur.sum() == pytest.approx(-cost, abs=0.2)


def test_what_is_late_is_taken_before_the_period_ends_and_no_faster_than_it_can_be() -> None:
    """10 kg/h are wanted over four hours, 20 taken at most; power is cheap in the last: 20 come, 20 are missing."""
    window = _window([900.0, 900.0, 900.0, 50.0], demand=0.0, customers=(_customer(4, 10.0, 3.0),))
    best = _plan(PLANT, window, values=Values(4.0, 4.0))
    assert best.hydrogen_kg_per_h == pytest.approx([0.0, 0.0, 0.0, 20.0], abs=1e-6)
    assert best.late_kg["buyer"] == pytest.approx([10.0, 20.0, 30.0, 20.0], abs=1e-5)
    assert best.missing_kg.sum() == pytest.approx(20.0)


def test_periods_are_settled_one_by_one_and_what_was_late_before_counts() -> None:
    """The second hour is cheap, and of another period: what is late of the first is missing by then."""
    customer = replace(_customer(2, 10.0, 3.0), period=np.array([0, 1]))
    window = _window([900.0, 0.0], demand=0.0, customers=(customer,))
    best = _plan(PLANT, window, Start(0.0, {}, late_kg={"buyer": 5.0}), Values(4.0, 4.0))
    assert best.missing_kg == pytest.approx([15.0, 0.0], abs=1e-6)


def test_no_penalty_beyond_the_contract() -> None:
    """15 kg/h wanted, 5 under contract: of 60 kg in four hours 20 are owed."""
    customer = _customer(4, 15.0, 3.0, contract_kg_per_h=5.0)
    best = _plan(PLANT, _window([900.0] * 4, demand=0.0, customers=(customer,)))
    assert best.missing_kg.sum() == pytest.approx(20.0)
    assert best.value_eur.sum() == pytest.approx(-60.0, abs=0.01)


def test_who_pays_more_is_served_first() -> None:
    """20 kg in store, 20 wanted by either: the one with a premium gets them."""
    rich = replace(_customer(1, 20.0, 0.0, premium_eur_per_kg=2.0), name="rich")
    plant = replace(PLANT, capacity_kg=100.0)
    window = _window([900.0], demand=0.0, customers=(_customer(1, 20.0, 0.0), rich))
    best = _plan(plant, window, Start(20.0, {}))
    assert best.late_kg["rich"] == pytest.approx([0.0], abs=1e-6)
    assert best.value_eur.sum() == pytest.approx(40.0, abs=0.1)


def test_trailers_that_call_by_the_level_leave_less_to_the_customer() -> None:
    """Of 40 kg in a store of 100, trailers that call up to a level of 0.5 take 0.8 of 25 kg/h, the customer 10.

    Of the 10 that are left they take 5: the customer, whose 20 kg were there, misses 5.
    """
    plant = replace(PLANT, capacity_kg=100.0, call_band_frac=0.5)
    customer = replace(_customer(2, 10.0, 50.0), most_kg_per_h=np.array([10.0, 10.0]))
    window = _window([2000.0, 2000.0], demand=25.0, customers=(customer,))
    best = _plan(plant, window, Start(40.0, {}))
    assert best.missing_kg.sum() == pytest.approx(5.0, abs=1e-5)


# Fuel cells and engines -----------------------------------------------------------------------------------------------
ENGINE = ReconversionModel((0.4, 1.0), (0.4, 1.0), (24.0, 60.0))
"""1 MW of 60 kg/h, 40 % at least."""


@pytest.mark.parametrize(("price", "power"), [(230.0, 0.0), (300.0, 1.0)])
def test_hydrogen_becomes_power_at_a_spike(price: float, power: float) -> None:
    """60 kg at 4 EUR/kg make a MWh: 240 EUR. At 300 EUR/MWh it is sold at 298."""
    plant = replace(PLANT, capacity_kg=200.0, reconversion=ENGINE)
    best = _plan(plant, _window([100.0, price, 100.0], demand=0.0), Start(100.0, {}), Values(4.0, 4.0))
    assert best.reconverted_mw == pytest.approx([0.0, power, 0.0], abs=1e-6)
    assert best.stored_kg[-1] == pytest.approx(100.0 - 60.0 * power)
    assert best.value_eur.sum() == pytest.approx((price - 2.0 - 240.0) * power, abs=1e-4)


@pytest.mark.parametrize(("stored", "power"), [(20.0, 0.0), (30.0, 0.5)])
def test_a_store_below_the_smallest_load_makes_no_power(stored: float, power: float) -> None:
    plant = replace(PLANT, lines=(IDLE,), capacity_kg=200.0, reconversion=ENGINE)
    best = _plan(plant, _window([900.0], demand=0.0), Start(stored, {}), Values(4.0, 4.0))
    assert best.reconverted_mw == pytest.approx([power], abs=1e-6)


def test_loads_of_fuel_cells_follow_from_their_powers() -> None:
    model = reconversion_of([(0.1, 0.0, 0.0), (0.4, 0.38, 20.0), (0.6, 0.58, 32.0), (1.0, 0.96, 60.0)])
    assert model is not None
    assert model.loads == (0.4, 0.6, 1.0)
    found = model.load(np.array([0.0, 0.2, 0.38, 0.77]))
    assert found == pytest.approx([0.0, 0.0, 0.4, 0.8])
    assert reconversion_of([(0.5, 0.0, 0.0), (1.0, 0.0, 0.0)]) is None
    assert np.array(model.pieces) == pytest.approx(np.array(convex_hull(((0.38, 20.0), (0.58, 32.0), (0.96, 60.0)))))


# Units of a line ------------------------------------------------------------------------------------------------------
def test_starts_are_charged_by_the_unit() -> None:
    """Two units of 10 EUR a start each: the second starts in the hour for which it pays, and only then."""
    line = replace(
        LINE, start_cost_eur=20.0, units=(1.0, 2.0), n_units=2, powers_mw=(0.5, 1.0), flows_kg_per_h=(10.0, 20.0)
    )
    plant = replace(PLANT, lines=(line,))
    # a MWh makes 80 EUR of hydrogen: 30 EUR above its price for a unit's half MW is worth 15 EUR, 18 are worth 9
    best = _plan(plant, _window([40.0]), Start(0.0, {"pem": True}, units={"pem": 1.0}), Values(4.0, 4.0))
    assert best.power_mw["pem"] == pytest.approx([1.0])
    assert best.value_eur.sum() == pytest.approx(30.0 - 10.0)
    best = _plan(plant, _window([52.0]), Start(0.0, {"pem": True}, units={"pem": 1.0}), Values(4.0, 4.0))
    assert best.power_mw["pem"] == pytest.approx([0.5])
    best = _plan(plant, _window([52.0]), Start(0.0, {"pem": True}, units={"pem": 2.0}), Values(4.0, 4.0))
    assert best.power_mw["pem"] == pytest.approx([1.0])


def test_hulls_hold_a_curve_from_above_and_below() -> None:
    points = [(0.0, 0.0), (1.0, 2.0), (2.0, 2.5), (3.0, 4.0)]
    assert np.array(concave_hull(points)) == pytest.approx(np.array([(2.0, 0.0), (1.0, 1.0)]))
    assert np.array(convex_hull(points)) == pytest.approx(np.array([(1.25, 0.0), (1.5, -0.5)]))


def test_a_plan_keeps_to_what_is_in_service() -> None:
    """Power is free; without the grid in the second hour, and without the line in the third, there is none to buy."""
    left = Availability(np.array([1.0, 0.0, 1.0, 1.0]), {"pem": np.array([1.0, 1.0, 0.0, 0.5])})
    window = _window([0.0] * 4, availability=left)
    best = optimise(PLANT, window, Start(0.0, {}), Values(4.0, 4.0), gap_frac=0.0)
    assert best.power_mw["pem"] == pytest.approx([1.0, 0.0, 0.0, 0.5], abs=1e-6)
    assert best.import_mw == pytest.approx([1.0, 0.0, 0.0, 0.5], abs=1e-6)
