"""What a look-up costs and how it is asked for: caches on real queries, shared searches over the year.

Two questions, each answered with figures beside their bars (``python -m h2plant.lookup_statistics``):

* What do a cache and quantised states in front of the compiled look-up give and cost? The queries of the baseline on
  the 8-hour scenario are recorded, with CoolProp's answers, and asked again in each way (``cache_figures``).
* How many property values of the year come from a search that serves several? The compiled loop has no room for
  counters; its kernels run as plain Python on the same tables, and every call is counted (``sharing_figures``).
"""

from __future__ import annotations

import argparse
import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from h2plant.config.scenario import load_scenario
from h2plant.core import properties, reference
from h2plant.core.lut_manager import LUTManager
from h2plant.core.lut_manager_optimized import LUTManagerOptimized
from h2plant.core.table_validate import TYPICAL_CAPACITY_J_PER_KG_K
from h2plant.execution import prepare
from h2plant.simulation.engine import Snapshot, restore, snapshot
from h2plant.simulation.manager import SimulationEngine
from h2plant.simulation.program import FloatArray, Program
from h2plant.validation import run_span, year_with_snapshots

HIT_RATE_BAR = 0.7
LOOKUP_BAR_NS = 1000.0
BATCH_BAR_NS = 20.0
SHARED_BAR = 0.5
TWIN_BAR = 1.0e-7
ACCURACY_BAR = 1.0e-3
SAMPLED_DAYS = 6

COMPILED, EXACT, QUANTISED, BATCH = "compiled look-up", "cache, exact states", "cache, quantised states", "batch"
"""The ways to look up that are compared; the first is the default everywhere."""

_DAY_S = 86_400.0
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
N_VALUES: dict[str, int] = {
    **{name: 1 for name in properties.__all__ if not name.startswith("FLUID_")},
    **{name: len(quantities) for name, quantities in ANSWERS.items()},
    "gas_state_from_entropy": 2,
    "gas_pressure_temperature_from_density_energy": 2,
}
"""Property kernel -> how many properties of one state a call returns; more than one: from one shared search."""


class Figure(NamedTuple):
    """A measured figure; ``sign`` says on which side of the bar it must be. Without a bar it is told only."""

    name: str
    measured: float
    unit: str
    bar: float | None = None
    sign: str = "<="

    @property
    def is_met(self) -> bool:
        """Whether the bar is met (or there is none)."""
        if self.bar is None:
            return True
        return self.measured <= self.bar if self.sign == "<=" else self.measured >= self.bar


# ---- asking other functions than CoolProp's ------------------------------------------------------------------


def _kernel_name(full_name: str) -> str:
    return full_name.rpartition(".")[2]


@contextlib.contextmanager
def _stand_ins(changed: Mapping[str, Callable[..., Any]]) -> Iterator[None]:
    """Let baseline engines that are made meanwhile ask exactly these functions, by full name of the kernel."""
    kept = dict(reference.REPLACEMENTS)
    reference.REPLACEMENTS.clear()
    reference.REPLACEMENTS.update(changed)
    try:
        yield
    finally:
        reference.REPLACEMENTS.clear()
        reference.REPLACEMENTS.update(kept)


# ---- the queries of the baseline -----------------------------------------------------------------------------


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
    asked: list[tuple[str, str, float, float, float]] = []
    others: Counter[str] = Counter()

    def recorded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        quantities = ANSWERS.get(name, "")
        is_gas = name.startswith("gas_")
        phase = name.partition("_")[0]

        def ask(*arguments: Any) -> Any:
            found = function(*arguments)
            if not quantities:
                others[name] += 1
                return found
            values = found if len(quantities) > 1 else (found,)
            fluid = _GASES[arguments[1]] if is_gas else phase
            for quantity, value in zip(quantities, values, strict=True):
                asked.append((fluid, quantity, float(arguments[-2]), float(arguments[-1]), value))
            return found

        return ask

    scenario = load_scenario(scenario_name)
    _, program = prepare(scenario)
    names = {f for f in reference.REPLACEMENTS if _kernel_name(f) in N_VALUES}
    changed = {f: recorded(_kernel_name(f), g) if f in names else g for f, g in reference.REPLACEMENTS.items()}
    with _stand_ins(changed):
        engine = SimulationEngine(program)
    engine.begin()
    asked.clear()  # what sets initial states is not asked again
    others.clear()
    engine.run(round(scenario.hours * 3600.0 / scenario.step_s) if n_steps is None else n_steps)
    return _queries([query for query in asked if np.isfinite(query[4])], others)


