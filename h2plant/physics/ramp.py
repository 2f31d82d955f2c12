"""Values that controls lead to a target at a limited rate, with their mean over the step."""

import math

from h2plant.core.jit import leaf


@leaf
def limited_ramp(start, target, most):
    """Return (mean, end) over a step of a value that moves linearly to its target, by at most ``most`` (> 0)."""
    gap = target - start
    if abs(gap) <= most:
        return target - 0.5 * gap * abs(gap) / most, target
    end = start + math.copysign(most, gap)
    return 0.5 * (start + end), end


@leaf
def led_approach(value, target, x, decay, most):
    """Return (mean, change) over a step of a value that a control leads to its target.

    Exponential, by at most ``most`` (> 0) over the step. ``x``: step over time constant (zero: straight); ``decay``:
    its ``mean_decay``.
    """
    gap = target - value
    if x > 0.0:
        change = gap * x * decay
        if abs(change) <= most:
            return target - gap * decay, change
    change = math.copysign(min(abs(gap), most), gap)
    return value + 0.5 * change, change
