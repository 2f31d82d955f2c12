"""Blocks: what they expand to, how open connectors join, what is found wrong, and who reads them."""

import json
import pickle
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

import h2plant
from h2plant.cli import app
from h2plant.components import KINDS
from h2plant.config.blocks.block_file import built_in_blocks, read_block
from h2plant.config.blocks.connector import TYPES
from h2plant.config.load import load_plant, read_expansion, read_plant
from h2plant.plant.finding import PlantError
from h2plant.plant.graph import Plant
from h2plant.studies.search.goal import load_optimize
from h2plant.studies.search.optimize import check_corners
from h2plant.studies.search.own import own_values
from h2plant.studies.study import load_study
from h2plant.studies.study.design import Point
from h2plant.studies.study.prepared import PreparedStudy
from h2plant.studies.study.run import run_study

PAGE = (Path(__file__).parents[2] / "docs" / "blocks.md").read_text(encoding="utf-8")
HEAD = "h2plant: 1\nname: x\nseries: {price_eur_per_mwh: {constant: 40}, temp_air_degc: {constant: 10}}\n"
PLANT = f"""{HEAD}components:
  grid: {{block: grid, import_mw: 4}}
  electrolysis: {{block: pem_train, power_mw: 2, n_stacks: 2}}
  compression: {{block: compression, pressure_bar: 100}}
  storage: {{block: tank_park, capacity_t: 1}}
  trailers: {{block: trailer_station, price_eur_per_kg: 6}}
  rule: {{kind: price_threshold}}
"""
BLOCK = """h2plant: 1
block: piece
parameters: {size: 2}
components:
  pipe: {kind: mixer}
"""


