"""The dashboard without a browser: thinning, listing, parameters, runs on their way, who may come in, exports."""

import io
import json
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import h2plant
from h2plant.cli import app as command_line
from h2plant.components import KINDS
from h2plant.config.scenario import load_scenario, load_scenario_plant
from h2plant.core.units import match_parameter
from h2plant.dashboard import chart, editing, worker
from h2plant.dashboard.guard import Guard, is_local
from h2plant.dashboard.jobs import Job, Jobs, Order, safe_name
from h2plant.dashboard.listing import Catalogue
from h2plant.dashboard.log import ColumnCache, Log, Logs
from h2plant.plant.check import bound_finding
from h2plant.plant.finding import PlantError
from h2plant.results.folder import ResultsError
from h2plant.results.version import FORMAT
from tests.folders import open_copy

MINUTES = 525_600
START_MS = 1672531200e3  # 2023-01-01
DAY_MS = 86400e3


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one sound run."""
    folder = tmp_path_factory.mktemp("dash") / "results"
    h2plant.run("minimal_day", hours=3, out=folder / "sound")
    return folder


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of a year by the minute in row groups of a tenth, with one value far above and one far below all others."""
    folder = tmp_path_factory.mktemp("year")
    seconds = np.arange(MINUTES, dtype=np.int64) * 60 + int(START_MS / 1000)
    wave = np.sin(np.arange(MINUTES) / 200.0)
    wave[123_456], wave[400_001] = 50.0, -70.0
    gaps = np.where(np.arange(MINUTES) % 7 == 0, np.nan, 1.0)
    fields = [
        pa.field("time", pa.timestamp("s", tz="UTC")),
        pa.field("a.power_w", pa.float64(), metadata={"unit": "W", "timing": "mean", "description": "power; mean"}),
        pa.field("a.gaps", pa.float64(), metadata={"unit": "1", "timing": "end", "description": "gaps; end"}),
    ]
    columns = [pa.array(seconds.astype("datetime64[s]"), fields[0].type), pa.array(wave), pa.array(gaps)]
    pq.write_table(pa.table(columns, pa.schema(fields)), folder / "log.parquet", row_group_size=MINUTES // 10)
    return folder


def test_no_extreme_is_lost_and_few_values_are_sent(year: Path) -> None:
    log = Log(year, ColumnCache())
    view = log.view("a.power_w")
    assert view.rows.size <= 2400
    assert {123_456, 400_001} <= set(view.rows.tolist())
    assert (view.least, view.greatest) == (-70.0, 50.0) == (view.values.min(), view.values.max())
    drawn = chart.explore(log, ["a.power_w", "a.gaps"], None)
    assert drawn.figure is not None and len(json.dumps(drawn.figure)) < 200_000
    assert "525,600" in drawn.note


def test_zoom_gives_every_value_of_the_range_and_keeps_what_lies_around(year: Path) -> None:
    log = Log(year, ColumnCache())
    begin = START_MS + 100 * DAY_MS
    view = log.view("a.power_w", begin, begin + DAY_MS)
    first = 100 * 1440
    assert (view.begin, view.end, view.n_shown) == (first, first + 1440, 1440)
    assert set(range(first, first + 1440)) <= set(view.rows.tolist())
    assert view.rows[0] == 0 and view.rows[-1] == MINUTES - 1 and (np.diff(view.rows) > 0).all()
    np.testing.assert_array_equal(view.values, log.values("a.power_w")[view.rows])
    week = log.view("a.power_w", begin, begin + 60 * DAY_MS)
    inside = (week.rows >= week.begin) & (week.rows < week.end)
    assert week.n_shown == inside.sum() <= 2400 and week.rows.size > week.n_shown


def test_zoom_reads_only_the_row_groups_it_needs(year: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log(year, ColumnCache())
    read: list[tuple[list[int], list[str]]] = []
    original = log._file.read_row_groups

    def spy(groups: list[int], columns: list[str], **more: Any) -> Any:
        read.append((groups, columns))
        return original(groups, columns, **more)

    monkeypatch.setattr(log, "_file", type("Spied", (), {"read_row_groups": staticmethod(spy)})())
    log.values("a.power_w", 52_559, 52_561)
    assert read == [([0], ["a.power_w"]), ([1], ["a.power_w"])]
    log.values("a.power_w", 60_000, 61_000)
    assert len(read) == 2  # kept


def test_cache_stays_within_its_bytes() -> None:
    cache = ColumnCache(most_bytes=8_000)
    for k in range(20):
        cache.keep(("file", "column", k), np.zeros(250))
    assert cache.n_bytes <= 8_000
    assert cache.piece(("file", "column", 19)) is not None and cache.piece(("file", "column", 0)) is None


def test_gaps_and_ranges_outside_the_log_are_borne(year: Path) -> None:
    log = Log(year, ColumnCache())
    view = log.view("a.gaps", START_MS, START_MS + 14 * 60e3)
    assert (view.least, view.greatest) == (1.0, 1.0)
    outside = chart.explore(log, ["a.gaps"], (START_MS - 9 * DAY_MS, START_MS - 8 * DAY_MS))
    assert outside.note == "Nothing was logged in this range."


def test_a_column_that_is_missing_or_damaged_is_said_and_the_others_are_drawn(year: Path, tmp_path: Path) -> None:
    drawn = chart.explore(Log(year, ColumnCache()), ["a.power_w", "b.gone"], None)
    assert drawn.figure is not None and len(drawn.figure["data"]) == 1
    assert drawn.problems == [f"{year.name}: the log has no column 'b.gone'"]
    broken = tmp_path / "broken"
    broken.mkdir()
    file = pq.ParquetFile(year / "log.parquet")
    at = file.metadata.row_group(4).column(1).data_page_offset
    content = bytearray((year / "log.parquet").read_bytes())
    content[at : at + 2000] = b"\x5a" * 2000
    (broken / "log.parquet").write_bytes(content)
    drawn = chart.explore(Log(broken, ColumnCache()), ["a.power_w", "a.gaps"], None)
    assert drawn.figure is not None and [trace["name"] for trace in drawn.figure["data"]] == ["a.gaps"]
    assert "damaged log in column 'a.power_w'" in drawn.problems[0]


def test_a_replaced_log_is_read_anew(year: Path, tmp_path: Path) -> None:
    folder, logs = tmp_path / "run", Logs()
    open_copy(year, folder)
    before = logs.log(folder)
    assert logs.log(folder) is before
    pq.write_table(pq.read_table(year / "log.parquet").slice(0, 100), folder / "log.parquet")
    assert logs.log(folder).n_rows == 100


def test_runs_are_compared_from_their_starts(year: Path, runs: Path) -> None:
    logs = [Log(year, ColumnCache()), Log(runs / "sound", ColumnCache())]
    drawn = chart.compare(logs, ["year", "sound"], ["a.power_w", "grid.import_w"], None)
    assert [trace["name"] for trace in drawn.figure["data"]] == ["year", "sound"]  # type: ignore[index]
    assert len(drawn.problems) == 2 and drawn.note.startswith("The runs start at different times")
    span = drawn.figure["layout"]["meta"]["span"]  # type: ignore[index]
    assert span == (START_MS, START_MS + MINUTES * 60e3)


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "older format": (
        lambda f: _replace(f / "summary.json", f'"format": {FORMAT}', '"format": 0'),
        "format 0, and this version reads 1",
    ),
    "no JSON": (lambda f: (f / "summary.json").write_text("{"), "damaged results"),
    "no start": (lambda f: _without(f, "start"), "does not say 'start'"),
    "a list": (lambda f: (f / "summary.json").write_text("[]"), "format None"),
    "truncated log": (lambda f: _truncate(f / "log.parquet"), "damaged results"),
    "truncated events": (lambda f: _truncate(f / "events.parquet"), "damaged results"),
    "no ledger": (lambda f: (f / "ledger.parquet").unlink(), "ledger.parquet is missing"),
    "no time": (
        lambda f: pq.write_table(pq.read_table(f / "log.parquet").drop(["time"]), f / "log.parquet"),
        "no column 'time'",
    ),
}  # fmt: skip


def _replace(file: Path, old: str, new: str) -> None:
    file.write_text(file.read_text().replace(old, new))


def _truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def _without(folder: Path, key: str) -> None:
    summary = json.loads((folder / "summary.json").read_text())
    del summary[key]
    (folder / "summary.json").write_text(json.dumps(summary))


def test_damaged_folders_are_listed_with_the_reason_and_the_rest_works(runs: Path, tmp_path: Path) -> None:
    for name, (harm, _) in DAMAGE.items():
        open_copy(runs / "sound", tmp_path / "group" / name)
        harm(tmp_path / "group" / name)
    open_copy(runs / "sound", tmp_path / "life" / "year_01")
    (tmp_path / "life" / "years.csv").write_text("year\n")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "summary.txt").write_text("no run")
    (tmp_path / ".sound.partial").mkdir()
    catalogue = Catalogue(tmp_path)
    found = {run.id: run.reason for run in catalogue.runs()}
    assert set(found) == {"life/year_01", *(f"group/{name}" for name in DAMAGE)}
    assert found["life/year_01"] == ""
    for name, (_, message) in DAMAGE.items():
        assert message in found[f"group/{name}"], name
    with pytest.raises(ResultsError, match="no ledger: not a results folder"):
        catalogue.run("group/no ledger")
    with pytest.raises(ResultsError, match=r"there is no run '\.\./secret'"):
        catalogue.run("../secret")


