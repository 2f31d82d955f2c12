"""A record of the history: what a run or a benchmark took, how well it closed, and on what it ran."""

from __future__ import annotations

import datetime
import functools
import hashlib
import json
import math
import platform
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from h2plant.core.jit import IS_JIT_DISABLED
from h2plant.session.machine import this_machine

if TYPE_CHECKING:
    from h2plant.config.scenario import Scenario

Source = Literal["run", "bench"]


class BenchFigure(NamedTuple):
    """A figure of a benchmark; ``sign`` says on which side of the bar it must be."""

    name: str
    measured: float | None
    unit: str
    bar: float | None = None
    sign: str = "<="


@dataclass(frozen=True, kw_only=True)
class Record:
    """One run or benchmark. The fields are the columns of the history; None is what was not measured.

    Parameters
    ----------
    record_id
        Name of the record, the same as ``run_id`` in the summary of the run.
    finished_at
        End, UTC, ISO 8601.
    source
        ``run`` or ``bench``.
    h2plant
        Version that ran.
    scenario
        Name of the scenario, or of the benchmark.
    scenario_digest, plant_digest
        SHA-256 of all that decides what is calculated, and of the plant with its series alone.
    engine, is_compiled, is_complete
        Which engine, whether with the compiler, and whether the run came to its end.
    hours, step_s, n_components, n_steps
        Length in h, step in s, components, steps done.
    compile_s, loop_s, loop_cpu_s, total_s
        Seconds to load or compile kernels, in the loop, in the loop on the processor, and in all.
    ns_per_component_step
        Processor time of the loop per component and step, ns.
    peak_memory_mb
        Peak resident memory of the process, MB.
    lookup_hit_rate_frac, accuracy_error_frac
        Hit rate of cached look-ups and largest relative error against the baseline, 1.
    residual_component_frac, residual_plant_frac
        Largest relative balance residual of a component and of the plant, 1.
    python, numpy, numba, coolprop
        Versions.
    cpu, n_cores, system
        The machine, see ``Machine``.
    figures
        Of a benchmark: its figures.
    """

    record_id: str
    finished_at: str
    source: Source
    h2plant: str
    scenario: str
    scenario_digest: str
    plant_digest: str
    engine: str
    is_compiled: bool
    is_complete: bool
    hours: float | None
    step_s: float | None
    n_components: int | None
    n_steps: int | None
    compile_s: float | None
    loop_s: float | None
    loop_cpu_s: float | None
    total_s: float | None
    ns_per_component_step: float | None
    peak_memory_mb: float | None
    lookup_hit_rate_frac: float | None
    accuracy_error_frac: float | None
    residual_component_frac: float | None
    residual_plant_frac: float | None
    python: str
    numpy: str
    numba: str
    coolprop: str
    cpu: str
    n_cores: int
    system: str
    figures: tuple[BenchFigure, ...] = ()

    @property
    def machine(self) -> str:
        """The machine in words."""
        return f"{self.cpu}, {self.n_cores} cores, {self.system}"

    @property
    def way(self) -> str:
        """Engine, and whether it ran without the compiler."""
        return self.engine if self.is_compiled else f"{self.engine}, not compiled"

    @property
    def group(self) -> tuple[object, ...]:
        """What must be the same for two records to be comparable, but for the digest of the scenario."""
        return (self.machine, self.source, self.scenario, self.way, self.step_s, self.hours)


def new_run_id() -> str:
    """Return a name for a run, unlike any other; says nothing of machine or user."""
    return uuid.uuid4().hex


def run_record(summary: Mapping[str, Any], scenario: Scenario) -> Record:
    """Return the record of a run.

    Parameters
    ----------
    summary
        Summary of the run, as written to its results.
    scenario
        What was to be run.
    """
    took, residuals, origin = summary["performance"], summary["residuals"], summary["provenance"]
    decisive = [origin["plant_digest"], scenario.start.isoformat(), scenario.timezone, scenario.log_every_s]
    has_steps = took["n_steps"] > 0
    return _record(
        record_id=origin["run_id"],
        source="run",
        h2plant=origin["h2plant"],
        scenario=summary["scenario"],
        scenario_digest=hashlib.sha256(json.dumps(decisive).encode()).hexdigest(),
        plant_digest=origin["plant_digest"],
        engine=summary["engine"],
        is_complete=summary["is_complete"],
        hours=summary["hours"],
        step_s=summary["step_s"],
        n_components=took["n_components"],
        n_steps=took["n_steps"],
        compile_s=_number(took["compile_s"]),
        loop_s=_number(took["loop_s"]),
        loop_cpu_s=_number(took["loop_cpu_s"]),
        total_s=_number(took["total_s"]),
        ns_per_component_step=_number(took["ns_per_component_step"]) if has_steps else None,
        peak_memory_mb=_number(took["peak_memory_mb"]),
        lookup_hit_rate_frac=_number(took.get("lookup_hit_rate_frac")),
        accuracy_error_frac=_number(took.get("accuracy_error_frac")),
        residual_component_frac=_number(residuals["worst_relative"]),
        residual_plant_frac=_number(max((abs(v) for v in residuals["plant_relative"].values()), default=0.0)),
    )


def bench_record(name: str, figures: Iterable[Any], total_s: float, version: str) -> Record:
    """Return the record of a benchmark.

    Parameters
    ----------
    name
        Name of the benchmark.
    figures
        Its figures: anything with the fields of ``BenchFigure``. One named 'per component-step' in ns, one in MB
        whose name begins with 'peak memory', and one in 1 whose name begins with 'look-up hit rate' count as the
        quantity of that name.
    total_s
        Wall time, s.
    version
        Version of h2plant.
    """
    kept = tuple(BenchFigure(f.name, _number(f.measured), f.unit, f.target, f.sign) for f in figures)
    ns = next((f.measured for f in kept if f.name == "per component-step" and f.unit == "ns"), None)
    memory = next((f.measured for f in kept if f.name.startswith("peak memory") and f.unit == "MB"), None)
    hits = next((f.measured for f in kept if f.name.startswith("look-up hit rate") and f.unit == "1"), None)
    return _record(
        record_id=new_run_id(),
        source="bench",
        h2plant=version,
        scenario=name,
        total_s=total_s,
        ns_per_component_step=_number(ns),
        peak_memory_mb=_number(memory),
        lookup_hit_rate_frac=hits,
        figures=kept,
    )


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _record(**measured: Any) -> Record:
    """Return a record with what is known of this process and machine filled in."""
    unknown = dict.fromkeys(name for name in Record.__dataclass_fields__ if name != "figures")
    machine = this_machine()
    known = {
        "finished_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds"),
        "scenario_digest": "",
        "plant_digest": "",
        "engine": "",
        "is_compiled": not IS_JIT_DISABLED,
        "is_complete": True,
        **_versions(),
        **machine._asdict(),
    }
    return Record(**{**unknown, **known, **measured})


@functools.cache
def _versions() -> dict[str, str]:
    from importlib import metadata

    import numpy

    def version(package: str) -> str:
        try:
            return metadata.version(package)
        except metadata.PackageNotFoundError:
            return ""

    return {
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "numba": version("numba"),
        "coolprop": version("CoolProp"),
    }
