"""LUTManagerOptimized: what its cache keeps and counts, what quantising does, what both leave as it was."""

import math
import sys

import numpy as np
import pytest

from h2plant.core.lut_manager import LUTManager, PropertyRangeError, TableError
from h2plant.core.lut_manager_optimized import LUTManagerOptimized
from h2plant.core.properties import saturation_temperature


@pytest.fixture(scope="module")
def tables():
    return LUTManager()


@pytest.fixture
def cached():
    return LUTManagerOptimized()


def empty(size=10_000, **settings):
    """Return one without the usual states."""
    made = LUTManagerOptimized(lookup_cache_size=size, **settings)
    made._lookup_cache.clear()
    return made


def random_states(n, seed=7):
    """Return fluids, properties, pressures and temperatures over what a plant uses, both phases of water."""
    rng = np.random.default_rng(seed)
    return list(
        zip(
            rng.choice(["H2", "O2", "N2", "H2O"], n).tolist(),
            rng.choice(list("DHSC"), n).tolist(),
            np.exp(rng.uniform(math.log(0.6e5), math.log(3.0e7), n)).tolist(),
            rng.uniform(275.0, 1140.0, n).tolist(),
            strict=True,
        )
    )


def test_the_settings_of_the_specification(cached):
    assert cached._lookup_cache_size == 10_000
    assert cached._quantize_enabled is False
    assert (cached._snap_tolerance_pct, cached._snap_tolerance_k) == (1.0, 2.0)
    assert isinstance(cached, LUTManager)


def test_usual_states_are_there_from_the_start_and_uncounted(cached):
    stats = cached.get_cache_stats()
    assert 100 <= stats["entries"] <= 200
    assert (stats["hits"], stats["misses"], stats["hit_rate"]) == (0, 0, 0.0)
    cached.lookup("H2O", "H", 3.0e5, 333.15)
    cached.lookup("H2", "C", 1.2e5, 1053.15)
    assert cached.get_cache_stats()["hits"] == 2


def test_values_are_those_of_the_tables(tables, cached):
    states = random_states(300)
    for state in states + states:  # the second time from the cache
        assert cached.lookup(*state) == tables.lookup(*state)
    assert cached.get_cache_stats()["hits"] == 300


def test_counts_and_reset(cached):
    for k in range(5):
        cached.lookup("O2", "D", 2.0e5 + k, 300.0)
    for _ in range(3):
        cached.lookup("O2", "D", 2.0e5, 300.0)
    stats = cached.get_cache_stats()
    assert (stats["hits"], stats["misses"], stats["hit_rate"]) == (3, 5, 3 / 8)
    cached.reset_cache_stats()
    after = cached.get_cache_stats()
    assert (after["hits"], after["misses"], after["hit_rate"]) == (0, 0, 0.0)
    assert after["entries"] == stats["entries"]
    cached.lookup("O2", "D", 2.0e5, 300.0)
    assert cached.get_cache_stats()["hit_rate"] == 1.0


@pytest.mark.parametrize("is_quantised", [False, True])
def test_cache_is_bounded_and_drops_the_least_recently_used(is_quantised):
    made = empty(3, quantize_enabled=is_quantised)
    for pressure_pa in (1.0e5, 2.0e5, 3.0e5):
        made.lookup("H2", "D", pressure_pa, 300.0)
    made.lookup("H2", "D", 1.0e5, 300.0)  # used again: now 2 bar is the oldest
    made.lookup("H2", "D", 4.0e5, 300.0)
    assert len(made._lookup_cache) == 3
    made.reset_cache_stats()
    for pressure_pa in (1.0e5, 3.0e5, 4.0e5):
        made.lookup("H2", "D", pressure_pa, 300.0)
    assert made.get_cache_stats()["hits"] == 3
    made.lookup("H2", "D", 2.0e5, 300.0)
    assert made.get_cache_stats()["misses"] == 1


def test_bound_may_be_lowered_and_zero_keeps_nothing():
    made = LUTManagerOptimized()
    made._lookup_cache_size = 10
    made.lookup("N2", "S", 1.0e5, 400.0)
    assert len(made._lookup_cache) == 10
    none = LUTManagerOptimized(lookup_cache_size=0)
    for _ in range(2):
        none.lookup("N2", "S", 1.0e5, 400.0)
    assert none.get_cache_stats()["entries"] == 0
    assert none.get_cache_stats()["misses"] == 2


