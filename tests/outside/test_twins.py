"""Three kinds in files of their own, outside the package, have the standing of built-in ones, figure by figure.

Each is one file with a case; a plant names them. Their physics is that of built-in kinds, so that whatever a run, a
life, a study, a report or the dashboard says of the plant can be compared with what it says of its built-in twin.
"""

from __future__ import annotations

import dataclasses
import html
import json
import re
import shutil
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from h2plant.config.bundled import PLANTS
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.jit import IS_JIT_DISABLED
from h2plant.report.page.document import write_report
from h2plant.results import Results
from h2plant.session.execution import execute
from h2plant.session.years import execute_years
from h2plant.testing import run_case
from tests.command import h2plant

HERE = Path(__file__).parent
TOYS = {"toy_alkaline": "pem_stack", "toy_store": "gas_tank", "toy_buyer": "truck_loading"}
STUDY = """
h2plant: 1
study: sizes
kind: sweep
scenario: {plant}
start: 2023-07-03
hours: 12
step_s: 300
parameters:
  - {{name: price, path: trailers.price_eur_per_kg, values: [6, 9]}}
design: {{kind: grid}}
outputs: [hydrogen_made_kg, hydrogen_sold_kg, hydrogen_cost_eur_per_kg, starts_{key}, capacity_factor_{key}_frac]
"""


