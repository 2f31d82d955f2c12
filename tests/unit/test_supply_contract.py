"""Contracts over power: money in is money out, the plant runs as without them, economics and audit have both sides."""

import math
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

import h2plant
from h2plant import Results
from h2plant.config.load import load_plant
from h2plant.economics.appraisal import CONTRACTED, WORTH_OF_CONTRACTS, appraise
from h2plant.economics.settings import read_settings
from h2plant.plant.finding import PlantError
from tests.audit.test_figures_recomputed import checked
from tests.command import h2plant as run_command
from tests.unit.test_appraisal import PLANT, YEAR, settings
from tests.unit.test_subsidies import PLAIN, assert_audited

pytestmark = pytest.mark.long

MWH = 3.6e9
isclose = partial(math.isclose, rel_tol=1e-11)  # sums run over other components
CONTRACTS = """
  base: {kind: supply_contract, power_mw: 0.4, price_eur_per_mwh: 70}
  peak: {kind: supply_contract, power_mw: 0.5, price_eur_per_mwh: 5, market_ratio: 1, price_cap_eur_per_mwh: 90,
         price_floor_eur_per_mwh: 40, day_start_h: 8, day_end_h: 20, weekend_frac: 0}
  farm: {kind: supply_contract, price_eur_per_mwh: 60, volume_frac: 2}
  sold: {kind: supply_contract, price_eur_per_mwh: 80, volume_frac: -1}
"""
BASE = "\n  base: {kind: supply_contract, power_mw: 0.4, price_eur_per_mwh: 70}\n"
SERIES = "  farm_mw: {constant: 0.3}\n  own_mw: {constant: 0.2}\n"
LINKS = "  - series.farm_mw -> farm.volume\n  - series.own_mw -> farm.volume\n  - series.own_mw -> sold.volume\n"


def plant_with(folder: Path, contracts: str = CONTRACTS, series: str = SERIES, links: str = LINKS) -> Path:
    text = (Path(h2plant.__file__).parent / "plants" / "minimal.yaml").read_text(encoding="utf-8")
    text = text.replace("\nseries:\n", f"\nseries:\n{series}", 1).replace("\nlinks:\n", f"\nlinks:\n{links}", 1)
    text = text.replace("\ncomponents:\n", f"\ncomponents:{contracts}", 1)
    file = folder / "plant.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Results, Results]:
    """Four weeks with four contracts, and without any."""
    folder = tmp_path_factory.mktemp("contracts")
    given = {"grid.import_fee_eur_per_mwh": 0.0, "grid.imbalance_surcharge_eur_per_mwh": 0.0}
    how: dict[str, Any] = {"hours": 672, "step_s": 3600, "log_every_s": 3600, "set": given}
    with_them = h2plant.run(plant_with(folder), out=folder / "with", **how)
    return with_them, h2plant.run("minimal", out=folder / "without", **how)


def table_of(results: Results, name: str) -> dict[str, np.ndarray]:
    table = pq.read_table(results.folder / f"{name}.parquet")
    return {column: table.column(column).to_numpy(zero_copy_only=False) for column in table.column_names}


