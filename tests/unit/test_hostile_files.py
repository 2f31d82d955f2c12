"""Files from somebody else: whatever text stands in them is shown, and nothing in it runs."""

import ast
import contextlib
import csv
import dataclasses
import io
import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from rich.table import Table

import h2plant
from h2plant import Results, ResultsError
from h2plant.config.scenario import load_scenario
from h2plant.core.markup import Html, cell, visible
from h2plant.core.terminal import Terminal
from h2plant.dashboard.chart import explore
from h2plant.dashboard.log import Logs
from h2plant.measure.trend.page import page as history_page
from h2plant.measure.trend.thresholds import load_thresholds
from h2plant.measure.trend.verdict import groups
from h2plant.plant.finding import PlantError
from h2plant.report import export
from h2plant.report.page.charts import as_text
from h2plant.report.page.compare import compare_runs
from h2plant.report.page.document import script_source, write_report
from h2plant.report.page.life import write_life_report
from h2plant.session import history
from h2plant.session.machine import Machine
from h2plant.session.record import run_record
from h2plant.studies.study.outcome import Outcome
from h2plant.studies.study.run import run_study
from h2plant.studies.view.page import study_page
from tests.command import h2plant as command
from tests.folders import open_copy
from tests.hostile import HOSTILE, Parsed, plant_in, texts_of

pytestmark = pytest.mark.long

BREAK, BOX = "<br>", "<extra></extra>"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of three days, with a study of sensitivity and of the accuracy beside them."""
    return h2plant.run("minimal_day", hours=72, out=tmp_path_factory.mktemp("sound") / "run").folder


@pytest.fixture(scope="module")
def hostile(sound: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = open_copy(sound, tmp_path_factory.mktemp("hostile") / "'\"><img src=x onerror=alert(1)>")
    plant_in(folder)
    return folder


def assert_harmless(text: str, like: str, message: str = HOSTILE) -> Parsed:
    """The page has the elements, attributes and scripts of a page of sound files, and shows what it was given."""
    found, sound = Parsed(text), Parsed(like)
    assert found.elements <= sound.elements | {"p", "h3", "dd", "dt", "li", "option", "table", "tbody", "thead", "tr",
                                               "td", "th", "caption", "button", "br", "details", "summary"}  # fmt: skip
    assert found.n_scripts == sound.n_scripts and found.comments == []
    active = ("srcdoc", "srcset", "formaction", "action")
    assert not [name for _, name in found.attributes if name.startswith("on") or name in active]
    assert [to for to in found.addresses if not to.startswith("#")] == []
    assert found.raw.get("script") == sound.raw.get("script") and found.raw.get("style") == sound.raw.get("style")
    assert message in found.text
    return found


def assert_plain(figure: Any, message: str | None = None) -> None:
    """The words of a figure hold no marks but the program's own."""
    texts = [text.removesuffix(BOX).replace(BREAK, "") for text in texts_of(figure)]
    assert [text for text in texts if "<" in text or ">" in text] == []
    if message is not None:
        assert any(message in text for text in texts)


def test_the_report_shows_hostile_texts_and_runs_none(sound: Path, hostile: Path, tmp_path: Path) -> None:
    pages = [
        write_report(Results(run), tmp_path / f"{k}.html").read_text("utf-8") for k, run in enumerate((sound, hostile))
    ]
    found = assert_harmless(pages[1], pages[0])
    data = found.data
    assert_plain(data["charts"])
    assert all(text.startswith(HOSTILE) for text in (*data["events"]["components"], *data["events"]["texts"]))
    assert "</" not in found.raw["data"] and "\u2028" not in found.raw["data"]  # for a script element
    assert f"This run is not complete: {HOSTILE}" in found.text


