"""The documentation keeps its word: examples run as printed, links lead somewhere, every kind has its page."""

import ast
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from h2plant.cli import app
from h2plant.components import KINDS
from h2plant.config.bundled import PLANTS
from h2plant.config.load import load_plant
from h2plant.core.declare import Kind
from h2plant.economics.plant_cost import Equipment, plant_cost
from h2plant.testing import run_case
from tests.house.test_kernels import violations

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "h2plant").rglob("*.md")])
PAGE_IDS = [p.relative_to(ROOT).as_posix() for p in PAGES]
README = ROOT / "README.md"
TEXT_FILES = [
    p
    for p in [
        *ROOT.glob("*"),
        *(q for f in ("docs", "h2plant", "tests", "benchmarks", ".ci") for q in (ROOT / f).rglob("*")),
    ]
    if p.is_file() and p.suffix in {".md", ".py", ".yaml", ".toml", ".txt", ".cfg", ""} and "__pycache__" not in p.parts
]

# spelled apart, so that this file does not hold what it looks for
FORBIDDEN = {
    "a path of someone's machine": r"(?<![\w.])/(work|home|root|Users)/(?!\.\.\.)|[A-Z]:\\Users",
    "the address of a package index": r"https?://[^\s)\"']*/simple\b",
    "unfinished work": r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b",
}


def blocks(path: Path, language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text(encoding="utf-8"), re.M | re.S)


def test_python_example_runs_as_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = blocks(README, "python")
    lines = [line for line in example.splitlines() if line.strip()]
    assert len(lines) <= 12
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "README.md", "exec"), {"__name__": "example"})
    printed = capsys.readouterr().out
    assert re.search(r"^[1-9]\d* kg of hydrogen$", printed, re.M)
    assert "Pa" in printed and "end of the interval" in printed
    assert (tmp_path / "two_days.parquet").stat().st_size > 0


def test_own_plant_checks_and_runs_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (plant,) = (block for block in blocks(README, "yaml") if "name: turbine" in block)
    monkeypatch.chdir(tmp_path)
    Path("turbine.yaml").write_text(plant, encoding="utf-8")
    command = CliRunner()
    checked = command.invoke(app, ["check", "turbine.yaml"])
    assert checked.exit_code == 0, checked.output
    assert "in order" in checked.output
    ran = command.invoke(
        app, ["run", "turbine.yaml", "--hours", "24", "--log-every", "15min", "--out", "out", "--json"]
    )
    assert ran.exit_code == 0, ran.output
    figures = json.loads(ran.output)["key_figures"]
    assert 100.0 < figures["hydrogen_made_kg"] < 24.0 * 22.0
    assert figures["hydrogen_cost_eur_per_kg"] > 0.0


def test_findings_stand_in_the_readme_as_the_check_prints_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (plant,) = (block for block in blocks(README, "yaml") if "name: turbine" in block)
    (printed,) = blocks(README, "text")
    wrong = plant.replace("capacity_mw: 2}", "capacity_kg: 2}").replace("drum.gas ->", "drum.gass ->")
    assert wrong.count("gass") == wrong.count("capacity_kg") == 1
    monkeypatch.chdir(tmp_path)
    Path("turbine.yaml").write_text(wrong, encoding="utf-8")
    checked = CliRunner().invoke(app, ["check", "turbine.yaml"])
    assert checked.exit_code == 2
    assert checked.output.strip() == printed.strip()


def test_scenario_of_the_quick_start_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (plant,) = (block for block in blocks(README, "yaml") if "name: turbine" in block)
    (scenario,) = blocks(ROOT / "docs" / "quick_start.md", "yaml")
    monkeypatch.chdir(tmp_path)
    Path("turbine.yaml").write_text(plant, encoding="utf-8")
    hours = [f"2023-03-{day:02}T{hour:02}:00,{40 + hour}" for day in range(5, 16) for hour in range(24)]
    Path("my_prices.csv").write_text("\n".join(["time,price_eur_per_mwh", *hours]), encoding="utf-8")
    Path("windy_week.yaml").write_text(scenario, encoding="utf-8")
    checked = CliRunner().invoke(app, ["check", "windy_week.yaml"], catch_exceptions=False)
    assert checked.exit_code == 0, checked.output


