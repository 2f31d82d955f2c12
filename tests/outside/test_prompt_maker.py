"""A maker that hands out gas in the step that makes it: its auxiliaries are lagged for the rule, and all else holds."""

import time
from pathlib import Path

import pytest

from h2plant.config.bundled import PLANTS
from h2plant.config.load import load_plant
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.plant.order import execution_order
from h2plant.session.session import Session

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def plants(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The minimal plant with its auxiliaries behind a transformer whose load the rule reads: for each sort of stack."""
    folder = tmp_path_factory.mktemp("plants")
    text = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
    consumers = "[rectifier.power, cooling.power, dry_cooler.power, compressor.power]"
    assert consumers in text
    text = text.replace(
        f"  - bus.consumers -> {consumers}\n",
        "  - bus.consumers -> [rectifier.power, auxiliaries.power]\n"
        "  - auxiliaries.loads -> [cooling.power, dry_cooler.power, compressor.power]\n"
        "  - auxiliaries.load -> rule.auxiliary_load\n",
    )
    text = text.replace("components:\n", "components:\n  auxiliaries: {kind: transformer, rating_kw: 200}\n")
    (folder / "emitting.yaml").write_text(text, encoding="utf-8")
    # a kernel that is in no cache, and calls one of a built-in kind that the other plant has loaded from there
    kernel = "    return begin_of_twin(c, props)\n"
    code = (HERE / "prompt_alkaline.py").read_text(encoding="utf-8")
    assert kernel in code
    code = code.replace(kernel, f"    c.timer_s = 0.0 * {time.time()}\n{kernel}")
    (folder / "prompt_alkaline.py").write_text(code, encoding="utf-8")
    text = text.replace("kind: pem_stack", "kind: prompt_alkaline")
    text = text.replace("components:\n", "kinds: [prompt_alkaline.py]\ncomponents:\n", 1)
    (folder / "prompt.yaml").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.yaml" for name in ("emitting", "prompt")}


def test_auxiliaries_are_read_in_the_step_unless_that_would_be_a_loop(plants: dict[str, Path]) -> None:
    orders = {name: execution_order(load_plant(file)) for name, file in plants.items()}
    order = orders["emitting"]
    assert order.index("auxiliaries") < order.index("rule") < order.index("line") < order.index("stack")
    order = orders["prompt"]
    assert order.index("rule") < order.index("stack") < order.index("compressor") < order.index("auxiliaries")
    for name, file in plants.items():
        assert execution_order(load_plant(file)) == orders[name]


@pytest.mark.parametrize("name", ["emitting", "prompt"])
def test_plant_runs_and_balances(plants: dict[str, Path], tmp_path: Path, name: str) -> None:
    scenario = changed_scenario(load_scenario(plants[name]), 12.0, "2023-07-03")
    session = Session(scenario)
    session.step(31)  # it warms up, so each step makes another flow
    made, given = session.value("stack.hydrogen_made_kg_per_s"), session.value("stack.hydrogen.h2_kg_per_s")
    assert (given == pytest.approx(made, rel=1e-12)) == (name == "prompt")
    session.run()
    results = session.results(tmp_path / "r")
    assert results.summary["key_figures"]["hydrogen_made_kg"] > 10.0
    assert results.summary["residuals"]["worst_relative"] < 1e-9
