"""Every kind of bad input, through the command line: code, place, id, remedy, no traceback, nothing half-written."""

import errno
import os
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import h2plant as package
from h2plant.config.starter import TEMPLATES
from tests.command import assert_refused, h2plant, leftovers

pytestmark = pytest.mark.long

STARTER = (TEMPLATES / "starter.yaml").read_text(encoding="utf-8").replace("@NAME@", "mine")
DAY = (TEMPLATES / "starter-day.yaml").read_text(encoding="utf-8").replace("@NAME@", "mine")
HOURS = [f"2023-07-03T{h:02d}:00Z" for h in range(6)]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder with a sound plant and scenario."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(STARTER)
    (tmp_path / "day.yaml").write_text(DAY)
    return tmp_path


def line_of(text: str, part: str) -> int:
    """Line in which a part of a text begins."""
    assert text.count(part) == 1, part
    return text[: text.index(part)].count("\n") + 1


def assert_nothing_written(folder: Path) -> None:
    assert not (folder / "results").exists()
    assert leftovers(folder) == []


@pytest.mark.parametrize(
    ("old", "new", "at", "id", "what", "remedy"),
    [
        ("\ntimezone: Eu", "\ntimezon: Eu", "timezon: Eu", "unknown-key", "'timezon'", "'timezone'"),
        ("import_limit_mw: 2", "import_limt_mw: 2", "import_limt", "unknown-parameter", "no parameter", "'import_l"),
        ('name: "mine"\n', "", "h2plant: 1 ", "missing-key", "'name' is missing", "add 'name"),
        ("kind: power_bus", "typ: power_bus", "typ: power_bus", "missing-key", "has no 'kind'", "choose"),
        ("rating_mw: 1.1", "rating_bar: 1.1", "rating_bar", "unknown-unit", "rating", "'rating_mw'"),
        ("rating_mw: 1.1", "rating_mw: big", "rating_mw: big", "wrong-type", "'big'", "a number"),
        ("rating_mw: 1.1", "rating_mw: -1", "rating_mw: -1", "out-of-bounds", "below its bound", "choose"),
        ("kind: power_bus", "kind: power_buss", "power_buss", "unknown-kind", "'power_buss'", "'power_bus'"),
        ("bus.grid\n", "buss.grid\n", "buss.grid", "unknown-component", "'buss'", "'bus'"),
        ("drum.inlet", "drum.inlt", "drum.inlt", "unknown-port", "no port 'inlt'", "'inlet'"),
        ("drum.gas -> cooler.inlet", "tank.level -> cooler.inlet", "tank.level -> cooler", "wrong-medium",
         "carries signal", "link"),
        ("  - line.line -> rule.lines\n", "", "  line: {kind", "line-unserved",
         "never runs", "'line.line -> rule.lines'"),
        ("  - line.line -> rule.lines\n", "  - line.line -> rule.lines\n  - compressor.power -> line.setpoint\n",
         "compressor.power ->", "wrong-direction", "'in' port", "a link goes from"),
        ("cooler.outlet -> drum_2.inlet", "cooler.outlet -> drum.inlet", "cooler.outlet -> drum",
         "linked-twice", "takes one link", "mixer"),
    ],
)  # fmt: skip
def test_wrong_plant(here, old, new, at, id, what, remedy):
    assert STARTER.count(old) == 1, old
    text = STARTER.replace(old, new)
    (here / "mine.yaml").write_text(text)
    place = f"mine.yaml:{line_of(text, at)}: [{id}]"
    for command in (("run", "mine.yaml"), ("check", "mine.yaml"), ("run", "day.yaml")):
        answer = h2plant(*command)
        assert_refused(answer, place, what, remedy)
    assert_nothing_written(here)


def test_loop_without_storage(here):
    text = STARTER.replace("stack.hydrogen -> drum.inlet", "drum_2.gas -> drum.inlet")
    text = text.replace("drum_2.gas -> compressor.inlet", "stack.hydrogen -> compressor.inlet")
    (here / "mine.yaml").write_text(text)
    answer = h2plant("run", "mine.yaml")
    line = line_of(text, "drum.gas -> cooler.inlet")
    assert_refused(answer, f"mine.yaml:{line}: [loop-without-storage]", "drum -> cooler -> drum_2 -> drum", "a tank")
    assert_nothing_written(here)


def table(times: list[str], values: list[object]) -> str:
    return "\n".join(["time,price", *(f"{t},{v}" for t, v in zip(times, values, strict=True))]) + "\n"


def with_prices(here: Path, raw: str | bytes, name: str = "prices.csv") -> int:
    """Give the plant a price file of its own; returns the line that names it."""
    old = "price_eur_per_mwh: {file: nl_2023, mode: hold}"
    assert STARTER.count(old) == 1
    text = STARTER.replace(old, f"price_eur_per_mwh: {{file: {name}, column: price, mode: hold}}")
    (here / "mine.yaml").write_text(text)
    (here / name).write_bytes(raw.encode() if isinstance(raw, str) else raw)
    return line_of(text, f"  price_eur_per_mwh: {{file: {name}, column: price, mode")


