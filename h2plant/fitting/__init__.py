"""Parameters from measurements: a stack from a supplier's curve, a plant from its own minute data."""
