"""LUTManager: loading, looking up, describing, building, and what it says when something is wrong."""

import math
import re

import numpy as np
import pytest

from h2plant.core import lut_manager
from h2plant.core.lut_manager import SHIPPED_TABLES, LUTManager, PropertyRangeError, TableError
from h2plant.core.properties import gas_state, layout, reference, saturation_temperature, steam_state, water_state
from h2plant.measure.measured import Measured
from h2plant.measure.tables import timing as table_timing
from h2plant.measure.tables import validate as table_validate

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def manager():
    return LUTManager()


@pytest.fixture
def stored():
    with np.load(SHIPPED_TABLES) as file:
        return {name: file[name] for name in file.files}


def test_lookup_is_what_the_kernels_return(manager):
    cases = {
        "H2": gas_state(manager.props, 0, 3.5e7, 298.15),
        "O2": gas_state(manager.props, 1, 3.5e7, 298.15),
        "N2": gas_state(manager.props, 2, 3.5e7, 298.15),
        "H2O": water_state(manager.props, 3.5e7, 298.15),
    }
    for fluid, values in cases.items():
        assert [manager.lookup(fluid, q, 3.5e7, 298.15) for q in "DHSC"] == pytest.approx(values, rel=1.0e-14)
    steam = steam_state(manager.props, 4.0e5, 600.0)
    assert [manager.lookup("H2O", q, 4.0e5, 600.0) for q in "DHSC"] == pytest.approx(steam, rel=1.0e-14)


def test_lookup_returns_a_float_and_takes_any_number(manager):
    found = manager.lookup("H2", "D", np.float64(3.5e7), 298)
    assert type(found) is float
    assert found == manager.lookup("H2", "D", 35_000_000, 298.0)


def test_temperature_chooses_the_phase_of_water(manager):
    line_k = saturation_temperature(manager.props, 4.0e5)
    assert manager.lookup("H2O", "D", 4.0e5, line_k - 1.0e-6) > 900.0
    assert manager.lookup("H2O", "D", 4.0e5, line_k) < 3.0  # on the line: steam
    assert manager.lookup("H2O", "D", 4.0e5, line_k + 1.0e-6) < 3.0


def test_supercritical_water_is_continuous(manager):
    """Above the critical pressure two tables meet on the continued line; at 330 bar they agree to 1e-4."""
    line_k = reference.phase_boundary_temperature(None, 3.3e7)
    for quantity in "DHS":
        below = manager.lookup("H2O", quantity, 3.3e7, line_k - 1.0e-6)
        assert manager.lookup("H2O", quantity, 3.3e7, line_k + 1.0e-6) == pytest.approx(below, rel=1.0e-4)


def test_batch_equals_scalar(manager):
    rng = np.random.default_rng(3)
    pressures = rng.uniform(1.0e5, 3.0e7, (4, 25))
    temperatures = rng.uniform(300.0, 1100.0, (4, 25))
    for fluid in ("H2", "O2", "N2", "H2O"):
        for quantity in "DHSC":
            found = manager.lookup_batch(fluid, quantity, pressures, temperatures)
            assert found.shape == (4, 25)
            one_by_one = [
                manager.lookup(fluid, quantity, p, t)
                for p, t in zip(pressures.ravel().tolist(), temperatures.ravel().tolist(), strict=True)
            ]
            np.testing.assert_allclose(found.ravel(), one_by_one, rtol=1.0e-13)


def test_batch_broadcasts(manager):
    assert manager.lookup_batch("N2", "H", 1.0e5, [300.0, 400.0]).shape == (2,)
    assert manager.lookup_batch("N2", "H", [[1.0e5], [2.0e5]], [300.0, 400.0, 500.0]).shape == (2, 3)
    assert manager.lookup_batch("N2", "H", 1.0e5, 300.0).shape == ()
    assert manager.lookup_batch("N2", "H", [], []).shape == (0,)
    assert manager.lookup_batch("H2", "D", np.array([1, 2]) * 100000, [300, 310]).dtype == np.float64
    with pytest.raises(ValueError, match=r"broadcast|shape"):
        manager.lookup_batch("N2", "H", [1.0e5, 2.0e5], [300.0, 400.0, 500.0])


@pytest.mark.parametrize(
    ("fluid", "pressure_pa", "temperature_k", "message"),
    [
        ("H2", 2.0e8, 300.0, "H2: pressure 2e+08 Pa outside 50000 .. 1e+08 Pa"),
        ("O2", 1.0e5, 199.0, "O2: temperature 199 K outside 200 .. 1250 K"),
        ("N2", 1.0, 2000.0, "N2: pressure 1 Pa outside 50000 .. 1e+08 Pa and temperature 2000 K outside 200 .. 1250 K"),
        ("H2O", 1.0e5, 199.0, "H2O: temperature 199 K outside 200 .. 1250 K"),
        ("H2O", 4.0e7, 300.0, "H2O: pressure 4e+07 Pa outside 611.657 .. 3.5e+07 Pa"),
        ("H2", math.nan, 300.0, "H2: pressure nan Pa outside 50000 .. 1e+08 Pa"),
        ("H2O", 1.0e5, math.nan, "H2O: temperature nan K outside 200 .. 1250 K"),
    ],
)
def test_outside_the_range(manager, fluid, pressure_pa, temperature_k, message):
    with pytest.raises(PropertyRangeError, match=re.escape(message)):
        manager.lookup(fluid, "D", pressure_pa, temperature_k)
    with pytest.raises(PropertyRangeError, match=re.escape(message)):
        manager.lookup_batch(fluid, "D", [pressure_pa], [temperature_k])


