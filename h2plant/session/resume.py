"""A run that was killed, or stopped, goes on from its last checkpoint, to the results that it would have had."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from h2plant.config.scenario import OF_FILE, Scenario, load_scenario
from h2plant.core.real_path import real_path
from h2plant.core.regular_file import LARGEST_TABLE_BYTES, read_regular
from h2plant.core.user_code import is_code_allowed
from h2plant.results.checkpoint_folder import CheckpointFolder, damaged_segment, states
from h2plant.results.folder import NotWritable, ResultsError, require_whole, reserved
from h2plant.results.leftover import (
    CHECKPOINT,
    give_name,
    is_finished,
    is_overtaken,
    leave_checkpoint,
    partials_of,
    resumable_of,
)
from h2plant.session.checkpoint import Given, Kept, Running, put_back, read_state
from h2plant.session.conclusion import log_writer
from h2plant.session.execution import Told, keep_checkpoints, run_to_end
from h2plant.session.identity import differences, identity_of, where_to_mend
from h2plant.session.interrupt import Interrupts
from h2plant.session.session import Session
from h2plant.session.years import resume_years
from h2plant.simulation.program import Program

_MOST_SHOWN = 20


class Unfinished(NamedTuple):
    """A run that can go on: what it wrote, its checkpoint, and what is wrong with newer ones."""

    partial: Path
    kept: Kept
    damage: tuple[str, ...]


def resume(
    folder: Path | str,
    on_progress: Callable[[int], None] | None = None,
    on_ready: Callable[[Program], None] | None = None,
    on_begin: Callable[[Given, float], None] | None = None,
    replaces_newer: bool = False,
) -> Path:
    """Go on with a run that was killed or stopped, and write its results; returns their folder.

    Parameters
    ----------
    folder
        The results folder of the run.
    on_progress, on_ready
        As in ``execute``.
    on_begin
        Takes what the run was asked for, and the hours that are done, before it goes on.
    replaces_newer
        Whether results that another run wrote there since shall be replaced; they are kept beside it.

    Returns
    -------
    Path
        The folder: bit for bit what the run would have written, but for times and a note.

    Raises
    ------
    ResultsError
        There is nothing to go on with, newer results lie there, it is damaged, or of another plant, series, rule or
        version: the text says in what they differ.
    PlantError, SimulationFailure, KeyboardInterrupt
        As ``execute``.
    """
    folder = Path(folder)
    if not folder.parent.is_dir():
        raise ResultsError(f"{folder}: there is no such folder")
    try:
        with reserved(folder, folder.name):
            return _go_on(folder, Told(on_progress, on_ready), on_begin, replaces_newer)
    except NotWritable as error:
        error.args = (error.in_place,)
        raise


def _go_on(folder: Path, told: Told, on_begin: Callable[[Given, float], None] | None, replaces_newer: bool) -> Path:
    found = resumable_of(folder)
    if found is not None and not replaces_newer and is_overtaken(found, folder):
        raise ResultsError(
            f"{folder}: newer results lie there than the unfinished run left; 'h2plant resume {folder} --replace' "
            f"goes on with it and keeps them for 'h2plant undo', 'h2plant clean {folder.parent} --delete' removes "
            "what is left of it"
        )
    is_named = name_finished(folder)
    found = resumable_of(folder)
    if is_named and (found is None or is_overtaken(found, folder)):
        return folder
    if found is None:
        raise ResultsError(f"{folder}: {_why_nothing(folder)}")
    unfinished = newest(folder)
    if on_begin is not None:
        on_begin(unfinished.kept.given, unfinished.kept.hours_done)
    if unfinished.kept.given.n_years:
        return _resume_life(folder, unfinished, told)
    return _resume_run(folder, unfinished, told)


_WHAT_KEEPS = (
    "'h2plant run --checkpoint-every 30d' keeps what a run goes on from; without it one is kept a minute of computing"
)


def _why_nothing(folder: Path) -> str:
    if folder.exists():
        return f"these results are there, and there is nothing to go on with; run it again; {_WHAT_KEEPS}"
    return f"there is no unfinished run of this name; 'h2plant resume' lists those that there are; {_WHAT_KEEPS}"


def name_finished(folder: Path) -> bool:
    """Give results that only lack their name that name; whether there were some. The caller holds the name."""
    for partial in partials_of(folder):
        if is_finished(partial):
            require_whole(partial)
            target = real_path(folder)
            summary = json.loads(read_regular(partial / "summary.json", LARGEST_TABLE_BYTES))
            leave_checkpoint(partial, None if summary.get("is_complete") else target)
            give_name(partial, target)
            return True
    return False


def newest(folder: Path) -> Unfinished:
    """Return the newest checkpoint of a run that is whole.

    Raises
    ------
    ResultsError
        None is.
    """
    partial = resumable_of(folder)
    assert partial is not None
    place = partial / CHECKPOINT
    damage: list[str] = []
    for name, content in states(place):
        if isinstance(content, str):
            damage.append(f"{name} {content}")
            continue
        try:
            kept = read_state(name, content)
        except ValueError as error:
            damage.append(f"{name} cannot be read: {error}")
            continue
        if problem := damaged_segment(place, kept.segments):
            damage.append(problem)
            continue
        return Unfinished(partial, kept, tuple(damage))
    found = f"{folder}: no checkpoint is whole: {'; '.join(damage)}"
    raise ResultsError(f"{found}; run it again ('h2plant clean {folder.parent} --delete' removes what is left of it)")


def _resume_run(folder: Path, unfinished: Unfinished, told: Told) -> Path:
    kept, given = unfinished.kept, unfinished.kept.given
    scenario = scenario_of(given)
    session = Session(scenario, engine=given.engine)
    require_same(folder, unfinished, identity_of(session.loaded, session.program, given.engine, {"": session.series}))
    session.program.notes += notes_of(unfinished)
    told.ready(session.program)
    with Interrupts(session.engine) as interrupts:
        session.begin()
        session.keep_steps(given.audit_steps)
        interrupts.is_deferred = True
        writer = log_writer(session, folder, scenario, unfinished.partial)
        writer.checkpoints.take_over(kept.name, kept.segments)
        put_back(Running(session, writer), kept)
        keep_checkpoints(session, writer, given)
        return run_to_end(session, writer, scenario, told.on_progress, is_recorded=True).folder


def _resume_life(folder: Path, unfinished: Unfinished, told: Told) -> Path:
    kept, given = unfinished.kept, unfinished.kept.given
    checkpoints = CheckpointFolder(unfinished.partial / CHECKPOINT)
    return resume_years(
        scenario_of(given),
        folder,
        unfinished.partial,
        checkpoints,
        kept,
        notes_of(unfinished),
        lambda identity: require_same(folder, unfinished, identity),
        told,
    )


def scenario_of(given: Given) -> Scenario:
    """Return the scenario of a run from what was asked for; Python code of its plant needs ``allow_code``.

    What the file said is as the file says it now, so that a change of it is seen; all else is as it was asked for.
    """
    now, was = load_scenario(given.source), given.written
    asked = {key: value for key in OF_FILE if not _is(value := getattr(given, key), was, key)}
    of_file = was.get("set", {})
    overrides = {key: value for key, value in given.overrides.items() if not _is(value, of_file, key)}
    return replace(
        now,
        name=given.name,
        **asked,
        overrides={**now.overrides, **overrides},
        may_run_code=is_code_allowed(),
        called=given.called,
    )


def _is(value: object, written: Mapping[str, object], key: str) -> bool:
    return key in written and written[key] == value


def notes_of(unfinished: Unfinished) -> list[str]:
    """Return what is worth knowing of a run that went on."""
    kept = unfinished.kept
    year = f" of year {len(kept.years['rows']) + 1}" if kept.years else ""
    notes = [f"went on from a checkpoint after {kept.hours_done:g} h{year}"]
    return notes + [f"a newer checkpoint is damaged: {what}" for what in unfinished.damage]


def require_same(folder: Path, unfinished: Unfinished, identity: dict[str, object]) -> None:
    """Raise a ResultsError with every difference if a checkpoint is of another run."""
    found = differences(unfinished.kept.identity, identity)
    if not found:
        return
    more = [f"and {len(found) - _MOST_SHOWN} more"] if len(found) > _MOST_SHOWN else []
    lines = "\n  ".join([*found[:_MOST_SHOWN], *more])
    kept = unfinished.kept
    plant = unfinished.partial / CHECKPOINT / "plant.yaml"
    remedy = where_to_mend(kept.identity, identity, plant, kept.given.source)
    raise ResultsError(
        f"{folder}: the run cannot go on, since something that decides it has changed since it began:\n  {lines}\n"
        f"{remedy}; or run it again from its start"
    )
