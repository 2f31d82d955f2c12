"""A run that is killed goes on from its checkpoint, bit for bit, or says why it cannot."""

import errno
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from h2plant import Results, ResultsError
from h2plant.cli.ending import end_like_ctrl_c
from h2plant.config.bundled import PLANTS
from h2plant.config.scenario import Scenario, changed_scenario, load_scenario
from h2plant.core import user_code
from h2plant.core import whole_file as files
from h2plant.core.reservation import reserve
from h2plant.results import checkpoint_folder, folder
from h2plant.results.checksums import SUMS
from h2plant.results.leftover import CHECKPOINT, leftovers
from h2plant.session import years as years_module
from h2plant.session.checkpoint import Checkpoints
from h2plant.session.execution import execute, given_of
from h2plant.session.identity import differences, identity_of
from h2plant.session.interrupt import Interrupts
from h2plant.session.resume import newest, resume, scenario_of
from h2plant.session.session import Session
from h2plant.session.years import execute_years
from tests.command import ROOT, assert_refused, h2plant, process
from tests.command import leftovers as hidden
from tests.killed import Killed, checkpoint_of, kill_after

HOUR_S = 3600.0
SAME = ("log.parquet", "events.parquet", "ledger.parquet", "steps.npz", "cash_flow.csv", "plant.yaml", "scenario.json")
"""Files of results that are the same, bit for bit; the others say when and in what time the run was made."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module", autouse=True)
def _small_segments() -> Iterator[None]:
    """Let 13 rows of the log go into a checkpoint, and more into segments: both occur."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(folder, "CARRIED_BYTES", 4.0e4)
        yield


@pytest.fixture(scope="module")
def day() -> Scenario:
    return changed_scenario(load_scenario("minimal_day"), hours=12.0)


