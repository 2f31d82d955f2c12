"""Curves as pieces of lines that a linear program can hold: hulls from above and from below."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

Pieces = tuple[tuple[float, float], ...]
"""(slope, intercept) of each piece."""


def concave_hull(points: Iterable[tuple[float, float]]) -> Pieces:
    """Return the pieces of the lowest concave curve above some points; its value is the least of them all."""
    hull: list[tuple[float, float]] = []
    for x, y in sorted(points):
        while len(hull) > 1 and _turn(hull[-2], hull[-1], (x, y)) >= 0.0:
            hull.pop()
        hull.append((x, y))
    pairs = [(a, b) for a, b in itertools.pairwise(hull) if b[0] > a[0]]
    if not pairs:
        x, y = hull[-1]
        return ((y / x if x else 0.0, 0.0),)
    slopes = [((b[1] - a[1]) / (b[0] - a[0]), a) for a, b in pairs]
    return tuple((slope, a[1] - slope * a[0]) for slope, a in slopes)


def convex_hull(points: Iterable[tuple[float, float]]) -> Pieces:
    """Return the pieces of the highest convex curve below some points; its value is the greatest of them all."""
    turned = concave_hull([(x, -y) for x, y in points])
    return tuple((-slope, -intercept) for slope, intercept in turned)


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    """Return above 0 where the way from a over b to c turns upward."""
    return (c[1] - b[1]) * (b[0] - a[0]) - (b[1] - a[1]) * (c[0] - b[0])
