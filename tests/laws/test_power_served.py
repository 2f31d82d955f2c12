"""Nothing is free: in every step what is drawn equals what named sources gave, whatever plant, limit and rule."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from h2plant.config.bundled import PLANTS
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.battery_role import Battery
from h2plant.core.constants import HHV_H2_J_PER_KG, J_PER_MWH
from h2plant.core.role import Grid, Maker, PowerBus, Source
from h2plant.results.totals import Totals
from h2plant.session.session import Loaded, ProgramRun, load_run

RULES = (
    *("hybrid_arbitrage", "price_threshold", "follow_wind", "constant_load"),
    *("soec_only", "economic_spot", "storage_band"),
    *("battery_smoothing", "battery_arbitrage"),
)
FEW, MANY = 30, 200
"""Random plants of each change, and of `make validate`."""

_SECOND = """\
  rectifier_2: {kind: rectifier, rating_mw: 1.1}
  line_2: {kind: line_controller, unit_power_mw: 1, min_load_frac: LEAST}
  stack_2: {kind: pem_stack, rated_power_mw: 1}
  water_2: {kind: water_source, pressure_bar: 3}
  drum_3: {kind: liquid_separator}
  sale_2: {kind: product_sink, h2_price_eur_per_kg: 5}
"""
_SECOND_LINKS = """\
  - bus.consumers -> rectifier_2.power
  - rectifier_2.loads -> stack_2.power
  - line_2.line -> rule.lines
  - line_2.unit_setpoints -> stack_2.setpoint
  - stack_2.water_demand -> water_2.demand
  - water_2.outlet -> stack_2.water
  - exchanger.conductance -> stack_2.cooling_conductance
  - cooling.supply_temperature -> stack_2.coolant_temperature
  - stack_2.heat -> cooling.heat
  - stack_2.hydrogen -> drum_3.inlet
  - drum_3.gas -> sale_2.inlet
