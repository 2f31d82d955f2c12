"""Any number of lines and sources: a PEM stack, an SOEC module, a stack of a kind from outside, three wind turbines."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h2plant.components import KIND_BY_NAME
from h2plant.config.bundled import PLANTS
from h2plant.config.load import load_plant
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.dispatch.declaration import ANY_W
from h2plant.plant.finding import PlantError
from h2plant.plant.graph import Plant, PowerTree
from h2plant.session.session import make_engine, prepare
from h2plant.simulation.program import Program
from h2plant.testing import Rig
from tests.lines import AT_ONCE, PEM, SOEC, rule_with, setpoints

pytestmark = pytest.mark.long

RULES = (
    *("hybrid_arbitrage", "price_threshold", "follow_wind", "constant_load"),
    *("soec_only", "economic_spot", "storage_band"),
)
LINES = ("alk_line", "soec_line", "line")
SOURCES = ("wind_1", "wind_2", "wind_3")
COMPONENTS = """\
  wind_1: {kind: wind_farm, capacity_mw: 1.2}
  wind_2: {kind: wind_farm, capacity_mw: 0.8, block_price_eur_per_mwh: 60}
  wind_3: {kind: wind_farm, capacity_mw: 0.5}
  alk_rectifier: {kind: rectifier, rating_mw: 1.1}
  soec_rectifier: {kind: rectifier, rating_mw: 1.1}
  alk_line: {kind: line_controller, unit_power_mw: 1, min_load_frac: 0.2}
  soec_line:
    {kind: line_controller, unit_power_mw: 0.96, min_load_frac: 0.0625, standby_mw: 0.06, cold_start_eur: 7000,
     specific_energy_kwh_per_kg: 44}
  alk: {kind: toy_alkaline, rated_power_mw: 1}
  alk_drum: {kind: liquid_separator}
  soec: {kind: soec_module, power_max_mw: 1.2, outlet_pressure_bar: 1.1}
  steam:
    {kind: steam_generator, pressure_set_bar: 5, heater_power_max_mw: 0.8, water_set_kg: 800, water_min_kg: 200,
     water_max_kg: 1200}
  soec_cooler: {kind: gas_cooler, target_temperature_degc: 30}
  soec_drum: {kind: liquid_separator}
  soec_sale: {kind: product_sink, h2_price_eur_per_kg: 5}
  mixer: {kind: mixer}
  alk_water: {kind: water_source, pressure_bar: 3}
  steam_water: {kind: water_source, pressure_bar: 6}
"""
LINKS = """\
  - [wind_1.power, wind_2.power, wind_3.power] -> bus.supplies
  - bus.consumers -> [alk_rectifier.power, soec_rectifier.power, steam.power]
  - alk_rectifier.loads -> alk.power
  - soec_rectifier.loads -> [soec.power, soec.heater_power]
  - [alk_line.line, soec_line.line] -> rule.lines
  - alk_line.unit_setpoints -> alk.setpoint
  - soec_line.unit_setpoints -> soec.setpoint
  - alk.water_demand -> alk_water.demand
  - alk_water.outlet -> alk.water
  - steam.water_demand -> steam_water.demand
  - steam_water.outlet -> steam.water
  - exchanger.conductance -> alk.cooling_conductance
  - cooling.supply_temperature -> [alk.coolant_temperature, soec_cooler.coolant_temperature]
  - alk.heat -> cooling.heat
  - soec_cooler.heat -> cooling.heat
  - alk.hydrogen -> alk_drum.inlet
  - alk_drum.gas -> mixer.inlets
  - soec.steam_demand -> steam.demands
  - steam.steam -> soec.steam
  - soec.hydrogen -> soec_cooler.inlet
  - soec_cooler.outlet -> soec_drum.inlet
  - soec_drum.gas -> soec_sale.inlet
  - mixer.outlet -> compressor.inlet
