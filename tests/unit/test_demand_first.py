"""A day of the rule that serves customers first, worked out by hand; a plant in which it serves one."""

from pathlib import Path

import pytest

import h2plant
from h2plant.components import KIND_BY_NAME
from h2plant.config.bundled import PLANTS
from h2plant.config.load import load_plant
from h2plant.core.constants import EUR_PER_MWH, J_PER_KWH
from h2plant.plant.finding import PlantError
from h2plant.testing.watched_rig import WatchedRig

# hour: own power, MW; price, EUR/MWh; set point, bought, sold, MW; stored at the start of the hour, kg
DAY = [
    (0.0, 40, 0.00, 0.00, 0.0, 184.0),  # 416 kg lack: 17.3 kg/h until midnight, half of what 2 MW make is 20
    (0.0, 40, 0.00, 0.00, 0.0, 164.0),
    (0.0, 40, 0.00, 0.00, 0.0, 144.0),
    (0.0, 40, 0.00, 0.00, 0.0, 124.0),  # 416/21 = 19.8
    (0.0, 40, 1.04, 1.04, 0.0, 104.0),  # 416/20 = 20.8 kg/h, at 50 kWh/kg
    (0.0, 40, 1.04, 1.04, 0.0, 104.8),
    (1.0, 100, 1.04, 0.04, 0.0, 105.6),  # own power first, whatever it would sell for
    (1.0, 100, 1.04, 0.04, 0.0, 106.4),
    (3.0, 100, 2.00, 0.00, 1.0, 107.2),
    (3.0, 100, 2.00, 0.00, 1.0, 127.2),
    (3.0, 100, 2.00, 0.00, 1.0, 147.2),
    (3.0, 100, 2.00, 0.00, 1.0, 167.2),
    (3.0, 100, 2.00, 0.00, 1.0, 187.2),
    (3.0, 100, 2.00, 0.00, 1.0, 207.2),
    (3.0, 100, 2.00, 0.00, 1.0, 227.2),
    (3.0, 100, 2.00, 0.00, 1.0, 247.2),
    (3.0, 100, 2.00, 0.00, 1.0, 267.2),  # 12.8 kg lack
    (3.0, 100, 2.00, 0.00, 1.0, 287.2),  # 27.2 kg beyond need, of a band of 120: 92.8 kg/h, more than the line makes
    (3.0, 100, 2.00, 0.00, 1.0, 307.2),  # 52.8 kg/h
    (0.5, 100, 0.50, 0.00, 0.0, 327.2),  # 12.8 kg/h are 0.64 MW, and there is less
    (1.0, 100, 0.20, 0.00, 0.8, 317.2),  # 2.8 kg/h are less than the line can; the rest is sold, for 100 is above 65
    (1.0, 30, 1.00, 0.00, 0.0, 301.2),  # 121.2 kg beyond need; more is worth its power below 55, but none is bought
    (1.0, 63, 1.00, 0.00, 0.0, 301.2),  # within the band of the price
    (1.0, 70, 0.00, 0.00, 1.0, 301.2),
]


@pytest.mark.parametrize("is_plain", [True, False])
def test_a_day_by_hand(is_plain: bool) -> None:
    """480 kg a day, evenly; a line of 0.2 to 2 MW at 50 kWh/kg; 2 MW may be bought; a reserve of 120 kg at midnight."""
    rig = WatchedRig(KIND_BY_NAME["demand_first"], {"purchase_limit_w": 2.0e6}, is_plain=is_plain)
    line = {"maximum": 2.0e6, "minimum": 0.2e6, "reach": -1.0, "start_margin": 1.0, "held": 600.0, "is_making": 1.0}
    rig.set_line(**line, specific_energy=50.0 * J_PER_KWH, price_limit=60.0 * EUR_PER_MWH)
    rig.set_signal("grid_limit", 1.0e12)
    rig.set_signal("owed_soon", 20.0)
    rig.set_signal("owed_tomorrow", 480.0)
    stored = DAY[0][-1]
    for hour, (own, price, setpoint, bought, sold, at_start) in enumerate(DAY):
        assert stored == pytest.approx(at_start, abs=1e-9), hour
        rig.set_signal("hour_of_week", float(hour))
        rig.set_signal("owed_today", 20.0 * (24 - hour))
        rig.set_signal("storage_surplus", stored)
        rig.set_signal("available_power", own * 1e6)
        rig.set_signal("price", price * EUR_PER_MWH)
        rig.step(1, 3600.0)
        assert rig.line("setpoint") / 1e6 == pytest.approx(setpoint, abs=1e-9), hour
        assert rig.field("planned_import_w") / 1e6 == pytest.approx(bought, abs=1e-9), hour
        assert rig.field("planned_export_w") / 1e6 == pytest.approx(sold, abs=1e-9), hour
        stored += rig.line("setpoint") / 1e6 * 20.0 - 20.0
    assert stored == pytest.approx(281.2)
    assert rig.broken_laws() == {}


