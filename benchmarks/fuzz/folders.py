"""Folders that somebody sends: results, lives, studies; none has checksums, so that what is in them is read."""

from __future__ import annotations

import io
import json
import random
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.fuzz.change import as_json, changed_bytes, changed_table, changed_text, changed_tree
from benchmarks.fuzz.plain_files import SWEEP
from benchmarks.fuzz.sort import Read, Sort, changed_yaml, put
from benchmarks.fuzz.tables import packed
from h2plant.cli.audit import audit
from h2plant.cli.compare import compare
from h2plant.cli.export import export
from h2plant.cli.plot import plot
from h2plant.cli.report import report
from h2plant.cli.sweep import sweep
from h2plant.cli.verify import verify
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.dashboard.listing import inspect
from h2plant.report.page.life import Life, years_of
from h2plant.results import Results
from h2plant.results.checksums import HAS_SUMS, SUMS
from h2plant.results.folder import LifeFolder
from h2plant.session.execution import execute
from h2plant.studies.study.run import run_study

COLUMN = "stack.power.power_w"


def _day(place: Path) -> Path:
    execute(changed_scenario(load_scenario("minimal_day"), hours=3.0), out=place / "sound", audit_steps=20)
    return _opened(place / "sound")


def _opened(folder: Path) -> Path:
    """Take the checksums out of a folder, as of an earlier version."""
    for file in folder.rglob(SUMS):
        file.unlink()
    for file in [*folder.rglob("summary.json"), *folder.rglob("provenance.json")]:
        said = json.loads(file.read_bytes())
        said.pop(HAS_SUMS, None)
        file.write_bytes(as_json(said))
    return folder


