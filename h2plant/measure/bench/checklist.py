"""The optimisation checklist as data: every line with its place, its command, its bar and where its figure comes from.

``measures`` takes the figures, ``checklist_report`` prints them. A line names a source (a function of
``measures.Measures``) and how the figure is called there; a line without a source states something and is no figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from h2plant.plant.finding import Finding, PlantError


@dataclass(frozen=True)
class Item:
    """A line of the checklist.

    Attributes
    ----------
    point
        Number of the point it belongs to, 1 to 12.
    item, where, command
        What it is, where it lives, and the command that shows it.
    source, figure
        Which measurement, and how the figure's name there begins; '' for a line that states something.
    statement
        What a line without a figure states.
    cause
        Why it falls short, if it does; a miss without a cause makes the checklist fail.
    """

    point: int
    item: str
    where: str
    command: str
    source: str = ""
    figure: str = ""
    statement: str = ""
    cause: str = ""


_LUT = "h2plant/core/lut_manager_optimized.py"
_LOOKUPS = "h2plant bench lookups"
_OPS = "h2plant/core/numba_ops_enhanced.py"
_THERMAL = "python tests/test_optimization.py --test-thermal"
_ENGINE = "h2plant/simulation/manager_optimized.py"
_MONITOR = "h2plant/measure/trend"

ITEMS: tuple[Item, ...] = (
    Item(1, "hit rate with quantisation", _LUT, _LOOKUPS, "lut", "cache, quantised states: hit rate"),
    Item(1, "hit rate without", _LUT, _LOOKUPS, "lut", "cache, exact states: hit rate"),
    Item(1, "average look-up, quantised", _LUT, _LOOKUPS, "lut", "cache, quantised states: time"),
    Item(1, "average look-up, exact states", _LUT, _LOOKUPS, "lut", "cache, exact states: time"),
    Item(
        1,
        "average look-up, no cache (default)",
        "h2plant/core/lut_manager.py",
        _LOOKUPS,
        "lut",
        "compiled look-up: time",
    ),
    Item(1, "batch, per value", "h2plant/core/properties/batch.py", _LOOKUPS, "lut", "batch: time"),
    Item(1, "what quantisation costs: largest error", _LUT, _LOOKUPS, "lut", "cache, quantised states: largest error"),
    Item(2, "thermal step in a compiled loop", _OPS, _THERMAL, "steps", "thermal step in a compiled loop"),
    Item(2, "batch of 50 thermal steps", _OPS, _THERMAL, "steps", "batch of 50 thermal steps"),
    Item(2, "pump flow step", _OPS, _THERMAL, "steps", "pump flow step"),
    Item(2, "pressure step", _OPS, _THERMAL, "steps", "pressure step"),
    Item(2, "efficiency", _OPS, _THERMAL, "steps", "efficiency in a compiled loop"),
    Item(2, "batch_lookup_vectorized, per value", _OPS, _THERMAL, "tables", "batch_lookup_vectorized"),
    Item(
        3,
        "thermal work as one batch, per step",
        _ENGINE,
        "python -m benchmarks --only thermal_steps",
        "thermal",
        "all ",
    ),
    Item(
        3,
        "whole kernels of kinds with a temperature, per step",
        _ENGINE,
        "python -m benchmarks --only thermal_steps",
        "thermal",
        "whole kernels of all kinds",
    ),
    Item(
        4,
        "look-ups through shared index or batch",
        "h2plant/core/properties/__init__.py",
        _LOOKUPS,
        "sharing",
        "year: values from shared searches, share",
    ),
    Item(
        5,
        "top consumers, profile file",
        "h2plant/measure/profile",
        "python main.py test_full_year --profile",
        statement="docs/profiling.md; findings in docs/OPTIMIZATION_LOG.md",
    ),
    Item(
        6,
        "peak memory of the year",
        "h2plant/results/folder.py",
        "python main.py test_full_year --profile",
        "command",
        "peak memory",
    ),
    Item(
        7,
        "largest difference of a total from the baseline, sampled days",
        "h2plant/measure/accuracy",
        "h2plant run test_full_year --validate-accuracy",
        "comparison",
        "largest difference of a total",
    ),
    Item(
        7,
        "the same over the whole year",
        "docs/ACCURACY_VALIDATION.md",
        "h2plant run test_full_year --validate-accuracy=full",
        statement="docs/ACCURACY_VALIDATION.md is such a report",
    ),
    Item(
        8,
        "cache, thermal accuracy, determinism, memory",
        "tests/test_optimization.py",
        "python -m pytest tests/test_optimization.py",
        "tests",
        "tests failed",
    ),
    Item(
        9,
        "efficiency of an ensemble on the cores there are",
        "h2plant/session/ensemble.py",
        "h2plant bench scaling",
        "scaling",
        "least efficiency of the ensemble",
    ),
    Item(
        10,
        "compiled year against baseline",
        "h2plant/measure/bench/comparison.py",
        "h2plant bench speed-up",
        "comparison",
        "speed-up",
        cause="the baseline needs 4 to 7 ms a step, not 10 to 30: the same kernels, which end early without flow and "
        "search from the last step's value (docs/performance.md)",
    ),
    *(
        Item(
            10,
            f"year against {h:g} h",
            "h2plant/cli/application.py",
            "h2plant bench speed-up",
            "comparison",
            f"year, whole command, against {h:g} h",
        )
        for h in (24.0, 4.0, 2.5, 1.0)
    ),
    Item(
        10,
        "year in the loop, per component-step",
        "h2plant/simulation/loop.py",
        "h2plant bench year",
        "year",
        "per component-step",
        cause="every minute's wind differs: no component sees the same inputs twice (docs/performance.md)",
    ),
    Item(
        11,
        "troubleshooting, ways back, limitations",
        "docs/troubleshooting.md",
        "h2plant run test_8hour --engine baseline",
        statement="also H2PLANT_DISABLE_JIT=1; docs/known_limitations.md, CHANGELOG.md; tests exercise both",
    ),
    Item(12, "records of runs, trend, alarms, export", _MONITOR, "h2plant monitor", statement="docs/monitoring.md"),
    Item(
        12,
        "HEAD against the last release",
        "benchmarks/compare_release.py",
        "python -m benchmarks.compare_release",
        statement="prints the ratio; its short form is part of make test",
    ),
)
"""All lines, by point."""


@dataclass(frozen=True)
class Metric:
    """A line of the specification's form of success metrics."""

    name: str
    source: str
    figure: str


