"""Formulas as kernels: floats in, floats out, each with its equation, source and range."""
