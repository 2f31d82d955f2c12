"""Laws of the gas conditioning kinds: balances for any input and step, monotonicities, limits."""

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from h2plant.components.chiller import KIND as CHILLER
from h2plant.components.deoxidiser import KIND as DEOXIDISER
from h2plant.components.dryer import KIND as DRYER
from h2plant.components.gas_cooler import KIND as GAS_COOLER
from h2plant.components.liquid_separator import KIND as LIQUID_SEPARATOR
from h2plant.components.mixer import KIND as MIXER
from h2plant.components.pressure_valve import KIND as PRESSURE_VALVE
from h2plant.components.psa import KIND as PSA
from h2plant.components.purity_monitor import KIND as PURITY_MONITOR
from h2plant.components.splitter import KIND as SPLITTER
from h2plant.core import bus as layout
from h2plant.core.declare import Kind
from h2plant.core.status import LIMITED, OK
from h2plant.physics.flash import temperature_at_enthalpy
from h2plant.physics.stream import stream_enthalpy, vapour_at_saturation
from h2plant.testing.rig import Rig, tables

WET_AND_WARM = dict(temperature_k=324.0, pressure_pa=2.5e5, h2=0.125, o2=0.0, n2=0.0, vapour=0.0303, liquid=0.0)
FAST = settings(max_examples=30, deadline=None)
ONE_INLET = (
    GAS_COOLER,
    CHILLER,
    LIQUID_SEPARATOR,
    SPLITTER,
    DEOXIDISER,
    DRYER,
    PSA,
    PRESSURE_VALVE,
    PURITY_MONITOR,
)
steps = st.sampled_from([1.0, 60.0, 900.0, 3600.0])
M_H2, M_H2O = 2.01588e-3, 18.01528e-3


@st.composite
def wet_streams(draw: st.DrawFn) -> dict[str, float]:
    """Draw a gas at equilibrium with its water: traces, saturated, or with liquid."""
    temperature_k = draw(st.floats(276.0, 380.0))
    pressure_pa = draw(st.floats(2.5e5, 60.0e5))
    h2 = draw(st.floats(1.0e-4, 0.2))
    o2 = draw(st.sampled_from([0.0, 1.0e-6, 0.01])) * h2
    n2 = draw(st.sampled_from([0.0, 0.001])) * h2
    dry = h2 / M_H2 + o2 / 31.9988e-3 + n2 / 28.01348e-3
    saturated = vapour_at_saturation(tables(), dry, temperature_k, pressure_pa)
    vapour = draw(st.sampled_from([0.0, 0.01, 0.5, 1.0])) * saturated
    liquid = draw(st.floats(0.0, 5.0)) * h2 if vapour == saturated else 0.0
    return dict(temperature_k=temperature_k, pressure_pa=pressure_pa, h2=h2, o2=o2, n2=n2, vapour=vapour, liquid=liquid)


def _rig(kind: Kind, parameters: dict[str, float] | None = None, surroundings_k: float = 290.0) -> Rig:
    parameters = dict(parameters or {})
    if any(f.name == "nominal_flow_kg_per_s" for f in kind.fields):
        parameters.setdefault("nominal_flow_kg_per_s", 1.0)
    rig = Rig(kind, parameters, {"outlets": 3, "inlets": 3, "weights": 3})
    for port in ("coolant_temperature", "ambient_temperature"):
        if any(p.name == port for p in kind.ports):
            rig.set_signal(port, surroundings_k)
    return rig


def _assert_enthalpy_is_state(rig: Rig, port: str) -> None:
    """The booked enthalpy is that of the flows at the temperature and pressure shown."""
    s = rig.stream(port)
    expected = stream_enthalpy(rig.props, *s[:5], s[layout.TEMPERATURE], s[layout.PRESSURE])
    scale = 1.0e4 * 300.0 * s[:5].sum()
    assert abs(s[layout.ENTHALPY] - expected) <= 2.0e-5 * scale