def plant_with_customer(folder: Path, rule: str) -> Path:
    """Write the smallest plant with wind and a customer of 300 kg a day in place of trailers."""
    text = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("rule: {kind: price_threshold}", f"rule: {{kind: {rule}}}\n  wind: {{kind: wind_farm, capacity_mw: 2}}"),
        ("trailers: {kind: truck_loading, n_bays: 1, n_trailers_per_day: 2}", CUSTOMER),
        ("  - tank.level -> rule.storage_level\n", ""),
        ("  - tank.level -> trailers.storage_level\n", ""),
        ("  - grid.bus -> bus.grid\n", "  - grid.bus -> bus.grid\n  - wind.power -> bus.supplies\n"),
        ("  temp_air_degc:", "  wind_power_pu: {file: nl_2023, mode: linear}\n  temp_air_degc:"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / f"{rule}.yaml"
    path.write_text(text.replace("trailers.", "customer."), encoding="utf-8")
    return path


CUSTOMER = "customer: {kind: hydrogen_demand, kg_per_day: 300, price_eur_per_kg: 6, penalty_eur_per_kg: 3}"


@pytest.mark.long
def test_a_customer_is_served_in_aplant_with_customer(tmp_path: Path) -> None:
    """Eight calm days: the wind alone leaves the customer short and pays for it, demand first buys and serves all."""
    served = {}
    for rule in ("follow_wind", "demand_first"):
        plant = plant_with_customer(tmp_path, rule).name
        scenario = f"h2plant: 1\nname: {rule}\nplant: {plant}\nstart: 2023-07-17\nhours: 192\n"
        (tmp_path / "days.yaml").write_text(scenario, encoding="utf-8")
        results = h2plant.run(tmp_path / "days.yaml", out=tmp_path / rule)
        figures = results.summary["key_figures"]
        assert results.summary["audit"]["n_broken"] == 0
        assert not results.summary["not_valid"]
        assert figures["hydrogen_asked_kg"] == pytest.approx(2400.0, rel=1e-9)
        missed = float(results["customer.missed_kg"][-1])
        assert figures["hydrogen_penalty_eur"] == pytest.approx(3.0 * missed)
        sold = figures["hydrogen_sold_kg"]
        assert figures["hydrogen_revenue_eur"] == pytest.approx(6.0 * sold - 3.0 * missed)
        served[rule] = figures["hydrogen_served_frac"]
    assert served["follow_wind"] < 0.95
    assert missed == 0.0
    assert served["demand_first"] == pytest.approx(1.0, abs=1e-4)  # what else is in the gas is made up for


def test_several_stores_leave_the_level_open(tmp_path: Path) -> None:
    """What stores hold adds up without a link; which level throttles the lines must be said where there are two."""
    path = plant_with_customer(tmp_path, "demand_first")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("  compressor: {", "  second: {kind: gas_tank}\n  compressor: {"), encoding="utf-8")
    with pytest.raises(PlantError, match=r"rule.storage_level.*one of .second.level. and .tank.level."):
        load_plant(path)
    path.write_text(path.read_text(encoding="utf-8") + "  - tank.level -> rule.storage_level\n", encoding="utf-8")
    links = load_plant(path).default_links()
    found = {str(link.source) for link in links if str(link.target) == "rule.storage_surplus"}
    assert found == {"second.surplus", "tank.surplus"}


def test_a_store_that_others_draw_on_starts_no_line_often() -> None:
    """Trailers take 64 kg/h of the customer's store by day, at a price above the limit: the line follows them.

    A line of 20 MW at 55 kWh/kg, 0.06 of it at least, for 500 kg a day; 18 MW of own power. At full power for what is
    needed, until an hour's demand is stored, it started every 30 minutes.
    """
    rig = WatchedRig(KIND_BY_NAME["demand_first"], {})
    rig.set_line(maximum=20.0e6, minimum=1.25e6, reach=-1.0, start_margin=1.5, held=600.0, min_up=600.0, min_down=300.0)
    rig.set_line(specific_energy=55.0 * J_PER_KWH, price_limit=60.0 * EUR_PER_MWH)
    rig.set_signal("owed_soon", 500.0 / 24.0)
    rig.set_signal("owed_tomorrow", 500.0)
    rig.set_signal("available_power", 18.0e6)
    rig.set_signal("price", 100.0 * EUR_PER_MWH)
    stored, n_starts, was_on, lowest = 800.0, 0, 0.0, 800.0
    for minute in range(3 * 1440):
        hour = minute / 60.0
        rig.set_signal("hour_of_week", hour)
        rig.set_signal("owed_today", 500.0 * (1.0 - hour % 24.0 / 24.0))
        rig.set_signal("storage_surplus", stored)
        rig.step(1, 60.0)
        n_starts += rig.line("is_on") > was_on
        was_on = rig.line("is_on")
        trailers = 64.0 if 6.0 <= hour % 24.0 < 22.0 else 0.0
        stored += (rig.line("setpoint") / (55.0 * J_PER_KWH) * 3600.0 - trailers - 500.0 / 24.0) / 60.0
        lowest = min(lowest, stored)
    assert 3 <= n_starts <= 6  # one or two a day
    assert lowest > 50.0  # and none is short
    assert rig.broken_laws() == {}