"""
MORE = "  pem_NUMBER_line: {kind: line_controller, unit_power_mw: 1, min_load_frac: 0.2}\n" + "".join(
    f"  pem_NUMBER{name}: {{kind: {kind}}}\n"
    for name, kind in (
        ("", "pem_stack, rated_power_mw: 1"),
        ("_rectifier", "rectifier, rating_mw: 1.1"),
        ("_water", "water_source, pressure_bar: 3"),
        ("_sale", "product_sink"),
    )
)
MORE_LINKS = """\
  - bus.consumers -> pem_NUMBER_rectifier.power
  - pem_NUMBER_rectifier.loads -> pem_NUMBER.power
  - pem_NUMBER_line.line -> rule.lines
  - pem_NUMBER_line.unit_setpoints -> pem_NUMBER.setpoint
  - pem_NUMBER.water_demand -> pem_NUMBER_water.demand
  - pem_NUMBER_water.outlet -> pem_NUMBER.water
  - exchanger.conductance -> pem_NUMBER.cooling_conductance
  - cooling.supply_temperature -> pem_NUMBER.coolant_temperature
  - pem_NUMBER.heat -> cooling.heat
  - pem_NUMBER.hydrogen -> pem_NUMBER_sale.inlet
"""


def three_lines(folder: Path, rule: str = "price_threshold", n_more: int = 0) -> Path:
    """Write the smallest plant with two more lines and three turbines, and so many PEM lines more."""
    shutil.copy(Path(__file__).parents[1] / "outside" / "toy_alkaline.py", folder)
    text = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
    more = [(MORE.replace("NUMBER", str(k)), MORE_LINKS.replace("NUMBER", str(k))) for k in range(n_more)]
    for old, new in (
        ("kind: price_threshold}", f"kind: {rule}}}"),
        ("series:\n", "series:\n  wind_power_pu: {file: nl_2023, mode: linear}\n"),
        ("components:\n", "kinds: [toy_alkaline.py]\ncomponents:\n" + COMPONENTS + "".join(c for c, _ in more)),
        ("links:\n", "links:\n" + LINKS + "".join(links for _, links in more)),
        ("  - drum_2.gas -> compressor.inlet\n", "  - drum_2.gas -> mixer.inlets\n"),
        ("rated_volume_m3_per_s: 0.002", "rated_volume_m3_per_s: 0.006"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    file = folder / "three.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def plant_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return three_lines(tmp_path_factory.mktemp("three"))


def served(file: Path, n_steps: int, changes: dict[str, str | float], engine: str = "optimized") -> list[Program]:
    """Run step by step, looking at the balance of the rule in each; returns the program."""
    changes = {"compressor.trip_above_k": 500.0, **changes}  # it is small for three lines: its trip would halt them
    scenario = changed_scenario(load_scenario(file), max(n_steps / 60.0, 1.0), "2023-03-14", overrides=changes)
    plant, program = prepare(scenario)
    lines = [link.source.component for link in plant.links_at("rule", "lines")]
    sources = [link.source for link in plant.default_links() if str(link.target) == "rule.available_power"]
    slots = [program.slot_index[f"{source}"] for source in sources]
    limit = plant.components["rule"].values["purchase_limit_w"]
    running = make_engine(engine, program)
    running.begin()
    for k in range(n_steps):
        running.run(1)
        powers = [program.value(f"{line}.setpoint_w") for line in lines]
        own, before = sum(program.arrays.bus[slot] for slot in slots), program.value("rule.before_w")
        bought, sold = program.value("rule.planned_import_w"), program.value("rule.planned_export_w")
        assert bought - sold == pytest.approx(before + sum(powers) - own, abs=1e-3), k
        assert bought <= max(limit, before - own) + 1e-3, k
        for line, power in zip(lines, powers, strict=True):
            least, most = program.value(f"{line}.minimum_w"), program.value(f"{line}.maximum_w")
            assert power == 0.0 or least <= power <= most * (1.0 + 1e-12), (line, k)
    return [program]


@pytest.mark.parametrize("rule", [*RULES, "planned"])
def test_three_lines_and_three_sources_under_every_rule(plant_file: Path, rule: str) -> None:
    """In each step what is bought and sold is what lines and auxiliaries take beyond own power; engines agree."""
    changes: dict[str, str | float] = {"rule.kind": rule, "rule.purchase_limit_mw": 1.5}
    (program,) = served(plant_file, 600, changes)
    hours = [program.arrays.bus[program.slot_index[name]] for name in ("alk.hours", "soec.hours", "stack.hours")]
    assert max(hours) > 0.0
    found = [served(plant_file, 45, changes, engine)[0] for engine in ("optimized", "baseline")]
    for name in (*(f"{line}.setpoint_w" for line in LINES), "rule.planned_import_w", "tank.pressure_pa"):
        compiled, plain = (program.value(name) for program in found)
        assert compiled == pytest.approx(plain, rel=1e-6, abs=1e-3), name


def test_a_rule_of_ones_own_serves_five_lines(tmp_path: Path) -> None:
    """Shares of what is there, by what the lines ask of energy: the engines agree, and each line gets its request."""
    (tmp_path / "rule.py").write_text(
        "def decide(source_w, line_power_w, line_minimum_w, request_w, memory):\n"
        "    own = 0.0\n"
        "    for power in source_w:\n        own += power\n"
        "    memory[0] = own\n    memory[1] = len(request_w)\n    memory[2] = len(source_w)\n"
        "    for i in range(len(request_w)):\n"
        "        request_w[i] = line_minimum_w[i] + 0.1 * (i + 1) * (line_power_w[i] - line_minimum_w[i])\n",
        encoding="utf-8",
    )
    file = three_lines(tmp_path, "user_rule, file: 'rule.py:decide', purchase_limit_mw: 5", n_more=2)
    file.write_text(file.read_text(encoding="utf-8").replace("import_limit_mw: 2", "import_limit_mw: 6"))
    for engine in ("optimized", "baseline"):
        (program,) = served(file, 30, {f"{line}.start_margin_ratio": 1.0 for line in LINES}, engine)
        assert [program.value(f"rule.memory_{i}") for i in (1, 2)] == [5.0, 3.0]
        own = sum(program.arrays.bus[program.slot_index[f"{source}.power"]] for source in SOURCES)
        assert program.value("rule.memory_0") == pytest.approx(own)
        plant = load_plant(file)
        lines = [link.source.component for link in plant.links_at("rule", "lines")]
        assert lines == ["alk_line", "soec_line", "pem_0_line", "pem_1_line", "line"]
        for i, line in enumerate(lines):
            least, most = program.value(f"{line}.minimum_w"), program.value(f"{line}.maximum_w")
            wanted = least + 0.1 * (i + 1) * (most - least)
            is_on = program.value(f"{line}.is_on")
            assert program.value(f"{line}.setpoint_w") == pytest.approx(wanted if is_on else 0.0), line
        assert program.value("line.is_on") == program.value("pem_1_line.is_on") == 1.0


def test_environment_with_three_lines(plant_file: Path) -> None:
    from h2plant.session.gym_env import OBSERVATION, PlantEnv

    env = PlantEnv(plant_file, episode_h=2.0, hours=4.0, start="2023-03-14")
    assert env.action_space.shape == (3,)
    assert list(env.observed) == [
        *OBSERVATION,
        *(f"{line}_power_mw" for line in LINES),
        *(f"{source}_power_mw" for source in SOURCES),
    ]
    observation, _ = env.reset(seed=1)
    for _ in range(4):
        observation, *_ = env.step(np.array([0.9, 0.8, 0.5], dtype=np.float32))
    shown = dict(zip(env.observed, observation, strict=True))
    largest = [1.0 / 0.96, 0.96 / 0.96, 1.1]  # MW; the last as its file says
    for line, share, most in zip(LINES, (0.9, 0.8, 0.5), largest, strict=True):
        assert shown[f"{line}_power_mw"] == pytest.approx(share * most, rel=1e-5), line
    assert shown["own_power_mw"] > 0.0
    assert all(shown[f"{source}_power_mw"] > 0.0 for source in SOURCES)


# --- rules by themselves


def _served_in_order(left: float, powers: list[float], lines: list[dict[str, float]]) -> list[float]:
    """Return what lines get that ask for powers, one after the other, W."""
    found = []
    for power, line in zip(powers, lines, strict=True):
        given = min(power, left)
        found.append(given if given >= line["minimum"] and given > 0.0 else 0.0)
        left -= found[-1]
    return found


@settings(max_examples=60, deadline=None)
@given(
    own=st.lists(st.floats(0.0, 8.0e6), min_size=1, max_size=3),
    most=st.lists(st.floats(0.5e6, 6.0e6), min_size=1, max_size=5),
    least=st.floats(0.01, 0.5),
    auxiliary=st.floats(0.0, 3.0e6),
    limit=st.floats(0.0, 6.0e6),
)
def test_lines_are_served_in_their_order(
    own: list[float], most: list[float], least: float, auxiliary: float, limit: float
) -> None:
    """From rest, each takes what it can of what those before have left, and none more than there is."""
    lines = [{**PEM, "maximum": power, "minimum": least * power} for power in most]
    for name, is_bought in (("follow_wind", False), ("constant_load", True)):
        rig = rule_with(KIND_BY_NAME[name], *lines, is_plain=True, sources=len(own), purchase_limit_w=limit)
        for k, power in enumerate(own):
            rig.set_signal("available_power", power, k)
        rig.set_signal("auxiliary_load", auxiliary)
        rig.step(1)
        left = sum(own) - auxiliary + (limit if is_bought else 0.0)
        found = setpoints(rig, len(lines))
        assert found == pytest.approx(_served_in_order(max(left, 0.0), most, lines), abs=1e-3)
        assert sum(found) <= max(left, 0.0) + 1e-3


@pytest.mark.parametrize("name", ["follow_wind", "constant_load"])
def test_a_line_starts_with_a_margin(name: str) -> None:
    """At 1.5 times its smallest power of 1 MW, from own or bought power; then it runs down to its smallest."""
    line = {**PEM, **AT_ONCE, "minimum": 1.0e6, "start_margin": 1.5}
    rig = rule_with(KIND_BY_NAME[name], line, is_plain=True, purchase_limit_w=0.0)
    for own, power in ((1.4e6, 0.0), (1.5e6, 1.5e6), (1.1e6, 1.1e6), (0.9e6, 0.0), (1.4e6, 0.0)):
        rig.set_signal("available_power", own)
        rig.put("trend_w_per_s", 0.0)  # as if it had been so for long
        rig.step(1)
        assert rig.line("setpoint") == power, own
    rig = rule_with(KIND_BY_NAME["constant_load"], line, is_plain=True, purchase_limit_w=0.2e6)
    rig.set_signal("available_power", 1.4e6)
    rig.step(1)
    assert rig.line("setpoint") == pytest.approx(1.6e6)


def test_what_lines_draw_above_their_set_points_is_foreseen() -> None:
    """Of 9 MW, 1 MW of auxiliaries, 0.5 MW that the bus keeps and 0.3 + 0.2 MW of heating leave 7 MW."""
    rig = rule_with(KIND_BY_NAME["follow_wind"], SOEC, PEM, is_plain=True)
    rig.set_line("lines", 0, excess=0.3e6)
    rig.set_line("lines", 1, excess=0.2e6)
    for port, power in (("available_power", 9e6), ("auxiliary_load", 1e6), ("reserve", 0.5e6)):
        rig.set_signal(port, power)
    rig.step(1)
    assert setpoints(rig) == [7e6, 0.0]
    rig.set_line("lines", 0, excess=0.0)
    rig.step(1)
    assert setpoints(rig) == pytest.approx([7.3e6, 0.0])


def test_a_line_controller_offers_its_line_and_what_it_drew_above_its_set_point() -> None:
    """Three units of 1.92 MW direct current at 96 % are 6 MW; 0.3 MW is drawn above what the rule last decided."""
    links = {"line": 1, "unit_setpoints": 3, "unit_hours": 3, "unit_starts": 0, "unit_ready": 0, "drawn": 2}
    for is_plain in (False, True):
        rig = Rig(KIND_BY_NAME["line_controller"], {"standby_w": 1e5, "line_min_down_s": 900.0}, links, is_plain)
        rig.step(1)
        wanted = {"maximum": 6e6, "minimum": 0.0625 * 2e6, "held": 900.0, "standby": 1e5, "start_margin": 1.5}
        assert {name: rig.line(name, 0, "line") for name in wanted} == pytest.approx(wanted)
        rig.put("setpoint_w", 2e6)
        rig.set_signal("drawn", 1.5e6, 0)
        rig.set_signal("drawn", 0.8e6, 1)
        rig.step(1)
        assert rig.line("excess", 0, "line") == pytest.approx(0.3e6)
        assert rig.signal("unit_setpoints", 0) > 0.0  # what the rule decided is carried out
        assert sum(rig.signal("unit_setpoints", k) for k in range(3)) == pytest.approx(2e6 * 0.96)


def test_a_line_that_must_go_on_keeps_its_smallest_power_before_an_earlier_one_starts() -> None:
    """PEM runs its first minutes when the SOEC line, which is served first, may start: 5 MW less 0.25."""
    rig = rule_with(KIND_BY_NAME["follow_wind"], {**SOEC, "held": 0.0}, PEM, is_plain=True)
    rig.set_signal("available_power", 5.0e6)
    rig.step(1)
    assert setpoints(rig) == [0.0, 5.0e6]
    rig.set_line("lines", 0, held=600.0)
    rig.step(1)
    assert setpoints(rig) == pytest.approx([4.75e6, 0.25e6])
    rig.step(12)  # its ten minutes are over
    assert setpoints(rig) == pytest.approx([5.0e6, 0.0])


def test_a_request_above_the_smallest_power_starts_where_the_grid_has_more() -> None:
    """0.28 of 5 MW at a smallest power of 1 MW: the margin looks at what is there, not at what is asked."""
    line = {**PEM, **AT_ONCE, "minimum": 1.0e6, "start_margin": 1.5, "load": 0.28}
    rig = rule_with(KIND_BY_NAME["constant_load"], line, is_plain=True)
    rig.step(1)
    assert rig.line("setpoint") == pytest.approx(1.4e6)


def test_what_comes_along_with_a_line_never_keeps_it_from_its_largest_power() -> None:
    line = {**PEM, **AT_ONCE, "minimum": 4.0e6, "start_margin": 1.5, "overhead": 3.0e6}
    rig = rule_with(KIND_BY_NAME["follow_wind"], line, is_plain=True)
    rig.set_signal("available_power", 5.0e6)
    rig.step(1)
    assert rig.line("setpoint") == 5.0e6


def test_a_full_storage_stops_lines_also_below_the_throttle() -> None:
    rig = rule_with(KIND_BY_NAME["constant_load"], PEM, is_plain=True, full_level_frac=0.6)
    rig.set_signal("storage_level", 0.61)
    rig.step(1)
    assert rig.line("setpoint") == 0.0


# --- what a plant need not say


def _at(plant: Plant, port: str) -> list[str]:
    return [str(link.source) for link in plant.default_links() if str(link.target) == port]


def test_power_is_found_by_the_wiring() -> None:
    """Transformers that feed only the lines are theirs; with no transformer, rectifiers are."""
    plant = load_plant("dual_path")
    tree = PowerTree(plant.components, plant.links)
    own = {id_: [str(ref) for ref in tree.own(id_)] for id_ in ("dispatch", "pem_line", "soec_line")}
    assert own["dispatch"] == ["pem_transformer.power", "soec_transformer.power"]
    assert own["pem_line"] == ["pem_transformer.power"] and own["soec_line"] == ["soec_transformer.power"]
    others = [str(ref) for ref in tree.others("dispatch")]
    assert others == ["auxiliary_transformer.power", "compressor_transformer.power"]
    assert others == _at(plant, "dispatch.auxiliary_load")
    assert tree.controlled("soec_line") == {f"soec_{k}" for k in range(1, 7)}
    assert len(tree.controlled("dispatch")) == 11
    small = load_plant("minimal")
    assert _at(small, "rule.auxiliary_load") == ["cooling.power", "dry_cooler.power", "compressor.power"]
    assert _at(small, "line.drawn") == ["rectifier.power"]


def _changed(folder: Path, *changes: tuple[str, str]) -> Plant:
    text = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file = folder / "plant.yaml"
    file.write_text(text, encoding="utf-8")
    return load_plant(file)


def test_lines_behind_one_transformer_see_their_own_rectifiers(tmp_path: Path) -> None:
    """Of a branch that feeds two lines each would take the other's power for its own excess."""
    plant = _changed(
        tmp_path,
        (
            "components:\n",
            "components:\n  transformer: {kind: transformer, rating_mw: 3}\n"
            "  rectifier_2: {kind: rectifier, rating_mw: 1.1}\n"
            "  line_2: {kind: line_controller, unit_power_mw: 1}\n  stack_2: {kind: pem_stack}\n",
        ),
        ("[rectifier.power, cooling.power, ", "[transformer.power, cooling.power, "),
        (
            "links:\n",
            "links:\n  - transformer.loads -> [rectifier.power, rectifier_2.power]\n"
            "  - rectifier_2.loads -> stack_2.power\n"
            "  - line_2.line -> rule.lines\n  - line_2.unit_setpoints -> stack_2.setpoint\n"
            "  - cooling.supply_temperature -> stack_2.coolant_temperature\n",
        ),
    )
    assert _at(plant, "line.drawn") == ["rectifier.power"] and _at(plant, "line_2.drawn") == ["rectifier_2.power"]
    assert "transformer.power" not in _at(plant, "rule.auxiliary_load")


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("line_power_mw: 1.1", "line_power_mw: 1.1, line_minimum_mw: 3", "line-never-runs"),
        ("{kind: price_threshold}", "{kind: price_threshold, rfnbo: hourly}", "no-matching"),
        ("components:\n", "components:\n  second: {kind: follow_wind}\n", "several-rules"),
    ],
)
def test_lines_that_could_not_run_as_is_meant_are_findings(tmp_path: Path, old: str, new: str, finding: str) -> None:
    with pytest.raises(PlantError) as caught:
        _changed(tmp_path, (old, new))
    assert [f.id for f in caught.value.findings] == [finding]


