"""When a customer counts as short of what it asked for."""

from h2plant.core.constants import SHORT_FRAC
from h2plant.core.jit import leaf

_TRACE_KG_PER_S = 1.0e-12  # of which nobody is short: what is late may fade for ever


@leaf
def is_short(given, asked):
    """Tell whether less than 99.9 % was given of what was asked for, both kg/s."""
    return given + _TRACE_KG_PER_S < asked * (1.0 - SHORT_FRAC)
