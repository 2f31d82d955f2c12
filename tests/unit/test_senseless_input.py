"""Input that makes no sense, or more work than anybody means, is told at once: where, what, and what to do."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from h2plant.components import KIND_BY_NAME, hydrogen_engine
from h2plant.components.plane_of_array import make, sun_position
from h2plant.config.blocks.block_file import built_in_blocks, read_block
from h2plant.config.load import read_plant
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.config.unread import unread_beside
from h2plant.core.derived import Samples, Where
from h2plant.core.expression import ExpressionError, read_expression
from h2plant.core.jit import plain
from h2plant.core.role import LineControl
from h2plant.plant.finding import PlantError
from h2plant.plant.pressure import pressure_findings

HEAD = "h2plant: 1\nname: x\nseries: {price_eur_per_mwh: {constant: 40}, temp_air_degc: {constant: 10}}\n"
HEATER = "{kind: trace_heating, power_max_w: 0"


def _found(folder: Path, text: str, files: dict[str, str] | None = None, **changes: str | float) -> list[str]:
    """Return what is found wrong with a plant, with files of blocks and series beside it."""
    for name, content in (files or {}).items():
        (folder / name).write_text(content, encoding="utf-8")
    file = folder / "plant.yaml"
    file.write_text(text, encoding="utf-8")
    changed = {path.replace("__", "."): value for path, value in changes.items()}
    return [str(f).replace(f"{folder}/", "") for f in read_plant(file, changed)[1] if f.severity == "error"]


def _block(name: str, components: str) -> dict[str, str]:
    return {f"{name}.yaml": f"h2plant: 1\nblock: {name}\ndescription: d.\ncomponents:\n{components}"}


# Too much ------------------------------------------------------------------------------------------------------------
def test_loops_within_loops_end_with_a_finding(tmp_path: Path) -> None:
    files = _block("b", "  v: {block: c, for: i in 1..1000}\n") | _block("c", "  v: {block: d, for: i in 1..1000}\n")
    files |= _block("d", f"  h: {HEATER}, for: i in 1..1000}}\n")
    found = _found(tmp_path, f"{HEAD}blocks: [b.yaml, c.yaml, d.yaml]\ncomponents:\n  x: {{block: b}}\n", files)
    assert len(found) == 1
    assert "plant.yaml:6 -> b.yaml:5 -> c.yaml:5 -> d.yaml:5: [too-many-components] components.x.v_1.v_" in found[0]
    assert "more than 10,000 components\n  lower what loops run over" in found[0]


def test_blocks_within_blocks_end_with_one_finding_each(tmp_path: Path) -> None:
    files: dict[str, str] = {}
    for level in range(9):
        inner = "".join(f"  v{k}: {{block: b{level + 1}}}\n" for k in range(10))
        files |= _block(f"b{level}", inner)
    files |= _block("b9", f"  h: {HEATER}}}\n")
    names = ", ".join(f"b{level}.yaml" for level in range(10))
    found = _found(tmp_path, f"{HEAD}blocks: [{names}]\ncomponents:\n  x: {{block: b0}}\n", files)
    assert sorted(re.findall(r"\[([a-z-]+)\]", " ".join(found))) == ["cyclic-block", "too-many-components"]


def test_links_of_loops_end_with_a_finding(tmp_path: Path) -> None:
    link = "{for: i in 1..1000, link: mixer.outlet -> h_*.inlet}"
    block = f"  h: {HEATER}, for: i in 1..200}}\nlinks:\n  - {link}\n"
    found = _found(tmp_path, f"{HEAD}blocks: [b.yaml]\ncomponents:\n  x: {{block: b}}\n", _block("b", block))
    assert len(found) == 1 and "[too-many-links] components.x.links.0: the blocks of the plant" in found[0]


@pytest.mark.parametrize(
    ("hours", "start", "said"),
    [
        (1e12, None, "1e+12 h is longer than 100 years"),
        (8766.0 * 100 + 1, None, "longer than 100 years"),
        (8760.0, "9998-06-01", "8760 h from 9998-06-01 on leave the calendar"),
        (math.inf, None, "no length"),
    ],
)
def test_a_length_beyond_all_sense_is_told_before_anything_is_read(hours: float, start: str | None, said: str) -> None:
    with pytest.raises(PlantError, match=re.escape(said)):
        changed_scenario(load_scenario("minimal"), hours, start)


# Lines ---------------------------------------------------------------------------------------------------------------
def test_a_line_of_more_units_than_it_serves_is_told(tmp_path: Path) -> None:
    most = next(p.most_links for p in KIND_BY_NAME["line_controller"].ports if p.most_links)
    units = "".join(f"  s{k}: {{kind: pem_stack}}\n" for k in range(most + 1))
    links = "".join(f"  - line.unit_setpoints -> s{k}.setpoint\n" for k in range(most + 1))
    found = _found(tmp_path, f"{HEAD}components:\n  line: {{kind: line_controller}}\n{units}links:\n{links}")
    told = [one for one in found if "too-many-links" in one]
    assert len(told) == 1
    assert f"line.unit_setpoints: has {most + 1} links, and a 'line_controller' serves {most} at most" in told[0]
    assert "take fewer and larger units" in told[0]


@pytest.mark.parametrize("name", ["pem_train", "alkaline_train", "soec_train"])
def test_trains_have_as_many_units_as_a_line_serves(tmp_path: Path, name: str) -> None:
    units = "n_modules" if name == "soec_train" else "n_stacks"
    most = next(
        p.most_links for k in KIND_BY_NAME.values() if isinstance(k.role, LineControl) for p in k.ports if p.most_links
    )
    text = f"{HEAD}components:\n  grid: {{block: grid, import_mw: 400}}\n  train: {{block: {name}, power_mw: 300}}\n"
    assert f"max: {most}," in built_in_blocks()[name].read_text(encoding="utf-8")
    assert not [one for one in _found(tmp_path, text) if "bound" in one or "too-many" in one]
    found = _found(tmp_path, text, **{f"train__{units}": most + 1})
    assert f"[out-of-bounds] set train.{units}: is {most + 1}, above its bound\n" in found[0]


# Engines -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ({}, []),
        ({25: 0.2, 50: 0.4}, [50]),
        ({25: 0.1, 50: 0.7}, [50]),
        ({25: 0.01, 50: 0.7, 75: 0.01, 100: 0.7}, [50, 100]),
        ({50: 0.3, 75: 0.46}, [75]),
    ],
)
def test_an_engine_that_would_burn_more_at_less_load_is_told(table: dict[int, float], wrong: list[int]) -> None:
    kind = hydrogen_engine.KIND
    values = {f.name: f.default for f in kind.parameters}
    values |= {f"efficiency_{percent}_frac": value for percent, value in table.items()}
    found = list(kind.contradictions(values))
    assert [one.name for one in found] == [f"efficiency_{percent}_frac" for percent in wrong]
    assert all("burn more at less load" in one.what and one.remedy.startswith("choose less than") for one in found)


@pytest.mark.parametrize("seed", range(20))
def test_the_fuel_of_an_allowed_table_rises_with_load_from_nothing(seed: int) -> None:
    """And the load found for a fuel is the one that burns it."""
    draw, kind = np.random.default_rng(seed), hydrogen_engine.KIND
    while True:
        values = {f.name: f.default for f in kind.parameters} | {"wear_frac": 0.0}
        values |= {f"efficiency_{p}_frac": float(draw.uniform(0.01, 0.7)) for p in (25, 50, 75, 100)}
        if not list(kind.contradictions(values)):
            break
    c = type("Record", (), values)
    efficiency, load_of_fuel = plain(hydrogen_engine.efficiency, {}), plain(hydrogen_engine.load_of_fuel, {})
    loads = np.linspace(0.0, 1.0, 101)[1:]
    fuels = [load * c.rated_power_w / efficiency(c, load) for load in loads]
    assert fuels[0] > 0.0 and np.all(np.diff(fuels) > 0.0)
    assert [load_of_fuel(c, fuel) for fuel in fuels] == pytest.approx(loads, rel=1e-9)


# Pressures -----------------------------------------------------------------------------------------------------------
def _filled(stack: str, between: str = "", links: tuple[str, ...] = ("made -> tank.inlets",)) -> str:
    """Return a plant in which a stack fills a tank to 34 bar, through what stands between."""
    text = f"{HEAD}components:\n  stack: {{kind: {stack}}}\n{between}  tank: {{kind: gas_tank, min_pressure_bar: 5, "
    text += "max_pressure_bar: 34, initial_pressure_bar: 20}\n  out: {kind: product_sink}\nlinks:\n"
    lines = [f"  - {link.replace('made', 'stack.hydrogen')}\n" for link in (*links, "tank.outlets -> out.inlet")]
    return text + "".join(lines)


@pytest.mark.parametrize(
    ("stack", "bar"),
    [
        ("table_stack, rated_power_mw: 2, hydrogen_outlet_pressure_bar: {}", 1),
        ("pem_stack, cathode_pressure_setpoint_bar: {}", 5),
        ("alkaline_stack, pressure_setpoint_bar: {}", 16),
        ("soec_module, outlet_pressure_bar: {}", 2),
    ],
)
def test_gas_does_not_flow_into_a_tank_of_higher_pressure(tmp_path: Path, stack: str, bar: float) -> None:
    plants = {
        "": _filled(stack.format(bar)),
        "mixer": _filled(
            stack.format(bar), "  mixer: {kind: mixer}\n", ("made -> mixer.inlets", "mixer.outlet -> tank.inlets")
        ),
    }
    for text in plants.values():
        file = tmp_path / "plant.yaml"
        file.write_text(text, encoding="utf-8")
        plant, _ = read_plant(file)
        assert plant is not None
        (told,) = pressure_findings(plant)
        assert told.where == "tank.inlets" and text.splitlines()[told.line - 1].endswith("-> tank.inlets")
        assert told.what == f"is filled to 34 bar, and 'stack.hydrogen' gives gas of {bar:g} bar at most"
        assert "put a compressor between" in told.remedy


def test_gas_of_enough_pressure_is_let_in(tmp_path: Path) -> None:
    stage = "  stage: {kind: compressor_stage, outlet_pressure_bar: 36}\n"
    for text in (
        _filled("pem_stack, cathode_pressure_setpoint_bar: 35"),
        _filled("alkaline_stack", stage, ("made -> stage.inlet", "stage.outlet -> tank.inlets")),
    ):
        file = tmp_path / "plant.yaml"
        file.write_text(text, encoding="utf-8")
        plant, _ = read_plant(file)
        assert plant is not None and list(pressure_findings(plant)) == []


def test_a_module_does_not_press_its_steam() -> None:
    """Steam of 5 bar, followed through both sides of exchangers, cannot leave a module at 18 bar."""
    for bar, n_told in ((1.1, 0), (18.0, 6)):
        changes: dict[str, float | str] = {f"soec_{k}.outlet_pressure_bar": bar for k in range(1, 7)}
        plant, _ = read_plant("dual_path", changes)
        assert plant is not None
        told = list(pressure_findings(plant))
        assert [one.where for one in told] == [f"soec_{k}.steam" for k in range(1, n_told + 1)]
        assert all("'steam_generator.steam' gives 5 bar at most" in one.what for one in told)


# Weather -------------------------------------------------------------------------------------------------------------
def _light(latitude_deg: float, month: int) -> Samples:
    """Return five days of the sun's height at a place, as irradiance."""
    begin_s = int(np.datetime64(f"2023-{month:02d}-15", "s").astype(int))
    up = sun_position(begin_s + (np.arange(120) + 0.5) * 3600.0, latitude_deg, 5.0).up
    return Samples(np.append(800.0 * np.maximum(up, 0.0), 0.0), 3600, begin_s, False)


