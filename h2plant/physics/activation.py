"""A property of a cell that follows the temperature by an activation energy of its own."""

from h2plant.core.exponential import exponential
from h2plant.core.jit import leaf

REFERENCE_K = 333.15
"""Temperature at which a cell's parameters hold: 60 C, within the range of all published curves."""

LARGEST_K = 2.0e4
"""Bound of activation energies over R: 166 kJ/mol, more than any electrode reaction has."""


@leaf
def activated(value, activation_k, temperature_k):
    """Return a value at a temperature, given that at 60 C: x exp(E/R (1/333.15 K - 1/T)) (Arrhenius)."""
    if activation_k == 0.0:
        return value
    return value * exponential(activation_k * (1.0 / REFERENCE_K - 1.0 / temperature_k))
