"""The two eight-hour dispatch cases of the study utczbr/h2_plant, and the break-even price."""

import pytest

from h2plant.core.constants import EUR_PER_MWH, J_PER_KWH
from h2plant.dispatch.hybrid_arbitrage import KIND
from h2plant.dispatch.rule import break_even_price
from tests.lines import AT_ONCE, PEM, SOEC, rule_with, setpoints

OFFER_MW = (3.0, 5.0, 13.0, 18.0, 15.0, 9.0, 18.0, 0.0)
"""Hourly offer of the study (its manager's HOUR_OFFER)."""

FIRST_PRICES = (
    (400, 420, 450, 40, 35, 35, 65, 55, 35, 38, 40, 42, 50, 52, 55, 58)
    + (45, 48, 50, 52, 55, 58, 60, 62, 40, 455, 425, 48, 30, 32, 35, 38)
)  # fmt: skip
SECOND_PRICES = (
    (40, 42, 45, 40, 35, 35, 65, 55, 350, 380, 400, 420, 500, 520, 505, 580)
    + (450, 480, 500, 520, 55, 58, 60, 62, 40, 42, 45, 48, 30, 32, 35, 38)
)  # fmt: skip
"""Quarter-hourly market prices of the study's two runs, EUR/MWh."""

THRESHOLD_EUR_PER_MWH = 50.0 + 9.6 * 1000.0 / 37.5
"""Its threshold: contract price and 9.6 EUR/kg at 37.5 kWh/kg: 306 EUR/MWh, for both lines."""


def _energy_mwh(prices: tuple[int, ...], is_load_kept: float = 1.0) -> tuple[float, float, float]:
    """Return the energy given to SOEC and PEM and sold, with the study's look-ahead of a quarter of an hour."""
    theirs = {**AT_ONCE, "minimum": 0.0, "specific_energy": 37.5 * J_PER_KWH}
    rig = rule_with(
        KIND,
        {**SOEC, **theirs, "is_load_kept": is_load_kept},
        {**PEM, **theirs},
        hydrogen_value_eur_per_kg=THRESHOLD_EUR_PER_MWH * 37.5e-3,
        grid_hydrogen_value_eur_per_kg=-100.0,
        price_band_eur_per_j=0.0,
    )
    soec = pem = sold = 0.0
    for minute in range(480):
        hour, offer = minute // 60, OFFER_MW[minute // 60] * 1e6
        ahead = OFFER_MW[min(hour + 1, 7)] * 1e6 if minute % 60 >= 45 else offer
        rig.set_signal("available_power", offer)
        rig.set_line(reach=ahead)
        rig.set_signal("price", prices[minute // 15] * EUR_PER_MWH)
        rig.step(1)
        soec += rig.line("setpoint", 0) / 60e6
        pem += rig.line("setpoint", 1) / 60e6
        sold += rig.field("planned_export_w") / 60e6
        assert rig.field("planned_import_w") == 0.0
    return soec, pem, sold


def test_first_price_set_of_the_study() -> None:
    soec, pem, sold = _energy_mwh(FIRST_PRICES)
    assert soec + pem + sold == pytest.approx(81.0, abs=1e-9)
    assert soec == pytest.approx(57.35, abs=0.04)  # the study's modules overrun by 0.03 while they ramp down
    assert pem == pytest.approx(12.84, abs=0.005)
    assert sold == pytest.approx(10.84, abs=0.005)


def test_second_price_set_of_the_study() -> None:
    soec, pem, sold = _energy_mwh(SECOND_PRICES)
    assert soec == pytest.approx(40.74, abs=0.11)  # 0.10 of the ramps of its modules, taken from what was sold
    assert pem == pytest.approx(5.00, abs=0.005)
    assert sold == pytest.approx(35.26, abs=0.11)


def test_selling_all_earns_more_than_keeping_the_soec_load() -> None:
    """Without the habit of keeping the SOEC's load, more is sold in the price spike of the seventh hour."""
    kept, free = _energy_mwh(FIRST_PRICES), _energy_mwh(FIRST_PRICES, is_load_kept=0.0)
    assert free[2] - kept[2] == pytest.approx(11.52 / 2, abs=1e-9)


def test_separate_thresholds_sell_the_pem_power_first() -> None:
    """9.6 EUR/kg is worth 256 EUR/MWh at 37.5 kWh/kg and 171 at 56: between them only the SOEC runs."""
    assert break_even_price(9.6, 37.5 * 3.6e6) / EUR_PER_MWH == pytest.approx(256.0)
    assert break_even_price(9.6, 56.0 * 3.6e6) / EUR_PER_MWH == pytest.approx(171.43, abs=0.01)
    theirs = [{**line, "specific_energy": kwh * J_PER_KWH} for line, kwh in ((SOEC, 37.5), (PEM, 56.0))]
    rig = rule_with(KIND, *theirs)
    rig.set_signal("available_power", 18e6)
    for price, soec, pem in ((100, 11.52e6, 5e6), (200, 11.52e6, 0.25e6), (300, 0.12e6, 0.25e6)):
        rig.set_signal("price", price * EUR_PER_MWH)
        rig.step(1)
        assert setpoints(rig) == pytest.approx([soec, pem])
    rig.step(40)
    assert setpoints(rig) == [0.0, 0.0]


def test_buys_below_the_purchase_price_and_not_above() -> None:
    """2 EUR/kg at 44 kWh/kg less 10 EUR/MWh of fees: buys for the SOEC below 35.45 EUR/MWh, band 5 to either side."""
    assert break_even_price(2.0, 44.0 * J_PER_KWH) / EUR_PER_MWH - 10.0 == pytest.approx(35.4545, abs=1e-3)
    rig = rule_with(KIND, {**SOEC, **AT_ONCE}, PEM, purchase_limit_w=8.0e6)
    rig.set_signal("available_power", 2e6)
    for price, soec in ((45, 2e6), (33, 2e6), (30, 10e6), (38, 10e6), (41, 2e6)):
        rig.set_signal("price", price * EUR_PER_MWH)
        rig.step(1)
        assert rig.line("setpoint") == pytest.approx(soec), price