@pytest.mark.parametrize(
    ("data_deg", "site_deg", "month", "said"),
    [
        (52.0, 52.0, 6, ""),
        (52.0, 52.0, 12, ""),
        (69.0, 66.0, 12, ""),  # twilight is no night
        (52.0, -90.0, 6, "100 % of the irradiance falls while it is night"),
        (60.0, -60.0, 6, "of the irradiance falls while it is night"),
    ],
)
def test_sun_by_night_is_told(data_deg: float, site_deg: float, month: int, said: str) -> None:
    parameters = {"tracking": 0.0, "tilt_rad": 0.5, "azimuth_rad": math.pi, "albedo_frac": 0.2, "angular_ratio": 0.16}
    _, remark = make({"ghi_w_per_m2": _light(data_deg, month)}, parameters, Where(site_deg, 5.0, 0.0))
    assert (said in remark) if said else remark == ""


def _weather(wind: str = "wind_speed_100m_m_per_s,") -> dict[str, str]:
    rows = "".join(f"2023-01-01T{hour:02d}:00Z,{'7.5,' if wind else ''}5\n" for hour in range(24))
    return {"own.csv": f"time_utc,{wind}temp_air_degc\n{rows}"}


def test_a_wind_park_without_its_series_is_led_to_turbines(tmp_path: Path) -> None:
    text = "h2plant: 1\nname: x\nsite: {latitude: 39.5, longitude: -2.5, country: ES}\n"
    text += "series: {weather: {file: own.csv}, price_eur_per_mwh: {constant: 40}}\ncomponents:\n"
    text += "  wind: {block: wind_park, capacity_mw: 4}\n  grid: {block: grid, import_mw: 4, export_mw: 6}\n"
    told = [one for one in _found(tmp_path, text, _weather()) if "wind_power_pu" in one]
    assert len(told) == 1
    assert "which is enough for 'block: turbine_park' or 'kind: wind_turbine' in its place" in told[0]
    assert "nl_2023" not in told[0]  # Dutch wind
    (calm,) = [one for one in _found(tmp_path, text, _weather("")) if "wind_power_pu" in one]
    assert "turbine" not in calm


