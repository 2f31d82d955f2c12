"""One place wires a plant, its program, its engine and its balances together: the session."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "h2plant"
WIRING = {"lower", "make_engine", "Bookkeeper", "plan_ahead"}
HOMES = ("session", "simulation")
EXCEPTIONS = {
    ("planning/reduced.py", "lower"): "measures the plant at constant loads for the plan that a session then follows",
    ("planning/reduced.py", "Bookkeeper"): "the same",
    ("planning/battery.py", "lower"): "measures a battery by itself, told what to take and give",
    ("planning/inputs.py", "lower"): "runs what makes the plant's own power, ahead of the plan",
    ("cuda/run.py", "Bookkeeper"): "plants on a device have no engine of their own",
    (
        "measure/profile/run.py",
        "make_engine",
    ): "times the baseline from outside, the compiled loop by another engine",
    ("measure/accuracy/deviation.py", "Bookkeeper"): "balances of stretches that two engines ran, put together",
}
"""Where the wiring is done elsewhere, and why."""


def calls(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {name.id for name in names if isinstance(name, ast.Name)} & WIRING


def test_sessions_alone_lower_plants_make_engines_and_open_balances() -> None:
    found = set()
    for file in PACKAGE.rglob("*.py"):
        place = file.relative_to(PACKAGE)
        if place.parts[0] not in HOMES:
            found |= {(place.as_posix(), name) for name in calls(file)}
    assert found == set(EXCEPTIONS)


def test_the_search_finds_what_it_looks_for() -> None:
    assert calls(PACKAGE / "session" / "session.py") == WIRING
