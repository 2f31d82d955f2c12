"""Verdicts: whether a scenario has become slower, larger or less exact on this machine.

The test is robust on both sides. The level before is the median of the last ten comparable runs, their spread the
median absolute deviation of the last thirty (times 1.4826: the standard deviation, were the noise normal; Rousseeuw and
Croux 1993, doi:10.1080/01621459.1993.10476408). The level now is the mean of the last three runs but for the worst one,
so a single run that something else on the machine disturbed never raises a flag.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from h2plant.measure.trend.thresholds import METRICS, Thresholds
from h2plant.session.machine import Machine, this_machine
from h2plant.session.record import Record

SIGMA_PER_MAD = 1.4826

State = Literal["good", "regression", "beyond limit", "too few runs", "not judged", "not measured"]


@dataclass(frozen=True)
class Verdict:
    """What is said of one quantity of one group of runs.

    Parameters
    ----------
    metric
        Name of the quantity.
    state
        The verdict.
    latest, recent
        Value of the last run, and level of the recent ones; None where there is none.
    median, spread
        Of the runs before; None with too few.
    change_frac
        ``recent / median - 1``; None with too few runs or a median of 0.
    limit
        The limit that was applied.
    """

    metric: str
    state: State
    latest: float | None = None
    recent: float | None = None
    median: float | None = None
    spread: float | None = None
    change_frac: float | None = None
    limit: float | None = None

    @property
    def is_flagged(self) -> bool:
        """Whether it counts against the run."""
        return self.state in ("regression", "beyond limit")


@dataclass(frozen=True)
class Group:
    """Runs that can be compared, the oldest first, with a verdict for each quantity that is judged."""

    records: tuple[Record, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def latest(self) -> Record:
        """The last run."""
        return self.records[-1]

    @property
    def is_flagged(self) -> bool:
        """Whether anything counts against the last runs."""
        return any(verdict.is_flagged for verdict in self.verdicts)

    @property
    def title(self) -> str:
        """The group in words."""
        r = self.latest
        if r.source == "bench":
            return f"benchmark {r.scenario}"
        return f"{r.scenario}, {r.hours:g} h in steps of {r.step_s:g} s, {r.way}"


def groups(records: Sequence[Record], thresholds: Thresholds, machine: Machine | None = None) -> list[Group]:
    """Return the comparable runs of a machine, judged; the group that ran last comes first.

    Runs that did not come to their end are left out. Of a scenario that was changed, the runs before the change are
    not comparable and are left out as well.

    Parameters
    ----------
    records
        The history, the oldest first.
    thresholds
        When to raise a flag.
    machine
        Default: this machine.
    """
    here = machine or this_machine()
    kept: dict[tuple[object, ...], list[Record]] = {}
    for r in records:
        if not r.is_complete or Machine(r.cpu, r.n_cores, r.system) != here:
            continue
        runs = kept.setdefault(r.group, [])
        runs.append(r)
    found = []
    for runs in kept.values():
        same = tuple(r for r in runs if r.scenario_digest == runs[-1].scenario_digest)
        verdicts = (judge([getattr(r, name) for r in same], name, thresholds) for name in thresholds.metrics)
        found.append(Group(same, tuple(verdicts)))
    return sorted(found, key=lambda group: group.latest.finished_at, reverse=True)


def judge(measured: Sequence[float | None], metric: str, thresholds: Thresholds) -> Verdict:
    """Judge the values of one quantity in comparable runs.

    Parameters
    ----------
    measured
        The values, the oldest first; None where it was not measured.
    metric
        Name of the quantity.
    thresholds
        When to raise a flag.
    """
    values = [value for value in measured if value is not None]
    latest = measured[-1]
    if latest is None:
        return Verdict(metric, "not measured")
    threshold = thresholds.metrics[metric]
    if not threshold.judged:
        return Verdict(metric, "not judged", latest)
    sign = 1.0 if METRICS[metric].is_better_low else -1.0
    limit = threshold.limit
    is_beyond = limit is not None and sign * (latest - limit) > 0.0
    before, last = values[: -thresholds.recent_runs], values[-thresholds.recent_runs :]
    if threshold.worse_by_frac is None or len(before) < thresholds.least_runs:
        early: State = "too few runs" if threshold.worse_by_frac is not None else "good"
        return Verdict(metric, "beyond limit" if is_beyond else early, latest, limit=limit)
    recent = _level(last, sign)
    median = statistics.median(before[-thresholds.baseline_runs :])
    spread = _spread(before[-thresholds.spread_runs :])
    worse = sign * (recent - median)
    allowed = max(threshold.worse_by_frac * abs(median), thresholds.spread_factor * spread)
    state: State = "beyond limit" if is_beyond else "regression" if worse > allowed else "good"
    change = recent / median - 1.0 if median else None
    return Verdict(metric, state, latest, recent, median, spread, change, limit)


def _level(values: Sequence[float], sign: float) -> float:
    """Return the mean of values but for the worst one."""
    best_first = sorted(values, reverse=sign < 0.0)
    return statistics.fmean(best_first[: max(1, len(best_first) - 1)])


def _spread(values: Sequence[float]) -> float:
    """Return the standard deviation that the median absolute deviation tells of."""
    median = statistics.median(values)
    return SIGMA_PER_MAD * statistics.median(abs(value - median) for value in values)
