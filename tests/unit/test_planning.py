"""Plans: the reduced model, the best operation of small plants, rolling plans in the engine, what cannot be met."""

import json
import math
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from h2plant.components import KIND_BY_NAME
from h2plant.config.bundled import PLANTS
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.config.series_reader import load_series
from h2plant.planning.layout import layout_of, with_dispatch
from h2plant.planning.matching import Balance
from h2plant.planning.optimum import Start, Values, Window, optimise
from h2plant.planning.reduced import Line, ReducedPlant, reduce_plant
from h2plant.planning.rolling import Planner
from h2plant.planning.tariff import Peak, Tariff
from h2plant.plant.finding import PlantError
from h2plant.session.session import load_run, make_engine, prepare
from h2plant.simulation.engine import SimulationFailure
from h2plant.simulation.lower import lower
from h2plant.simulation.program import copy_program
from h2plant.studies.compare.rules import compare_rules
from h2plant.studies.compare.steps import compare_steps
from tests.command import assert_refused, h2plant

pytestmark = pytest.mark.long

LINE = Line("pem", 0.25, 1.0, (0.25, 1.0), (5.0, 20.0), 1.0, 0.0, 10.0, 1000.0, 0.0, 0.0)
"""20 kg/h at 1 MW, 50 kWh/kg at all loads, 10 EUR a start."""
PLANT = ReducedPlant((LINE,), 0.0, math.inf, 0.0, 0.0, 1.0, 0.9, {}, 0.0, 0.0, 2.0, 5.0, 1.0, 10.0, 1.0, -2.0, 0.0)
"""That line alone; imports at market + 10, exports at market - 2 EUR/MWh."""
VALUES = Values(4.0, 4.0)


def _window(prices: list[float], own_mw: float = 0.0, demand: float = math.inf) -> Window:
    n = len(prices)
    return Window(1.0, np.full(n, own_mw), np.array(prices), np.full(n, demand))


def test_buys_below_the_break_even_price_and_rests_above() -> None:
    """4 EUR/kg at 20 kg/MWh is 80 EUR/MWh; less the fee of 10: buys below 70 EUR/MWh."""
    best = optimise(PLANT, _window([60.0, 60.0, 75.0, 60.0]), Start(0.0, {}), VALUES, gap_frac=0.0)
    # at its smallest power the dear hour loses 1.25 EUR, and a start costs 10
    assert best.power_mw["pem"] == pytest.approx([1.0, 1.0, 0.25, 1.0])
    assert best.value_eur == pytest.approx([10.0 - 10.0, 10.0, -1.25, 10.0])
    best = optimise(PLANT, _window([60.0, 60.0, 170.0, 60.0, 60.0]), Start(0.0, {}), VALUES, gap_frac=0.0)
    assert best.power_mw["pem"] == pytest.approx([1.0, 1.0, 0.0, 1.0, 1.0])  # at 0.25 MW it would lose 25
    assert best.starts["pem"].sum() == pytest.approx(2.0)


def test_sells_own_power_above_the_break_even_price() -> None:
    """Exports earn market - 2: own power is sold above 82 EUR/MWh, but for the line's smallest power."""
    best = optimise(PLANT, _window([70.0, 90.0, 70.0], 1.0), Start(0.0, {"pem": True}), VALUES, gap_frac=0.0)
    # at 0.25 MW the line loses 0.25 * 8 EUR, less than the 10 of a start
    assert best.power_mw["pem"] == pytest.approx([1.0, 0.25, 1.0])
    assert best.export_mw == pytest.approx([0.0, 0.75, 0.0], abs=1e-6)


def test_a_short_cheap_hour_is_not_worth_a_higher_peak() -> None:
    """One hour in four earns by 2 MW of imports; a MW above what is paid for costs more than it earns in that hour."""
    window = _window([300.0, 0.0, 300.0, 300.0])
    free = optimise(PLANT, window, Start(0.0, {}), VALUES)
    gain = float(free.value_eur.sum())
    bought = float(free.import_mw[1])
    assert gain > 0.0 and bought > 0.0
    for eur_per_mw, paid_mw, expected in (
        (1.1 * gain / bought, 0.0, 0.0),
        (1.1 * gain / bought, bought, bought),  # paid for already
        (0.5 * gain / bought, 0.0, bought),
    ):
        charged = replace(window, peaks=(Peak(eur_per_mw, paid_mw),))
        found = optimise(PLANT, charged, Start(0.0, {}), VALUES)
        assert float(found.import_mw.max()) == pytest.approx(expected, abs=1e-6)
        assert found.bound_eur == pytest.approx(max(gain - eur_per_mw * (bought - paid_mw), 0.0), rel=0.006, abs=1e-6)


