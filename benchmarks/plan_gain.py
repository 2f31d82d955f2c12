"""What a plan earns more than any rule of dispatch: ``python -m benchmarks.plan_gain [PLANT] [--hours 8760]``.

Runs a plant under each rule, each with its main parameters tuned in hindsight: every setting of ``SETTINGS`` runs the
whole span and the one that earns most counts. Then the plan, with prices known for the day and own power as forecast.
Prints the table of docs/planning.md. Without a plant it takes ``PLANT``, the battery plant with the bundled weather.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.error import reason_of
from h2plant.planning.layout import PLANNED, dispatch_of, rule_kinds, usual_price
from h2plant.session.session import load_run
from h2plant.studies.compare.outcome import STARTS, outcome_of

PLANT = """h2plant: 1
name: iberia
timezone: Europe/Madrid
site: {latitude: 39.5, longitude: -2.5, country: ES}
series:   # of the Netherlands in 2023
  weather: {file: nl_2023, repeat: true}
  ghi_w_per_m2: {file: nl_2023, stamps: end, repeat: true}
  price_eur_per_mwh: {file: nl_2023, repeat: true}
components:
  pv: {block: solar_park, capacity_mw: 25, tilt_deg: 25}
  wind: {block: wind_park, capacity_mw: 20}
  grid: {block: grid, import_mw: 4, export_mw: 30}
  battery: {block: battery_park, power_mw: 5, energy_mwh: 10}
  electrolysis: {block: alkaline_train, power_mw: 20, n_stacks: 4, pressure_bar: 8}
  compression: {block: compression, pressure_bar: 100}
  storage: {block: tank_park, capacity_t: 8}
  customer: {kind: hydrogen_demand, kg_per_day: 500, price_eur_per_kg: 6, penalty_eur_per_kg: 3}
  trailers: {block: trailer_station, price_eur_per_kg: 6}
  rule: {kind: demand_first}