@pytest.mark.parametrize(
    ("country", "file"), [("", "nl_2023"), ("NL", "nl_2023"), ("ES", "es_2023_price"), ("DE", "my_data.csv")]
)
def test_no_other_countrys_prices_are_proposed(tmp_path: Path, country: str, file: str) -> None:
    site = f"site: {{country: {country}}}\n" if country else ""
    text = f"h2plant: 1\nname: x\n{site}components:\n  grid: {{block: grid, import_mw: 4}}\n"
    (found,) = [one for one in _found(tmp_path, text) if "price_eur_per_mwh: {file" in one]
    assert f"'price_eur_per_mwh: {{file: {file}}}'" in found


# What nothing reads, and what cannot work -----------------------------------------------------------------------------
def _notes(folder: Path, text: str, files: dict[str, str] | None = None, **changes: str | float) -> list[str]:
    assert _found(folder, text, files, **changes) == []
    plant, _ = read_plant(folder / "plant.yaml", {path.replace("__", "."): value for path, value in changes.items()})
    assert plant is not None
    return [str(note) for note in plant.notes if note.id == "unread-parameter"]


PARK = """h2plant: 1
name: x
site: {{latitude: 52, longitude: 5, country: NL}}
series: {{weather: {{file: nl_2023}}, price_eur_per_mwh: {{constant: 40}}}}
components:
  sun: {}
  grid: {{block: grid, import_mw: 4, export_mw: 6}}
{}"""


