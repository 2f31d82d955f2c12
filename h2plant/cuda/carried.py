"""Which species streams do not carry, so that no word need be kept for them on the device.

It is a guess, from a run of one plant on the processor. A lane in which another plant carries such a species all the
same says so (``lanes.MISJUDGED``), and the plant runs once more with words for all slots: no result rests on the guess.
"""

from __future__ import annotations

import numpy as np

from h2plant.core.bus import ENTHALPY, LIQUID, VAPOUR
from h2plant.simulation.engine import SimulationFailure
from h2plant.simulation.manager_optimized import SimulationEngineOptimized
from h2plant.simulation.program import Program, copy_program

SPECIES = range(ENTHALPY)
"""Slots of a stream that hold mass flows."""


def slots_not_carried(program: Program, n_steps: int) -> list[int]:
    """Return the slots of species that streams do not carry in a run of the plant.

    A stream that has no flow in it (a relief, a vent) loses only species that no stream of the plant carries. Water
    is one species in two phases: what carries vapour may carry liquid on another day.

    Parameters
    ----------
    program
        A program that has begun; it is left as it is.
    n_steps
        Steps of the run.

    Returns
    -------
    list of int
        Empty if the plant fails.
    """
    trial = copy_program(program)
    a = trial.arrays
    a.totals[:] = 0.0
    try:
        SimulationEngineOptimized(trial).run(n_steps)
    except SimulationFailure:
        return []
    is_empty = (program.arrays.bus == 0.0) & (a.bus == 0.0) & (a.totals == 0.0) & (a.interval_sum == 0.0)
    streams = np.array([flow.slot for flow in program.flows if flow.medium == "stream"], dtype=np.int64)
    empty = np.stack([is_empty[streams + k] for k in SPECIES], axis=1)
    empty[:, [VAPOUR, LIQUID]] = (empty[:, VAPOUR] & empty[:, LIQUID])[:, None]
    empty[empty.all(axis=1)] = empty.all(axis=0)
    found = {int(slot) + k for slot, row in zip(streams, empty, strict=True) for k in SPECIES if row[k]}
    found |= {int(copy) for source, copy in a.copies if int(source) in found and is_empty[copy]}
    return sorted(found)
