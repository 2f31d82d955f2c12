"""Points as suppliers give them: units, systems with auxiliaries, two temperatures, what no cell can have; starts."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from h2plant.components import KIND_BY_NAME
from h2plant.components.pem_curve import PemCurve
from h2plant.core.constants import GAS_CONSTANT_J_PER_MOL_K
from h2plant.core.stack_curve import new_stack
from h2plant.fitting.curve import CurveFit, fit_curve, fitted_kinds
from h2plant.fitting.estimate import Candidate, estimate
from h2plant.fitting.headers import named
from h2plant.fitting.model import AUXILIARIES, direct_current
from h2plant.fitting.points import COLUMNS, KG_PER_NORMAL_M3
from h2plant.testing.rig import Rig
from tests.command import assert_refused, h2plant

pytestmark = pytest.mark.long

CURRENTS = np.array([0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 1.3, 1.6, 2.0, 2.4])
STATE = {"temperature_setpoint_degc": 65, "cathode_pressure_setpoint_bar": 35}

# Energiepark Mainz, three Silyzer 200: system power, MW, and efficiency by the higher heating value (Kopp et al. 2017,
# 10.1016/j.ijhydene.2016.12.145), 0.06655 x2 - 0.2741 x + 0.8709 - 0.03432 / x with x = P / 3.75 MW
MAINZ_MW = np.array([0.3, 0.375, 0.5, 0.6, 0.75, 1.0, 1.2, 1.5, 1.875, 2.25, 3.0, 3.75, 4.0, 4.5, 5.25, 6.0])
MAINZ_ETA = np.array(
    [0.4204, 0.5010, 0.5781, 0.6142, 0.6471, 0.6738, 0.6828, 0.6861, 0.6818, 0.6732]
    + [0.6513, 0.6290, 0.6221, 0.6092, 0.5931, 0.5813]
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(header: str, *columns: np.ndarray) -> Path:
    rows = [",".join(f"{value:.7g}" for value in row) for row in zip(*columns, strict=True)]
    Path("curve.csv").write_text("\n".join([header, *rows]) + "\n")
    return Path("curve.csv")


def found(fit: CurveFit) -> dict[str, tuple[float, float]]:
    return {e.candidate.name: (e.low, e.high) for e in fit.fit.estimates if e.state == "fitted"}


BOX_X = np.array([1.0, 2.0, 3.0, 5.0, 7.0, 10.0])
BOX_Y = np.array([109.0, 149.0, 149.0, 191.0, 213.0, 224.0])


@pytest.mark.parametrize("start", [(1.0, 1.0), (100.0, 0.75), (1.0, 100.0), (1000.0, 100.0)])
def test_certified_problem_is_solved_from_far_starts(start: tuple[float, float]) -> None:
    """NIST StRD BoxBOD, y = b1 (1 - exp(-b2 x)): certified values and standard deviations; 4 degrees of freedom.

    From a b2 of 100 no point moves with it at the start: one search from there would hold it as without influence.
    """
    names = [Candidate("b1", "1", start[0], 0.0, 1e6), Candidate("b2", "1", start[1], 0.0, 1e6, is_log=start[1] > 10)]

    def residual(v: np.ndarray) -> np.ndarray:
        return v[0] * (1.0 - np.exp(-v[1] * BOX_X)) - BOX_Y

    fit = estimate(residual, names)
    b1, b2 = fit.estimates
    assert b1.state == b2.state == "fitted"
    assert b1.value == pytest.approx(2.1380940889e2, rel=1e-6)
    assert b2.value == pytest.approx(5.4723748542e-1, rel=1e-6)
    assert (b1.high - b1.low) / 2 == pytest.approx(2.776445 * 1.2354515176e1, rel=1e-4)
    spread = (b2.high - b2.low) / 2 if start[1] < 10 else math.log(b2.high / b2.low) / 2 * b2.value
    assert spread == pytest.approx(2.776445 * 1.0455993237e-1, rel=1e-4)
    if start[1] > 10:
        assert estimate(residual, names, tries=(0, 0)).estimates[1].state == "held"  # what the other starts are for


def test_best_of_several_valleys_is_taken() -> None:
    """A sine of 1.9 rad a unit, sought from 0.9: the nearest valley of the squares is another frequency."""
    x = np.linspace(0.0, 20.0, 60)
    y = np.sin(1.9 * x) + 0.05 * np.random.default_rng(5).standard_normal(x.size)
    (frequency,) = estimate(lambda v: np.sin(v[0] * x) - y, [Candidate("w", "1", 0.9, 0.1, 10.0)]).estimates
    assert frequency.low < 1.9 < frequency.high
    (alone,) = estimate(lambda v: np.sin(v[0] * x) - y, [Candidate("w", "1", 0.9, 0.1, 10.0)], tries=(0, 0)).estimates
    assert abs(alone.value - 1.9) > 0.1


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("kWh/Nm³", "specific_energy_normal_kwh_per_m3"),
        ("specific_energy_kwh_per_normal_m3", "specific_energy_normal_kwh_per_m3"),
        ("specific_energy_kwh_per_nm3", "specific_energy_normal_kwh_per_m3"),
        ("kWh/kg", "specific_energy_kwh_per_kg"),
        ("AC energy [kWh/Nm3]", "system_energy_normal_kwh_per_m3"),
        ("P_AC [kW]", "system_power_kw"),
        ("U [V]", "voltage_v"),
        ("V", "voltage_v"),
        ("j (mA/cm²)", "current_density_ma_per_cm2"),
        ("I [A]", "current_a"),
        ("T [°C]", "temperature_degc"),
        ("H2 [Nm³/h]", "hydrogen_normal_m3_per_h"),
        ("hydrogen_nm3_per_h", "hydrogen_normal_m3_per_h"),
        ("v", "v"),
        ("p [bar]", "p [bar]"),  # of which side is open
        ("SEC [kWh/m3]", "SEC [kWh/m3]"),  # at which state is open
        ("current", "current"),
    ],
)
def test_heads_of_columns(head: str, name: str) -> None:
    assert named(head) == name


def test_every_state_of_every_curve_may_be_a_column() -> None:
    known = {field.name for field in COLUMNS}
    for kind in fitted_kinds().values():
        assert set(kind.role.curve().states) <= known, kind.name


def test_energy_per_normal_cubic_metre_is_that_per_kilogram() -> None:
    """1 kg is 11.126 Nm3 (NIST, Leachman et al. 2009), so 4.7 kWh/Nm3 are 52.3 kWh/kg."""
    power = np.array([200.0, 400.0, 600.0, 800.0, 1000.0])
    per_kg = np.array([47.5, 48.9, 50.2, 51.3, 52.4])
    first = fit_curve(write("power_kw,specific_energy_kwh_per_kg", power, per_kg))
    second = fit_curve(write("P [kW],kWh/Nm³", power, per_kg / 11.1262))
    assert second.y == pytest.approx(first.y, rel=1e-5)
    assert 1.0 / KG_PER_NORMAL_M3 == pytest.approx(11.1262, rel=1e-5)
    assert "'kWh/Nm³' is taken for specific_energy_normal_kwh_per_m3" in second.notes
    assert second.fit.values == pytest.approx(first.fit.values, rel=1e-3)


def test_two_temperatures_fit_together_by_an_activation_energy() -> None:
    """Curves of 60 and 80 C made with 53 kJ/mol more in the exchange current than the model has; 0.5 mV of noise."""
    more_k = 53000.0 / GAS_CONSTANT_J_PER_MOL_K
    cell, rng = PemCurve(), np.random.default_rng(3)
    j, T = np.tile(CURRENTS, 2), np.repeat([333.15, 353.15], CURRENTS.size)

    def volt(density_a_per_cm2: float, t: float) -> float:
        made = {"exchange_current_ratio": math.exp(more_k * (1 / 343.15 - 1 / t))}
        stack = new_stack(KIND_BY_NAME["pem_stack"], made)
        return float(cell.voltage(stack, np.array([density_a_per_cm2 * 1e4]), [{"temperature_k": t}])[0])

    volts = [volt(a, t) for a, t in zip(j, T, strict=True)]
    noisy = np.array(volts) + 0.0005 * rng.standard_normal(j.size)
    path = write("current_density_a_per_cm2,cell_voltage_v,temperature_degc", j, noisy, T - 273.15)
    fit = fit_curve(path)
    low, high = found(fit)["exchange_current_ratio_activation_k"]
    assert low < more_k < high
    assert fit.fit.rms * noisy.mean() < 0.0008
    assert "exchange_current_ratio_activation_k" in fit.written
    (said,) = [note for note in fit.notes if "go together by" in note]
    assert "exchange_current_ratio_activation_k" in said
    assert "60 °C" in said
    for t in (333.15, 353.15):  # a stack of the plant, held at either temperature
        rig = Rig(KIND_BY_NAME["pem_stack"], {n: fit.values[n] for n in fit.written} | held_at(t))
        signals = {"setpoint": 7e5, "ambient_temperature": t, "coolant_temperature": 293.15, "cooling_conductance": 1e5}
        for name, value in signals.items():
            rig.set_signal(name, value)
        rig.set_stream("water", t, 4e5, liquid=0.05)
        rig.step(120)
        assert rig.field("temperature_k") == pytest.approx(t, abs=0.05)
        density = rig.field("current_a") / rig.field("cell_area_m2") / 1e4
        assert 0.7 < density < 1.6
        assert rig.field("cell_voltage_v") == pytest.approx(volt(density, t), abs=1.0e-3)
    usual = ["electrode_resistance_ohm_m2", "exchange_current_ratio", "tafel_slope_ratio"]
    apart = fit_curve(path, parameters=usual)
    assert apart.fit.rms * noisy.mean() > 0.010
    one = fit_curve(path, parameters=[*usual, "exchange_current_ratio_activation_k"])
    assert one.fit.values[3] == pytest.approx(more_k, rel=0.05)
    # the curves do not hang on where the plant runs
    cold = fit_curve(path, given={"temperature_setpoint_degc": 50})
    assert cold.predicted == pytest.approx(fit.predicted, abs=2e-4)


def held_at(temperature_k: float) -> dict[str, float]:
    return {"temperature_setpoint_k": temperature_k, "initial_temperature_k": temperature_k, "max_temperature_k": 365.0}


def test_published_curves_of_three_temperatures_need_no_activation_energy() -> None:
    fit = fit_curve(Path("tjarks_2017_pem.csv"), given={"membrane_thickness_um": 200})
    assert not any("activation" in e.candidate.name for e in fit.fit.estimates)


def test_direct_current_and_auxiliaries_make_up_the_power() -> None:
    left = np.array([1e4, 2e5, 1e6])
    for shares in ((0.02, 0.014, 0.017), (0.0, 0.0, 0.0), (0.1, 0.05, 0.0)):
        x = left / 1e6
        power = left + 1e6 * (shares[0] + shares[1] * x + shares[2] * x**2)
        assert direct_current(power, 1e6, *shares) == pytest.approx(left, rel=1e-12)
    assert np.isnan(direct_current(np.array([1e4]), 1e6, 0.02, 0.0, 0.0)).all()


def test_form_of_the_auxiliaries_is_that_of_a_published_balance_of_plant() -> None:
    """kWh/kg beside the stack over its load (Wang, Star, Ahluwalia 2023, Energies 16:4964), of 52 kWh/kg."""
    load = np.array([0.0601, 0.0764, 0.0999, 0.1539, 0.2661, 0.4903, 0.6616, 0.7970, 0.8786, 0.9377])
    beside = np.array([10.014, 7.885, 6.030, 4.135, 2.953, 2.692, 3.118, 3.613, 3.984, 4.286])
    system = load * (1.0 + beside / 52.0)
    assert direct_current(system, 1.0, 0.0106, 0.0, 0.071) == pytest.approx(load, rel=0.013)
    converter_alone = [field.default for field in AUXILIARIES]
    off = direct_current(system, 1.0, *converter_alone) / load - 1.0
    assert 0.01 < off.min() < off.max() < 0.08


def test_published_system_is_fitted_with_its_auxiliaries() -> None:
    """Mainz 6 MW. Towards no load its fit loses 0.03432 / 0.8709 of 3.75 MW, 148 kW, to what does not follow the load.

    Of that a part is hydrogen that crosses over, which the stack's model has.
    """
    path = write("system_power_mw,system_efficiency_hhv_frac", MAINZ_MW, MAINZ_ETA)
    fit = fit_curve(path, given=STATE)
    assert fit.is_system
    assert np.abs(fit.residuals / fit.y).max() < 0.012
    rated = fit.values["rated_power_w"]
    low, high = found(fit)["auxiliary_fixed_frac"]
    assert 60e3 < low * rated < high * rated < 148e3
    assert any("beside the stack" in note and "without load (fitted" in note for note in fit.notes)
    assert not any(name.startswith("auxiliary") for name in fit.written)
    known = fit_curve(path, given={**STATE, "auxiliary_fixed_frac": low, "auxiliary_linear_frac": 0.05})
    assert known.values["auxiliary_linear_frac"] == 0.05
    assert "auxiliary_fixed_frac" not in found(known)
    of_stack = fit_curve(
        write("power_mw,specific_energy_kwh_per_kg", MAINZ_MW, 39.386 / MAINZ_ETA), given=STATE
    )  # taken for direct current
    assert np.abs(of_stack.residuals / of_stack.y).max() > 3.0 * np.abs(fit.residuals / fit.y).max()


def test_auxiliaries_come_back_from_the_system_that_they_are_part_of() -> None:
    stack = new_stack(KIND_BY_NAME["pem_stack"], {})
    power = np.linspace(0.1, 1.0, 19) * 1e6
    energy = PemCurve().energy(stack, power, [{}] * power.size)
    system = power + 1e6 * (0.03 + 0.01417 * power / 1e6 + 0.01721 * (power / 1e6) ** 2)
    hydrogen = power / energy * (1.0 + 0.0005 * np.random.default_rng(2).standard_normal(power.size))
    path = write("P_AC [kW],H2 [kg/h]", system / 1e3, hydrogen * 3600.0)
    given = {"rated_power_mw": 1, "n_cells": 135, "cell_area_cm2": 1949}
    low, high = found(fit_curve(path, given=given))["auxiliary_fixed_frac"]
    assert low < 0.03 < high
    assert high - low < 0.005


POLARISATION = "current_density_a_per_cm2,cell_voltage_v"
FORBIDDEN = [
    (f"{POLARISATION}\n1,1.8\n2,0.9\n", "curve.csv:3: [forbidden-by-physics]", "were current and voltage exchanged"),
    (f"{POLARISATION}\n0.5,1.7\n1,1.8\n2,1.6\n", "curve.csv:4", "was the cell warmer?"),
    (f"{POLARISATION}\n1000,1.8\n2000,2\n", "1000 A/cm2 is ten times what cells carry", "is it mA/cm2"),
    ("current_density_a_per_cm2,cell_voltage_v,temperature_degc\n1,1.8,70\n1,1.8,353\n", "curve.csv:3", "in the unit"),
    ("j [A/cm2],U [V],cathode_pressure_bar,anode_pressure_bar\n1,1.8,30,1\n1,1.9,30,0.5\n", "curve.csv:3", "gauge"),
    ("power_kw,specific_energy_kwh_per_kg\n500,4.4\n1000,4.7\n", "curve.csv:2: [forbidden", "kWh/Nm3 (48.9"),
    ("power_kw,specific_energy_kwh_per_kg\n500,29\n1000,30\n", "than the reversible", "of the energy heat"),
    ("power_kw,specific_energy_kwh_per_kg\n500,34.5\n1000,38\n", "curve.csv:3: [forbidden", "lower heating value"),
    ("power_kw,hydrogen_kg_per_h\n500,10\n1000,9.5\n", "curve.csv:3: [forbidden", "more power makes more hydrogen"),
    ("power_kw,hydrogen_kg_per_h\n500,0.01\n", "5e+04 kWh/kg is many times", "check the units"),
    ("power_kw,hydrogen_kg_per_h\n500,100\n", "5 kWh/kg is less than", "is it kWh/Nm3 (55.63 kWh/kg)?"),
    ("power_kw,hydrogen_kg_per_h\n500,500\n", "1 kWh/kg is less than", "check the units"),
    ("system_power_kw,system_efficiency_hhv_frac\n500,1.4\n", "28.13 kWh/kg is less than", "of the energy heat"),
    ("system_power_kw,specific_energy_kwh_per_kg\n500,50\n", "[two-curves]", "system_energy_kwh_per_kg"),
    ("power_kw,system_energy_kwh_per_kg\n500,50\n", "[two-curves]", "system_power_kw"),
    ("power_kw,specific_energy_kwh_per_m3\n500,4.7\n", "does not measure", "specific_energy_j_per_kg"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "what", "remedy"), FORBIDDEN, ids=[str(k) for k in range(len(FORBIDDEN))])
def test_what_physics_forbids_is_refused_with_a_question(here: Path, text: str, what: str, remedy: str) -> None:
    (here / "curve.csv").write_text(text)
    options = ("--set", "temperature_setpoint_degc=83") if remedy == "gauge" else ()
    assert_refused(h2plant("fit", "curve.csv", *options), what, remedy)
    assert sorted(p.name for p in here.iterdir()) == ["curve.csv"]


def test_auxiliaries_mean_nothing_to_direct_current(here: Path) -> None:
    write(POLARISATION, CURRENTS, 1.5 + 0.25 * CURRENTS)
    assert_refused(
        h2plant("fit", "curve.csv", "--set", "auxiliary_fixed_frac=0.02"), "[unused-parameter]", "system_power_kw"
    )


def test_end_on_a_bound_asks(here: Path) -> None:
    write(POLARISATION, CURRENTS, 1.55 + 0.05 * CURRENTS)
    answer = h2plant("fit", "curve.csv", "--parameters", "electrode_resistance_ohm_m2", "--json")
    (parameter,) = json.loads(answer.stdout)["parameters"]
    assert parameter["state"] == "on a bound"
    assert parameter["note"].endswith("units?")
