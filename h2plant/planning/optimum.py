"""The best operation of a reduced plant over some intervals: a mixed-integer or linear program, solved by HiGHS.

Units inside: MW, kg/h, kg, EUR; docs/planning.md writes the program out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from h2plant.planning.formulation import Formulation, Optimum, Start, Values, Window
from h2plant.planning.reduced import ReducedPlant
from h2plant.plant.finding import Finding, PlantError

__all__ = ["Optimum", "Start", "Values", "Window", "binding_constraint", "optimise", "require_highs"]


def require_highs() -> Any:
    """Return the module ``highspy``.

    Raises
    ------
    PlantError
        If it is not installed: says how to.
    """
    try:
        import highspy
    except ImportError:
        what = "planning needs the solver HiGHS (highspy), which is not installed"
        remedy = "install it with: pip install 'h2plant[plan]'"
        raise PlantError([Finding("no-solver", "planning", what, remedy)]) from None
    return highspy


def optimise(
    reduced: ReducedPlant,
    window: Window,
    start: Start,
    values: Values,
    *,
    firm_frac: float = 0.0,
    gap_frac: float = 0.005,
    is_relaxed: bool = False,
    time_limit_s: float = 20.0,
) -> Optimum:
    """Return the operation of a reduced plant that earns most.

    Parameters
    ----------
    reduced, window, start, values
        The plant, the intervals, the state before them, and what hydrogen is worth.
    firm_frac
        Share of the demand that must be met; what cannot be is ``unmet_kg_per_h``.
    gap_frac
        Relative gap to the best operation at which the search may end.
    is_relaxed
        Lines may run in part: a linear program; its optimum is an upper bound of the mixed-integer one's.
    time_limit_s
        The search ends here at the latest, with the best found.

    Raises
    ------
    PlantError
        If the solver is not installed, or finds nothing.
    """
    is_below = None
    if not is_relaxed and reduced.call_band_frac > 0.0 and (window.customers or reduced.reconversion is not None):
        # trailers call by the level: where it will be below their band, the linear program says
        stored = _solved(Formulation(reduced, window, start, values, firm_frac), 0.0, True, time_limit_s).stored_kg
        before = np.concatenate([[start.stored_kg], stored[:-1]])
        is_below = before < reduced.call_band_frac * reduced.capacity_kg
    program = Formulation(reduced, window, start, values, firm_frac, is_below)
    return _solved(program, gap_frac, is_relaxed, time_limit_s)


def _solved(program: Formulation, gap_frac: float, is_relaxed: bool, time_limit_s: float) -> Optimum:
    """Return the solution of a program; see ``optimise``."""
    highspy = require_highs()
    solver = _silent(highspy)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 1)
    solver.setOptionValue("mip_rel_gap", gap_frac)
    if not is_relaxed:
        solver.setOptionValue("time_limit", time_limit_s)
    solver.passModel(program.model(highspy, is_relaxed))
    solver.run()
    solution = solver.getSolution()
    x = np.array(solution.col_value)
    if x.size != program.n_variables or not solution.value_valid:
        what = f"the solver found no operation: {solver.modelStatusToString(solver.getModelStatus())}"
        remedy = "look at import limit, storage and smallest powers of the lines"
        raise PlantError([Finding("no-plan", "planning", what, remedy)])
    info = solver.getInfo()
    bound = -info.objective_function_value if is_relaxed else -info.mip_dual_bound
    return program.read(x, float(bound))


def _silent(highspy: Any) -> Any:
    """Return a solver that prints nothing: its own constructor would print a header before it can be told."""

    class Solver(highspy.Highs):  # type: ignore[misc]
        def enableCallbacks(self) -> Any:
            self.setOptionValue("output_flag", False)
            return super().enableCallbacks() if hasattr(super(), "enableCallbacks") else None

    solver = Solver()
    solver.setOptionValue("output_flag", False)
    return solver


def binding_constraint(
    reduced: ReducedPlant, window: Window, start: Start, values: Values, firm_frac: float
) -> tuple[str, str]:
    """Return (what binds, how to mend it) where a firm demand cannot be met.

    Each limit in turn is set aside; the first without which the demand is met binds.
    """
    lines = tuple(
        replace(
            line,
            maximum_mw=100.0 * line.maximum_mw,
            powers_mw=(*line.powers_mw[:-1], 100.0 * line.powers_mw[-1]),
            flows_kg_per_h=(*line.flows_kg_per_h[:-1], 100.0 * line.flows_kg_per_h[-1]),
        )
        for line in reduced.lines
    )
    rest = sum(line.flows_kg_per_h[-1] for line in reduced.lines)
    tank = replace(reduced, capacity_kg=1000.0 * reduced.capacity_kg, call_band_frac=0.0)
    import_limit = replace(reduced, import_limit_mw=reduced.import_limit_mw + 1.0e4)
    cases = (
        (
            "the trailers are called by the storage's level",
            replace(reduced, call_band_frac=0.0),
            "lower 'call_band_frac'",
        ),
        (
            f"the storage of {reduced.capacity_kg:,.0f} kg is too small",
            tank,
            "give it more vessels or a higher pressure",
        ),
        (
            f"the power is too little: own power and {reduced.import_limit_mw:g} MW of imports",
            import_limit,
            "raise 'import_limit_mw' of the grid and 'purchase_limit_mw' of the dispatch, or the own power",
        ),
        (
            f"the lines are too small: they make at most {rest:,.0f} kg/h",
            replace(import_limit, lines=lines),
            "give them more units and a higher 'line_power_mw'",
        ),
    )
    for what, without, remedy in cases:
        found = optimise(without, window, start, values, firm_frac=firm_frac, is_relaxed=True)
        if float(found.unmet_kg_per_h.sum()) * window.interval_h < 0.5:
            return what, remedy
    return (
        "storage, power and lines together are too small",
        "raise 'import_limit_mw', the lines' powers and the storage",
    )
