"""Runs: one scenario, several years, many plants side by side, parts of a run again, step by step; their history."""
