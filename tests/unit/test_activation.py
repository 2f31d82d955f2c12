"""Activation energies of stacks: by hand, in the cell's terms and in a stack that its laws watch."""

import math
from types import SimpleNamespace

import pytest

from h2plant.components import KIND_BY_NAME
from h2plant.components.alkaline_cell import alkaline_polarisation
from h2plant.components.pem_cell import polarisation
from h2plant.core.jit import plain
from h2plant.testing.watched_rig import WatchedRig

DOUBLED_BY_80_DEGC = math.log(2.0) / (1.0 / 333.15 - 1.0 / 353.15)  # K, 4077


@pytest.mark.parametrize(
    ("kind", "name", "term"),
    [
        ("pem_stack", "tafel_slope_ratio", 3),
        ("pem_stack", "exchange_current_ratio", 4),
        ("pem_stack", "electrode_resistance_ohm_m2", 5),
        ("alkaline_stack", "ohmic_ratio", 1),
        ("alkaline_stack", "activation_ratio", 2),
    ],
)
def test_value_of_60_degc_is_doubled_at_80(kind: str, name: str, term: int) -> None:
    default = {f.name: f.default or 0.0 for f in KIND_BY_NAME[kind].fields}
    energy = {f"{name}_activation_k": DOUBLED_BY_80_DEGC}

    def terms(temperature_k: float, **changed: float) -> tuple[float, ...]:
        c = SimpleNamespace(**{**default, **changed})
        if kind == "pem_stack":
            return plain(polarisation, {})(c, temperature_k, 4.0e4, 40.0e5, 2.0e5)
        return plain(alkaline_polarisation, {})(c, temperature_k, 16.0e5, 3.0e4)

    for temperature_k, ratio in ((333.15, 1.0), (353.15, 2.0)):
        assert terms(temperature_k, **energy) == pytest.approx(
            terms(temperature_k, **{name: default[name] * ratio}), rel=1e-12
        )
        assert terms(temperature_k, **energy)[term] != terms(temperature_k)[term] or ratio == 1.0


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("pem_stack", ("tafel_slope_ratio", "exchange_current_ratio", "electrode_resistance_ohm_m2")),
        ("alkaline_stack", ("ohmic_ratio", "activation_ratio")),
    ],
)
def test_laws_hold_with_activation_energies(kind: str, names: tuple[str, ...]) -> None:
    energies = {f"{name}_activation_k": more for name, more in zip(names, (-900.0, 2500.0, -1200.0), strict=False)}
    rig = WatchedRig(KIND_BY_NAME[kind], {**energies, "initial_temperature_k": 323.15}, is_plain=True)
    signals = {
        "setpoint": 0.9e6,
        "ambient_temperature": 288.15,
        "coolant_temperature": 303.15,
        "cooling_conductance": 15e3,
    }
    for name, value in signals.items():
        rig.set_signal(name, value)
    rig.set_stream("water", 298.15, 4.0e5, liquid=0.05)
    rig.step(60)
    assert rig.field("current_a") > 0.0
    assert not rig.broken_laws()
