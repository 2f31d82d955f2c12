"""Damage is seen: a flipped bit, a cut or a swapped file is found or changes nothing, never gives another number."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import h2plant
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.cache_folder import read_kept, write_kept
from h2plant.core.error import UserError
from h2plant.core.lut_manager import SHIPPED_TABLES, LUTManager
from h2plant.results.checksums import HAS_SUMS, SUMS
from h2plant.results.folder import AUDIT, LifeFolder, ResultsError, write_beside
from h2plant.results.warning import warnings_of
from h2plant.session.execution import execute
from h2plant.studies.backends.backend import ThreadBackend
from h2plant.studies.search.optimize import run_optimize
from h2plant.studies.study.store import STORE
from tests.command import h2plant as run_command
from tests.folders import open_copy

FLIPS = int(os.environ.get("H2PLANT_FLIPS", "25"))
"""Flips of each sort of file; `make soak` takes more."""

STUDY = """
h2plant: 1
study: sizes
kind: optimize
scenario: minimal_day
hours: 2
step_s: 300
parameters: [{name: size, path: stack.rated_power_mw, range: [0.5, 0.9]}]
objectives: [{maximize: hydrogen_made_kg}]
search: {sampler: tpe, trials: 4, batch: 4, confirm: 1}
"""


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results") / "day"
    execute(changed_scenario(load_scenario("minimal_day"), hours=6.0), out=folder)
    return folder


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    assert run_command("optimize", folder / "study.yaml", "--out", folder / "out", "--threads", 1, "-q").exit_code == 0
    return folder / "out"


def content_of(folder: Path) -> list[object]:
    """All that is read of a run."""
    results = h2plant.Results(folder)
    log = {name: results[name].tobytes() for name in results.columns}
    return [
        json.dumps(results.summary),
        log,
        results.time.tobytes(),
        results.events.to_pylist(),
        results.ledger.to_pylist(),
    ]


Change = Callable[[bytearray, np.random.Generator], None]


def flip(content: bytearray, draw: np.random.Generator) -> None:
    k = int(draw.integers(len(content)))
    content[k] ^= 1 << int(draw.integers(8))


def cut(content: bytearray, draw: np.random.Generator) -> None:
    del content[int(draw.integers(len(content))) :]


def blank(content: bytearray, draw: np.random.Generator) -> None:
    k, n = int(draw.integers(len(content))), int(draw.integers(1, 4096))
    content[k : k + n] = bytes(len(content[k : k + n]))


CHANGES: dict[str, Change] = {"flip": flip, "cut": cut, "blank": blank}


@pytest.mark.parametrize("how", CHANGES)
def test_damage_of_results_is_found(day: Path, tmp_path: Path, how: str) -> None:
    draw = np.random.default_rng(7)
    copy = tmp_path / "copy"
    shutil.copytree(day, copy)
    sound = content_of(day)
    assert content_of(copy) == sound
    names = sorted(os.listdir(day))
    assert SUMS in names and "log.parquet" in names and "steps.npz" in names
    n_found = n_changed = 0
    for name in names:
        original = (day / name).read_bytes()
        for _ in range(FLIPS):
            content = bytearray(original)
            CHANGES[how](content, draw)
            (copy / name).write_bytes(content)
            try:
                assert content_of(copy) == sound
            except ResultsError as error:
                assert "damaged results" in str(error) and "h2plant verify" in str(error)
                n_found += 1
            n_changed += bytes(content) != original
        (copy / name).write_bytes(original)
    assert n_found == n_changed > 0.9 * FLIPS * len(names)
    assert content_of(copy) == sound


def test_files_that_take_the_place_of_others_are_found(day: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    scenario = changed_scenario(load_scenario("minimal_day"), hours=6.0, overrides={"stack.rated_power_mw": 0.9})
    execute(scenario, out=other)
    copy = tmp_path / "copy"
    shutil.copytree(day, copy)
    for name in sorted({*os.listdir(day)} - {SUMS}):
        original = (day / name).read_bytes()
        if (other / name).read_bytes() == original:
            continue
        shutil.copy(other / name, copy / name)
        with pytest.raises(ResultsError, match=f"{name} is not what was written"):
            h2plant.Results(copy)
        (copy / name).unlink()
        with pytest.raises(ResultsError, match=f"{name} is missing"):
            h2plant.Results(copy)
        (copy / name).write_bytes(original)
    lines = (day / SUMS).read_text().splitlines(keepends=True)
    (copy / SUMS).write_text("".join(line for line in lines if not line.endswith("  log.parquet\n")))
    with pytest.raises(ResultsError, match=r"log\.parquet has no checksum"):
        h2plant.Results(copy)
    earlier = open_copy(day, tmp_path / "earlier")
    assert h2plant.Results(earlier).summary == {
        key: value for key, value in h2plant.Results(day).summary.items() if key != HAS_SUMS
    }
    assert content_of(earlier)[1:] == content_of(day)[1:]


def test_lost_checksums_are_damage_but_the_results_are_read(day: Path, tmp_path: Path) -> None:
    """Only results of versions that wrote none have none; a summary that cannot say so is damage as well."""
    copy = tmp_path / "copy"
    shutil.copytree(day, copy)
    (copy / SUMS).unlink()
    answer = run_command("verify", copy)
    assert answer.exit_code == 1 and "SHA256SUMS is missing" in answer.text
    results = h2plant.Results(copy)
    assert content_of(copy)[1:] == content_of(day)[1:]
    assert [what for what, why in warnings_of(results.summary) if "SHA256SUMS is missing" in why] == ["missing"]
    assert not warnings_of(h2plant.Results(day).summary)
    assert "SHA256SUMS is missing" in run_command("report", copy).text + (copy.parent / "copy-report.html").read_text()
    (copy / "summary.json").write_bytes((copy / "summary.json").read_bytes()[:-9])
    answer = run_command("verify", copy)
    assert answer.exit_code == 1 and "summary.json cannot be read" in answer.text


def test_what_is_written_later_has_its_checksum_too(day: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(day, copy)
    write_beside(copy, AUDIT, '{"laws": []}')
    h2plant.Results(copy)
    assert "  audit.json\n" in (copy / SUMS).read_text()
    (copy / "audit.json").write_text("{}")
    with pytest.raises(ResultsError, match=r"audit\.json is not what was written"):
        h2plant.Results(copy)
    (copy / "audit.json").unlink()  # may be removed
    h2plant.Results(copy)


def test_damage_of_the_years_of_a_life_is_found(day: Path, tmp_path: Path) -> None:
    life = LifeFolder(tmp_path / "life", "life")
    shutil.copytree(day, life.year(1))
    folder = life.commit({"scenario": "life", "years": [1]}, {"years.csv": "year,hydrogen_made_kg\n1,100\n"})
    assert run_command("verify", folder).exit_code == 0
    for name in ("years.csv", "summary.json"):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content.replace(b"1", b"7", 1))
        answer = run_command("verify", folder)
        assert answer.exit_code == 1 and f"{name} is not what was written" in answer.text
        assert f"{name} is not what was written" in run_command("report", folder).text
        (folder / name).write_bytes(content)
    for lost in (folder / "year_01", folder):
        (lost / SUMS).unlink()
        answer = run_command("verify", folder)
        assert answer.exit_code == 1 and answer.text.count("SHA256SUMS is missing") == 1 + (lost == folder)


def test_damage_of_a_study_is_found(study: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(study, copy)
    assert run_command("verify", copy).exit_code == 0
    sound = [o.values for o in _outcomes(copy)]
    database = (study / STORE).read_bytes()
    at = database.index(b'{"hydrogen_made_kg"')
    for k in range(at, at + 40, 4):
        content = bytearray(database)
        content[k] ^= 1
        (copy / STORE).write_bytes(content)
        try:
            assert [o.values for o in _outcomes(copy)] == sound
        except (UserError, json.JSONDecodeError) as error:
            assert "damaged" in str(error)
        else:
            continue
        answer = run_command("verify", copy)
        assert answer.exit_code == 1 and "damaged" in answer.text, answer
    (copy / STORE).write_bytes(database)
    (copy / "results.csv").write_text("other", encoding="utf-8")
    assert "results.csv is not what was written" in run_command("verify", copy).text
    (copy / SUMS).unlink()
    answer = run_command("verify", copy)
    assert answer.exit_code == 1 and "SHA256SUMS is missing" in answer.text


def _outcomes(folder: Path) -> list[object]:
    found = run_optimize(folder / "study.yaml", folder, backend=ThreadBackend(1))
    assert found.run.n_runs == 0 or found.run.n_resumed == len(found.run.outcomes)
    return [*found.run.outcomes, *found.confirmed.values()]


def test_the_tables_and_what_is_kept_are_checked(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    whole, file = SHIPPED_TABLES.read_bytes(), tmp_path / "tables.npz"
    for _ in range(10):
        content = bytearray(whole)
        flip(content, draw)
        file.write_bytes(content)
        try:
            assert np.array_equal(LUTManager(file).props, LUTManager().props)
        except UserError as error:
            assert "tables" in str(error)
    write_kept(kept := tmp_path / "kept", b"what a measured model is")
    whole = kept.read_bytes()
    for _ in range(FLIPS):
        content = bytearray(whole)
        flip(content, draw)
        kept.write_bytes(content)
        assert read_kept(kept) is None


def test_verify_of_folders(day: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("H2PLANT_CACHE_DIR", str(tmp_path / "cache"))
    shutil.copytree(day, tmp_path / "runs" / "a")
    shutil.copytree(day, tmp_path / "runs" / "b")
    assert run_command("verify", tmp_path / "runs").exit_code == 0
    log = tmp_path / "runs" / "b" / "log.parquet"
    log.write_bytes(log.read_bytes()[:-1])
    answer = run_command("verify", tmp_path / "runs", "-q")
    assert answer.exit_code == 1
    assert "runs/b (results)" in answer.text and "log.parquet is not what was written" in answer.text
    assert "runs/a" not in answer.text
    shutil.copytree(day, tmp_path / "runs" / "c")
    (tmp_path / "runs" / "c" / "summary.json").unlink()
    answer = run_command("verify", tmp_path / "runs", "-q")
    assert answer.exit_code == 1 and "runs/c (results)" in answer.text and "summary.json is missing" in answer.text
    (tmp_path / "led").mkdir()
    (tmp_path / "led" / "out").symlink_to(tmp_path / "runs", target_is_directory=True)
    assert run_command("verify", tmp_path / "led").exit_code == 2  # links lead out of the folder: none is followed
    earlier = open_copy(day, tmp_path / "earlier")
    assert "no checksums: written by an earlier version" in run_command("verify", earlier).text
    for nothing in (tmp_path / "cache", tmp_path / "not-there"):
        assert run_command("verify", nothing).exit_code == 2
    assert "as written" in run_command("verify").text


def test_verify_says_what_stands_in_the_place_of_a_file(day: Path, tmp_path: Path) -> None:
    def gone(name: str) -> Path:
        copy = Path(shutil.copytree(day, tmp_path / name.replace(" ", "-")))
        (copy / "log.parquet").unlink()
        return copy / "log.parquet"

    made: dict[str, Callable[[Path], object]] = {
        "is missing": lambda file: None,
        "is a folder, wanted a file": lambda file: file.mkdir(),
        "is a link that leads back to itself": lambda file: file.symlink_to(file.name),
        "is a link to 'nowhere', which is not there": lambda file: file.symlink_to("nowhere"),
    }
    if hasattr(os, "mkfifo"):
        made["is a FIFO (named pipe), wanted a file"] = os.mkfifo
    for says, make in made.items():
        file = gone(says)
        make(file)
        answer = run_command("verify", file.parent)
        assert answer.exit_code == 1 and f"log.parquet {says}" in answer.text
    file = gone("sums").with_name(SUMS)
    file.unlink()
    file.symlink_to(SUMS)
    answer = run_command("verify", file.parent)
    assert answer.exit_code == 1 and f"{SUMS} is a link that leads back to itself" in answer.text


def test_verify_names_what_the_checksums_do_not_list(day: Path, study: Path, tmp_path: Path) -> None:
    for folder in (day, study):
        copy = Path(shutil.copytree(folder, tmp_path / folder.name))
        assert "no part of it" not in run_command("verify", copy).text
        (copy / "notes.txt").write_text("of mine", encoding="utf-8")
        (copy / "lost").symlink_to("nowhere")
        answer = run_command("verify", copy)
        assert answer.exit_code == 0 and "as written" in answer.text
        for name in ("notes.txt", "lost"):
            assert f"{name} is no part of it: {SUMS} does not list it" in answer.text
        assert "no part of it" not in run_command("verify", copy, "-q").text
