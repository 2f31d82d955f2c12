"""The look-ups of the baseline engine, recorded, and asked again in several ways.

``record_queries`` runs the baseline and notes what it asks CoolProp; ``replay`` asks the same of the tables: compiled,
through a cache, through a cache of quantised states, in batches.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from h2plant.config.scenario import load_scenario
from h2plant.core import properties
from h2plant.core.lut_manager import LUTManager
from h2plant.core.lut_manager_optimized import LUTManagerOptimized
from h2plant.core.properties import reference
from h2plant.core.properties.reference import REPLACEMENTS
from h2plant.measure.tables.validate import TYPICAL_CAPACITY_J_PER_KG_K
from h2plant.physics.held.direct import DIRECT
from h2plant.session.session import prepare
from h2plant.simulation.manager import SimulationEngine
from h2plant.simulation.program import FloatArray

COMPILED, EXACT, QUANTISED, BATCH = "compiled look-up", "cache, exact states", "cache, quantised states", "batch"
"""The ways to look up that are compared; the first is the default everywhere."""

_REPEATS = 3

_GASES = reference.GAS_NAMES
_STATE_QUANTITIES = {
    "density": "D",
    "enthalpy": "H",
    "entropy": "S",
    "heat_capacity": "C",
    "enthalpy_heat_capacity": "HC",
    "enthalpy_entropy": "HS",
    "state": "DHSC",
}
ANSWERS: dict[str, str] = {
    f"{fluid}_{name}": quantities
    for fluid in ("gas", "steam", "water")
    for name, quantities in _STATE_QUANTITIES.items()
    if hasattr(properties, f"{fluid}_{name}")
}
"""Property kernels of a state given by pressure and temperature -> the properties that they return, in order."""

# ---- asking other functions than CoolProp's ------------------------------------------------------------------


def kernel_name(full_name: str) -> str:
    """Return the name of a kernel without its module."""
    return full_name.rpartition(".")[2]


@contextlib.contextmanager
def stand_ins(changed: Mapping[str, Callable[..., Any]], is_held: bool) -> Iterator[None]:
    """Let baseline engines that are made meanwhile ask these functions, by full name of the kernel.

    ``is_held`` leaves the expansions held from step to step as the compiled engine has them.
    """
    kept = dict(REPLACEMENTS), dict(DIRECT)
    REPLACEMENTS.update(changed)
    if is_held:
        DIRECT.clear()
    try:
        yield
    finally:
        REPLACEMENTS.update(kept[0])
        DIRECT.update(kept[1])


# ---- the queries of the baseline -----------------------------------------------------------------------------


_Asked = tuple[str, str, float, float, float]
"""Gas, ``steam`` or ``water``; property; Pa; K; answer."""


class Queries(NamedTuple):
    """Look-ups in the order in which they were asked: one property of one state each, with CoolProp's answer."""

    fluids: list[str]
    quantities: list[str]
    pressures_pa: FloatArray
    temperatures_k: FloatArray
    answers: FloatArray
    scales: FloatArray
    """What an error is divided by: D and C themselves; for H and S c T and c with a typical heat capacity c."""
    others: Counter[str]
    """Calls that no look-up by pressure and temperature answers: inverses, saturation line."""


def record_queries(scenario_name: str = "test_8hour", n_steps: int | None = None) -> Queries:
    """Run the baseline and record what it asks CoolProp.

    Parameters
    ----------
    scenario_name : str
        A bundled scenario.
    n_steps : int, optional
        How many steps; default: all.

    Returns
    -------
    Queries
        All look-ups of a state inside the tables. A call that returns several properties is as many look-ups.
        States of water up to 0.05 K on the other side of the saturation line than the phase asked for are put on it.
    """
    asked: list[_Asked] = []
    others: Counter[str] = Counter()

    def recorded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*arguments: Any) -> Any:
            found = function(*arguments)
            answered = list(_answered(name, arguments, found))
            if answered:
                asked.extend(answered)
            else:
                others[name] += 1
            return found

        return ask

    scenario = load_scenario(scenario_name)
    _, program = prepare(scenario)
    with stand_ins({full: recorded(kernel_name(full), f) for full, f in REPLACEMENTS.items()}, is_held=False):
        engine = SimulationEngine(program)
    engine.begin()
    asked.clear()  # what sets initial states is not asked again
    others.clear()
    engine.run(round(scenario.hours * 3600.0 / scenario.step_s) if n_steps is None else n_steps)
    return _queries([query for query in asked if np.isfinite(query[4])], others)


def _answered(name: str, arguments: Sequence[Any], found: Any) -> Iterator[_Asked]:
    """Return the look-ups that a call amounts to, with their answers; none if it is not of a state by p and T."""
    phase = name.partition("_")[0]
    if name not in ANSWERS and phase not in ("gases", "each"):
        return
    pressure_pa, temperature_k = float(arguments[-2]), float(arguments[-1])
    if phase in ("gases", "each"):  # several gases at one state
        for place, (fluid, gas) in enumerate(_GASES.items()):
            if phase == "each":
                values = (found[0][place], found[1][place])
            elif arguments[1 + place] > 0.0:
                values = reference.gas_enthalpy_heat_capacity(None, fluid, pressure_pa, temperature_k)
            else:
                continue
            for quantity, value in zip("HC" if "heat_capacity" in name else "H", values, strict=False):
                yield gas, quantity, pressure_pa, temperature_k, value
        return
    quantities = ANSWERS[name]
    fluid_name = _GASES[arguments[1]] if phase == "gas" else phase
    for quantity, value in zip(quantities, found if len(quantities) > 1 else (found,), strict=False):
        yield fluid_name, quantity, pressure_pa, temperature_k, value