def examples() -> dict[str, str]:
    """Return the YAML files of the page by name."""
    return dict(re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", PAGE, re.M | re.S))


def written(tmp_path: Path, text: str = PLANT, **blocks: str) -> Path:
    """Write a plant and its blocks."""
    for name, block in blocks.items():
        (tmp_path / f"{name}.yaml").write_text(block, encoding="utf-8")
    file = tmp_path / "plant.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def findings(file: Path, **overrides: str | float) -> list[str]:
    """Return what is wrong with a plant, without the folder."""
    _, found = read_plant(file, {key.replace("__", "."): value for key, value in overrides.items()})
    return [str(f).replace(f"{file.parent}/", "") for f in found if f.severity == "error"]


def kinds_of(plant: Plant, prefix: str) -> list[str]:
    return [c.kind.name for c in plant.components.values() if c.id.startswith(prefix)]


def test_no_block_is_called_like_a_kind() -> None:
    assert not set(built_in_blocks()) & {kind.name for kind in KINDS}


@pytest.mark.parametrize("name", sorted(built_in_blocks()))
def test_a_built_in_block_is_in_order_and_described(name: str) -> None:
    block = read_block(built_in_blocks()[name])
    assert not block.findings
    assert block.name == name and block.description
    assert all(parameter.description for parameter in block.parameters.values())


def test_ten_lines_are_a_plant_and_the_printed_one_is_the_same(tmp_path: Path) -> None:
    file = written(tmp_path, examples()["ten.yaml"])
    assert len([line for line in examples()["ten.yaml"].splitlines() if "kind:" in line or "block:" in line]) == 7
    plant, expansion = read_expansion(file)
    assert len(plant.components) == 53 and f"# {len(plant.components)} components" in PAGE
    plain = tmp_path / "plain.yaml"
    printed = CliRunner().invoke(app, ["expand", str(file), "--out", str(plain)])
    assert printed.exit_code == 0, printed.output
    text = plain.read_text(encoding="utf-8")
    assert "block:" not in text
    for line in (
        "  electrolysis_rectifier_1:  # pem_train.yaml:33",
        "    rating_mw: 2.625  # 1.05 * stack_mw, stack_mw = 2.5",
    ):
        assert line in text.splitlines() and line in PAGE.splitlines()
    again = load_plant(plain)
    assert again.digest == plant.digest and not again.blocks
    assert expansion.reasons["electrolysis_line"]["line_power_mw"].values == {"power_mw": 10.0}
    on_screen = CliRunner().invoke(app, ["expand", str(file)])
    assert on_screen.output == text


def test_the_printed_plant_runs_identically_and_results_keep_the_blocks(tmp_path: Path) -> None:
    own = examples()
    file = written(tmp_path, own["mine.yaml"], buffer=own["buffer.yaml"])
    plain = tmp_path / "plain.yaml"
    assert CliRunner().invoke(app, ["expand", str(file), "--out", str(plain)]).exit_code == 0
    runs = [h2plant.run(plant, hours=3, out=tmp_path / name) for name, plant in (("a", file), ("b", plain))]
    for part in ("key_figures", "residuals", "served"):
        assert runs[0].summary[part] == runs[1].summary[part]
    assert runs[0].summary["key_figures"]["hydrogen_made_kg"] > 20.0
    kept = json.loads((runs[0].folder / "blocks.json").read_text(encoding="utf-8"))
    assert set(kept) == {
        *("buffer", "grid", "pem_train", "trailer_station"),
        *("pure_water", "cooling_plant", "hydrogen_cleaning"),
    }
    (tmp_path / "buffer.yaml").unlink()  # a run repeats by what it kept
    repeated = h2plant.run(runs[0].folder / "scenario.json", out=tmp_path / "again")
    assert repeated.summary["key_figures"] == runs[0].summary["key_figures"]


def test_sizes_follow_across_blocks(tmp_path: Path) -> None:
    file = written(tmp_path)
    small, large = load_plant(file), load_plant(file, {"electrolysis.power_mw": 4})
    for id_, name in (
        ("electrolysis_stack_1", "n_cells"),
        ("electrolysis_transformer", "rating_w"),
        ("electrolysis_cooling_loop", "rated_flow_kg_per_s"),
        ("electrolysis_water_pump", "rated_flow_kg_per_s"),
        ("compression_cleaning_dryer", "sorbent_kg"),
        ("compression_stage_1", "rated_volume_m3_per_s"),
        ("compression_stage_2", "rated_volume_m3_per_s"),
    ):
        ratio = large.components[id_].values[name] / small.components[id_].values[name]
        assert ratio == pytest.approx(2.0, rel=1e-9), (id_, name)
    assert large.blocks["storage"].values["flow_kg_per_h"] == pytest.approx(4000.0 / 52.3)
    # 4 MW make 76.5 kg/h, 1835 kg a day: 280 kg a trailer, a tenth and half a Sunday more
    assert large.components["trailers_trailers"].values["n_trailers_per_day"] == 8.0
    assert small.components["storage_tanks"].values == large.components["storage_tanks"].values | {
        "relief_flow_kg_per_s": small.components["storage_tanks"].values["relief_flow_kg_per_s"]
    }


def test_ids_paths_and_words_of_a_plant_reach_into_a_block(tmp_path: Path) -> None:
    text = PLANT.replace(
        "n_stacks: 2}",
        "n_stacks: 2, stack: {ramp_kw_per_s: 50}, stack_2: {min_load_frac: 0.3}, "
        "cooling: {supply_temperature_degc: 15}}",
    )
    file = written(tmp_path, text)
    plant = load_plant(file, {"electrolysis.stack_1.min_load_frac": 0.25, "electrolysis.cooling.heat_kw": 900.0})
    stacks = [plant.components[f"electrolysis_stack_{k}"].values for k in (1, 2)]
    assert [s["min_load_frac"] for s in stacks] == [0.25, 0.3]
    assert [s["ramp_w_per_s"] for s in stacks] == [50.0e3, 50.0e3]
    loop = plant.components["electrolysis_cooling_loop"].values
    assert loop["setpoint_k"] == 288.15 and loop["rated_heat_w"] == 900.0e3
    assert plant.blocks["electrolysis.cooling"].values["heat_mw"] == 0.9
    many = load_plant(file, {"electrolysis.stack_*.min_load_frac": 0.11, "*orage.capacity_kg": 2000.0})
    assert [many.components[f"electrolysis_stack_{k}"].values["min_load_frac"] for k in (1, 2)] == [0.11, 0.11]
    assert many.blocks["storage"].values["capacity_t"] == 2.0
    in_kw = load_plant(file, {"electrolysis.power_kw": 3000.0})
    assert in_kw.blocks["electrolysis"].values["power_mw"] == 3.0


def test_links_of_the_file_win_and_all_open_ones_join(tmp_path: Path) -> None:
    plant = load_plant(written(tmp_path, examples()["two_trains.yaml"]))
    links = {str(link) for link in plant.links}
    assert "pem_cooling_loop.supply_temperature -> compression_cooler_1.coolant_temperature" in links
    assert "compression_cooler_1.heat -> pem_cooling_loop.heat" in links
    assert not any("soec_cooling_loop" in link and "compression" in link for link in links)
    assert "soec_oxygen_cooler.outlet -> sold.inlet" in links
    inlets = [str(link.source) for link in plant.links_at("compression_mixer", "inlets")]
    assert inlets == ["pem_hydrogen_drum.gas", "soec_stage_drum_6.gas"]
    assert [str(x.source) for x in plant.links_at("rule", "lines")] == ["pem_line.line", "soec_line.line"]
    # flows add up, the lower pressure counts
    values = plant.blocks["compression"].values
    assert values["flow_kg_per_h"] == pytest.approx(10000.0 / 52.3 + 6000.0 / 38.0)
    assert values["suction_pressure_bar"] == 39.0


def test_dotted_ports_and_plain_components_join(tmp_path: Path) -> None:
    text = PLANT.replace("  grid:", "  wind: {kind: wind_farm, capacity_mw: 1}\n  grid:").replace(
        "  storage: {block: tank_park, capacity_t: 1}",
        "  storage: {kind: gas_tank, min_pressure_bar: 42, max_pressure_bar: 100, relief_pressure_bar: 110}",
    )
    text = text.replace("price_eur_per_kg: 6}", "price_eur_per_kg: 6, flow_kg_per_h: 40}")
    text = text.replace("{constant: 10}}", "{constant: 10}, wind_power_pu: {constant: 0.5}}")
    text += "  sold: {kind: product_sink, o2_price_eur_per_kg: 0.03}\n"
    file = written(tmp_path, text + "links:\n  - electrolysis.oxygen_separator.gas -> sold.inlet\n")
    plant = load_plant(file)
    links = {str(link) for link in plant.links}
    assert {
        "wind.power -> grid_bus.supplies",
        "compression_cleaning_purity.outlet -> storage.inlets",
        "storage.pressure -> compression_stage_2.discharge_pressure",
        "storage.outlets -> trailers_trailers.inlet",
        "trailers_trailers.demand -> storage.demands",
        "storage.level -> rule.storage_level",
        "electrolysis_oxygen_separator.gas -> sold.inlet",
    } <= links


def test_a_run_of_a_plant_of_blocks_closes_and_meets_what_is_asked(tmp_path: Path) -> None:
    plant = written(tmp_path, examples()["two_trains.yaml"])
    results = h2plant.run(plant, hours=24, step_s=60, out=tmp_path / "run")
    assert results.summary["audit"]["n_broken"] == 0 < results.summary["audit"]["n_checks"]
    assert not results.summary["not_valid"]
    assert results.summary["residuals"]["worst_relative"] < 1e-9
    figures = results.summary["key_figures"]
    assert figures["hydrogen_made_kg"] > 24.0 * 0.8 * (10000.0 / 60.0 + 6000.0 / 45.0)
    assert figures["worst_h2o_ppm"] < 5.0 and figures["worst_o2_ppm"] < 5.0


def changes_of(prepared: PreparedStudy, **values: float) -> tuple[dict[tuple[str, str], float], object]:
    names = {"size": "size_mw", "stacks": "electrolysis.n_stacks", "tanks": "storage.capacity_t"}
    point = Point(1, {names[key]: value for key, value in values.items()})
    changes, problems = prepared.changes(point)
    assert not problems
    return changes.fields, prepared.plant_of(changes)


def test_a_study_varies_a_parameter_and_all_that_follows_moves(tmp_path: Path) -> None:
    written(tmp_path, examples()["ten.yaml"]).rename(tmp_path / "ten.yaml")
    study_file = tmp_path / "sizes.yaml"
    study_file.write_text(examples()["sizes.yaml"], encoding="utf-8")
    prepared = PreparedStudy(load_study(study_file))
    for size, stacks in ((12.0, 4.0), (8.0, 5.0), (12.0, 5.0)):
        _, plant = changes_of(prepared, size=size, stacks=stacks, tanks=0.4 * size)
        given = {"electrolysis.power_mw": size, "electrolysis.n_stacks": stacks, "storage.capacity_t": 0.4 * size}
        alone = load_plant(tmp_path / "ten.yaml", given)
        assert isinstance(plant, Plant)
        assert {c.id: c.values for c in plant.components.values()} == {
            c.id: c.values for c in alone.components.values()
        }
        assert plant.links == alone.links
    assert len(prepared.plant_variants) == 2  # of four stacks, and of five


def test_a_sweep_gives_what_the_run_gives(tmp_path: Path) -> None:
    written(tmp_path, examples()["ten.yaml"]).rename(tmp_path / "ten.yaml")
    text = examples()["sizes.yaml"].replace("hours: 24", "hours: 2")
    (tmp_path / "sizes.yaml").write_text(text, encoding="utf-8")
    swept = run_study(load_study(tmp_path / "sizes.yaml"), tmp_path / "swept")
    last = swept.outcomes[-1]
    run = h2plant.run(
        tmp_path / "ten.yaml",
        start="2023-03-01",
        hours=2,
        step_s=900,
        set={"electrolysis.power_mw": 12, "electrolysis.n_stacks": 5, "storage.capacity_t": 4.8},
        out=tmp_path / "run",
    )
    for name in ("hydrogen_made_kg", "capex_eur"):
        assert last.values[name] == pytest.approx(run.summary["key_figures"][name], rel=1e-12)


Change = Callable[[str], str]
BAD: dict[str, tuple[Change, str, str]] = {
    "unknown block": (
        lambda t: t.replace("block: pem_train", "block: pem_trian"),
        "plant.yaml:6: [unknown-block] components.electrolysis: there is no block 'pem_trian'",
        "did you mean 'pem_train'",
    ),
    "a kind as a block": (
        lambda t: t.replace("block: pem_train", "block: pem_stack"),
        "plant.yaml:6: [unknown-block] components.electrolysis: there is no block 'pem_stack'",
        "'pem_stack' is a kind: write 'kind: pem_stack'",
    ),
    "unknown parameter": (
        lambda t: t.replace("power_mw: 2,", "powr_mw: 2,"),
        "plant.yaml:6: [unknown-parameter] components.electrolysis.powr_mw: the block 'pem_train' has no",
        "did you mean 'power_mw'",
    ),
    "a text": (
        lambda t: t.replace("power_mw: 2,", "power_mw: two,"),
        "plant.yaml:6: [wrong-type] components.electrolysis.power_mw: is the text 'two', wanted a number",
        "give a number",
    ),
    "none of a loop": (
        lambda t: t.replace("n_stacks: 2", "n_stacks: 0"),
        "plant.yaml:6: [out-of-bounds] components.electrolysis.n_stacks: is 0, below its bound",
        "choose a whole number, 1 to 52",
    ),
    "half a stack": (
        lambda t: t.replace("n_stacks: 2", "n_stacks: 1.5"),
        "plant.yaml:6: [wrong-type] components.electrolysis.n_stacks: is 1.5, wanted a whole number",
        "choose a whole number",
    ),
    "another dimension": (
        lambda t: t.replace("power_mw: 2,", "power_kg: 2,"),
        "plant.yaml:6: [unknown-unit] components.electrolysis.power_kg: 'power_kg' does not measure what 'power_mw' is",
        "write 'power_mw'",
    ),
    "missing": (
        lambda t: t.replace("power_mw: 2, ", ""),
        "plant.yaml:6 -> pem_train.yaml:8: [missing-parameter] components.electrolysis: the parameter",
        "give 'power_mw': direct current of all stacks at full load",
    ),
    "given twice": (
        lambda t: t.replace("power_mw: 2,", "power_mw: 2, power_kw: 2000,"),
        "plant.yaml:6: [given-twice] components.electrolysis.power_kw: 'power_mw' is given twice, first in line 6",
        "keep one of them",
    ),
    "a component that is not there": (
        lambda t: t.replace("n_stacks: 2}", "n_stacks: 2, stack_3: {n_cells: 4}}"),
        "plant.yaml:6: [unknown-component] components.electrolysis.stack_3: the block 'pem_train' has no",
        "did you mean 'stack'",
    ),
    "a parameter of a component": (
        lambda t: t.replace("n_stacks: 2}", "n_stacks: 2, stack: {n_cels: 4}}"),
        "plant.yaml:6: [unknown-parameter] components.electrolysis_stack_1.n_cels: the kind 'pem_stack' has no",
        "did you mean 'n_cells'",
    ),
    "nothing gives": (
        lambda t: t.replace("  electrolysis: {block: pem_train, power_mw: 2, n_stacks: 2}\n", ""),
        "plant.yaml:6 -> compression.yaml:27: [no-connector] compression.inlet: takes hydrogen",
        "write the link 'X.hydrogen -> compression.inlet' with X what gives it, or put a block that gives it above",
    ),
    "nothing takes": (
        lambda t: t + "  second: {block: pem_train, power_mw: 1}\n",
        "plant.yaml:11 -> pem_train.yaml:23: [nothing-takes] second.hydrogen: gives hydrogen, and nothing",
        "write the link 'second.hydrogen -> compression.inlet'",
    ),
    "a pushed stream drawn": (
        lambda t: t.replace("  storage: {block: tank_park, capacity_t: 1}\n", ""),
        "plant.yaml:8 -> trailer_station.yaml:15: [unequal-connectors] compression.hydrogen -> trailers.inlet",
        "put a store between them, such as a tank_park",
    ),
    "wrong type of connector": (
        lambda t: t + "links:\n  - electrolysis.cooling -> compression.power\n",
        "plant.yaml:12: [wrong-connector] electrolysis.cooling -> compression.power: 'electrolysis.cooling' gives",
        "link 'compression.power' to 'grid.power'",
    ),
    "unknown connector": (
        lambda t: t + "links:\n  - electrolysis.colling -> compression.cooling\n",
        "plant.yaml:12: [unknown-connector] electrolysis.colling -> compression.cooling",
        "did you mean 'cooling'",
    ),
    "two of one id": (
        lambda t: t + "  electrolysis_feed: {kind: mixer}\n",
        "[id-taken] components.electrolysis_feed: there is a component 'electrolysis_feed' already",
        "give one of them another id",
    ),
    "a dryer for a tenth of the flow": (
        lambda t: t.replace("pressure_bar: 100}", "pressure_bar: 100, cleaning: {dryer: {nominal_flow_kg_per_h: 4}}}"),
        "hydrogen_cleaning.yaml:37: [too-small] components.compression_cleaning_dryer: is made for 4 kg/h",
        "give 'nominal_flow_kg_per_h: 40'",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_has_place_and_remedy(tmp_path: Path, case: str) -> None:
    change, what, remedy = BAD[case]
    changed = change(PLANT)
    assert changed != PLANT
    found = findings(written(tmp_path, changed))
    meant = [text for text in found if what in text]
    assert meant, found
    assert remedy in meant[0].splitlines()[1], meant[0]


def test_one_wrong_block_brings_no_others(tmp_path: Path) -> None:
    for case in ("unknown block", "a text", "missing", "none of a loop"):
        assert len(findings(written(tmp_path, BAD[case][0](PLANT)))) == 1, case


BAD_BLOCKS: dict[str, tuple[Change, str, str]] = {
    "cyclic": (
        lambda b: b.replace("{kind: mixer}", "{block: piece}"),
        "plant.yaml:7 -> piece.yaml:5: [cyclic-block] components.part.pipe: the block 'piece' contains itself",
        "remove one of these",
    ),
    "none of a loop": (
        lambda b: b.replace("{kind: mixer}", "{for: i in 1..size - 2, kind: mixer}"),
        "plant.yaml:7 -> piece.yaml:5: [empty-loop] components.part.pipe: 'for: i in 1..size - 2' makes none of 'pipe'",
        "let the last be the first or more",
    ),
    "half a loop": (
        lambda b: b.replace("{kind: mixer}", "{for: i in 1..size / 4, kind: mixer}"),
        "plant.yaml:7 -> piece.yaml:5: [bad-loop] components.part.pipe.for: the loop runs from 1 to 0.5",
        "whole numbers",
    ),
    "no loop": (
        lambda b: b.replace("{kind: mixer}", "{for: 1..size, kind: mixer}"),
        "piece.yaml:5: [bad-loop] components.pipe.for: '1..size' cannot be read",
        "write 'for: i in 1..n_stacks'",
    ),
    "unreadable arithmetic": (
        lambda b: b.replace("{kind: mixer}", "{kind: liquid_separator, efficiency_frac: 0.5 *}"),
        "plant.yaml:7 -> piece.yaml:5: [bad-expression] components.part.pipe.efficiency_frac: '0.5 *' cannot be read",
        "write arithmetic",
    ),
    "arithmetic without value": (
        lambda b: b.replace("{kind: mixer}", "{kind: liquid_separator, efficiency_frac: 1 / (size - 2)}"),
        "plant.yaml:7 -> piece.yaml:5: [bad-expression] components.part.pipe.efficiency_frac: '1 / (size - 2)' has no",
        "change the parameters",
    ),
    "a size out of bounds": (
        lambda b: b.replace("{kind: mixer}", "{kind: liquid_separator, efficiency_frac: size}"),
        "plant.yaml:7 -> piece.yaml:5: [out-of-bounds] components.part_pipe.efficiency_frac: 'efficiency_frac' is 2",
        "choose",
    ),
    "an unknown name": (
        lambda b: b.replace("{kind: mixer}", "{kind: liquid_separator, efficiency_frac: siz / 3}"),
        "plant.yaml:7 -> piece.yaml:5: [unknown-name] components.part.pipe.efficiency_frac: 'siz / 3' takes 'siz'",
        "did you mean 'size'",
    ),
    "a parameter that comes later": (
        lambda b: b.replace("{size: 2}", "{half: size / 2, size: 2}"),
        "piece.yaml:3: [unknown-name] parameters.half: 'size' comes later in the file",
        "put what it hangs on above it",
    ),
    "a default out of bounds": (
        lambda b: b.replace("{size: 2}", "{size: 2, more: {default: 2 * size, max: 3}}"),
        "plant.yaml:7 -> piece.yaml:3: [out-of-bounds] components.part.more: is 4, above its bound, by its default",
        "choose at most 3",
    ),
    "an unknown type of connector": (
        lambda b: b + "connectors: {a: {takes: hydrogn, stream: pipe.inlets}}\n",
        "piece.yaml:6: [unknown-connector-type] connectors.a: there is no type of connector 'hydrogn'",
        "did you mean 'hydrogen'",
    ),
    "an unknown wire": (
        lambda b: b + "connectors: {a: {takes: hydrogen, stream: pipe.inlets, temperature: pipe.x}}\n",
        "piece.yaml:6: [unknown-key] connectors.a.temperature: a connector of the type 'hydrogen' has no 'temperature'",
        "did you mean 'pressure'",
    ),
    "an unknown port": (
        lambda b: b + "links:\n  - pipe.outlet -> pipe.inlts\n",
        "plant.yaml:7 -> piece.yaml:7: [unknown-port] part_pipe.outlet -> part_pipe.inlts: the kind 'mixer' has",
        "did you mean 'inlets'",
    ),
    "an unreadable link": (
        lambda b: b + "links:\n  - pipe.outlet to pipe.inlets\n",
        "piece.yaml:7: [bad-link] links.0",
        "write 'component.port -> component.port'",
    ),
    "a name of another file": (
        lambda b: b.replace("block: piece", "block: pieces"),
        "piece.yaml:2: [bad-block] block: the block is called 'pieces' and its file 'piece.yaml'",
        "call the file 'pieces.yaml'",
    ),
}


@pytest.mark.parametrize("case", BAD_BLOCKS)
def test_what_is_wrong_with_a_block_has_place_and_remedy(tmp_path: Path, case: str) -> None:
    change, what, remedy = BAD_BLOCKS[case]
    plant = f"{HEAD}blocks: [piece.yaml]\ncomponents:\n  bus: {{kind: power_bus}}\n  part: {{block: piece}}\n"
    found = findings(written(tmp_path, plant, piece=change(BLOCK)))
    meant = [text for text in found if what in text]
    assert meant, found
    assert remedy in meant[0].splitlines()[1], meant[0]


@pytest.mark.parametrize(("name", "taken"), [("mixer", "a kind"), ("grid", "a built-in block")])
def test_the_name_of_a_kind_or_a_built_in_block_is_taken(tmp_path: Path, name: str, taken: str) -> None:
    blocks = {name: BLOCK.replace("block: piece", f"block: {name}")}
    found = findings(written(tmp_path, f"blocks: [{name}.yaml]\n{PLANT}", **blocks))
    assert any(
        f"plant.yaml:1: [name-taken] blocks.0: the block of '{name}.yaml' is called '{name}', as {taken} is" in f
        for f in found
    )


def test_changes_of_blocks_are_checked_and_named_as_written(tmp_path: Path) -> None:
    file = written(tmp_path)
    cases = {
        "electrolysis__powr_mw": "[unknown-parameter] set electrolysis.powr_mw: the block 'pem_train' has no parameter",
        "electrolysis__power_mw": "[wrong-type] set electrolysis.power_mw: is the text 'much', wanted a number",
        "electrolysis__stack_2__n_cels": "[unknown-parameter] set electrolysis.stack_2.n_cels: the kind 'pem_stack'",
        "electrolysis__stack_9__n_cells": "[unknown-component] set electrolysis.stack_9.n_cells: there is no component",
    }
    for key, what in cases.items():
        (found,) = findings(file, **{key: "much" if key.endswith("power_mw") and "powr" not in key else 3.0})
        assert found.startswith(what), found


def test_a_scenario_has_the_line_of_its_change(tmp_path: Path) -> None:
    written(tmp_path)
    scenario = tmp_path / "day.yaml"
    scenario.write_text(
        "h2plant: 1\nname: day\nplant: plant.yaml\nhours: 2\n"
        "set:\n  electrolysis.power_mw: 3\n  electrolysis.n_stacks: 0\n",
        encoding="utf-8",
    )
    with pytest.raises(PlantError) as error:
        h2plant.run(scenario, out=tmp_path / "out")
    assert "day.yaml:7: [out-of-bounds] set electrolysis.n_stacks" in str(error.value)


def test_a_study_finds_a_path_that_leads_nowhere(tmp_path: Path) -> None:
    written(tmp_path, examples()["ten.yaml"]).rename(tmp_path / "ten.yaml")
    text = examples()["sizes.yaml"]
    for wrong, what in (
        ("path: electrolysis.powr_mw", "'electrolysis' has no parameter 'powr_mw'"),
        ("path: electrolysis.power_kg", "does not measure"),
    ):
        (tmp_path / "sizes.yaml").write_text(text.replace("path: electrolysis.power_mw", wrong), encoding="utf-8")
        with pytest.raises(PlantError, match=re.escape(what)):
            PreparedStudy(load_study(tmp_path / "sizes.yaml"))


def test_the_examples_of_the_page_are_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = examples()
    assert set(files) == {"ten.yaml", "two_trains.yaml", "changed.yaml", "sizes.yaml", "buffer.yaml", "mine.yaml"}
    line = next(line for line in files["ten.yaml"].splitlines() if "electrolysis:" in line)
    changed = "\n".join(f"  {text}" for text in files["changed.yaml"].splitlines())
    files["changed.yaml"] = files["ten.yaml"].replace(line, changed)
    for name, text in files.items():
        Path(name).write_text(text, encoding="utf-8")
    for name in ("ten.yaml", "two_trains.yaml", "changed.yaml", "mine.yaml"):
        checked = CliRunner().invoke(app, ["check", name])
        assert checked.exit_code == 0 and "in order" in checked.output, checked.output
    PreparedStudy(load_study("sizes.yaml"))
    run = re.search(r"^h2plant run ten.yaml --set (\S+) --set (\S+)$", PAGE, re.M)
    assert run is not None
    load_plant("ten.yaml", dict(one.split("=") for one in run.groups()))
    without = "".join(line for line in files["ten.yaml"].splitlines(True) if "storage:" not in line)
    Path("ten.yaml").write_text(without, encoding="utf-8")
    checked = CliRunner().invoke(app, ["check", "ten.yaml"])
    assert checked.exit_code == 2
    assert checked.output.strip() in PAGE
    for type_ in TYPES.values():
        assert f"| {type_.name} | {type_.description} |" in PAGE or type_.name == "hydrogen"


def test_blocks_are_listed_and_copied(tmp_path: Path) -> None:
    command = CliRunner()
    listed = command.invoke(app, ["blocks"])
    assert all(name in listed.output for name in built_in_blocks())
    one = command.invoke(app, ["blocks", "pem_train"])
    assert "power_mw" in one.output and "gives hydrogen" in one.output
    copied = tmp_path / "my_train.yaml"
    assert command.invoke(app, ["blocks", "pem_train", "--copy", str(copied)]).exit_code == 0
    assert not read_block(copied).findings and read_block(copied).name == "my_train"
    own = PLANT.replace("block: pem_train", "block: my_train")
    mine = load_plant(written(tmp_path, f"blocks: [my_train.yaml]\n{own}"))
    assert mine.digest == load_plant(written(tmp_path)).digest
    wrong = command.invoke(app, ["blocks", "pem_trian"])
    assert wrong.exit_code == 2 and "pem_train" in wrong.output


def test_power_comes_back_over_the_connector_that_takes_it(tmp_path: Path) -> None:
    block = (
        "h2plant: 1\nblock: piece\nconnectors: {power: {takes: power, power: load.power, back: farm.power}}\n"
        "components:\n  farm: {kind: wind_farm, capacity_mw: 1}\n  load: {kind: transformer}\n"
    )
    text = PLANT.replace("  electrolysis:", "  part: {block: piece}\n  electrolysis:")
    text = text.replace("{constant: 10}}", "{constant: 10}, wind_power_pu: {constant: 0.5}}")
    plant = load_plant(written(tmp_path, f"blocks: [piece.yaml]\n{text}", piece=block))
    links = {str(link) for link in plant.links}
    assert {"grid_bus.consumers -> part_load.power", "part_farm.power -> grid_bus.supplies"} <= links


def test_a_plant_of_blocks_travels_to_another_process(tmp_path: Path) -> None:
    plant = load_plant(written(tmp_path))
    again = pickle.loads(pickle.dumps(plant))
    assert again.digest == plant.digest and again.blocks == plant.blocks
    line = again.components["electrolysis_stack_1"].line
    assert line == 6 and getattr(line, "inside", "").startswith("pem_train.yaml:")


def test_an_optimisation_knows_the_value_of_a_block_as_it_is_and_the_ends(tmp_path: Path) -> None:
    written(tmp_path)
    study_file = tmp_path / "best.yaml"
    text = (
        "h2plant: 1\nstudy: best\nkind: optimize\nscenario: plant.yaml\nstart: 2023-03-01\nhours: 1\nstep_s: 900\n"
        "parameters:\n  - {path: electrolysis.power_kw, range: [1000, 3000]}\n"
        "  - {path: storage.capacity_t.scale, range: [0.5, 2]}\n"
        "objectives:\n  - {minimize: capex_eur}\nsearch: {sampler: tpe, trials: 4, seed: 1}\n"
    )
    study_file.write_text(text, encoding="utf-8")
    study = load_optimize(study_file)
    prepared = PreparedStudy(study.study)
    assert own_values(prepared) == {"electrolysis.power_kw": 2000.0, "storage.capacity_t.scale": 1.0}
    check_corners(study, prepared)
    study_file.write_text(text.replace("[1000, 3000]", "[1000, 3.0e6]"), encoding="utf-8")
    far = load_optimize(study_file)
    with pytest.raises(PlantError, match=r"'electrolysis.power_mw' is 3000, above its bound"):
        check_corners(far, PreparedStudy(far.study))