def _queries(asked: list[tuple[str, str, float, float, float]], others: Counter[str]) -> Queries:
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


def cache_figures(queries: Queries, ways: Sequence[Way]) -> list[Figure]:
    """Return time, hit rate and errors of each way beside their bars.

    Two figures are told without a bar, for they are why neither cache is the default: the time with exact states, which
    hardly ever hit, and the errors of quantised ones.
    """
    table = ways[0].values
    figures = []
    for way in ways:
        is_quantised = way.name == QUANTISED
        bar = {BATCH: BATCH_BAR_NS, EXACT: None}.get(way.name, LOOKUP_BAR_NS)
        figures.append(Figure(f"{way.name}: time per value", way.ns_per_lookup, "ns", bar))
        if way.hit_rate is not None:
            rate_bar = HIT_RATE_BAR if is_quantised else None
            figures.append(Figure(f"{way.name}: hit rate", way.hit_rate, "1", rate_bar, ">="))
            figures.append(Figure(f"{way.name}: entries", way.n_entries, "1", 10_000))
            figures.append(Figure(f"{way.name}: memory", way.n_bytes / 1e6, "MB"))
        largest, mean = relative_errors(queries, way, queries.answers)
        figures.append(Figure(f"{way.name}: largest error", largest, "1", None if is_quantised else ACCURACY_BAR))
        figures.append(Figure(f"{way.name}: mean error", mean, "1", None if is_quantised else ACCURACY_BAR))
        if way is not ways[0]:
            largest, mean = relative_errors(queries, way, table)
            figures.append(Figure(f"{way.name}: largest difference from the table", largest, "1"))
            figures.append(Figure(f"{way.name}: mean difference from the table", mean, "1"))
    return figures


def test_lut_cache_report() -> list[Figure]:
    """Record the 8-hour scenario's queries and return (name, measured, unit, bar, sign) of each way to answer them."""
    queries = record_queries()
    return cache_figures(queries, replay(queries))


setattr(test_lut_cache_report, "__test__", False)  # noqa: B010 (a report, whatever a test runner thinks of its name)


# ---- shared searches -----------------------------------------------------------------------------------------


def count_lookups(program: Program, n_steps: int, start: Snapshot | None) -> tuple[Counter[str], float]:
    """Count what the kernels of a span ask of the tables, by name of the property kernel.

    The kernels run as plain Python on the compiled look-ups, with all that they hold from step to step: they ask what
    the compiled loop asks.

    Parameters
    ----------
    program : Program
        A lowered plant; it is left at the end of the span.
    n_steps : int
        Steps of the span.
    start : Snapshot, optional
        Where it begins; default: the initial state.

    Returns
    -------
    Counter
        Calls by name.
    float
        Largest difference of a logged value from the compiled engine's, over the largest value of its column.
    """
    calls: Counter[str] = Counter()

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*arguments: Any) -> Any:
            calls[name] += 1
            return function(*arguments)

        return ask

    first = snapshot(program) if start is None else start
    expected = run_span(program, "optimized", n_steps, start).log
    restore(program, first)
    kernels = {f: _kernel_name(f) for f in reference.REPLACEMENTS if _kernel_name(f) in N_VALUES}
    with _stand_ins({f: counted(name, getattr(properties, name)) for f, name in kernels.items()}):
        engine = SimulationEngine(program)
    engine._props = program.arrays.props  # type: ignore[assignment]  # the tables in place of CoolProp
    if start is None:
        engine.begin()
        calls.clear()
    rows: list[FloatArray] = []
    engine.run(n_steps, lambda log, _events: rows.append(log.copy()))
    scale = np.maximum(np.abs(expected).max(axis=0), 1e-6)
    return calls, float((np.abs(np.concatenate(rows) - expected).max(axis=0) / scale).max())


def shared_share(calls: Mapping[str, int]) -> float:
    """Return the share of all property values that come from calls that return several of one state."""
    values = {name: n * N_VALUES[name] for name, n in calls.items()}
    return sum(n for name, n in values.items() if N_VALUES[name] > 1) / max(1, sum(values.values()))


class Sample(NamedTuple):
    """Counted look-ups of a span."""

    name: str
    n_steps: int
    calls: Counter[str]
    deviation: float


