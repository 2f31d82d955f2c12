"""Links by role: which of several components is meant, and what is said where none is."""

from pathlib import Path

import pytest

from h2plant.components import KIND_BY_NAME
from h2plant.config.bundled import PLANTS
from h2plant.config.load import load_plant
from h2plant.core.declare import Kind
from h2plant.core.law import judged
from h2plant.laws.of_kind import laws_of
from h2plant.plant.finding import PlantError
from h2plant.plant.graph import Plant
from h2plant.testing.watched_rig import WatchedRig
from tests.block_plant import block_plant

CELLS = """  - cells.power -> grid_bus.supplies
  - peaks.load -> cells.load
"""


def with_cells(folder: Path, links: str = "", **parts: str | None) -> Plant:
    cells, peaks = "{kind: fuel_cell, rated_power_kw: 500}", "{kind: reconversion}"
    return load_plant(block_plant(folder, CELLS + links, cells=cells, peaks=peaks, **parts))


def sources(plant: Plant, target: str) -> list[str]:
    return [str(link.source) for link in plant.default_links() if str(link.target) == target]


def test_the_hydrogen_store_is_meant_beside_a_water_tank(tmp_path: Path) -> None:
    """Both are stores, and one has no level of hydrogen: the cells stood still through years of dear power."""
    plant = with_cells(tmp_path)
    media = {
        component.kind.role.medium for component in plant.components.values() if hasattr(component.kind.role, "demands")
    }
    assert media == {"hydrogen", "water"}
    assert sources(plant, "peaks.storage_level") == ["storage_tanks.level"]


def minimal(folder: Path, *changes: tuple[str, str]) -> Path:
    text = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / "changed.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_of_two_hydrogen_stores_one_must_be_said(tmp_path: Path) -> None:
    two = ("  compressor: {", "  peaks: {kind: reconversion}\n  second: {kind: gas_tank}\n  compressor: {")
    with pytest.raises(PlantError, match=r"peaks.storage_level: is not linked, and reads one of"):
        load_plant(minimal(tmp_path, two))
    link = ("  - tank.level -> rule.storage_level\n", "  - tank.level -> [rule.storage_level, peaks.storage_level]\n")
    assert not sources(load_plant(minimal(tmp_path, two, link)), "peaks.storage_level")


def test_a_control_without_the_level_that_it_goes_by_is_told(tmp_path: Path) -> None:
    """A level that is not linked reads 0: an empty store, for ever."""
    rule = ("rule: {kind: price_threshold}", "rule: {kind: storage_band}")
    with pytest.raises(PlantError, match=r"port-unlinked. rule.storage_level"):
        load_plant(minimal(tmp_path, rule, ("  - tank.level -> rule.storage_level\n", "")))
    load_plant(minimal(tmp_path, rule))
    gone = dict.fromkeys(("electrolysis", "storage", "customer", "trailers", "compression", "rule"))
    with pytest.raises(PlantError, match=r"port-unlinked. peaks.storage_level"):
        load_plant(block_plant(tmp_path, **gone, peaks="{kind: reconversion}"))


def test_trailers_that_come_by_the_level_need_one(tmp_path: Path) -> None:
    links = "  - storage_tanks.outlets -> bays.inlet\n  - bays.demand -> storage_tanks.demands\n"
    with pytest.raises(PlantError, match=r"port-unlinked.*bays.storage_level"):
        load_plant(block_plant(tmp_path, links, bays="{kind: truck_loading, call_band_frac: 0.5}"))
    load_plant(block_plant(tmp_path, links, bays="{kind: truck_loading, call_band_frac: 0}"))


def open_ports(kind: Kind) -> list[str]:
    """Return ports that take several links, need none and belong to no other."""
    partners = {port.paired_with for port in kind.ports} | {port.name for port in kind.ports if port.paired_with}
    return [p.name for p in kind.ports if p.is_multi and not p.is_required and p.name not in partners]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # a rig whose inputs are all 0 divides by them
@pytest.mark.parametrize("name", sorted(name for name, kind in KIND_BY_NAME.items() if open_ports(kind)))
def test_laws_stand_where_nothing_is_linked(name: str) -> None:
    """A tank of which nobody asks anything broke the audit: there was nothing to stack."""
    kind = KIND_BY_NAME[name]
    needed = {f.name: f.minimum for f in kind.fields if f.role == "parameter" and f.default is None}
    for none in (dict.fromkeys(open_ports(kind), 0), *({port: 0} for port in open_ports(kind))):
        rig = WatchedRig(kind, needed, none, is_plain=True)
        rig.step(2)
        for seen in rig.seen():
            for law in laws_of(kind):
                judged(law, seen)  # raises where the law does
