"""Whether a number is one: for kernels, whose compiler flags make ``math.isfinite`` of a sum no test of it."""

from h2plant.core.jit import leaf

_LARGEST = 1.0e300


@leaf
def is_number(value):
    """Tell whether a value is a finite number; False for NaN and infinity."""
    return abs(value) < _LARGEST
