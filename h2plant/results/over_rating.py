"""Converters that carried more than their rating: for how long, and how hot they got against where they trip."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.constants import TEMPERATURE_OFFSET_K
from h2plant.core.role import Converter, HeatLimit
from h2plant.results.idle_line import Log
from h2plant.results.totals import Totals
from h2plant.simulation.program import FloatArray

_OVER = 1.0 + 1e-6


def over_ratings(totals: Totals, log: Log) -> list[str]:
    """Return a note of each converter that carried more than its rating in an interval of the log.

    Parameters
    ----------
    totals
        Of the run.
    log
        Reads columns of its log.
    """
    return [note for i in totals.of_role(Converter) for note in _of_converter(totals, i, log)]


def _of_converter(totals: Totals, component: int, log: Log) -> Iterator[str]:
    id_, role = totals.program.component_ids[component], totals.roles[component]
    columns = log([f"{id_}.{role.load}"]) if role.load else []
    if not columns or not np.any(columns[0] > _OVER):
        return
    load, every_s = columns[0], totals.program.log_every_s
    hours = float(np.count_nonzero(load > _OVER)) * every_s / 3600.0
    heat = [_heat(totals, id_, limit, load, log) for limit in role.limits]
    text = f"carried more than its rating for {hours:,.3g} h, {np.max(load):.0%} of it at most"
    text += f" (means over {every_s / 60.0:g} min)" if every_s > 60 else ""
    yield f"[over-rating] {id_}: {'; '.join([text, *heat])}; {role.over}"


def _heat(totals: Totals, id_: str, limit: HeatLimit, load: FloatArray, log: Log) -> str:
    """Return how hot a part of a converter got, and at what it trips."""

    def value(name: str) -> float:
        return totals.program.value(f"{id_}.{name}")

    (state,) = log([f"{id_}.{limit.state}"])
    rise_k: float | FloatArray = value(limit.rise) * load**limit.exponent if limit.rise else 0.0
    hottest_degc, at_degc = (float(v) - TEMPERATURE_OFFSET_K for v in (np.max(state + rise_k), value(limit.limit)))
    return f"{limit.part} {hottest_degc:.0f} degC at most, and it trips at {at_degc:.0f}"