def bought_mw(log: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the power of each contract by what the plant file says, MW."""
    hour = log["series.calendar_hour_of_week"]
    by_day = (hour % 24 >= 8) & (hour % 24 < 20) & (hour < 120)
    ones = np.ones(hour.size)
    return {"base": 0.4 * ones, "peak": np.where(by_day, 0.5, 0.0), "farm": 1.0 * ones, "sold": -0.2 * ones}


def test_money_in_is_money_out_for_every_contract(runs: tuple[Results, Results]) -> None:
    """What the plant pays is what sellers get, what its power is worth what the market pays: by ledger and by log."""
    log, ledger = table_of(runs[0], "log"), table_of(runs[0], "ledger")
    row = {str(name): k for k, name in enumerate(ledger["component"])}
    price = log["series.price_eur_per_mwh"] * MWH
    agreed = {"base": 70.0, "peak": np.clip(5.0 + price, 40.0, 90.0), "farm": 60.0, "sold": 80.0}
    paid_in_all = earned_in_all = 0.0
    for name, mw in bought_mw(log).items():
        paid, worth = float((mw * agreed[name]).sum()), float((mw * price).sum())
        assert ledger["outflow_money_eur"][row[name]] == pytest.approx(paid, rel=1e-9)
        assert ledger["inflow_money_eur"][row[name]] == pytest.approx(worth, rel=1e-9)
        assert log[f"{name}.contracted_j"][-1] == pytest.approx(mw.sum() * MWH, rel=1e-9)
        paid_in_all, earned_in_all = paid_in_all + paid, earned_in_all + worth
    figures, without = (one.summary["key_figures"] for one in runs)
    assert figures["power_contract_net_eur"] == pytest.approx(paid_in_all - earned_in_all, rel=1e-9)
    net = figures["electricity_net_cost_eur"] - without["electricity_net_cost_eur"]
    assert net == pytest.approx(paid_in_all - earned_in_all, rel=1e-9)
    # all that the plant pays less all that it gets is the same for both sides of every port of money
    moved = math.fsum(ledger["outflow_money_eur"]) - math.fsum(ledger["inflow_money_eur"])
    bare = table_of(runs[1], "ledger")
    difference = moved - (math.fsum(bare["outflow_money_eur"]) - math.fsum(bare["inflow_money_eur"]))
    assert difference == pytest.approx(paid_in_all - earned_in_all, rel=1e-9)


def test_what_is_left_over_is_sold_and_what_is_short_is_bought_at_the_market(runs: tuple[Results, Results]) -> None:
    """Without fees: imports and contracts together cost what is agreed and the market's price of the difference."""
    log = table_of(runs[0], "log")
    price, drawn = log["series.price_eur_per_mwh"] * MWH, log["grid.import_w"] / 1e6
    agreed = {"base": 70.0, "peak": np.clip(5.0 + price, 40.0, 90.0), "farm": 60.0, "sold": 80.0}
    bought = bought_mw(log)
    total = sum(bought.values())
    short, left = np.maximum(drawn - total, 0.0), np.maximum(total - drawn, 0.0)
    by_hand = sum((mw * agreed[name]).sum() for name, mw in bought.items()) + ((short - left) * price).sum()
    assert short.any() or left.any()
    assert runs[0].summary["key_figures"]["electricity_net_cost_eur"] == pytest.approx(by_hand, rel=1e-9)


def test_the_plant_runs_as_without_a_contract(runs: tuple[Results, Results]) -> None:
    """The price of the next kilowatt-hour is the market's: rules see no contract, all but money is equal."""
    figures, without = (one.summary["key_figures"] for one in runs)
    moved = {
        id_
        for id_, value in without.items()
        if (figures[id_] is None) is not (value is None) or (value is not None and not isclose(figures[id_], value))
    }
    assert set(figures) - set(without) == {"power_contract_net_eur"}
    assert moved == {id_ for id_ in moved if "cost" in id_ or "value" in id_ or "rate" in id_ or "payback" in id_}
    assert "electricity_net_cost_eur" in moved and "hydrogen_made_kg" not in moved


def test_both_sides_stand_in_cost_and_cash_flow_and_are_audited(runs: tuple[Results, Results]) -> None:
    found = checked(runs[0].folder)
    assert not found.broken and not found.summary["audit"]["missed"]
    kinds = found.summary["economics"]["by_kind_of_cost_eur_per_kg"]
    figures = found.summary["key_figures"]
    net = figures["power_contract_net_eur"] / figures["hydrogen_made_kg"]
    assert kinds[CONTRACTED] + kinds[WORTH_OF_CONTRACTS] == pytest.approx(net, rel=1e-9)
    heading = (runs[0].folder / "cash_flow.csv").read_text(encoding="utf-8").splitlines()[0]
    assert "cost_contracted_power_eur" in heading and "income_contracted_power_at_market_eur" in heading


@tries(max_examples=6)
@given(paid=st.floats(-1e6, 3e6), worth=st.floats(-1e6, 3e6), money=st.sampled_from([{}, {"ramp_up_frac": [0.4]}]))
def test_three_ways_and_the_audit_agree(paid: float, worth: float, money: dict[str, Any]) -> None:
    """Ramp-up or not, a contract is paid in full; each side follows its own path of prices."""
    year = replace(YEAR, contracted_eur=paid, contracted_worth_eur=worth)
    paths = {"power": {"money": "real", "rate_frac": 0.02}, "power_contract": {"money": "nominal", "rate_frac": 0.0}}
    found = assert_audited(settings(**money, price_paths=paths), year)
    assert found.table.columns.get(f"cost_{CONTRACTED}", [0.0] * 2)[1] == pytest.approx(paid, rel=1e-9)
    assert found.table.columns.get(f"income_{WORTH_OF_CONTRACTS}", [0.0] * 2)[1] == pytest.approx(1.0404 * worth)
    even = {**PLAIN, "costs": {"pem_stack": {"stack": {"end_of_life_loss_frac": 0.0}}}}
    one, without = appraise(PLANT, settings(**even), year), appraise(PLANT, settings(**even), YEAR)
    assert one.break_even_eur_per_kg == pytest.approx(one.closed_form_eur_per_kg, rel=1e-9)
    more = one.closed_form_eur_per_kg - without.closed_form_eur_per_kg
    assert more == pytest.approx((paid - worth) / 4.0e5, rel=1e-9, abs=1e-9)


def test_bad_terms_are_found_with_file_and_line(tmp_path: Path) -> None:
    bad = (
        "\n  base: {kind: supply_contract, price_cap_eur_per_mwh: 40, price_floor_eur_per_mwh: 50}"
        "\n  peak: {kind: supply_contract, day_start_h: 8, day_end_h: 8, last_month_number: 13, power_kwh: 3}\n"
    )
    file = plant_with(tmp_path, bad, "", "")
    first = file.read_text(encoding="utf-8").split("components:")[0].count("\n") + 1
    with pytest.raises(PlantError) as caught:
        load_plant(file)
    found = {(f.id, f.where, f.line - first) for f in caught.value.findings}
    assert {("out-of-bounds", "components.peak.last_month_number", 2)} <= found
    assert all(f.file == file and f.remedy for f in caught.value.findings)
    file = plant_with(tmp_path, bad.split("\n  peak")[0] + "\n", "", "")
    with pytest.raises(PlantError, match="no price lies between them"):
        h2plant.load(file)


def test_a_contract_that_no_link_joins_is_in_order(tmp_path: Path) -> None:
    base = CONTRACTS.split("\n  peak")[0] + "\n"
    assert "unread-component" not in run_command("check", plant_with(tmp_path, base, "", "")).text


@pytest.mark.parametrize("money", [{}, {"electricity_escalation_frac": 0.01, "ramp_up_frac": [0.5]}, PLAIN])
def test_contracts_end_on_both_sides(money: dict[str, Any]) -> None:
    """Of 25 years 10: paid 1e6 EUR, worth 8e5, 2e5 EUR a year more for ten years; at 6 % 7.360087 / 12.783356 of it."""
    year = replace(YEAR, contracted_eur=1e6, contracted_worth_eur=8e5)
    given = {**money, "costs": {"pem_stack": {"stack": {"end_of_life_loss_frac": 0.0}}}}
    ten = assert_audited(settings(**given, power_contract_years=10), year)
    without = appraise(PLANT, settings(**given), YEAR)
    more = ten.closed_form_eur_per_kg - without.closed_form_eur_per_kg
    assert more == pytest.approx(2e5 / 4.0e5 * 7.360087 / 12.783356, rel=1e-6)
    for column in (f"cost_{CONTRACTED}", f"income_{WORTH_OF_CONTRACTS}"):
        values = ten.table.columns[column]
        assert all(values[1:11]) and not any(values[11:])
    if money is PLAIN:
        assert ten.break_even_eur_per_kg == pytest.approx(ten.closed_form_eur_per_kg, rel=1e-9)
    whole, plain = (appraise(PLANT, settings(**given, power_contract_years=n), year) for n in (25, None))
    assert whole.cash_flow_csv() == plain.cash_flow_csv()
    assert whole.closed_form_eur_per_kg == pytest.approx(plain.closed_form_eur_per_kg, rel=1e-12)


@pytest.mark.parametrize(
    ("contract", "economics", "where", "says"),
    [
        (BASE, "{power_contract_years: 30}", "power_contract_years", "30 years, the project 25"),
        ("", "{power_contract_years: 10}", "power_contract_years", "no contract over power"),
        (BASE, "{price_paths: {power_contract: {factors: [1, 0], money: real}}}", "price_paths.power_contract", "gift"),
    ],
)
def test_bad_years_of_contracts_are_found(tmp_path: Path, contract: str, economics: str, where: str, says: str) -> None:
    file = plant_with(tmp_path, contract, "", "")
    text = "\n".join(
        line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("economics:")
    )
    file.write_text(f"{text}\neconomics: {economics}\n", encoding="utf-8")
    with pytest.raises(PlantError) as caught:
        read_settings(load_plant(file))
    (found,) = caught.value.findings
    assert found.where == f"economics.{where}" and says in found.what and found.remedy
    assert found.line == text.count("\n") + 2