def sample_lookups(n_days: int = SAMPLED_DAYS) -> list[Sample]:
    """Count the look-ups of the 8-hour scenario and of days sampled evenly over the year.

    Each day starts from the compiled engine's state at its midnight.
    """
    short = load_scenario("test_8hour")
    _, program = prepare(short)
    n_steps = round(short.hours * 3600.0 / short.step_s)
    samples = [Sample("test_8hour", n_steps, *count_lookups(program, n_steps, None))]
    year = load_scenario("test_full_year")
    _, program = prepare(year)
    n_steps = round(_DAY_S / year.step_s)
    days_in_all = round(year.hours * 3600.0 / _DAY_S)
    chosen = [round((k + 0.5) * days_in_all / n_days) for k in range(n_days)]
    snapshots, _ = year_with_snapshots(program, max(chosen) + 1, n_steps, set(chosen))
    return samples + [
        Sample(f"day {day} of the year", n_steps, *count_lookups(program, n_steps, snapshots[day])) for day in chosen
    ]


def sharing_figures(samples: Sequence[Sample]) -> list[Figure]:
    """Return the share of shared searches of the 8-hour scenario and of the year, scaled from its sampled days."""
    short, days = samples[0], samples[1:]
    steps = round(load_scenario("test_full_year").hours * 3600.0 / load_scenario("test_full_year").step_s)
    calls = sum((day.calls for day in days), Counter[str]())
    factor = steps / sum(day.n_steps for day in days)
    n_values = factor * sum(n * N_VALUES[name] for name, n in calls.items())
    n_shared = n_values * shared_share(calls)
    return [
        Figure("8 hours: values from shared searches, share", shared_share(short.calls), "1", SHARED_BAR, ">="),
        Figure("year: values from shared searches, share", shared_share(calls), "1", SHARED_BAR, ">="),
        Figure("the same, least of the sampled days", min(shared_share(day.calls) for day in days), "1"),
        Figure("year: values asked, in all", n_values / 1e6, "million"),
        Figure("year: values from shared searches", n_shared / 1e6, "million"),
        Figure("year: values asked one by one", (n_values - n_shared) / 1e6, "million"),
        Figure("year: searches", factor * sum(calls.values()) / 1e6, "million"),
        Figure("year: values asked per step", n_values / steps, "1"),
        Figure("counted engine against the compiled one", max(s.deviation for s in samples), "1", TWIN_BAR),
    ]


# ---- printing ------------------------------------------------------------------------------------------------


def _print_figures(console: Console, title: str, figures: Sequence[Figure]) -> bool:
    """Print figures beside their bars; returns whether all are met."""
    table = Table("figure", "measured", "bar", "unit", "", title=title, title_justify="left")
    for f in figures:
        bar = "" if f.bar is None else f"{f.sign} {f.bar:g}"
        mark = "" if f.bar is None else ("met" if f.is_met else "[bold red]MISSED[/]")
        table.add_row(f.name, f"{f.measured:,.4g}", bar, f.unit, mark)
    console.print(table)
    return all(f.is_met for f in figures)


def _print_calls(console: Console, samples: Sequence[Sample]) -> None:
    """Print the calls per step of each property kernel on the sampled days."""
    n_steps = sum(s.n_steps for s in samples[1:])
    calls = sum((s.calls for s in samples[1:]), Counter[str]())
    table = Table("property kernel", "values a call", "calls a step", title="who is asked, year", title_justify="left")
    for name, n in calls.most_common():
        table.add_row(name, str(N_VALUES[name]), f"{n / n_steps:.2f}")
    console.print(table)


def lookup_report(console: Console) -> bool:
    """Measure both questions and print each figure beside its bar; returns whether all bars are met."""
    queries = record_queries()
    n_others = sum(queries.others.values())
    console.print(
        f"test_8hour on the baseline: {len(queries.fluids):,} look-ups of a state (and {n_others:,} calls of inverses "
        "and of the saturation line, which no look-up by pressure and temperature answers)"
    )
    title = "caches and the compiled look-up, on these queries; errors against CoolProp"
    is_met = _print_figures(console, title, cache_figures(queries, replay(queries)))
    samples = sample_lookups()
    title = f"shared searches: counted on test_8hour and {len(samples) - 1} days, scaled to the year"
    is_met &= _print_figures(console, title, sharing_figures(samples))
    _print_calls(console, samples)
    console.print("all bars met" if is_met else "[bold red]some bars missed[/]")
    return is_met


def main(argv: Sequence[str] | None = None) -> int:
    """Print the report; returns 0, or 1 where a bar is missed."""
    argparse.ArgumentParser(prog="python -m h2plant.lookup_statistics", description=__doc__).parse_args(argv)
    return 0 if lookup_report(Console(highlight=False, width=120)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
