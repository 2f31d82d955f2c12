"""What a look-up costs and how it is asked for: caches on real queries, shared searches over the year.

Two questions, each answered with figures beside their bars (``python -m h2plant.measure.tables.lookup_statistics``):

* What do a cache and quantised states in front of the compiled look-up give and cost? The queries of the baseline on
  the 8-hour scenario are recorded, with CoolProp's answers, and asked again in each way (``cache_figures``).
* How many property values of the year come from a search that serves several? The compiled loop has no room for
  counters; its kernels run as plain Python on the same tables, and every call is counted (``sharing_figures``).
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from h2plant.config.scenario import load_scenario
from h2plant.core import properties
from h2plant.core.constants import DAY_S
from h2plant.core.properties import reference
from h2plant.core.properties.reference import REPLACEMENTS
from h2plant.core.terminal import Terminal
from h2plant.measure.accuracy.stretch import survey
from h2plant.measure.measured import Measured, print_measured, print_verdict
from h2plant.measure.tables.lookup_queries import (
    BATCH,
    EXACT,
    QUANTISED,
    Queries,
    Way,
    kernel_name,
    record_queries,
    relative_errors,
    replay,
    stand_ins,
)
from h2plant.measure.validate import run_span
from h2plant.session.session import prepare
from h2plant.simulation.engine import Snapshot, restore, snapshot
from h2plant.simulation.manager import SimulationEngine
from h2plant.simulation.program import FloatArray, Program

HIT_RATE_TARGET = 0.7
LOOKUP_TARGET_NS = 1000.0
BATCH_TARGET_NS = 20.0
SHARED_TARGET = 0.5
TWIN_TARGET = 1.0e-7
ACCURACY_TARGET = 1.0e-3
SAMPLED_DAYS = 6


KERNELS = {name for name in properties.__all__ if not name.startswith("FLUID_")}
"""Names of all property kernels."""


def n_values(name: str, arguments: Sequence[Any]) -> int:
    """Return how many property values a call of a property kernel asks; more than one come from one shared search.

    What the stand-in of the same name is declared to return says so, except for kernels that serve several gases.
    """
    if name.startswith("gases_"):  # (props, h2, o2, n2, ..): of each gas that flows
        n_flowing = sum(1 for flow in arguments[1:4] if flow > 0.0)
        return 2 * n_flowing if name == "gases_enthalpy_heat_capacity" else n_flowing
    if name == "each_gas_enthalpy_heat_capacity":
        return 6
    return max(1, str(getattr(reference, name).__annotations__["return"]).count("float"))


def cache_figures(queries: Queries, ways: Sequence[Way]) -> list[Measured]:
    """Return time, hit rate and errors of each way beside their bars.

    Two figures are told without a bar, for they are why neither cache is the default: the time with exact states, which
    hardly ever hit, and the errors of quantised ones.
    """
    table = ways[0].values
    figures = []
    for way in ways:
        is_quantised = way.name == QUANTISED
        target = {BATCH: BATCH_TARGET_NS, EXACT: None}.get(way.name, LOOKUP_TARGET_NS)
        figures.append(Measured(f"{way.name}: time per value", way.ns_per_lookup, "ns", target))
        if way.hit_rate is not None:
            rate_target = HIT_RATE_TARGET if is_quantised else None
            figures.append(Measured(f"{way.name}: hit rate", way.hit_rate, "1", rate_target, ">="))
            figures.append(Measured(f"{way.name}: entries", way.n_entries, "1", 10_000))
            figures.append(Measured(f"{way.name}: memory", way.n_bytes / 1e6, "MB"))
        largest, mean = relative_errors(queries, way, queries.answers)
        figures.append(Measured(f"{way.name}: largest error", largest, "1", None if is_quantised else ACCURACY_TARGET))
        figures.append(Measured(f"{way.name}: mean error", mean, "1", None if is_quantised else ACCURACY_TARGET))
        if way is not ways[0]:
            largest, mean = relative_errors(queries, way, table)
            figures.append(Measured(f"{way.name}: largest difference from the table", largest, "1"))
            figures.append(Measured(f"{way.name}: mean difference from the table", mean, "1"))
    return figures


def test_lut_cache_report() -> list[Measured]:
    """Record the 8-hour scenario's queries and return (name, measured, unit, bar, sign) of each way to answer them."""
    queries = record_queries()
    return cache_figures(queries, replay(queries))


setattr(test_lut_cache_report, "__test__", False)  # noqa: B010 (a report, whatever a test runner thinks of its name)


# ---- shared searches -----------------------------------------------------------------------------------------


Calls = Counter[tuple[str, int]]
"""(Property kernel, property values asked by a call) -> number of calls."""