def test_a_branch_that_feeds_a_line_and_more_is_the_lines(tmp_path: Path) -> None:
    """A transformer before stack and cooling: its power follows the line; the rest of the bus comes first."""
    plant = _changed(
        tmp_path,
        ("components:\n", "components:\n  transformer: {kind: transformer, rating_mw: 2}\n"),
        ("[rectifier.power, cooling.power, ", "[transformer.power, "),
        ("links:\n", "links:\n  - transformer.loads -> [rectifier.power, cooling.power]\n"),
    )
    assert _at(plant, "rule.auxiliary_load") == ["dry_cooler.power", "compressor.power"]
    assert _at(plant, "line.drawn") == ["transformer.power"]


TWO_BUSES = (
    ("series:\n", "series:\n  wind_power_pu: {constant: 0.5}\n"),
    (
        "components:\n",
        "components:\n  island: {kind: power_bus}\n  its_grid: {kind: grid_connection, import_limit_mw: 0}\n"
        "  wind: {kind: wind_farm, capacity_mw: 1}\n",
    ),
    (", dry_cooler.power, compressor.power]", "]"),
)
TWO_BUSES_LINKS = (
    "links:\n  - wind.power -> island.supplies\n  - its_grid.bus -> island.grid\n"
    "  - island.consumers -> [dry_cooler.power, compressor.power]\n"
)


