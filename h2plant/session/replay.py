"""Parts of a run again, logged minute by minute: the run is repeated from its start, and kept where it is wanted."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from h2plant.config.scenario import Scenario, changed_scenario, load_scenario
from h2plant.core.error import reason_of
from h2plant.core.user_code import is_code_allowed
from h2plant.plant.finding import PlantError
from h2plant.report.page.detail import Window
from h2plant.report.page.run_data import MissingData, RunData
from h2plant.session.session import Session, load_run
from h2plant.simulation.engine import SimulationFailure
from h2plant.simulation.program import FloatArray

MINUTE_S = 60
LONGEST_S = 60.0
"""Longest time of a run's steps, s, up to which it is repeated without being asked."""

_AGREES = 1e-6
_NOT_ALLOWED = "the plant runs Python code; if you trust it, give --allow-code"


def windows(data: RunData, spans: Sequence[tuple[float, float]], columns: Sequence[str]) -> list[Window]:
    """Return parts of a run minute by minute.

    Parameters
    ----------
    data
        The run.
    spans
        Start, s since the start of the run (a whole number of log intervals), and length, h, of each part.
    columns
        What is wanted.

    Raises
    ------
    MissingData
        The run cannot be repeated: it was not made by the compiled engine, its files are gone or have changed, or what
        comes out is not what its log says.
    """
    if data.summary.get("engine") != "optimized":
        raise MissingData("no minute data: only runs of the compiled engine are repeated for them")
    try:
        scenario = scenario_of(data)
    except MissingData as why:
        raise MissingData(f"no minute data: {why}") from None
    step_s, interval_s = scenario.step_s, scenario.log_every_s
    log_s = max(MINUTE_S, step_s) if MINUTE_S % step_s == 0 or step_s > MINUTE_S else step_s
    try:
        loaded = load_run(scenario)
    except PlantError as error:
        if any(finding.id == "code-not-allowed" for finding in error.findings):
            raise MissingData(f"no minute data: {_NOT_ALLOWED}") from None
        raise MissingData(f"the run cannot be repeated for minute data ({str(error).splitlines()[0]})") from None
    if loaded.plant.digest != (data.summary.get("provenance") or {}).get("plant_digest"):
        raise MissingData("no minute data: the plant's file has changed since the run")
    try:
        run, detail = (Session(replace(loaded, scenario=replace(scenario, log_every_s=s))) for s in (interval_s, log_s))
    except PlantError as error:
        raise MissingData(f"the run cannot be repeated for minute data ({str(error).splitlines()[0]})") from None
    place = {column.name: k for k, column in enumerate(detail.program.columns)}
    names = [name for name in columns if name in place]
    index = np.array([place[name] for name in names])
    run.begin()
    found: dict[tuple[float, float], Window] = {}
    try:
        for start_s, hours in sorted(set(spans)):
            until = round(start_s / step_s)
            if until > run.step_number:
                run.engine.run(until - run.step_number)
            detail.restore(run.snapshot())
            kept: list[FloatArray] = []
            n_steps = round(min(hours, data.hours - start_s / 3600.0) * 3600.0 / step_s)
            detail.engine.run(n_steps, lambda rows, _, kept=kept: kept.append(rows[:, index].copy()))  # type: ignore[misc]
            values = np.concatenate(kept) if kept else np.zeros((0, index.size))
            time = (
                data.time[0] + np.timedelta64(round(start_s), "s") + np.arange(len(values)) * np.timedelta64(log_s, "s")
            )
            window = Window(
                start_s,
                n_steps * step_s / 3600.0,
                float(log_s),
                time,
                {name: values[:, k] for k, name in enumerate(names)},
                f"Every {log_s} s, from the run repeated for this page.",
            )
            _require_agreement(data, window)
            found[start_s, hours] = window
    except SimulationFailure as failure:
        raise MissingData(f"no minute data: the repeated run failed ({failure})") from None
    return [found[span] for span in spans]


def scenario_of(data: RunData) -> Scenario:
    """Return the scenario of a run, as its folder keeps it; of a run of the last release, from its command.

    Raises
    ------
    MissingData
        The run does not say how it was made, or its files are gone.
    """
    if "plant_digest" in data.scenario:
        try:
            return load_scenario(data.results.folder / "scenario.json")
        except PlantError as error:
            if any(finding.id == "code-not-allowed" for finding in error.findings):
                raise MissingData(_NOT_ALLOWED) from None
            raise MissingData(f"the run cannot be repeated ({str(error).splitlines()[0]})") from None
    given: dict[str, Any] = data.summary.get("provenance") or {}
    try:
        words = shlex.split(str(given.get("command", "")))
    except ValueError:
        words = []
    if len(words) < 3 or words[:2] != ["h2plant", "run"] or not data.scenario:
        raise MissingData("the run does not say how it was made")
    kept = data.scenario
    try:
        return changed_scenario(
            replace(load_scenario(words[2]), may_run_code=is_code_allowed()),
            hours=float(kept["hours"]),
            start=str(kept["start"]),
            step_s=int(kept["step_s"]),
            log_every_s=int(kept["log_every_s"]),
            overrides=dict(kept.get("set") or {}),
        )
    except PlantError as error:
        raise MissingData(f"the run cannot be repeated ({str(error).splitlines()[0]})") from None
    except (LookupError, TypeError, ValueError, ArithmeticError) as error:
        raise MissingData(f"the run cannot be repeated ({reason_of(error)})") from None


def _require_agreement(data: RunData, window: Window) -> None:
    """Raise unless means (and end values) over the log's intervals are what the log says."""
    per_interval = data.interval_s / window.interval_s
    if per_interval < 1.0 or per_interval != round(per_interval):
        return
    n = int(per_interval)
    first = round(window.start_s / data.interval_s)
    whole = window.time.size // n
    for name, values in window.columns.items():
        if name not in data or whole == 0:
            continue
        blocks = values[: whole * n].reshape(whole, n)
        repeated = blocks[:, -1] if data.results.timing[name] == "end" else blocks.mean(axis=1)
        logged = data.column(name)[first : first + whole]
        worst = np.abs(repeated - logged).max(initial=0.0)
        if worst > _AGREES * max(np.abs(logged).max(initial=0.0), 1e-9):
            raise MissingData(f"no minute data: the repeated run differs from the log in {name}")
