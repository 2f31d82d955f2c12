"""The logic of the rules that all kinds of dispatch share, as tables; every rule for days on the reference plant."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from h2plant.components import KIND_BY_NAME
from h2plant.config.bundled import PLANTS
from h2plant.config.load import load_plant
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.constants import EUR_PER_MWH, J_PER_KWH
from h2plant.core.jit import plain
from h2plant.dispatch import rule
from h2plant.plant.finding import PlantError
from h2plant.results.ledger import Bookkeeper
from h2plant.session.session import make_engine, prepare
from h2plant.testing import Rig
from tests.lines import AT_ONCE, PEM, SOEC, rule_with, setpoints

pytestmark = pytest.mark.long

RULES = (
    *("hybrid_arbitrage", "price_threshold", "follow_wind", "constant_load"),
    *("soec_only", "economic_spot", "storage_band", "demand_first"),
)
FREE = [{**line, **AT_ONCE} for line in (SOEC, PEM)]

ramped, line_setpoint, is_below_reserve, cools_down, idle_cost, next_zone = (
    plain(getattr(rule, name), {}, {})
    for name in ("ramped", "line_setpoint", "is_below_reserve", "cools_down", "idle_cost", "next_zone")
)


@pytest.mark.parametrize(
    ("before", "target", "up", "down", "expected"),
    [
        (2.0, 9.0, 0.0, 0.0, 9.0),  # no ramp
        (2.0, 9.0, 0.05, 0.0, 5.0),
        (2.0, 4.0, 0.05, 0.0, 4.0),  # within reach
        (9.0, 2.0, 0.05, 0.0, 2.0),  # up does not hold down
        (9.0, 2.0, 0.0, 0.1, 3.0),
    ],
)
def test_ramp(before: float, target: float, up: float, down: float, expected: float) -> None:
    assert ramped(before, target, up, down, 60.0) == pytest.approx(expected)


@pytest.mark.parametrize(
    # on, held, before, target, reach -> on, set point; minimum 1, cap 10, ramps 1 a minute up and 2 down, holds 300 s
    ("on", "held", "before", "target", "reach", "is_on", "power"),
    [
        (0, 400, 0, 8, 20, 1, 2),  # starts at its minimum and ramps
        (0, 200, 0, 8, 20, 0, 0),  # has not rested
        (1, 60, 5, 8, 20, 1, 6),
        (1, 60, 5, 0, 20, 1, 3),  # held on, on its way to the minimum
        (1, 400, 5, 0, 20, 1, 3),  # may stop, but comes down first
        (1, 400, 3, 0, 20, 0, 0),  # at the minimum: stops
        (1, 400, 9, 9, 4, 1, 4),  # what cannot be had does not wait for the ramp
        (1, 60, 9, 9, 0.5, 0, 0),  # not even the minimum can be had
    ],
)
def test_line_starts_ramps_and_stops(
    on: float, held: float, before: float, target: float, reach: float, is_on: float, power: float
) -> None:
    limits = (1.0, 10.0, reach, reach, 0.0, 1.0)
    found = line_setpoint(on, held, before, target, target, limits, (1.0 / 60, 2.0 / 60), (300.0, 300.0), 60.0)
    assert found[0] == is_on
    assert found[2] == pytest.approx(power)
    assert found[1] == (60.0 if is_on != on else held + 60.0)


@given(
    targets=st.lists(st.floats(0.0, 12.0), min_size=2, max_size=30),
    up=st.floats(0.005, 0.2),
    down=st.floats(0.005, 0.2),
)
def test_no_ramp_is_ever_exceeded(targets: list[float], up: float, down: float) -> None:
    """Between two steps of running at most the ramp; on the way to rest from the minimum, on the way up to it."""
    on, held, before = 0.0, 1e9, 0.0
    for target in targets:
        was, last = on, before
        limits = (1.0, 10.0, 20.0, 20.0, 0.0, 1.0)
        on, held, before = line_setpoint(on, held, before, target, target, limits, (up, down), (120.0, 60.0), 60.0)
        if on and was:
            assert last - down * 60.0 - 1e-9 <= before <= last + up * 60.0 + 1e-9
        elif on:
            assert 1.0 <= before <= 1.0 + up * 60.0 + 1e-9
        elif was:
            assert last - down * 60.0 <= 1.0 + 1e-9
        assert before == 0.0 or 1.0 <= before <= 10.0


@pytest.mark.parametrize(
    ("was", "level", "expected"), [(0, 0.19, 1), (1, 0.21, 1), (1, 0.25, 0), (0, 0.21, 0), (0, 0.9, 0)]
)
def test_reserve(was: float, level: float, expected: float) -> None:
    assert is_below_reserve(was, level, 0.2, 0.05) == expected
    assert is_below_reserve(was, level, 0.0, 0.05) == is_below_reserve(1.0, -0.1, 0.0, 0.05) == 0.0


@pytest.mark.parametrize(
    # 370 kW at 100 EUR/MWh cost 37 EUR/h: 43,000 EUR are spent after 1162 h
    ("cost", "idle_h", "standby_w", "price", "expected"),
    [
        (0.0, 0.0, 0.0, 100.0, 0),  # free to keep hot
        (42_999.0, 0.0, 0.37e6, 100.0, 0),
        (43_000.0, 0.0, 0.37e6, 100.0, 1),  # as much as the start that it saves
        (0.0, 1100.0, 0.37e6, 100.0, 0),  # a known rest, below and above the break-even rest
        (0.0, 1200.0, 0.37e6, 100.0, 1),
        (0.0, 1200.0, 0.37e6, -50.0, 0),  # paid for heating
        (50_000.0, 1.0, 0.37e6, 100.0, 0),  # about to run again
    ],
)
def test_standby_or_shut_down(cost: float, idle_h: float, standby_w: float, price: float, expected: float) -> None:
    assert cools_down(cost, idle_h * 3600.0, standby_w, price * EUR_PER_MWH, 43_000.0) == expected


@given(idle_h=st.floats(1.0, 5000.0), price=st.floats(1.0, 500.0))
def test_not_knowing_the_idle_costs_at_most_twice_as_much(idle_h: float, price: float) -> None:
    standby_eur_per_h, start_eur = 0.37 * price, 43_000.0
    best = min(idle_h * standby_eur_per_h, start_eur)
    cost, spent, hours = 0.0, 0.0, 0.0
    while hours < idle_h:
        if cools_down(cost, 0.0, 0.37e6, price * EUR_PER_MWH, start_eur):
            spent += start_eur
            break
        step_h = min(24.0, idle_h - hours)
        cost = idle_cost(0.0, cost, 0.37e6, price * EUR_PER_MWH, step_h * 3600.0)
        spent += step_h * standby_eur_per_h
        hours += step_h
    assert spent <= 2.0 * best + 24.0 * standby_eur_per_h + 1e-6
    assert idle_cost(1.0, cost, 0.37e6, price * EUR_PER_MWH, 60.0) == 0.0


@pytest.mark.parametrize(
    ("zone", "level", "expected"),
    [(1, 0.1, 0), (1, 0.27, 1), (0, 0.27, 0), (0, 0.3, 1), (1, 0.7, 2), (2, 0.66, 2), (2, 0.64, 1), (3, 0.2, 0)]
    + [(0, 0.99, 3), (3, 0.91, 3), (3, 0.89, 2)],
)
def test_zones(zone: float, level: float, expected: float) -> None:
    assert next_zone(zone, level, 0.3, 0.7, 0.95, 0.05) == expected


@pytest.mark.parametrize("name", RULES)
def test_every_rule_makes_hydrogen_below_the_reserve_and_stops_when_full(name: str) -> None:
    lines = [{**line, "reserve_load": load} for line, load in zip(FREE, (0.5, 0.2), strict=True)]
    rig = rule_with(KIND_BY_NAME[name], *lines, is_plain=True, reserve_level_frac=0.2)
    rig.set_signal("price", 900.0 * EUR_PER_MWH)
    for level, is_forced in ((0.5, False), (0.1, True), (0.22, True), (0.26, False)):
        rig.set_signal("storage_level", level)
        rig.step(1)
        bought = rig.field("planned_import_w")
        if name == "constant_load":
            assert bought == pytest.approx(10e6)
        else:
            assert bought == pytest.approx(0.5 * 11.52e6 + 1.0e6 if is_forced else 0.0), level
    rig.set_signal("available_power", 9e6)
    rig.set_signal("storage_level", 1.0)
    rig.step(1)
    assert setpoints(rig) == [0.0, 0.0]
    assert rig.field("planned_export_w") == 9e6


@pytest.mark.parametrize("name", RULES)
def test_every_rule_buys_only_what_matching_allows(name: str) -> None:
    """Of 2 MW of own power and 10 MW that may be bought, lines take no more than matching allows, own power first."""
    for choice, taken in ((0.0, 12e6), (1.0, 3e6), (2.0, 0.5e6)):
        rig = rule_with(KIND_BY_NAME[name], *FREE, is_plain=True, rfnbo=choice, reserve_level_frac=0.5)
        rig.set_signal("price", -20.0 * EUR_PER_MWH)
        rig.set_signal("available_power", 2e6)
        rig.set_signal("monthly_allowance", 3e6)
        rig.set_signal("hourly_allowance", 0.5e6)
        rig.step(1)
        assert rig.field("planned_import_w") == pytest.approx(max(taken - 2e6, 0.0))
        assert sum(setpoints(rig)) == pytest.approx(taken)


@pytest.mark.parametrize("name", RULES)
def test_every_rule_shuts_a_line_down_that_rests_too_long(name: str) -> None:
    """At 100 EUR/MWh a standby of 0.37 MW has cost 43,000 EUR after 1162 hours; the PEM line stands by for nothing."""
    rig = rule_with(KIND_BY_NAME[name], *FREE, is_plain=True)
    rig.set_signal("price", 100.0 * EUR_PER_MWH)
    rig.set_signal("storage_level", 1.0)
    rig.step(1162, 3600.0)
    assert rig.line("shut_down", 0) == 0.0
    rig.step(1, 3600.0)
    assert rig.line("shut_down", 0) == 1.0
    assert rig.line("shut_down", 1) == 0.0
    rig.set_signal("storage_level", 0.0)
    rig.set_signal("price", -100.0 * EUR_PER_MWH)
    rig.set_signal("available_power", 18e6)
    rig.step(1)
    assert rig.line("shut_down") == rig.line("rest_cost") == 0.0


def test_threshold_from_the_value_of_hydrogen() -> None:
    """9.6 EUR/kg at 44 and 58 kWh/kg, less 10 EUR/MWh: 208.18 and 155.52 EUR/MWh."""
    rig = rule_with(
        KIND_BY_NAME["price_threshold"], *FREE, is_plain=True, hydrogen_value_eur_per_kg=9.6, price_band_eur_per_j=0.0
    )
    rig.set_signal("available_power", 18e6)
    for price, is_on in ((155.51, [1, 1]), (155.53, [1, 0]), (208.17, [1, 0]), (208.19, [0, 0])):
        rig.set_signal("price", price * EUR_PER_MWH)
        rig.step(1)
        assert [rig.line("is_on", k) for k in (0, 1)] == is_on, price


def test_threshold_with_a_contract_price() -> None:
    """The study's threshold: contract price of 50 EUR/MWh and 9.6 EUR/kg at 37.5 kWh/kg are 306 EUR/MWh."""
    line = {**SOEC, **AT_ONCE, "specific_energy": 37.5 * J_PER_KWH}
    parameters = {"contract_price_eur_per_j": 50.0 * EUR_PER_MWH, "price_band_eur_per_j": 0.0}
    rig = rule_with(KIND_BY_NAME["hybrid_arbitrage"], line, is_plain=True, **parameters)
    rig.set_signal("available_power", 18e6)
    for price, is_on in ((305.9, 1.0), (306.1, 0.0)):
        rig.set_signal("price", price * EUR_PER_MWH)
        rig.step(1)
        assert rig.line("is_on") == is_on


