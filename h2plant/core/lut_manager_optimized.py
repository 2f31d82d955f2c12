"""LUTManagerOptimized: a bounded cache, and quantised states, in front of the compiled look-up.

A compiled look-up from Python takes about as long as what a dictionary needs around it (key, order of use, counters).
So the cache gains little, and quantising, which makes it hit, costs up to some percent of accuracy
(``docs/lookup_cache.md`` has the measured table). ``LUTManager`` stays the one that everything uses; many states at a
time go through ``lookup_batch``.
"""

# mypy: allow-untyped-calls

from __future__ import annotations

import math
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

from h2plant.core.lut_manager import LUTManager, _codes, _limits
from h2plant.core.properties.water import phase_boundary_temperature

_USUAL_STATES: tuple[tuple[str, tuple[float, ...], tuple[float, ...]], ...] = (
    # PEM: stack from cold to hot, hydrogen at its pressure, oxygen and water at theirs and at the feed's
    ("H2", (30.0e5, 40.0e5), (293.15, 313.15, 333.15, 353.15)),
    ("O2", (1.2e5, 30.0e5), (293.15, 313.15, 333.15)),
    ("H2O", (1.2e5, 3.0e5, 30.0e5), (293.15, 313.15, 333.15)),
    # SOEC: module, recuperators and steam generator
    ("H2", (1.2e5,), (313.15, 423.15, 773.15, 1053.15)),
    ("O2", (1.2e5,), (423.15, 773.15, 1053.15)),
    ("H2O", (1.2e5, 5.0e5), (430.15, 523.15, 773.15, 1053.15)),
)
"""Fluid, pressures (Pa) and temperatures (K) that ``_warm_cache`` looks up, all four properties of each state."""

_Key = tuple[str, str, float, float]