def test_a_list_is_read_again_only_where_something_changed(runs: Path, tmp_path: Path) -> None:
    open_copy(runs / "sound", tmp_path / "a")
    catalogue = Catalogue(tmp_path)
    (first,) = catalogue.runs()
    assert catalogue.runs()[0] is first
    (tmp_path / "a" / "summary.json").write_text("{ }")
    (second,) = catalogue.runs()
    assert second.reason and not first.reason
    assert Catalogue(runs / "sound").runs()[0].id == "sound"  # the folder of a single run
    assert Catalogue(tmp_path / "not there").runs() == []


def test_every_parameter_is_shown_under_a_name_and_unit_that_are_read_back() -> None:
    n = 0
    for kind in KINDS:
        for field in kind.parameters:
            value = field.default if field.default is not None else (field.ge or 0.0)
            name, _, factor, offset = editing._shown(field, value)
            match = match_parameter(name, kind.parameters)
            assert match is not None and match[0] is field, (kind.name, name)
            back = (value * factor + offset) * match[1].factor + match[1].offset
            assert back == pytest.approx(value, rel=1e-9, abs=1e-12), (kind.name, name)
            entry = editing._entry("x", field, value, False)
            assert entry.doc and (
                entry.choices or float(entry.value) == pytest.approx(value * factor + offset, rel=1e-5)
            )
            if entry.slider is not None:
                low, high, step = entry.slider
                assert low < high and 0.0 < step <= high - low
                for end in (low, high):
                    assert bound_finding(field, end * match[1].factor + match[1].offset) is None, (kind.name, name)
            n += 1
    assert n > 400


