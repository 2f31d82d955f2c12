"""The elementary kernels against analytic solutions, each where its docstring says that it holds."""

import math
import multiprocessing
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from h2plant.core import numba_ops_enhanced as ops
from h2plant.core.jit import IS_JIT_DISABLED
from h2plant.measure.tables.kernel_timing import BATCHES, batch_arguments, thermal_batches

pytestmark = pytest.mark.long


def test_thermal_step_with_constant_heat_is_exact() -> None:
    # 5 MW electrolyser, 2.6 MJ/K: 702 kW in, 50 kW cooled, 100 W lost: 60 s * 651900 W / 2.6 MJ/K = 15.0438 K
    step = ops.thermal_step_compiled(333.15, 60.0, 702.0e3, 50.0e3, 100.0, 2.6e6)
    assert step == pytest.approx(333.15 + 60.0 * 651900.0 / 2.6e6, rel=1e-14)


def test_thermal_step_is_limited() -> None:
    assert ops.thermal_step_compiled(370.0, 3600.0, 1.0e7, 0.0, 0.0, 2.6e6) == 373.15
    assert ops.thermal_step_compiled(300.0, 3600.0, 0.0, 1.0e7, 0.0, 2.6e6) == 298.15
    assert ops.thermal_step_compiled(300.0, 3600.0, 0.0, 1.0e7, 0.0, 2.6e6, 280.0, 400.0) == 280.0


def test_thermal_step_approaches_the_exponential_with_first_order() -> None:
    # cooling by 100 W/K from 353.15 K to 303.15 K surroundings: T = Ta + (T0 - Ta) exp(-K t / C)
    capacity, conductance, ambient, hot, end = 2.6e5, 100.0, 303.15, 353.15, 2600.0
    exact = ambient + (hot - ambient) * math.exp(-conductance * end / capacity)
    errors = []
    for n in (130, 260):
        temperature = hot
        for _ in range(n):
            loss = conductance * (temperature - ambient)
            temperature = ops.thermal_step_compiled(temperature, end / n, 0.0, 0.0, loss, capacity)
        errors.append(abs(temperature - exact))
    assert errors[1] < 0.1
    assert errors[0] / errors[1] == pytest.approx(2.0, rel=0.02)


def test_pump_flow_settles_on_the_analytic_curve() -> None:
    # L dq/dt = p0 - k q^2 from rest: q = q_s tanh(t p0 / (q_s L)), q_s = sqrt(p0 / k)
    p0, k, inertance, n, end = 3.5e5, 2.7e8, 2.5e7, 2000, 5.0
    steady = math.sqrt(p0 / k)
    flow = 0.0
    for _ in range(n):
        flow = ops.pump_flow_step_compiled(flow, end / n, p0 - k * flow * flow, 0.0, inertance)
    assert flow == pytest.approx(steady * math.tanh(end * p0 / (steady * inertance)), rel=2e-3)
    assert ops.pump_flow_step_compiled(0.01, 60.0, 0.0, 1.0e5, inertance) == 0.0


def test_pressure_step_is_the_ideal_gas_law() -> None:
    # 107.4 m3 at 298.15 K, hydrogen R = 4124.5: 0.1 kg/s for 60 s raises it by m R T / V = 68.7 kPa
    gain = 6.0 * 4124.5 * 298.15 / 107.4
    assert ops.pressure_step_compiled(40.0e5, 60.0, 0.15, 0.05, 4124.5, 298.15, 107.4) == pytest.approx(40.0e5 + gain)
    assert ops.pressure_step_compiled(1.0e4, 3600.0, 0.0, 1.0, 4124.5, 298.15, 1.0) == 0.0
    assert ops.pressure_step_compiled(1.0e4, 60.0, 1.0, 0.0, 4124.5, 298.15, 0.0) == 0.0


