"""h2plant: simulates a hydrogen plant minute by minute over years, in seconds, and tells what the hydrogen costs.

>>> import h2plant
>>> results = h2plant.run("minimal_day")            # doctest: +SKIP
>>> results["stack.temperature_k"].max()            # doctest: +SKIP

``load`` reads and checks a plant, ``run`` runs a scenario and returns ``Results``; ``Results(folder)`` opens
results that were written before; ``Session`` is a run in your hands: step, look, keep, go back.
``kinds`` lists the kinds of components, ``register_kind`` adds one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from h2plant.core.moved import install

__version__ = "0.2.0.dev0"
__all__ = [
    "PlantError",
    "Results",
    "ResultsError",
    "Session",
    "SimulationFailure",
    "UserCodeError",
    "allow_code",
    "kinds",
    "load",
    "register_kind",
    "run",
]

if TYPE_CHECKING:
    from h2plant.components.registry import kinds, register_kind
    from h2plant.core.user_code import UserCodeError, allow_code
    from h2plant.plant.finding import PlantError
    from h2plant.results import Results
    from h2plant.results.folder import ResultsError
    from h2plant.session.execution import load, run
    from h2plant.session.session import Session
    from h2plant.simulation.engine import SimulationFailure

_HOME = {
    "UserCodeError": "h2plant.core.user_code",
    "allow_code": "h2plant.core.user_code",
    "kinds": "h2plant.components.registry",
    "register_kind": "h2plant.components.registry",
    "load": "h2plant.session.execution",
    "run": "h2plant.session.execution",
    "Session": "h2plant.session.session",
    "Results": "h2plant.results",
    "ResultsError": "h2plant.results.folder",
    "PlantError": "h2plant.plant.finding",
    "SimulationFailure": "h2plant.simulation.engine",
}

install()


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used: `import h2plant` itself costs nothing."""
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'h2plant' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