@pytest.mark.parametrize(
    ("sun", "noted"),
    [
        ("{block: solar_park, capacity_mw: 5, tracking: single_axis, tilt_deg: 60}", "tilt_rad"),
        ("{block: solar_park, capacity_mw: 5, tracking: single_axis}", ""),  # of which the block says the tilt
        ("{block: solar_park, capacity_mw: 5, tilt_deg: 60}", ""),
        ("{kind: pv_array, capacity_mw: 5, rotation_limit_deg: 50}", "rotation_limit_rad"),
        ("{kind: wind_turbine, capacity_mw: 5, shear_exponent: 0.2}", "shear_exponent"),
        ("{kind: wind_turbine, capacity_mw: 5, profile: power_law, roughness_m: 0.2}", "roughness_m"),
        ("{kind: wind_turbine, capacity_mw: 5, roughness_m: 0.2}", ""),
    ],
)
def test_a_parameter_that_another_one_puts_aside_is_noted(tmp_path: Path, sun: str, noted: str) -> None:
    links = "" if "block" in sun else "links:\n  - sun.power -> grid_bus.supplies\n"
    notes = _notes(tmp_path, PARK.format(sun, links))
    assert len(notes) == bool(noted)
    if noted:
        assert "plant.yaml:6" in notes[0] and f".{noted}: is given and not read, as '" in notes[0]


def test_a_change_that_is_not_read_is_noted(tmp_path: Path) -> None:
    sun = "{block: solar_park, capacity_mw: 5, tracking: single_axis}"
    (note,) = _notes(tmp_path, PARK.format(sun, ""), sun__tilt_deg=20.0)
    assert "sun_array.tilt_rad: is given and not read, as 'tracking' is 'single_axis'" in note
    assert "remove it, or let 'tracking' be 'fixed'" in note