def test_margin_and_tax_are_in_the_price_of_the_plan_as_in_that_of_the_grid() -> None:
    """EUR/MWh: (102 + 3.6 + 3.06) x 1.0511269632 at 100, -95.34 at -100, 3.6 x 1.0511269632 at 0 (the case by hand)."""
    grid = KIND_BY_NAME["grid_connection"]
    values = {f.name: f.default for f in grid.fields if f.role == "parameter"}
    values |= {"loss_frac": 0.02, "import_fee_eur_per_j": 1e-9, "margin_frac": 0.03, "power_tax_frac": 0.0511269632}
    ratio, fee, margin, tax = (np.full(3, value) for value in grid.role.terms(values, 8.0, 1.0))
    tariff = Tariff(ratio, fee * 3.6e9, np.ones(3), 0.0, 0.0, "grid", ("", ""), margin, tax)
    found = tariff.price(np.arange(3), np.array([100.0, -100.0, 0.0]))
    assert found == pytest.approx([114.21545582, -95.34, 3.784057068], rel=1e-9)


def test_the_tariff_of_the_hour_is_paid() -> None:
    """The same market price, one hour at a fee above the break-even price."""
    window = replace(_window([10.0, 10.0]), import_price_eur_per_mwh=np.array([500.0, 10.0]))
    found = optimise(PLANT, window, Start(0.0, {}), VALUES)
    assert found.import_mw[0] == pytest.approx(0.0, abs=1e-9) and found.import_mw[1] > 0.0


def test_fees_by_the_highest_import_are_shared_out_by_the_time() -> None:
    """53 EUR/kW a year and 2 EUR/kW a month over 73 h, a 120th of a year; 6 and 4 MW in two months, 5 on the mean."""
    months = np.array([1] * 40 + [2] * 33)
    ones = np.ones(73)
    tariff = Tariff(ones, ones, months, 53.0e3, 24.0e3, "grid", ("", ""))
    imported = np.where(months == 1, 6.0, 4.0)
    assert tariff.peak_eur(imported, 1.0) == pytest.approx((53.0e3 * 6.0 + 24.0e3 * 5.0) / 120.0)
    peaks = tariff.peaks(np.arange(73), 1.0, None)
    assert [peak.eur_per_mw for peak in peaks] == pytest.approx([53.0e3 / 120.0, 24.0e3 / 120.0])


def test_hydrogen_of_bought_power_counts_at_its_own_worth() -> None:
    values = Values(4.0, 1.0)
    best = optimise(PLANT, _window([30.0], 0.5), Start(0.0, {"pem": True}), values, gap_frac=0.0)
    assert best.import_mw == pytest.approx([0.0], abs=1e-9)  # 20 EUR/MWh of hydrogen for 40 of power
    best = optimise(PLANT, _window([5.0], 0.5), Start(0.0, {"pem": True}), values, gap_frac=0.0)
    assert best.import_mw == pytest.approx([0.5])


def test_full_storage_holds_the_line_back() -> None:
    """20 kg of room and no trailers: half of the hydrogen that two hours could make; the throttle asks for less yet."""
    plant = replace(PLANT, capacity_kg=100.0, throttle_frac=0.99)
    best = optimise(plant, _window([0.0, 0.0], demand=0.0), Start(80.0, {"pem": True}), VALUES, gap_frac=0.0)
    assert best.hydrogen_kg_per_h.sum() == pytest.approx(20.0)
    assert best.stored_kg[-1] == pytest.approx(100.0)


def test_reserve_is_bought_at_any_price() -> None:
    plant = replace(PLANT, capacity_kg=100.0, reserve_frac=0.3)
    best = optimise(plant, _window([900.0] * 3, demand=0.0), Start(10.0, {"pem": True}), VALUES, gap_frac=0.0)
    assert best.stored_kg == pytest.approx([30.0, 30.0, 30.0])
    assert best.value_eur[0] == pytest.approx(20.0 * 4.0 - 910.0)  # the penalty is no cost