"""


def random_batteries(seed: int) -> tuple[str, str]:
    """Return none to two batteries of a random plant, as components and links of its file."""
    draw = np.random.default_rng([seed, 1])
    components = links = ""
    for k in range(int(draw.integers(0, 3))):
        size = f"power_mw: {draw.uniform(0.05, 1.5):.3f}, energy_mwh: {draw.uniform(0.05, 4.0):.3f}"
        components += f"  battery_{k}: {{kind: battery, {size}, initial_level_frac: {draw.uniform(0.0, 0.95):.3f}}}\n"
        links += f"  - bus.consumers -> [battery_{k}.charge, battery_{k}.auxiliaries]\n"
        links += f"  - battery_{k}.discharge -> bus.supplies\n"
    return components, links


def random_plant(seed: int, folder: Path) -> tuple[Path, dict[str, Any]]:
    """Write a plant of one or two PEM lines with none to three wind farms; returns its file and how it is run."""
    draw = np.random.default_rng(seed)
    batteries, battery_links = random_batteries(seed)
    n_farms, has_second = int(draw.integers(0, 4)), bool(draw.integers(0, 2))
    text = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
    limit = float(draw.choice([0.0, 0.1, 0.4, 1.0, 1.5, 2.5, 20.0]))
    store_kwh, store_kw = float(draw.choice([0.0, 1.0, 5.0, 50.0])), float(draw.choice([20.0, 100.0, 1000.0]))
    least = f"{draw.uniform(0.05, 0.4):.3f}"
    farms = "".join(
        f"  wind_{k}: {{kind: wind_farm, capacity_mw: {draw.uniform(0.1, 2.0):.3f}}}\n" for k in range(n_farms)
    )
    links = "".join(f"  - wind_{k}.power -> bus.supplies\n" for k in range(n_farms))
    for old, new in (
        ("import_limit_mw: 2", f"import_limit_mw: {limit}"),
        (
            "bus: {kind: power_bus}",
            f"bus: {{kind: power_bus, ride_through_kwh: {store_kwh}, ride_through_power_kw: {store_kw}}}",
        ),
        ("rule: {kind: price_threshold}", f"rule: {{kind: {draw.choice(RULES)}, rfnbo: 'off'}}"),
        ("min_load_frac: 0.2", f"min_load_frac: {least}, line_min_up_min: {draw.integers(0, 60)}"),
        ("series:\n", "series:\n  wind_power_pu: {file: nl_2023, mode: linear}\n"),
        (
            "components:\n",
            "components:\n" + farms + batteries + (_SECOND.replace("LEAST", least) if has_second else ""),
        ),
        ("links:\n", "links:\n" + links + battery_links),
        ("n_vessels: 4", f"n_vessels: {draw.integers(2, 40)}"),
    ):
        assert old in text, old
        text = text.replace(old, new, 1)
    file = folder / f"random_{seed}.yaml"
    file.write_text(text + (_SECOND_LINKS if has_second else ""), encoding="utf-8")
    how = {
        "hours": 12.0,
        "start": f"2023-{draw.integers(4, 11):02d}-{draw.integers(1, 28):02d}",
        "step_s": int(draw.choice([60, 60, 60, 300, 900, 3600])),
    }
    return file, how


def log_of(loaded: Loaded) -> tuple[ProgramRun, dict[str, np.ndarray]]:
    """Run to the end with a log interval of one step; returns the run, and each column by its name."""
    rows: list[np.ndarray] = []
    run = ProgramRun(loaded.program())
    run.begin()
    run.engine.run(loaded.n_steps, lambda log, _events: rows.append(log.copy()))
    log = np.concatenate(rows)
    return run, {column.name: log[:, i] for i, column in enumerate(run.program.columns)}


def assert_served(loaded: Loaded) -> None:
    """Draws equal named sources in each step; the grid keeps its limit; hydrogen holds no more than was supplied."""
    plant = loaded.plant
    run, log = log_of(loaded)
    (bus, of_bus), (grid, of_grid) = (next(iter(plant.of_role(role).items())) for role in (PowerBus, Grid))
    own = sum((log[f"{id_}.{role.power}.power_w"] for id_, role in plant.of_role(Source).items()), np.zeros(1))
    bought = log[f"{grid}.{of_grid.import_column}"]
    sold = log[f"{grid}.{of_grid.export_column}"] + log[f"{grid}.{of_grid.curtailed}.power_w"]
    store = log[f"{bus}.{of_bus.given_column}"] - log[f"{bus}.{of_bus.taken_column}"]
    batteries = plant.of_role(Battery)
    given_back = sum((log[f"{id_}.{one.discharge}.power_w"] for id_, one in batteries.items()), np.zeros(1))
    emergency = log[f"{bus}.{of_bus.emergency}.power_w"]
    load = log[f"{bus}.load_w"]
    given = own + given_back + bought - sold + store + emergency
    assert np.abs(given - load).max() <= 1e-9 * max(load.max(), own.max(), 1.0)
    assert not log[f"{grid}.{of_grid.unserved}.power_w"].any()
    assert bought.max() <= plant.components[grid].values[of_grid.import_limit] * (1.0 + 1e-12)
    made_each = sum((log[f"{id_}.{role.made}"] for id_, role in plant.of_role(Maker).items()), np.zeros(1))
    reach = own + given_back + plant.components[grid].values[of_grid.import_limit]
    # rules leave nothing to it but what nobody could foresee, and what an island draws at rest in a calm
    assert emergency[(made_each > 0.0) | (reach >= load)].sum() <= 1e-3 * load.sum()
    assert emergency.min() >= 0.0 and (bought - log[f"{grid}.{of_grid.imbalance_column}"]).min() >= -1e-6
    assert made_each.sum() * HHV_H2_J_PER_KG <= load.sum() * (1.0 + 1e-9)
    for id_, one in batteries.items():
        given_w, taken_w = log[f"{id_}.{one.discharge}.power_w"], log[f"{id_}.{one.charge}.power_w"]
        values = plant.components[id_].values
        drained_j = values[one.initial] * values[one.capacity] - run.program.value(f"{id_}.{one.stored}")
        assert (given_w - taken_w).sum() * run.program.step_s <= drained_j + 1e-9 * values[one.capacity]
        assert not np.minimum(given_w, taken_w).any()
    assert run.ledger().worst_relative_residual < 1e-9


@pytest.mark.long
def test_random_plants_draw_what_named_sources_give(tmp_path: Path) -> None:
    for seed in range(FEW):
        file, how = random_plant(seed, tmp_path)
        scenario = changed_scenario(load_scenario(file), how["hours"], how["start"], how["step_s"], how["step_s"])
        assert_served(load_run(scenario))


@pytest.mark.slow
def test_two_hundred_random_plants_draw_what_named_sources_give(tmp_path: Path) -> None:
    for seed in range(FEW, MANY):
        file, how = random_plant(seed, tmp_path)
        scenario = changed_scenario(load_scenario(file), how["hours"], how["start"], how["step_s"], how["step_s"])
        assert_served(load_run(scenario))


@pytest.mark.long
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("limit_mw", [0.0, 1.0, 30.0])
def test_reference_plant_draws_what_named_sources_give(rule: str, limit_mw: float) -> None:
    changes = {"dispatch.kind": rule, "grid.import_limit_mw": limit_mw}
    scenario = changed_scenario(load_scenario("dual_path"), 8.0, "2023-02-03", 60, 60, changes)
    assert_served(load_run(scenario))


@pytest.mark.long
@pytest.mark.parametrize("wind_mw", [0.0, 0.6, 3.0])
def test_a_lower_import_limit_never_gives_more_hydrogen_nor_cheaper_power(wind_mw: float, tmp_path: Path) -> None:
    """Constant price and load, a store that never fills; on 0.1.0 an island made as much as with a grid, for less."""
    text = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("{file: nl_2023, mode: hold}", "{constant: 60}"),
        ("{kind: price_threshold}", "{kind: constant_load}"),
        ("series:\n", "series:\n  wind_power_pu: {file: nl_2023, mode: linear}\n"),
        ("components:\n", f"components:\n  wind: {{kind: wind_farm, capacity_mw: {wind_mw}}}\n"),
        ("links:\n", "links:\n  - wind.power -> bus.supplies\n"),
        ("n_vessels: 4,", "n_vessels: 400,"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    file = tmp_path / "plant.yaml"
    file.write_text(text, encoding="utf-8")
    made, price_per_j = [], []
    for limit_mw in (20.0, 1.3, 1.0, 0.7, 0.4, 0.2, 0.05, 0.0):
        scenario = changed_scenario(
            load_scenario(file), 96.0, "2023-05-03", overrides={"grid.import_limit_mw": limit_mw}
        )
        run = ProgramRun(load_run(scenario).program())
        run.begin()
        run.engine.run(96 * 60)
        totals = Totals(run.program, run.ledger())
        made.append(totals.sum("made_kg"))
        paid = totals.sum("import_cost_eur") + totals.sum("source_cost_eur") + totals.sum("emergency_eur")
        supplied = totals.sum("source_j") + totals.sum("imported_j") + totals.sum("emergency_j")
        price_per_j.append(paid / supplied if supplied > 0.0 else 0.0)
    assert made[0] > 100.0
    assert all(less <= more * (1.0 + 1e-9) for more, less in pairwise(made)), made
    if wind_mw == 0.0:  # all of it is bought: at the price of the grid, and what comes beyond the plan at more
        assert made[-1] == 0.0
        assert all(p >= 70.0 / J_PER_MWH * (1.0 - 1e-9) for p in price_per_j[:-1]), price_per_j