@pytest.mark.parametrize("kind", ONE_INLET, ids=[k.name for k in ONE_INLET])
@given(stream=wet_streams(), dt=steps, ambient_k=st.floats(255.0, 315.0), pause=st.booleans())
@example(WET_AND_WARM, 60.0, 255.0, False).via("a dryer's bed heated beyond what it can hold")
@FAST
def test_balance_closes(kind: Kind, stream: dict[str, float], dt: float, ambient_k: float, pause: bool) -> None:
    rig = _rig(kind, surroundings_k=ambient_k)
    rig.set_stream("inlet", **stream)
    for _ in range(4):
        assert rig.step(1, dt) < 100
    if pause:
        rig.set_stream("inlet", pressure_pa=stream["pressure_pa"])
        assert rig.step(2, dt) == OK
        for port in kind.ports:
            if port.medium == "stream" and port.direction == "out":
                assert rig.stream(port.name)[: layout.ENTHALPY + 1].tolist() == [0.0] * 6
    rig.assert_balanced()


@given(streams=st.lists(wet_streams(), min_size=3, max_size=3), dt=steps)
@FAST
def test_mixer_keeps_mass_and_enthalpy(streams: list[dict[str, float]], dt: float) -> None:
    rig = _rig(MIXER)
    for link, stream in enumerate(streams):
        rig.set_stream("inlets", link=link, **stream)
    assert rig.step(2, dt) == OK
    rig.assert_balanced()
    out = rig.stream("outlet")
    assert out[layout.PRESSURE] == min(s["pressure_pa"] for s in streams)
    _assert_enthalpy_is_state(rig, "outlet")
    expected, vapour, _ = temperature_at_enthalpy(
        rig.props, out[0], out[1], out[2], out[3] + out[4], out[5], out[layout.PRESSURE], 300.0
    )
    assert out[layout.TEMPERATURE] == pytest.approx(expected, abs=1.0e-3)  # the held properties' tolerance
    assert out[layout.VAPOUR] == pytest.approx(vapour, rel=1.0e-4, abs=1.0e-12)


@given(stream=wet_streams(), coolant_k=st.floats(275.0, 320.0))
@FAST
def test_cooler_never_heats_and_leaves_equilibrium(stream: dict[str, float], coolant_k: float) -> None:
    rig = _rig(GAS_COOLER, surroundings_k=coolant_k)
    rig.set_stream("inlet", **stream)
    rig.step(2)
    out = rig.stream("outlet")
    assert out[layout.TEMPERATURE] <= stream["temperature_k"]
    assert rig.signal("heat") >= 0.0
    _assert_enthalpy_is_state(rig, "outlet")
    if out[layout.TEMPERATURE] < stream["temperature_k"]:
        dry = out[0] / M_H2 + out[1] / 31.9988e-3 + out[2] / 28.01348e-3
        saturated = vapour_at_saturation(rig.props, dry, out[layout.TEMPERATURE], out[layout.PRESSURE])
        total = out[layout.VAPOUR] + out[layout.LIQUID]
        assert out[layout.VAPOUR] == pytest.approx(min(total, saturated), rel=1.0e-9)


@given(stream=wet_streams(), ambient_k=st.floats(270.0, 315.0))
@FAST
def test_chiller_obeys_second_law_and_capacity(stream: dict[str, float], ambient_k: float) -> None:
    rig = _rig(CHILLER, {"capacity_w": 20.0e3}, surroundings_k=ambient_k)
    rig.set_stream("inlet", **stream)
    status = rig.step(1)
    duty_w = rig.field("duty_w")
    assert duty_w <= 20.0e3
    out = rig.stream("outlet")
    _assert_enthalpy_is_state(rig, "outlet")
    if status == LIMITED:
        assert duty_w == 20.0e3
        assert out[layout.TEMPERATURE] > 277.15
    elif stream["temperature_k"] > 277.15:
        assert out[layout.TEMPERATURE] == pytest.approx(277.15)
    lift = max(ambient_k - 277.15, 1.0)
    assert rig.signal("power") >= max(duty_w, 0.0) / (277.15 / lift) * 0.999
    assert rig.signal("heat") == pytest.approx(duty_w + rig.signal("power"))


