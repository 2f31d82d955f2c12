"""Property kernels against published values."""

import pytest

from h2plant.core.constants import (
    FARADAY_C_PER_MOL,
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
    STANDARD_PRESSURE_PA,
    STANDARD_TEMPERATURE_K,
)
from h2plant.core.lut_manager import LUTManager
from h2plant.core.properties import (
    FLUID_H2,
    FLUID_N2,
    FLUID_O2,
    gas_density,
    gas_enthalpy_entropy,
    layout,
    saturated_steam_enthalpy,
    saturation_pressure,
    saturation_temperature,
    steam_enthalpy,
    steam_enthalpy_entropy,
    steam_state,
    water_enthalpy,
    water_enthalpy_entropy,
    water_state,
)

PROPS = LUTManager().props


@pytest.mark.parametrize(
    ("pressure_bar", "temperature_degc", "density"),
    [
        (1.01325, 0, 0.08988),
        (30, 25, 2.39714),
        (100, 85, 6.43244),
        (200, 25, 14.48103),
        (350, 0, 25.09548),
        (350, 25, 23.31545),
        (500, 25, 30.81030),
        (700, 25, 39.22315),
        (700, 85, 34.37418),
        (900, 25, 46.28638),
        (700, -40, 46.37084),
        (1000, 25, 49.42422),
        (1000, 85, 43.99017),
    ],
)
def test_hydrogen_density_lemmon_2008(pressure_bar, temperature_degc, density):
    """Lemmon, Huber, Leachman, J. Res. NIST 113 (2008) 341, another equation than the tables': 1e-4."""
    found = gas_density(PROPS, FLUID_H2, pressure_bar * 1.0e5, temperature_degc + 273.15)
    assert found == pytest.approx(density, rel=1.0e-4)


@pytest.mark.parametrize(
    ("state", "temperature_k", "pressure_pa", "volume", "enthalpy_kj", "entropy_kj", "capacity_kj"),
    [
        (water_state, 300.0, 3.0e6, 0.00100215168, 115.331273, 0.392294792, 4.17301218),
        (water_state, 500.0, 3.0e6, 0.00120241800, 975.542239, 2.58041912, 4.65580682),
        (steam_state, 300.0, 3.5e3, 39.4913866, 2549.91145, 8.52238967, 1.91300162),
        (steam_state, 700.0, 3.5e3, 92.3015898, 3335.68375, 10.1749996, 2.08141274),
        (steam_state, 700.0, 3.0e7, 0.00542946619, 2631.49474, 5.17540298, 10.3505092),
    ],
)
def test_water_and_steam_if97(state, temperature_k, pressure_pa, volume, enthalpy_kj, entropy_kj, capacity_kj):
    """IAPWS-IF97 tables 5 and 15. The tables follow IAPWS-95, which differs by up to the tolerances here.

    IF97 counts from the liquid at the triple point, where its enthalpy is 0.000611783 kJ/kg.
    """
    _, h_triple, s_triple, _ = water_state(PROPS, layout.WATER_PRESSURE_MIN_PA, layout.WATER_TEMPERATURE_MIN_K)
    density, enthalpy, entropy, capacity = state(PROPS, pressure_pa, temperature_k)
    assert 1.0 / density == pytest.approx(volume, rel=4.0e-4)
    assert (enthalpy - h_triple) / 1.0e3 + 0.000611783 == pytest.approx(enthalpy_kj, abs=0.1)
    assert (entropy - s_triple) / 1.0e3 == pytest.approx(entropy_kj, abs=2.0e-4)
    assert capacity / 1.0e3 == pytest.approx(capacity_kj, rel=1.0e-3)


def test_saturation_line_if97():
    """IAPWS-IF97 tables 35 and 36."""
    for temperature_k, pressure_mpa in ((300.0, 0.00353658941), (500.0, 2.63889776), (600.0, 12.3443146)):
        assert saturation_pressure(PROPS, temperature_k) == pytest.approx(pressure_mpa * 1.0e6, rel=2.0e-4)
    for pressure_mpa, temperature_k in ((0.1, 372.755919), (1.0, 453.035632), (10.0, 584.149488)):
        assert saturation_temperature(PROPS, pressure_mpa * 1.0e6) == pytest.approx(temperature_k, abs=0.01)


