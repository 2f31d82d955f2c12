"""Exact solutions of linear first-order equations over one step, with the mean over the step."""

from h2plant.core.exponential import exponential, exponential_less_one
from h2plant.core.jit import leaf


@leaf
def mean_decay(x):
    """Return (1 - exp(-x)) / x, the mean of exp(-x s) for s in 0..1; accurate for small x, any x >= 0."""
    if x < 1.0e-4:
        return 1.0 - 0.5 * x * (1.0 - x / 3.0)
    return -exponential_less_one(-x) / x


@leaf
def linear_step(y, source, rate_per_s, dt):
    """Advance dy/dt = source - rate_per_s * y exactly by dt.

    Returns (y at the end, mean of y over the step). Valid for rate_per_s >= 0 (zero included).
    The mean makes the balances close: (y_end - y) / dt = source - rate_per_s * y_mean, to rounding.
    """
    return decayed_step(y, source, rate_per_s, mean_decay(rate_per_s * dt), dt)


@leaf
def decayed_step(y, source, rate_per_s, decay, dt):
    """Return ``linear_step`` where ``decay``, the ``mean_decay`` of rate times step, is known."""
    x, f = rate_per_s * dt, decay
    g = 0.5 - x * (1.0 / 6.0 - x / 24.0) if x < 1.0e-3 else (1.0 - f) / x
    change = (source - rate_per_s * y) * dt
    return y + change * f, y + change * g


@leaf
def approach(y, target, time_constant_s, dt):
    """Return y after dt when it relaxes to target with a time constant (zero: at once)."""
    if time_constant_s <= 0.0:
        return target
    return target + (y - target) * exponential(-dt / time_constant_s)
