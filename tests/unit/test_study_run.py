"""Studies as they run: shared runs, what a stop leaves, what fails alone, what is bit for bit the same."""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import h2plant
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.plant.finding import PlantError
from h2plant.results import Results
from h2plant.results.folder import ResultsError
from h2plant.session.execution import execute
from h2plant.simulation.program import Program
from h2plant.studies.backends import dask as dask_backend
from h2plant.studies.backends.backend import ThreadBackend
from h2plant.studies.backends.dask import DaskBackend
from h2plant.studies.study import Study, load_study
from h2plant.studies.study.files import write_files
from h2plant.studies.study.outcome import Outcome
from h2plant.studies.study.prepared import PreparedStudy
from h2plant.studies.study.run import StudyRun, points_of, run_study
from h2plant.studies.study.store import STORE, Store
from h2plant.studies.study.target import Changes
from h2plant.studies.study.variant import PlantVariant
from h2plant.studies.view.page import study_page
from tests.command import h2plant as command

pytestmark = pytest.mark.long

STUDY = """h2plant: 1
study: trial
kind: sweep
scenario: minimal_day
start: 2023-07-03
hours: {hours}
parameters:
  - {{path: stack.rated_power_mw, range: [0.6, 1.2], n: {n}}}
  - {{path: economics.real_rate_frac, values: [0.04, 0.08]}}
design: {{kind: grid}}
outputs:
  - hydrogen_cost_eur_per_kg
  - hydrogen_made_kg
  - {{name: mean_bar, column: tank.pressure_bar, reduce: mean}}
  - {{name: median_bar, column: tank.pressure_bar, reduce: quantile, q: 0.5}}
  - {{name: import_mwh, column: grid.import_w, reduce: total}}
  - {{name: sd_k, column: stack.temperature_k, reduce: sd}}
  - {{name: warm_frac, column: stack.temperature_degc, reduce: share_above, limit: 40}}
  - {{column: series.temp_air_degc, reduce: max}}
  - {{economics: by_kind_of_cost_eur_per_kg.upkeep}}
"""


