"""No power comes from nowhere: draws that are linked to nothing are found, unless they are zero."""

from pathlib import Path

import pytest

from h2plant.components import KINDS
from h2plant.config.load import load_plant, read_plant
from h2plant.core.declare import Kind, Port
from h2plant.plant.check import check_plant
from h2plant.testing import run_case
from tests.cases.test_cases import CASES

pytestmark = pytest.mark.long


@pytest.mark.parametrize("name", ["minimal", "dual_path"])
def test_every_power_port_that_loses_its_link_is_found(name):
    """A rectifier without a link to the bus made 220 kg of hydrogen of 2.3 MWh on v0.1.0 (efficiency 3.7)."""
    from dataclasses import replace

    plant = load_plant(name)
    power = [link for link in plant.links if not link.is_series and plant.port(link.source).medium == "power"]
    assert len(power) >= 6
    for link in power:
        writer = link.source if plant.port(link.source).is_writer else link.target
        changed = replace(plant, links=tuple(one for one in plant.links if one != link))
        found = [f for f in check_plant(changed) if f.id in ("power-unlinked", "port-unlinked")]
        assert any(f.where == str(writer) for f in found), link
        values = plant.components[writer.component].values
        assert not any(values.get(n) == 0.0 for n in plant.port(writer).idle_without)


def test_unlinked_draw_names_the_link_to_write(tmp_path):
    file = tmp_path / "plant.yaml"
    text = load_plant("minimal").text
    file.write_text(text.replace("[rectifier.power, ", "["), encoding="utf-8")
    (found,) = read_plant(file)[1]
    assert (found.id, found.where) == ("power-unlinked", "rectifier.power") and found.line > 0
    assert (
        "draws power from nowhere" in found.what
        and "'X -> rectifier.power' with X such as 'bus.consumers'" in found.remedy
    )
    lines = text.replace("  - grid.bus -> bus.grid\n", "").splitlines(keepends=True)
    file.write_text("".join(one for one in lines if "grid_connection" not in one), encoding="utf-8")
    (found,) = read_plant(file)[1]  # no grid and no source
    assert (found.id, found.where) == ("power-unlinked", "bus.grid")
    assert "such as grid_connection" in found.remedy and "rectifier.loads" not in found.remedy
    assert "power_bus" not in found.remedy  # there is one, and it cannot feed itself


def test_draw_that_a_parameter_makes_zero_need_not_be_linked():
    assert [f for f in check_plant(load_plant("minimal"))] == []
    (found,) = read_plant("minimal", {"cooler.fan_power_ratio": 0.02})[1]
    assert (found.id, found.where) == ("power-unlinked", "cooler.power")
    assert found.remedy.endswith(", or set fan_power_ratio: 0")


IDLE = [(kind, port) for kind in KINDS for port in kind.ports if port.idle_without and port.medium == "power"]


@pytest.mark.parametrize(("kind", "port"), IDLE, ids=[f"{k.name}.{p.name}" for k, p in IDLE])
def test_idle_draws_are_zero(kind: Kind, port: Port, tmp_path: Path):
    """Every case of the kind, run with the parameters of ``idle_without`` at 0: nothing is drawn."""
    import yaml

    cases = [path for path in CASES if path.parent.name.startswith(f"{kind.name}--")]
    for path in cases:
        case = yaml.safe_load(path.read_text(encoding="utf-8"))
        drew = run_case(path, is_plain=False).rig.signal(port.name)
        case["parameters"] = {**(case.get("parameters") or {}), **dict.fromkeys(port.idle_without, 0.0)}
        for run in case["runs"]:
            run.pop("status", None)
        file = tmp_path / path.parent.name / "case.yaml"
        file.parent.mkdir()
        file.write_text(yaml.safe_dump(case), encoding="utf-8")
        rig = run_case(file, is_plain=False).rig
        assert rig.signal(port.name) == 0.0, (path, drew)
        assert all(kind.field(name).ge == 0.0 for name in port.idle_without)


def test_power_ports_beyond_the_plant_or_idle_need_no_link():
    for kind in KINDS:
        for port in kind.ports:
            if port.medium == "power" and (port.idle_without or port.border):
                assert port.is_writer and not port.is_required, f"{kind.name}.{port.name}"


@pytest.mark.parametrize("old", ["  - trailers.demand -> tank.demands\n", "  - tank.outlets -> trailers.inlet\n"])
def test_demand_without_an_outlet_of_its_number_is_found(tmp_path, old):
    """What it asks for could never flow, and no figure would say so; an outlet without a demand gives nothing."""
    text = load_plant("minimal").text
    file = tmp_path / "plant.yaml"
    file.write_text(text.replace(old, ""), encoding="utf-8")
    found = [f for f in read_plant(file)[1] if f.id == "unequal-pairs"]
    assert [f.where for f in found] == ["tank.demands"] and found[0].line > 0
    assert "has 0" in found[0].what and "has 1" in found[0].what


def test_bundled_plants_have_as_many_demands_as_outlets():
    for name in ("minimal", "dual_path"):
        assert not [f for f in check_plant(load_plant(name)) if f.id == "unequal-pairs"]
