"""What may be fitted: a declared parameter as a candidate, by its logarithm where its kind says so."""

from __future__ import annotations

import math

from h2plant.core.declare import Field, Kind
from h2plant.core.role import Maker
from h2plant.fitting.estimate import Candidate


def candidate(name: str, declared: Field, kind: Kind, start: float) -> Candidate:
    """Return a parameter of a kind as a candidate.

    Parameters
    ----------
    name
        Under which it is shown.
    declared
        The parameter.
    kind
        Whose it is: the curve of its stack says which parameters may lie decades away.
    start
        Where the search starts, SI.
    """
    low = -math.inf if declared.ge is None else declared.ge
    high = math.inf if declared.le is None else declared.le
    role = kind.role
    curve = role.curve() if isinstance(role, Maker) and role.curve is not None else None
    is_log = curve is not None and start > 0.0 and declared.name in curve.log_candidates
    return Candidate(name, declared.unit, start, low, high, is_log)