def written(folder: Path, n: int = 3, hours: float = 7.1, more: str = "") -> Path:
    file = folder / "study.yaml"
    file.write_text(STUDY.format(n=n, hours=hours) + more, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> StudyRun:
    folder = tmp_path_factory.mktemp("small")
    return run_study(written(folder, more="full_logs: [2]\n"), folder / "out", backend=ThreadBackend(2))


def test_scenarios_are_the_runs_that_the_plant_makes_alone(small: StudyRun, tmp_path: Path) -> None:
    changes = {"stack.rated_power_mw": 0.9, "economics.real_rate_frac": 0.08}
    scenario = changed_scenario(load_scenario("minimal_day"), hours=7.1, start="2023-07-03", overrides=changes)
    results = execute(scenario, out=tmp_path / "alone")
    found = small.outcomes[3].values
    assert small.points[3].values == {"stack.rated_power_mw": 0.9, "economics.real_rate_frac": 0.08}
    for name in ("hydrogen_cost_eur_per_kg", "hydrogen_made_kg"):
        assert found[name] == results.summary["key_figures"][name]
    seconds = np.full(len(results), 900.0)
    seconds[-1] = 7.1 * 3600.0 - seconds[:-1].sum()  # the last interval is cut short
    assert 0.0 < seconds[-1] < 900.0
    bar = results["tank.pressure_pa"] / 1e5
    kelvin = results["stack.temperature_k"]
    assert found["mean_bar"] == pytest.approx(np.average(bar, weights=seconds), rel=1e-12)
    assert found["median_bar"] == pytest.approx(np.median(bar), rel=1e-12)
    assert found["import_mwh"] == pytest.approx(results.summary["key_figures"]["import_mwh"], rel=1e-9)
    mean = np.average(kelvin, weights=seconds)
    assert found["sd_k"] == pytest.approx(np.sqrt(np.average((kelvin - mean) ** 2, weights=seconds)), rel=1e-9)
    assert found["warm_frac"] == pytest.approx(seconds[kelvin > 313.15].sum() / seconds.sum(), rel=1e-12)
    assert found["series.temp_air_degc.max"] == pytest.approx(results["series.temp_air_degc"].max() - 273.15, rel=1e-12)
    assert small.units["series.temp_air_degc.max"] == "°C"
    parts = results.summary["economics"]["by_kind_of_cost_eur_per_kg"]
    assert found["economics.by_kind_of_cost_eur_per_kg.upkeep"] == parts["upkeep"]


def test_what_changes_the_economics_alone_runs_the_plant_once(small: StudyRun) -> None:
    assert small.n_runs == 4  # three sizes, and the scenario with a full log by itself
    assert len(small.outcomes) == 6
    cheap, dear = small.outcomes[4].values, small.outcomes[5].values
    assert cheap["hydrogen_made_kg"] == dear["hydrogen_made_kg"]
    assert float(cheap["hydrogen_cost_eur_per_kg"] or 0) < float(dear["hydrogen_cost_eur_per_kg"] or 0)


def test_full_logs_of_chosen_scenarios_alone(small: StudyRun) -> None:
    assert [p.name for p in (small.folder / "runs").iterdir()] == ["scenario_00002"]
    results = Results(small.folder / "runs" / "scenario_00002")
    figures = results.summary["key_figures"]
    assert figures["hydrogen_made_kg"] == small.outcomes[1].values["hydrogen_made_kg"]
    assert figures["hydrogen_cost_eur_per_kg"] == small.outcomes[1].values["hydrogen_cost_eur_per_kg"]


def test_files_and_page_hold_every_scenario(small: StudyRun) -> None:
    write_files(small, "h2plant sweep study.yaml")
    table = pq.ParquetFile(small.folder / "results.parquet").read()
    assert table["scenario"].to_pylist() == [1, 2, 3, 4, 5, 6]
    assert table["mean_bar"].to_pylist() == [o.values["mean_bar"] for o in small.outcomes]
    lines = (small.folder / "results.csv").read_text().splitlines()
    assert len(lines) == 7
    assert lines[0].startswith("scenario,stack.rated_power_mw,economics.real_rate_frac,hydrogen_cost_eur_per_kg")
    assert json.loads((small.folder / "provenance.json").read_text())["n_scenarios"] == 6
    page = study_page(small, "h2plant sweep study.yaml")
    assert "Rank correlations" in page
    assert "Not shown" not in page


def test_series_and_years_are_changed_before_the_run(tmp_path: Path) -> None:
    prepared = PreparedStudy(load_study(written(tmp_path)))
    changed = prepared.program_of(Changes(series={"price_eur_per_mwh": (2.0, 1e-9)}))
    own = prepared.program_of(Changes())
    first = int(own.arrays.series_first[0])
    before = own.arrays.series_values[first : first + int(own.arrays.series_count[0])]
    after = changed.arrays.series_values[first : first + before.size]
    np.testing.assert_array_equal(after, 2.0 * before + 1e-9)
    assert Changes(series={"a": (1.0, 0.0)}).physics_digest() == Changes().physics_digest()
    assert Changes(series={"a": (1.1, 0.0)}).physics_digest() != Changes().physics_digest()
    assert Changes(economics={"tax_frac": 0.1}).physics_digest() == Changes().physics_digest()


def test_a_scenario_that_fails_is_reported_and_the_rest_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = PlantVariant.program_of

    def failing(self: PlantVariant, changes: Changes) -> Program:
        program = whole(self, changes)
        if changes.fields.get(("stack", "rated_power_w")) == 6e5:
            program.arrays.memory[program.field_index["tank.initial_pressure_pa"]] = float("nan")
        return program

    monkeypatch.setattr(PlantVariant, "program_of", failing)
    run = run_study(written(tmp_path), tmp_path / "out", backend=ThreadBackend(1))
    assert [o.number for o in run.failed] == [1, 2]
    assert all("tank" in o.reason for o in run.failed)
    assert [o.number for o in run.outcomes] == [1, 2, 3, 4, 5, 6]
    monkeypatch.undo()
    again = run_study(written(tmp_path), tmp_path / "out", backend=ThreadBackend(1), retry_failed=True)
    assert (again.n_runs, again.n_resumed, again.failed) == (1, 4, [])


def test_a_changed_study_is_refused_and_a_running_one_too(small: StudyRun, tmp_path: Path) -> None:
    other = written(tmp_path, n=4)
    with pytest.raises(ResultsError, match=r"6 scenarios of another study.*: the parameters.*--restart"):
        run_study(other, small.folder)
    out = tmp_path / "out"
    study = load_study(written(tmp_path, n=2))
    with Store(out, {}), pytest.raises(ResultsError, match="another study is running"):
        run_study(study, out)
    with pytest.raises(ResultsError, match="holds 0 scenarios of another study"):
        run_study(study, out)
    assert len(run_study(study, out, restart=True).outcomes) == 4
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(ResultsError, match="holds other things"):
        run_study(study, tmp_path / "mine")


def test_restart_leaves_a_running_study_alone(tmp_path: Path) -> None:
    study, out = load_study(written(tmp_path, n=2)), tmp_path / "out"
    before = run_study(study, out)
    with Store(out, before.digests) as running:
        with pytest.raises(ResultsError, match=r"another \w+ is running in this folder; wait for it"):
            run_study(study, out, restart=True)
        assert [o.number for o in running.outcomes()] == [1, 2, 3, 4]
        running.add(Outcome(5, {}, "late"), "digest")  # and goes on
    with Store(out, before.digests) as after:
        assert after.n_done == 5
    again = run_study(study, out, restart=True)
    assert (again.n_resumed, len(again.outcomes)) == (0, 4)


def test_no_other_study_runs_in_the_folder_while_tables_and_page_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, tried = tmp_path / "out", []

    def write(*_: object) -> None:
        with pytest.raises(ResultsError, match="is running in this folder"):
            run_study(written(tmp_path, n=3), out, restart=True)
        tried.append(out)

    monkeypatch.setattr("h2plant.studies.study.files.write_files", write)
    ended = command("sweep", written(tmp_path, n=2), "--out", out)
    assert ended.exit_code == 0 and tried == [out], ended.text


def test_a_full_disk_loses_nothing_that_was_finished(tmp_path: Path) -> None:
    with Store(tmp_path, {"code": "a"}) as store:
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count = {pages + 3}")
        with pytest.raises(ResultsError, match=r"disk is full.*goes on where it stopped"):
            for number in range(1, 10_000):
                store.add(Outcome(number, {"made": 1.5 * number}), "digest")
    with Store(tmp_path, {"code": "a"}) as store:
        kept = list(store.outcomes())
        assert [o.number for o in kept] == list(range(1, number))
        assert len(kept) > 10
        store.add(Outcome(number, {"made": 1.5 * number}), "digest")


def _sweep(file: Path, out: Path) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", "h2plant.cli", "sweep", str(file), "--out", str(out), "--threads", "1"]
    root = Path(h2plant.__file__).parents[1]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=root)