def test_every_script_of_a_page_is_named_in_its_policy_and_no_other_runs(sound: Path, tmp_path: Path) -> None:
    text = write_report(Results(sound), tmp_path / "page.html").read_text("utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].split(";"))
    scripts = Parsed(text).raw
    assert rules["script-src"] == f"{script_source(scripts['script'])} {script_source(scripts['plotly'])}"
    assert (rules["default-src"], rules["form-action"], rules["base-uri"]) == ("'none'",) * 3


def test_the_comparison_shows_hostile_texts_and_runs_none(sound: Path, hostile: Path, tmp_path: Path) -> None:
    other = open_copy(sound, tmp_path / "other")
    like = compare_runs([sound, other], tmp_path / "sound.html").read_text("utf-8")
    text = compare_runs([hostile, other], tmp_path / "hostile.html").read_text("utf-8")
    found = assert_harmless(text, like)
    assert_plain(found.data["charts"], "&lt;img")
    assert f"Not complete: {hostile.name}." in found.text


def test_the_notebook_shows_hostile_texts_and_runs_none(sound: Path, hostile: Path) -> None:
    assert_harmless(Results(hostile)._repr_html_(), Results(sound)._repr_html_())


def test_the_page_of_a_life_shows_hostile_texts_and_runs_none(sound: Path, tmp_path: Path) -> None:
    def life(name: str) -> Path:
        folder = tmp_path / name
        open_copy(sound, folder / "year_01")
        (folder / "years.csv").write_text("year\n1\n", encoding="utf-8")
        summary = json.loads((sound / "summary.json").read_text(encoding="utf-8"))
        column = "stack.degradation_v"
        wear = {"stack": {"sort": "pem", "column": column, "at_end_frac": 0.2}}
        year = {
            "year": 1,
            "start": "2023-01-01",
            "hours": 72.0,
            "hydrogen_made_kg": 1.0,
            "replaced": {"stack": 2},
            "wear": wear,
        }
        summary |= {"years": [year], "n_years": 1}
        (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
        return folder

    like = write_life_report(life("sound"), tmp_path / "sound.html").read_text("utf-8")
    folder = life("hostile")
    plant_in(folder / "year_01")
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    year = summary["years"][0]
    year["start"] = year["wear"]["stack"]["sort"] = HOSTILE
    year["replaced"] = {HOSTILE: 2}
    year["wear"] = {HOSTILE: {"sort": "pem", "column": "stack.degradation_v", "at_end_frac": 0.2}}
    summary |= {"scenario": HOSTILE, "plant": HOSTILE, "is_complete": False, "stopped_by": HOSTILE}
    summary["provenance"] |= {"command": HOSTILE, "machine": HOSTILE}
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    found = assert_harmless(write_life_report(folder, tmp_path / "hostile.html").read_text("utf-8"), like)
    assert_plain(found.data["charts"], "&lt;script&gt;")


STUDY = """h2plant: 1
study: trial
kind: {kind}
description: {about}
scenario: minimal_day
start: 2023-07-03
hours: 3
parameters:
  - {{name: {first}, path: stack.rated_power_mw, range: [0.6, 1.2]{n}}}
  - {{name: {second}, path: economics.real_rate_frac, range: [0.04, 0.08]{n}}}
outputs: [{outputs}{{name: {third}, column: tank.pressure_bar, reduce: min}}]
{tail}
"""
TAILS = {
    "sweep": "design: {kind: grid}",
    "sensitivity": "methods: [{kind: tornado}, {kind: morris, n: 2, seed: 1}, {kind: sobol, n: 2, seed: 1}]",
    "optimize": "objectives: [{minimize: hydrogen_cost_eur_per_kg}, {maximize: hydrogen_made_kg}]\n"
    "search: {sampler: nsga_ii, trials: 4, batch: 4, seed: 1}",
}


def _study(kind: str, names: tuple[str, str, str, str]) -> str:
    about, first, second, third = (json.dumps(name) for name in names)
    return STUDY.format(
        kind=kind,
        about=about,
        first=first,
        second=second,
        third=third,
        outputs="" if kind == "optimize" else "hydrogen_cost_eur_per_kg, ",
        n=", n: 2" if kind == "sweep" else "",
        tail=TAILS[kind],
    )


@pytest.mark.parametrize("kind", TAILS)
def test_the_pages_of_studies_show_hostile_texts_and_run_none(kind: str, tmp_path: Path) -> None:
    pages = []
    name = HOSTILE.replace("\u2028", "")  # no name has it
    bad = f"={name}"
    for of, names in (("sound", ("a", "b", "c", "d")), ("bad", (HOSTILE, f"{name}1", f"{name}2", bad))):
        (tmp_path / f"{of}.yaml").write_text(_study(kind, names), encoding="utf-8")
        ended = command(kind, str(tmp_path / f"{of}.yaml"), "--out", str(tmp_path / of))
        assert ended.exit_code == 0, ended.text
        pages.append((tmp_path / of / "report.html").read_text(encoding="utf-8"))
    found = assert_harmless(pages[1], pages[0])
    assert_plain(found.data["charts"])
    rows = list(csv.reader(io.StringIO((tmp_path / "bad" / "results.csv").read_text(encoding="utf-8"))))
    assert f"'{bad}" in rows[0] and not [text for text in rows[0] if text.startswith("=")]


def test_reasons_of_failures_are_text(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(_study("sweep", ("a", "b", "c", "d")), encoding="utf-8")
    run = run_study(tmp_path / "study.yaml", tmp_path / "out")
    failed = dataclasses.replace(run, outcomes=[*run.outcomes[:-1], Outcome(len(run.points), {}, HOSTILE)])
    assert_harmless(study_page(failed, HOSTILE), study_page(run, "again"))


def test_the_history_shows_hostile_texts_and_runs_none(
    sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("H2PLANT_HOME", str(tmp_path))
    record = run_record(Results(sound).summary, load_scenario("minimal_day"))
    kept = ("finished_at", "record_id")
    texts = {f.name: HOSTILE for f in dataclasses.fields(record) if f.type == "str" and f.name not in kept}
    pages = []
    for one in (record, dataclasses.replace(record, **texts, record_id="hostile")):
        history.append(one)
        last = next(found for found in history.read() if found.record_id == one.record_id)
        pages.append(history_page(groups([last], load_thresholds(), Machine(last.cpu, last.n_cores, last.system)), 5))
    assert_harmless(pages[1], pages[0])


def test_a_record_of_the_history_that_holds_no_number_is_refused(
    sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("H2PLANT_HOME", str(tmp_path))
    history.append(run_record(Results(sound).summary, load_scenario("minimal_day")))

    def put(name: str, value: object) -> None:
        with contextlib.closing(sqlite3.connect(history.history_file())) as file, file:
            file.execute(f"UPDATE records SET {name} = ?", (value,))

    put("checksum", history._NO_CHECKSUM)  # as of an earlier version: nothing says that it was changed
    for name, bad, good in (("loop_s", "<script>", 1.0), ("finished_at", "<script>", "2026-01-01T00:00:00+00:00")):
        put(name, bad)
        with pytest.raises(PlantError, match=f"a record holds '<script>' under '{name}'"):
            history.read()
        put(name, good)
    assert len(history.read()) == 1


def test_the_dashboard_draws_hostile_texts_as_text(hostile: Path) -> None:
    drawn = explore(Logs().log(hostile), [HOSTILE, "tank.pressure_pa"], None)
    assert drawn.figure is not None and drawn.problems == []
    assert_plain(drawn.figure, "&lt;script&gt;")
    assert {row.name for row in drawn.rows} == {HOSTILE, "tank.pressure_pa"}  # text of elements: React escapes it


def test_words_of_figures_are_text_and_only_the_programs_marks_stay() -> None:
    figure = {
        "data": [
            {"name": "a & <b>b</b>", "x": ["one\ntwo"], "y": {"bdata": "AA=="}, "hovertemplate": f"%{{y}} <a>{BOX}"}
        ],
        "layout": {"height": 10, "title": {"text": BOX}},
    }
    assert as_text(figure) == {
        "data": [{"name": "a &amp; &lt;b&gt;b&lt;/b&gt;", "x": ["one<br>two"], "y": {"bdata": "AA=="},
                  "hovertemplate": f"%{{y}} &lt;a&gt;{BOX}"}],
        "layout": {"height": 10, "title": {"text": BOX}},
    }  # fmt: skip


DAMAGE: dict[str, tuple[tuple[str, ...], Any]] = {
    "hours": (("hours",), HOSTILE),
    "time": (("start",), HOSTILE),
    "time without zone": (("start",), "2023-07-03T00:00:00"),
    "figure": (("key_figures", "hydrogen_made_kg"), "<script>"),
    "unknown figure": (("key_figures", "x"), ["<script>"]),
    "cost": (("economics", "by_kind_of_cost_eur_per_kg", "capital"), "<script>"),
    "residual": (("residuals", "worst_relative"), "<script>"),
    "performance": (("performance", "loop_s"), {"<script>": 1}),
    "mapping": (("residuals",), "<script>"),
    "notes": (("provenance", "notes"), "<script>"),
    "name": (("scenario",), ["<script>"]),
    "not finite": (("key_figures", "hydrogen_made_kg"), float("nan")),
    "too large": (("hours",), 1e300),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_what_is_no_number_is_damage(sound: Path, tmp_path: Path, case: str) -> None:
    keys, value = DAMAGE[case]
    folder = open_copy(sound, tmp_path / "run")
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    place = summary
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    with pytest.raises(ResultsError, match=rf"damaged results \(summary.json: {keys[0]}.* is not .*\); run it again"):
        Results(folder)
    ended = command("report", str(folder))
    assert ended.exit_code == 2 and "damaged results" in ended.text and "Traceback" not in ended.text


@pytest.mark.parametrize(
    ("part", "column"),
    [("events", "peak"), ("events", "start"), ("ledger", "inflow_h2_kg"), ("log", "tank.pressure_pa")],
)
def test_texts_in_columns_of_numbers_are_damage(sound: Path, tmp_path: Path, part: str, column: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = open_copy(sound, tmp_path / "run")
    table = pq.read_table(folder / f"{part}.parquet")
    k = table.column_names.index(column)
    table = table.set_column(k, column, pa.array([HOSTILE] * len(table), pa.string()))
    pq.write_table(table, folder / f"{part}.parquet")
    with pytest.raises(ResultsError, match=rf"damaged results \({part}.parquet: the column '{column}' holds no"):
        Results(folder)


def test_a_scenario_of_the_wrong_kind_is_damage(sound: Path, tmp_path: Path) -> None:
    folder = open_copy(sound, tmp_path / "run")
    (folder / "scenario.json").write_text(json.dumps({"log_every_s": HOSTILE}), encoding="utf-8")
    with pytest.raises(ResultsError, match=r"damaged results \(scenario.json: log_every_s: .* is not a number\)"):
        write_report(Results(folder), tmp_path / "page.html")


def test_html_escapes_what_it_is_not_told_to_leave() -> None:
    inner = Html("<i>{}</i>", "<")
    assert Html('<p title="{0}">{0}{1} {2:.1f}</p>', "\"'<&", inner, 3.14) == (
        '<p title="&quot;&#x27;&lt;&amp;">&quot;&#x27;&lt;&amp;<i>&lt;</i> 3.1</p>'
    )
    assert "<" + inner + "<" == "&lt;<i>&lt;</i>&lt;" and isinstance("<" + inner, Html)
    assert Html("<br>").join(["<", inner]) == "&lt;<br><i>&lt;</i>"
    assert Html("{}", "{0}") == "{0}" and Html("{") == "{"


def test_templates_of_html_are_literals_and_nothing_else_escapes_by_hand() -> None:
    """So that no text of a file can become a template, and escaping is nobody's to remember."""
    root = Path(h2plant.__file__).parent
    for file in sorted(root.rglob("*.py")):
        where = file.relative_to(root).as_posix()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "html":
                assert where in ("core/markup.py", "report/page/charts.py"), f"{where}:{node.lineno}: take Html"
            name = getattr(getattr(node, "func", None), "id", "")
            if name == "Html" and where != "core/markup.py" and node.args:
                first = node.args[0]
                is_literal = isinstance(first, ast.Constant) or (isinstance(first, ast.Name) and first.id.isupper())
                assert is_literal, f"{where}:{node.lineno}: the template of Html is no literal"
            if name == "Console":
                assert where == "core/terminal.py", f"{where}:{node.lineno}: take Terminal"


def test_the_terminal_follows_no_command_of_a_file() -> None:
    out = io.StringIO()
    terminal = Terminal(file=out, force_terminal=True, width=300, color_system="standard")
    bad = "\x1b]0;title\x07\x1b[2J[link=http://evil.example]a[/link][red]b[/] :warning:\x9b2J"
    table = Table(title=bad)
    table.add_row(bad)
    terminal.print(table)
    terminal.print(f"[bold red]not complete:[/] {bad}")
    terminal.print(bad, markup=False)
    text = out.getvalue()
    assert re.sub(r"\x1b\[[0-9;]*m", "", text).count("\x1b") == 0  # rich's own styles alone
    assert "\x9b" not in text and "\x07" not in text
    assert text.count("[link=http://evil.example]a[/link][red]b") == 4 and text.count(":warning:") == 4
    assert "\x1b[1;31mnot complete:" in text
    assert visible("a\x1b\x7f\nb\t") == "a␛␡\nb\t"


def test_messages_of_errors_are_shown_without_commands(tmp_path: Path) -> None:
    ended = command("report", str(tmp_path / "\x1b[2Jrun"))
    assert ended.exit_code == 2 and "\x1b" not in ended.text and "␛[2Jrun" in ended.text


@pytest.mark.parametrize(
    ("text", "shown"), [("=1+1", "'=1+1"), ("@x", "'@x"), ("-x", "'-x"), ("\tx", "'\tx"), ("a=1", "a=1")]
)
def test_a_spreadsheet_takes_no_text_for_a_formula(text: str, shown: str) -> None:
    assert cell(text) == shown and cell(-1.0) == -1.0


def test_exports_hold_no_formula(sound: Path, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = open_copy(sound, tmp_path / "run")
    formula = '=HYPERLINK("http://evil.example","x")\x1b'
    events = pq.read_table(folder / "events.parquet")
    k = events.column_names.index("what")
    pq.write_table(events.set_column(k, "what", pa.array([formula] * len(events))), folder / "events.parquet")
    log = pq.read_table(folder / "log.parquet")
    pq.write_table(log.append_column("=1+1", log.column(1)), folder / "log.parquet")
    results = Results(folder)
    book = openpyxl.load_workbook(export.to_excel(results, tmp_path / "run.xlsx"))
    cells = [
        entry for sheet in book.worksheets for row in sheet.iter_rows() for entry in row if entry.value is not None
    ]
    assert [entry.value for entry in cells if entry.data_type == "f"] == []
    assert formula.replace("\x1b", "␛") in {entry.value for entry in cells}
    first = export.to_csv(results, tmp_path / "run.csv").read_text(encoding="utf-8").splitlines()[0]
    assert '"\'=1+1 []"' in first