SOUND = [50, 51, 52, 53, 54, 55]


def test_the_sound_series_runs(here):
    with_prices(here, table(HOURS, SOUND))
    assert h2plant("run", "day.yaml", "--hours", 6, "-q").exit_code == 0


@pytest.mark.parametrize(
    ("raw", "place", "remedy"),
    [
        (table(HOURS[:2] + HOURS[3:], SOUND[:5]), "prices.csv:4: [gap]", "'fill: interpolate'"),
        (table(HOURS, [50, "", 52, 53, 54, 55]), "prices.csv:3: [missing-value]", "'fill: interpolate'"),
        (table(HOURS, [50, 51, "NaN", 53, 54, 55]), "prices.csv:4: [missing-value]", "'fill: interpolate'"),
        (table(HOURS, [50, 51, 52, "dear", 54, 55]), "prices.csv:5: [not-a-number]", "plain numbers"),
        (table([*HOURS[:5], HOURS[4]], SOUND), "prices.csv:7: [duplicate-time]", "one row"),
        (table([HOURS[1], HOURS[0], *HOURS[2:]], SOUND), "prices.csv:3: [unordered-time]", "sort the rows"),
        (table(["now", *HOURS[1:]], SOUND), "prices.csv:2: [bad-time]", "words among the rows"),
        (table(HOURS, SOUND).encode("utf-16")[:-1], "prices.csv: [wrong-encoding]", "UTF-8"),
        (table(HOURS, SOUND).encode() + b"\x81", "prices.csv:8: [wrong-encoding]", "UTF-8"),
        (table(HOURS, SOUND).replace("price", "prize"), "prices.csv:1: [no-such-column]", "'prize'"),
        ("", "prices.csv:1: [empty-file]", "header"),
    ],
)
def test_wrong_series(here, raw, place, remedy):
    with_prices(here, raw)
    for command in (("run", "day.yaml", "--hours", 4), ("check", "day.yaml")):
        assert_refused(h2plant(*command), place, remedy)
    assert_nothing_written(here)


def test_series_too_short(here):
    line = with_prices(here, table(HOURS, SOUND))
    answer = h2plant("run", "day.yaml", "--hours", 7)
    assert_refused(answer, f"mine.yaml:{line}: [series-too-short]", "2023-07-03T06:00Z, wanted", "repeat: true")
    answer = h2plant("run", "minimal", "--start", "2031-01-01")
    assert_refused(answer, "minimal.yaml:", "[series-too-short]", "covers 2023-01-01T00:00Z to 2024-01-01T00:00Z")
    assert_nothing_written(here)


def test_unreadable_series(here):
    with_prices(here, b"no parquet", "prices.parquet")
    assert_refused(h2plant("run", "day.yaml"), "prices.parquet: [unreadable-file]", "check that the file is whole")
    line = with_prices(here, "", "gone.csv")
    (here / "gone.csv").unlink()
    (here / "prices.csv").write_text("")
    assert_refused(h2plant("run", "day.yaml"), f"mine.yaml:{line}: [no-such-file]", "gone.csv")
    assert_nothing_written(here)


@pytest.mark.parametrize(
    ("raw", "place", "remedy"),
    [
        (DAY.encode("utf-16"), "day.yaml:1: [wrong-encoding]", "UTF-8"),
        (DAY.replace("hours", "höurs").encode("latin-1"), "day.yaml:", "UTF-8"),
        (b"\x00\x01", "day.yaml:1: [yaml-syntax]", "control character"),
        (b"h2plant: 1\n\tname: x\n", "day.yaml:2: [yaml-tab]", "spaces"),
        (b"", "day.yaml:1: [empty-file]", "h2plant: 1"),
        (DAY.replace("hours: 24", "hour: 24").encode(), "[unknown-key]", "'hours'"),
        (DAY.replace("mine.yaml ", "mien.yaml ").encode(), "[no-such-file]", "'mine.yaml'"),
        (DAY.replace("# set:\n#   tank.ini", "set:\n  tank.iny").encode(),
         "day.yaml:18: [unknown-parameter]", "'initial_pr"),
    ],
)  # fmt: skip
def test_unreadable_or_wrong_scenario(here, raw, place, remedy):
    (here / "day.yaml").write_bytes(raw)
    for command in ("run", "check"):
        assert_refused(h2plant(command, "day.yaml"), place, remedy)
    assert_nothing_written(here)


def test_file_that_may_not_be_read(here, monkeypatch):
    opened = os.open

    def refused(path, *others, **named):
        if Path(path).name == "mine.yaml":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(path, *others, **named)

    monkeypatch.setattr(os, "open", refused)
    assert_refused(h2plant("run", "day.yaml"), "mine.yaml: ", "Permission denied", "permissions")
    assert_nothing_written(here)