def test_bytes_are_measured():
    made = empty()
    before = made.get_cache_stats()["bytes"]
    assert before == sys.getsizeof(made._lookup_cache)
    for k in range(1000):
        made.lookup("H2", "D", 1.0e5 + 0.5 * k, 300.0 + 0.25 * k)
    key = next(iter(made._lookup_cache))
    per_entry = sys.getsizeof(key) + 3 * sys.getsizeof(1.5)  # key, its two numbers, the value
    stats = made.get_cache_stats()
    assert stats["bytes"] == sys.getsizeof(made._lookup_cache) + 1000 * per_entry
    shared = empty()
    for quantity in "DHSC":
        shared.lookup("H2", quantity, key[2], key[3])  # the same two numbers in four keys count once
    grown = sys.getsizeof(shared._lookup_cache)
    assert shared.get_cache_stats()["bytes"] == grown + 4 * per_entry - 3 * 2 * sys.getsizeof(1.5)


def test_a_quantised_state_takes_the_nearest_node(tables):
    """Nodes are multiples of 4 K and of 2 ln 1.01 in ln p; just below the middle goes down, just above goes up."""
    made = empty(quantize_enabled=True)
    step = 2.0 * math.log(1.01)
    node_pa = math.exp(step * 700)
    for factor, temperature_k, expected_pa, expected_k in (
        (1.0, 400.0, node_pa, 400.0),
        (1.0099, 401.99, node_pa, 400.0),
        (1.0 / 1.0099, 398.01, node_pa, 400.0),
        (1.0101, 402.01, node_pa * 1.01**2, 404.0),
        (1.0 / 1.0101, 397.99, node_pa / 1.01**2, 396.0),
    ):
        found = made.lookup("H2", "D", node_pa * factor, temperature_k)
        assert found == pytest.approx(tables.lookup("H2", "D", expected_pa, expected_k), rel=1e-12)
    assert made.get_cache_stats()["hits"] == 2


def test_no_state_moves_further_than_the_tolerances(tables):
    """A density changes by 1 % of pressure, and by 2 K in temperature, at most: both bounds at once."""
    made = LUTManagerOptimized(quantize_enabled=True)
    for fluid, _, pressure_pa, temperature_k in random_states(400, seed=1):
        found = made.lookup(fluid, "D", pressure_pa, temperature_k)
        corners = [
            tables.lookup(fluid, "D", pressure_pa * p, temperature_k + k) for p in (0.99, 1.01) for k in (-2.0, 2.0)
        ]
        assert min(corners) * (1 - 1e-9) <= found <= max(corners) * (1 + 1e-9), (fluid, pressure_pa, temperature_k)


def test_quantising_never_changes_the_phase(tables):
    made = LUTManagerOptimized(quantize_enabled=True)
    for pressure_pa in (2.0e3, 1.0e5, 4.0e5, 3.0e6):
        line_k = saturation_temperature(tables.props, pressure_pa)
        for distance_k in (-3.0, -0.5, -1e-6, 0.0, 1e-6, 0.5, 3.0):
            for _ in range(2):
                found = made.lookup("H2O", "D", pressure_pa, line_k + distance_k)
                assert found == pytest.approx(tables.lookup("H2O", "D", pressure_pa, line_k + distance_k), rel=0.025)


def test_quantised_and_exact_entries_do_not_mix(tables, cached):
    state = ("H2", "D", 3.05e6, 334.4)
    exact = cached.lookup(*state)
    cached._quantize_enabled = True
    assert cached.lookup(*state) != exact
    cached._quantize_enabled = False
    assert cached.lookup(*state) == exact == tables.lookup(*state)


def test_new_tolerances_drop_what_other_nodes_gave(tables):
    made = LUTManagerOptimized(quantize_enabled=True)
    state = ("H2", "D", 3.05e6, 334.4)
    coarse = made.lookup(*state)
    made._snap_tolerance_pct = 0.001
    made._snap_tolerance_k = 0.001
    fine = made.lookup(*state)
    exact = tables.lookup(*state)
    assert abs(fine / exact - 1.0) < 2e-5 < abs(coarse / exact - 1.0)


def test_accuracy_of_each_mode(tables):
    """Exact keys change nothing; quantising costs up to some percent, which is why it is off by default."""
    made = LUTManagerOptimized()
    states = [s for s in random_states(600, seed=3) if s[0] != "H2O"]
    exact = np.array([tables.lookup(*s) for s in states])
    assert (np.array([made.lookup(*s) for s in states]) == exact).all()
    made._quantize_enabled = True
    densities = np.array([s[1] == "D" for s in states])
    error = np.abs(np.array([made.lookup(*s) for s in states]) / exact - 1.0)[densities]
    assert 1e-3 < error.max() < 0.02