def test_of_several_buses_it_must_be_said_which_is_meant(tmp_path: Path) -> None:
    """Unlinked, the rule would know no limit and no reserve, and its lines would run on in a blackout."""
    with pytest.raises(PlantError) as caught:
        _changed(tmp_path, *TWO_BUSES, ("links:\n", TWO_BUSES_LINKS))
    assert {f.where for f in caught.value.findings} == {
        *("rule.grid_limit", "rule.reserve", "rule.margin", "trailers.shed")
    }
    assert {f.id for f in caught.value.findings} == {"ambiguous-default"}


def test_several_buses_and_none(tmp_path: Path) -> None:
    """A second bus, of a turbine of its own, counts as the first does; so does a line on the grid itself."""
    said = "  - grid.available -> rule.grid_limit\n  - bus.reserve -> rule.reserve\n  - bus.margin -> rule.margin\n"
    said += "  - bus.shed -> trailers.shed\n"
    plant = _changed(tmp_path, *TWO_BUSES, ("links:\n", TWO_BUSES_LINKS + said))
    assert _at(plant, "bus.grid_limit") == ["grid.available"] and _at(plant, "island.grid_limit") == [
        "its_grid.available"
    ]
    assert sorted(_at(plant, "rule.auxiliary_load")) == ["compressor.power", "cooling.power", "dry_cooler.power"]
    assert _at(plant, "line.drawn") == ["rectifier.power"]
    assert _at(plant, "rule.available_power") == ["wind.power"]
    bare = load_plant("minimal")
    links = tuple(link for link in bare.links if "bus" not in str(link))
    tree = PowerTree(bare.components, links)
    assert [str(ref) for ref in tree.own("rule")] == ["stack.power"] and tree.others("rule") == []