def test_numbered_components_can_be_changed_together() -> None:
    plant = load_scenario_plant(load_scenario("test_full_year"))
    target = next(t for t in editing.targets(plant) if len(t.members) == 5 and t.kind == "pem_stack")
    changed = load_scenario_plant(load_scenario("test_full_year"), {f"{target.key}.rated_power_mw": "2.5"})
    assert {changed.components[id_].values["rated_power_w"] for id_ in target.members} == {2.5e6}
    others = [c for id_, c in changed.components.items() if id_ not in target.members]
    assert all(c.values == plant.components[c.id].values for c in others)


@pytest.mark.parametrize(
    ("asked", "changes", "message"),
    [
        ({}, {"stack.rated_power_mw": "-2"}, "below its bound; choose a value of at least"),
        ({}, {"stack.rated_power_mw": "two"}, "wanted a number"),
        ({}, {"stack.rated_power_mw": "1,5"}, "write the decimal sign as a point: 'rated_power_mw: 1.5'"),
        ({}, {"stack.rated_power_kg": "2"}, "does not measure what"),
        ({}, {"stak.rated_power_mw": "2"}, "did you mean 'stack'"),
        ({}, {"economics.real_rate_frac": "70"}, "should be less than or equal to 10 (it is 70)"),
        ({"hours": "a day"}, {}, "hours: 'a day' is no number"),
        ({"hours": "-1"}, {}, "whole number of steps"),
        ({"hours": "inf"}, {}, "is no number"),
        ({"step_s": "7"}, {}, "does not divide the hour"),
        ({"log_every_s": "90"}, {}, "no whole number of steps"),
        ({"start": "yesterday"}, {}, "'yesterday' is not a time"),
    ],
)
def test_what_is_wrong_with_a_change_is_said(
    asked: dict[str, str], changes: dict[str, str], message: str, tmp_path: Path
) -> None:
    _, findings = editing.wanted(editing.Asked("bundled:minimal_day", **asked), changes, tmp_path, Catalogue(tmp_path))
    of_field, others = editing.by_field(findings)
    assert message in " ".join([*of_field.values(), *others])
    assert of_field or others