def test_steps_of_adding_a_component_work(tmp_path: Path) -> None:
    page = ROOT / "docs" / "adding_a_component.md"
    (code,) = blocks(page, "python")
    (case,) = blocks(page, "yaml")
    file = tmp_path / "pipeline.py"
    file.write_text(code, encoding="utf-8")
    assert list(violations(ast.parse(code))) == []
    spec = importlib.util.spec_from_file_location("h2plant.components.pipeline", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = tmp_path / "pipeline--five-kilometres"
    folder.mkdir()
    (folder / "case.yaml").write_text(case, encoding="utf-8")
    run_case(folder, module.KIND, is_plain=True).require_met()
    assert module.KIND.role is not None and module.KIND.costs

    plant = (
        (PLANTS / "minimal.yaml")
        .read_text(encoding="utf-8")
        .replace("components:\n", "kinds: [pipeline.py]\ncomponents:\n", 1)
    )
    plant = plant.replace("components:\n", "components:\n  pipe: {kind: pipeline, length_km: 5, diameter_mm: 100}\n", 1)
    lines = "  - compressor.outlet -> pipe.inlet\n  - pipe.outlet -> tank.inlets\n"
    assert lines in page.read_text(encoding="utf-8")
    (tmp_path / "plant.yaml").write_text(
        plant.replace("  - compressor.outlet -> tank.inlets\n", lines), encoding="utf-8"
    )
    checked = CliRunner().invoke(app, ["check", str(tmp_path / "plant.yaml")])
    assert checked.exit_code == 0 and "in order" in checked.output, checked.output
    loaded = load_plant(tmp_path / "plant.yaml")
    pipe = loaded.components["pipe"]
    priced = {"pipe": Equipment("pipeline", pipe.values, pipe.kind.costs)}
    assert plant_cost(priced).equipment_eur == pytest.approx(5.0 * 400.0e3)


@pytest.mark.parametrize("kind", KINDS, ids=[k.name for k in KINDS])
def test_every_kind_has_a_uniform_page_and_a_line_in_the_list(kind: Kind) -> None:
    text = (ROOT / "docs" / "components" / f"{kind.name}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {kind.name}\n\n")
    assert "\n## Left out\n" in text
    assert not re.search(r"^\| *(field|parameter|port|name) *\|", text, re.M | re.I), (
        "h2plant kinds prints tables of fields"
    )
    listed = (ROOT / "docs" / "components" / "index.md").read_text(encoding="utf-8")
    assert listed.count(f"({kind.name}.md)") == 1


def test_no_page_without_a_kind() -> None:
    pages = {p.stem for p in (ROOT / "docs" / "components").glob("*.md")}
    assert pages - {"index"} == {k.name for k in KINDS}


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


@pytest.mark.parametrize("page", PAGES, ids=PAGE_IDS)
def test_relative_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name) if name else page
        assert file.exists(), f"{target} leads nowhere"
        assert not anchor or anchor in _anchors(file), f"{target}: no such heading"


def test_all_pages_are_listed() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "index.md" or f"({page.name})" in index, page.name


def test_pictures_are_small_drawn_and_used() -> None:
    code = (ROOT / "docs" / "build.py").read_text(encoding="utf-8")
    drawn = set(re.findall(r'(?:save\(figure, |screenshot\(|in_few_colours\()"(\w+)"', code))
    drawn |= {file.stem for file in (ROOT / "docs" / "gallery").glob("*.py")}  # docs/gallery_pictures.py
    pictures = {p.stem: p.stat().st_size for p in (ROOT / "docs" / "pictures").iterdir()}
    assert set(pictures) == drawn
    assert max(pictures.values()) < 300_000
    text = "".join(p.read_text(encoding="utf-8") for p in PAGES)
    for name in drawn:
        assert f"pictures/{name}.png" in text, f"{name} is shown nowhere"


def _strangers(text: str) -> list[str]:
    return [f"{what}: {found[0]}" for what, pattern in FORBIDDEN.items() if (found := re.search(pattern, text))]


def test_no_text_names_machines_registries_or_unfinished_work() -> None:
    bad: dict[str, Any] = {}
    for path in TEXT_FILES:
        found = _strangers(path.read_text(encoding="utf-8"))
        if found and path != Path(__file__):
            bad[path.relative_to(ROOT).as_posix()] = found
    assert bad == {}


def test_the_sieve_catches_what_it_should() -> None:
    for text in ("see /home" + "/me/x", "https://index.example/sim" + "ple", "TO" + "DO: later"):
        assert _strangers(text), text
    assert _strangers("results/turbine and /dev/null and doi.org/10.1/x") == []
