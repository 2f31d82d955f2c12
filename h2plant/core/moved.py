"""Where modules went: an old import path works for one release more, with a warning that names the new one."""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_PACKAGES = (
    ("accuracy", "measure.accuracy", "comparison deviation report stretch workers"),
    ("benchmarking", "measure.bench", "checklist checklist_report comparison figures machine measures"),
    ("benchmarking", "measure.bench", "scaling scaling_report"),
    (
        "commands",
        "cli",
        "arguments bench calibrate compare costs dash export fit lifetime monitor optimize plot report",
    ),
    ("commands", "cli", "report sensitivity study sweep"),
    ("comparison", "studies.compare", "outcome rules steps"),
    ("monitoring", "measure.trend", "export page thresholds verdict"),
    ("profiling", "measure.profile", "lookups python_side report run"),
)
"""Old package, new one, and the modules that kept their names in it."""
_STUDIES = {
    "backends": "backend select",
    "search": "front goal optimize own sampler",
    "sensitivity": "indices",
    "study": "design distribution files outcome output parameter run shape statistics store target",
    "view": "console optimize_console optimize_page page sensitivity_console sensitivity_page",
}
"""Folder of ``h2plant.studies`` -> the modules that went there under their names."""
MOVED = {
    **{f"h2plant.{old}": f"h2plant.{new}" for old, new, _ in _PACKAGES},
    **{f"h2plant.{old}.{name}": f"h2plant.{new}.{name}" for old, new, names in _PACKAGES for name in names.split()},
    **{f"h2plant.studies.{name}": f"h2plant.studies.{to}.{name}" for to in _STUDIES for name in _STUDIES[to].split()},
    "h2plant.benchmarking.tables": "h2plant.measure.measured",
    "h2plant.books": "h2plant.results.totals",
    "h2plant.config.findings": "h2plant.plant.finding",
    "h2plant.control": "h2plant.session.gym_env",
    "h2plant.core.equation_of_state": "h2plant.core.properties.equation_of_state",
    "h2plant.core.gas_properties": "h2plant.core.properties.gas",
    "h2plant.core.instructions": "h2plant.measure.profile.instructions",
    "h2plant.core.kernel_timing": "h2plant.measure.tables.kernel_timing",
    "h2plant.core.property_batch": "h2plant.core.properties.batch",
    "h2plant.core.reference": "h2plant.core.properties.reference",
    "h2plant.core.spline": "h2plant.core.properties.spline",
    "h2plant.core.table_build": "h2plant.core.properties.build",
    "h2plant.core.table_layout": "h2plant.core.properties.layout",
    "h2plant.core.table_timing": "h2plant.measure.tables.timing",
    "h2plant.core.table_validate": "h2plant.measure.tables.validate",
    "h2plant.core.water_properties": "h2plant.core.properties.water",
    "h2plant.dispatch.wish": "h2plant.dispatch.serve",
    "h2plant.economics.cost_figures": "h2plant.core.cost",
    "h2plant.ensemble": "h2plant.session.ensemble",
    "h2plant.execution": "h2plant.session.execution",
    "h2plant.key_figures": "h2plant.results.figures",
    "h2plant.ledger": "h2plant.results.ledger",
    "h2plant.lifetime": "h2plant.session.years",
    "h2plant.lookup_queries": "h2plant.measure.tables.lookup_queries",
    "h2plant.lookup_statistics": "h2plant.measure.tables.lookup_statistics",
    "h2plant.money": "h2plant.results.run_economics",
    "h2plant.monitoring.history": "h2plant.session.history",
    "h2plant.monitoring.machine": "h2plant.session.machine",
    "h2plant.monitoring.record": "h2plant.session.record",
    "h2plant.offtake": "h2plant.results.totals",
    "h2plant.physics.direct": "h2plant.physics.held.direct",
    "h2plant.physics.held_compression": "h2plant.physics.held.compression",
    "h2plant.physics.held_gas": "h2plant.physics.held.gas",
    "h2plant.physics.held_water": "h2plant.physics.held.water",
    "h2plant.physics.known_stream": "h2plant.physics.held.known_stream",
    "h2plant.plant.lower": "h2plant.simulation.lower",
    "h2plant.replay": "h2plant.session.replay",
    "h2plant.report.page.money_part": "h2plant.report.page.economics_part",
    "h2plant.results_folder": "h2plant.results.folder",
    "h2plant.results_shape": "h2plant.results.shape",
    "h2plant.results_table": "h2plant.results.table",
    "h2plant.studies.study.expression": "h2plant.core.expression",
    "h2plant.rfnbo": "h2plant.results.rfnbo",
    "h2plant.run_warnings": "h2plant.results.warning",
    "h2plant.simulation.profile": "h2plant.measure.profile.loop_timing",
    "h2plant.simulation.thermal_timing": "h2plant.measure.bench.thermal_timing",
    "h2plant.studies.basis": "h2plant.studies.study.prepared",
    "h2plant.studies.cuda_backend": "h2plant.studies.backends.cuda",
    "h2plant.studies.dask_backend": "h2plant.studies.backends.dask",
    "h2plant.studies.expression": "h2plant.core.expression",
    "h2plant.studies.form": "h2plant.studies.study.variant",
    "h2plant.studies.sensitivity_run": "h2plant.studies.sensitivity.run",
    "h2plant.summary": "h2plant.results.summary",
    "h2plant.validation": "h2plant.measure.validate",
    "h2plant.validity": "h2plant.results.validity",
}
"""Old path of a module -> the path that it has now."""


class MovedFinder:
    """Finds a module under its old path: what is imported is the one module there is. Finder and loader in one.

    It comes before all other finders, which would take an old folder that an update left behind for a package.
    """

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> ModuleSpec | None:
        """Return how to load a module that has moved; None for any other."""
        return ModuleSpec(name, self, origin=MOVED[name]) if name in MOVED else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Import the module from where it is now, and say so."""
        new = MOVED[spec.name]
        text = f"{spec.name} is now {new}; the old path goes with the next release"
        warnings.warn(text, DeprecationWarning, stacklevel=2)
        module = import_module(new)
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its own specification back, in place of that of the old path."""
        if module.__spec__ is not None:
            module.__spec__ = module.__spec__.loader_state


def install() -> None:
    """Let the old paths be found."""
    sys.meta_path.insert(0, MovedFinder())