@pytest.mark.parametrize(
    ("pressure_bar", "duty_kj", "superheated_kj"),
    [
        (1.0, 2570.022, {200: 2875.48, 800: 4160.21}),
        (4.0, 2632.851, {200: 2860.99, 800: 4158.85}),
        (10.0, 2671.358, {200: 2828.27, 800: 4156.14}),
    ],
)
def test_steam_generator_duty_if97(pressure_bar, duty_kj, superheated_kj):
    """Feed at 25 C to dry steam and to superheated steam at the same pressure, IF97, kJ/kg."""
    pressure_pa = pressure_bar * 1.0e5
    feed = water_enthalpy(PROPS, pressure_pa, STANDARD_TEMPERATURE_K)
    feed_kj = {1.0: 104.928, 4.0: 105.206, 10.0: 105.761}[pressure_bar]
    dry_k = saturation_temperature(PROPS, pressure_pa)
    assert (saturated_steam_enthalpy(PROPS, dry_k) - feed) / 1.0e3 == pytest.approx(duty_kj, abs=0.02)
    assert (steam_enthalpy(PROPS, pressure_pa, dry_k) - feed) / 1.0e3 == pytest.approx(duty_kj, abs=0.02)
    for temperature_degc, enthalpy_kj in superheated_kj.items():
        found = (steam_enthalpy(PROPS, pressure_pa, temperature_degc + 273.15) - feed) / 1.0e3
        assert found == pytest.approx(enthalpy_kj - feed_kj, abs=0.1)


def _reaction(temperature_k, water):
    """Return (dH, dG) of H2O -> H2 + 1/2 O2 at 1 bar, J/mol."""
    h = s = 0.0
    parts = (
        (MOLAR_MASS_H2_KG_PER_MOL, gas_enthalpy_entropy(PROPS, FLUID_H2, STANDARD_PRESSURE_PA, temperature_k)),
        (0.5 * MOLAR_MASS_O2_KG_PER_MOL, gas_enthalpy_entropy(PROPS, FLUID_O2, STANDARD_PRESSURE_PA, temperature_k)),
        (-MOLAR_MASS_H2O_KG_PER_MOL, water(PROPS, STANDARD_PRESSURE_PA, temperature_k)),
    )
    for mass, (enthalpy, entropy) in parts:
        h += mass * enthalpy
        s += mass * entropy
    return h, h - temperature_k * s


def test_formation_of_water():
    """CODATA: enthalpy of formation -285.830 kJ/mol; with S = 69.95, 130.680, 205.152 J/(mol K) dG = 237.140."""
    enthalpy, gibbs = _reaction(STANDARD_TEMPERATURE_K, water_enthalpy_entropy)
    assert enthalpy == pytest.approx(285_830.0, abs=1.0)
    assert gibbs == pytest.approx(237_140.0, abs=2.0)


@pytest.mark.parametrize(
    ("water", "temperature_degc", "thermoneutral_v", "reversible_v"),
    [
        (water_enthalpy_entropy, 25, 1.48121, 1.22890),
        (water_enthalpy_entropy, 80, 1.47220, 1.18314),
        (steam_enthalpy_entropy, 700, 1.28356, 1.00560),
        (steam_enthalpy_entropy, 850, 1.28820, 0.96240),
    ],
)
def test_voltages_of_water_splitting(water, temperature_degc, thermoneutral_v, reversible_v):
    """NASA-7 polynomials for the gases, IAPWS-95 and CODATA for the liquid, 1 bar; within 1 mV."""
    enthalpy, gibbs = _reaction(temperature_degc + 273.15, water)
    assert enthalpy / (2.0 * FARADAY_C_PER_MOL) == pytest.approx(thermoneutral_v, abs=1.0e-3)
    assert gibbs / (2.0 * FARADAY_C_PER_MOL) == pytest.approx(reversible_v, abs=1.0e-3)


@pytest.mark.parametrize(
    ("fluid", "mass", "entropy"),
    [
        (FLUID_H2, MOLAR_MASS_H2_KG_PER_MOL, 130.680),
        (FLUID_O2, MOLAR_MASS_O2_KG_PER_MOL, 205.152),
        (FLUID_N2, 28.01348e-3, 191.609),
    ],
)
def test_zero_points_of_the_gases(fluid, mass, entropy):
    """Zero enthalpy and CODATA entropies, J/(mol K), at 298.15 K and 1 bar."""
    h, s = gas_enthalpy_entropy(PROPS, fluid, STANDARD_PRESSURE_PA, STANDARD_TEMPERATURE_K)
    assert h * mass == pytest.approx(0.0, abs=1.0)
    assert s * mass == pytest.approx(entropy, abs=1.0e-3)
