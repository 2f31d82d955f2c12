"""Every sort of file that is kept: flipped, cut, blank or swapped, it is found or gives the same, never else.

``test_damage.py`` has the files of a run one by one; here are lives, studies, checkpoints, what commands write beside
results, results that were replaced or never got their name, the history of runs, the property tables, and what lies in
the cache folder: compiled kernels, measured plants of plans, steps of accuracy.
"""

import json
import math
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from h2plant.cli.verify import _below
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.cache_folder import kept_files, read_kept, write_kept
from h2plant.core.error import UserError
from h2plant.core.lut_manager import SHIPPED_TABLES, LUTManager
from h2plant.report.page.life import Life, years_of
from h2plant.results import folder as results_folder
from h2plant.results.checkpoint_folder import CheckpointFolder, states
from h2plant.results.folder import LifeFolder, ResultsError, write_beside
from h2plant.results.leftover import bring_back, new_partial
from h2plant.results.packed import pack
from h2plant.session import history
from h2plant.session.checkpoint import CLASSES, Given, read_state
from h2plant.session.checkpoint import Kept as Checkpoint
from h2plant.session.execution import execute
from h2plant.session.record import bench_record
from h2plant.session.resume import name_finished, newest, resume
from h2plant.studies.backends.backend import ThreadBackend
from h2plant.studies.search.optimize import run_optimize
from h2plant.studies.study.run import CONFIRMED
from h2plant.studies.study.store import LOCK, STORE, Store
from tests.killed import Killed, checkpoint_of, kill_after
from tests.unit.test_damage import CHANGES, FLIPS, STUDY, content_of

pytestmark = pytest.mark.long

FOUND = (ResultsError, UserError)
"""What a file that is damaged may raise."""


class Sort(NamedTuple):
    """Files of a sort, each with others of its sort, and what is read of them: the same, or an error of ``FOUND``."""

    files: list[Path]
    read: Callable[[], Any]
    is_same: Callable[[Any, Any], bool] = lambda found, sound: bool(found == sound)


def _day(folder: Path) -> Path:
    execute(changed_scenario(load_scenario("minimal_day"), hours=3.0), out=folder / "day")
    return folder / "day"


def _killed(folder: Path) -> Path:
    """Return a run that was killed after its third checkpoint."""
    day = changed_scenario(load_scenario("minimal_day"), hours=6.0)
    with pytest.MonkeyPatch.context() as monkeypatch, pytest.raises(Killed):
        monkeypatch.setattr(results_folder, "CARRIED_BYTES", 4.0e4)
        kill_after(monkeypatch, 3)
        execute(day, out=folder / "r", checkpoint_every_s=1.25 * 3600.0)
    assert list(checkpoint_of(folder / "r").glob("log-*"))
    return folder / "r"


def _content(kept: Checkpoint) -> bytes:
    parts = (kept.given, kept.identity, kept.carried, kept.years)
    return b"".join(map(bytes, pack(parts, (*CLASSES, Given))))


def _checkpoint(folder: Path) -> Sort:
    """The checkpoints of a run that was killed: what it goes on from is one of the two that were written, or none."""
    run = _killed(folder)
    place = checkpoint_of(run)
    written = {name: _content(read_state(name, state)) for name, state in states(place) if isinstance(state, bytes)}
    assert len(written) == 2

    def read() -> Any:
        kept = newest(run).kept
        rows = [rows.tobytes() for rows in CheckpointFolder(place).segment_rows(kept.segments)]
        return kept.name, _content(kept), rows

    def is_same(found: Any, sound: Any) -> bool:
        return bool(found[1] == written[found[0]] and found[2] == sound[2][: len(found[2])])

    return Sort(sorted(place.iterdir()), read, is_same)


def _replaced(folder: Path) -> Sort:
    """Results that others replaced, when they are brought back."""
    day = _day(folder)
    kept = Path(shutil.copytree(day, folder / ".day.replaced"))

    def read() -> Any:
        here = folder / "copy"
        shutil.rmtree(here, ignore_errors=True)
        here.mkdir()
        for one in (day, kept):
            shutil.copytree(one, here / one.name)
        bring_back(here / "day")
        return content_of(here / "day")

    return Sort([kept / "log.parquet", kept / "summary.json", kept / "SHA256SUMS"], read)