def test_energies_beside_hydrogen_of_a_table_are_noted(tmp_path: Path) -> None:
    table = "table_load_frac: [0.1, 1], table_hydrogen_kg_per_h: [4, 38]"
    text = f"{HEAD}components:\n  stack: {{kind: table_stack, rated_power_mw: 2, {table}, min_load_frac: 0.1{{}}}}\n"
    file = tmp_path / "plant.yaml"
    for more, n in ((", table_energy_kwh_per_kg: [58, 54]", 1), ("", 0)):
        file.write_text(text.replace("{}", more), encoding="utf-8")
        plant, _ = read_plant(file)
        assert plant is not None
        notes = [str(note) for note in unread_beside(plant, lambda component, name: True)]
        assert len(notes) == n
        assert all("as 'table_hydrogen_kg_per_s' is given" in note for note in notes)


ONE = "description: d.\nparameters:\n  n: {default: 2, description: n}\n"


def test_a_parameter_of_a_block_that_nothing_takes_is_noted(tmp_path: Path) -> None:
    block = f"h2plant: 1\nblock: b\n{ONE}  m: 3\n  k: n + 1\ncomponents:\n  h: {HEATER}, loss_w_per_k: k}}\n"
    (note,) = _notes(tmp_path, f"{HEAD}blocks: [b.yaml]\ncomponents:\n  x: {{block: b}}\n", {"b.yaml": block})
    assert "b.yaml:6: [unread-parameter] parameters.m: nothing in the block 'b' takes its parameter 'm'" in note
    for file in built_in_blocks().values():
        assert not read_block(file).unread, file


@pytest.mark.parametrize(
    ("component", "said"),
    [
        ("{block: b, kind: mixer}", "[bad-component] components.x.kind: is a kind or a block, not both"),
        ("{block: b, for: i in 1..3}", "components.x.for: loops stand in the files of blocks"),
        ("{kind: mixer, for: i in 1..3}", "components.x.for: loops stand in the files of blocks"),
        ("{block: b, h: }", "components.x.h: 'h' is a component of the block 'b'\n  write 'h: {parameter: value}'"),
        ("{block: b, n: {a: 1}}", "components.x.n: is a mapping, wanted a value\n  give a value: n"),
        ("{block: b, n: 0}", "[bad-expression] components.x.h.loss_w_per_k: '1 / n' has no value: it divides by zero"),
    ],
)
def test_what_a_plant_says_of_a_block_wrongly_is_told(tmp_path: Path, component: str, said: str) -> None:
    files = {"b.yaml": f"h2plant: 1\nblock: b\n{ONE}components:\n  h: {HEATER}, loss_w_per_k: 1 / n}}\n"}
    found = _found(tmp_path, f"{HEAD}blocks: [b.yaml]\ncomponents:\n  x: {component}\n", files)
    assert any(one.startswith("plant.yaml:6") and said in one for one in found), found


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("  n: {default: 2, description: n, min: 5, max: 1}\ncomponents:\n  h: {}}\n", "'min' is 5, above 'max', 1"),
        (
            "  n: 2\ncomponents:\n  h: {kind: mixer, for: n in 1..3}\n",
            "the loop counts 'n', and a parameter",
        ),
        ("  n: {default: [1, 2]}\ncomponents:\n  h: {}}\n", "wants: a number, true or false, or a word"),
        ("  ü: 2\ncomponents:\n  h: {}}\n", "start with a letter from a to z"),
    ],
)
def test_what_a_block_says_wrongly_is_told_once(tmp_path: Path, block: str, said: str) -> None:
    files = {"b.yaml": f"h2plant: 1\nblock: b\ndescription: d.\nparameters:\n{block.replace('{}}', HEATER + '}')}"}
    found = _found(tmp_path, f"{HEAD}blocks: [b.yaml]\ncomponents:\n  x: {{block: b}}\n", files)
    assert len(found) == 1 and said in found[0], found


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("batery__energy_mwh", 2, "there is no component 'batery'\n  did you mean 'battery'"),
        ("train__technology", "pem", "what a block is cannot be changed so\n  write another block in the file"),
        ("train__technology", "pem", "'block: pem_train'"),
    ],
)
def test_changes_of_blocks_that_reach_nothing_are_told(tmp_path: Path, path: str, value: object, said: str) -> None:
    text = f"{HEAD}components:\n  grid: {{block: grid, import_mw: 4}}\n"
    text += "  battery: {block: battery_park, power_mw: 1, energy_mwh: 2}\n"
    text += "  train: {block: alkaline_train, power_mw: 2, n_stacks: 2}\n"
    assert any(said in one for one in _found(tmp_path, text, **{path: value}))  # type: ignore[arg-type]


