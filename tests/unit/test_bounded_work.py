"""Parameters at the ends of their bounds cost no more than others: time, memory and what is kept stay bounded."""

import json
import tracemalloc
from pathlib import Path

import pytest

from h2plant.components import KIND_BY_NAME
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.cost import CostFigure
from h2plant.economics.plant_cost import SHORTEST_LIFE_YEARS, part_life, replacement_years
from h2plant.session.session import Session, load_run


@pytest.mark.parametrize("worn_years", [1e-12, 1e-6, 0.001, 0.1])
def test_renewals_are_a_list_of_bounded_length(worn_years: float) -> None:
    figure = CostFigure("stack", (), 1.0, 1.0e6, 2023, 1.0, 20.0, 0.02, "an offer", life_h=8.0e4)
    life = part_life(figure, {}, worn_years)
    assert life == max(worn_years, SHORTEST_LIFE_YEARS)
    assert len(replacement_years(life, 100)) <= 52 * 100


def _kept(folder: Path, changes: dict[str, float]) -> tuple[Session, float, Path]:
    """Run two days and write them; returns the session, the memory that writing took, B, and the summary."""
    scenario = changed_scenario(load_scenario("minimal"), 48.0, "2023-06-01", overrides=changes)
    session = Session(load_run(scenario))
    session.begin()
    session.run()
    tracemalloc.start()
    session.results(folder)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return session, peak, folder / "summary.json"


@pytest.mark.long
def test_a_stack_that_wears_at_once_costs_no_memory(tmp_path: Path) -> None:
    """Of a life of milliseconds, 2 h once took 1.4 GB and a summary of 117 MB; now it is at most renewed weekly."""
    stack = KIND_BY_NAME["pem_stack"]
    bounds = {name: stack.field_by_name[name] for name in ("end_of_life_loss_frac", "degradation_v_per_s")}
    changes = {
        "stack.end_of_life_loss_frac": bounds["end_of_life_loss_frac"].ge,
        "stack.degradation_v_per_s": bounds["degradation_v_per_s"].le,
    }
    _, usual, _ = _kept(tmp_path / "usual", {})
    session, peak, summary = _kept(tmp_path / "worn", changes)
    assert session.value("stack.n_replacements") >= 1.0
    assert peak < 1.1 * usual + 1e7
    assert summary.stat().st_size < 1e6
    parts = json.loads(summary.read_text(encoding="utf-8"))["economics"]["capital"]["parts"]
    assert max(len(part["replacement_years"]) for part in parts) <= 52 * 30


def test_every_count_of_pieces_has_a_highest_value() -> None:
    """Stages, vessels, cells, bays: a number of pieces without a bound is work without one."""
    unbounded = [
        f"{kind.name}.{f.name}"
        for kind in KIND_BY_NAME.values()
        for f in kind.parameters
        if f.is_whole and f.le is None
    ]
    assert unbounded == []