def test_a_sound_change_becomes_an_order(tmp_path: Path, runs: Path) -> None:
    catalogue = Catalogue(runs)
    asked = editing.Asked("bundled:minimal_day", start="2023-02-01", hours="48", step_s="300", name="my run/../x")
    scenario, findings = editing.wanted(asked, {"stack.rated_power_mw": "0.9"}, tmp_path, catalogue)
    assert findings == []
    order = editing.order_for(scenario, asked.name)
    assert (order.name, order.hours, order.step_s, order.overrides) == (
        "my_run_x", 48.0, 300, {"stack.rated_power_mw": "0.9"},
    )  # fmt: skip
    again, _ = editing.wanted(editing.Asked("run:sound"), {}, tmp_path, catalogue)
    assert again.hours == 3.0
    (tmp_path / "mine.yaml").write_text("h2plant: 1\nname: mine\nplant: minimal\nhours: 1\n")
    (tmp_path / "other.yaml").write_text("a: 1\n")
    assert [s.key for s in editing.sources(tmp_path) if s.key.startswith("file:")] == ["file:mine.yaml"]
    assert editing.wanted(editing.Asked("file:mine.yaml"), {}, tmp_path, catalogue)[0].hours == 1.0
    for key in ("file:../mine.yaml", "file:/etc/passwd", "bundled:nothing"):
        with pytest.raises(PlantError, match="there is no scenario"):
            editing.wanted(editing.Asked(key), {}, tmp_path, catalogue)
    with pytest.raises(PlantError, match="is no change"):
        editing.parsed_change("stack")
    assert safe_name("../..", "plain") == "plain"


def _order(name: str = "day", hours: float = 1.0, **overrides: str | float) -> Order:
    scenario = load_scenario("minimal_day")
    return Order("minimal_day", name, scenario.start, hours, 60, 900, dict(overrides))


def _messages_of(order: Order, out: Path) -> tuple[int, list[dict[str, Any]]]:
    stream = io.StringIO()
    message = {
        "source": order.source, "start": order.start.isoformat(), "hours": order.hours, "step_s": order.step_s,
        "log_every_s": order.log_every_s, "overrides": order.overrides, "out": str(out), "may_run_code": False,
    }  # fmt: skip
    code = worker.run(message, worker.Teller(stream))
    return code, [json.loads(line) for line in stream.getvalue().splitlines()]


def test_worker_runs_and_tells(tmp_path: Path) -> None:
    code, messages = _messages_of(_order(**{"stack.rated_power_mw": "0.9"}), tmp_path / "run")
    assert code == 0 and messages[0]["state"] == "compiling" and messages[-1] == {"state": "done"}
    assert json.loads((tmp_path / "run" / "scenario.json").read_text())["set"] == {"stack.rated_power_mw": "0.9"}
    code, messages = _messages_of(_order(**{"stack.rated_power_mw": "-1"}), tmp_path / "none")
    assert code == 2 and messages[-1]["state"] == "failed" and "below its bound" in messages[-1]["message"]
    assert not (tmp_path / "none").exists()


