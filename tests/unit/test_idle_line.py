"""What a run says of a line of electrolysers that made nothing: why."""

from pathlib import Path

import pytest

import h2plant
from h2plant.config.bundled import PLANTS
from tests.unruled import write_day

_OUTAGE = "faults:\n  down: {component: stack, from: 2022-12-31, to: 2023-01-03}\n"


def _notes(tmp_path: Path, text: str = "", rule: str = "price_threshold", **changes: float) -> list[str]:
    """Run the smallest plant, changed, for four hours; returns why it made nothing."""
    file = tmp_path / "plant.yaml"
    plant = (PLANTS / "minimal.yaml").read_text(encoding="utf-8").replace("price_threshold", rule)
    file.write_text(plant + text, encoding="utf-8")
    given = {name.replace("__", "."): value for name, value in changes.items()}
    results = h2plant.run(file, hours=4.0, set=given, out=tmp_path / "r", audit_steps=0)
    notes: list[str] = [one for one in results.summary["provenance"]["notes"] if one.startswith("[no-hydrogen]")]
    assert bool(notes) == (results.summary["key_figures"]["hydrogen_made_kg"] == 0.0)
    assert not results.summary["missing"]
    return notes


@pytest.mark.parametrize(
    ("reason", "given"),
    [
        ("0.313 MW wanted (its least power, 0.208 MW, and the margin for a start), 0.199 MW offered at most",
         {"grid__import_limit_mw": 0.2}),
        ("power cost -5 EUR/MWh or more, its limit is -50; 0.313 MW wanted",
         {"line__price_limit_eur_per_mwh": -50.0}),
        ("the storage was full, and left it 8.9% of its power at most",
         {"tank__initial_pressure_bar": 100.0, "trailers__n_trailers_per_day": 0.0}),
        ("'rule' never had it start: 0.313 MW wanted", {"rule": "follow_wind"}),
        ("was asked for up to 1.1 MW, and its units ran 0 h: an outage", {"text": _OUTAGE}),
    ],
)  # fmt: skip
def test_the_reason_is_told(tmp_path: Path, reason: str, given: dict[str, float]) -> None:
    (note,) = _notes(tmp_path, **given)  # type: ignore[arg-type]
    assert note.startswith("[no-hydrogen] line: made nothing: ") and reason in note


def test_a_line_that_makes_hydrogen_has_no_note(tmp_path: Path) -> None:
    assert _notes(tmp_path) == []


def test_a_line_that_no_rule_serves_is_told_of_too(tmp_path: Path) -> None:
    file = write_day(tmp_path, hours=2, setpoint_mw=0.0)
    summary = h2plant.run(file, out=tmp_path / "r", audit_steps=0).summary
    reason = "what sets its set point never had it start: 0.208 MW wanted (its least power), 2 MW offered at most"
    assert f"[no-hydrogen] line: made nothing: {reason}" in summary["provenance"]["notes"]
    assert not summary["missing"]


def _alone(tmp_path: Path, setpoint: str, series: str = "") -> list[str]:
    """Run the smallest plant, whose stack takes its set point from elsewhere than its line; returns the notes."""
    plant = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
    changed = plant.replace("  - line.unit_setpoints -> stack.setpoint\n", setpoint).replace(
        "series:\n", f"series:\n{series}", 1
    )
    assert changed != plant
    file = tmp_path / "plant.yaml"
    file.write_text(changed, encoding="utf-8")
    summary = h2plant.run(file, hours=2.0, out=tmp_path / "r", audit_steps=0).summary
    assert summary["key_figures"]["hydrogen_made_kg"] == 0.0 and not summary["missing"]
    return [one for one in summary["provenance"]["notes"] if one.startswith("[no-hydrogen] stack")]


def test_a_unit_without_a_line_is_told_of(tmp_path: Path) -> None:
    (note,) = _alone(tmp_path, "  - series.mine_mw -> stack.setpoint\n", "  mine_mw: {constant: 0.01}\n")
    wanted = "made nothing: 'series.mine_mw' asked for 0.01 MW at most, and its least power is "
    assert note.startswith(f"[no-hydrogen] stack: {wanted}")
