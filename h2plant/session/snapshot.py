"""Where a session stands, kept in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from h2plant.results.ledger import Bookkeeper
from h2plant.simulation.engine import Event
from h2plant.simulation.program import FloatArray


@dataclass(frozen=True)
class SessionSnapshot:
    """Where a session stands; ``Session.restore`` goes back to it, also in another session of the same run.

    Attributes
    ----------
    run
        Digest of the plant, start and step: of which run it is.
    step_number
        Steps done.
    state
        Copies of all that the loop writes: states, bus, sums, totals, events under way, position in log and series.
    planning
        Where the planner stands; None without one.
    """

    run: tuple[str, datetime, int]
    step_number: int
    state: Mapping[str, Any]
    planning: Any
    _keeper: Bookkeeper
    _rows: tuple[FloatArray, ...]
    _events: tuple[Event, ...]
