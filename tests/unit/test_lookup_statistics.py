"""What is recorded of the baseline, counted in the compiled engine's kernels, and reported."""

from collections import Counter

import numpy as np
import pytest
from rich.console import Console

from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core import properties
from h2plant.core.lut_manager import LUTManager
from h2plant.core.properties import reference
from h2plant.measure.measured import Measured, print_measured
from h2plant.measure.tables import lookup_queries
from h2plant.measure.tables import lookup_statistics as statistics
from h2plant.physics.held.direct import DIRECT
from h2plant.session.session import prepare

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def queries():
    kept = dict(reference.REPLACEMENTS), dict(DIRECT)
    recorded = lookup_queries.record_queries("minimal_day", 20)
    assert kept == (reference.REPLACEMENTS, DIRECT)  # as they were
    return recorded


def test_values_of_a_call_are_as_many_as_it_returns():
    props = LUTManager().props
    for name, quantities in lookup_queries.ANSWERS.items():
        arguments = (props, *((0,) if name.startswith("gas") else ()), 1.0e5, 500.0 if "steam" in name else 300.0)
        found = getattr(properties, name)(*arguments)
        assert np.size(found) == len(quantities) == statistics.n_values(name, arguments), name
    for name in statistics.KERNELS - set(lookup_queries.ANSWERS):
        assert statistics.n_values(name, (props, 1.0, 0.0, 1.0, 1.0e5, 300.0)) >= 1, name
    assert statistics.n_values("gas_pressure_temperature_from_density_energy", ()) == 2
    assert statistics.n_values("gases_enthalpy", (props, 1.0, 0.0, 2.0, 1.0e5, 300.0)) == 2
    assert statistics.n_values("gases_enthalpy_heat_capacity", (props, 0.0, 0.0, 2.0, 1.0e5, 300.0)) == 2


def test_several_gases_of_one_state_are_as_many_look_ups():
    state = (2.0e5, 350.0)
    h, c = zip(*(reference.gas_enthalpy_heat_capacity(None, k, *state) for k in range(3)), strict=True)
    each = list(lookup_queries._answered("each_gas_enthalpy_heat_capacity", (None, *state), (h, c)))
    assert [(*q[:2], q[4]) for q in each] == [
        (gas, quantity, value)
        for k, gas in enumerate(("H2", "O2", "N2"))
        for quantity, value in (("H", h[k]), ("C", c[k]))
    ]
    flows = list(lookup_queries._answered("gases_enthalpy", (None, 1.0, 0.0, 2.0, *state), 0.0))
    assert flows == [("H2", "H", *state, h[0]), ("N2", "H", *state, h[2])]
    assert list(lookup_queries._answered("saturation_pressure", (None, 300.0), 3000.0)) == []


def test_recorded_queries_are_answered_as_coolprop_did(queries):
    assert len(queries.fluids) > 100
    assert set(queries.fluids) <= {"H2", "O2", "N2", "H2O"}
    ways = {way.name: way for way in lookup_queries.replay(queries)}
    for name in (lookup_queries.COMPILED, lookup_queries.EXACT, lookup_queries.BATCH):
        assert lookup_queries.relative_errors(queries, ways[name], queries.answers)[0] < 2e-4, name
    assert (ways[lookup_queries.EXACT].values == ways[lookup_queries.COMPILED].values).all()
    quantised = ways[lookup_queries.QUANTISED]
    assert 1e-4 < lookup_queries.relative_errors(queries, quantised, ways[lookup_queries.COMPILED].values)[0] < 0.1
    assert quantised.hit_rate > ways[lookup_queries.EXACT].hit_rate


def test_a_baseline_that_asks_nothing_is_noticed():
    with pytest.raises(RuntimeError, match="asked for no property"):
        lookup_queries._queries([], Counter())


def test_counting_sees_what_the_compiled_engine_asks():
    _, program = prepare(changed_scenario(load_scenario("minimal_day"), log_every_s=60.0))
    calls, deviation = statistics.count_lookups(program, 30, None)
    assert sum(n * values for (_, values), n in calls.items()) > 300
    assert DIRECT
    assert deviation < statistics.TWIN_TARGET


def test_share_counts_values_not_calls():
    assert statistics.shared_share({("gas_state", 4): 1, ("gas_enthalpy", 1): 4}) == 0.5
    assert statistics.shared_share({("gas_enthalpy", 1): 4}) == 0.0
    assert statistics.shared_share({}) == 0.0


def test_figures_stand_beside_their_bars(queries, capsys):
    figures = statistics.cache_figures(queries, lookup_queries.replay(queries))
    by_name = {figure.name: figure for figure in figures}
    assert by_name["cache, quantised states: hit rate"].target == 0.7
    assert by_name["batch: time per value"].target == 20.0
    assert by_name["compiled look-up: time per value"].target == 1000.0
    short = statistics.Sample("test_8hour", 480, Counter({("gas_state", 4): 3, ("gas_enthalpy", 1): 4}), 0.0)
    day = statistics.Sample("a day", 1440, Counter({("gas_state", 4): 1440, ("gas_enthalpy", 1): 2880}), 0.0)
    shared = {figure.name: figure for figure in statistics.sharing_figures([short, day])}
    assert shared["year: values from shared searches, share"].measured == pytest.approx(2 / 3)
    assert shared["year: values asked per step"].measured == pytest.approx(6.0)
    console = Console(width=120)
    assert print_measured(console, "title", [Measured("a", 1.0, "ns", 2.0)])
    assert not print_measured(console, "title", [Measured("a", 3.0, "ns", 2.0)])
    assert "MISSED" in capsys.readouterr().out
