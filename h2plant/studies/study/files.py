"""What a study leaves in its folder beside the store: a table (Parquet and CSV), the study, where it comes from."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import h2plant
from h2plant.core.markup import cell, csv_text
from h2plant.results.checksums import HAS_SUMS, SUMS, Damage, damages, write_sums
from h2plant.results.folder import ResultsError, write_out
from h2plant.studies.study.parameter import Value
from h2plant.studies.study.run import CONFIRMED, PARTS, RUNS, StudyRun
from h2plant.studies.study.store import LOCK, STORE

PROVENANCE = "provenance.json"


def write_files(run: StudyRun, command: str) -> list[Path]:
    """Write ``results.parquet``, ``results.csv``, ``study.yaml`` and ``provenance.json``; each whole or not at all.

    Parameters
    ----------
    run
        A study that was run.
    command
        The command that makes it again.

    Raises
    ------
    ResultsError
        One cannot be written.
    """
    table = results_table(run)
    text = {
        "results.csv": _csv(table),
        "study.yaml": run.study.text,
        PROVENANCE: json.dumps(provenance(run, command), indent=1) + "\n",
    }
    written = [write_out(run.folder / "results.parquet", lambda path: pq.write_table(table, path))]
    for name, content in text.items():
        if content:
            written.append(write_out(run.folder / name, _writer(content)))
    return written


_CHANGING = (STORE, LOCK, CONFIRMED, SUMS, RUNS)  # scenarios, confirmed trials and runs have checksums of their own
_SUMMED = frozenset(name for name in PARTS if not name.startswith(_CHANGING))


def is_summed_elsewhere(name: str) -> bool:
    """Whether a file of a study's folder has checksums of its own, or is a lock."""
    return name.startswith(_CHANGING)


def study_damages(folder: Path) -> list[Damage]:
    """Return the files of a study that are not what was written, or whose checksum is gone; none where it has none."""
    return damages(folder, _SUMMED)


def write_study_sums(folder: Path) -> None:
    """Write the checksums of what a study wrote at its end into its folder; its provenance says that it has them.

    Raises
    ------
    ResultsError
        They cannot be written.
    """
    names = [name for name in _SUMMED if (folder / name).is_file()]
    try:
        if PROVENANCE in names:
            said = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
            write_out(folder / PROVENANCE, _writer(json.dumps(said | {HAS_SUMS: True}, indent=1) + "\n"))
        write_sums(folder, names)
    except OSError as error:
        raise ResultsError(f"{folder}: cannot be written ({error.strerror or error})") from None


def _writer(content: str) -> Any:
    return lambda path: path.write_text(content, encoding="utf-8")


def results_table(run: StudyRun) -> pa.Table:
    """Return a row for each scenario: its number, parameters, outputs, why it failed, processor time of its run."""
    points = {point.number: point for point in run.points}
    outcomes = run.outcomes
    columns: dict[str, Any] = {"scenario": pa.array([o.number for o in outcomes], pa.int64())}
    for parameter in run.study.parameters:
        columns[parameter.name] = _column([points[o.number].values[parameter.name] for o in outcomes])
    for output in run.study.outputs:
        name = output.name if output.name not in columns else f"{output.name} (output)"
        columns[name] = pa.array([o.values.get(output.name) for o in outcomes], pa.float64())
    columns["reason"] = pa.array([o.reason for o in outcomes], pa.string())
    columns["not_valid"] = pa.array([o.not_valid for o in outcomes], pa.string())
    columns["loop_s"] = pa.array([o.loop_s for o in outcomes], pa.float64())
    return pa.table(columns)


def _column(values: list[Value]) -> pa.Array:
    if any(isinstance(v, str) for v in values):
        return pa.array([str(v) for v in values], pa.string())
    if all(isinstance(v, bool) for v in values):
        return pa.array(values, pa.bool_())
    return pa.array([float(v) for v in values], pa.float64())


def _csv(table: pa.Table) -> str:
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return csv_text([cell(v) for v in row] for row in (table.column_names, *rows))


def provenance(run: StudyRun, command: str) -> dict[str, Any]:
    """Return where the results come from: versions, digests, command, counts, times."""
    from importlib.metadata import PackageNotFoundError, version

    versions = {"h2plant": h2plant.__version__, "python": platform.python_version(), "numpy": np.__version__}
    for package in ("numba", "scipy", "distributed", "optuna", "cmaes", "SALib"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "study": run.study.name,
        "command": command,
        "scenario": run.study.scenario.content(),
        "design": {"kind": run.study.design.kind, "n": run.study.design.n, "seed": run.study.design.seed},
        "n_scenarios": len(run.points),
        "n_failed": len(run.failed),
        "n_not_valid": len(run.not_valid),
        "n_runs_now": run.n_runs,
        "n_scenarios_before": run.n_resumed,
        "loop_cpu_s": sum(o.loop_s for o in run.outcomes),
        "wall_s": run.wall_s,
        "backend": run.backend,
        "machine": f"{platform.machine()} {platform.system()}",
        "versions": versions,
        "digests": run.digests,
        "notes": [*run.notes, *run.after_notes],
    }