@pytest.mark.parametrize(
    ("is_new", "power"),
    [
        ([True, True, True, True], [0.5, 0.5, 1.0, 0.5]),  # by the hour; the third is exempt
        ([True, False, False, False], [0.75, 0.5, 1.0, 1.0]),  # by the month, with 0.25 MWh left over
    ],
)
def test_power_is_matched_with_renewable_power(is_new: list[bool], power: list[float]) -> None:
    """0.5 MW of wind, and power to be bought at 0: hydrogen is made up to the balance of the hour or month."""
    balance = Balance(np.array([False, False, True, False]), np.array(is_new), np.full(4, 0.5), 0.0)
    if not all(is_new):
        balance = replace(balance, left_mwh=0.25)
    window = replace(_window([0.0, 1.0, 2.0, 3.0], 0.5), balance=balance)
    values = Values(4.0, 4.0)
    best = optimise(PLANT, window, Start(0.0, {"pem": True}), values, gap_frac=0.0)
    assert best.power_mw["pem"].sum() == pytest.approx(sum(power))
    used = np.where(balance.is_exempt, 0.0, best.power_mw["pem"])
    starts = np.flatnonzero(balance.is_new)
    for first, last in zip(starts, [*starts[1:], 4], strict=True):
        left = np.cumsum(balance.renewable_mw[first:last] - used[first:last]) + (balance.left_mwh if first == 0 else 0)
        assert left.min() >= -1e-9


def test_plan_keeps_hourly_matching() -> None:
    """Two days of the bundled plant in July, bought hydrogen worth as much as own: matched, or exempt."""
    shares = []
    for by in ("off", "hourly"):
        changes = {"dispatch.rfnbo": by, "dispatch.grid_hydrogen_value_eur_per_kg": 9.0}
        scenario = changed_scenario(load_scenario("dual_path"), 48.0, "2023-07-01", overrides=changes)
        loaded = load_run(scenario)
        plant, series = loaded.plant, loaded.series
        planned = with_dispatch(plant, "planned")
        series = load_series(planned, scenario.start, scenario.n_seconds, scenario.series, scenario.timezone) | series
        program = lower(planned, series, 60, 3600)
        planner = Planner(planned, series, program, scenario.start, 48.0)
        window = planner._window(0, planner.inputs.n, planner.inputs.n, planner.inputs.own_mw)
        plan = optimise(planner.reduced, window, Start(0.0, {}), planner.values, gap_frac=0.001)
        used = plan.power_mw["soec_line"] + plan.power_mw["pem_line"]
        shares.append(used.sum())
        if by == "hourly":
            matching = planner.inputs.matching
            assert matching is not None and 0 < matching.is_exempt.sum() < 48
            assert (used <= matching.renewable_mw + 1e-6)[~matching.is_exempt].all()
    assert shares[1] < shares[0] - 2.0  # MWh


def test_hold_times_and_ramps_bind() -> None:
    line = replace(LINE, min_up_s=4 * 3600.0, start_cost_eur=0.0)
    dear = _window([200.0, 0.0, 200.0, 200.0, 200.0, 200.0])
    best = optimise(replace(PLANT, lines=(line,)), dear, Start(0.0, {}), VALUES, gap_frac=0.0)
    on = best.power_mw["pem"] > 0.1
    assert on.sum() in (0, 4)  # started for the cheap hour, it would have to stay for three dear ones
    slow = replace(LINE, ramp_mw_per_h=0.25)
    best = optimise(replace(PLANT, lines=(slow,)), _window([0.0] * 4), Start(0.0, {}), VALUES, gap_frac=0.0)
    assert np.diff(best.power_mw["pem"]).max() <= 0.25 + 1e-9
    rest = replace(LINE, min_down_s=3 * 3600.0, start_cost_eur=0.0)
    prices = [0.0, 200.0, 0.0, 0.0, 0.0]
    best = optimise(replace(PLANT, lines=(rest,)), _window(prices), Start(0.0, {}), VALUES, gap_frac=0.0)
    stops = np.flatnonzero(np.diff((best.power_mw["pem"] > 0.1).astype(int)) < 0)
    for stop in stops:
        assert not (best.power_mw["pem"][stop + 1 : stop + 4] > 0.1).any()


