"""Conduction across the wall of a vessel, a liner and what is wound around it, by the slowest modes of its profile."""

import math

from h2plant.core.jit import kernel, leaf
from h2plant.physics.relaxation import mean_decay

_SCANS = 600
_HALVINGS = 50
_SCANNED = 3.0 * math.pi  # the second mode is slower than this phase


@leaf
def _mismatch(root_per_s, liner, wall):
    """Return the flux that a profile of the rate ``root_per_s`` squared lacks where the layers meet, s^0.5/(K/W)."""
    one, other = root_per_s * math.sqrt(liner[0] * liner[1]), root_per_s * math.sqrt(wall[0] * wall[1])
    return one / liner[0] * math.sin(one) * math.cos(other) + other / wall[0] * math.sin(other) * math.cos(one)


@kernel
def _mode(number, liner, wall):
    """Return (rate, 1/s; inner surface per heat flow into it, K/W; outer over inner surface) of a mode of layers."""
    total = math.sqrt(liner[0] * liner[1]) + math.sqrt(wall[0] * wall[1])
    step = _SCANNED / _SCANS / total
    low, high, found = 0.0, 0.0, 0
    below = 1.0  # the flux lacking rises from zero
    for k in range(1, _SCANS + 1):
        high = k * step
        above = _mismatch(high, liner, wall)
        if (above < 0.0) != (below < 0.0):
            found += 1
            if found == number:
                break
        below = above
        low = high
    sign = 1.0 if below > 0.0 else -1.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if sign * _mismatch(middle, liner, wall) > 0.0:
            low = middle
        else:
            high = middle
    root = 0.5 * (low + high)
    one, other = root * math.sqrt(liner[0] * liner[1]), root * math.sqrt(wall[0] * wall[1])
    if abs(math.cos(other)) > abs(math.sin(other)):
        ratio = math.cos(one) / math.cos(other)
    else:
        ratio = -one / liner[0] * math.sin(one) / (other / wall[0] * math.sin(other))
    norm = liner[1] * (0.5 + 0.25 * math.sin(2.0 * one) / one)
    norm += ratio * ratio * wall[1] * (0.5 + 0.25 * math.sin(2.0 * other) / other)
    return root * root, 1.0 / (root * root * norm), ratio


@kernel
def layered_wall(liner, wall):
    """Return what describes heat conduction across a wall of two layers, each (resistance, K/W; heat capacity, J/K).

    With the heat flows q_in into the inner and q_out out of the outer surface the mean follows C dT/dt = q_in - q_out,
    and about it there are modes, cosines in each layer that meet at the same temperature and flux, of amplitude z_n at
    the inner and b_n z_n at the outer surface:

        dz_n/dt = -l_n (z_n - R_n (q_in - b_n q_out)),    R_n = 1/(l_n N_n),    N_n = integral of phi_n^2 dC

    (Carslaw, Jaeger 1959, sections 2.14 and 3.8; l_n = (n pi)^2/(R C), R_n = 2 R/(n pi)^2, b_n = (-1)^n for one layer.)
    Settled, the surfaces are T + S_ii q_in + S_io q_out and T - S_oo q_out - S_io q_in. Of no thickness: no liner.

    Returns
    -------
    ((l_1, R_1, b_1), (l_2, R_2, b_2), (S_ii, S_oo, S_io))
    """
    if liner[0] <= 0.0:
        rate = math.pi * math.pi / (wall[0] * wall[1])
        first = 2.0 / (math.pi * math.pi) * wall[0]
        third, sixth = wall[0] / 3.0, wall[0] / 6.0
        return (rate, first, -1.0), (4.0 * rate, 0.25 * first, 1.0), (third, third, sixth)
    f = liner[1] / (liner[1] + wall[1])
    g = 1.0 - f
    # flux where the layers meet: g q_in + f q_out
    in_in = f * liner[0] * (1.0 / 3.0 + g / 6.0) + g * (0.5 * liner[0] * (1.0 + g) + wall[0] * g / 3.0)
    in_out = f * liner[0] * f / 6.0 + g * (0.5 * liner[0] * f + wall[0] * (f / 3.0 + 1.0 / 6.0))
    out_out = g * wall[0] * (1.0 / 3.0 + f / 6.0) + f * (0.5 * wall[0] * (1.0 + f) + liner[0] * f / 3.0)
    return _mode(1, liner, wall), _mode(2, liner, wall), (in_in, out_out, in_out)


@leaf
def wall_means(first, second, settled, dt):
    """Return the means over a step of what ``layered_wall`` describes; modes beyond the second count as settled.

    Within a step the flows count as constant, at their means, in the modes; so the means over the step are
    T_inner = T + z_1 f_1 + z_2 f_2 + own q_in + cross q_out and
    T_outer = T + b_1 z_1 f_1 + b_2 z_2 f_2 - own_out q_out - cross q_in. Any dt: from the profile at the start of the
    step (dt short) to the settled profile (dt long).

    Returns (f_1, f_2: means of exp(-l t) over the step; share of its way that a mode goes within the step, 1 and 2;
    own, own_out, cross, K/W).
    """
    one, other = first[0] * dt, second[0] * dt
    decay_1, decay_2 = mean_decay(one), mean_decay(other)
    left_1, left_2 = first[1] * decay_1, second[1] * decay_2
    own = settled[0] - left_1 - left_2
    own_out = settled[1] - first[2] * first[2] * left_1 - second[2] * second[2] * left_2
    cross = settled[2] + first[2] * left_1 + second[2] * left_2
    return decay_1, decay_2, one * decay_1, other * decay_2, own, own_out, cross
