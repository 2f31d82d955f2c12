"""The table of `h2plant compare`: figures of a year, with the longest rules, are all there in 80 columns."""

import pytest

from h2plant.cli.compare import _print_rules
from h2plant.config.scenario import load_scenario
from h2plant.core.terminal import Terminal
from h2plant.studies.compare.rules import Row, RuleComparison


@pytest.mark.parametrize("profit_eur", [1.97e6, 10.282e6])
def test_no_figure_is_cut(capsys, monkeypatch, profit_eur):
    monkeypatch.setenv("COLUMNS", "80")
    figures = {"starts": {"pem": 2150.0, "soec": 3052.0}, "cost_eur_per_kg": 12.351, "cost_sold_eur_per_kg": 12.876}
    row = Row(
        "battery_smoothing", profit_eur, 1.712e6, import_mwh=45650.0, export_mwh=29080.0, gap_frac=0.542, **figures
    )
    foresight = Row("plan with foresight", profit_eur, hydrogen_kg=1.734e6, gap_frac=0.0)
    found = RuleComparison(
        (row,), Row("plan, as expected", profit_eur, gap_frac=0.074), foresight, 9.6, 2.0,
        {"n_plans": 366, "solver_s": 82.2}, {"pem": "PEM", "soec": "SOEC"},
    )  # fmt: skip
    _print_rules(Terminal(), found, load_scenario("dual_path"))
    printed = capsys.readouterr().out
    assert "…" not in printed and max(map(len, printed.splitlines())) <= 80
    for text in (f"{profit_eur / 1e3:,.0f}", "2150/3052", "45.65", "29.08", "12.35", "12.88", "54.2%"):
        assert text in printed
