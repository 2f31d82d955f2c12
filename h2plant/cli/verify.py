"""The command that tells whether results, studies and what the program keeps are still what was written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from h2plant.core.markup import visible
from h2plant.core.terminal import hanging

_MOST_DEEP = 4
_MOST_SHOWN = 20


class Verified(NamedTuple):
    """A folder or a file: what it is, whether it has checksums, and what is wrong with it."""

    place: Path
    what: str
    is_known: bool
    problems: tuple[str, ...]


def verify(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="folders of results, lives, studies, or of several of them")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="print what is damaged, and nothing else")] = False,
) -> None:
    """Tell whether results, checkpoints and studies are still what was written, by their checksums.

    Without a path: the property tables and what is kept in the cache folder. Results are also checked whenever they are
    read. The checksums of a folder are SHA256SUMS; 'sha256sum -c SHA256SUMS' in it does the same.

    For example:

        h2plant verify results/year-1

        h2plant verify results

        h2plant verify

    Exit codes: 0 all is what was written; 1 something is damaged; 2 there is nothing of h2plant there.
    """
    found = [one for path in paths for one in _below(path)] if paths else _own()
    for path in paths or ():
        if not any(one.place == path or path in one.place.parents for one in found):
            what = "holds no results" if path.is_dir() else "there is no such folder"
            raise typer.BadParameter(f"{path}: {what}; give the folder of a run, a life or a study, or one above it")
    for one in found:
        if one.problems:
            typer.echo(visible(f"damaged: {one.place} ({one.what})"))
            for problem in one.problems[:_MOST_SHOWN]:
                typer.echo(hanging("  ", problem, "    "))
            if len(one.problems) > _MOST_SHOWN:
                typer.echo(f"  and {len(one.problems) - _MOST_SHOWN} more")
        elif not quiet:
            state = "as written" if one.is_known else "no checksums: written by an earlier version"
            typer.echo(visible(f"{state}: {one.place} ({one.what})"))
    if any(one.problems for one in found):
        raise typer.Exit(1)


def _below(path: Path, depth: int = 0) -> list[Verified]:
    """Return what is found of a folder and of those in it."""
    from h2plant.results.checksums import SUMS
    from h2plant.studies.study.run import RUNS
    from h2plant.studies.study.store import has_store

    if not path.is_dir():
        return []
    if has_store(path):
        return [_study(path), *_below(path / RUNS, depth + 1)]
    found = []
    if (path / "summary.json").is_file() or (path / SUMS).exists():  # the summary itself may be what is gone
        found.append(_results(path))
    if depth < _MOST_DEEP:
        inside = [one for one in sorted(path.iterdir()) if one.is_dir() and not one.is_symlink()]  # links lead out
        found += [one for folder in inside for one in _below(folder, depth + 1)]
    return found


def _results(folder: Path) -> Verified:
    from h2plant.results.checksums import has_sums, lost_sums_of
    from h2plant.results.folder import YEARS_TABLE, damages_of
    from h2plant.results.leftover import CHECKPOINT

    what = "years of a life" if (folder / YEARS_TABLE).is_file() else "results"
    what = "checkpoint" if folder.name == CHECKPOINT else what
    problems = [f"{d.file.name} {d.what}" for d in damages_of(folder)]
    return Verified(folder, what, has_sums(folder), (*problems, *lost_sums_of(folder, "summary.json")))


def _study(folder: Path) -> Verified:
    from h2plant.results.checksums import damages, has_sums, lost_sums_of
    from h2plant.studies.study.files import PROVENANCE
    from h2plant.studies.study.store import damaged_scenarios, has_checksums

    problems = [*(f"{d.file.name} {d.what}" for d in damages(folder)), *lost_sums_of(folder, PROVENANCE)]
    is_known = has_sums(folder) and has_checksums(folder)
    return Verified(folder, "study", is_known, (*problems, *damaged_scenarios(folder)))


def _own() -> list[Verified]:
    """Return what is found of the property tables and of the cache folder."""
    from h2plant.core.cache_folder import cache_root, is_whole, kept_files
    from h2plant.core.lut_manager import SHIPPED_TABLES, LUTManager, TableError

    problems: tuple[str, ...] = ()
    try:
        LUTManager()
    except TableError as error:
        problems = (str(error),)
    found = [Verified(SHIPPED_TABLES, "property tables", True, problems)]
    root = cache_root()
    for folder in sorted(path for path in kept_files(root) if path.is_dir()):
        bad = tuple(
            f"{file.name} is damaged, or another user's: it is not used, and made anew"
            for file in sorted(kept_files(folder))
            if file.is_file() and not is_whole(file)
        )
        found.append(Verified(folder, "kept for later runs", True, bad))
    return found
