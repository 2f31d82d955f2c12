"""Runs at the same time: each has a folder of its own; a killed one leaves no results and is in nobody's way."""

import contextlib
import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import h2plant
from h2plant import Results, ResultsError
from h2plant.config.scenario import load_scenario
from h2plant.core import reservation
from h2plant.core.reservation import lock_file, reserve, reserve_next
from h2plant.dashboard.jobs import Jobs, Order
from h2plant.results.folder import LifeFolder

pytestmark = pytest.mark.long

HOLD = """
import sys, time, h2plant
def hold(done):
    print("running", flush=True)
    time.sleep(60)
h2plant.run("minimal_day", hours=1, out={out!r}, on_progress=hold)
"""

RUN = """
import pathlib, time, h2plant
from h2plant.results import folder as results_folder
here, give_name = pathlib.Path("."), results_folder.give_name
def meet(*folders):  # all have done everything but the last move
    (here / {name!r}).touch()
    while len(list(here.glob("at_end_*"))) < {n}:
        time.sleep(0.001)
    give_name(*folders)
results_folder.give_name = meet
print(h2plant.run("minimal_day", hours=1).folder.as_posix())
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module", autouse=True)
def _compiled(tmp_path_factory: pytest.TempPathFactory) -> None:
    h2plant.run("minimal_day", hours=1, out=tmp_path_factory.mktemp("compiled") / "r")


def _killed(*folders: str | None) -> None:
    """Kill runs in their midst, all at once."""
    with contextlib.ExitStack() as stack:
        commands = [[sys.executable, "-c", HOLD.format(out=out)] for out in folders]
        children = [stack.enter_context(subprocess.Popen(c, stdout=subprocess.PIPE, text=True)) for c in commands]
        for child in children:
            assert child.stdout is not None and child.stdout.readline() == "running\n"
        for child in children:
            child.send_signal(signal.SIGKILL)
    assert [child.returncode for child in children] == [-signal.SIGKILL] * len(folders)


@pytest.fixture
def writing(here: Path) -> Iterator[tuple[Path, threading.Event, list[Results]]]:
    """A run on its way, what lets it end, and where its results come."""
    begun, go_on, found = threading.Event(), threading.Event(), list[Results]()

    def wait(_done: int) -> None:
        begun.set()
        assert go_on.wait(60.0)

    thread = threading.Thread(
        target=lambda: found.append(h2plant.run("minimal_day", hours=1, out=here / "mine", on_progress=wait))
    )
    thread.start()
    assert begun.wait(60.0)
    yield here / "mine", go_on, found
    go_on.set()
    thread.join(60.0)


def test_six_threads_get_six_folders(here: Path) -> None:
    barrier = threading.Barrier(6)

    def run(_number: int) -> str:
        def meet(done: int) -> None:
            if done == 60:
                barrier.wait(60.0)

        return h2plant.run("minimal_day", hours=1, on_progress=meet).folder.as_posix()

    with ThreadPoolExecutor(6) as pool:
        folders = sorted(pool.map(run, range(6)))
    assert folders == [f"results/minimal_day-{n}" for n in range(1, 7)]
    assert sorted(os.listdir("results")) == [f"minimal_day-{n}" for n in range(1, 7)]  # and nothing beside them
    assert all(len(Results(folder)) for folder in folders)


def test_processes_get_folders_of_their_own(here: Path) -> None:
    n = 3
    commands = [[sys.executable, "-c", RUN.format(name=f"at_end_{k}", n=n)] for k in range(n)]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    folders = sorted(child.communicate(timeout=120.0)[0].strip() for child in children)
    assert folders == [f"results/minimal_day-{k}" for k in (1, 2, 3)]
    assert all(len(Results(folder)) for folder in folders)


def test_two_runs_to_the_folder_that_the_user_named_never_mix(
    writing: tuple[Path, threading.Event, list[Results]],
) -> None:
    folder, go_on, found = writing
    with pytest.raises(ResultsError, match=r"mine: another run is writing this folder; wait .*--out"):
        h2plant.run("minimal_day", hours=2, out=folder)
    assert not folder.exists()
    go_on.set()
    while not found:
        go_on.wait(0.01)
    assert Results(folder).summary["hours"] == 1.0
    assert h2plant.run("minimal_day", hours=2, out=folder).summary["hours"] == 2.0  # replaced, once nobody writes it
    assert not lock_file(folder).exists()


def test_a_killed_run_leaves_no_results_and_its_folder_is_free(here: Path) -> None:
    _killed("mine", None)
    assert not (here / "mine").exists()
    assert lock_file(here / "mine").exists()  # what the killed run left
    assert len(h2plant.run("minimal_day", hours=1, out="mine")) == 4
    assert not lock_file(here / "mine").exists()
    assert [name for name in os.listdir("results") if not name.startswith(".")] == []
    # its number is left out: nobody finds other results under a number that a run had
    assert h2plant.run("minimal_day", hours=1).folder.as_posix() == "results/minimal_day-2"


def test_numbers_ascend(here: Path) -> None:
    for name in ("run-2", "run-9", "run-10-report.html", "other-30", "run-x"):
        (here / name).mkdir()
    with reserve_next(here, "run") as tenth, reserve_next(here, "run") as eleventh:
        assert (tenth.name, eleventh.name) == ("run-10", "run-11")
        assert reserve(tenth) is None
    with reserve_next(here, "run") as again:
        assert again.name == "run-10"  # the other two made nothing


def test_a_name_is_held_also_where_the_file_system_knows_no_locks(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(_descriptor: int, _operation: int) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(reservation.fcntl, "flock", no_locks)
    held = reserve(here / "run")
    assert held is not None and reserve(here / "run") is None
    held.release()
    held.release()  # once more does nothing
    with reserve_next(here, "run") as folder:
        assert folder.name == "run-1"


def test_the_folder_of_a_life_is_held(here: Path) -> None:
    first = LifeFolder(None, "year")
    second = LifeFolder(None, "year")
    assert (first.folder.name, second.folder.name) == ("year-1", "year-2")
    with pytest.raises(ResultsError, match="another run is writing"):
        LifeFolder(first.folder, "year")
    first.abandon()
    LifeFolder(first.folder, "year").abandon()
    second.abandon()
    assert os.listdir("results") == []


def test_two_dashboards_over_one_folder_give_no_folder_twice(here: Path) -> None:
    scenario = load_scenario("minimal_day")
    order = Order("minimal_day", "day", scenario.start, 1.0, 60, 60)
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    dashboards = [Jobs(here, sleep), Jobs(here, sleep)]
    try:
        folders = [jobs.submit(order).folder.name for jobs in dashboards for _ in range(2)]
        assert folders == ["day-1", "day-2", "day-3", "day-4"]
        with pytest.raises(ResultsError, match="another run is writing"):
            h2plant.run("minimal_day", hours=1, out=here / "day-3")
        dashboards[0].cancel(2)  # it waits
        assert len(h2plant.run("minimal_day", hours=1, out=here / "day-2")) == 4
    finally:
        for jobs in dashboards:
            jobs.close()
    assert os.listdir(here) == ["day-2"]


def test_where_nothing_can_be_written_the_dashboard_says_so(here: Path) -> None:
    (here / "file").touch()
    order = Order("minimal_day", "day", load_scenario("minimal_day").start, 1.0, 60, 60)
    jobs = Jobs(here / "file")
    job = jobs.submit(order)
    assert job.state == "failed" and "cannot be written" in job.message
    jobs.close()
