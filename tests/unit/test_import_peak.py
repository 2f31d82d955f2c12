"""The import peak that is worth its fee: against every peak of a grid, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from h2plant.cli.compare import _print_peaks, peak_text
from h2plant.config.scenario import Scenario, changed_scenario, load_scenario
from h2plant.core.terminal import Terminal
from h2plant.planning.layout import hydrogen_values
from h2plant.plant.finding import PlantError
from h2plant.session.session import load_run
from h2plant.studies.compare.outcome import outcome_of
from h2plant.studies.compare.peak import PEAK, PeakRun, _Search, find_peak
from tests.command import h2plant
from tests.unit.test_demand_first import plant_with_customer

RULE = "economic_spot, spot_limit_eur_per_mwh: 100, price_band_eur_per_mwh: 0"
FEE = "economics.grid_capacity_fee_eur_per_kw_year"


def _week(folder: Path, fee: float) -> Scenario:
    """Return a week of the smallest plant with 2 MW of wind, which buys whenever power is below 100 EUR/MWh."""
    return changed_scenario(
        load_scenario(plant_with_customer(folder, RULE)), 168.0, "2023-09-11", overrides={FEE: str(fee)}
    )


def _profit(scenario: Scenario, peak_mw: float) -> float:
    loaded = load_run(scenario)
    rule = loaded.plant.components["rule"]
    rule = replace(rule, values={**rule.values, PEAK: peak_mw * 1.0e6})
    plant = replace(loaded.plant, components={**loaded.plant.components, "rule": rule})
    return outcome_of(replace(loaded, plant=plant)).profit_eur(*hydrogen_values(plant))


@pytest.mark.long
def test_peak_earns_as_much_as_the_best_of_a_grid(tmp_path: Path) -> None:
    """No peak of 8 that are spread evenly earns more than the one found, but for 1 % of what peaks can change."""
    scenario = _week(tmp_path, 100.0)
    found = find_peak(scenario)
    by_peak = {run.peak_mw: run for run in found.runs}
    never, none = by_peak[0.0], by_peak[None]
    by_grid = [_profit(scenario, 0.12 * i) for i in range(1, 9)]
    spread = max(by_grid) - min(by_grid)
    assert found.best.profit_eur >= max(by_grid) - 0.01 * spread
    assert found.best.peak_mw is not None
    assert 0.8 < found.best.peak_mw < 1.0  # neither without, nor what auxiliaries need
    assert found.best.profit_eur > none.profit_eur + 50.0
    assert found.best.profit_eur > never.profit_eur + 1000.0
    for other in (none, never):
        assert found.best.cost_eur_per_kg < other.cost_eur_per_kg  # type: ignore[operator]
    assert found.best.highest_mw == pytest.approx(found.best.peak_mw, rel=0.01)
    assert found.fee_eur_per_mw == pytest.approx(100.0e3 * 168.0 / 8760.0)
    assert found.best.fee_eur == pytest.approx(found.fee_eur_per_mw * found.best.highest_mw)


def test_peak_without_a_fee_is_none(tmp_path: Path) -> None:
    """Bought power that pays and no fee for it: no peak earns more than none."""
    found = find_peak(_week(tmp_path, 0.0), n_runs=4)
    assert found.best.peak_mw is None
    assert len(found.runs) <= 4


def test_small_peaks_are_told_from_none() -> None:
    assert [peak_text(peak) for peak in (0.0, 0.001056, 0.0949, 0.1, 1.234)] == [
        "0.00",
        "0.0011",
        "0.095",
        "0.10",
        "1.23",
    ]


def test_subsidies_are_said_beside_the_cost_that_they_lower(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    scenario = _week(tmp_path, 0.0)
    search = _Search(
        load_run(changed_scenario(scenario, overrides={"economics.subsidies.investment_grant.capital_frac": 0.2})), None
    )
    run = PeakRun(0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 3.0)
    search.runs = [run]
    found = search.result()
    assert found.is_subsidised and found.to_dict()["is_subsidised"]
    for is_subsidised in (True, False):
        _print_peaks(Terminal(), replace(found, is_subsidised=is_subsidised), scenario)
        assert ("€/kg are after subsidies" in " ".join(capsys.readouterr().out.split())) == is_subsidised


def test_peaks_are_printed_and_what_has_none_is_refused(tmp_path: Path) -> None:
    plant = plant_with_customer(tmp_path, RULE)
    run = h2plant(
        "compare", str(plant), "--import-peak", "--hours", "24", "--start", "2023-09-11", "--set", f"{FEE}=900"
    )
    assert run.exit_code == 0, run.stderr
    assert "economic_spot: earns most: --set rule.import_peak_mw=" in run.text
    with pytest.raises(PlantError, match="a plan finds the highest import that pays by itself"):
        find_peak(changed_scenario(load_scenario(plant), 24.0, overrides={"rule.kind": "planned"}))
