"""What is recorded of the baseline, counted in the compiled engine's kernels, and reported."""

from collections import Counter

import numpy as np
import pytest
from rich.console import Console

from h2plant import lookup_statistics as statistics
from h2plant.config.scenario import load_scenario
from h2plant.core import properties, reference
from h2plant.core.lut_manager import LUTManager
from h2plant.execution import changed_scenario, prepare


@pytest.fixture(scope="module")
def queries():
    kept = dict(reference.REPLACEMENTS)
    recorded = statistics.record_queries("minimal_day", 20)
    assert kept == reference.REPLACEMENTS  # as they were
    return recorded


def test_every_property_kernel_has_its_number_of_values():
    props = LUTManager().props
    for name, quantities in statistics.ANSWERS.items():
        fluid = (0,) if name.startswith("gas") else ()
        found = getattr(properties, name)(props, *fluid, 1.0e5, 500.0 if name.startswith("steam") else 300.0)
        assert np.size(found) == len(quantities) == statistics.N_VALUES[name], name
    names = {name for name in properties.__all__ if not name.startswith("FLUID_")}
    assert set(statistics.N_VALUES) == names


def test_recorded_queries_are_answered_as_coolprop_did(queries):
    assert len(queries.fluids) > 100
    assert set(queries.fluids) <= {"H2", "O2", "N2", "H2O"}
    ways = {way.name: way for way in statistics.replay(queries)}
    for name in (statistics.COMPILED, statistics.EXACT, statistics.BATCH):
        assert statistics.relative_errors(queries, ways[name], queries.answers)[0] < 2e-4, name
    assert (ways[statistics.EXACT].values == ways[statistics.COMPILED].values).all()
    quantised = ways[statistics.QUANTISED]
    assert 1e-4 < statistics.relative_errors(queries, quantised, ways[statistics.COMPILED].values)[0] < 0.1
    assert quantised.hit_rate > ways[statistics.EXACT].hit_rate


def test_a_baseline_that_asks_nothing_is_noticed():
    with pytest.raises(RuntimeError, match="asked for no property"):
        statistics._queries([], Counter())


def test_counting_sees_what_the_compiled_engine_asks():
    _, program = prepare(changed_scenario(load_scenario("minimal_day"), log_every_s=60.0))
    calls, deviation = statistics.count_lookups(program, 30, None)
    assert calls["gas_enthalpy"] > 30
    assert deviation < statistics.TWIN_BAR


def test_share_counts_values_not_calls():
    assert statistics.shared_share({"gas_state": 1, "gas_enthalpy": 4}) == 0.5
    assert statistics.shared_share({"gas_enthalpy": 4}) == 0.0
    assert statistics.shared_share({}) == 0.0


def test_figures_stand_beside_their_bars(queries, capsys):
    figures = statistics.cache_figures(queries, statistics.replay(queries))
    by_name = {figure.name: figure for figure in figures}
    assert by_name["cache, quantised states: hit rate"].bar == 0.7
    assert by_name["batch: time per value"].bar == 20.0
    assert by_name["compiled look-up: time per value"].bar == 1000.0
    short = statistics.Sample("test_8hour", 480, Counter(gas_state=3, gas_enthalpy=4), 0.0)
    day = statistics.Sample("a day", 1440, Counter(gas_state=1440, gas_enthalpy=2880), 0.0)
    shared = {figure.name: figure for figure in statistics.sharing_figures([short, day])}
    assert shared["year: values from shared searches, share"].measured == pytest.approx(2 / 3)
    assert shared["year: values asked per step"].measured == pytest.approx(6.0)
    console = Console(width=120)
    assert statistics._print_figures(console, "title", [statistics.Figure("a", 1.0, "ns", 2.0)])
    assert not statistics._print_figures(console, "title", [statistics.Figure("a", 3.0, "ns", 2.0)])
    assert "MISSED" in capsys.readouterr().out
