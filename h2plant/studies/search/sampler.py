"""The search itself, by optuna: proposes batches of parameters and is told what came of them.

optuna was chosen over pymoo for what a trial costs here: seconds. Its tree-structured Parzen estimator (Bergstra et
al. 2011) needs tens of trials where populations need hundreds, and it has NSGA-II (Deb et al. 2002, doi
10.1109/4235.996017) and CMA-ES (Hansen and Ostermeier 2001, doi 10.1162/106365601750190398) behind the same ask and
tell. Nothing of it is kept on disk: it is asked for whole batches, told what came of each in the order of its trials,
and draws from one seed, so that telling it again what is in the store brings it to where it was.
"""

from __future__ import annotations

import contextlib
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from h2plant.plant.finding import Finding, PlantError
from h2plant.studies.search.goal import OptimizeStudy, Search
from h2plant.studies.study.parameter import Parameter, Value

_SAME = 1e-9
"""Relative difference below which a number is a given value."""


@dataclass(frozen=True)
class Axis:
    """What a parameter may be: between ``low`` and ``high``, or one of ``levels``."""

    name: str
    low: float = math.nan
    high: float = math.nan
    is_log: bool = False
    levels: tuple[Value, ...] = ()

    @property
    def is_words(self) -> bool:
        """Whether its levels have no order."""
        return any(isinstance(level, bool | str) for level in self.levels)

    def raw(self, value: Value) -> Any:
        """Return a value as the search counts it; None where it lies outside."""
        if self.is_words:
            return value if value in self.levels else None
        if isinstance(value, bool | str):
            return None
        if self.levels:
            return next((k for k, v in enumerate(self.levels) if math.isclose(float(v), value, rel_tol=_SAME)), None)
        return min(max(value, self.low), self.high) if self._is_within(value) else None

    def _is_within(self, value: float) -> bool:
        slack = _SAME * max(abs(self.low), abs(self.high))
        return self.low - slack <= value <= self.high + slack


def axis_of(parameter: Parameter) -> Axis:
    """Return what a free parameter of an optimisation may be; numbers are put in order."""
    if parameter.distribution is not None and parameter.n is None:
        f = parameter.distribution.figures
        return Axis(parameter.name, f["low"], f["high"], parameter.distribution.kind == "loguniform")
    levels = parameter.points()
    if not any(isinstance(v, bool | str) for v in levels):
        levels = tuple(sorted({float(v) for v in levels}))
    return Axis(parameter.name, levels=levels)


def require_optuna(sampler: str = "tpe") -> None:
    """Raise a PlantError where a package that the search needs is missing."""
    needed = ["optuna", "cmaes"] if sampler == "cma_es" else ["optuna"]
    lacking = [package for package in needed if find_spec(package) is None]
    if lacking:
        what = f"optimising needs {' and '.join(lacking)}"
        raise PlantError([Finding("missing-package", "", what, "pip install 'h2plant[optimize]'")])


class Proposer:
    """Proposes trials, a batch at a time.

    Parameters
    ----------
    study
        What is searched for, and how.
    own
        Values of the plant as it is, with which the search begins where all of them lie within it.

    Raises
    ------
    PlantError
        optuna is missing.
    """

    def __init__(self, study: OptimizeStudy, own: Mapping[str, Value]) -> None:
        require_optuna(study.search.sampler)
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._axes = [axis_of(p) for p in study.study.parameters if not p.is_tied]
        self._n_batch = study.search.n_batch
        raw = {axis.name: axis.raw(own[axis.name]) if axis.name in own else None for axis in self._axes}
        begin = raw if all(value is not None for value in raw.values()) else None
        with _silent():
            directions: list[Any] = ["maximize" if o.is_maximised else "minimize" for o in study.objectives]
            sampler = _sampler(study.search, len(self._axes), begin)
            self._study = optuna.create_study(sampler=sampler, directions=directions)
            if begin is not None:
                self._study.enqueue_trial(begin)
        self._asked: list[Any] = []

    def ask(self) -> list[dict[str, Value]]:
        """Return the values of the free parameters of the next batch."""
        with _silent():
            self._asked = [self._study.ask() for _ in range(self._n_batch)]
            return [{axis.name: _suggested(trial, axis) for axis in self._axes} for trial in self._asked]

    def tell(self, results: Sequence[tuple[Sequence[float], Sequence[float]] | None]) -> None:
        """Take what came of the batch: (values of the objectives, violations of the constraints), None: failed."""
        from optuna.trial import TrialState

        with _silent():
            for trial, result in zip(self._asked, results, strict=True):
                if result is None:
                    self._study.tell(trial, state=TrialState.FAIL)
                    continue
                for k, violation in enumerate(result[1]):
                    trial.set_constraint(str(k), violation)
                self._study.tell(trial, list(result[0]))


def _sampler(search: Search, n_axes: int, begin: Mapping[str, Any] | None) -> Any:
    from optuna import samplers

    if search.sampler == "nsga_ii":
        return samplers.NSGAIISampler(population_size=search.n_batch, seed=search.seed)
    if search.sampler == "cma_es":
        x0 = dict(begin) if begin is not None else None
        return samplers.CmaEsSampler(x0=x0, popsize=search.n_batch, seed=search.seed)
    return samplers.TPESampler(n_startup_trials=max(10, 2 * n_axes), seed=search.seed)


def _suggested(trial: Any, axis: Axis) -> Value:
    if axis.is_words:
        level: Value = trial.suggest_categorical(axis.name, list(axis.levels))
        return level
    if axis.levels:
        index: int = trial.suggest_int(axis.name, 0, len(axis.levels) - 1)
        return axis.levels[index]
    return float(trial.suggest_float(axis.name, axis.low, axis.high, log=axis.is_log))


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Keep optuna's notes on its experimental parts off the screen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