@pytest.mark.parametrize("is_quantised", [False, True])
@pytest.mark.parametrize(
    ("fluid", "pressure_pa", "temperature_k", "message"),
    [
        ("H2", 2.0e8, 300.0, r"H2: pressure 2e\+08 Pa outside 50000 .. 1e\+08 Pa"),
        ("H2", 49_900.0, 300.0, "pressure 49900 Pa outside"),  # a node inside the range is within 1 %
        ("O2", 1.0e5, 199.0, "O2: temperature 199 K outside 200 .. 1250 K"),
        ("H2O", 1.0e5, 199.0, "H2O: temperature 199 K outside 200 .. 1250 K"),
        ("H2", math.nan, 300.0, "pressure nan Pa"),
        ("N2", 1.0e5, math.inf, "temperature inf K"),
        ("N2", -1.0, 300.0, "pressure -1 Pa"),
    ],
)
def test_outside_the_range(is_quantised, fluid, pressure_pa, temperature_k, message):
    made = LUTManagerOptimized(quantize_enabled=is_quantised)
    for _ in range(2):
        with pytest.raises(PropertyRangeError, match=message):
            made.lookup(fluid, "D", pressure_pa, temperature_k)
    assert made.get_cache_stats()["misses"] == 0


@pytest.mark.parametrize("is_quantised", [False, True])
def test_unknown_names(is_quantised):
    made = LUTManagerOptimized(quantize_enabled=is_quantised)
    with pytest.raises(ValueError, match=r"unknown fluid 'CO2'; there are tables of H2, O2, N2, H2O"):
        made.lookup("CO2", "D", 1.0e5, 300.0)
    with pytest.raises(ValueError, match=r"unknown property 'V'; the tables hold D \(density, kg/m3\)"):
        made.lookup("H2", "V", 1.0e5, 300.0)
    with pytest.raises(ValueError, match="unknown property"):
        made.lookup("H2", ["D"], 1.0e5, 300.0)
    with pytest.raises(ValueError, match="unknown fluid"):
        made.lookup_batch("CO2", "D", [1.0e5], [300.0])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"lookup_cache_size": -1}, "lookup_cache_size must be 0 or more, not -1"),
        ({"snap_tolerance_pct": 0.0}, "between 0 and 50 %"),
        ({"snap_tolerance_pct": math.nan}, "between 0 and 50 %"),
        ({"snap_tolerance_k": -2.0}, "between 0 and 100 K"),
    ],
)
def test_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        LUTManagerOptimized(**settings)


def test_missing_file(tmp_path):
    with pytest.raises(TableError, match="no property tables"):
        LUTManagerOptimized(tmp_path / "none.npz")


def test_states_at_the_ends_of_the_range_are_looked_up_as_they_are(tables):
    made = LUTManagerOptimized(quantize_enabled=True)
    for pressure_pa, temperature_k in ((0.5e5, 200.0), (900.0e5, 1250.0), (0.5e5, 1250.0)):
        for _ in range(2):
            expected = tables.lookup("O2", "H", pressure_pa, temperature_k)
            assert made.lookup("O2", "H", pressure_pa, temperature_k) == expected


@pytest.mark.parametrize("is_quantised", [False, True])
def test_batch_equals_the_exact_look_up_and_leaves_the_cache_alone(tables, is_quantised):
    """Over more than one block of states, with the last one not full; to rounding."""
    made = LUTManagerOptimized(quantize_enabled=is_quantised)
    before = made.get_cache_stats()
    states = random_states(700, seed=11)
    pressures, temperatures = np.array([s[2] for s in states]), np.array([s[3] for s in states])
    for fluid in ("H2", "O2", "N2", "H2O"):
        for quantity in "DHSC":
            found = made.lookup_batch(fluid, quantity, pressures, temperatures)
            expected = [tables.lookup(fluid, quantity, s[2], s[3]) for s in states]
            np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-6 if quantity == "H" else 0.0)
    assert made.get_cache_stats() == before


def test_batch_takes_scalars(tables, cached):
    temperatures = np.array([300.0, 400.0])
    found = cached.lookup_batch("H2O", "D", 1.0e5, temperatures)
    np.testing.assert_allclose(found, [tables.lookup("H2O", "D", 1.0e5, t) for t in (300.0, 400.0)], rtol=1e-13)
    assert cached.lookup_batch("H2", "D", 1.0e5, 300.0).shape == ()


def test_batch_and_look_up_agree_on_the_saturation_line(tables):
    pressures = np.exp(np.linspace(math.log(700.0), math.log(2.2e7), 600))
    line_k = np.array([saturation_temperature(tables.props, p) for p in pressures])
    for distance_k in (-1e-8, 0.0):
        found = tables.lookup_batch("H2O", "D", pressures, line_k + distance_k)
        expected = [tables.lookup("H2O", "D", p, t + distance_k) for p, t in zip(pressures, line_k, strict=True)]
        np.testing.assert_allclose(found, expected, rtol=1e-9)