@given(stream=wet_streams(), efficiency=st.floats(0.0, 1.0))
@FAST
def test_separator_drains_no_vapour(stream: dict[str, float], efficiency: float) -> None:
    rig = _rig(LIQUID_SEPARATOR, {"efficiency_frac": efficiency})
    rig.set_stream("inlet", **stream)
    rig.step(2)
    gas, drain = rig.stream("gas"), rig.stream("drain")
    assert gas[layout.VAPOUR] == stream["vapour"]
    assert drain[layout.LIQUID] == pytest.approx(efficiency * stream["liquid"])
    assert drain[0] <= 2.0e-4 * drain[layout.LIQUID]  # Henry: 95 mg/kg at 60 bar
    _assert_enthalpy_is_state(rig, "gas")
    _assert_enthalpy_is_state(rig, "drain")


@given(stream=wet_streams(), outlet_pa=st.floats(1.0e5, 50.0e5))
@FAST
def test_valve_is_isenthalpic(stream: dict[str, float], outlet_pa: float) -> None:
    rig = _rig(PRESSURE_VALVE, {"outlet_pressure_pa": outlet_pa})
    enthalpy_w = rig.set_stream("inlet", **stream)
    rig.step(2)
    out = rig.stream("outlet")
    assert out[layout.ENTHALPY] == enthalpy_w
    assert out[layout.PRESSURE] == min(outlet_pa, stream["pressure_pa"])
    _assert_enthalpy_is_state(rig, "outlet")


@given(h2=st.floats(1.0e-3, 0.06), oxygen_frac=st.floats(0.0, 0.005), inlet_k=st.floats(303.0, 340.0), dt=steps)
@FAST
def test_deoxidiser_meets_grade_d_and_energy(h2: float, oxygen_frac: float, inlet_k: float, dt: float) -> None:
    rig = _rig(
        DEOXIDISER,
        {"nominal_flow_kg_per_s": 0.03, "loss_w_per_k": 0.0, "initial_temperature_k": inlet_k, "bed_j_per_k": 1.0e3},
    )
    o2 = oxygen_frac * h2 / M_H2 * 31.9988e-3
    rig.set_stream("inlet", temperature_k=inlet_k, pressure_pa=40.0e5, h2=h2, o2=o2)
    assert rig.step(math.ceil(6000.0 / dt), dt) == OK  # from 0.001 kg/s on the bed follows within 70 s
    rig.assert_balanced()
    assert rig.field("outlet_oxygen_frac") < 5.0e-6
    rise_k = rig.stream("outlet")[layout.TEMPERATURE] - inlet_k
    assert rise_k == pytest.approx(2.0 * 241826.0 * oxygen_frac / 29.1, rel=0.03, abs=0.02)
    _assert_enthalpy_is_state(rig, "outlet")


@given(ratios=st.tuples(st.floats(0.2, 1.0), st.floats(1.05, 2.0)))
@FAST
def test_deoxidiser_converts_less_at_more_flow(ratios: tuple[float, float]) -> None:
    shares = []
    for ratio in (ratios[0], ratios[0] * ratios[1]):
        rig = _rig(DEOXIDISER, {"nominal_flow_kg_per_s": 0.03, "n_film_units": 2.0, "initial_temperature_k": 320.0})
        rig.set_stream("inlet", temperature_k=320.0, pressure_pa=40.0e5, h2=0.03 * ratio, o2=1.0e-5 * ratio)
        rig.step(1)
        shares.append(rig.field("conversion_frac"))
    assert 0.0 < shares[1] < shares[0] < 1.0