# where results cannot be written


def test_file_in_place_of_the_folder(here):
    (here / "taken").write_text("mine")
    for out in ("taken", "taken/r"):
        assert_refused(h2plant("run", "day.yaml", "--hours", 1, "--out", out), out, "a file stands", "--out")
    assert (here / "taken").read_text() == "mine"
    assert_nothing_written(here)


def test_folder_of_other_things_is_never_replaced(here):
    (here / "thesis").mkdir()
    (here / "thesis/chapter.tex").write_text("years of work")
    for out in ("thesis", "."):
        answer = h2plant("run", "day.yaml", "--hours", 1, "--out", out)
        assert_refused(answer, "other things than results", "left as it is", "--out")
    assert (here / "thesis/chapter.tex").read_text() == "years of work"
    assert_nothing_written(here)


def test_results_to_which_something_was_added_are_never_replaced(here):
    h2plant("run", "day.yaml", "--hours", 1, "--out", "r")
    (here / "r/notes.txt").write_text("important")
    assert_refused(h2plant("run", "day.yaml", "--hours", 1, "--out", "r"), "'notes.txt'", "--out")
    assert package.Results("r").summary["hours"] == 1.0


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.EPERM])
def test_unwritable_folder(here, monkeypatch, code):
    def refused(*_args, **_kwargs):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(tempfile, "mkdtemp", refused)
    assert_refused(h2plant("run", "day.yaml", "--hours", 1, "--out", "sub/r"), "sub/r: not writable", "--out")
    assert leftovers(here) == []


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a file system that nobody can write to")
def test_folder_on_a_file_system_that_takes_no_files():
    assert_refused(h2plant("run", "day.yaml", "--hours", 1, "--out", "/proc/r"), "/proc/r: cannot write", "--out")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
@pytest.mark.parametrize("part", ["log.parquet", "events.parquet", "summary.json"])
def test_full_disk_keeps_what_was_there_before(here, monkeypatch, part):
    assert h2plant("run", "day.yaml", "--hours", 2, "--out", "r", "-q").exit_code == 0
    make, made = tempfile.mkdtemp, []

    def full(suffix=None, prefix=None, dir=None):
        folder = make(suffix, prefix, dir)
        made.append(folder)
        if suffix == ".partial" and len(made) > 1:  # the first is a trial, before the run
            os.symlink("/dev/full", Path(folder) / part)
        return folder

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    answer = h2plant("run", "day.yaml", "--hours", 1, "--out", "r")
    assert_refused(answer, "r: the disk is full", "free some space or choose another folder with --out")
    assert package.Results("r").summary["hours"] == 2.0
    assert leftovers(here) == []


def test_disk_fills_up_while_the_log_is_written(here, monkeypatch):
    def full(_writer, _table, **_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pyarrow.parquet.ParquetWriter.write_table", full)
    assert_refused(h2plant("run", "day.yaml", "--hours", 1, "--out", "r"), "the disk is full", "--out")
    assert not (here / "r").exists()
    assert leftovers(here) == []


def test_disk_fills_up_while_the_log_is_closed(here, monkeypatch):
    """Arrow closes a file once: the reason is kept for who tries again."""
    close, n = pq.ParquetWriter.close, []

    def full(writer):
        n.append(writer)
        close(writer)
        raise OSError(errno.ENOSPC, "No space left on device") if len(n) == 1 else pa.ArrowInvalid("closed file")

    monkeypatch.setattr(pq.ParquetWriter, "close", full)
    assert_refused(h2plant("run", "day.yaml", "--hours", 1, "--out", "r"), "the disk is full", "--out")
    assert leftovers(here) == []


def test_old_results_come_back_if_the_new_ones_cannot_take_their_name(here, monkeypatch):
    assert h2plant("run", "day.yaml", "--hours", 2, "--out", "r", "-q").exit_code == 0
    replace = os.replace

    def refused(source, target):
        if str(source).endswith(".partial"):
            raise OSError(errno.EIO, "Input/output error")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refused)
    assert_refused(h2plant("run", "day.yaml", "--hours", 1, "--out", "r"), "Input/output error", "--out")
    assert package.Results("r").summary["hours"] == 2.0
    assert leftovers(here) == []


def test_two_runs_at_once_do_not_take_each_others_folder(here):
    # the second run ends while the first is still at work
    def meanwhile(_done):
        if not (here / "results/day-1").exists():
            (here / "results/day-1").mkdir(parents=True)
            (here / "results/day-1/other").write_text("of the other run")

    scenario = DAY.replace('"mine-day"', "day")
    (here / "day.yaml").write_text(scenario)
    results = package.run("day.yaml", hours=1, on_progress=meanwhile)
    assert results.folder == Path("results/day-2")
    assert (here / "results/day-1/other").read_text() == "of the other run"