def count_lookups(program: Program, n_steps: int, start: Snapshot | None) -> tuple[Calls, float]:
    """Count what the kernels of a span ask of the tables.

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
        Calls by name and values asked.
    float
        Largest difference of a logged value from the compiled engine's, over the largest value of its column.
    """
    calls: Calls = Counter()

    def counted(name: str) -> Callable[..., Any]:
        function = getattr(properties, name)

        def ask(*arguments: Any) -> Any:
            calls[name, n_values(name, arguments)] += 1
            return function(*arguments)

        return ask

    first = snapshot(program) if start is None else start
    expected = run_span(program, "optimized", n_steps, start).log
    restore(program, first)
    with stand_ins({full: counted(kernel_name(full)) for full in REPLACEMENTS}, is_held=True):
        engine = SimulationEngine(program)
    engine._props = program.arrays.props  # type: ignore[assignment]  # the tables in place of CoolProp
    if start is None:
        engine.begin()
        calls.clear()
    rows: list[FloatArray] = []
    engine.run(n_steps, lambda log, _events: rows.append(log.copy()))
    scale = np.maximum(np.abs(expected).max(axis=0), 1e-6)
    return calls, float((np.abs(np.concatenate(rows) - expected).max(axis=0) / scale).max())


def shared_share(calls: Mapping[tuple[str, int], int]) -> float:
    """Return the share of all property values that come from calls that ask several at once."""
    n_shared = sum(n * values for (_, values), n in calls.items() if values > 1)
    return n_shared / max(1, sum(n * values for (_, values), n in calls.items()))


class Sample(NamedTuple):
    """Counted look-ups of a span."""

    name: str
    n_steps: int
    calls: Calls
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
    n_steps = round(DAY_S / year.step_s)
    days_in_all = round(year.hours * 3600.0 / DAY_S)
    chosen = [round((k + 0.5) * days_in_all / n_days) for k in range(n_days)]
    snapshots = survey(program, (max(chosen) + 1) * n_steps, {day * n_steps for day in chosen})[0]
    return samples + [
        Sample(f"day {day} of the year", n_steps, *count_lookups(program, n_steps, snapshots[day * n_steps]))
        for day in chosen
    ]


def sharing_figures(samples: Sequence[Sample]) -> list[Measured]:
    """Return the share of shared searches of the 8-hour scenario and of the year, scaled from its sampled days."""
    short, days = samples[0], samples[1:]
    steps = round(load_scenario("test_full_year").hours * 3600.0 / load_scenario("test_full_year").step_s)
    calls = sum((day.calls for day in days), Calls())
    factor = steps / sum(day.n_steps for day in days)
    n_asked = factor * sum(n * values for (_, values), n in calls.items())
    n_shared = n_asked * shared_share(calls)
    return [
        Measured("8 hours: values from shared searches, share", shared_share(short.calls), "1", SHARED_TARGET, ">="),
        Measured("year: values from shared searches, share", shared_share(calls), "1", SHARED_TARGET, ">="),
        Measured("the same, least of the sampled days", min(shared_share(day.calls) for day in days), "1"),
        Measured("year: values asked, in all", n_asked / 1e6, "million"),
        Measured("year: values from shared searches", n_shared / 1e6, "million"),
        Measured("year: values asked one by one", (n_asked - n_shared) / 1e6, "million"),
        Measured("year: searches", factor * sum(n for (_, values), n in calls.items() if values) / 1e6, "million"),
        Measured("year: values asked per step", n_asked / steps, "1"),
        Measured("counted engine against the compiled one", max(s.deviation for s in samples), "1", TWIN_TARGET),
    ]


# ---- printing ------------------------------------------------------------------------------------------------


def _print_calls(console: Console, samples: Sequence[Sample]) -> None:
    """Print the calls per step of each property kernel on the sampled days."""
    n_steps = sum(s.n_steps for s in samples[1:])
    calls = sum((s.calls for s in samples[1:]), Calls())
    table = Table("property kernel", "values a call", "calls a step", title="who is asked, year", title_justify="left")
    for (name, values), n in calls.most_common():
        table.add_row(name, str(values), f"{n / n_steps:.2f}")
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
    is_met = print_measured(console, title, cache_figures(queries, replay(queries)))
    samples = sample_lookups()
    title = f"shared searches: counted on test_8hour and {len(samples) - 1} days, scaled to the year"
    is_met &= print_measured(console, title, sharing_figures(samples))
    _print_calls(console, samples)
    return print_verdict(console, is_met)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the report; returns 0, or 1 where a bar is missed."""
    prog = "python -m h2plant.measure.tables.lookup_statistics"
    argparse.ArgumentParser(prog=prog, description=__doc__).parse_args(argv)
    return 0 if lookup_report(Terminal(width=120)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