def _nameless(folder: Path) -> Sort:
    """Results that only lack their name, when they are given it."""
    day = _day(folder)
    (folder / "apart").mkdir()
    partial = new_partial(folder / "apart" / "day")
    shutil.copytree(day, partial, dirs_exist_ok=True)

    def read() -> Any:
        here = folder / "copy"
        shutil.rmtree(here, ignore_errors=True)
        shutil.copytree(folder / "apart", here)
        assert name_finished(here / "day")
        return content_of(here / "day")

    return Sort([partial / "log.parquet", partial / "summary.json", partial / "SHA256SUMS"], read)


def _history(folder: Path) -> Sort:
    """The history of runs: what is not what was written is left out, or the file is set aside."""
    file = folder / "history.sqlite"
    for k in range(12):
        history.append(bench_record(f"b{k}", [], float(k), "0"), file)

    def is_same(found: list[Any], sound: list[Any]) -> bool:
        return found == [one for one in sound if one in found]

    return Sort([file], lambda: history.read(file), is_same)


def _beside(folder: Path) -> Sort:
    day = _day(folder)
    for name in ("audit.json", "accuracy.json", "sensitivity.json", "profile.json"):
        write_beside(day, name, json.dumps({"of": name}))
    names = ("audit.json", "accuracy.json", "sensitivity.json", "profile.json", "steps.npz", "cash_flow.csv")
    return Sort([day / name for name in names], lambda: content_of(day))


def _life(folder: Path) -> Sort:
    day = _day(folder)
    life = LifeFolder(folder / "life", "life")
    years = []
    for k in (1, 2):
        shutil.copytree(day, life.year(k))
        years.append({"year": k, "start": "2023-01-01", "hours": 3.0, "hydrogen_made_kg": float(k), "replaced": {}})
    summary = json.loads((day / "summary.json").read_bytes()) | {"years": years, "n_years": 2}
    done = life.commit(summary, {"years.csv": "year,hours\n1,3\n2,3\n"})

    def read() -> Any:
        return Life(done).summary, [content_of(one.folder) for one in years_of(done)]

    return Sort([done / "years.csv", done / "summary.json", *(done / "year_02").glob("*.parquet")], read)


def _study(folder: Path) -> Path:
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    run_optimize(folder / "study.yaml", folder / "out", backend=ThreadBackend(1))
    return folder / "out"


def _store(folder: Path) -> Sort:
    """The store of a study: what it gives of a scenario is what was written; what it lost is run again."""
    out = _study(folder)
    digests = _digests(out)

    def read() -> dict[int, Any]:
        with Store(out, digests) as store:
            return {one.number: one for one in store.outcomes()}

    def is_same(found: dict[int, Any], sound: dict[int, Any]) -> bool:
        return all(sound.get(number) == one for number, one in found.items())

    return Sort([out / STORE], read, is_same)


def _digests(out: Path) -> dict[str, str]:
    with sqlite3.connect(out / STORE) as database:
        about = dict(database.execute("SELECT key, value FROM about"))
    database.close()
    return {key: value for key, value in about.items() if key != "format"}


def _study_files(folder: Path) -> Sort:
    """All that a search wrote beside its store; what is not found when it is read is found by ``verify``."""
    out = _study(folder)
    files = [file for file in out.iterdir() if file.is_file() and not file.name.startswith((STORE, LOCK))]
    assert CONFIRMED in {file.name for file in files}

    def read() -> Any:
        if found := [problem for one in _below(out) for problem in one.problems]:
            raise ResultsError(str(found))
        return {file.name: file.read_bytes() for file in files}

    return Sort(files, read)


def _tables(folder: Path) -> Sort:
    file = Path(shutil.copy(SHIPPED_TABLES, folder / "tables.npz"))

    def read() -> bytes:
        return bytes(LUTManager(file).props.tobytes())

    return Sort([file], read)