def named_as_twin(value: Any) -> Any:
    """Return what a run says, names of toys replaced by those of their twins."""
    if isinstance(value, dict):
        return {named_as_twin(k): named_as_twin(v) for k, v in value.items()}
    if isinstance(value, list):
        return [named_as_twin(v) for v in value]
    if isinstance(value, str):
        for toy, twin in TOYS.items():
            value = value.replace(toy, twin)
        return re.sub(r"(?<![a-z])lye(?![a-z])", "pem", value.replace("LYE", "PEM"))
    return value


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two plants: with the toys, each a file beside it, and with their built-in twins."""
    folder = tmp_path_factory.mktemp("plants")
    text = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
    (folder / "twins.yaml").write_text(text.replace("name: minimal", "name: plant"), encoding="utf-8")
    for toy, twin in TOYS.items():
        assert f"kind: {twin}" in text
        text = text.replace(f"kind: {twin}", f"kind: {toy}")
        shutil.copy(HERE / f"{toy}.py", folder)
    text = text.replace("components:\n", f"kinds: [{', '.join(f'{toy}.py' for toy in TOYS)}]\ncomponents:\n")
    (folder / "toys.yaml").write_text(text.replace("name: minimal", "name: plant"), encoding="utf-8")
    for key, plant in (("lye", "toys"), ("pem", "twins")):
        (folder / f"{plant}_study.yaml").write_text(STUDY.format(plant=f"{plant}.yaml", key=key), encoding="utf-8")
    return folder


def run(folder: Path, plant: str, hours: float, engine: str = "optimized") -> Results:
    scenario = changed_scenario(load_scenario(folder / f"{plant}.yaml"), hours, "2023-07-03")
    return execute(dataclasses.replace(scenario, name="day"), engine, folder / f"{plant}_{engine}")


@pytest.fixture(scope="module")
def day(folder: Path) -> dict[str, Results]:
    return {plant: run(folder, plant, 24) for plant in ("toys", "twins")}


def require_same(toys: Any, twins: Any, rel: float) -> None:
    """Compare what is said of both, whatever its structure, number by number."""
    assert type(toys) is type(twins), (toys, twins)
    if isinstance(toys, dict):
        assert toys.keys() == twins.keys()
        for key in toys:
            require_same(toys[key], twins[key], rel)
    elif isinstance(toys, list):
        assert len(toys) == len(twins)
        for one, other in zip(toys, twins, strict=True):
            require_same(one, other, rel)
    elif isinstance(toys, float):
        assert toys == pytest.approx(twins, rel=rel, abs=1e-12, nan_ok=True)
    else:
        assert toys == twins


@pytest.mark.parametrize("is_plain", [False, True], ids=["compiled", "plain"])
@pytest.mark.parametrize("toy", TOYS)
def test_case(toy: str, is_plain: bool) -> None:
    (case,) = HERE.glob(f"{toy}--*")
    run_case(case, HERE / f"{toy}.py", is_plain).require_met()


def test_plant_is_in_order(folder: Path) -> None:
    answer = h2plant("check", folder / "toys.yaml")
    assert answer.exit_code == 0 and "in order" in answer.text, answer
    twin = h2plant("check", folder / "twins.yaml")
    assert named_as_twin(answer.text.replace("toys.yaml", "twins.yaml")) == twin.text


def test_summary_and_costs_are_those_of_the_twins(day: dict[str, Results]) -> None:
    toys, twins = (day[plant].summary for plant in ("toys", "twins"))
    for part in ("key_figures", "economics", "not_valid", "missing", "residuals"):
        require_same(named_as_twin(toys[part]), twins[part], rel=1e-9)
    figures = toys["key_figures"]
    assert figures["hydrogen_made_kg"] > 100.0 and figures["starts_lye"] > 0.0
    assert figures["hydrogen_cost_eur_per_kg"] > 0.0 and "start_cost_lye_eur" in figures
    assert set(toys["figures"]) >= {"starts_lye", "capacity_factor_lye_frac"}  # with label, unit and meaning
    assert named_as_twin(toys["figures"]["starts_lye"]["label"]) == "starts, PEM stacks"


def test_log_and_events_are_those_of_the_twins(day: dict[str, Results]) -> None:
    toys, twins = day["toys"], day["twins"]
    assert toys.columns == twins.columns
    for name in toys.columns:
        np.testing.assert_allclose(toys[name], twins[name], rtol=1e-9, atol=1e-9, err_msg=name)
    require_same(toys.events.to_pylist(), twins.events.to_pylist(), rel=1e-9)


@pytest.mark.skipif(IS_JIT_DISABLED, reason="there is nothing to compare")
def test_baseline_agrees_with_compiled(folder: Path) -> None:
    plain, twin = (run(folder, plant, 1, "baseline").summary for plant in ("toys", "twins"))
    require_same(named_as_twin(plain["key_figures"]), twin["key_figures"], rel=1e-12)


@pytest.mark.slow
def test_twenty_years(folder: Path) -> None:
    summaries = {}
    for plant in ("toys", "twins"):
        scenario = changed_scenario(load_scenario(folder / f"{plant}.yaml"), 8760, "2023-01-01", 3600)
        scenario = dataclasses.replace(scenario, name="life")
        years = execute_years(scenario, 20, out=folder / f"{plant}_life")
        summaries[plant] = json.loads((years / "summary.json").read_text(encoding="utf-8"))
    toys = named_as_twin(summaries["toys"])
    for part in ("key_figures", "economics", "not_valid", "missing"):
        require_same(toys[part], summaries["twins"][part], rel=1e-9)
    assert len(toys["years"]) == 20
    require_same([_row(y) for y in toys["years"]], [_row(y) for y in summaries["twins"]["years"]], rel=1e-9)
    assert summaries["toys"]["key_figures"]["starts_lye"] > 1000


def _row(year: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in year.items() if name != "worst_relative_residual"}


@pytest.mark.parametrize(
    "backend",
    [pytest.param([], id="threads"), pytest.param(["--backend", "dask"], id="dask", marks=pytest.mark.slow)],
)
def test_sweep(folder: Path, backend: list[str]) -> None:
    if backend:
        pytest.importorskip("distributed")
    tables = {}
    for plant in ("toys", "twins"):
        out = folder / f"{plant}_{len(backend)}"
        answer = h2plant("sweep", folder / f"{plant}_study.yaml", "--out", out, *backend)
        assert answer.exit_code == 0, answer
        tables[plant] = _results(out / "results.csv")
    assert len(tables["toys"]) == 2
    require_same([named_as_twin(row) for row in tables["toys"]], tables["twins"], rel=1e-9)


def _results(file: Path) -> list[dict[str, Any]]:
    header, *rows = (line.split(",") for line in file.read_text(encoding="utf-8").splitlines())
    kept = [name for name in header if not re.search(r"_s$|time", name)]
    return [{k: _number(v) for k, v in zip(header, row, strict=True) if k in kept} for row in rows]


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def test_report_says_the_same(day: dict[str, Results], folder: Path) -> None:
    pytest.importorskip("plotly")
    texts = {plant: _text(write_report(day[plant], folder / f"{plant}.html")) for plant in ("toys", "twins")}
    assert "LYE stacks" in texts["toys"] and "The plant has no electrolyser" not in texts["toys"]
    toys = [named_as_twin(line) for line in texts["toys"].splitlines()]
    twins = texts["twins"].splitlines()
    differing = [(a, b) for a, b in zip(toys, twins, strict=True) if a != b]
    assert differing == []


def _text(page: Path) -> str:
    """Return the words of a page, without where it comes from, and without what rounding leaves and decides."""
    text = page.read_text(encoding="utf-8")
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", text, flags=re.S)
    text = re.sub(r'<section[^>]*id="(provenance|balances|audit)".*?</section>', " ", text, flags=re.S)
    text = html.unescape(re.sub(r"<[^>]+>", "\n", text))
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def test_dashboard_shows_the_same(day: dict[str, Results]) -> None:
    pytest.importorskip("dash")
    from h2plant.dashboard.context import Context
    from h2plant.dashboard.explore_view import cards, first_columns
    from h2plant.dashboard.listing import Catalogue
    from h2plant.dashboard.log import ColumnCache, Log

    shown = {}
    for plant, results in day.items():
        catalogue = Catalogue(results.folder.parent)
        (found,) = [r for r in catalogue.runs() if r.folder.name == results.folder.name]
        log = Log(results.folder, ColumnCache())
        context = Context(catalogue, Mock(), Mock(), results.folder.parent)
        shown[plant] = (
            first_columns(context, found, log),
            json.dumps([c.to_plotly_json() for c in cards(found)], default=str),
        )
    assert named_as_twin(list(shown["toys"])) == list(shown["twins"])
    assert shown["toys"][0]