def _rows(out: Path) -> list[tuple[int, str, str]]:
    if not (out / STORE).is_file():
        return []
    with contextlib.closing(sqlite3.connect(f"file:{out / STORE}?mode=ro", uri=True)) as db:
        try:
            return list(db.execute('SELECT number, "values", finished FROM scenarios ORDER BY number'))
        except sqlite3.OperationalError:  # before the table is there
            return []


def test_ctrl_c_and_kill_lose_and_repeat_no_scenario(tmp_path: Path) -> None:
    file, out = written(tmp_path, n=24, hours=1600), tmp_path / "out"
    kept: list[tuple[int, str, str]] = []
    for number, text in ((signal.SIGINT, "interrupted"), (signal.SIGKILL, "")):
        process = _sweep(file, out)
        while len(_rows(out)) < len(kept) + 4 and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
        assert process.returncode == (130 if number == signal.SIGINT else -number), errors
        assert text in errors
        assert "Traceback" not in errors
        rows = _rows(out)
        assert rows[: len(kept)] == kept
        assert len(kept) + 4 <= len(rows) < 48
        kept = rows
    run = run_study(file, out)
    assert run.n_resumed == len(kept)
    assert _rows(out)[: len(kept)] == kept
    assert [o.number for o in run.outcomes] == list(range(1, 49))
    alone = PreparedStudy(run.study)
    jobs = alone.jobs(points_of(run.study)[:2])
    assert [o.values for o in ThreadBackend(1).outcomes(alone, jobs)] == [o.values for o in run.outcomes[:2]]


# --- Dask