class LUTManagerOptimized(LUTManager):
    """``LUTManager`` with a cache of least recently used look-ups and, when switched on, quantised states.

    Parameters
    ----------
    path : path, optional
        File of tables. Default: the one that the package ships.
    lookup_cache_size : int
        Most entries that the cache holds; 0 keeps none.
    quantize_enabled : bool
        Look states up at the nearest node. Off by default: it breaks an accuracy of 0.1 %.
    snap_tolerance_pct, snap_tolerance_k : float
        Farthest that a node may lie from a state, % of the pressure and K.

    Attributes
    ----------
    _lookup_cache : OrderedDict
        The cache, least recently used first.
    _lookup_cache_size : int
        Its bound; a smaller one takes effect at the next entry.
    _quantize_enabled : bool
        Whether states are quantised; may be changed at any time.

    Raises
    ------
    TableError
        The file is missing, damaged, or written for another layout.
    ValueError
        A negative size, or a tolerance that is not above 0 (and below 50 % or 100 K).

    Notes
    -----
    Nodes are even in ln p and in T, and a state takes the nearest. A node stands for its whole cell where the cell
    lies within the tables and, for water, on one side of the saturation line; other states are looked up as they
    are, so that quantising never changes the phase and never hides a state outside the range.

    ``lookup_batch`` neither asks nor fills the cache and never quantises: one value takes less there than a key.

    Examples
    --------
    >>> tables = LUTManagerOptimized()
    >>> round(tables.lookup("H2", "D", 350e5, 298.15), 3)
    23.315
    >>> tables.get_cache_stats()["misses"]
    1
    """

    def __init__(
        self,
        path: str | Path | None = None,
        lookup_cache_size: int = 10_000,
        quantize_enabled: bool = False,
        snap_tolerance_pct: float = 1.0,
        snap_tolerance_k: float = 2.0,
    ) -> None:
        super().__init__(path)
        if lookup_cache_size < 0:
            raise ValueError(f"lookup_cache_size must be 0 or more, not {lookup_cache_size}")
        self._lookup_cache: OrderedDict[_Key, float] = OrderedDict()
        self._lookup_cache_size = lookup_cache_size
        self._quantize_enabled = quantize_enabled
        self._split_cells: set[tuple[str, int, int]] = set()
        self._n_hits = 0
        self._n_misses = 0
        self._snap_tolerance_pct = snap_tolerance_pct
        self._snap_tolerance_k = snap_tolerance_k
        self._warm_cache()

    @property
    def _snap_tolerance_pct(self) -> float:
        """Farthest that a node may lie from a pressure, %; a new value drops what is cached."""
        return self._tolerance_pct

    @_snap_tolerance_pct.setter
    def _snap_tolerance_pct(self, tolerance_pct: float) -> None:
        if not 0.0 < tolerance_pct < 50.0:
            raise ValueError(f"_snap_tolerance_pct must lie between 0 and 50 %, not {tolerance_pct}")
        self._tolerance_pct = tolerance_pct
        self._log_step = 2.0 * math.log1p(0.01 * tolerance_pct)
        self._nodes_per_log = 1.0 / self._log_step
        self._forget()

    @property
    def _snap_tolerance_k(self) -> float:
        """Farthest that a node may lie from a temperature, K; a new value drops what is cached."""
        return self._tolerance_k

    @_snap_tolerance_k.setter
    def _snap_tolerance_k(self, tolerance_k: float) -> None:
        if not 0.0 < tolerance_k < 100.0:
            raise ValueError(f"_snap_tolerance_k must lie between 0 and 100 K, not {tolerance_k}")
        self._tolerance_k = tolerance_k
        self._step_k = 2.0 * tolerance_k
        self._nodes_per_k = 1.0 / self._step_k
        self._forget()

    def _forget(self) -> None:
        """Drop what was looked up at other nodes."""
        self._lookup_cache.clear()
        self._split_cells.clear()

    def lookup(self, fluid: str, property: str, pressure_pa: float, temperature_k: float) -> float:
        """Return one property of one state, from the cache where it holds it.

        Parameters
        ----------
        fluid : str
            ``H2``, ``O2``, ``N2`` or ``H2O``.
        property : str
            ``D`` density (kg/m3), ``H`` enthalpy (J/kg), ``S`` entropy or ``C`` isobaric heat capacity
            (both J/(kg K)).
        pressure_pa, temperature_k : float
            State, Pa and K.

        Returns
        -------
        float
            The property; with ``_quantize_enabled`` that of the nearest node.

        Raises
        ------
        ValueError
            Unknown fluid or property; says which there are.
        PropertyRangeError
            State outside the tables; says their range.
        """
        key: _Key = (fluid, property, pressure_pa, temperature_k)
        cache = self._lookup_cache
        try:
            if self._quantize_enabled:
                # names swapped: never the key of a state that was looked up as it is
                i = int(math.log(pressure_pa) * self._nodes_per_log + 0.5)
                key = (property, fluid, i, int(temperature_k * self._nodes_per_k + 0.5))
            value = cache.get(key)
            if value is not None:
                cache.move_to_end(key)
                self._n_hits += 1
                return value
        except (KeyError, TypeError, ValueError, OverflowError):
            pass  # dropped meanwhile by another thread, or not a state: the look-up itself says what is wrong
        if self._quantize_enabled:
            return self._look_up_quantised(key, fluid, property, float(pressure_pa), float(temperature_k))
        value = LUTManager.lookup(self, fluid, property, pressure_pa, temperature_k)
        self._n_misses += 1
        cache[key] = value
        if len(cache) > self._lookup_cache_size:
            self._make_room()
        return value

    def _look_up_quantised(
        self, key: _Key, fluid: str, property: str, pressure_pa: float, temperature_k: float
    ) -> float:
        """Return a property at the node of a state, or of the state itself where the node must not stand for it."""
        _codes(fluid, property)
        if key[0] == property and self._serves(fluid, int(key[2]), int(key[3])):
            node_pa, node_k = math.exp(key[2] * self._log_step), key[3] * self._step_k
            value = LUTManager.lookup(self, fluid, property, node_pa, node_k)
        else:
            key = (fluid, property, pressure_pa, temperature_k)
            held = self._lookup_cache.get(key)
            if held is not None:
                self._lookup_cache.move_to_end(key)
                self._n_hits += 1
                return held
            value = LUTManager.lookup(self, fluid, property, pressure_pa, temperature_k)
        self._n_misses += 1
        self._lookup_cache[key] = value
        self._make_room()
        return value

    def _make_room(self) -> None:
        """Drop the least recently used entries beyond the bound."""
        while len(self._lookup_cache) > self._lookup_cache_size:
            self._lookup_cache.popitem(last=False)

    def _serves(self, fluid: str, i: int, j: int) -> bool:
        """Tell whether a node may stand for its cell: all of it within the tables, and in one phase."""
        if (fluid, i, j) in self._split_cells:
            return False
        lowest_pa, highest_pa = math.exp((i - 0.5) * self._log_step), math.exp((i + 0.5) * self._log_step)
        lowest_k, highest_k = (j - 0.5) * self._step_k, (j + 0.5) * self._step_k
        p_min, p_max, t_min, t_max = _limits(fluid)
        if lowest_pa < p_min or highest_pa > p_max or lowest_k < t_min or highest_k > t_max:
            return False
        if fluid == "H2O":
            first_k = phase_boundary_temperature(self.props, lowest_pa)
            last_k = phase_boundary_temperature(self.props, highest_pa)
            if highest_k >= first_k and lowest_k <= last_k:
                self._split_cells.add((fluid, i, j))  # as many at most as the saturation line crosses
                return False
        return True

    def _warm_cache(self) -> int:
        """Look up the usual states of PEM and SOEC plants, uncounted; returns how many entries the cache holds."""
        counted = self._n_hits, self._n_misses
        for fluid, pressures, temperatures in _USUAL_STATES:
            for pressure_pa in pressures:
                for temperature_k in temperatures:
                    for quantity in "DHSC":
                        self.lookup(fluid, quantity, pressure_pa, temperature_k)
        self._n_hits, self._n_misses = counted
        return len(self._lookup_cache)

    def get_cache_stats(self) -> dict[str, Any]:
        """Return how the cache served since the start or the last ``reset_cache_stats``, and what it holds.

        Returns
        -------
        dict
            ``hits``, ``misses`` (look-ups answered by the cache or not; errors are neither), ``hit_rate`` (0 to 1; 0
            without look-ups), ``entries``, ``bytes`` (of the dictionary and all objects that only it holds, as the
            interpreter measures them).
        """
        n_lookups = self._n_hits + self._n_misses
        return {
            "hits": self._n_hits,
            "misses": self._n_misses,
            "hit_rate": self._n_hits / n_lookups if n_lookups else 0.0,
            "entries": len(self._lookup_cache),
            "bytes": self._cache_bytes(),
        }

    def _cache_bytes(self) -> int:
        """Return the bytes of the cache: dictionary, keys, numbers; each object once, names left out (shared)."""
        counted: set[int] = set()
        total = sys.getsizeof(self._lookup_cache)
        for key, value in self._lookup_cache.items():
            for item in (key, key[2], key[3], value):
                if id(item) not in counted:
                    counted.add(id(item))
                    total += sys.getsizeof(item)
        return total

    def reset_cache_stats(self) -> None:
        """Set the counters to zero; what is cached stays."""
        self._n_hits = 0
        self._n_misses = 0