def test_batches_equal_single_steps() -> None:
    rng = np.random.default_rng(1)
    n = 7
    temperature, heat_in, heat_out, loss = rng.uniform(0.0, 1.0, (4, n)) * np.array([[80.0], [5e5], [4e5], [1e4]])
    temperature += 290.0
    capacity = rng.uniform(1e6, 3e6, n)
    got = ops.batch_thermal_updates(temperature, 60.0, heat_in, heat_out, loss, capacity, 298.15, 373.15)
    for i in range(n):
        assert got[i] == ops.thermal_step_compiled(temperature[i], 60.0, heat_in[i], heat_out[i], loss[i], capacity[i])
    pressure, volume = rng.uniform(1e5, 7e6, n), rng.uniform(0.0, 100.0, n)
    volume[2] = 0.0
    gas, flow_in, flow_out = np.full(n, 4124.5), rng.uniform(0.0, 1.0, n), rng.uniform(0.0, 5.0, n)
    got = ops.batch_pressure_updates(pressure, 60.0, flow_in, flow_out, gas, temperature, volume)
    for i in range(n):
        assert got[i] == ops.pressure_step_compiled(
            pressure[i], 60.0, flow_in[i], flow_out[i], gas[i], temperature[i], volume[i]
        )
    current = rng.uniform(0.0, 4000.0, n)
    got = ops.batch_efficiency_updates(temperature, current, 1000.0, 333.15, 0.65)
    for i in range(n):
        assert got[i] == pytest.approx(ops.calculate_efficiency_compiled(temperature[i], current[i]), rel=1e-13)


def test_lookup_is_exact_for_bilinear_functions_and_nan_outside() -> None:
    pressure_grid = np.array([1.0, 2.0, 5.0, 10.0])
    temperature_grid = np.array([280.0, 300.0, 350.0])
    lut = 3.0 + 2.0 * pressure_grid[:, None] - 0.1 * temperature_grid + 0.01 * pressure_grid[:, None] * temperature_grid
    p = np.array([1.0, 10.0, 2.0, 3.7, 0.5, 4.0, math.nan])
    t = np.array([280.0, 350.0, 300.0, 333.0, 300.0, 351.0, 300.0])
    got = ops.batch_lookup_vectorized(lut, p, t, pressure_grid, temperature_grid)
    expected = 3.0 + 2.0 * p - 0.1 * t + 0.01 * p * t
    assert got[:4] == pytest.approx(expected[:4], rel=1e-13)
    assert np.isnan(got[4:]).all()


def test_efficiency_rule() -> None:
    assert ops.calculate_efficiency_compiled(333.15, 1000.0) == pytest.approx(0.65, rel=1e-14)
    assert ops.calculate_efficiency_compiled(343.15, 2000.0) == pytest.approx(0.65 - 0.02 - 0.05, rel=1e-12)
    assert ops.calculate_efficiency_compiled(283.15, 0.0) == pytest.approx(0.75, rel=1e-14)
    assert ops.calculate_efficiency_compiled(373.15, 6000.0) == pytest.approx(0.40, rel=1e-14)


needs_compiler = pytest.mark.skipif(IS_JIT_DISABLED, reason="compares compiled forms")


def test_defaults_and_names_work_from_python() -> None:
    given = ops.thermal_step_compiled(370.0, 3600.0, 1.0e7, 0.0, 0.0, 2.6e6, 298.15, 380.0)
    assert given == ops.thermal_step_compiled(370.0, 3600.0, 1.0e7, 0.0, 0.0, C_thermal_J_K=2.6e6, T_max=380.0) == 380.0
    assert ops.calculate_efficiency_compiled(333.15, 1000.0, eta_ref=0.6) == pytest.approx(0.6, rel=1e-14)
    with pytest.raises(TypeError):
        ops.thermal_step_compiled(370.0, 3600.0)
    with pytest.raises(TypeError):
        ops.thermal_step_compiled(370.0, 3600.0, 1.0e7, 0.0, 0.0, 2.6e6, T_most=380.0)


@needs_compiler
@pytest.mark.parametrize("name", BATCHES)
def test_both_forms_give_the_same_bits(name: str) -> None:
    arguments = batch_arguments(10_001)[name]
    serial, parallel = BATCHES[name].serial(*arguments), BATCHES[name].parallel(*arguments)
    assert serial.tobytes() == parallel.tobytes()
    assert np.ptp(serial) > 0.0


