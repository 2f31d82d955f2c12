"""Traces of vapour below the triple point."""

import pytest

from h2plant.physics.frost import TRIPLE_K, moisture_saturation_pressure, vapour_enthalpy, vapour_enthalpy_heat_capacity
from h2plant.testing.rig import tables


@pytest.mark.parametrize(
    ("temperature_k", "pressure_pa"),
    [(273.16, 611.657), (263.15, 259.9), (253.15, 103.26), (243.15, 38.02)],
)
def test_pressure_over_ice_murphy_koop_2005(temperature_k: float, pressure_pa: float) -> None:
    # saturation over ice at 0, -10, -20 and -30 C: Murphy and Koop 2005 (doi 10.1256/qj.04.94), table C1 rounded
    assert moisture_saturation_pressure(tables(), temperature_k) == pytest.approx(pressure_pa, rel=2e-3)


def test_enthalpy_is_continuous_and_follows_its_heat_capacity() -> None:
    props = tables()
    below, cp = vapour_enthalpy_heat_capacity(props, 300.0, TRIPLE_K - 1e-6)
    above = vapour_enthalpy(props, 611.657, TRIPLE_K)
    assert below == pytest.approx(above, abs=0.01)
    assert cp == pytest.approx(1884.0, rel=2e-3)  # IAPWS-95, vapour at the triple point
    assert vapour_enthalpy(props, 300.0, 253.16) == pytest.approx(above - 20.0 * cp, rel=1e-12)
