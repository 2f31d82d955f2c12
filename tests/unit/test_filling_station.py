"""The block of a filling station, and how a fuel cell beside blocks joins their store."""

from pathlib import Path

import pytest

from h2plant.components import cascade_draw
from h2plant.config.load import load_plant
from h2plant.testing.watched_rig import WatchedRig

HEAD = "h2plant: 1\nname: x\nseries: {price_eur_per_mwh: {constant: 40}, temp_air_degc: {constant: 10}}\n"
STATION = f"""{HEAD}components:
  grid: {{block: grid, import_mw: 4}}
  electrolysis: {{block: pem_train, power_mw: 2, n_stacks: 2}}
  compression: {{block: compression, pressure_bar: 200}}
  storage: {{block: tank_park, capacity_t: 1}}
  cells: {{kind: fuel_cell, rated_power_kw: 100}}
  peaks: {{kind: reconversion}}
  station: {{block: filling_station, flow_kg_per_h: 20}}
  cars: {{kind: hydrogen_demand, kg_per_day: 200}}
  rule: {{kind: price_threshold}}
links:
  - cells.power -> grid_bus.supplies
  - peaks.load -> cells.load
  - storage_tanks.level -> [rule.storage_level, peaks.storage_level]
"""


def written(tmp_path: Path, text: str) -> Path:
    """Write a plant."""
    file = tmp_path / "plant.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_fuel_cell_joins_the_store_above_it(tmp_path: Path) -> None:
    links = {str(link) for link in load_plant(written(tmp_path, STATION)).links}
    for wanted in (
        "storage_tanks.outlets -> cells.hydrogen",
        "cells.demand -> storage_tanks.demands",
        "storage_tanks.outlets -> station_stage_1.inlet",
        "station_transfer.demand -> storage_tanks.demands",
        "station_precooler.outlet -> cars.inlet",
        "cars.demand -> station_draw.demand",
    ):
        assert wanted in links, wanted


def test_a_link_to_a_port_of_many_in_a_block_leaves_room_for_the_blocks_own(tmp_path: Path) -> None:
    """The fuel cell's two links by hand; the station still joins both ports of the store."""
    by_hand = "  - storage_tanks.outlets -> cells.hydrogen\n  - cells.demand -> storage_tanks.demands\n"
    plant = load_plant(written(tmp_path, STATION + by_hand))
    assert sorted(str(link) for link in plant.links if "storage_tanks.demands" in str(link)) == [
        "cells.demand -> storage_tanks.demands",
        "station_transfer.demand -> storage_tanks.demands",
    ]


def test_a_filling_station_is_built_for_its_vehicles(tmp_path: Path) -> None:
    """From 84 bar four stages to 875 bar, three to 437.5; banks of vessels that hold a third of the capacity each."""
    high = load_plant(written(tmp_path, STATION))
    low = load_plant(written(tmp_path, STATION), {"station.vehicle_pressure_bar": 350})
    for plant, n_stages, bank_bar in ((high, 4, 875.0), (low, 3, 437.5)):
        stages = [id_ for id_ in plant.components if id_.startswith("station_stage_")]
        assert len(stages) == n_stages
        bank = plant.components["station_bank_1"].values
        assert bank["max_pressure_pa"] == pytest.approx(bank_bar * 1e5)
        assert bank["relief_pressure_pa"] == pytest.approx(1.1 * bank_bar * 1e5)


def test_banks_step_up_by_parameters_as_by_signals() -> None:
    """With 250, 330 and 450 bar and vehicles from 20 to 350 bar: 71, 21 and 8 %, whoever says their pressures."""
    told = {"trailer_empty_pressure": 20e5, "trailer_full_pressure": 350e5}
    given = {"empty_pressure_pa": 20e5, "full_pressure_pa": 350e5}
    shares = []
    for signals, parameters in ((told, {}), ({}, given)):
        rig = WatchedRig(cascade_draw.KIND, parameters, {"levels": 3, "pressures": 3, "demands": 3})
        for name, value in ({"demand": 0.1} | signals).items():
            rig.set_signal(name, value)
        for k, (level, bar) in enumerate(((0.9, 250.0), (0.6, 330.0), (0.3, 450.0))):
            rig.set_signal("levels", level, k)
            rig.set_signal("pressures", bar * 1e5, k)
        rig.step()
        assert not rig.broken_laws()
        shares.append([rig.signal("demands", k) / 0.1 for k in range(3)])
    assert shares[1] == shares[0]
    assert shares[0] == pytest.approx([0.71, 0.21, 0.08], abs=0.01)