def test_ports_of_a_role_are_read_unless_others_are_linked(plant_file: Path, tmp_path: Path) -> None:
    plant = load_plant(plant_file)
    assert _at(plant, "rule.available_power") == [f"{source}.power" for source in SOURCES]
    text = plant_file.read_text(encoding="utf-8")
    shutil.copy(plant_file.with_name("toy_alkaline.py"), tmp_path)
    file = tmp_path / "own.yaml"
    file.write_text(text.replace("links:\n", "links:\n  - wind_2.available_power -> rule.available_power\n"))
    assert _at(load_plant(file), "rule.available_power") == []
    assert _at(load_plant("minimal"), "rule.available_power") == []
    assert plant.components["rule"].values["purchase_limit_w"] == ANY_W


# --- what is wrong


def test_more_lines_than_a_rule_serves_are_a_finding(tmp_path: Path) -> None:
    from h2plant.config.load import read_plant

    _, findings = read_plant(three_lines(tmp_path, n_more=14))
    assert [f.id for f in findings if f.severity == "error"] == ["too-many-lines"]
    assert "has 17 lines" in str(findings[0])


def test_a_line_has_one_set_point(plant_file: Path, tmp_path: Path) -> None:
    from h2plant.config.load import read_plant

    shutil.copy(plant_file.with_name("toy_alkaline.py"), tmp_path)
    file = tmp_path / "wrong.yaml"
    text = plant_file.read_text(encoding="utf-8")
    for old, new, found in (
        ("links:\n", "links:\n  - rule.planned_import -> line.setpoint\n", "two-setpoints"),
        ("  - line.line -> rule.lines\n", "", "line-unserved"),
    ):
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        findings = read_plant(file)[1]
        assert [f.id for f in findings] == [found], findings
        assert findings[0].line > 0