FAKE = """
import json, os, signal, sys, time
order = json.loads(sys.stdin.readline())
tell = lambda **m: print(json.dumps(m), flush=True)
how = order["overrides"]["how"]
tell(state="compiling", n_kernels=3, n_components=2)
try:  # from before its first step is told: whoever waits for that may stop it at once
    tell(state="running", done=30)
    print("noise that is no message", flush=True)
    if how == "crash":
        print("the reason", file=sys.stderr); sys.exit(7)
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "fail":
        tell(state="failed", message="stack: too hot", kept=False); sys.exit(1)
    if how == "wait":
        time.sleep(30)
except KeyboardInterrupt:
    tell(state="stopped", kept=True); sys.exit(130)
tell(state="done")
"""


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    jobs = Jobs(tmp_path, [sys.executable, "-c", FAKE])
    yield jobs
    jobs.close()


def _until(jobs: Jobs, number: int, is_so: Callable[[Job], bool]) -> Job:
    end = time.monotonic() + 20.0
    while time.monotonic() < end:
        job = jobs.job(number)
        assert job is not None
        if is_so(job):
            return job
        time.sleep(0.02)
    raise AssertionError(jobs.job(number))


@pytest.mark.parametrize(
    ("how", "state", "message"),
    [
        ("done", "done", ""),
        ("fail", "failed", "stack: too hot"),
        ("crash", "failed", "exit code 7): the reason"),
        ("killed", "failed", "memory runs out"),
    ],
)
def test_a_run_ends_in_one_of_these_ways(jobs: Jobs, how: str, state: str, message: str) -> None:
    job = jobs.submit(_order(how=how))
    ended = _until(jobs, job.number, lambda j: j.has_ended)
    assert ended.state == state and message in ended.message
    jobs.forget(job.number)
    assert jobs.list() == []


def test_runs_wait_for_each_other_and_can_be_cancelled(jobs: Jobs) -> None:
    first, second, third = (jobs.submit(_order(how=how)) for how in ("wait", "done", "wait"))
    assert len({job.folder for job in (first, second, third)}) == 3
    _until(jobs, first.number, lambda j: j.state == "running" and j.done == 30)
    assert jobs.job(second.number).state == "waiting"  # type: ignore[union-attr]
    jobs.cancel(third.number)
    assert jobs.job(third.number).state == "stopped"  # type: ignore[union-attr]
    jobs.cancel(first.number)
    stopped = _until(jobs, first.number, lambda j: j.has_ended)
    assert (stopped.state, stopped.is_kept) == ("stopped", True)
    assert _until(jobs, second.number, lambda j: j.has_ended).state == "done"


def test_closing_stops_the_run_on_its_way(jobs: Jobs) -> None:
    job = jobs.submit(_order(how="wait"))
    waiting = jobs.submit(_order(how="wait"))
    _until(jobs, job.number, lambda j: j.state == "running")
    began = time.monotonic()
    jobs.close()
    assert time.monotonic() - began < 10.0
    assert _until(jobs, job.number, lambda j: j.has_ended).state == "stopped"
    assert jobs.job(waiting.number).state == "stopped"  # type: ignore[union-attr]