def test_relaxation_bounds_the_plan() -> None:
    noise = np.random.default_rng(3)
    window = Window(1.0, noise.uniform(0, 2, 36), noise.uniform(-20, 200, 36), np.full(36, math.inf))
    plan = optimise(PLANT, window, Start(0.0, {}), VALUES)
    bound = optimise(PLANT, window, Start(0.0, {}), VALUES, is_relaxed=True)
    assert plan.value_eur.sum() <= bound.value_eur.sum() * (1.0 + 1e-9)
    assert plan.value_eur.sum() >= 0.95 * bound.value_eur.sum()


def test_segments_are_the_concave_hull_of_the_curve() -> None:
    line = replace(LINE, powers_mw=(0.25, 0.5, 0.75, 1.0), flows_kg_per_h=(4.0, 8.0, 16.0, 20.0))
    assert np.array(line.segments()) == pytest.approx(np.array([(24.0, -2.0), (16.0, 4.0)]))


@pytest.fixture(scope="module")
def planned_plant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest plant, with the kind planned."""
    text = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
    worth = "kind: planned, hydrogen_value_eur_per_kg: 4, grid_hydrogen_value_eur_per_kg: 4}"
    assert "kind: price_threshold}" in text
    file = tmp_path_factory.mktemp("planned") / "planned.yaml"
    file.write_text(text.replace("kind: price_threshold}", worth), encoding="utf-8")
    return file


def test_reduced_model_is_measured_on_the_plant_itself() -> None:
    """1 MW of a stack that makes about 18 kg/h at 42 bar; its tank's capacity from the gas law."""
    loaded = load_run(load_scenario("minimal_day"))
    plant, series = loaded.plant, loaded.series
    reduced = reduce_plant(plant, layout_of(plant), series)
    (line,) = reduced.lines
    assert line.flows_kg_per_h[-1] == pytest.approx(18.5, rel=0.08)
    assert list(line.flows_kg_per_h) == sorted(line.flows_kg_per_h)
    # by the 1.1 MW that the line may be told: the stack draws its 1 MW, converter and auxiliaries 3 to 30 % more
    assert 1.03 < line.draw_ratio * line.maximum_mw + line.draw_fixed_mw < 1.3
    # 40 m3 from 42 to 100 bar, at 290 K: p / (Z R T), Z 1.025 and 1.06
    density = 2.01588e-3 / 8.314 / 290.0
    assert reduced.capacity_kg == pytest.approx(40.0 * density * (100e5 / 1.06 - 42e5 / 1.025), rel=0.05)
    assert reduce_plant(plant, layout_of(plant), series) == reduced


def test_engine_carries_out_plans_from_midnight_to_midnight(planned_plant: Path) -> None:
    scenario = changed_scenario(load_scenario(planned_plant), 50.0, "2023-07-03T12:00Z")
    _, program = prepare(scenario)
    planner = program.planning
    assert isinstance(planner, Planner)
    engine = make_engine("optimized", program)
    engine.begin()
    engine.run(50 * 60)
    assert [first for first, _ in planner.plans] == [0, 10, 34]  # noon, and midnights two hours before UTC's
    first, plan = planner.plans[1]
    written = planner._plan_series["line"][4 * first : 4 * 34 : 4]
    wanted = plan.power_mw["line"][:24]
    is_on = wanted > 0.1
    assert (written > 0.0).tolist() == is_on.tolist()
    assert 0 < is_on.sum() < 24
    price = planner.inputs.price_eur_per_mwh[first:34]
    assert price[is_on].mean() < price[~is_on].mean()
    assert planner.report()["n_plans"] == 3
    assert planner.expected_eur > 0.0


def test_plan_is_the_same_in_every_run_and_for_both_engines(planned_plant: Path) -> None:
    scenario = changed_scenario(
        load_scenario(planned_plant), 26.0, "2023-07-03", 3600, 3600, {"rule.wind_forecast_error_frac": 0.1}
    )
    plans = []
    for name in ("optimized", "optimized", "baseline"):
        _, program = prepare(scenario)
        engine = make_engine(name, program)
        engine.begin()
        engine.run(1 if name == "baseline" else 26)
        assert isinstance(program.planning, Planner)
        plans.append(program.planning._plan_series["line"][:88].copy())
    assert (plans[0] == plans[1]).all()
    assert (plans[0] == plans[2]).all() or (plans[0][:8] == plans[2][:8]).all()


