"""Series that are made for a component before the run, from series of the plant, its site and its parameters.

Sun position and transposition, or the wind at hub height, follow from the calendar and the weather alone: made once for
the whole run, they cost the loop nothing but a look-up. A kind lists them (``Kind.derived``), and a port reads one by
``default="derived.<name>"``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


class Where(NamedTuple):
    """Where the plant stands: degrees, north and east positive, and m above the sea; None: its file does not say."""

    latitude_deg: float | None = None
    longitude_deg: float | None = None
    elevation_m: float | None = None


@dataclass(frozen=True, eq=False)
class Samples:
    """Numbers on a uniform grid of time, SI.

    Attributes
    ----------
    values
        Shape (n + 1,): one for each interval, and the far end of the last.
    resolution_s
        Length of an interval, s.
    first_s
        Begin of the first, seconds since 1970 UTC.
    is_linear
        Whether values are joined by lines; else each holds until the next.
    """

    values: FloatArray
    resolution_s: int
    first_s: int
    is_linear: bool

    @classmethod
    def constant(cls, value: float) -> Samples:
        """Return one value for all times."""
        return cls(np.full(2, value), 2**40, 0, False)

    @property
    def n(self) -> int:
        """Number of intervals."""
        return len(self.values) - 1

    @property
    def means(self) -> FloatArray:
        """Mean over each interval, shape (n,)."""
        if self.is_linear:
            return 0.5 * (self.values[:-1] + self.values[1:])
        return self.values[:-1]

    def mean_at(self, first_s: FloatArray, length_s: float) -> FloatArray:
        """Return the means over spans of one length that begin at given times, held at both ends of the grid."""
        edges = np.concatenate(([0.0], np.cumsum(self.means))) * self.resolution_s
        grid_s = np.arange(self.n + 1) * float(self.resolution_s)

        def sum_to(time_s: FloatArray) -> FloatArray:
            inside = np.clip(time_s, 0.0, grid_s[-1])
            i = np.minimum((inside / self.resolution_s).astype(np.int64), self.n - 1)
            x = inside - grid_s[i]
            start, end = self.values[i], self.values[i + 1] if self.is_linear else self.values[i]
            inner = x * (start + 0.5 * x / self.resolution_s * (end - start))
            beyond = np.minimum(time_s, 0.0) * self.values[0] + np.maximum(time_s - grid_s[-1], 0.0) * self.values[-1]
            return np.asarray(edges[i] + inner + beyond)

        begin = np.asarray(first_s, dtype=np.float64) - self.first_s
        return np.asarray((sum_to(begin + length_s) - sum_to(begin)) / length_s)


class Lack(NamedTuple):
    """Why a series cannot be made: what is wrong, how to mend it, and the series that is missing, if that is it."""

    what: str
    remedy: str
    series: str = ""


Takes = Callable[[Collection[str], Mapping[str, float], Where], "tuple[str, ...] | Lack"]
"""``takes(names, parameters, where)``: which of the plant's series it is made from."""
Make = Callable[[Mapping[str, Samples], Mapping[str, float], Where], "Samples | tuple[Samples, str]"]
"""``make(series, parameters, where)``: the numbers, with a remark if something of them wants to be known."""


@dataclass(frozen=True)
class Derived:
    """A series that is made for each component of a kind.

    Parameters
    ----------
    name
        Ends in its unit, SI; the series is called ``<component>_<name>``. A plant that declares a series of that name
        itself has its own.
    takes
        Says which of the plant's series it is made from.
    make
        Makes it.
    parameters
        Parameters of the kind that it hangs on: a study that varies one makes the series anew.
    """

    name: str
    takes: Takes
    make: Make
    parameters: tuple[str, ...] = ()


def derived_name(component: str, name: str) -> str:
    """Return the name of the series that is made for a component."""
    return f"{component}_{name}"