def test_units_rotate_by_hours_and_starts() -> None:
    """100 h and 30 starts are less worn than 150 h and 1 start at one hour a start, and more at two."""
    for per_start_h, first in ((0.0, 0), (1.0, 0), (2.0, 1)):
        parameters = {"unit_power_w": 1e6, "conversion_efficiency_frac": 1.0, "start_hours_h": per_start_h}
        links = {"unit_setpoints": 2, "unit_hours": 2, "unit_starts": 2, "unit_ready": 2}
        rig = Rig(KIND_BY_NAME["line_controller"], parameters, links, is_plain=True)
        for unit, (hours, starts) in enumerate(((100.0, 30.0), (150.0, 1.0))):
            rig.set_signal("unit_hours", hours, unit)
            rig.set_signal("unit_starts", starts, unit)
            rig.set_signal("unit_ready", 1.0, unit)
        rig.set_signal("setpoint", 0.8e6)
        rig.step(1)
        assert [rig.signal("unit_setpoints", k) > 0.0 for k in (0, 1)] == [first == 0, first == 1]


def _with_rule(folder: Path, name: str, parameters: str = "", **loads: float) -> Path:
    """Write the reference plant with another rule."""
    text = (PLANTS / "dual_path.yaml").read_text(encoding="utf-8")
    shared = "purchase_limit_mw: 10, throttle_level_frac: 0.85, full_level_frac: 0.95"
    block = f"  dispatch: {{kind: {name}, {shared}{parameters}}}\n"
    text, n = re.subn(r"  dispatch:\n(    .*\n)+", block, text)
    assert n == 1
    for line, load in loads.items():
        assert f"  {line}:\n    {{kind: line_controller," in text
        text = text.replace(f"  {line}:\n    {{", f"  {line}:\n    {{constant_load_frac: {load}, ")
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def _run(path: Path | str, start: str, hours: float) -> tuple[Any, np.ndarray, dict[str, int]]:
    """Run minute by minute; returns the ledger, the log by minutes, and the place of each column."""
    scenario = changed_scenario(load_scenario(path), hours, start, 60, 60)
    _, program = prepare(scenario)
    engine = make_engine("optimized", program)
    engine.begin()
    bookkeeper = Bookkeeper(program, engine.content())
    rows: list[np.ndarray] = []
    engine.run(round(hours * 60), lambda chunk, _: rows.append(chunk.copy()))
    return bookkeeper.close(engine.content()), np.vstack(rows), {c.name: i for i, c in enumerate(program.columns)}


