"""Heads of a supplier's table without a unit, with a wrong one, or in other words: the name that is meant is said."""

import pytest

from tests.command import assert_refused, h2plant

HEADS = [
    ("load,kWh/kg", "write 'load_frac' (0 to 1; divide percent by 100)"),
    ("Load [%],kWh/kg", "--columns 'load_frac=Load [%]'"),
    ("load_mw,kWh/kg", "write 'load_frac'"),
    ("load_frac,energy", "--columns specific_energy_kwh_per_kg=energy"),
    ("load_frac,specific_energy_kwh", "write 'specific_energy_kwh_per_kg'"),
    ("power,kWh/kg", "write 'power_kw'"),
    ("power_kw,hydrogen", "write 'hydrogen_kg_per_h'"),
    ("power_kw,hydrogen_kg", "write 'hydrogen_kg_per_h'"),
    ("power_kw,H2 flow", "--columns 'hydrogen_kg_per_h=H2 flow'"),
    ("current,voltage_v", "write 'current_a'"),
    ("current_a,voltage", "write 'voltage_v'"),
    ("j,voltage_v", "--columns current_density_a_per_cm2=j"),
    ("Current density,Cell voltage", "write 'cell_voltage_v'"),
    ("system_power,kWh/kg", "write 'system_power_kw'"),
    ("current_a,voltage_v,temperature", "write 'temperature_degc'"),
]


@pytest.mark.parametrize(("heads", "said"), HEADS)
def test_the_name_that_is_meant_is_said(tmp_path, monkeypatch, heads, said):
    monkeypatch.chdir(tmp_path)
    row = ",".join(["1.5"] * len(heads.split(",")))
    (tmp_path / "curve.csv").write_text(f"{heads}\n" + f"{row}\n" * 4, encoding="utf-8")
    assert_refused(h2plant("fit", "curve.csv"), "curve.csv:1: [unknown-", said)
