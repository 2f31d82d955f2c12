"""Exponentials kept from step to step: found anew only where their argument is another number, bit for bit.

A control's decay over a step, a resistance at the temperature that is held: their argument stays for hours. A record
keeps the last argument and what it gave; what comes out follows from the argument alone. Fields of a pair begin as
(0, 1), which is true of both functions: ``memory("..._x", ...)``, ``memory("...", ..., default=1.0)``.

``c.decay_x, c.decay = same_mean_decay(c.decay_x, c.decay, dt / c.control_time_s)``
"""

from h2plant.core.exponential import exponential
from h2plant.core.jit import leaf
from h2plant.physics.relaxation import mean_decay


@leaf
def same_exponential(held_x, held, x):
    """Return (x, exp(x)); ``held`` is that of ``held_x``."""
    if x == held_x:
        return held_x, held
    return x, exponential(x)


@leaf
def same_mean_decay(held_x, held, x):
    """Return (x, ``mean_decay(x)``), x >= 0; ``held`` is that of ``held_x``."""
    if x == held_x:
        return held_x, held
    return x, mean_decay(x)
