"""Findings, under the name by which readers and checks of files know them."""

from h2plant.plant.finding import Finding, PlantError, in_order, listing, nearest, raise_errors

__all__ = ["Finding", "PlantError", "in_order", "listing", "nearest", "raise_errors"]
