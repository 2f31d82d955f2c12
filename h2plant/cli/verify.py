"""The command that tells whether results, studies and what the program keeps are still what was written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from h2plant.core.markup import visible
from h2plant.core.terminal import hanging

_MOST_DEEP = 4
_MOST_SHOWN = 20


class Verified(NamedTuple):
    """A folder or a file: what it is, whether it has checksums, what is wrong with it, what else lies in it."""

    place: Path
    what: str
    is_known: bool
    problems: tuple[str, ...]
    others: tuple[str, ...] = ()


def verify(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="folders of results, lives, studies, or of several of them")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="print what is damaged, and nothing else")] = False,
) -> None:
    """Tell whether results, checkpoints and studies are still what was written, by their checksums.

    Without a path: the property tables, what is kept in the cache folder, and the history of runs. Results are also
    checked whenever they are read. The checksums of a folder are SHA256SUMS; 'sha256sum -c SHA256SUMS' in it does the
    same.

    For example:

        h2plant verify results/year-1

        h2plant verify results

        h2plant verify

    Exit codes: 0 all is what was written; 1 something is damaged; 2 there is nothing of h2plant there.
    """
    from h2plant.results.checksums import SUMS

    found = [one for path in paths for one in _below(path)] if paths else _own()
    for path in paths or ():
        if not any(one.place == path or path in one.place.parents for one in found):
            what = "holds no results" if path.is_dir() else "there is no such folder"
            raise typer.BadParameter(f"{path}: {what}; give the folder of a run, a life or a study, or one above it")
    for one in found:
        if one.problems:
            typer.echo(visible(f"damaged: {one.place} ({one.what})"))
            _list(one.problems)
        elif not quiet:
            state = "as written" if one.is_known else "no checksums: written by an earlier version"
            typer.echo(visible(f"{state}: {one.place} ({one.what})"))
        if one.others and not quiet:
            _list([f"{name} is no part of it: {SUMS} does not list it" for name in one.others])
    if any(one.problems for one in found):
        raise typer.Exit(1)


def _list(lines: Sequence[str]) -> None:
    for line in lines[:_MOST_SHOWN]:
        typer.echo(hanging("  ", line, "    "))
    if len(lines) > _MOST_SHOWN:
        typer.echo(f"  and {len(lines) - _MOST_SHOWN} more")


def _below(path: Path, depth: int = 0) -> list[Verified]:
    """Return what is found of a folder and of those in it."""
    from h2plant.results.checksums import SUMS
    from h2plant.results.leftover import lacks_sums
    from h2plant.studies.study.run import RUNS
    from h2plant.studies.study.store import has_store

    if not path.is_dir():
        return []
    if has_store(path):
        return [_study(path), *_below(path / RUNS, depth + 1)]
    found = []
    if (path / "summary.json").is_file() or os.path.lexists(path / SUMS):  # the summary itself may be what is gone
        found.append(_results(path))
    elif lacks_sums(path):
        what = f"{SUMS} is missing: the run was killed before its first checkpoint was whole, or the file was removed"
        remedy = "nothing can go on from here: run it again, or 'h2plant clean'"
        found.append(Verified(path, "checkpoint, unfinished", True, (f"{what}; {remedy}",)))
    if depth < _MOST_DEEP:
        inside = [one for one in sorted(path.iterdir()) if one.is_dir() and not one.is_symlink()]  # links lead out
        found += [one for folder in inside for one in _below(folder, depth + 1)]
    return found


def _results(folder: Path) -> Verified:
    from h2plant.results.checksums import has_sums, lost_sums_of, unlisted
    from h2plant.results.folder import YEARS_TABLE, damages_of
    from h2plant.results.leftover import CHECKPOINT

    what = "years of a life" if (folder / YEARS_TABLE).is_file() else "results"
    what = "checkpoint" if folder.name == CHECKPOINT else what
    problems = [f"{d.file.name} {d.what}" for d in damages_of(folder)]
    lost = lost_sums_of(folder, "summary.json")
    return Verified(folder, what, has_sums(folder), (*problems, *lost), tuple(unlisted(folder)))


def _study(folder: Path) -> Verified:
    from h2plant.results.checksums import has_sums, lost_sums_of, unlisted
    from h2plant.studies.search.confirm import damage_of
    from h2plant.studies.study.files import PROVENANCE, is_summed_elsewhere, study_damages
    from h2plant.studies.study.store import damaged_scenarios, has_checksums

    problems = [*(f"{d.file.name} {d.what}" for d in study_damages(folder)), *lost_sums_of(folder, PROVENANCE)]
    is_known = has_sums(folder) and has_checksums(folder)
    problems += [*damaged_scenarios(folder), *filter(None, [damage_of(folder)])]
    others = tuple(name for name in unlisted(folder) if not is_summed_elsewhere(name))
    return Verified(folder, "study", is_known, tuple(problems), others)


def _own() -> list[Verified]:
    """Return what is found of the property tables, of the cache folder, and of the history of runs."""
    from h2plant.core.cache_folder import PARTIAL, cache_root, is_whole
    from h2plant.core.lut_manager import SHIPPED_TABLES, LUTManager, TableError

    problems: tuple[str, ...] = ()
    try:
        LUTManager()
    except TableError as error:
        problems = (str(error),)
    found = [Verified(SHIPPED_TABLES, "property tables", True, problems)]
    for folder, _, names in os.walk(cache_root()):
        files = sorted(Path(folder, name) for name in names if not name.endswith(PARTIAL))
        bad = [file for file in files if not is_whole(file)]
        if not files:
            continue
        if bad == files and Path(folder).name.startswith("numba-"):  # version 0.1.0 left it to Numba, without checksums
            found.append(Verified(Path(folder), "kept for later runs", False, ()))
            continue
        said = "is damaged, or another user's: it is not used, and made anew"
        found.append(Verified(Path(folder), "kept for later runs", True, tuple(f"{file.name} {said}" for file in bad)))
    return [*found, *_history()]


def _history() -> list[Verified]:
    from h2plant.plant.finding import PlantError
    from h2plant.session.history import condition, history_file

    try:
        found = condition()
    except PlantError:  # there is no home folder, and no history
        return []
    if found is None:
        return []
    what = f"history of runs, {found.n_records} records"
    if 0 < found.n_without < found.n_records:
        what += f", {found.n_without} of an earlier version without checksums"
    is_known = found.n_without < found.n_records or found.n_records == 0
    return [Verified(history_file(), what, is_known, found.problems)]
