"""Runs the best trials of a search again in steps of a minute, where the search itself took coarser ones.

A coarse step is for the search alone: stacks start at other times in it, and a small store fills and empties within a
step. What it found best is only said once it has run in steps of a minute, and so are the plant as it is and the
trials next to the best, for the order of near ones may change.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from h2plant.config.scenario import changed_scenario
from h2plant.results.folder import write_out
from h2plant.studies.search.front import Judged, front
from h2plant.studies.search.goal import OptimizeStudy
from h2plant.studies.study.design import Point
from h2plant.studies.study.outcome import Outcome, run_folder, run_jobs
from h2plant.studies.study.prepared import Job, PreparedStudy, Variant
from h2plant.studies.study.run import CONFIRMED, RUNS, scenario_key
from h2plant.studies.study.target import Changes

STEP_S = 60
OWN = 0
"""Number of the plant as it is, before anything is changed."""


def candidates(study: OptimizeStudy, judged: Sequence[Judged]) -> list[int]:
    """Return the numbers of the trials that are run again: the next to the best, or ends of the front and along it."""
    best = [j for j in judged if j.number != OWN and j.is_feasible]
    n = study.search.n_confirmed
    if len(study.objectives) == 1:
        of_each_loss: dict[tuple[float, ...], int] = {}
        for j in sorted(best, key=lambda j: (j.losses, j.number)):
            of_each_loss.setdefault(j.losses, j.number)
        return list(of_each_loss.values())[:n]
    along = front(best)
    if not along:
        return []
    ends = [min(along, key=lambda j: (j.losses[k], j.number)) for k in range(len(study.objectives))]
    between = [along[round(k * (len(along) - 1) / (n + 1))] for k in range(1, n + 1)]
    return list(dict.fromkeys(j.number for j in (*ends, *between)))


def is_wanted(study: OptimizeStudy) -> bool:
    """Whether the search has steps above a minute and is to be confirmed."""
    return study.study.scenario.step_s > STEP_S and study.search.n_confirmed > 0


def confirm(
    study: OptimizeStudy,
    folder: Path,
    points: Sequence[Point],
    numbers: Sequence[int],
    changes_of: Callable[[PreparedStudy, Point], Changes],
    digests: Mapping[str, str],
) -> dict[int, Outcome]:
    """Run the plant as it is and some trials in steps of a minute; their whole results lie under ``runs``.

    What the folder holds of it is not run again.

    Raises
    ------
    ResultsError
        The results cannot be written.
    """
    keys = {n: scenario_key(digests, points[n]) for n in (OWN, *numbers)}
    found = _read(folder, keys)
    missing = [n for n in keys if n not in found]
    if missing:
        scenario = changed_scenario(study.study.scenario, step_s=STEP_S)
        prepared = PreparedStudy(replace(study.study, scenario=scenario))
        jobs = []
        for n in missing:
            shutil.rmtree(run_folder(folder / RUNS, n), ignore_errors=True)
            changes = Changes() if n == OWN else changes_of(prepared, points[n])
            jobs.append(Job((Variant(n, changes),), is_logged=True))
        for outcome in run_jobs(prepared, jobs, min(2, len(jobs)), folder / RUNS):
            found[outcome.number] = outcome
        _write(folder, keys, found)
    return {n: found[n] for n in keys}


def damage_of(folder: Path) -> str:
    """Return what is wrong with the trials that a search has run again; empty if they are what was written, or none."""
    try:
        checksum, _, text = (folder / CONFIRMED).read_text(encoding="utf-8").partition("\n")
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        return f"{CONFIRMED} cannot be read ({error}): it is made anew"
    return "" if checksum == _checksum(text) else f"{CONFIRMED} is not what was written: it is made anew"


def _read(folder: Path, keys: Mapping[int, str]) -> dict[int, Outcome]:
    try:
        checksum, text = (folder / CONFIRMED).read_text(encoding="utf-8").split("\n", 1)
        rows = json.loads(text) if checksum == _checksum(text) else []
        kept = {int(row["number"]): (row.pop("key"), Outcome(**row)) for row in rows}
    except (OSError, ValueError, TypeError, KeyError):
        return {}
    is_there = {n: (run_folder(folder / RUNS, n) / "summary.json").is_file() for n in keys}
    return {n: kept[n][1] for n in keys if n in kept and kept[n][0] == keys[n] and is_there[n]}


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _write(folder: Path, keys: Mapping[int, str], found: Mapping[int, Outcome]) -> None:
    rows = [{**asdict(found[n]), "key": key} for n, key in keys.items()]
    text = json.dumps(rows, indent=1)
    write_out(folder / CONFIRMED, lambda part: part.write_text(f"{_checksum(text)}\n{text}", encoding="utf-8"))
