"""Parts that a benchmark asks for by name when it needs them."""

from __future__ import annotations

import importlib
from typing import Any

from h2plant.plant.finding import Finding, PlantError


def late(module: str, name: str) -> Any:
    """Return what a module holds under a name.

    Raises
    ------
    PlantError
        This version has no such part.
    """
    try:
        return getattr(importlib.import_module(module), name)
    except (ModuleNotFoundError, AttributeError) as error:
        if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("h2plant"):
            raise
        what = f"this version has no '{module}.{name}'"
        raise PlantError([Finding("not-there", module, what, "install a newer version of h2plant")]) from None
