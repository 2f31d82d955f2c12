"""Checks that a user can repeat: tables, engines against each other, balances, step sizes.

Each check returns what it measured beside its target; ``validate`` prints them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from rich.console import Console

from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.measure.accuracy.comparison import Comparison, compare
from h2plant.measure.accuracy.deviation import TARGET_FRAC as COLUMN_TARGET
from h2plant.measure.accuracy.stretch import FAST, SLOW
from h2plant.measure.measured import Measured, print_measured, print_verdict
from h2plant.results.ledger import Ledger
from h2plant.results.summary import totals
from h2plant.results.warning import MOST_RESIDUAL
from h2plant.session.session import ProgramRun, Session, prepare
from h2plant.simulation.engine import Snapshot, restore
from h2plant.simulation.program import FloatArray, Program

TOTAL_TARGET = 1.0e-4
STEP_TARGET = 1.0e-3
_N_WORST = 5


@dataclass(frozen=True)
class Span:
    """What one engine gave over a span: log rows, totals by name, end state."""

    log: FloatArray
    totals: dict[str, float]


def run_span(program: Program, engine_name: str, n_steps: int, start: Snapshot | None) -> Span:
    """Run n_steps with an engine, from a snapshot or from the initial state."""
    if start is not None:
        restore(program, start)
    run = ProgramRun(program, engine_name)
    if start is None:
        run.begin()
    else:
        run.open_balances()
    rows: list[FloatArray] = []
    run.engine.run(n_steps, lambda log, _events: rows.append(log.copy()))
    return Span(np.concatenate(rows), totals(program, run.ledger()))


def compare_columns(comparison: Comparison) -> list[Measured]:
    """Return the five worst columns: largest deviation over the column's range (see ``column_scale``)."""
    error = comparison.relative
    worst = np.argsort(error)[::-1][:_N_WORST].tolist()
    names = [column.name for column in comparison.columns]
    rows = [Measured(f"column {names[k]}", float(error[k]), "of its range", COLUMN_TARGET) for k in worst]
    n_beyond = int((error > COLUMN_TARGET).sum())
    return [*rows, Measured(f"columns beyond the bar, of {error.size}", n_beyond, "columns", 0)]


def compare_totals(
    label: str, optimised: dict[str, float], baseline: dict[str, float], target: float
) -> list[Measured]:
    """Return one row per total: relative difference."""
    return [
        Measured(f"{label}: {name}", abs(optimised[name] - value) / max(abs(value), 1e-30), target=target)
        for name, value in baseline.items()
        if value != 0.0 or optimised[name] != 0.0
    ]


def check_engines(days: int) -> Iterator[tuple[str, list[Measured]]]:
    """Compare the engines on the 8-hour scenario and on whole days sampled evenly over the year."""
    for name, title in (
        ("test_8hour", "engines on test_8hour"),
        ("test_full_year", f"engines on {days} days of the year"),
    ):
        found = compare(load_scenario(name), days=days)
        found.forget()
        rows = compare_columns(found) + compare_totals("total", found.totals[FAST], found.totals[SLOW], TOTAL_TARGET)
        yield f"{title} ({found.n_steps} steps)", rows


def check_balances() -> Iterator[tuple[str, list[Measured]]]:
    """Run the year and return the largest residuals of mass and energy."""
    year = load_scenario("test_full_year")
    session = Session(year)
    session.begin()
    session.engine.run(session.n_steps)
    yield "balances over the year", balance_rows(session.ledger())


def balance_rows(ledger: Ledger) -> list[Measured]:
    """Return one row per species and energy: worst component, and the plant."""
    rows = []
    relative = np.abs(ledger.relative_residual)
    for k, item in enumerate(("hydrogen", "oxygen", "nitrogen", "water", "energy")):
        worst = int(relative[:, k].argmax())
        where = ledger.component_ids[worst]
        rows.append(Measured(f"{item}, worst component ({where})", float(relative[worst, k]), target=MOST_RESIDUAL))
        rows.append(Measured(f"{item}, plant", abs(float(ledger.plant_residual[k])), target=MOST_RESIDUAL))
    return rows


def check_steps() -> Iterator[tuple[str, list[Measured]]]:
    """Run a sampled week at 60 s and at 1 s and compare totals."""
    week = changed_scenario(load_scenario("test_full_year"), hours=168.0, start="2023-03-06")
    by_step = {}
    for step_s in (60, 1):
        _, program = prepare(changed_scenario(week, step_s=step_s))
        by_step[step_s] = run_span(program, "optimized", round(week.hours * 3600.0 / step_s), None).totals
    yield "a week at 60 s against 1 s", compare_totals("total", by_step[60], by_step[1], STEP_TARGET)


def check_tables() -> Iterator[tuple[str, list[Measured]]]:
    """Check the property tables at 20,000 random points each."""
    from h2plant.measure.tables.validate import validate_tables

    yield "property tables", validate_tables()


def validate(console: Console, what: str, days: int) -> bool:
    """Run the checks asked for and print them; returns whether all bars are met."""
    checks: dict[str, Callable[[], Iterator[tuple[str, list[Measured]]]]] = {
        "tables": check_tables,
        "balances": check_balances,
        "steps": check_steps,
        "engines": lambda: check_engines(days),
    }
    is_met = True
    for name, check in checks.items():
        if what not in (name, "all"):
            continue
        for title, rows in check():
            is_met &= print_measured(console, title, rows)
    return print_verdict(console, is_met)
