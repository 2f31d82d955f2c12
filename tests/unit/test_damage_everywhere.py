"""Every sort of file that is kept: flipped, cut, blank or swapped, it is found or gives the same, never else.

``test_damage.py`` has the files of a run one by one; here are lives, studies, what commands write beside results, the
property tables, and what lies in the cache folder: compiled kernels, measured plants of plans, steps of accuracy.
"""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.cache_folder import kept_files, read_kept, write_kept
from h2plant.core.error import UserError
from h2plant.core.lut_manager import SHIPPED_TABLES, LUTManager
from h2plant.report.page.life import Life, years_of
from h2plant.results.checksums import damages
from h2plant.results.folder import LifeFolder, ResultsError, write_beside
from h2plant.session.execution import execute
from h2plant.studies.backends.backend import ThreadBackend
from h2plant.studies.search.optimize import run_optimize
from h2plant.studies.study.files import write_study_sums
from h2plant.studies.study.store import STORE, Store
from tests.unit.test_damage import CHANGES, FLIPS, STUDY, content_of

pytestmark = pytest.mark.long

FOUND = (ResultsError, UserError)
"""What a file that is damaged may raise."""


class Kept(NamedTuple):
    """Files of a sort, each with others of its sort, and what is read of them: the same, or an error of ``FOUND``."""

    files: list[Path]
    read: Callable[[], Any]
    is_same: Callable[[Any, Any], bool] = lambda found, sound: bool(found == sound)


def _day(folder: Path) -> Path:
    execute(changed_scenario(load_scenario("minimal_day"), hours=3.0), out=folder / "day")
    return folder / "day"


def _beside(folder: Path) -> Kept:
    day = _day(folder)
    for name in ("audit.json", "accuracy.json", "sensitivity.json", "profile.json"):
        write_beside(day, name, json.dumps({"of": name}))
    names = ("audit.json", "accuracy.json", "sensitivity.json", "profile.json", "steps.npz", "cash_flow.csv")
    return Kept([day / name for name in names], lambda: content_of(day))


def _life(folder: Path) -> Kept:
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

    return Kept([done / "years.csv", done / "summary.json", *(done / "year_02").glob("*.parquet")], read)


def _study(folder: Path) -> Path:
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    run_optimize(folder / "study.yaml", folder / "out", backend=ThreadBackend(1))
    return folder / "out"


def _store(folder: Path) -> Kept:
    """The store of a study: what it gives of a scenario is what was written; what it lost is run again."""
    out = _study(folder)
    digests = _digests(out)

    def read() -> dict[int, Any]:
        with Store(out, digests) as store:
            return {one.number: one for one in store.outcomes()}

    def is_same(found: dict[int, Any], sound: dict[int, Any]) -> bool:
        return all(sound.get(number) == one for number, one in found.items())

    return Kept([out / STORE], read, is_same)


def _digests(out: Path) -> dict[str, str]:
    with sqlite3.connect(out / STORE) as database:
        about = dict(database.execute("SELECT key, value FROM about"))
    database.close()
    return {key: value for key, value in about.items() if key != "format"}


def _study_files(folder: Path) -> Kept:
    out = folder / "out"
    out.mkdir()
    for k, name in enumerate(("results.csv", "study.yaml", "provenance.json")):
        (out / name).write_text(json.dumps({name: [k] * 300}), encoding="utf-8")
    write_study_sums(out)

    def read() -> Any:
        if found := damages(out):
            raise ResultsError(str(found[0].file))
        return {file.name: file.read_bytes() for file in out.iterdir() if file.name != STORE}

    return Kept([file for file in out.iterdir() if file.is_file()], read)


def _tables(folder: Path) -> Kept:
    file = Path(shutil.copy(SHIPPED_TABLES, folder / "tables.npz"))

    def read() -> bytes:
        return bytes(LUTManager(file).props.tobytes())

    return Kept([file], read)


def _cache(folder: Path) -> Kept:
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

    return Kept(sorted(sound), read, is_same)


SORTS = {
    "beside results": _beside,
    "life": _life,
    "store of a study": _store,
    "files of a study": _study_files,
    "property tables": _tables,
    "cache": _cache,
}
COSTLY = {"life": 4, "property tables": 4, "store of a study": 1}
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
                assert kept.is_same(kept.read(), sound), (file.name, how)
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