def _cache(folder: Path) -> Sort:
    """All that is kept for later runs has one reader: what it does not give is made anew."""
    root = folder / "cache"
    root.mkdir(mode=0o700)
    numbers = np.random.default_rng(1)
    for name in ("kernel.nbc", "plan.json", "stretch.npz", "other.json"):
        write_kept(root / name, numbers.bytes(4000))
    sound = {file: read_kept(file) for file in sorted(kept_files(root))}

    def read() -> Any:
        return {file: read_kept(file) for file in sound}

    def is_same(found: dict[Path, Any], _sound: Any) -> bool:
        return all(content is None or content == sound[file] for file, content in found.items())

    return Sort(sorted(sound), read, is_same)


SORTS = {
    "beside results": _beside,
    "checkpoint": _checkpoint,
    "replaced results": _replaced,
    "results without name": _nameless,
    "history": _history,
    "life": _life,
    "store of a study": _store,
    "files of a study": _study_files,
    "property tables": _tables,
    "cache": _cache,
}
COSTLY = {
    "replaced results": 4,
    "results without name": 4,
    "files of a study": 2,
    "life": 4,
    "property tables": 4,
    "store of a study": 1,
}
"""Sorts of which so much less is taken."""


@pytest.mark.parametrize("name", SORTS)
def test_damage_is_found_or_changes_nothing(tmp_path: Path, name: str) -> None:
    kept = SORTS[name](tmp_path)
    sound = kept.read()
    draw = np.random.default_rng(11)
    contents = {file: file.read_bytes() for file in kept.files}
    n = max(2, FLIPS // (5 * COSTLY.get(name, 1)))
    n_found = n_damaged = 0
    for file, original in contents.items():
        for how in [*CHANGES] * n + ["swap"] * min(n, len(contents) - 1):
            content = bytearray(original)
            if how == "swap":
                others = [one for one in contents.values() if one != original] or [original[::-1]]
                content = bytearray(others[int(draw.integers(len(others)))])
            else:
                CHANGES[how](content, draw)
            file.write_bytes(content)
            n_damaged += bytes(content) != original
            try:
                found = kept.read()
                assert kept.is_same(found, sound), (file.name, how)
                n_found += found != sound
            except FOUND as error:
                assert str(error)
                n_found += 1
            finally:
                for left in file.parent.glob(f"{STORE}-*"):
                    left.unlink()
                file.write_bytes(original)
    assert kept.is_same(kept.read(), sound)
    assert n_damaged > 0.7 * n * len(contents)
    assert n_found or name == "cache"


def test_a_damaged_checkpoint_is_refused_or_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    """By running on: whichever file is damaged, the run ends as the one that nothing happened to, or does not go on."""
    sound = tmp_path / "sound"
    sound.mkdir()
    run, draw = _killed(sound), np.random.default_rng(5)
    names = [file.name for file in sorted(checkpoint_of(run).iterdir())]
    day = changed_scenario(load_scenario("minimal_day"), hours=6.0)
    whole = content_of(execute(day, out=tmp_path / "whole", checkpoint_every_s=math.inf).folder)[1:]
    n_went_on = 0
    for k, how in enumerate(("flip", "cut", "swap", "last line") * max(2, FLIPS // 25)):
        copy = Path(shutil.copytree(sound, tmp_path / f"copy-{k}"))
        place = checkpoint_of(copy / "r")
        file = place / ("SHA256SUMS" if how == "last line" else names[k % len(names)])
        content = bytearray(file.read_bytes())
        if how == "last line":
            del content[content.rindex(b"\n", 0, -1) + 1 :]
        elif how == "swap":
            content = bytearray((place / names[k % len(names) - 1]).read_bytes())
        else:
            CHANGES[how](content, draw)
        file.write_bytes(content)
        try:
            resume(copy / "r")
        except ResultsError as error:
            assert "no checkpoint is whole" in str(error) or "there is nothing to go on with" in str(error)
        else:
            n_went_on += 1
            assert content_of(copy / "r")[1:] == whole, (file.name, how)
        shutil.rmtree(copy)
    assert n_went_on > 1