def _spoil(folder: Path, draw: random.Random) -> None:
    """Change a file of a folder, or lose it, or put something else in its place."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    for _ in range(draw.choice((1, 1, 1, 2))):
        file = draw.choice(files)
        if not file.is_file():
            continue
        what = draw.random()
        if what < 0.03:
            file.unlink()
        elif what < 0.05:
            file.unlink()
            file.mkdir()
        elif what < 0.07:
            file.unlink()
            file.symlink_to(draw.choice(("nowhere", file.name, "/dev/null", ".")))
        elif what < 0.1:
            other = draw.choice(files)
            if other.is_file():
                file.write_bytes(other.read_bytes())
        elif what < 0.13:
            with open(file, "r+b") as stream:
                stream.truncate(draw.randrange(file.stat().st_size + 1))
        else:
            try:
                content = _spoilt(file, draw)
            except Exception:  # changed twice, it cannot be taken apart any more
                content = changed_bytes(file.read_bytes(), draw)
            file.write_bytes(content)


def _spoilt(file: Path, draw: random.Random) -> bytes:
    content, what = file.read_bytes(), draw.random()
    if what < 0.15:
        return changed_bytes(content, draw)
    if file.suffix == ".parquet":
        try:
            return packed(changed_table(pq.read_table(file), draw), ".parquet")
        except (pa.ArrowException, ValueError, OSError):
            return changed_bytes(content, draw)
    if file.suffix == ".json":
        return as_json(changed_tree(json.loads(content), draw)) if what < 0.9 else changed_text(content, draw)
    if file.suffix == ".yaml":
        return changed_yaml(content, draw)
    if file.suffix == ".npz":
        return _npz(content, draw)
    return changed_text(content, draw)


def _npz(content: bytes, draw: random.Random) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(stream, "w") as after:
        names = before.namelist()
        chosen, what = draw.choice(names), draw.randrange(4)
        for name in names:
            part = before.read(name)
            if name == chosen and what < 2:
                part = changed_bytes(part, draw)
            elif name == chosen and what == 2:
                part = before.read(draw.choice(names))
            if name != chosen or what != 3:
                after.writestr(name, part)
    return stream.getvalue()


# results -------------------------------------------------------------------------------------------------------------
def _everything(run: Path) -> None:
    results = Results(run)
    _ = repr(results), results._repr_html_(), results.event_counts(), results.describe("stack."), results.time
    results.to_arrow()


def _listed(run: Path) -> None:
    reason = inspect(run, "case").reason
    if re.match(r"cannot be read \(\w+(Error|Exception|ArrowInvalid):", reason):  # what nobody thought of
        raise AssertionError(reason)


def _exported(run: Path) -> None:
    export(run, [COLUMN], csv=True, netcdf=False, excel=False, out=Path("out.csv"))


def _compared(run: Path, sound: Path) -> None:
    compare([str(run), str(sound)], None, None, None, None, False, Path("out.html"))


def _results(sound: Path, folder: Path, draw: random.Random) -> Read:
    run = Path(shutil.copytree(sound, folder / "run"))
    _spoil(run, draw)
    readers: list[tuple[float, Callable[[], object]]] = [
        (4.0, lambda: _everything(run)),
        (2.0, lambda: _listed(run)),
        (1.0, lambda: _exported(run)),
        (1.0, lambda: verify([folder], False)),
        (0.1, lambda: export(run, None, csv=False, netcdf=False, excel=True, out=folder / "out.xlsx")),
        (0.1, lambda: plot(run, [COLUMN], folder / "out.png", None, None)),
        (0.2, lambda: report(run, folder / "out.html", None, False, None)),
        (0.1, lambda: _compared(run, sound)),
        (0.2, lambda: audit(run, False, False)),
        (0.3, lambda: Results(run).to_pandas([COLUMN])),
    ]
    weights, reads = zip(*readers, strict=True)
    return draw.choices(reads, weights)[0]  # type: ignore[no-any-return]


# lives ---------------------------------------------------------------------------------------------------------------
def _life(place: Path) -> Path:
    day = _day(place)
    life = LifeFolder(place / "life", "life")
    wear = {"stack": {"sort": "pem", "column": "stack.degradation_v", "at_end_frac": 0.2}}
    years = []
    for k in (1, 2):
        shutil.copytree(day, life.year(k))
        year = {"year": k, "start": "2023-01-01", "hours": 3.0, "hydrogen_made_kg": 1.0, "replaced": {}, "wear": wear}
        years.append(year)
    summary = json.loads((day / "summary.json").read_bytes()) | {"years": years, "n_years": 2}
    return _opened(life.commit(summary, {"years.csv": "year,hours,hydrogen_made_kg\n1,3,1\n2,3,1\n"}))


def _lives(sound: Path, folder: Path, draw: random.Random) -> Read:
    run = Path(shutil.copytree(sound, folder / "life"))
    _spoil(run, draw)
    readers: tuple[Callable[[], object], ...] = (
        lambda: report(run, folder / "out.html", None, False, None),
        lambda: [len(one) for one in years_of(run)],
        lambda: Life(run),
        lambda: verify([folder], False),
        lambda: audit(run, False, False),
    )
    return draw.choice(readers)


# studies -------------------------------------------------------------------------------------------------------------
def _study(place: Path) -> Path:
    file = put(place / "study" / "sizes.yaml", SWEEP.encode())
    run_study(file, place / "study" / "out")
    return _opened(place / "study")


def _stores(sound: Path, folder: Path, draw: random.Random) -> Read:
    study = Path(shutil.copytree(sound, folder / "study"))
    if draw.random() < 0.5:
        _spoil_store(study / "out" / "study.sqlite", draw)
    else:
        _spoil(study / "out", draw)
    if draw.random() < 0.5:
        return lambda: verify([study / "out"], False)
    return lambda: sweep(str(study / "sizes.yaml"), study / "out", 1, None, None, False, False, True)


def _spoil_store(file: Path, draw: random.Random) -> None:
    """Change a value of the store of a study, whatever it holds."""
    with sqlite3.connect(file) as database:
        table = draw.choice(("about", "scenarios", "scenarios", "scenarios"))
        names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        values: tuple[Any, ...] = (
            None,
            1,
            -1,
            1e400,
            "",
            "nan",
            "{}",
            "[1]",
            '{"a": NaN}',
            b"\xff",
            2**62,
            "\x00",
            "x" * 999,
        )
        what = f'UPDATE OR IGNORE {table} SET "{draw.choice(names)}" = ? WHERE rowid = ?'
        try:
            database.execute(what, (draw.choice(values), draw.randrange(1, 7)))
        except sqlite3.Error:
            database.execute(f"DROP TABLE {table}")
    database.close()


FOLDERS = (
    Sort("results", 5.0, _day, _results),
    Sort("lives", 0.3, _life, _lives),
    Sort("study folders", 0.7, _study, _stores),
)