METRICS: tuple[Metric, ...] = (
    Metric("cache hit rate", "lut", "cache, quantised states: hit rate"),
    Metric("look-up time", "lut", "compiled look-up: time"),
    Metric("thermal step time", "steps", "thermal step in a compiled loop"),
    Metric("8-hour run time, whole command", "short", "whole command"),
    Metric("full-year run time, whole command", "command", "whole command"),
    Metric("speed-up against the baseline", "comparison", "speed-up"),
    Metric("peak memory", "command", "peak memory"),
    Metric("accuracy error", "comparison", "largest difference of a total"),
    Metric("tests failed", "tests", "tests failed"),
    Metric("tests passing", "tests", "tests passing"),
    Metric("multi-core run time, as many years as cores", "scaling", "wall time"),
    Metric("multi-core efficiency", "scaling", "least efficiency of the ensemble"),
    Metric("GPU run time", "gpu", "year on the GPU"),
)
"""The form, in its order."""


def chosen(points: Sequence[str] | None) -> tuple[Item, ...]:
    """Return the lines of some points (default: all).

    Raises
    ------
    PlantError
        There is no such point.
    """
    known = {str(item.point) for item in ITEMS}
    for point in points or ():
        if point not in known:
            remedy = f"choose from {', '.join(sorted(known, key=int))}"
            raise PlantError([Finding("unknown-point", "--only", f"the checklist has no point '{point}'", remedy)])
    return tuple(item for item in ITEMS if points is None or str(item.point) in points)
