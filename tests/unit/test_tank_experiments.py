"""The tank against published fillings and discharges; what the figures mean: docs/validation.md."""

import numpy as np
import pytest

from tests import tank_experiments as experiment
from tests.tank_experiments import at


@pytest.mark.parametrize(
    ("end_s", "when_s", "measured_k"),
    [
        (182.0, experiment.STRIEDNIG_5_S, experiment.STRIEDNIG_5_K),
        (32.0, experiment.STRIEDNIG_30_S, experiment.STRIEDNIG_30_K),
    ],
    ids=["5 MPa/min", "30 MPa/min"],
)
def test_striednig_filling(end_s, when_s, measured_k):
    rig, run = experiment.striednig(end_s)
    deviation = at(run, "gas_k", when_s) - measured_k
    assert np.abs(deviation[when_s > 10.0]).max() < (4.2 if end_s > 100.0 else 4.0)
    assert np.abs(deviation[when_s > 15.0]).max() < 4.0
    assert deviation.max() < (4.2 if end_s > 100.0 else 10.5)  # 10.1 K at 3 s
    # one sensor's time constant for both, fitted: the file does not give it
    assert np.abs(at(experiment.lagging(run, 2.0), "gas_k", when_s) - measured_k).max() < 3.5
    assert at(run, "pressure_bar", np.array([end_s])) == pytest.approx(240.0, rel=1e-3)
    rig.assert_balanced(1e-11)


def test_byrnes_discharge():
    rig, run = experiment.byrnes(13.5e5)
    assert np.abs(at(run, "gas_k", experiment.BYRNES_GAS_S) - experiment.BYRNES_GAS_K).max() < 4.0
    assert np.abs(at(run, "wall_k", experiment.BYRNES_GAS_S) - experiment.BYRNES_WALL_K).max() < 6.0
    ratio = at(run, "pressure_bar", experiment.BYRNES_S) / experiment.BYRNES_BAR
    assert np.abs(ratio[:-1] - 1.0).max() < 0.05
    # the last measured pressure, 13.3 bar, is below the back pressure that the file gives
    assert ratio[-1] == pytest.approx(1.085, abs=0.005)
    rig.assert_balanced(1e-11)


def test_byrnes_discharge_into_a_low_pressure():
    """As the measured pressures fall to the end: by 0.79, 0.79, 0.76 in 53 s, as those of choked flow."""
    _, run = experiment.byrnes(1e5)
    ratio = at(run, "pressure_bar", experiment.BYRNES_S) / experiment.BYRNES_BAR
    assert np.abs(ratio - 1.0).max() < 0.055  # 5.4 % at 425 s, within 4.9 % else
    assert abs(ratio[-1] - 1.0) < 0.035
    assert np.abs(at(run, "gas_k", experiment.BYRNES_GAS_S) - experiment.BYRNES_GAS_K).max() < 4.6


def test_de_miguel_discharge_on_the_equation_of_state():
    rig, run = experiment.de_miguel()
    assert np.abs(at(run, "gas_k", experiment.MIGUEL_S) - experiment.MIGUEL_MEAN_K).max() < 8.0
    assert np.abs(at(run, "gas_k", experiment.MIGUEL_LOW_S) - experiment.MIGUEL_LOW_K).max() < 4.5
    assert np.abs(at(run, "outer_k", experiment.MIGUEL_WALL_S) - experiment.MIGUEL_WALL_K).max() < 4.0
    rig.assert_balanced(1e-11)


def test_woodfield_filling_with_the_measured_pressure():
    rig, run = experiment.woodfield_by_pressure()
    when = np.arange(1.0, 46.0, 0.5)
    deviation = at(run, "gas_k", when) - experiment.woodfield_mean_k(when)
    assert np.abs(deviation[(when < 13.5) | (when > 16.5)]).max() < 8.0
    assert np.abs(deviation).max() < 9.0
    bar = at(run, "pressure_bar", experiment.WOODFIELD_PRESSURE_S[1:-1])
    assert np.abs(bar / experiment.WOODFIELD_BAR[1:-1] - 1.0).max() < 0.002
    # the gas that pressure and temperature show, 7.2 g, against 7.8 g of the published flow
    gas_g = 1e3 * (rig.field("h2_kg") - 0.0767e-3)
    assert gas_g == pytest.approx(7.24, abs=0.03)
    published_g = np.trapezoid(experiment.WOODFIELD_FLOW_G_PER_S, experiment.WOODFIELD_FLOW_S)
    assert published_g == pytest.approx(7.82, abs=0.005)
    rig.assert_balanced(1e-11)


def test_woodfield_filling_with_the_published_flow():
    rig, run = experiment.woodfield_by_flow()
    when = np.arange(1.0, 46.0, 0.5)
    assert np.abs(at(run, "gas_k", when) - experiment.woodfield_mean_k(when)).max() < 8.0
    # more gas than pressure and temperature allow: the pressure cannot fit
    ratio = at(run, "pressure_bar", experiment.WOODFIELD_PRESSURE_S[4:-1]) / experiment.WOODFIELD_BAR[4:-1]
    assert 1.08 < ratio.min() < ratio.max() < 1.185
    rig.assert_balanced(1e-11)
