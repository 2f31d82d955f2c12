"""Converters that carried more than their rating: for how long, and how hot they got against where they trip."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from h2plant.core.constants import TEMPERATURE_OFFSET_K
from h2plant.core.role import Converter, HeatLimit
from h2plant.results.idle_line import Log
from h2plant.results.totals import Totals
from h2plant.simulation.program import FloatArray


def over_ratings(totals: Totals, reported: Mapping[str, tuple[float, float]], log: Log) -> list[str]:
    """Return a note of each converter that carried more than its rating.

    Parameters
    ----------
    totals
        Of the run.
    reported
        By component for how many steps it said so, and the most, W above its rating.
    log
        Reads columns of the run's log, of those converters alone: that takes 30 MB for a year of minutes.
    """
    ids, roles = totals.program.component_ids, totals.roles
    over = [i for i in totals.of_role(Converter) if roles[i].load and ids[i] in reported]
    return [_of_converter(totals, i, *reported[ids[i]], log) for i in over]


def _of_converter(totals: Totals, component: int, steps: float, most_w: float, log: Log) -> str:
    program, role = totals.program, totals.roles[component]
    id_, every_s = program.component_ids[component], program.log_every_s
    (load,) = log([f"{id_}.{role.load}"])
    hours = steps * program.step_s / 3600.0
    is_coarse = every_s > program.step_s
    seen = f"in the log of {every_s / 60.0:g} min, which hides shorter peaks, " if is_coarse else ""
    heat = "; ".join(_heat(totals, id_, limit, load, log) for limit in role.limits)
    text = (
        f"carried more than its rating for {hours:,.{0 if hours >= 100.0 else 2}f} h, by {most_w / 1e3:,.4g} kW at most"
    )
    return f"[over-rating] {id_}: {text}; {seen}{heat}; {role.over}"


def _heat(totals: Totals, id_: str, limit: HeatLimit, load: FloatArray, log: Log) -> str:
    """Return how hot a part of a converter got, and at what it trips."""

    def value(name: str) -> float:
        return totals.program.value(f"{id_}.{name}")

    (state,) = log([f"{id_}.{limit.state}"])
    rise_k: float | FloatArray = value(limit.rise) * load**limit.exponent if limit.rise else 0.0
    hottest_degc, at_degc = (float(v) - TEMPERATURE_OFFSET_K for v in (np.max(state + rise_k), value(limit.limit)))
    return f"{limit.part} {hottest_degc:.0f} degC, and it trips at {at_degc:.0f}"
