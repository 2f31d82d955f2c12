"""Expansions and look-ups that components hold from step to step, and what the baseline engine runs in their place."""