def test_batch_names_the_first_state_outside(manager):
    with pytest.raises(ValueError, match=r"temperature 10 K .* \(state 1; 2 of 4 states outside\)"):
        manager.lookup_batch("H2", "D", 1.0e5, [300.0, 10.0, 310.0, 20.0])


def test_unknown_names(manager):
    with pytest.raises(ValueError, match=r"unknown fluid 'CO2'; there are tables of H2, O2, N2, H2O"):
        manager.lookup("CO2", "D", 1.0e5, 300.0)
    with pytest.raises(ValueError, match=r"unknown property 'V'; the tables hold D \(density, kg/m3\)"):
        manager.lookup("H2", "V", 1.0e5, 300.0)
    with pytest.raises(ValueError, match="unknown fluid"):
        manager.lookup_batch("h2", "D", [1.0e5], [300.0])
    with pytest.raises(ValueError, match="unknown property"):
        manager.lookup("H2", ["D"], 1.0e5, 300.0)


def test_info_describes_the_tables(manager):
    info = manager.info()
    assert info["version"] == layout.LAYOUT_VERSION
    assert info["checksum"] == manager.checksum
    assert info["n_bytes"] == manager.props.nbytes < 1_000_000
    assert info["n_bytes_on_disk"] < 1_000_000
    assert info["fluids"] == ["H2", "O2", "N2", "H2O"]
    assert set(info["tables"]) >= {"H2", "O2", "N2", "steam to 100 bar", "water to 350 bar"}
    assert info["tables"]["H2"] == {
        "pressure_min_pa": 0.5e5,
        "pressure_max_pa": 1000.0e5,
        "temperature_min_k": 200.0,
        "temperature_max_k": 1250.0,
        "n_pressures": 50,
        "n_temperatures": 59,
    }


def test_shipped_tables_are_what_coolprop_gives_today(tmp_path, manager):
    """Building anew gives the shipped numbers; another CoolProp or compiler may round differently."""
    path = LUTManager.build(tmp_path / "deep" / "tables.npz")
    assert sorted(p.name for p in path.parent.iterdir()) == ["tables.npz"]
    built = LUTManager(path)
    np.testing.assert_allclose(built.props, manager.props, rtol=1.0e-6, atol=1.0e-3)
    assert built.lookup("H2", "D", 3.5e7, 298.15) == pytest.approx(manager.lookup("H2", "D", 3.5e7, 298.15))


def test_missing_file(tmp_path):
    with pytest.raises(TableError, match=r"no property tables at .*; run `h2plant tables build`"):
        LUTManager(tmp_path / "none.npz")


@pytest.mark.parametrize("content", [b"", b"not tables", b"PK\x03\x04 broken"])
def test_unreadable_file(tmp_path, content):
    path = tmp_path / "tables.npz"
    path.write_bytes(content)
    with pytest.raises(TableError, match=r"cannot read the property tables .*run `h2plant tables build`"):
        LUTManager(path)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("version", layout.LAYOUT_VERSION + 1, "are of version"),
        ("layout", "0123456789abcdef", "this program needs"),
        ("checksum", "00", "damaged"),
    ],
)
def test_file_that_does_not_fit(tmp_path, stored, name, value, message):
    path = tmp_path / "tables.npz"
    np.savez(path, **{**stored, name: value})
    with pytest.raises(TableError, match=message):
        LUTManager(path)


def test_changed_number_or_length_is_noticed(tmp_path, stored):
    changed = stored["props"].copy()
    changed[1000] *= 1.0 + 1.0e-12
    for props in (changed, stored["props"][:-1]):
        path = tmp_path / "tables.npz"
        np.savez(path, **{**stored, "props": props})
        with pytest.raises(TableError, match="damaged"):
            LUTManager(path)


def test_missing_entry_is_noticed(tmp_path, stored):
    del stored["checksum"]
    np.savez(tmp_path / "tables.npz", **stored)
    with pytest.raises(TableError, match="cannot read"):
        LUTManager(tmp_path / "tables.npz")


def test_failed_build_leaves_the_file(tmp_path, monkeypatch):
    path = tmp_path / "tables.npz"
    path.write_bytes(b"old")

    def fails(*_arguments, **_keywords):
        raise OSError("disk full")

    monkeypatch.setattr(lut_manager.np, "savez_compressed", fails)
    with pytest.raises(OSError, match="disk full"):
        LUTManager.build(path)
    assert [p.name for p in tmp_path.iterdir()] == ["tables.npz"]
    assert path.read_bytes() == b"old"


def test_validation_reports_each_bar(monkeypatch):
    monkeypatch.setattr(table_timing, "timings", lambda n_points, seed: [("gas D", 12.0, 40.0, "ns")])
    rows = table_validate.validate_tables(n_points=80, seed=5)
    names = [row.name for row in rows]
    assert len(set(names)) == len(names)
    assert Measured("gas D", 12.0, "ns", 40.0) in rows
    for row in rows:
        if row.unit in ("1", "K", "MB"):
            assert row.is_met, row


def test_validation_command_prints_and_fails_on_a_miss(monkeypatch, capsys):
    rows = [Measured("error H2 D", 1.0e-6, "1", 2.0e-5)]
    monkeypatch.setattr(table_validate, "validate_tables", lambda: rows)
    assert table_validate.main() == 0
    rows.append(Measured("load", 25.0, "ms", 20.0))
    assert table_validate.main() == 1
    printed = capsys.readouterr().out
    assert "error H2 D" in printed
    assert "MISSED" in printed
