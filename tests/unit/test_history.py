"""The history loses no record, says what is wrong with its file, and never stops a run."""

import contextlib
import dataclasses
import json
import os
import platform
import sqlite3
import subprocess
import sys
import threading

import pytest

import h2plant
from h2plant.measure.measured import Measured
from h2plant.plant.finding import PlantError
from h2plant.session import history
from h2plant.session.record import BenchFigure, bench_record
from tests.command import ROOT
from tests.command import h2plant as h2plant_command

pytestmark = pytest.mark.long

WRITER = """
import sys
from h2plant.session.history import record_bench
for k in range(int(sys.argv[2])):
    record_bench(f"writer-{sys.argv[1]}-{k}", [], 1.0, "0")
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("H2PLANT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def bench(name="a"):
    return bench_record(name, [Measured("per component-step", 60.0, "ns")], 2.0, "0.1.0")


def run(tmp_path):
    return h2plant.run("minimal_day", hours=1, out=tmp_path / "run")


def writers(n, records):
    started = [subprocess.Popen([sys.executable, "-c", WRITER, str(k), str(records)], cwd=ROOT) for k in range(n)]
    assert [process.wait() for process in started] == [0] * n
    return {f"writer-{k}-{j}" for k in range(n) for j in range(records)}


def test_a_run_leaves_a_record_of_what_it_took_and_of_nobody(home, tmp_path, monkeypatch):
    results = run(tmp_path)
    (record,) = history.read()
    summary = results.summary
    assert record.record_id == summary["provenance"]["run_id"]
    assert record.plant_digest == summary["provenance"]["plant_digest"]
    assert (record.scenario, record.engine, record.hours, record.n_steps) == ("minimal_day", "optimized", 1.0, 60)
    assert record.ns_per_component_step == summary["performance"]["ns_per_component_step"]
    assert record.residual_component_frac == summary["residuals"]["worst_relative"]
    unmeasured = {name for name, value in dataclasses.asdict(record).items() if value is None}
    assert unmeasured == {"lookup_hit_rate_frac", "accuracy_error_frac"}
    text = (home / history.FILE_NAME).read_bytes().decode("latin-1")
    assert str(tmp_path) not in text
    assert not platform.node() or platform.node() not in text


def test_a_stopped_run_is_recorded_as_such(home, tmp_path):
    def stop(steps):
        if steps:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        h2plant.run("minimal_day", out=tmp_path / "run", on_progress=stop)
    (record,) = history.read()
    assert not record.is_complete
    assert 0 < record.n_steps <= 1440 and record.hours == record.n_steps / 60.0


def test_what_is_measured_later_is_added(home):
    record = bench()
    history.append(record)
    assert history.amend(record.record_id, accuracy_error_frac=2e-4, lookup_hit_rate_frac=0.9)
    assert not history.amend("no such run", accuracy_error_frac=1.0)
    (found,) = history.read()
    assert found == dataclasses.replace(record, accuracy_error_frac=2e-4, lookup_hit_rate_frac=0.9)
    with pytest.raises(TypeError, match="loop_s"):
        history.amend(record.record_id, loop_s=1.0)


def test_off_by_variable_or_by_file(home, tmp_path, monkeypatch):
    monkeypatch.setenv("H2PLANT_HISTORY", "off")
    run(tmp_path)
    assert not home.exists()
    monkeypatch.delenv("H2PLANT_HISTORY")
    home.mkdir()
    (home / "monitor.toml").write_text("[history]\nenabled = false\n")
    run(tmp_path)
    assert history.read() == []
    monkeypatch.setenv("H2PLANT_HISTORY", "on")  # the variable counts for more
    run(tmp_path)
    assert len(history.read()) == 1


def test_concurrent_writers_lose_no_record(home):
    expected = writers(8, 25)
    assert {record.scenario for record in history.read()} == expected
    assert len(history.read()) == 200


def test_a_history_that_is_no_database_is_set_aside(home, capsys):
    home.mkdir()
    (home / history.FILE_NAME).write_bytes(b"this is no database at all" * 100)
    history.record_bench("first", [], 1.0, "0")
    text = capsys.readouterr().err
    (aside,) = home.glob("history-damaged-*.sqlite")
    assert "damaged" in text and aside.name in text
    assert aside.read_bytes().startswith(b"this is no")
    assert [record.scenario for record in history.read()] == ["first"]


def test_a_history_with_damaged_pages_is_set_aside_when_it_is_read(home, capsys):
    for k in range(60):
        history.append(bench(f"b{k}"))
    file = home / history.FILE_NAME
    content = bytearray(file.read_bytes())
    content[8192:20480] = b"\xa5" * 12288
    file.write_bytes(content)
    assert history.read() == []
    assert "set aside" in capsys.readouterr().err
    assert len(list(home.glob("history-damaged-*.sqlite"))) == 1


def test_writers_that_find_a_damaged_history_set_it_aside_once_and_lose_nothing(home):
    home.mkdir()
    (home / history.FILE_NAME).write_bytes(b"nothing" * 1000)
    expected = writers(4, 5)
    assert len(list(home.glob("history-damaged-*.sqlite"))) == 1
    assert {record.scenario for record in history.read()} == expected


def _file_for_folder(home):
    home.write_text("a file")


def _folder_for_file(home):
    (home / history.FILE_NAME).mkdir(parents=True)


def _newer(home):
    history.append(bench())
    with sqlite3.connect(home / history.FILE_NAME) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def _foreign(home):
    home.mkdir()
    with sqlite3.connect(home / history.FILE_NAME) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()


def _bad_settings(home):
    home.mkdir()
    (home / "monitor.toml").write_text("[history\n")


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (_file_for_folder, "exists"),
        (_folder_for_file, "unable to open"),
        (_newer, "newer h2plant"),
        (_foreign, "no history of h2plant"),
        (_bad_settings, "monitor.toml"),
    ],
)
def test_a_run_is_done_whatever_is_wrong_with_the_history(spoil, text, home, tmp_path, capsys):
    spoil(home)
    results = run(tmp_path)
    assert results.summary["is_complete"]
    error = capsys.readouterr().err
    assert text in error and "H2PLANT_HISTORY=off" in error


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_a_run_is_done_in_a_folder_that_cannot_be_written(home, tmp_path, capsys):
    home.mkdir(mode=0o500)
    assert run(tmp_path).summary["is_complete"]
    assert "not in the history" in capsys.readouterr().err


def test_a_newer_history_is_refused_and_left_as_it_is(home):
    _newer(home)
    before = (home / history.FILE_NAME).read_bytes()
    with pytest.raises(PlantError, match="version 99"):
        history.read()
    with pytest.raises(PlantError, match="newer-history"):
        history.append(bench())
    assert (home / history.FILE_NAME).read_bytes() == before


def test_an_older_history_is_brought_up_to_date(home, monkeypatch):
    history.append(bench("old"))
    monkeypatch.setattr(history, "MIGRATIONS", (*history.MIGRATIONS, "ALTER TABLE records ADD COLUMN more TEXT"))
    history.append(bench("new"))
    assert {record.scenario for record in history.read()} == {"old", "new"}
    connection = sqlite3.connect(home / history.FILE_NAME)
    assert connection.execute("PRAGMA user_version").fetchone() == (3,)
    assert connection.execute("SELECT count(*) FROM records WHERE more IS NULL").fetchone() == (2,)
    connection.close()


def test_a_stopped_migration_leaves_the_history_as_it_was(home, monkeypatch):
    history.append(bench("old"))
    broken = "ALTER TABLE records ADD COLUMN more TEXT; ALTER TABLE absent ADD COLUMN more TEXT"
    with monkeypatch.context() as patch, pytest.raises(PlantError, match="no such table"):
        patch.setattr(history, "MIGRATIONS", (*history.MIGRATIONS, broken))
        history.append(bench("new"))
    assert [record.scenario for record in history.read()] == ["old"]


def test_benchmark_figures_are_kept_and_what_is_not_finite_is_not_measured(home):
    figures = [Measured("per component-step", 61.5, "ns", 60.0), Measured("odd", float("nan"), "s")]
    history.record_bench("year", figures, 12.0, "0.1.0")
    (record,) = history.read()
    assert record.ns_per_component_step == 61.5
    assert record.figures == (BenchFigure("per component-step", 61.5, "ns", 60.0), BenchFigure("odd", None, "s"))
    assert "NaN" not in json.dumps(record.figures)


def put(home, name, value):
    with sqlite3.connect(home / history.FILE_NAME) as connection:
        connection.execute(f"UPDATE records SET {name} = ? WHERE scenario = 'b'", (value,))
    connection.close()


def test_a_record_that_is_not_what_was_written_is_left_out_and_named(home, capsys):
    for name in "abc":
        history.append(bench(name))
    assert h2plant_command("verify").exit_code == 0
    (other,) = (one for one in history.read() if one.scenario == "b")
    for name, value in (("total_s", 3.0), ("checksum", None), ("checksum", ""), ("total_s", "3"), ("cpu", "another")):
        before = (home / history.FILE_NAME).read_bytes()
        put(home, name, value)
        assert [record.scenario for record in history.read()] == ["a", "c"]
        assert "1 of the 3 records of the history are not what was written" in capsys.readouterr().err
        answer = h2plant_command("verify")
        assert answer.exit_code == 1 and f"record {other.record_id} is not what was written" in answer.text
        with pytest.raises(PlantError, match="is not what was written"):
            history.amend(other.record_id, accuracy_error_frac=2e-4)
        (home / history.FILE_NAME).write_bytes(before)
    assert len(history.read()) == 3


def test_records_of_an_earlier_version_are_read_and_verify_says_that_they_have_no_checksum(home, monkeypatch):
    with monkeypatch.context() as earlier:
        earlier.setattr(history, "MIGRATIONS", history.MIGRATIONS[:1])
        earlier.setattr(history, "_seal", lambda connection, record_id: None)
        history.append(bench("old"))
    before = (home / history.FILE_NAME).read_bytes()
    assert [record.scenario for record in history.read()] == ["old"]
    answer = h2plant_command("verify")
    assert answer.exit_code == 0 and f"no checksums: written by an earlier version: {home}" in answer.text
    assert (home / history.FILE_NAME).read_bytes() == before
    history.append(bench("new"))
    (old, new) = history.read()
    assert (old.scenario, new.scenario) == ("old", "new")
    assert history.amend(old.record_id, accuracy_error_frac=2e-4)
    assert history.condition() == (2, 1, ())
    assert "2 records, 1 of an earlier version without checksums" in h2plant_command("verify").text.replace("\n", " ")


def test_a_history_whose_table_is_not_that_of_its_version_is_refused(home):
    history.append(bench())
    file = home / history.FILE_NAME
    sound = file.read_bytes()
    for version in (0, 1):
        with sqlite3.connect(file) as connection:
            connection.execute(f"PRAGMA user_version = {version}")
        connection.close()
        for use in (history.read, lambda: history.append(bench())):
            with pytest.raises(PlantError, match="not the table of that version"):
                use()
        file.write_bytes(sound)


def test_a_reader_who_meets_a_migration_finds_no_damage(tmp_path):
    """Version, owner and columns of the file are those of one moment."""
    found: list[str] = []
    for n in range(40):
        file = tmp_path / f"{n}.sqlite"
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute(f"PRAGMA application_id = {history._APPLICATION_ID}")
            connection.executescript(history.MIGRATIONS[0])
            connection.execute("PRAGMA user_version = 1")
        is_over = threading.Event()

        def read_on(file=file, is_over=is_over):
            while not is_over.is_set():
                try:
                    history.read(file)
                except PlantError as error:
                    found.append(str(error))

        readers = [threading.Thread(target=read_on) for _ in range(3)]
        for reader in readers:
            reader.start()
        history.amend("none", file, accuracy_error_frac=1.0)
        is_over.set()
        for reader in readers:
            reader.join()
    assert found == []
