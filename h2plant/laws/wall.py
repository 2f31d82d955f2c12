"""The wall of a vessel as the laws see it: two layers in thin slices, their slowest modes and settled profile."""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import numpy as np

from h2plant.core.law import FloatArray, Seen

_SLICES = 200


class Conduction(NamedTuple):
    """How a wall conducts: inner surface per flow in the two slowest modes, K/W, outer over inner surface, the rest."""

    first_k_per_w: Any
    first_outer: Any
    second_k_per_w: Any
    second_outer: Any
    own_k_per_w: Any
    own_outer_k_per_w: Any
    cross_k_per_w: Any


def one_layer(resistance: Any) -> Conduction:
    """Return the conduction of a slab (Carslaw, Jaeger 1959, section 3.8)."""
    first, second = 2.0 / math.pi**2 * resistance, 0.5 / math.pi**2 * resistance
    own = resistance / 3.0 - first - second
    return Conduction(first, -1.0, second, 1.0, own, own, resistance / 6.0 - first + second)


@functools.lru_cache(maxsize=64)
def two_layers(liner_k_per_w: float, liner_j_per_k: float, wall_k_per_w: float, wall_j_per_k: float) -> Conduction:
    """Return the conduction of a liner and a wall, each cut into slices: eigenvalues of a symmetric matrix."""
    r = np.repeat([liner_k_per_w / _SLICES, wall_k_per_w / _SLICES], _SLICES)
    c = np.repeat([liner_j_per_k / _SLICES, wall_j_per_k / _SLICES], _SLICES)
    g = 2.0 / (r[1:] + r[:-1])
    m = np.diag(np.concatenate((g, [0.0])) + np.concatenate(([0.0], g))) - np.diag(g, 1) - np.diag(g, -1)
    rate, vectors = np.linalg.eigh(m / np.sqrt(np.outer(c, c)))
    modes = []
    for k in (1, 2):
        shape = vectors[:, k] / np.sqrt(c)
        inner, outer = (9.0 * shape[0] - shape[1]) / 8.0, (9.0 * shape[-1] - shape[-2]) / 8.0  # no flux at the surfaces
        norm = float((shape / inner) ** 2 @ c)
        modes.append((1.0 / (float(rate[k]) * norm), outer / inner))
    # settled profiles of a flow into either surface, from the slices' fluxes
    total = c.sum()
    passed = 1.0 - (np.cumsum(c) - 0.5 * c) / total
    into = np.cumsum(passed * r) - 0.5 * passed * r
    own = float(into @ c) / total
    cross = float((passed * r).sum()) - own
    back = (1.0 - passed)[::-1] * r[::-1]
    outer_own = float((np.cumsum(back) - 0.5 * back) @ c[::-1]) / total
    (first, one), (second, other) = modes
    return Conduction(
        *(first, one, second, other),
        own - first - second,
        outer_own - one**2 * first - other**2 * second,
        cross + one * first + other * second,
    )


class Shell(NamedTuple):
    """The walls of a tank, cylinders with flat ends: surfaces, m2, heat capacity, J/K, and conduction."""

    inner_m2: Any
    outer_m2: Any
    j_per_k: Any
    conduction: Conduction


def shell_of(seen: Seen) -> Shell:
    """Return the walls of the tank that was seen, or of several in turn: parameters are then one a row."""
    p = seen.parameter
    n, diameter, liner, wall = p("n_vessels"), p("diameter_m"), p("liner_thickness_m"), p("wall_thickness_m")
    length = p("vessel_volume_m3") / (math.pi * diameter**2 / 4.0)

    def surface(out: Any) -> Any:
        across = diameter + 2.0 * out
        return n * math.pi * across * (length + 2.0 * out + across / 2.0)

    def within(out: Any) -> Any:
        return n * math.pi / 4.0 * (diameter + 2.0 * out) ** 2 * (length + 2.0 * out)

    def layer(name: str, thickness: Any, m3: Any) -> tuple[Any, Any]:
        heat = p(f"{name}_density_kg_per_m3") * p(f"{name}_heat_capacity_j_per_kg_k")
        return thickness**2 / (p(f"{name}_conductivity_w_per_m_k") * np.maximum(m3, 1.0e-30)), heat * m3

    outer = layer("wall", wall, within(liner + wall) - within(liner))
    inner = layer("liner", liner, within(liner) - within(0.0 * liner))
    return Shell(surface(0.0 * liner), surface(liner + wall), inner[1] + outer[1], conduction_of(inner, outer))


def conduction_of(inner: tuple[Any, Any], outer: tuple[Any, Any]) -> Conduction:
    """Return the conduction of walls with a liner or without; of several one a row."""
    if not np.any(inner[0] > 0.0):
        return one_layer(outer[0])
    rows = np.stack(np.broadcast_arrays(*(np.atleast_1d(one) for one in (*inner, *outer))), axis=1)
    found = np.array([two_layers(*row) if row[0] > 0.0 else one_layer(row[2]) for row in rows.tolist()])
    return Conduction(*(found[0] if found.shape[0] == 1 else found.T))


def surface_k(seen: Seen, conduction: Conduction, when: str, *, outer: bool) -> FloatArray:
    """Return a surface by the mean of the wall and its two slowest modes, K."""
    of = seen.before if when == "before" else seen.after
    one, two = (conduction.first_outer, conduction.second_outer) if outer else (1.0, 1.0)
    return np.asarray(of("wall_temperature_k") + one * of("wall_skew_k") + two * of("wall_bow_k"))