@pytest.fixture(scope="module")
def whole(day: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run that nothing happens to, without checkpoints."""
    return execute(day, out=tmp_path_factory.mktemp("whole") / "r", checkpoint_every_s=math.inf).folder


@pytest.fixture(scope="module")
def killed_run(day: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a run called 'r' was killed after its third checkpoint."""
    root = tmp_path_factory.mktemp("killed")
    with pytest.MonkeyPatch.context() as monkeypatch:
        kill_after(monkeypatch, 3)
        with pytest.raises(Killed):
            execute(day, out=root / "r", checkpoint_every_s=2.5 * HOUR_S)
    assert list(checkpoint_of(root / "r").glob("log-*"))
    return root


@pytest.fixture
def killed(killed_run: Path, here: Path) -> Path:
    """That run, in a copy of the folder."""
    shutil.copytree(killed_run, here, dirs_exist_ok=True)
    return here / "r"


def assert_same(found: Path, expected: Path) -> None:
    for name in SAME:
        assert (found / name).read_bytes() == (expected / name).read_bytes(), name
    ours, theirs = Results(found).summary, Results(expected).summary
    for part in ("key_figures", "economics", "residuals", "audit", "served", "is_complete", "hours", "not_valid"):
        assert ours[part] == theirs[part], part


# The results ---------------------------------------------------------------------------------------------------------
def test_checkpoints_change_no_bit_and_leave_nothing(day: Scenario, whole: Path, here: Path) -> None:
    """Every 1.4 h: in the midst of log intervals (900 s), of events, and of the search for new modes."""
    assert_same(execute(day, out=here / "r", checkpoint_every_s=1.4 * HOUR_S).folder, whole)
    assert hidden(here) == []


def test_a_killed_run_goes_on_to_the_same_results(killed: Path, whole: Path, here: Path) -> None:
    assert not killed.exists() and sorted(checkpoint_of(killed).glob("state-*"))[1:]
    assert "r: a run that can go on" in h2plant("clean", here).text
    answer = h2plant("resume", killed)
    assert answer.exit_code == 0 and "going on after 7.5 h of minimal_day" in answer.text
    assert_same(killed, whole)
    ours, theirs = (Results(folder).summary["provenance"] for folder in (killed, whole))
    assert ours.pop("notes")[-1] == "went on from a checkpoint after 7.5 h"
    assert ours.pop("run_id") != theirs.pop("run_id") and ours == {k: v for k, v in theirs.items() if k != "notes"}
    assert hidden(here) == []
    assert_refused(h2plant("resume", killed), "there is nothing to go on with")
    assert_refused(h2plant("resume", here / "s"), "there is no unfinished run of this name")


DIES = """
import os, pathlib, signal
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.session.execution import execute
replace, n = os.replace, []
def move(source, target):
    if pathlib.Path(target).name.startswith("state-"):
        n.append(target)
        if len(n) == 4:
            os.kill(os.getpid(), signal.SIGKILL)
    replace(source, target)
os.replace = move
execute(changed_scenario(load_scenario("minimal_day"), hours=12.0), out="r", checkpoint_every_s=2.5 * 3600.0)
"""


@pytest.mark.long
def test_a_run_that_went_on_has_the_command_by_which_it_began(here: Path) -> None:
    """Whatever it was called by: a file beside, a plant alone, a bundled one; and after going on twice."""
    (here / "sub").mkdir()
    shutil.copy(PLANTS / "minimal.yaml", here / "sub" / "own.yaml")
    for called in ("sub/own.yaml", Path("sub/own.yaml"), here / "sub" / "own.yaml", "minimal"):
        scenario = changed_scenario(load_scenario(called), hours=3.0, overrides={"stack.rated_power_mw": 0.9})
        began = given_of(scenario, "optimized", 0, None)
        again = scenario_of(given_of(scenario_of(began), "optimized", 0, None))
        assert again.command() == scenario_of(began).command() == scenario.command()
        assert str(called) in scenario.command()


def test_a_process_that_is_killed_while_it_writes_a_checkpoint(whole: Path, here: Path) -> None:
    assert process(code=DIES, folder=here).exit_code == -signal.SIGKILL
    assert [name for name in hidden(here) if name.startswith(".state-")]  # the one that was being written
    assert resume(here / "r") == here / "r"
    assert_same(here / "r", whole)
    assert hidden(here) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "more",
    [
        (),
        ("--plant", "minimal_day", "--hours", "96", "--set", "rule.kind=planned"),
        ("--hours", "8760", "--step-s", "3600", "--years", "2", "--every-h", "500"),
    ],
    ids=["run", "planned", "life"],
)
def test_kills_at_random_moments(more: tuple[str, ...]) -> None:
    """Of processes, by -9, while they run and while they go on; `make soak` makes fifty."""
    command = [sys.executable, "-m", "benchmarks.kills", "--kills", "5", *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0 and "wrong: 0" in done.stdout, (done.stdout, done.stderr)


@pytest.mark.slow
def test_the_baseline_goes_on_too(here: Path) -> None:
    scenario = changed_scenario(load_scenario("minimal_day"), hours=0.1, log_every_s=120)
    plain = execute(scenario, "baseline", here / "plain", audit_steps=0).folder
    with pytest.MonkeyPatch.context() as monkeypatch:
        kill_after(monkeypatch, 2)
        with pytest.raises(Killed):
            execute(scenario, "baseline", here / "r", audit_steps=0, checkpoint_every_s=60.0)
    resume(here / "r")
    for name in ("log.parquet", "events.parquet", "ledger.parquet"):
        assert (here / "r" / name).read_bytes() == (plain / name).read_bytes(), name


def test_a_run_that_is_stopped_goes_on_as_well(day: Scenario, whole: Path, here: Path) -> None:
    """What was done is there, with its balances closed; going on replaces it, and that can be undone."""

    done_at: list[int] = []

    def stop(done: int) -> None:
        if done > 300 and not done_at:
            done_at.append(done)
            os.kill(os.getpid(), signal.SIGHUP)

    with pytest.raises(KeyboardInterrupt) as stopped:
        execute(day, out=here / "r", on_progress=stop, checkpoint_every_s=2.0 * HOUR_S)
    part = Results(here / "r").summary
    assert not part["is_complete"] and part["residuals"]["worst_relative"] < 1e-9
    assert stopped.value.resumable == here / "r"  # type: ignore[attr-defined]
    resume(here / "r")
    assert_same(here / "r", whole)
    assert hidden(here) == [".r.replaced"]
    assert h2plant("undo", "r").exit_code == 0
    assert Results(here / "r").summary["hours"] == part["hours"]
    assert h2plant("undo", "r").exit_code == 0
    assert_same(here / "r", whole)


def assert_same_life(found: Path, expected: Path) -> None:
    for file in ("years.csv", "cash_flow.csv"):
        assert (found / file).read_bytes() == (expected / file).read_bytes(), file
    for year in ("year_01", "year_02"):
        for file in ("log.parquet", "events.parquet", "ledger.parquet", "steps.npz"):
            assert (found / year / file).read_bytes() == (expected / year / file).read_bytes(), (year, file)


def _rows(life: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((life / "summary.json").read_text(encoding="utf-8"))["years"]
    return rows


def test_every_year_of_a_life_is_kept(here: Path) -> None:
    """Killed between two years, and within one: the same table, cash flow and results of each year."""
    scenario = changed_scenario(load_scenario("minimal"), hours=8760.0, step_s=3600, log_every_s=86400)
    how: dict[str, Any] = {"n_years": 2, "audit_steps": 20}
    plain = execute_years(scenario, out=here / "plain", **how)
    done_at: list[int] = []

    def stop(done: int) -> None:
        if done > 1.5 * 8760 and not done_at:
            done_at.append(done)
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(KeyboardInterrupt):
        execute_years(scenario, out=here / "stopped", on_progress=stop, checkpoint_every_s=900 * HOUR_S, **how)
    assert [row["year"] for row in _rows(here / "stopped")] == [1, 2]
    resume(here / "stopped")
    assert_same_life(here / "stopped", plain)

    for name, moment, every_s in (("between", "between", None), ("within", "within", 150 * 24 * HOUR_S)):
        with pytest.MonkeyPatch.context() as monkeypatch:
            kill_after(monkeypatch, 3)  # of those within a year: two are in the first
            if moment == "between":
                keep = years_module._LifeRun.keep

                def last(self: Any, keep: Any = keep) -> None:
                    keep(self)
                    raise Killed

                monkeypatch.setattr(years_module._LifeRun, "keep", last)
            with pytest.raises(Killed):
                execute_years(scenario, out=here / name, checkpoint_every_s=every_s, **how)
        unfinished = newest(here / name)
        assert unfinished.kept.is_within == (moment == "within") and len(unfinished.kept.years["rows"]) == 1
        resume(here / name)
        assert_same_life(here / name, plain)
    assert hidden(here) == [".stopped.replaced"]


# Refused -------------------------------------------------------------------------------------------------------------
def test_a_run_of_another_plant_series_or_version_is_refused_and_the_difference_named(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
    text = text.replace("kind: price_threshold}", "kind: user_rule, file: 'rule.py:decide'}")
    plant = text.replace("price_eur_per_mwh: {file: nl_2023, mode: hold}", "price_eur_per_mwh: {file: price.csv}")
    rule = "from helper import POWER\n\n\ndef decide(time_s, memory):\n    return 0.0, 1.0e6 if POWER else 0.0\n"
    day = "h2plant: 1\nname: plant\nplant: plant.yaml\nhours: 9\nlog_every_s: 900\n"
    hours = (f"2023-01-01T{hour:02}:00Z,{10 + hour}" for hour in range(24))
    price = "\n".join(["time,price_eur_per_mwh", *hours, ""])
    files_ = {"plant.yaml": plant, "rule.py": rule, "price.csv": price, "day.yaml": day, "helper.py": "POWER = 1.0e6\n"}
    for name, content in files_.items():
        (here / name).write_text(content, encoding="utf-8")
    scenario = changed_scenario(load_scenario("day.yaml"), hours=2)
    with pytest.MonkeyPatch.context() as dying:
        kill_after(dying, 1)
        with pytest.raises(Killed):
            execute(scenario, out="r", checkpoint_every_s=HOUR_S)

    monkeypatch.setattr(user_code, "_permission", threading.Event())
    (here / "rule.py").write_text(rule.replace("1.0e6", "3.0e6"), encoding="utf-8")  # nobody has run this one
    assert_refused(h2plant("resume", "r"), "--allow-code")
    (here / "rule.py").write_text(rule, encoding="utf-8")
    changed = {
        "plant.yaml": (
            plant.replace("vessel_volume_m3: 10,", "vessel_volume_m3: 11,"),
            "tank.vessel_volume_m3 was 10.0, is 11.0",
        ),
        "rule.py": (rule.replace("1.0e6", "2.0e6"), "put back what 'rule.py' was"),
        "helper.py": ("POWER = 2.0e6\n", "put back what 'helper.py' was"),
        "price.csv": (price.replace(",10\n", ",11\n"), "put back the 'series price_eur_per_mwh (price.csv)'"),
        "day.yaml": (day.replace("log_every_s: 900", "log_every_s: 1800"), "scenario.log_every_s was 900, is 1800"),
    }
    for name, (content, said) in changed.items():
        assert content != files_[name]
        (here / name).write_text(content, encoding="utf-8")
        answer = h2plant("resume", "r", "--allow-code")
        assert_refused(answer, "the run cannot go on", said, " was ", ", is ", "put back ", name)
        (here / name).write_text(files_[name], encoding="utf-8")
    with pytest.MonkeyPatch.context() as another:
        another.setattr("h2plant.__version__", "9.9.9")
        assert_refused(h2plant("resume", "r", "--allow-code"), "h2plant was ", "is 9.9.9")
    assert h2plant("resume", "r", "--allow-code", "-q").exit_code in (0, 3)


def test_differences_are_said_as_they_are() -> None:
    was, now = {"a": 1.0, "b": 2, "c": 3}, {"a": 1.0, "b": 2.5, "d": 4}
    assert differences(was, now) == ["b was 2, is 2.5", "c was 3, is not there", "d was not there, is 4"]


def test_the_identity_of_a_plant_holds_every_parameter(day: Scenario) -> None:
    session = Session(day)
    found = identity_of(session.loaded, session.program, "optimized", {"": session.series})
    for id_, component in session.plant.components.items():
        for name, value in component.values.items():
            assert found[f"{id_}.{name}"] == value
    other = Session(changed_scenario(day, overrides={"tank.vessel_volume_m3": 12.0}))
    (only,) = differences(found, identity_of(other.loaded, other.program, "optimized", {"": other.series}))
    assert only == "tank.vessel_volume_m3 was 10.0, is 12.0"


def test_newer_results_are_not_replaced_unasked(killed: Path, whole: Path, here: Path) -> None:
    results = shutil.copytree(whole, killed)
    os.utime(results / "summary.json")
    assert_refused(h2plant("resume", killed), "newer results lie there", "--replace", "h2plant undo")
    assert h2plant("resume", killed, "--replace").exit_code == 0
    assert_same(killed, whole)
    assert hidden(here) == [".r.replaced"]


# Damage --------------------------------------------------------------------------------------------------------------
def test_checkpoints_without_checksums_are_told(killed: Path) -> None:
    place = checkpoint_of(killed)
    (place / SUMS).unlink()
    for named in (place, killed.parent):
        answer = h2plant("verify", named)
        assert answer.exit_code == 1 and "checkpoint, unfinished" in answer.text
        assert "SHA256SUMS is missing" in answer.text and "run it again" in answer.text
    held = reserve(killed)
    assert held is not None
    with held:  # a run that is under way has none yet
        assert h2plant("verify", killed.parent).exit_code == 2


def test_a_damaged_checkpoint_gives_way_to_the_one_before(killed: Path, whole: Path) -> None:
    place = checkpoint_of(killed)
    last = max(place.glob("state-*"))
    content = bytearray(last.read_bytes())
    content[len(content) // 2] ^= 16
    last.write_bytes(content)
    answer = h2plant("verify", place.parent)
    assert answer.exit_code == 1 and "damaged" in answer.text and last.name in answer.text
    resume(killed)
    assert_same(killed, whole)
    notes = Results(killed).summary["provenance"]["notes"]
    assert notes[-2] == "went on from a checkpoint after 5 h"
    assert notes[-1].startswith(f"a newer checkpoint is damaged: {last.name} is not what was written")


@pytest.mark.parametrize("when", ["state", "segment", "names"])
def test_killed_while_a_checkpoint_is_written(day: Scenario, whole: Path, here: Path, when: str) -> None:
    """Whatever part of the third is on the disk, the second counts."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        kill_after(monkeypatch, 99)
        monkeypatch.setattr(folder, "CARRIED_BYTES", 0.0)
        calls: list[Path] = []
        replace_ = os.replace
        marks = {"state": "state-", "segment": "log-", "names": "SHA256SUMS"}

        def move(source: Any, target: Any) -> None:
            if Path(target).name.startswith(marks[when]) and Path(target).parent.name == CHECKPOINT:
                calls.append(Path(target))
                if len(calls) == 3:
                    raise Killed
            replace_(source, target)

        monkeypatch.setattr(os, "replace", move)
        with pytest.raises(Killed):
            execute(day, out=here / "r", checkpoint_every_s=2.5 * HOUR_S)
    assert newest(here / "r").kept.hours_done == 5.0
    resume(here / "r")
    assert_same(here / "r", whole)


def fail_at(monkeypatch: pytest.MonkeyPatch, name: str, number: int, error: OSError) -> None:
    """Let a call of a method of the folder of checkpoints fail; number 0: each of them."""
    method, n = getattr(checkpoint_folder.CheckpointFolder, name), []

    def failing(*arguments: Any) -> Any:
        n.append(name)
        if number in (0, len(n)):
            raise error
        return method(*arguments)

    monkeypatch.setattr(checkpoint_folder.CheckpointFolder, name, failing)


def test_a_full_disk_ends_the_run_and_it_goes_on_when_there_is_room(
    day: Scenario, whole: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at(monkeypatch, "add_segment", 3, OSError(errno.ENOSPC, "No space left on device"))
    monkeypatch.setattr(folder, "CARRIED_BYTES", 0.0)
    with pytest.raises(ResultsError, match="the disk is full") as error:
        execute(day, out=here / "r", checkpoint_every_s=2.5 * HOUR_S)
    assert error.value.resumable == here / "r"  # type: ignore[attr-defined]
    assert newest(here / "r").kept.hours_done == 5.0
    resume(here / "r")
    assert_same(here / "r", whole)


def test_a_checkpoint_that_cannot_be_written_is_noted_and_the_run_goes_on(
    day: Scenario, whole: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at(monkeypatch, "write", 0, OSError(errno.EIO, "Input/output error"))
    results = execute(day, out=here / "r", checkpoint_every_s=5.0 * HOUR_S)
    assert_same(results.folder, whole)
    notes = results.summary["provenance"]["notes"]
    assert [note for note in notes if note.startswith("a checkpoint after 5 h could not be written (")]


@pytest.mark.parametrize("left", ["none", "half"])
def test_results_that_only_lack_their_name_get_it(day: Scenario, whole: Path, here: Path, left: str) -> None:
    """Killed at the very end, while checkpoints are removed or after it: everything is on the disk, checksums too."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        kill_after(monkeypatch, 99)

        def never(*_: object) -> None:
            raise Killed

        monkeypatch.setattr("h2plant.results.folder.give_name", never)
        with pytest.raises(Killed):
            execute(day, out=here / "r")
    assert [one.what for one in leftovers(here)] == ["a finished run without its name"]
    if left == "half":
        checkpoint_of(here / "r").mkdir()
        (checkpoint_of(here / "r") / "log-000001.parquet").touch()
    assert resume(here / "r") == here / "r"
    assert_same(here / "r", whole)
    assert hidden(here) == []


def test_what_a_killed_run_left_goes_where_none_can_go_on(here: Path) -> None:
    stale = here / ".r.abcdefgh.partial"
    stale.mkdir()
    (stale / "log.parquet").write_bytes(b"PAR1")
    (here / "r.other").mkdir()
    other = here / ".r.other.abcdefgh.partial"
    other.mkdir()
    assert "left by a run that was killed" in h2plant("clean", here).text
    execute(changed_scenario(load_scenario("minimal_day"), hours=1), out=here / "r")
    assert not stale.exists() and other.exists()
    assert h2plant("clean", here, "--delete").exit_code == 0
    assert hidden(here) == []


# The rest ------------------------------------------------------------------------------------------------------------
def test_results_are_flushed_before_they_have_their_name(
    day: Scenario, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[Path] = []
    flush = files.flush

    def note(path: Path) -> None:
        assert not (here / "r").exists() or path in (here, here / "r", here / "r" / "SHA256SUMS")
        flushed.append(path)
        flush(path)

    monkeypatch.setattr(files, "is_flushed", True)
    monkeypatch.setattr("h2plant.results.leftover.flush", note)
    execute(replace(day, hours=1.0), out=here / "r")
    names = {path.name for path in flushed}
    assert {path.name for path in (here / "r").iterdir()} <= names and here in flushed


def test_automatic_checkpoints_come_by_computing_time(
    day: Scenario, whole: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None in the first minute; with a bar of a millisecond, within this run."""
    kept: list[int] = []
    keep = Checkpoints.keep
    monkeypatch.setattr(Checkpoints, "keep", lambda self: (kept.append(self._last), keep(self)))
    execute(replace(day, hours=1.0), out=here / "short")
    assert not kept
    monkeypatch.setattr("h2plant.session.checkpoint.AUTOMATIC_S", 0.001)
    assert_same(execute(day, out=here / "r").folder, whole)
    assert kept


def test_durations_are_read_as_elsewhere(here: Path) -> None:
    answer = h2plant("run", "minimal_day", "--hours", "1", "--checkpoint-every", "soon", "--out", "r")
    assert_refused(answer, "'soon': give an interval such as 30d, 12h or never", "--checkpoint-every")
    assert h2plant("run", "minimal_day", "--hours", "1", "--checkpoint-every", "30d", "--out", "r").exit_code == 0


class Stopped:
    """An engine, as far as signals go."""

    is_stop_requested = False


@pytest.mark.parametrize("is_ignored", [False, True])
def test_the_end_of_its_terminal_ends_a_run_like_ctrl_c_but_not_under_nohup(is_ignored: bool) -> None:
    """SIGHUP that was ignored when the program began stays ignored."""
    numbers = (signal.SIGHUP, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        signal.signal(signal.SIGHUP, signal.SIG_IGN if is_ignored else signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        end_like_ctrl_c()
        engine = Stopped()
        with Interrupts(engine) as interrupts:  # type: ignore[arg-type]
            interrupts.is_deferred = True
            os.kill(os.getpid(), signal.SIGHUP)
            assert engine.is_stop_requested != is_ignored
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        if is_ignored:
            os.kill(os.getpid(), signal.SIGHUP)
        else:
            with pytest.raises(KeyboardInterrupt):
                os.kill(os.getpid(), signal.SIGHUP)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