def _assert_power_balance(log: np.ndarray, at: dict[str, int]) -> None:
    """Wind and import serve electrolysers, balance of plant and losses, export and curtailment, every minute."""

    def sum_of(pattern: str) -> np.ndarray:
        found = [i for name, i in at.items() if re.fullmatch(pattern, name)]
        assert found, pattern
        return log[:, found].sum(axis=1)

    supply = sum_of(r"wind\.power_w") + sum_of(r"grid\.import_w") + sum_of(r"grid\.unserved\.power_w")
    electrolysers = sum_of(r"pem_\d\.power\.power_w") + sum_of(r"soec_\d\.(power|heater_power)\.power_w")
    losses = sum_of(r"\w+_transformer\.loss_w") + sum_of(r"\w+_rectifier_\d\.loss_w")
    auxiliaries = sum_of(
        r"(purifier|ultrapure_tank|\w+_pump|cooling_loop|dry_cooler|pem_circulation|\w+_chiller(_2)?|\w+_heater"
        r"|\w+_dryer|steam_generator|steam_superheater|\w+_stage(_\d)?)\.power\.power_w"
    )
    export = sum_of(r"grid\.export_w") + sum_of(r"grid\.curtailed\.power_w")
    gap = supply - electrolysers - losses - auxiliaries - export
    assert np.abs(gap).max() <= 1e-9 * supply.max()


