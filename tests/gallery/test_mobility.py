"""A filling station with its own hydrogen: in order, closed, served, banks up to 900 bar."""

from pathlib import Path

import pytest

import h2plant
from docs.gallery_pictures import gallery_plant
from tests.gallery.standing import Ranges, assert_holds, assert_in_order, assert_page_says_it, assert_steps_and_engines

NAME = "mobility"
WEEK: Ranges = {
    "hydrogen_served_frac": (0.999, 1.0),
    # new stacks at 35 bar: 51 to 53 kWh/kg of direct current at full load, less at part load
    "specific_energy_pem_kwh_per_kg": (50.0, 53.0),
    # ISO 14687 grade D: 5 ppm of each
    "worst_h2o_ppm": (0.0, 5.0),
    "worst_o2_ppm": (0.0, 5.0),
}
YEAR: Ranges = WEEK | {
    # 250 kg on 260 working days, 175 and 125 at weekends; 120, 108 and 84 kg
    "hydrogen_sold_kg": (120e3, 124e3),
    # on top of the stacks 2 kWh/kg of converters, 2.5 to 4.5 of auxiliaries, compression to 440 and 875 bar, precooling
    "specific_energy_kwh_per_kg": (55.0, 60.0),
    "balance_of_plant_mwh": (300.0, 560.0),
    "capacity_factor_pem_frac": (0.45, 0.55),
    "starts_pem": (600.0, 1500.0),
    # 14 hours above 250 EUR/MWh at 100 kW, less the least runs and an empty store
    "reconverted_mwh": (0.2, 1.5),
    # 57 kWh/kg at the 268 g/kWh of the Dutch grid
    "carbon_kg_per_kg": (14.0, 17.0),
    "capex_eur": (6e6, 12e6),
    # pumps in Germany in 2023: 13.85 EUR/kg with tax; small, half idle and with compressors to spare it is more
    "hydrogen_cost_eur_per_kg": (13.0, 20.0),
}


def test_in_order() -> None:
    assert_in_order(NAME)


@pytest.mark.long
def test_a_week_with_a_peak_of_the_price(tmp_path: Path) -> None:
    results = h2plant.run(NAME, start="2023-09-07", hours=168, log_every_s=3600, out=tmp_path / "out")
    assert_holds(results, WEEK)
    cars = [results[f"car_station_bank_{k}.pressure_pa"] / 1e5 for k in (1, 2, 3)]
    # one bank always stands above the pressure of a full car, and none above what the relief valve allows
    assert min(max(bank[i] for bank in cars) for i in range(len(cars[0]))) > 720.0
    assert max(bank.max() for bank in cars) < 963.0
    # cold at the nozzle while cars are filled, after the first hour, in which the run begins
    nozzle = results["car_station_precooler.outlet.temperature_k"][1:][results["cars.flow_kg_per_s"][1:] > 1e-6]
    assert abs(nozzle - 233.15).max() < 0.5
    # fuel cells run at the peak of the eleventh of September, and at no hour below the limit less its band
    price = results["series.price_eur_per_mwh"] * 3.6e9
    power = results["cells.power_w"]
    assert power.max() > 90e3 and price[power > 50e3].min() > 240.0


@pytest.mark.slow
def test_the_year(tmp_path: Path) -> None:
    results = gallery_plant(NAME).run(NAME, tmp_path / "out")
    assert_holds(results, YEAR)
    assert_page_says_it(NAME, results)


@pytest.mark.slow
def test_steps_and_engines() -> None:
    assert_steps_and_engines(NAME)