def test_time_without_a_plan_stops_the_run(planned_plant: Path) -> None:
    _, program = prepare(changed_scenario(load_scenario(planned_plant), 1.0))
    program.planning = None
    engine = make_engine("optimized", program)
    engine.begin()
    with pytest.raises(SimulationFailure, match="there is no plan"):
        engine.run(1)


def test_plan_of_the_users_own_is_carried_out_without_a_planner(planned_plant: Path) -> None:
    text = planned_plant.read_text(encoding="utf-8")
    series = "  plan_mw: {values: [0.4, 0.8], resolution_h: 1}\n"
    series += "  all_mw: {constant: 2}\ncomponents:"
    links = "links:\n  - series.plan_mw -> rule.plans\n"
    links += "  - series.all_mw -> rule.purchase_plan\n"
    own = planned_plant.with_name("own.yaml")
    own.write_text(text.replace("components:", series, 1).replace("links:\n", links, 1), encoding="utf-8")
    _, program = prepare(changed_scenario(load_scenario(own), 2.0))
    assert program.planning is None
    engine = make_engine("optimized", program)
    engine.begin()
    for power in (0.4e6, 0.8e6):
        engine.run(60)
        assert program.value("line.setpoint_w") == pytest.approx(power)


def test_forecast_error_grows_from_the_truth_and_persists() -> None:
    scenario = changed_scenario(load_scenario("dual_path"), 72.0)
    plant = load_run(scenario).plant
    planned = with_dispatch(plant, "planned", {"wind_forecast_error_frac": 0.1})
    series = load_run(scenario).series
    planner = object.__new__(Planner)
    planner.parameters, planner.interval_s = planned.components["dispatch"].values, 3600.0
    n = 20000
    planner.inputs = type("Inputs", (), {"own_mw": np.full(n, 10.0), "n": n})()
    planner.inputs.own_mw[0] = 20.0
    errors = planner.forecast(0, n, 7)[1:] - 10.0
    assert abs(errors[0]) < 4.0
    assert errors.std() == pytest.approx(0.1 * 20.0, rel=0.1)
    assert np.corrcoef(errors[1:], errors[:-1])[0, 1] == pytest.approx(0.9, abs=0.02)
    assert (planner.forecast(0, n, 7) == planner.forecast(0, n, 7)).all()
    assert (planner.forecast(0, n, 8) != planner.forecast(0, n, 7)).any()
    assert series


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trailers.n_trailers_per_day": 6}, r"the lines are too small: they make at most 19 kg/h"),
        ({"grid.import_limit_kw": 300}, r"the power is too little: own power and 0\.3 MW of imports"),
        ({"tank.n_vessels": 1, "trailers.day_end_h": 11}, r"the storage of 45 kg is too small"),
    ],
)
def test_demand_that_cannot_be_met_is_told_with_constraint_and_day(
    planned_plant: Path, changes: dict[str, float], message: str
) -> None:
    """250 kg a day from a line of 19 kg/h and a storage of 180 kg: each change alone makes it impossible."""
    overrides: dict[str, float | str] = {"rule.firm_demand_frac": 1, "trailers.day_start_h": 8, "trailers.n_bays": 5}
    overrides |= {"trailers.n_trailers_per_day": 0.9}
    prepare(changed_scenario(load_scenario(planned_plant), 72.0, "2023-07-03T12:00Z", None, None, overrides))
    scenario = changed_scenario(
        load_scenario(planned_plant), 72.0, "2023-07-03T12:00Z", None, None, overrides | changes
    )
    with pytest.raises(PlantError, match=rf"cannot be met on 2023-07-0[345]: .* kg are missing; {message}"):
        prepare(scenario)


def test_infeasible_plan_ends_the_command_with_2(planned_plant: Path) -> None:
    answer = h2plant(
        "run",
        planned_plant,
        "--hours",
        24,
        "--set",
        "rule.firm_demand_frac=1",
        "--set",
        "trailers.n_trailers_per_day=9",
    )
    assert_refused(answer, "[infeasible-plan]", "the demand cannot be met on 2023-01-0", "lower 'firm_demand_frac'")


def test_planned_plant_is_not_copied_with_its_plan(planned_plant: Path) -> None:
    _, program = prepare(changed_scenario(load_scenario(planned_plant), 24.0))
    with pytest.raises(ValueError, match="planned ahead cannot be copied"):
        copy_program(program)


def test_missing_solver_is_told_with_what_to_install(planned_plant: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "highspy", None)
    with pytest.raises(PlantError, match=r"pip install 'h2plant\[plan\]'"):
        prepare(changed_scenario(load_scenario(planned_plant), 24.0))