@needs_compiler
@pytest.mark.parametrize("name", BATCHES)
def test_long_arrays_go_through_threads_and_short_ones_do_not(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = BATCHES[name]
    called = []
    for form in ("serial", "parallel"):
        monkeypatch.setattr(batch, form, lambda *_, form=form: called.append(form))
    monkeypatch.setattr("h2plant.core.batch_form.has_threads", lambda: True)
    for n in (batch.parallel_from - 1, batch.parallel_from):
        batch(*batch_arguments(n)[name])
    assert called == ["serial", "parallel"]
    monkeypatch.setattr("h2plant.core.batch_form.has_threads", lambda: False)
    batch(*batch_arguments(batch.parallel_from)[name])
    assert called[2:] == ["serial"]


@needs_compiler
def test_threads_may_call_long_batches_at_the_same_time() -> None:
    """The pool serves one caller at a time; the others take the serial form."""
    arguments = batch_arguments(ops.LOOKUP_PARALLEL_FROM)["batch_lookup_vectorized"]
    expected = ops.batch_lookup_vectorized(*arguments).tobytes()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: ops.batch_lookup_vectorized(*arguments).tobytes(), range(40)))
    assert set(found) == {expected}


def _after_fork(arguments: tuple[object, ...]) -> bytes:
    return bytes(ops.batch_lookup_vectorized(*arguments).tobytes())


@pytest.mark.skipif(sys.platform == "win32", reason="no fork there")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_answers_as_well() -> None:
    """OpenMP ends a forked process that uses its pool: there the serial form serves."""
    arguments = batch_arguments(ops.LOOKUP_PARALLEL_FROM)["batch_lookup_vectorized"]
    expected = ops.batch_lookup_vectorized(*arguments).tobytes()
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply_async(_after_fork, (arguments,)).get(timeout=60) == expected


def test_compiled_code_takes_a_batch_as_it_is() -> None:
    temperature, _, *heat, capacity, _, _ = batch_arguments(50)["batch_thermal_updates"]
    once = ops.batch_thermal_updates(temperature, 60.0, *heat, capacity, 298.15, 373.15)
    assert thermal_batches(temperature, *heat, capacity, 1).tolist() == once.tolist()


@pytest.mark.parametrize(
    ("name", "short", "message"),
    [
        ("batch_thermal_updates", 2, "T, Q_in, Q_out, Q_loss and C must be of equal length"),
        ("batch_pressure_updates", 6, "P, T_tank and V_tank must be of equal length"),
        ("batch_efficiency_updates", 1, "T and current_A must be of equal length"),
        ("batch_lookup_vectorized", 2, "as many temperatures as pressures"),
        ("batch_lookup_vectorized", 3, "a row per grid pressure"),
    ],
)
def test_arrays_of_unequal_length_are_refused(name: str, short: int, message: str) -> None:
    arguments = list(batch_arguments(50)[name])
    arguments[short] = arguments[short][:-1]
    with pytest.raises(ValueError, match=message):
        BATCHES[name](*arguments)


@pytest.mark.parametrize("spacing", ["uniform", "geometric"])
def test_lookup_finds_the_interval_of_every_node_and_middle(spacing: str) -> None:
    """A function that is linear within each interval is met exactly, whatever the grid."""
    grid = np.linspace(1.0, 9.0, 33) if spacing == "uniform" else np.geomspace(1.0, 9.0, 33)
    lut = np.random.default_rng(2).uniform(-1.0, 1.0, (33, 33))
    where = np.sort(np.concatenate([grid, 0.5 * (grid[1:] + grid[:-1])]))
    p, t = (m.ravel() for m in np.meshgrid(where, where, indexing="ij"))
    rows = np.array([np.interp(where, grid, lut[i]) for i in range(33)])
    expected = np.array([np.interp(where, grid, rows[:, j]) for j in range(where.size)]).T.ravel()
    assert ops.batch_lookup_vectorized(lut, p, t, grid, grid) == pytest.approx(expected, abs=1e-12)
