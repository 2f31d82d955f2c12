"""Uniform cubic B-splines over one flat array of coefficients: weights, sums over a patch, a Newton solver.

A table with ``n`` nodes per axis keeps ``n + 2`` coefficients per axis (not-a-knot ends). On cell ``i`` with
the fraction ``a`` in 0..1, the spline is the sum of four coefficients ``c[i] .. c[i+3]`` times ``weights(a)``.
Two-dimensional tables are stored row by row (pressure outside, temperature inside).

Source: C. de Boor, A Practical Guide to Splines, Springer 2001 (uniform cubic B-splines).
"""

import math

from h2plant.core.jit import leaf, shared

NEWTON_STEPS = 40
NEWTON_TOLERANCE_CELLS = 1.0e-7
"""Last Newton step, in cells; the error left after it is its square (1e-14 cells, below 1e-12 K)."""


@leaf
def weights(a):
    """Return the four cubic B-spline weights at the fraction ``a`` (-) of a cell."""
    s = 1.0 - a
    w0 = s * s * s * (1.0 / 6.0)
    w3 = a * a * a * (1.0 / 6.0)
    w1 = (2.0 / 3.0) - a * a * (1.0 - 0.5 * a)
    return w0, w1, 1.0 - w0 - w1 - w3, w3


@leaf
def weight_slopes(a):
    """Return the derivatives of the four weights with respect to ``a`` (1/cell)."""
    s = 1.0 - a
    d0 = -0.5 * s * s
    d3 = 0.5 * a * a
    d1 = a * (1.5 * a - 2.0)
    return d0, d1, -d0 - d1 - d3, d3


@leaf
def clip_coordinate(u, n_cells):
    """Return ``u`` limited to 0..n_cells; 0 where it is not a number."""
    if u >= 0.0:
        return min(u, n_cells)
    return 0.0


@leaf
def log_pressure(pressure_pa):
    """Return the logarithm of a pressure in Pa; 0 below 1 Pa, where no table reaches (plain Python would raise)."""
    return math.log(max(pressure_pa, 1.0))


@leaf
def row_sum(props, at, w):
    """Return the spline along one row: four coefficients from ``at`` with the weights ``w``."""
    return w[0] * props[at] + w[1] * props[at + 1] + w[2] * props[at + 2] + w[3] * props[at + 3]


@leaf
def column_sum(props, at, stride, w):
    """Return the spline across four rows at one column: coefficients from ``at``, ``stride`` apart."""
    return w[0] * props[at] + w[1] * props[at + stride] + w[2] * props[at + 2 * stride] + w[3] * props[at + 3 * stride]


@leaf
def patch_sum(props, at, stride, wa, wb):
    """Return the two-dimensional spline: 4 x 4 coefficients from ``at``; ``wa`` across rows, ``wb`` along them."""
    return (
        wa[0] * row_sum(props, at, wb)
        + wa[1] * row_sum(props, at + stride, wb)
        + wa[2] * row_sum(props, at + 2 * stride, wb)
        + wa[3] * row_sum(props, at + 3 * stride, wb)
    )


@leaf
def line_value(props, start, n_cells, u):
    """Return a one-dimensional spline with ``n_cells`` cells at the coordinate ``u`` (cells, finite)."""
    i = min(max(int(u), 0), n_cells - 1)
    return row_sum(props, start + i, weights(u - i))


@shared
def solve_along_row(props, start, n_cells, stride, a, target, v):
    """Return the coordinate along the temperature axis at which a two-dimensional spline takes a value.

    Newton's method on the spline itself, so that the inverse agrees with the forward look-up to rounding. It is
    kept within what earlier steps enclosed, so that it converges from any guess where the spline is monotonic.

    Parameters
    ----------
    props : array
        All tables.
    start : int
        Offset of the first coefficient of the first of the four rows.
    n_cells : int
        Cells along the row.
    stride : int
        Distance between rows.
    a : float
        Fraction of the cell across the rows, 0..1.
    target : float
        Value sought.
    v : float
        Guess, cells.

    Returns
    -------
    float
        Coordinate, cells. Where the value lies outside the table: the linear continuation from the end
        (below 0 or above ``n_cells``), which the caller judges. NaN where Newton's method fails.
    """
    wa = weights(a)
    end = 1.0 * n_cells
    v = clip_coordinate(v, end)
    low = -1.0  # the solution lies above; none of the ends is known yet
    high = end + 1.0
    for _ in range(NEWTON_STEPS):
        j = min(int(v), n_cells - 1)
        w = weights(v - j)
        d = weight_slopes(v - j)
        at = start + j
        c0 = column_sum(props, at, stride, wa)
        c1 = column_sum(props, at + 1, stride, wa)
        c2 = column_sum(props, at + 2, stride, wa)
        c3 = column_sum(props, at + 3, stride, wa)
        value = w[0] * c0 + w[1] * c1 + w[2] * c2 + w[3] * c3
        slope = d[0] * c0 + d[1] * c1 + d[2] * c2 + d[3] * c3
        step = (target - value) / slope
        if abs(step) < NEWTON_TOLERANCE_CELLS:
            return v + step
        if step > 0.0:
            low = v
        elif step < 0.0:
            high = v
        else:
            return math.nan
        if (high <= 0.0) | (low >= end):
            return v + step  # outside the table
        v = clip_coordinate(v + step, end)
        if (v <= low) | (v >= high):
            v = 0.5 * (low + high)
    return math.nan