def _queries(asked: list[_Asked], others: Counter[str]) -> Queries:
    """Return recorded queries as look-ups: fluids as ``LUTManager`` names them, on the side of the line asked for."""
    if not asked:
        raise RuntimeError("the baseline asked for no property: it does not go through core.reference.REPLACEMENTS")
    phases = [query[0] for query in asked]
    quantities = [query[1] for query in asked]
    pressures, temperatures, answers = np.array([query[2:] for query in asked]).T.copy()
    props = LUTManager().props
    is_steam = np.array([phase == "steam" for phase in phases])
    is_water = np.array([phase == "water" for phase in phases])
    boundary: Any = properties.phase_boundary_temperature
    for k in np.flatnonzero(is_steam | is_water):
        line_k = boundary(props, pressures[k])
        side_k = max(temperatures[k], line_k) if is_steam[k] else min(temperatures[k], line_k - 1.0e-8)
        temperatures[k] = side_k
    capacities = np.array([TYPICAL_CAPACITY_J_PER_KG_K[phase] for phase in phases])
    kinds = np.array(quantities)
    scales = np.select([kinds == "H", kinds == "S"], [capacities * temperatures, capacities], np.abs(answers))
    fluids = ["H2O" if phase in ("steam", "water") else phase for phase in phases]
    return Queries(fluids, quantities, pressures, temperatures, answers, scales, others)


# ---- asking them again ---------------------------------------------------------------------------------------


class Way(NamedTuple):
    """What one way of looking up gives and costs on the recorded queries."""

    name: str
    ns_per_lookup: float
    hit_rate: float | None
    n_entries: int
    n_bytes: int
    values: FloatArray


def _ask_again(tables: LUTManager, queries: Queries) -> tuple[float, FloatArray]:
    """Ask all queries one by one; returns (processor time per look-up in ns, the values)."""
    pressures, temperatures = queries.pressures_pa.tolist(), queries.temperatures_k.tolist()
    rows = list(zip(queries.fluids, queries.quantities, pressures, temperatures, strict=True))
    look_up = tables.lookup
    look_up(*rows[0])  # loads the compiled code
    if isinstance(tables, LUTManagerOptimized):
        tables.reset_cache_stats()
    started = time.thread_time_ns()
    values = [look_up(fluid, quantity, p, t) for fluid, quantity, p, t in rows]
    return (time.thread_time_ns() - started) / len(rows), np.array(values)


def _ask_in_batches(tables: LUTManager, queries: Queries) -> tuple[float, FloatArray]:
    """Ask all queries by fluid and property, as arrays; returns as ``_ask_again``."""
    names = [f"{fluid} {quantity}" for fluid, quantity in zip(queries.fluids, queries.quantities, strict=True)]
    kinds, kind = np.unique(names, return_inverse=True)
    values = np.empty(len(names))
    took_ns = 0
    for k, name in enumerate(kinds.tolist()):
        fluid, quantity = name.split()
        places = np.flatnonzero(kind == k)
        pressures, temperatures = queries.pressures_pa[places], queries.temperatures_k[places]
        tables.lookup_batch(fluid, quantity, pressures[:1], temperatures[:1])  # loads the compiled code
        started = time.thread_time_ns()
        found = tables.lookup_batch(fluid, quantity, pressures, temperatures)
        took_ns += time.thread_time_ns() - started
        values[places] = found
    return took_ns / len(names), values


def replay(queries: Queries) -> list[Way]:
    """Ask the queries in each way: compiled look-up, exact cache, quantised cache, batch.

    Times are processor time of one thread in Python, the loop included, median of three; each repetition starts from a
    cache that holds the usual states only. Batches are all queries of one fluid and property.
    """

    def way(name: str, make: Callable[[], LUTManager], ask: Callable[..., tuple[float, FloatArray]]) -> Way:
        times = []
        for _ in range(_REPEATS):
            tables = make()
            ns, values = ask(tables, queries)
            times.append(ns)
        if not isinstance(tables, LUTManagerOptimized):
            return Way(name, float(np.median(times)), None, 0, 0, values)
        stats = tables.get_cache_stats()
        return Way(name, float(np.median(times)), stats["hit_rate"], stats["entries"], stats["bytes"], values)

    return [
        way(COMPILED, LUTManager, _ask_again),
        way(EXACT, LUTManagerOptimized, _ask_again),
        way(QUANTISED, lambda: LUTManagerOptimized(quantize_enabled=True), _ask_again),
        way(BATCH, LUTManager, _ask_in_batches),
    ]


def relative_errors(queries: Queries, way: Way, reference_values: FloatArray) -> tuple[float, float]:
    """Return (largest, mean) error of a way against other values, each over the query's scale."""
    errors = np.abs(way.values - reference_values) / queries.scales
    return float(errors.max()), float(errors.mean())