@pytest.fixture(scope="module")
def cluster() -> Iterator[DaskBackend]:
    backend = DaskBackend(2)
    yield backend
    backend.close()


def _by_number(outcomes: Iterator[Outcome]) -> dict[int, dict[str, float | None]]:
    found = list(outcomes)
    assert all(not o.is_failed for o in found), found
    assert len({o.number for o in found}) == len(found)
    return {o.number: o.values for o in found}


def _study(folder: Path, n: int, hours: float) -> tuple[Study, PreparedStudy]:
    study = load_study(written(folder, n, hours))
    return study, PreparedStudy(study)


@pytest.mark.filterwarnings("ignore")  # Dask's own, of a worker that is gone
def test_dask_and_threads_agree_bit_for_bit_also_when_a_worker_is_killed(cluster: DaskBackend, tmp_path: Path) -> None:
    study, prepared = _study(tmp_path, 12, 600)
    jobs = prepared.jobs(points_of(study))
    by_threads = _by_number(ThreadBackend(2).outcomes(prepared, jobs))
    outcomes = cluster.outcomes(prepared, jobs)
    first = next(outcomes)
    victim = next(iter(cluster._cluster.workers.values())).pid
    os.kill(victim, signal.SIGKILL)
    by_dask = _by_number(iter([first, *outcomes]))
    assert by_dask == by_threads
    assert victim not in {worker.pid for worker in cluster._cluster.workers.values()}
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, processes=False, protocol="tcp://", dashboard_address=":0") as theirs:
        other = DaskBackend(scheduler=theirs.scheduler_address)
        try:
            assert _by_number(other.outcomes(prepared, jobs[:3])) == {n: by_threads[n] for n in range(1, 7)}
        finally:
            other.close()


def _listening(pids: Iterable[int]) -> set[tuple[str, int]]:
    """Return addresses and ports on which processes listen, as the kernel has them."""
    held = set()
    for pid in pids:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                held.add(os.readlink(entry))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and f"socket:[{words[9]}]" in held:
                host, port = words[1].split(":")
                found.add((host, int(port, 16)))
    return found


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="the kernel's table of ports is Linux's")
def test_a_cluster_of_its_own_listens_to_nobody_else(cluster: DaskBackend) -> None:
    workers = [worker.pid for worker in cluster._cluster.workers.values()]
    children = {pid for pid in workers if pid is not None}
    ports = _listening({os.getpid(), *children})
    assert len(ports) == 1 + 2 * len(children)  # scheduler; each worker, and what looks after it
    assert {host for host, _ in ports} == {"0100007F"}  # 127.0.0.1
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for _, port in ports:
        with socket.create_connection(("127.0.0.1", port), timeout=10.0) as clear:
            clear.sendall(b"GET / HTTP/1.0\r\n\r\n")
            with contextlib.suppress(ConnectionResetError):
                assert clear.recv(100)[:4] != b"HTTP" and not clear.recv(100)
        with (
            pytest.raises((ssl.SSLError, ConnectionError)),
            socket.create_connection(("127.0.0.1", port), timeout=10.0) as bare,
            context.wrap_socket(bare) as stranger,
        ):
            stranger.sendall(b"\0")
            while stranger.recv(100):
                pytest.fail("somebody without the certificate was spoken to")
            raise ConnectionResetError  # ended without a word
    with pytest.raises(PlantError, match=r"asks for a certificate.*\n.*distributed\.comm\.tls"):
        DaskBackend(scheduler=cluster._cluster.scheduler_address)


def test_unreachable_scheduler_is_told_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        began = time.perf_counter()
        with pytest.raises(PlantError, match=r"cannot be reached \(Connection refused\)\n.*dask scheduler"):
            DaskBackend(scheduler=f"tcp://127.0.0.1:{taken.getsockname()[1]}")
        assert time.perf_counter() - began < 8.0
        taken.listen()  # somebody listens, and does not speak Dask
        monkeypatch.setattr(dask_backend, "_ANSWER_S", 0.2)
        with pytest.raises(PlantError, match=r"no Dask scheduler\n"):
            DaskBackend(scheduler=f"tcp://127.0.0.1:{taken.getsockname()[1]}")
    with pytest.raises(PlantError, match=r"'somewhere' is no address\n.*tcp://host:8786"):
        DaskBackend(scheduler="somewhere")