def test_a_default_out_of_bounds_says_what_it_came_of(tmp_path: Path) -> None:
    text = f"{HEAD}components:\n  grid: {{block: grid, import_mw: 4}}\n"
    text += "  train: {block: pem_train, power_mw: 2}\n  compression: {block: compression, pressure_bar: 10}\n"
    (told,) = [one for one in _found(tmp_path, text) if "stage_ratio" in one]
    assert "pressure_bar = 10" in told and "suction_pressure_bar = 3" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / a", "it divides by zero"),
        ("9.0 ** 999", "it is too large to write as a number"),
        ("(a - 1) ** 0.5", "it takes the root of a negative number"),
        ("log(a)", "it takes a root or logarithm of what has none"),
        ("round(a, b, c)", "a function has too few or too many values"),
        ("a + w", "'w' is 'word', not a number"),
    ],
)
def test_arithmetic_without_a_value_is_told_in_words(text: str, said: str) -> None:
    with pytest.raises(ExpressionError, match=re.escape(said)):
        read_expression(text).value({"a": 0.0, "b": 1.0, "c": 1.0, "w": "word"})


def test_a_long_text_is_not_told_whole() -> None:
    with pytest.raises(ExpressionError, match="has 40001 characters, and arithmetic 500 at most") as told:
        read_expression("1" * 40001)
    assert len(str(told.value)) < 250


@pytest.mark.parametrize(("name", "wrong"), [("specific_rating_w_per_m2", 1000.0), ("curve_4_frac", 0.2)])
def test_a_rotor_that_takes_more_than_the_wind_has_is_told(name: str, wrong: float) -> None:
    kind = KIND_BY_NAME["wind_turbine"]
    values = {f.name: f.default for f in kind.parameters}
    assert list(kind.contradictions(values)) == []
    (told,) = kind.contradictions(values | {name: wrong})
    assert "and no rotor more than 0.593 (Betz)" in told.what
    most = float(re.findall(r"choose ([0-9.]+) at most", told.remedy)[0])
    assert list(kind.contradictions(values | {name: wrong, "specific_rating_w_per_m2": most * 0.999})) == []


def test_a_load_below_the_least_is_told(tmp_path: Path) -> None:
    text = (
        PARK.format("{kind: wind_turbine, capacity_mw: 5}", "")
        + """  tank: {kind: gas_tank}
  cells: {kind: hydrogen_engine, rated_power_kw: 500, min_load_frac: 0.4}
  peaks: {kind: reconversion, run_load_frac: LOAD}
links:
  - [sun.power, cells.power] -> grid_bus.supplies
  - peaks.load -> cells.load
  - tank.outlets -> cells.hydrogen
  - cells.demand -> tank.demands
"""
    )
    (told,) = _found(tmp_path, text.replace("LOAD", "0.3"))
    assert (
        "plant.yaml:10: [load-too-low] peaks.run_load_frac: is 0.3, and 'cells' never runs: it rests below 0.4" in told
    )
    assert _found(tmp_path, text.replace("LOAD", "0.4")) == []


def test_a_battery_that_starts_above_its_window_is_told() -> None:
    kind = KIND_BY_NAME["battery"]
    values = {f.name: f.default for f in kind.parameters}
    assert list(kind.contradictions(values)) == []
    (told,) = kind.contradictions(values | {"initial_level_frac": 0.99, "max_level_frac": 0.5})
    assert told.name == "initial_level_frac" and told.what == "it starts at 0.99, and is never filled above 0.5"


@pytest.mark.parametrize(
    ("name", "wrong", "told_at"),
    [
        ("ohmic_slope_ohm_m2_per_k", -2.0e-6, "resistance is -"),
        ("ohmic_pressure_ohm_m2_per_pa", -1.0e-10, "resistance is -"),
        ("activation_first_m2_per_a", -1.0, "factor of the current density is -"),
        ("activation_second_m2_k_per_a", -100.0, "factor of the current density is -"),
    ],
)
def test_cells_whose_voltage_falls_with_the_current_are_told(name: str, wrong: float, told_at: str) -> None:
    kind = KIND_BY_NAME["alkaline_stack"]
    values = {f.name: f.default for f in kind.parameters}
    assert list(kind.contradictions(values)) == []
    told = list(kind.contradictions(values | {name: wrong}))
    assert told and all(told_at in one.what for one in told)
    assert list(kind.contradictions(values | {name: wrong, "cell": 1.0})) == []  # a published cell has its own