@given(h2=st.floats(0.004, 0.035), dt=st.sampled_from([60.0, 900.0, 3600.0]), ambient_k=st.floats(263.0, 308.0))
@settings(max_examples=10, deadline=None)
def test_dryer_holds_grade_d_through_its_cycles(h2: float, dt: float, ambient_k: float) -> None:
    """Ten days of hydrogen saturated at 4 C and 40 bar: always below 5 ppm, regenerates in time, balances close."""
    rig = _rig(DRYER, {"nominal_flow_kg_per_s": 0.03}, ambient_k)
    vapour = h2 / M_H2 * 813.55 / (40.0e5 - 813.55) * M_H2O
    rig.set_stream("inlet", temperature_k=277.15, pressure_pa=40.0e5, h2=h2, vapour=vapour)
    days = 10.0 if dt >= 900.0 else 1.0
    for _ in range(int(days * 86400.0 / dt)):
        assert rig.step(1, dt) == OK
        assert rig.field("outlet_frac") < 5.0e-6
    rig.assert_balanced()
    if days == 10.0 and h2 > 0.02:
        assert rig.field("n_switches") >= 5


@given(stream=wet_streams(), recovery=st.floats(0.5, 1.0))
@FAST
def test_psa_shares_hydrogen_by_recovery(stream: dict[str, float], recovery: float) -> None:
    rig = _rig(PSA, {"recovery_frac": recovery})
    rig.set_stream("inlet", **stream)
    assert rig.step(1) in (OK, LIMITED)
    assert rig.stream("outlet")[0] == pytest.approx(recovery * stream["h2"])
    assert rig.stream("tail_gas")[layout.PRESSURE] == 1.3e5


@given(stream=wet_streams(), weights=st.lists(st.floats(0.0, 10.0), min_size=3, max_size=3))
@FAST
def test_splitter_follows_weights(stream: dict[str, float], weights: list[float]) -> None:
    rig = _rig(SPLITTER)
    rig.set_stream("inlet", **stream)
    for link, weight in enumerate(weights):
        rig.set_signal("weights", weight, link)
    rig.step(1)
    rig.assert_balanced(1.0e-12)
    for link in range(3):
        share = weights[link] / sum(weights) if sum(weights) > 0.0 else 1.0 / 3.0
        assert rig.stream("outlets", link)[0] == pytest.approx(share * stream["h2"])


def test_a_trickle_ends_no_heating() -> None:
    """A full bed that is to be heated while next to nothing flows stays full, and is heated when the gas comes back."""
    values = {"nominal_flow_kg_per_s": 0.03, "initial_load_ratio": 0.12}
    rig = _rig(DRYER, values, 283.15)
    vapour = 0.03 / M_H2 * 813.55 / (40.0e5 - 813.55) * M_H2O
    rig.set_stream("inlet", temperature_k=277.15, pressure_pa=40.0e5, h2=0.03, vapour=vapour)
    rig.step(1, 60.0)
    assert rig.field("mode") == 0.0
    full_kg = rig.field("regenerating_load_kg")
    rig.set_stream("inlet", temperature_k=300.0, pressure_pa=40.0e5, h2=1.0e-5)
    for _ in range(600):
        rig.step(1, 60.0)
        assert rig.field("mode") == 0.0
    assert rig.field("regenerating_load_kg") == pytest.approx(full_kg)
    rig.set_stream("inlet", temperature_k=277.15, pressure_pa=40.0e5, h2=0.03, vapour=vapour)
    for _ in range(600):
        rig.step(1, 60.0)
    assert rig.field("mode") > 0.0 and rig.field("regenerating_load_kg") < 0.5 * full_kg
    rig.assert_balanced()


def test_purge_that_goes_round_dies_away() -> None:
    """A dryer that gets nothing but its own purge passes it on, and stands after a while."""
    rig = _rig(DRYER, {"initial_load_ratio": 0.12}, 290.0)
    rig.set_stream("inlet", temperature_k=300.0, pressure_pa=40.0e5, h2=0.02)
    rig.step(2, 60.0)
    for _ in range(80):
        h2 = float(rig.stream("purge")[layout.H2])
        rig.set_stream("inlet", temperature_k=300.0, pressure_pa=40.0e5, h2=h2)
        rig.step(1, 60.0)
    assert h2 == 0.0 and rig.stream("outlet")[layout.H2] == 0.0
    rig.assert_balanced()
