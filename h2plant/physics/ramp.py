"""Values that controls lead to a target at a limited rate, with their mean over the step."""

import math

from h2plant.core.jit import leaf
from h2plant.physics.relaxation import mean_decay


@leaf
def limited_ramp(start, target, most):
    """Return (mean, end) over a step of a value that moves linearly to its target, by at most ``most`` (> 0)."""
    gap = target - start
    if abs(gap) <= most:
        return target - 0.5 * gap * abs(gap) / most, target
    end = start + math.copysign(most, gap)
    return 0.5 * (start + end), end


@leaf
def led_approach(value, target, time_constant_s, most, dt):
    """Return (mean, change) over a step of a value that a control leads to its target.

    Exponential with the time constant (zero: straight), and by at most ``most`` (> 0) over the step.
    """
    gap = target - value
    if time_constant_s > 0.0:
        x = dt / time_constant_s
        decay = mean_decay(x)
        change = gap * x * decay
        if abs(change) <= most:
            return target - gap * decay, change
    change = math.copysign(min(abs(gap), most), gap)
    return value + 0.5 * change, change