@pytest.mark.parametrize("name", RULES)
def test_a_day_on_the_reference_plant(name: str, tmp_path: Path) -> None:
    ledger, log, at = _run(_with_rule(tmp_path, name), "2023-03-14", 24)
    assert len(log) == 1440
    assert ledger.worst_relative_residual < 1e-9
    _assert_power_balance(log, at)
    assert ledger.reacted[:, 0].sum() > 500.0  # kg of hydrogen
    soec, pem = log[:, at["soec_line.setpoint_w"]], log[:, at["pem_line.setpoint_w"]]
    for power, most in ((soec, 15e6), (pem, 5.2e6)):
        assert ((power == 0.0) | ((power >= 0.25e6) & (power <= most * (1.0 + 1e-12)))).all()
    assert (pem.max() == 0.0) == (name == "soec_only")


@pytest.mark.parametrize("start", ["2023-01-04", "2023-07-01", "2023-12-22"])
def test_power_balances_every_minute(start: str) -> None:
    ledger, log, at = _run("dual_path", start, 72)
    _assert_power_balance(log, at)
    assert ledger.worst_relative_residual < 1e-9


def test_matching_holds_on_the_reference_plant(tmp_path: Path) -> None:
    """Two calm days at the beginning of a month: 6 MW are bought without the constraint, hardly any with it."""
    bought, used, matched, asked = {}, {}, {}, {}
    for choice in ("off", "monthly", "hourly"):
        path = _with_rule(tmp_path, "constant_load", f", rfnbo: {choice}", soec_line=0.5, pem_line=0.0)
        _, log, at = _run(path, "2023-08-31T22:00", 48)
        end = {name: log[-1, at[f"origin.{name}"]] for name in ("used_j", "hour_used_j", "hour_renewable_j")}
        used[choice] = end["used_j"] / log[-1, at["origin.renewable_j"]]
        hours = log[-1, at["origin.matched_hourly_j"]] + min(end["hour_used_j"], end["hour_renewable_j"])
        matched[choice] = hours / end["used_j"]
        asked[choice] = log[:, at["soec_line.setpoint_w"]].sum() * 60.0 / log[-1, at["origin.renewable_j"]]
        bought[choice] = log[:, at["dispatch.planned_import_w"]].mean()
    assert bought["off"] > 5e6
    assert max(bought["monthly"], bought["hourly"]) < 0.2 * bought["off"]
    assert used["off"] > 6.0
    # what keeps the modules hot in hours without wind is drawn whatever the rule says; by the month it is made up for
    # over the rest of the month
    assert asked["monthly"] < 1.0
    assert used["monthly"] < 1.5
    assert matched["off"] < 0.2
    assert matched["hourly"] > 0.85


def test_a_word_is_chosen_from_a_list(tmp_path: Path) -> None:
    path = _with_rule(tmp_path, "follow_wind", ", rfnbo: hourly")
    assert load_plant(path).components["dispatch"].values["rfnbo"] == 2.0
    assert load_plant("dual_path", {"dispatch.rfnbo": "monthly"}).components["dispatch"].values["rfnbo"] == 1.0
    for wrong in ("yearly", "2", "true"):
        with pytest.raises(PlantError, match="wanted 'off', 'monthly' or 'hourly'"):
            load_plant(_with_rule(tmp_path, "follow_wind", f", rfnbo: {wrong}"))


def test_break_even_idle_time() -> None:
    found = plain(rule.break_even_idle_time, {}, {})(43_000.0, 0.37e6, 100.0 * EUR_PER_MWH)
    assert math.isclose(found / 3600.0, 43_000.0 / 37.0)