def test_guard_lets_in_whom_it_should() -> None:
    own = {"Host": "127.0.0.1:8050"}
    open_guard = Guard("127.0.0.1", 8050)
    assert open_guard.judge(own, {}, {}).status == 0
    assert open_guard.judge({"Host": "localhost:8050"}, {}, {}).status == 0
    assert open_guard.judge({"Host": "evil.example"}, {}, {}).status == 403  # another name for this machine
    assert open_guard.judge({**own, "Origin": "http://evil.example"}, {}, {}).status == 403
    assert open_guard.judge({**own, "Origin": "http://127.0.0.1:8050"}, {}, {}).status == 0
    assert open_guard.judge({**own, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, {}, {}).status == 403
    wide = Guard("0.0.0.0", 8050, "secret")
    far = {"Host": "plant.example:8050"}
    assert wide.judge(far, {}, {}).status == 401
    assert wide.judge(far, {"token": "wrong"}, {}).status == 401
    assert wide.judge(far, {"token": "secret"}, {}).is_newly_known
    assert wide.judge(far, {}, {wide.cookie: "secret"}).status == 0
    assert [is_local(h) for h in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "192.168.1.2", "plant")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def application(runs: Path) -> Any:
    pytest.importorskip("dash", reason="the dashboard needs Dash: pip install 'h2plant[dash]'")
    from h2plant.dashboard.application import make_application

    return make_application(runs, runs)[0]


def test_token_goes_into_a_cookie_and_out_of_the_address(application: Any) -> None:
    import flask

    from h2plant.dashboard.server import protect

    class Wrapped:
        server = flask.Flask("guarded")
        _callback_list: ClassVar[list[Any]] = []

        @staticmethod
        def csp_hashes() -> list[str]:
            return ["'sha256-abc'"]

    Wrapped.server.add_url_rule("/", view_func=lambda: "page")
    guard = Guard("0.0.0.0", 9000, "secret")
    protect(Wrapped, guard)  # type: ignore[arg-type]
    client = Wrapped.server.test_client()
    assert client.get("/").status_code == 401
    answer = client.get("/?token=secret&a=1")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/?a=1")
    assert "HttpOnly" in answer.headers["Set-Cookie"] and "SameSite=Strict" in answer.headers["Set-Cookie"]
    page = client.get("/")
    assert (page.status_code, page.text) == (200, "page")
    assert "script-src 'self' 'sha256-abc'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"


def test_page_lists_runs_and_exports_what_is_asked(application: Any, tmp_path: Path) -> None:
    client = application.server.test_client()
    assert "sound" in client.get("/_dash-layout").text
    words = "run=sound&column=grid.import_w&column=tank.pressure_pa"
    start_ms = 1688342400000  # 2023-07-03
    text = client.get(f"/export/csv?{words}&from={start_ms + 3600_000}&to={start_ms + 7200_000}", buffered=True).text
    lines = text.splitlines()
    assert lines[0] == '"time_utc","grid.import_w [W]","tank.pressure_pa [Pa]"'
    assert len(lines) == 5 and lines[1].startswith("2023-07-03 01:00:00")
    (tmp_path / "x.parquet").write_bytes(client.get(f"/export/parquet?{words}", buffered=True).data)
    assert pq.read_table(tmp_path / "x.parquet").column_names == ["time", "grid.import_w", "tank.pressure_pa"]
    assert client.get(f"/export/png?{words}", buffered=True).data.startswith(b"\x89PNG")
    for address in ("/export/csv?run=none", "/export/csv?run=sound&column=no.such", "/comparison?run=sound"):
        answer = client.get(address)
        assert answer.status_code == 422 and answer.text.startswith("This cannot be had: "), address
    assert client.get("/export/exe?run=sound").status_code == 404
    report = client.get("/report?run=sound")
    assert report.status_code == 200 and "Key figures" in report.text


def test_command_says_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dash")
    monkeypatch.chdir(tmp_path)
    command = CliRunner()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = command.invoke(command_line, ["dash", "--port", str(port)])
    assert answer.exit_code == 2 and f"port {port} is in use" in answer.output and f"--port {port + 1}" in answer.output
    answer = command.invoke(command_line, ["dash", "--host", "no.such.host.invalid", "--port", "0"])
    assert answer.exit_code == 2 and "is no address" in answer.output
    (tmp_path / "file").write_text("")
    answer = command.invoke(command_line, ["dash", "file"])
    assert answer.exit_code == 2 and "is a file, wanted a folder of runs" in answer.output
    assert not (tmp_path / "results").exists()
