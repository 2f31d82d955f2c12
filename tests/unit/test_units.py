"""Units by suffix: the expected factors are definitions (SI brochure; 1 kWh = 3.6 MJ, 1 bar = 100 kPa)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from h2plant.core.declare import parameter
from h2plant.core.units import (
    UnitError,
    is_temperature_difference,
    match_parameter,
    parse_unit,
    parse_unit_text,
    spellings,
    split_name,
    to_reporting_unit,
    to_si,
    unit_text,
)


@pytest.mark.parametrize(
    ("name", "unit", "key", "factor", "offset"),
    [
        ("power_w", "W", "power_kw", 1e3, 0.0),
        ("power_w", "W", "power_mw", 1e6, 0.0),
        ("pressure_pa", "Pa", "pressure_bar", 1e5, 0.0),
        ("pressure_pa", "Pa", "pressure_kpa", 1e3, 0.0),
        ("pressure_pa", "Pa", "pressure_mpa", 1e6, 0.0),
        ("temperature_k", "K", "temperature_degc", 1.0, 273.15),
        ("mass_kg", "kg", "mass_t", 1e3, 0.0),
        ("flow_kg_per_s", "kg/s", "flow_kg_per_h", 1 / 3600, 0.0),
        ("flow_kg_per_s", "kg/s", "flow_t_per_h", 1 / 3.6, 0.0),
        ("flow_kg_per_s", "kg/s", "flow_kg_per_min", 1 / 60, 0.0),
        ("delay_s", "s", "delay_min", 60.0, 0.0),
        ("delay_s", "s", "delay_h", 3600.0, 0.0),
        ("energy_j", "J", "energy_kwh", 3.6e6, 0.0),
        ("energy_j", "J", "energy_mwh", 3.6e9, 0.0),
        ("price_eur_per_j", "EUR/J", "price_eur_per_mwh", 1 / 3.6e9, 0.0),
        ("price_eur_per_j", "EUR/J", "price_eur_per_kwh", 1 / 3.6e6, 0.0),
        ("loss_w_per_k", "W/K", "loss_kw_per_k", 1e3, 0.0),
        ("need_j_per_kg", "J/kg", "need_kwh_per_kg", 3.6e6, 0.0),
        ("price_eur_per_kg", "EUR/kg", "price_eur_per_t", 1e-3, 0.0),
        ("price_eur_per_m3", "EUR/m3", "price_eur_per_l", 1e3, 0.0),
        ("area_m2", "m2", "area_cm2", 1e-4, 0.0),
        ("thickness_m", "m", "thickness_mm", 1e-3, 0.0),
        ("thickness_m", "m", "thickness_um", 1e-6, 0.0),
        ("resistance_ohm_m2", "ohm m2", "resistance_ohm_cm2", 1e-4, 0.0),
        ("current_density_a_per_m2", "A/m2", "current_density_a_per_cm2", 1e4, 0.0),
        ("ageing_v_per_s", "V/s", "ageing_uv_per_h", 1e-6 / 3600, 0.0),
        ("decay_per_s", "1/s", "decay_per_h", 1 / 3600, 0.0),
        ("ramp_w_per_s", "W/s", "ramp_mw_per_min", 1e6 / 60, 0.0),
        ("heating_k_per_s", "K/s", "heating_k_per_min", 1 / 60, 0.0),
        ("u_w_per_m2_k", "W/(m2 K)", "u_kw_per_m2_k", 1e3, 0.0),
        ("permeability_mol_per_m_s_pa", "mol/(m s Pa)", "permeability_mol_per_cm_s_bar", 1e-3, 0.0),
        ("curve_pa_s2_per_kg2", "Pa s2/kg2", "curve_bar_s2_per_kg2", 1e5, 0.0),
        ("limit_frac", "1", "limit_ppm", 1e-6, 0.0),
        ("volume_m3", "m3", "volume_l", 1e-3, 0.0),
        ("delta_t_k", "K", "delta_t_k", 1.0, 0.0),
        ("life_h", "h", "life_year", 8760.0, 0.0),
    ],
)
def test_parameter_is_given_in_any_unit_of_its_dimension(name, unit, key, factor, offset):
    field = parameter(name, unit, "", 300.0)
    match = match_parameter(key, [field])
    assert match is not None
    assert match[0] is field
    assert match[1].factor == pytest.approx(factor, rel=1e-14)
    assert match[1].offset == offset


@pytest.mark.parametrize(
    ("name", "unit", "key", "message", "allowed"),
    [
        ("power_w", "W", "power_bar", "does not measure", "power_mw"),
        ("power_w", "W", "power_horses", "not a unit", "power_kw"),
        ("pressure_pa", "Pa", "pressure", "no unit", "pressure_bar"),
        ("pressure_pa", "Pa", "pressure_psi", "not a unit", "pressure_bar"),
        ("approach_k", "K", "approach_degc", "difference", "approach_k"),
        ("heat_w_per_k", "W/K", "heat_w_per_degc", "not a unit", "heat_kw_per_k"),
        ("flow_kg_per_s", "kg/s", "flow_kg", "does not measure", "flow_t_per_h"),
        ("price_eur_per_j", "EUR/J", "price_usd_per_mwh", "not a unit", "price_eur_per_mwh"),
    ],
)
def test_wrong_unit_names_what_is_allowed(name, unit, key, message, allowed):
    with pytest.raises(UnitError, match=message) as error:
        match_parameter(key, [parameter(name, unit, "", 5.0)])
    assert allowed in error.value.allowed


def test_another_word_is_another_parameter():
    fields = [parameter("power_w", "W", ""), parameter("power_limit_w", "W", "")]
    match = match_parameter("power_limit_kw", fields)
    assert match is not None and match[0].name == "power_limit_w"
    assert match_parameter("power_maximum_kw", fields) is None
    assert match_parameter("mass_t", fields) is None


def test_unit_tells_which_of_two_parameters_of_one_name_is_meant():
    """A limit in W and one in EUR/J: a rule with both refused 'purchase_limit_mw' for its unit."""
    fields = [parameter("purchase_limit_eur_per_j", "EUR/J", ""), parameter("purchase_limit_w", "W", "")]
    for both in (fields, fields[::-1]):
        assert match_parameter("purchase_limit_mw", both)[0].name == "purchase_limit_w"
        assert match_parameter("purchase_limit_eur_per_mwh", both)[0].name == "purchase_limit_eur_per_j"
        with pytest.raises(UnitError, match="does not measure"):
            match_parameter("purchase_limit_kg", both)


def test_temperature_difference_is_told_by_unit_name_or_size():
    assert is_temperature_difference(parameter("superheat_k", "K", "", 200.0))
    assert is_temperature_difference(parameter("gap_k", "K difference", "", 200.0))
    assert is_temperature_difference(parameter("gap_k", "K", "", 10.0))
    assert is_temperature_difference(parameter("gap_k", "K", "", le=100.0))
    assert not is_temperature_difference(parameter("temperature_k", "K", "", 353.15, ge=0.0))
    assert not is_temperature_difference(parameter("keep_warm_temperature_k", "K", "", 0.0, ge=0.0))
    assert not is_temperature_difference(parameter("power_w", "W", "", 5.0))


def test_series_names_without_declaration():
    assert to_si("temp_air_degc") == ("temp_air_k", 1.0, 273.15)
    assert to_si("price_eur_per_mwh").name == "price_eur_per_j"
    assert to_si("wind_speed_100m_m_per_s") == ("wind_speed_100m_m_per_s", 1.0, 0.0)
    assert to_si("wind_power_pu") == ("wind_power_pu", 1.0, 0.0)
    assert to_si("price_h2_eur_per_kg").name == "price_h2_eur_per_kg"  # h2 is hydrogen, not hours squared
    with pytest.raises(UnitError, match="does not end in a unit"):
        to_si("temperature")
    assert split_name("temp_air_c") == ("temp_air_c", None)  # coulomb or Celsius: neither is guessed


def test_declared_unit_decides_between_readings():
    assert split_name("heat_t_k", "K") == ("heat_t", parse_unit_text("K"))
    assert split_name("n_cells", "1") == ("n_cells", None)
    assert split_name("coefficient_a", "1") == ("coefficient_a", None)


@pytest.mark.parametrize(
    ("text", "suffix"),
    [("W/(m2 K)", "w_per_m2_k"), ("kg/s", "kg_per_s"), ("1/s", "per_s"), ("EUR/J", "eur_per_j"), ("ohm m2", "ohm_m2")],
)
def test_unit_text_and_suffix_agree(text, suffix):
    unit = parse_unit_text(text)
    assert unit is not None and unit.si == suffix
    assert unit_text(suffix) == text


def test_reports_use_handy_units():
    assert to_reporting_unit("power_w") == ("power_kw", 1e-3, 0.0)
    assert to_reporting_unit("temperature_k") == ("temperature_degc", 1.0, -273.15)
    assert to_reporting_unit("approach_k").name == "approach_k"
    assert to_reporting_unit("gap_k", is_difference=True).name == "gap_k"
    assert to_reporting_unit("price_eur_per_j").factor == pytest.approx(3.6e9)
    assert to_reporting_unit("n_cells") == ("n_cells", 1.0, 0.0)
    assert to_reporting_unit("running_h", "h").name == "running_h"


@given(
    st.sampled_from(["power_w", "pressure_pa", "temperature_k", "flow_kg_per_s", "price_eur_per_j", "age_v_per_s"]),
    st.floats(-1e9, 1e9),
)
def test_reporting_and_back_is_the_identity(name, value):
    shown = to_reporting_unit(name)
    back = to_si(shown.name)
    assert back.name == name
    assert (value * shown.factor + shown.offset) * back.factor + back.offset == pytest.approx(
        value, rel=1e-12, abs=1e-6
    )


def test_spellings_all_mean_the_field():
    for field in (
        parameter("flow_kg_per_s", "kg/s", "", 1.0),
        parameter("temperature_k", "K", "", 300.0),
        parameter("u_w_per_m2_k", "W/(m2 K)", "", 35.0),
        parameter("volume_m3", "m3", "", 5.0),
    ):
        for spelling in spellings(field):
            match = match_parameter(spelling, [field])
            assert match is not None and match[0] is field, spelling


def test_cents_are_hundredths_of_a_euro():
    unit = parse_unit("ct_per_kwh")
    assert unit is not None and unit.factor == pytest.approx(0.01 / 3.6e6, rel=1e-15)
