"""Streams that leave an apparatus are at equilibrium at their enthalpy, whichever way was taken to find it."""

import numpy as np
import pytest

from h2plant.components import deoxidiser, recuperator
from h2plant.core import bus as layout
from h2plant.core.status import FATAL, OK
from h2plant.physics.flash import temperature_at_enthalpy
from h2plant.testing.rig import Rig, tables

EVAPORATOR = {"conductance_w_per_k": 4.0e3, "hot_flow_kg_per_s": 0.85, "cold_flow_kg_per_s": 1.2}
BOILING_J_PER_KG_K = 1.0e30


def flashed(stream):
    """Return (temperature, vapour, liquid) of a stream from its enthalpy, by the full flash."""
    h2, o2, n2, vapour, liquid, enthalpy_w, T, pressure_pa = stream
    return temperature_at_enthalpy(tables(), h2, o2, n2, vapour + liquid, enthalpy_w, pressure_pa, T)


def evaporator(is_plain=False):
    return Rig(recuperator.KIND, EVAPORATOR, is_plain=is_plain)


def feed(rig, water, hot_k, hot_flow=0.5, gas=0.0, water_k=425.0):
    """Feed water at 6 bar, which boils at 432 K, against hot oxygen."""
    rig.set_stream("hot_inlet", hot_k, 1.06e5, o2=hot_flow)
    rig.set_stream("cold_inlet", water_k, 6.0e5, h2=gas, liquid=water)


def forget(rig):
    """Let the next step search, as if nothing was known of the cold outlet."""
    rig.put("cold_known_k", 0.0)
    rig.put("cold_known_j_per_kg_k", 0.0)


def assert_same(rig, searched):
    for port in ("hot_outlet", "cold_outlet"):
        np.testing.assert_allclose(rig.stream(port), searched.stream(port), rtol=2.0e-7, atol=1.0e-9)
    T, vapour, _ = flashed(rig.stream("cold_outlet"))
    assert rig.stream("cold_outlet")[layout.TEMPERATURE] == pytest.approx(T, abs=1.0e-4)
    assert rig.stream("cold_outlet")[layout.VAPOUR] == pytest.approx(vapour, rel=1.0e-6, abs=1.0e-9)


def test_water_that_leaves_boiling_is_matched_as_the_search_finds_it():
    draw = np.random.default_rng(1)
    rig, searched = evaporator(), evaporator()
    n_matched = 0
    for _ in range(200):
        water, hot_k, hot_flow = draw.uniform(0.3, 1.2), draw.uniform(520.0, 750.0), draw.uniform(0.2, 0.9)
        forget(searched)
        n_matched += rig.field("cold_known_j_per_kg_k") == BOILING_J_PER_KG_K
        for one in (rig, searched):
            feed(one, water, hot_k, hot_flow)
            assert one.step() == OK
        assert_same(rig, searched)
    rig.assert_balanced(1e-11)
    assert n_matched > 150


def test_boiling_that_begins_and_ends_is_followed():
    """Liquid, boiling, steam, boiling with a trace of gas (which is no water any more), boiling, liquid."""
    rig, searched = evaporator(), evaporator()
    phases = []
    for water, hot_k, gas in (
        (1.2, 440.0, 0.0),
        (0.8, 650.0, 0.0),
        (0.8, 660.0, 0.0),
        (0.02, 660.0, 0.0),
        (0.8, 650.0, 0.0),
        (0.8, 650.0, 1.0e-9),
        (0.8, 650.0, 0.0),
        (1.2, 440.0, 0.0),
        (1.2, 441.0, 0.0),
    ):
        forget(searched)
        for one in (rig, searched):
            feed(one, water, hot_k, gas=gas)
            assert one.step() == OK
        assert_same(rig, searched)
        vapour, liquid = rig.stream("cold_outlet")[[layout.VAPOUR, layout.LIQUID]]
        phases.append("liquid" if vapour <= 0.0 else "steam" if liquid <= 0.0 else "both")
    assert phases == ["liquid", "both", "both", "steam", "both", "both", "both", "liquid", "liquid"]
    rig.assert_balanced(1e-11)


def test_boiling_compiled_is_boiling_in_plain_python():
    compiled, plain = evaporator(), evaporator(is_plain=True)
    for water in (0.8, 0.7, 0.9):
        for one in (compiled, plain):
            feed(one, water, 650.0)
            assert one.step() == OK
        np.testing.assert_allclose(compiled.stream("cold_outlet"), plain.stream("cold_outlet"), rtol=1.0e-9)
    assert plain.field("cold_known_j_per_kg_k") == BOILING_J_PER_KG_K


def test_a_wet_bed_hands_out_gas_at_equilibrium():
    draw = np.random.default_rng(2)
    rig = Rig(deoxidiser.KIND, {"initial_temperature_k": 305.0, "bed_j_per_k": 2.0e6})
    rig.set_signal("ambient_temperature", 290.0)
    n_wet = 0
    for _ in range(100):
        h2 = draw.uniform(0.005, 0.03)
        rig.set_stream("inlet", draw.uniform(333.0, 340.0), 30.0e5, h2=h2, vapour=0.05 * h2)
        assert rig.step(1, 10.0) < FATAL
        out = rig.stream("outlet")
        T, _, liquid = flashed(out)
        n_wet += liquid > 0.0
        assert out[layout.TEMPERATURE] == pytest.approx(T, abs=1.0e-4)
        assert out[layout.LIQUID] == pytest.approx(liquid, abs=1.0e-9)
    assert n_wet > 50
    rig.assert_balanced(1e-11)