"""
WORTH = "hydrogen_value_eur_per_kg"
BOUGHT = "grid_hydrogen_value_eur_per_kg"
_RESERVES: tuple[dict[str, float], ...] = ({}, {"reserve_level_frac": 0.01, "line.reserve_load_frac": 0.1})
"""Without and with a reserve for the customer, filled slowly whatever the price."""


def _by_worth(shares: Iterable[float], price: float) -> Iterator[dict[str, float]]:
    """Yield worths of hydrogen near its price; what it is made of makes no difference to the customer."""
    for share in shares:
        yield {WORTH: share * price, BOUGHT: share * price}


def settings_of(rule: str, price: float) -> list[dict[str, float]]:
    """Return the settings of a rule that are tried; ``line.``: of the line controllers.

    Parameters
    ----------
    rule
        Kind of dispatch.
    price
        Of hydrogen, EUR/kg.
    """
    even = 1000.0 * price / 56.0  # EUR/MWh at which power is worth its hydrogen
    limits = [{"line.price_limit_eur_per_mwh": share * even} for share in (1.0, 1.1, 1.2)]
    found: dict[str, list[dict[str, float]]] = {
        "hybrid_arbitrage": list(_by_worth((1.05, 1.15, 1.25), price)),
        "price_threshold": limits,
        "economic_spot": [{"spot_limit_eur_per_mwh": share * even} for share in (0.0, 0.5, 0.9)],
        "storage_band": [{}],
        "constant_load": [{"line.constant_load_frac": load} for load in (0.1, 0.3)],
        "demand_first": [
            {WORTH: share * price, "price_band_eur_per_mwh": band} for share in (0.9, 1.0, 1.1) for band in (5.0, 20.0)
        ],
        "battery_smoothing": [{"smoothing_time_h": hours} for hours in (0.5, 3.0)],
        "battery_arbitrage": [
            {**worth, **prices}
            for worth in _by_worth((1.05, 1.15, 1.25), price)
            for prices in (
                {"charge_price_eur_per_mwh": 0.5 * even, "discharge_price_eur_per_mwh": 1.2 * even},
                {"price_memory_h": 48.0, "cheap_share_frac": 0.15, "dear_share_frac": 0.15},
                {"price_memory_h": 24.0, "cheap_share_frac": 0.1, "dear_share_frac": 0.1},
            )
        ],
    }
    tried = found.get(rule, [{}])
    if rule in ("hybrid_arbitrage", "price_threshold", "battery_arbitrage"):
        tried = [{**one, **reserve} for one, reserve in itertools.product(tried, _RESERVES)]
    return tried


@dataclass(frozen=True)
class Earned:
    """What a run earned: margin, EUR, and what stands beside it in the table; ``note`` where it failed."""

    rule: str
    setting: Mapping[str, float]
    margin_eur: float = float("-inf")
    hydrogen_t: float = 0.0
    served_frac: float = 0.0
    starts: float = 0.0
    battery_mwh: float = 0.0
    plans_s: float = 0.0
    expected_eur: float = 0.0
    seconds: float = 0.0
    note: str = ""


def run_one(job: tuple[str, str, Mapping[str, float], float, str]) -> Earned:
    """Run a plant under a rule with a setting: (plant, rule, setting, hours, start)."""
    plant, rule, setting, hours, start = job
    began = time.perf_counter()
    try:
        loaded = load_run(changed_scenario(load_scenario(plant), hours, start))
        dispatch = dispatch_of(loaded.plant)
        lines = [link.source.component for link in loaded.plant.links_at(dispatch, "lines")]
        changes: dict[str, float | str] = {f"{dispatch}.kind": rule}
        for name, value in setting.items():
            owner, _, own = name.rpartition(".")
            changes |= {f"{id_}.{own}": value for id_ in (lines if owner else [dispatch])}
        changed = load_run(changed_scenario(load_scenario(plant), hours, start, overrides=changes))
        price = usual_price(loaded.plant)
        outcome = outcome_of(changed)
    except Exception as error:  # one that does not fit costs no other its row
        return Earned(rule, setting, note=reason_of(error))
    figures = outcome.figures
    makers = [name for name in figures if name.startswith(STARTS.format("")) and figures[name] is not None]
    return Earned(
        rule,
        setting,
        outcome.margin_eur(price),
        figures["hydrogen_made_kg"] / 1000.0,
        figures.get("hydrogen_served_frac") or 0.0,
        sum(float(figures[name]) for name in makers if name != "starts_avoided"),
        outcome.totals.sum("battery_discharged_j") / 3.6e9,
        float(outcome.planning.get("solver_s", 0.0)),
        float(outcome.planning.get("expected_value_eur", 0.0)),
        time.perf_counter() - began,
        f"not valid: {outcome.not_valid}" if outcome.not_valid else "",
    )


def table(earned: list[Earned], hours: float) -> str:
    """Return the best setting of each rule, and the plan, as a table of 80 columns."""
    best = sorted(earned, key=lambda one: (one.note != "", -one.margin_eur))
    rules = [one for one in best if one.rule != PLANNED and not one.note]
    plans = [one for one in best if one.rule == PLANNED and not one.note]
    most = (rules or plans)[0].margin_eur if rules or plans else 0.0
    heads = f"{'':<19}{'margin':>11}{'to best rule':>14}{'H2':>9}{'served':>8}{'starts':>8}{'battery':>9}"
    units = f"{'rule':<19}{'EUR':>11}{'EUR':>14}{'t':>9}{'':>8}{'':>8}{'MWh':>9}"
    rows = [
        f"{one.rule:<19}{one.margin_eur:>11,.0f}{one.margin_eur - most:>+14,.0f}{one.hydrogen_t:>9,.1f}"
        f"{one.served_frac:>8.1%}{one.starts:>8,.0f}{one.battery_mwh:>9,.0f}"
        for one in [*plans, *rules]
    ]
    last = ""
    if plans and rules:
        gain = plans[0].margin_eur - most
        last = f"the plan earns {gain:,.0f} EUR more than {rules[0].rule} in {hours:g} h, {gain / abs(most):.1%}; "
        last += f"plans took {plans[0].plans_s:.0f} s"
    failed = [f"{one.rule}: {one.note}" for one in best if one.note]
    tuned = [
        f"{one.rule}: " + ", ".join(f"{name}={value:.4g}" for name, value in one.setting.items())
        for one in rules
        if one.setting
    ]
    return "\n".join([heads, units, "-" * 78, *rows, "", last, "", "tuned:", *tuned, *failed])


def jobs(plant: str, hours: float, start: str, only: list[str]) -> list[tuple[str, str, dict[str, float], float, str]]:
    """Return all runs: each setting of each rule that fits, and the plan."""
    loaded = load_run(changed_scenario(load_scenario(plant), hours, start))
    price = usual_price(loaded.plant)
    rules = [kind for kind in rule_kinds(loaded.plant) if not loaded.plant.kinds[kind].function_key]
    found = []
    for rule in only or [PLANNED, *(rule for rule in rules if rule != PLANNED)]:
        tried = [{WORTH: price, BOUGHT: price}] if rule == PLANNED else settings_of(rule, price)
        found += [(plant, rule, setting, hours, start) for setting in tried]
    return found


def main() -> None:
    """Run all and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plan_gain", description=__doc__)
    parser.add_argument("plant", nargs="?", default="", help="a plant or scenario (default: the battery plant)")
    parser.add_argument("--hours", type=float, default=8760.0, help="span of each run (default: a year)")
    parser.add_argument("--start", default="2023-01-01", help="first instant (default: 2023-01-01)")
    parser.add_argument("--rules", nargs="*", default=[], help="which rules (default: all)")
    parser.add_argument("--processes", type=int, default=2, help="how many runs at the same time (default: 2)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        plant = asked.plant
        if not plant:
            plant = str(Path(folder) / "iberia.yaml")
            Path(plant).write_text(PLANT, encoding="utf-8")
        todo = jobs(plant, asked.hours, asked.start, asked.rules)
        earned: list[Earned] = []
        with multiprocessing.get_context("spawn").Pool(asked.processes) as pool:
            for one in pool.imap_unordered(run_one, todo):
                earned.append(one)
                shown = ", ".join(f"{name}={value:.4g}" for name, value in one.setting.items())
                what = one.note or f"{one.margin_eur:,.0f} EUR, {one.hydrogen_t:,.1f} t, {one.served_frac:.1%} served"
                print(f"# {one.rule} ({shown}): {what}, {one.seconds:.0f} s", flush=True)
    best: dict[str, Earned] = {}
    for one in earned:
        if one.rule not in best or one.margin_eur > best[one.rule].margin_eur:
            best[one.rule] = one
    print(table(list(best.values()), asked.hours))


if __name__ == "__main__":
    main()
