"""Where modules went: an old import path works for one release more, with a warning that names the new one."""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

MOVED = {
    "h2plant.accuracy": "h2plant.measure.accuracy",
    "h2plant.accuracy.comparison": "h2plant.measure.accuracy.comparison",
    "h2plant.accuracy.deviation": "h2plant.measure.accuracy.deviation",
    "h2plant.accuracy.report": "h2plant.measure.accuracy.report",
    "h2plant.accuracy.stretch": "h2plant.measure.accuracy.stretch",
    "h2plant.accuracy.workers": "h2plant.measure.accuracy.workers",
    "h2plant.benchmarking": "h2plant.measure.bench",
    "h2plant.benchmarking.checklist": "h2plant.measure.bench.checklist",
    "h2plant.benchmarking.checklist_report": "h2plant.measure.bench.checklist_report",
    "h2plant.benchmarking.comparison": "h2plant.measure.bench.comparison",
    "h2plant.benchmarking.figures": "h2plant.measure.bench.figures",
    "h2plant.benchmarking.machine": "h2plant.measure.bench.machine",
    "h2plant.benchmarking.measures": "h2plant.measure.bench.measures",
    "h2plant.benchmarking.scaling": "h2plant.measure.bench.scaling",
    "h2plant.benchmarking.scaling_report": "h2plant.measure.bench.scaling_report",
    "h2plant.benchmarking.tables": "h2plant.measure.measured",
    "h2plant.books": "h2plant.results.totals",
    "h2plant.commands": "h2plant.cli",
    "h2plant.commands.arguments": "h2plant.cli.arguments",
    "h2plant.commands.bench": "h2plant.cli.bench",
    "h2plant.commands.calibrate": "h2plant.cli.calibrate",
    "h2plant.commands.compare": "h2plant.cli.compare",
    "h2plant.commands.costs": "h2plant.cli.costs",
    "h2plant.commands.dash": "h2plant.cli.dash",
    "h2plant.commands.export": "h2plant.cli.export",
    "h2plant.commands.fit": "h2plant.cli.fit",
    "h2plant.commands.lifetime": "h2plant.cli.lifetime",
    "h2plant.commands.monitor": "h2plant.cli.monitor",
    "h2plant.commands.optimize": "h2plant.cli.optimize",
    "h2plant.commands.plot": "h2plant.cli.plot",
    "h2plant.commands.report": "h2plant.cli.report",
    "h2plant.commands.sensitivity": "h2plant.cli.sensitivity",
    "h2plant.commands.study": "h2plant.cli.study",
    "h2plant.commands.sweep": "h2plant.cli.sweep",
    "h2plant.comparison": "h2plant.studies.compare",
    "h2plant.comparison.outcome": "h2plant.studies.compare.outcome",
    "h2plant.comparison.rules": "h2plant.studies.compare.rules",
    "h2plant.comparison.steps": "h2plant.studies.compare.steps",
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
    "h2plant.dispatch.wish": "h2plant.dispatch.request",
    "h2plant.economics.cost_figures": "h2plant.core.cost",
    "h2plant.ensemble": "h2plant.session.ensemble",
    "h2plant.execution": "h2plant.session.execution",
    "h2plant.key_figures": "h2plant.results.figures",
    "h2plant.ledger": "h2plant.results.ledger",
    "h2plant.lifetime": "h2plant.session.years",
    "h2plant.lookup_queries": "h2plant.measure.tables.lookup_queries",
    "h2plant.lookup_statistics": "h2plant.measure.tables.lookup_statistics",
    "h2plant.money": "h2plant.results.run_economics",
    "h2plant.monitoring": "h2plant.measure.trend",
    "h2plant.monitoring.export": "h2plant.measure.trend.export",
    "h2plant.monitoring.history": "h2plant.session.history",
    "h2plant.monitoring.machine": "h2plant.session.machine",
    "h2plant.monitoring.page": "h2plant.measure.trend.page",
    "h2plant.monitoring.record": "h2plant.session.record",
    "h2plant.monitoring.thresholds": "h2plant.measure.trend.thresholds",
    "h2plant.monitoring.verdict": "h2plant.measure.trend.verdict",
    "h2plant.offtake": "h2plant.results.totals",
    "h2plant.physics.direct": "h2plant.physics.held.direct",
    "h2plant.physics.held_compression": "h2plant.physics.held.compression",
    "h2plant.physics.held_gas": "h2plant.physics.held.gas",
    "h2plant.physics.held_water": "h2plant.physics.held.water",
    "h2plant.physics.known_stream": "h2plant.physics.held.known_stream",
    "h2plant.plant.lower": "h2plant.simulation.lower",
    "h2plant.profiling": "h2plant.measure.profile",
    "h2plant.profiling.lookups": "h2plant.measure.profile.lookups",
    "h2plant.profiling.python_side": "h2plant.measure.profile.python_side",
    "h2plant.profiling.report": "h2plant.measure.profile.report",
    "h2plant.profiling.run": "h2plant.measure.profile.run",
    "h2plant.replay": "h2plant.session.replay",
    "h2plant.report.page.money_part": "h2plant.report.page.economics_part",
    "h2plant.results_folder": "h2plant.results.folder",
    "h2plant.results_shape": "h2plant.results.shape",
    "h2plant.results_table": "h2plant.results.table",
    "h2plant.rfnbo": "h2plant.results.rfnbo",
    "h2plant.run_warnings": "h2plant.results.warning",
    "h2plant.simulation.profile": "h2plant.measure.profile.loop_timing",
    "h2plant.simulation.thermal_timing": "h2plant.measure.bench.thermal_timing",
    "h2plant.studies.backend": "h2plant.studies.backends.backend",
    "h2plant.studies.basis": "h2plant.studies.study.prepared",
    "h2plant.studies.console": "h2plant.studies.view.console",
    "h2plant.studies.cuda_backend": "h2plant.studies.backends.cuda",
    "h2plant.studies.dask_backend": "h2plant.studies.backends.dask",
    "h2plant.studies.design": "h2plant.studies.study.design",
    "h2plant.studies.distribution": "h2plant.studies.study.distribution",
    "h2plant.studies.expression": "h2plant.studies.study.expression",
    "h2plant.studies.files": "h2plant.studies.study.files",
    "h2plant.studies.form": "h2plant.studies.study.variant",
    "h2plant.studies.front": "h2plant.studies.search.front",
    "h2plant.studies.goal": "h2plant.studies.search.goal",
    "h2plant.studies.indices": "h2plant.studies.sensitivity.indices",
    "h2plant.studies.optimize": "h2plant.studies.search.optimize",
    "h2plant.studies.optimize_console": "h2plant.studies.view.optimize_console",
    "h2plant.studies.optimize_page": "h2plant.studies.view.optimize_page",
    "h2plant.studies.outcome": "h2plant.studies.study.outcome",
    "h2plant.studies.output": "h2plant.studies.study.output",
    "h2plant.studies.own": "h2plant.studies.search.own",
    "h2plant.studies.page": "h2plant.studies.view.page",
    "h2plant.studies.parameter": "h2plant.studies.study.parameter",
    "h2plant.studies.run": "h2plant.studies.study.run",
    "h2plant.studies.sampler": "h2plant.studies.search.sampler",
    "h2plant.studies.select": "h2plant.studies.backends.select",
    "h2plant.studies.sensitivity_console": "h2plant.studies.view.sensitivity_console",
    "h2plant.studies.sensitivity_page": "h2plant.studies.view.sensitivity_page",
    "h2plant.studies.sensitivity_run": "h2plant.studies.sensitivity.run",
    "h2plant.studies.shape": "h2plant.studies.study.shape",
    "h2plant.studies.statistics": "h2plant.studies.study.statistics",
    "h2plant.studies.store": "h2plant.studies.study.store",
    "h2plant.studies.target": "h2plant.studies.study.target",
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
