"""Wind at the hub from the wind of another height, pressure of the site, induction of a rotor."""

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from h2plant.components.wind_at_height import (
    make_pressure,
    make_speed,
    power_law_ratio,
    profile_ratio,
    standard_pressure,
    takes_speed,
)
from h2plant.core.derived import Lack, Samples, Where
from h2plant.physics.wind_power import BETZ_FRAC, induction

HERE = Where(52.7, 4.29)
AT_HUB = {"hub_height_m": 105.0, "profile": 0.0, "roughness_m": 0.03, "shear_exponent": 0.14, "speed_height_m": 10.0}
BEGIN_S = int(datetime(2023, 1, 1, tzinfo=UTC).timestamp())


def _series(value: float) -> Samples:
    return Samples(np.full(3, value), 3600, BEGIN_S, True)


def test_profiles_by_hand() -> None:
    """ln(80/0.1) / ln(10/0.1) = 1.451545; (80/10)^(1/7) = 1.345900 (Manwell 2009, example of section 2.3)."""
    assert profile_ratio(80.0, 10.0, 0.1) == pytest.approx(6.684612 / 4.605170, rel=1e-6)
    assert power_law_ratio(80.0, 10.0, 1.0 / 7.0) == pytest.approx(1.345900, rel=1e-6)


def test_the_nearest_height_is_taken() -> None:
    given = {"wind_speed_10m_m_per_s": _series(5.0), "wind_speed_100m_m_per_s": _series(8.0)}
    assert takes_speed(["ghi_w_per_m2", *given], AT_HUB, HERE) == tuple(given)
    made = make_speed("hub_height_m", given, AT_HUB, HERE)
    assert made.values == pytest.approx(8.0 * math.log(105.0 / 0.03) / math.log(100.0 / 0.03))
    assert (made.is_linear, made.resolution_s, made.first_s) == (True, 3600, BEGIN_S)
    low = make_speed("hub_height_m", given, AT_HUB | {"hub_height_m": 20.0, "profile": 1.0}, HERE)
    assert low.values == pytest.approx(5.0 * 2.0**0.14)


def test_a_name_without_height_goes_by_the_parameter() -> None:
    made = make_speed("hub_height_m", {"wind_speed_km_per_h": _series(5.0)}, AT_HUB | {"speed_height_m": 50.0}, HERE)
    assert made.values == pytest.approx(5.0 * math.log(105.0 / 0.03) / math.log(50.0 / 0.03))


def test_a_name_without_height_gives_way_to_one_that_tells_it() -> None:
    """A weather file with the wind at 100 m alone feeds it under both names."""
    given = {"wind_speed_m_per_s": _series(8.0), "wind_speed_100m_m_per_s": _series(8.0)}
    assert takes_speed(list(given), AT_HUB, HERE) == ("wind_speed_100m_m_per_s",)
    low = make_speed("hub_height_m", given, AT_HUB | {"hub_height_m": 10.0}, HERE)
    assert low.values == pytest.approx(8.0 * math.log(10.0 / 0.03) / math.log(100.0 / 0.03))


def test_wind_that_is_missing_or_too_low_is_told() -> None:
    none = takes_speed(["wind_power_pu", "wind_speed_pu"], AT_HUB, HERE)
    assert isinstance(none, Lack) and none.series == "wind_speed_10m_m_per_s"
    low = takes_speed(["wind_speed_1m_m_per_s"], AT_HUB, HERE)
    assert isinstance(low, Lack) and "too low" in low.what


def test_pressure_of_the_standard_atmosphere() -> None:
    """ISO 2533, table 1: 1013.25, 898.746 and 794.952 hPa at 0, 1000 and 2000 m of geopotential."""
    assert standard_pressure(0.0) == 101325.0
    assert standard_pressure(1000.0) == pytest.approx(89874.6, rel=2e-5)
    assert standard_pressure(2000.0) == pytest.approx(79495.2, rel=2e-5)
    made = make_pressure({}, AT_HUB, Where(40.0, -3.0, 895.0))
    assert made.values == pytest.approx(np.full(2, 89874.6), rel=2e-5)
    of_weather = make_pressure({"pressure_air_pa": _series(1.0e5)}, AT_HUB, HERE)
    assert of_weather.values == pytest.approx(1.0e5 * math.exp(-9.80665 * 105.0 / (287.05287 * 288.15)))


@pytest.mark.parametrize("a", [0.0, 0.05, 0.1, 0.2, 0.3, 1.0 / 3.0])
def test_induction_solves_the_momentum_theory(a: float) -> None:
    assert induction(4.0 * a * (1.0 - a) ** 2) == pytest.approx(a, abs=2e-8)


def test_induction_ends_at_betz() -> None:
    assert induction(BETZ_FRAC) == pytest.approx(1.0 / 3.0)
    assert induction(1.0) == induction(BETZ_FRAC)
    assert induction(-0.1) == 0.0
