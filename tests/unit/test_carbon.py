"""Greenhouse gas of hydrogen by the rules of the European Union, and by labels, each against a sum by hand."""

import pytest

from h2plant.economics.carbon import (
    LIMIT_KG_PER_KG,
    UK_LIMIT_KG_PER_KG,
    US_TIERS,
    Delivered,
    Electricity,
    allocated_frac,
    labels,
    per_kg_delivered,
    transport_kg,
)

MWH = 3.6e9
# 1000 kg by 50 MWh of electrolysis and 10 MWh beside it; 24 MWh of the 60 are bought at 250 g/kWh: 6000 kg CO2e
POWER = Electricity(60.0 * MWH, 50.0 * MWH, 24.0 * MWH, 6000.0, 30.0)
PLAIN = Delivered(1000.0, 1000.0, 1000.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("certified", "expected"),
    [
        (None, 6030.0),  # nobody certifies: all that is bought
        (1.0, 4.0e3 * 0.25 + 30.0),  # the others' part of it, 10/60 of 24 MWh
        (0.9, (5.0e3 + 4.0e3) * 0.25 + 30.0),  # a tenth of electrolysis beside that
        (0.0, 6030.0),  # 50 MWh are not certified, but only 20 of them were bought
    ],
)
def test_what_is_not_certified_emits_as_the_grid(certified: float | None, expected: float) -> None:
    assert POWER.emitted_kg(certified) == pytest.approx(expected, rel=1e-12)


def test_a_plant_that_buys_nothing_emits_what_its_emergency_supply_does() -> None:
    assert Electricity(60.0, 50.0, 0.0, 0.0, 7.0).emitted_kg(0.3) == 7.0


def test_per_kilogram_delivered_with_oxygen_transport_and_losses() -> None:
    """1030 kg by 950 delivered, oxygen bears a twentieth by value; 900 kg in trailers of 300 kg, 100 km away."""
    share = allocated_frac(9500.0, 500.0)
    driven = transport_kg(3.0, 100.0, 1.13)
    assert share == 0.95 and driven == pytest.approx(678.0)
    hydrogen = Delivered(1000.0, 950.0, 900.0, share, driven)
    assert per_kg_delivered(POWER, hydrogen, 1.0) == pytest.approx(0.95 * 1030.0 / 950.0 + 678.0 / 900.0, rel=1e-12)
    assert allocated_frac(0.0, 500.0) == allocated_frac(100.0, 0.0) == 1.0
    assert per_kg_delivered(POWER, PLAIN._replace(delivered_kg=-5.0), 1.0) is None
    assert labels(POWER, PLAIN._replace(made_kg=0.0), 1.0, 1.0) == ()


def test_labels_have_their_own_boundary_and_limit() -> None:
    """All certified by the month, by the hour 0.9: 1.03 kg/kg and transport delivered, 2.28 at the gate."""
    found = {one.id: one for one in labels(POWER, PLAIN._replace(transport_kg=500.0), 1.0, 0.9)}
    assert found["eu_rfnbo"].kg_per_kg == pytest.approx(1.53) and found["eu_rfnbo"].is_met
    assert found["eu_rfnbo"].limit_kg_per_kg == LIMIT_KG_PER_KG == pytest.approx(3.384)
    assert not found["eu_low_carbon"].is_met and found["eu_low_carbon"].share_frac == 0.0  # all of it is renewable
    uk = found["uk_lchs"].to_dict()
    assert uk["g_per_mj"] == pytest.approx(19.0) and uk["is_met"] and pytest.approx(2.4) == UK_LIMIT_KG_PER_KG
    assert found["us_45v"].kg_per_kg == pytest.approx(2.28) and found["us_45v"].usd_per_kg == 0.75
    by_grid = {one.id: one for one in labels(POWER, PLAIN, None, None)}
    assert not any(one.is_met for one in by_grid.values()) and by_grid["us_45v"].usd_per_kg == 0.0
    assert by_grid["eu_low_carbon"].kg_per_kg == pytest.approx(6.03) and by_grid["eu_rfnbo"].share_frac == 0.0


@pytest.mark.parametrize(
    ("kg_per_kg", "usd"),
    [(0.44, 3.0), (0.45, 1.0), (1.49, 1.0), (1.5, 0.75), (2.5, 0.6), (4.0, 0.6), (4.0001, 0.0)],
)
def test_the_tiers_of_45v_meet_at_their_bounds(kg_per_kg: float, usd: float) -> None:
    power = Electricity(1.0, 1.0, 1.0, 1000.0 * kg_per_kg, 0.0)
    of_us = next(one for one in labels(power, PLAIN, None, None) if one.id == "us_45v")
    assert of_us.usd_per_kg == usd and of_us.is_met == (usd > 0.0)
    assert [bound for bound, _ in US_TIERS] == [0.45, 1.5, 2.5, 4.0]
