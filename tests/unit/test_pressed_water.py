"""Water at the pressures of compressed gas, above the tables of water: both engines have an enthalpy for it."""

import pytest

from h2plant.core.properties import reference
from h2plant.core.properties.water import water_enthalpy, water_enthalpy_heat_capacity
from h2plant.testing.rig import tables


@pytest.mark.parametrize("pressure_pa", [3.4e7, 3.6e7, 5.0e7, 7.0e7, 9.9e7])
@pytest.mark.parametrize("temperature_k", [280.0, 300.0, 320.0])
def test_the_baselines_water_is_that_of_the_equation_of_state_and_the_tables_near_it(
    pressure_pa: float, temperature_k: float
) -> None:
    """A tank at 500 bar drains what condenses: above 350 bar the baseline had no number, and its run stopped."""
    exact = reference.water_enthalpy(None, pressure_pa, temperature_k)
    assert water_enthalpy(tables(), pressure_pa, temperature_k) == pytest.approx(exact, abs=4.0e3)
    both = reference.water_enthalpy_heat_capacity(None, pressure_pa, temperature_k)
    assert both[0] == exact and 3.7e3 < both[1] < 4.3e3
    held = water_enthalpy_heat_capacity(tables(), pressure_pa, temperature_k)
    assert held[0] == pytest.approx(exact, abs=4.0e3)