def test_rules_are_compared_with_plan_and_foresight() -> None:
    found = compare_rules(changed_scenario(load_scenario("minimal_day"), 48.0))
    names = [row.rule for row in found.rows]
    assert set(names) >= {"planned", "price_threshold", "follow_wind", "constant_load"}
    assert "user_rule" not in names
    profits = [row.profit_eur for row in found.rows if row.profit_eur is not None]
    assert profits == sorted(profits, reverse=True)
    foresight, expected = found.foresight.profit_eur, found.expected.profit_eur
    assert foresight is not None and expected is not None
    assert expected <= foresight
    assert all(row.not_served.endswith("h short)") and row.gap_frac is None for row in found.rows)  # 2 trailers a day
    planned = next(row for row in found.rows if row.rule == "planned")
    assert planned.profit_eur == pytest.approx(expected, rel=0.05)
    idle = next(row for row in found.rows if row.rule == "follow_wind")
    assert idle.hydrogen_kg == pytest.approx(0.0, abs=1.0)  # it has no wind


def test_a_grid_that_says_too_little_for_a_plan_is_a_finding() -> None:
    """A grid connection of another kind has prices of its own: a plan for it failed with a KeyError."""
    plant = load_run(load_scenario("minimal_day")).plant
    grid = plant.components["grid"]
    kept = {name: value for name, value in grid.values.items() if name != "export_market_ratio"}
    kind = replace(grid.kind, name="my_grid", role=replace(grid.kind.role, fee=""))
    other = replace(plant, components={**plant.components, "grid": replace(grid, kind=kind, values=kept)})
    with pytest.raises(PlantError, match="kind 'my_grid', which lacks 'fee' and 'export_market_ratio'"):
        layout_of(other)


def test_starts_of_any_technology_are_compared(tmp_path: Path) -> None:
    """Starts were those of PEM stacks and SOEC modules, and of no other electrolyser."""
    text = (PLANTS / "minimal.yaml").read_text(encoding="utf-8").replace("kind: pem_stack", "kind: toy_alkaline")
    plant = tmp_path / "plant.yaml"
    plant.write_text(text.replace("components:\n", "kinds: [toy_alkaline.py]\ncomponents:\n"), encoding="utf-8")
    shutil.copy(Path(__file__).parents[1] / "outside" / "toy_alkaline.py", tmp_path)
    span = ("--hours", 24, "--start", "2023-07-03", "--json")
    rules = {}
    for name, key in ((plant, "lye"), ("minimal", "pem")):
        answer = h2plant("compare", name, *span)
        assert answer.exit_code == 0, answer
        rules[key] = {row["rule"]: row.get(f"starts_{key}") for row in json.loads(answer.stdout)["rules"]}
    assert rules["lye"] == rules["pem"] and rules["lye"]["price_threshold"] >= 1.0
    answer = h2plant("compare", plant, "--hours", 24, "--start", "2023-07-03", "--step-s", "3600,900")
    assert answer.exit_code == 0 and "starts, LYE stacks" in answer.text and "PEM" not in answer.text


def test_steps_are_compared_with_the_finest() -> None:
    found = compare_steps(changed_scenario(load_scenario("minimal_day"), 6.0), [900, 60, 3600])
    assert found.steps_s == (3600, 900, 60)
    coarse, middle, fine = found.figures["hydrogen_made_kg"]
    assert coarse is not None and middle is not None and fine is not None
    off = found.difference_frac("hydrogen_made_kg")
    assert off == pytest.approx(((coarse - fine) / fine, (middle - fine) / fine, 0.0))
    assert abs(middle - fine) < abs(coarse - fine)
    assert found.difference_frac("trips") == (None, None, None)


def test_compare_command_shows_tables_and_refuses_single_steps() -> None:
    answer = h2plant("compare", "minimal_day", "--hours", 24)
    assert answer.exit_code == 0
    assert "plan with foresight" in answer.text and "price_threshold" in answer.text
    answer = h2plant("compare", "minimal_day", "--hours", 3, "--step-s", "3600,900")
    assert answer.exit_code == 0
    assert "hydrogen made" in answer.text and "900 s" in answer.text
    assert_refused(h2plant("compare", "minimal_day", "--step-s", "60"), "at least two steps")
