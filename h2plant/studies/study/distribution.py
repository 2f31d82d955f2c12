"""Distributions of a parameter, each told by its quantile function, so that one draw of u in (0, 1) serves all.

Any of them may be cut off at ``low`` and ``high``: u then runs between the probabilities of the two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from h2plant.plant.finding import Finding, PlantError, listing
from h2plant.simulation.program import FloatArray

KEYS = {
    "uniform": (("low", "high"), ()),
    "loguniform": (("low", "high"), ()),
    "normal": (("mean", "sd"), ("low", "high")),
    "lognormal": (("median", "sigma_log"), ("low", "high")),
    "triangular": (("low", "mode", "high"), ()),
}
"""Keys of each kind of distribution: those it needs, and those it may have."""

_MOST = 1e100
"""Largest figure of a distribution: what is drawn from it stays within floats."""
_MOST_SIGMA_LOG = 10.0
"""Largest spread of logarithms: seventeen standard deviations of it are still within floats."""
_LEAST_PROBABILITY = 1e-12
"""Least share of a distribution that may be left between its cuts."""


def require_scipy() -> None:
    """Raise a PlantError if scipy, which draws samples, is not installed."""
    from importlib.util import find_spec

    if find_spec("scipy") is None:
        remedy = "pip install 'h2plant[sweep]'; grids and lists need nothing"
        raise PlantError([Finding("missing-package", "", "drawing scenarios needs scipy", remedy)])


@dataclass(frozen=True)
class Distribution:
    """A distribution with its figures, as the study gives them."""

    kind: str
    figures: Mapping[str, float]

    def quantiles(self, u: FloatArray) -> FloatArray:
        """Return the values below which shares ``u``, in [0, 1], of the distribution lie; the shape of ``u``."""
        f = self.figures
        if self.kind == "uniform":
            return np.asarray(f["low"] + u * (f["high"] - f["low"]))
        if self.kind == "loguniform":
            return np.asarray(f["low"] * np.power(f["high"] / f["low"], u))
        if self.kind == "triangular":
            return _triangular(u, f["low"], f["mode"], f["high"])
        from scipy.special import ndtri

        first, last = self._cuts()
        u = first + np.clip(u, 1e-16, 1.0 - 1e-16) * (last - first)
        if self.kind == "normal":
            drawn = f["mean"] + f["sd"] * ndtri(u)
        else:
            drawn = f["median"] * np.exp(f["sigma_log"] * ndtri(u))
        return np.asarray(np.clip(drawn, f.get("low", -math.inf), f.get("high", math.inf)))

    def _cuts(self) -> tuple[float, float]:
        """Return the probabilities at which the distribution is cut off."""
        from scipy.special import ndtr

        f = self.figures

        def below(limit: float) -> float:
            if self.kind == "normal":
                return float(ndtr((limit - f["mean"]) / f["sd"]))
            return float(ndtr(math.log(limit / f["median"]) / f["sigma_log"])) if limit > 0.0 else 0.0

        return below(f["low"]) if "low" in f else 0.0, below(f["high"]) if "high" in f else 1.0


def _triangular(u: FloatArray, low: float, mode: float, high: float) -> FloatArray:
    width = high - low
    turn = (mode - low) / width
    rising = low + np.sqrt(u * width * (mode - low))
    falling = high - np.sqrt((1.0 - u) * width * (high - mode))
    return np.asarray(np.where(u < turn, rising, falling))


Find = Callable[[str, str, str, str], None]
"""Takes the id of a finding, the key it is about, what is wrong, and the remedy."""


def read_distribution(given: Mapping[str, Any], find: Find) -> Distribution | None:
    """Return a distribution from what stands in the file, keys without value left out; None if it is impossible."""
    kind = str(given["kind"])
    needed, optional = KEYS[kind]
    figures = {key: float(value) for key, value in given.items() if key != "kind" and value is not None}
    remedy = f"'{kind}' needs {listing(needed)}" + (f" and may have {listing(optional)}" if optional else "")
    is_whole = True
    for key in needed:
        if key not in figures:
            find("missing-key", "", f"the key '{key}' is missing", remedy)
            is_whole = False
    for key in figures:
        if key not in needed + optional:
            find("unused-key", key, f"'{key}' means nothing to a distribution '{kind}'", remedy)
            is_whole = False
    if not is_whole:
        return None
    problem = _impossible(kind, figures)
    if problem is not None:
        find("bad-distribution", *problem)
        return None
    found = Distribution(kind, figures)
    if kind in ("normal", "lognormal"):
        require_scipy()
        first, last = found._cuts()
        if not last - first > _LEAST_PROBABILITY:
            what = f"nothing of the distribution lies between {figures.get('low', -math.inf):g} and "
            find("bad-distribution", "low", what + f"{figures.get('high', math.inf):g}", "move or drop the cuts")
            return None
    return found


def _impossible(kind: str, f: Mapping[str, float]) -> tuple[str, str, str] | None:
    """Return the key that makes a distribution impossible, what is wrong with it, and the remedy."""
    low, high = f.get("low", -math.inf), f.get("high", math.inf)
    for key, value in f.items():
        if not abs(value) <= _MOST:
            return key, f"'{key}' is {value:g}", f"give a number up to {_MOST:g}"
    for key in ("low", "median"):
        if kind in ("loguniform", "lognormal") and 0.0 < f.get(key, 1.0) < 1.0 / _MOST:
            return key, f"'{key}' is {f[key]:g}", f"give a number from {1.0 / _MOST:g} on"
    if not low < high:
        return "low", f"'low' is {low:g} and 'high' is {high:g}", "let 'low' be below 'high'"
    for key in ("sd", "sigma_log"):
        if key in f and not f[key] > 0.0:
            return key, f"'{key}' is {f[key]:g}", "give a standard deviation above 0; what is certain takes 'values'"
    if f.get("sigma_log", 0.0) > _MOST_SIGMA_LOG:
        what = f"'sigma_log' is {f['sigma_log']:g}"
        return "sigma_log", what, f"give a spread of logarithms up to {_MOST_SIGMA_LOG:g}"
    if kind == "triangular" and not low <= f["mode"] <= high:
        return "mode", f"'mode' is {f['mode']:g}, outside {low:g} .. {high:g}", "let it lie between 'low' and 'high'"
    if kind == "loguniform" and not low > 0.0:
        return "low", f"'low' is {low:g}", "values that are spread by their logarithm are above 0"
    if kind == "lognormal" and not f["median"] > 0.0:
        return "median", f"'median' is {f['median']:g}", "give a median above 0"
    return None
